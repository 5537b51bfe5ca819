"""Arithmetic of months and prices, against the calendar and worked examples."""

from __future__ import annotations

import datetime

import pytest

from merida.units import days_in_month, decimals, month_number, month_range, month_text, price_level, shifted


def test_months_and_numbers_are_inverse_and_follow_one_another() -> None:
    number = month_number("1990-01")
    for year in range(1990, 2101):
        for month in range(1, 13):
            text = f"{year}-{month:02}"
            assert (month_number(text), month_text(number)) == (number, text)
            number += 1


def test_shifts_and_ranges_cross_years() -> None:
    assert [shifted("2012-12", months) for months in (-12, 0, 1, 14)] == [
        "2011-12",
        "2012-12",
        "2013-01",
        "2014-02",
    ]
    assert month_range("2012-11", 3) == ("2012-11", "2012-12", "2013-01")
    assert month_range("2012-11", 0) == ()


def test_days_of_a_month_are_the_calendar_s() -> None:
    for year in (1900, 2000, 2011, 2012):  # 1900 is no leap year, 2000 is one
        days = [days_in_month(month_number(f"{year}-{month:02}")) for month in range(1, 13)]
        assert sum(days) == (datetime.date(year + 1, 1, 1) - datetime.date(year, 1, 1)).days


def test_a_price_level_is_that_of_the_nearest_year_known() -> None:
    index = {2001: 0.7, 2012: 0.88, 2020: 1.0}
    assert [price_level(index, year) for year in (1990, 2012, 2013, 2030)] == [0.7, 0.88, 0.88, 1.0]
    assert price_level({}, 2012) == 1.0
    # 100 dollars of 2001 in prices of 2020
    assert 100 * price_level(index, 2020) / price_level(index, 2001) == pytest.approx(142.857142857)


def test_units_without_decimals_of_their_own_are_whole() -> None:
    assert (decimals("per_100k"), decimals("deaths_2"), decimals("anything")) == (1, 2, 0)
