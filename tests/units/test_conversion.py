"""Conversions of dollars and pesos against sums worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from merida.units import Money, conversions

# Round numbers: 10 pesos a dollar, then 20; prices of Mexico double, those of the United States rise by half; parity 5.
ROWS: dict[int, dict[str, float | None]] = {
    2000: {"mxn_per_usd": 10.0, "ppp_mxn_per_usd": 5.0, "mexico_cpi": 50.0, "us_cpi": 80.0},
    2020: {"mxn_per_usd": 20.0, "ppp_mxn_per_usd": 8.0, "mexico_cpi": 100.0, "us_cpi": 120.0},
    2021: {"mxn_per_usd": 21.0, "ppp_mxn_per_usd": None, "mexico_cpi": None, "us_cpi": None},
}


def by_method(amount: float, *places: Any) -> dict[str, float | None]:
    currency, year, to, to_year = places
    return {one.method: one.amount for one in conversions(Money(amount, currency, year), to, to_year, ROWS)}


def test_pesos_become_dollars_of_another_year() -> None:
    assert by_method(1000, "MXN", 2000, "USD", 2020) == pytest.approx(
        {
            "exchange_then_prices": 150.0,  # 100 dollars of 2000, times 120/80
            "prices_then_exchange": 100.0,  # 2,000 pesos of 2020, over 20
            "parity_then_prices": 300.0,  # 200 dollars of 2000 by parity, times 120/80
        }
    )


def test_dollars_become_pesos_of_another_year() -> None:
    assert by_method(100, "USD", 2000, "MXN", 2020) == pytest.approx(
        {
            "exchange_then_prices": 2000.0,  # 1,000 pesos of 2000, doubled
            "prices_then_exchange": 3000.0,  # 150 dollars of 2020, times 20
            "parity_then_prices": 1000.0,  # 500 pesos of 2000 by parity, doubled
        }
    )


def test_back_in_time_is_the_inverse_of_forward_by_each_mirrored_method() -> None:
    there = by_method(1000, "MXN", 2000, "USD", 2020)
    back = by_method(there["exchange_then_prices"] or 0, "USD", 2020, "MXN", 2000)
    assert back["prices_then_exchange"] == pytest.approx(1000)
    back = by_method(there["prices_then_exchange"] or 0, "USD", 2020, "MXN", 2000)
    assert back["exchange_then_prices"] == pytest.approx(1000)


def test_one_currency_moves_by_its_own_prices_alone() -> None:
    assert by_method(10, "USD", 2000, "USD", 2020) == {"prices": pytest.approx(15)}
    assert by_method(10, "MXN", 2020, "MXN", 2000) == {"prices": pytest.approx(5)}
    assert by_method(10, "MXN", 2021, "MXN", 2021) == {"prices": 10}


def test_within_a_year_no_price_is_needed_and_order_does_not_matter() -> None:
    assert by_method(100, "MXN", 2000, "USD", 2000) == {
        "exchange_then_prices": 10.0,
        "parity_then_prices": 20.0,
    }
    assert by_method(42, "MXN", 2021, "USD", 2021) == {
        "exchange_then_prices": 2.0,
        "parity_then_prices": None,
    }


def test_every_number_used_is_named_and_so_is_what_lacks() -> None:
    first, second, third = conversions(Money(1000, "MXN", 2000), "USD", 2021, ROWS)
    assert [(one.series, one.year, one.value) for one in first.used] == [
        ("mxn_per_usd", 2000, 10.0),
        ("us_cpi", 2000, 80.0),
    ]
    assert first.missing == third.missing == (("us_cpi", 2021),)
    assert second.missing == (("mexico_cpi", 2021),)
    assert (first.amount, second.amount, third.amount) == (None, None, None)
    assert conversions(Money(1, "MXN", 1970), "USD", 1970, ROWS)[0].missing == (("mxn_per_usd", 1970),)
