"""Dollars and pesos of any year in those of another, by exchange rates, prices and parities that are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Currency = Literal["USD", "MXN"]
Method = Literal["exchange_then_prices", "prices_then_exchange", "parity_then_prices", "prices"]
Series = Literal["mxn_per_usd", "ppp_mxn_per_usd", "mexico_cpi", "us_cpi"]
PRICES: dict[Currency, Series] = {"USD": "us_cpi", "MXN": "mexico_cpi"}


@dataclass(frozen=True)
class Money:
    """An amount in a currency and in prices of a year."""

    amount: float
    currency: Currency
    year: int


@dataclass(frozen=True)
class Used:
    """One number that a conversion used: of which series, of which year."""

    series: Series
    year: int
    value: float


@dataclass(frozen=True)
class Conversion:
    """What an amount is worth by one method.

    Parameters
    ----------
    method : {'exchange_then_prices', 'prices_then_exchange', 'parity_then_prices', 'prices'}
        Exchanged at the rate of its own year, then moved by the prices of the country of the new currency; moved by the
        prices of its own country, then exchanged at the rate of the new year; exchanged at the parity of its own year,
        then moved by prices; moved by prices alone, where the currency stays.
    amount : float or None
        In the new currency and year; None where a number is missing.
    used : tuple of Used
        Every number that it took, in order.
    missing : tuple of (str, int)
        The series and years that it lacked.
    """

    method: Method
    amount: float | None
    used: tuple[Used, ...]
    missing: tuple[tuple[Series, int], ...] = ()


def conversions(
    money: Money, currency: Currency, year: int, rows: Mapping[int, Mapping[str, float | None]]
) -> tuple[Conversion, ...]:
    """Return what money is worth in another currency and year, by each method.

    The methods differ wherever the exchange rate moved otherwise than prices did; none of them is the right one for
    every use. In one and the same year exchanging first or last is the same, and is given once.

    Parameters
    ----------
    money : Money
        What is converted.
    currency : {'USD', 'MXN'}
        The new currency.
    year : int
        The new year.
    rows : mapping of int to mapping of str to float
        By year: ``mxn_per_usd``, ``ppp_mxn_per_usd``, ``mexico_cpi``, ``us_cpi``; None where one is not known.

    Examples
    --------
    >>> rows = {2012: {"mxn_per_usd": 13.0, "us_cpi": 100.0}, 2024: {"mxn_per_usd": 18.0, "us_cpi": 136.5}}
    >>> round(conversions(Money(1300, "MXN", 2012), "USD", 2024, rows)[0].amount, 6)
    136.5
    """

    def moved(by: Series) -> list[tuple[Series, int, float]]:
        return [] if year == money.year else [(by, year, 1.0), (by, money.year, -1.0)]

    def exchanged(by: Series, at: int) -> list[tuple[Series, int, float]]:
        return [(by, at, -1.0 if currency == "USD" else 1.0)]

    if currency == money.currency:
        return (_conversion("prices", money.amount, moved(PRICES[currency]), rows),)
    there, here = PRICES[currency], PRICES[money.currency]
    ways: dict[Method, list[tuple[Series, int, float]]] = {
        "exchange_then_prices": exchanged("mxn_per_usd", money.year) + moved(there)
    }
    if year != money.year:
        ways["prices_then_exchange"] = moved(here) + exchanged("mxn_per_usd", year)
    ways["parity_then_prices"] = exchanged("ppp_mxn_per_usd", money.year) + moved(there)
    return tuple(_conversion(method, money.amount, factors, rows) for method, factors in ways.items())


def _conversion(
    method: Method,
    amount: float,
    factors: Iterable[tuple[Series, int, float]],
    rows: Mapping[int, Mapping[str, float | None]],
) -> Conversion:
    """Return an amount multiplied by each number (power 1) or divided by it (power -1)."""
    used, missing, result = [], [], amount
    for series, year, power in factors:
        value = rows.get(year, {}).get(series)
        if value is None:
            missing.append((series, year))
            continue
        used.append(Used(series, year, value))
        result = result * value if power > 0 else result / value
    return Conversion(method, None if missing else result, tuple(used), tuple(missing))
