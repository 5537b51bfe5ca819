"""Lags of money by hand, and that no dollar is lost."""

import pytest

from merida.facts import Facts
from merida.scorecard.pace import first_in_first_out, paces


def test_a_year_later_is_twelve_months_between_none_and_twice_as_many() -> None:
    (lag,), other = first_in_first_out({2010: 100.0}, {2011: 100.0})
    assert (lag.months, lag.low, lag.high, lag.spent_share, other) == (12.0, 0.0, 24.0, 1.0, 0.0)


def test_the_oldest_money_goes_first_and_what_is_left_has_no_upper_end() -> None:
    first, second = first_in_first_out({2010: 100.0, 2011: 100.0}, {2010: 50.0, 2011: 50.0, 2012: 40.0})[0]
    assert (first.months, first.spent_share) == (6.0, 1.0)  # half at once, half a year later
    assert (second.months, second.high, second.spent_share) == (12.0, None, 0.4)


def test_what_is_spent_beyond_what_was_given_is_other_money() -> None:
    (lag,), other = first_in_first_out({2010: 100.0}, {2009: 70.0, 2010: 130.0})
    assert (lag.months, other) == (0.0, 30.0)  # 2009 lies before the first year
    assert first_in_first_out({}, {2010: 5.0})[0] == []


def test_dollars_are_conserved_in_the_record(facts: Facts) -> None:
    for pace in paces(facts):
        spent = sum(max(usd, 0) for year, usd in facts.sql(pace.query).rows() if year >= pace.lags[0].year)
        if pace.account in ("INCLE", "ESF", "FMF"):
            continue  # of two readings of 2008
        used = sum(lag.usd * lag.spent_share for lag in pace.lags)
        assert used + pace.other_usd == pytest.approx(spent), pace.account


def test_intervals_hold_their_middle_and_widen_by_no_more_than_two_years(facts: Facts) -> None:
    for pace in paces(facts):
        for lag in pace.lags:
            if lag.months is not None and lag.low is not None and lag.high is not None:
                assert lag.low <= lag.months <= lag.high <= lag.low + 24 + 1e-9
