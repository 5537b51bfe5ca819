"""Values of a life by named set (`valuations.toml`), each a row of the register, moved to dollars of one year."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from merida.decide.said.lines import ValuationLine
from merida.errors import PlanError, nearest
from merida.evidence import Register
from merida.evidence.register import table
from merida.facts import Facts
from merida.facts.record import price_rows
from merida.shipped import toml
from merida.units import Money, conversions


@cache
def sets() -> Mapping[str, Mapping[str, str]]:
    """Return the row of costs that values a life in each country, by the name of the set.

    Examples
    --------
    >>> sets()["oecd2021"]["mexico"]
    'vsl_mx_oecd2021'
    """
    return toml("decide/worth/valuations.toml")


def valued(name: str, facts: Facts, register: Register, base_year: int) -> tuple[ValuationLine, ...]:
    """Return what a life is worth in each country by a set, in constant dollars.

    Parameters
    ----------
    base_year : int
        In whose prices; or in those of the nearest year whose prices had been published.

    Raises
    ------
    PlanError
        If there is no such set, or one of its rows has no price year or had not been published at the date.

    Examples
    --------
    >>> [round(line.usd / 1e6, 2) for line in valued("hammitt2006", Facts(), Register(), 2012)]
    [0.36, 9.58]
    """
    if name not in sets():
        raise PlanError("valuation_unknown", found=name, nearest=nearest(name, sets()))
    return tuple(
        moved(country, cost, name, facts, register, base_year) for country, cost in sets()[name].items()
    )


def moved(
    country: str, cost: str, name: str, facts: Facts, register: Register, base_year: int
) -> ValuationLine:
    """Return one row of costs in dollars of the base year, with the numbers that moved it there."""
    stated = next(row for row in table("costs.csv").iter_rows(named=True) if row["cost"] == cost)
    if stated["status"] != "verified" or stated["price_year"] is None:
        raise PlanError("valuation_unverified", valuation=name, cost=cost, citation=stated["citation"])
    if register.cost(cost) is None:
        raise PlanError(
            "valuation_unpublished",
            valuation=name,
            cost=cost,
            month=stated["available_from"],
            as_of=register.as_of,
        )
    rows = prices(facts)
    year = min(rows, key=lambda known: abs(known - base_year))
    money = Money(float(stated["amount"]), "USD", int(stated["price_year"]))
    found = conversions(money, "USD", year, rows)[0]
    if found.amount is None:
        raise PlanError("valuation_no_prices", valuation=name, cost=cost, year=stated["price_year"])
    return ValuationLine(
        country=country,
        cost=cost,
        citation=stated["citation"],
        locator=stated["locator"],
        available_from=stated["available_from"],
        price_year=int(stated["price_year"]),
        amount=float(stated["amount"]),
        low=stated["low"],
        high=stated["high"],
        usd=found.amount,
        usd_year=year,
        prices=tuple(used.value for used in found.used),
    )


def prices(facts: Facts) -> dict[int, dict[str, Any]]:
    """Return the rows of the table of prices by year, those with US consumer prices."""
    return {row["year"]: row for row in price_rows(facts).rows.to_dicts() if row["us_cpi"] is not None}


def published(facts: Facts, register: Register, base_year: int) -> dict[str, tuple[ValuationLine, ...]]:
    """Return every set that can be chosen at the date, by name."""
    found = {}
    for name in sets():
        try:
            found[name] = valued(name, facts, register, base_year)
        except PlanError:
            continue
    return found
