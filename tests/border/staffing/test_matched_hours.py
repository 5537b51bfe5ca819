"""Matched hours: a day worked by hand, what must not match, and what the record of posted waits holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from merida.border.staffing import booth_effects, matched_changes, posted_hours
from merida.border.staffing.booth_effect import NORMAL_90, clustered_mean
from merida.border.staffing.matched_hours import HOURS, PostedHours, monday_before
from merida.facts import Facts
from merida.statistics import Interval

DAYS, HOUR = 14, 10


def steady() -> PostedHours:
    """Two weeks of three lanes and half an hour's wait."""
    hours = 24 * DAYS
    return PostedHours("250401", "passenger", "standard", np.full(hours, 30.0), np.full(hours, 3.0))


def opened(day: int = 8, wait: float = 20.0) -> PostedHours:
    """The same with a fourth lane for one hour of one day, after which the wait is another."""
    given = steady()
    at = 24 * day + HOUR
    given.lanes[at] = 4.0
    given.wait_minutes[at + 1] = wait
    return given


def at(step: int) -> int:
    return HOURS.index(step)


def test_an_opening_is_compared_with_the_same_hour_of_other_days_by_hand() -> None:
    rows = matched_changes([opened()]).filter(hour=HOUR)
    assert rows["booths"].to_list() == [1.0]
    assert rows["controls"].item() == 9  # ten working days less its own
    assert rows["wait"].item()[at(1)] == -10
    assert rows["wait"].item()[at(-3)] == 0
    assert rows["lanes"].item()[at(0)] == 1
    # 1.5 booth-hours in line, three come each hour: at four lanes 22.5 minutes, then half a booth-hour at three.
    assert rows["fluid"].item().to_list() == pytest.approx([-7.5, -20, -20, -20])


def test_a_closing_counts_with_its_sign_turned() -> None:
    given = opened(wait=40.0)
    given.lanes[24 * 8 + HOUR] = 2.0
    rows = matched_changes([given]).filter(hour=HOUR)
    assert rows["fluid"].item().to_list() == pytest.approx([15, 20, 20, 20])
    twice = [rows.with_columns(day=pl.lit(day, pl.Int64)) for day in (8, 9)]
    [line] = booth_effects(twice[0].vstack(twice[1]), [], fewest=2)
    assert (line.opened, line.closed) == (0, 2)
    assert line.after[1] == Interval(-10, -10, -10)
    assert line.fluid == pytest.approx((-15, -20, -20, -20))


@pytest.mark.parametrize("what", ["wait", "lanes", "weekend", "season"])
def test_an_hour_that_was_not_alike_before_is_no_control(what: str) -> None:
    given = opened()
    others = [day for day in range(5) if day != 8]
    for day in others:
        before = 24 * day + HOUR - 1
        if what == "wait":
            given.wait_minutes[before] = 41.0
        elif what == "lanes":
            given.lanes[before] = 2.0
    if what == "weekend":
        given = opened(day=5)
        assert matched_changes([given]).filter(hour=HOUR).is_empty()  # of two Saturdays one is left
        return
    if what == "season":
        long = 24 * 7 * 10
        given = PostedHours("250401", "passenger", "standard", np.full(long, 30.0), np.full(long, 3.0))
        given.lanes[24 * 7 * 9 + HOUR] = 4.0
        assert matched_changes([given]).filter(hour=HOUR)["controls"].item() < 36
        return
    assert matched_changes([given]).filter(hour=HOUR)["controls"].item() == 4


def test_the_sharper_match_wants_the_same_wait_in_the_hour_of_the_change() -> None:
    given = opened()
    given.wait_minutes[24 * 8 + HOUR] = 50.0
    row = matched_changes([given]).filter(hour=HOUR)
    assert row["sharper_wait"].item() is None
    assert row["wait"].item()[at(0)] == 20


def test_nothing_posted_matches_nothing() -> None:
    empty = replace(steady(), wait_minutes=np.full(24 * DAYS, np.nan))
    assert matched_changes([empty, replace(steady(), lanes=np.ones(3), wait_minutes=np.ones(3))]).is_empty()
    assert booth_effects(matched_changes([]), ["lane_group"]) == []


def test_the_error_of_a_mean_over_single_days_is_that_of_independent_values() -> None:
    values = np.array([1.0, 4.0, -2.0, 7.0, np.nan])
    found = clustered_mean(values, np.arange(5))
    assert found is not None
    error = values[:4].std(ddof=1) / 2
    assert (found.low, found.median, found.high) == pytest.approx(
        (2.5 - NORMAL_90 * error, 2.5, 2.5 + NORMAL_90 * error)
    )
    same_day = clustered_mean(np.repeat(values[:4], 3), np.repeat(np.arange(4), 3))
    assert same_day is not None
    assert same_day.high - same_day.low == pytest.approx(found.high - found.low)  # a copy says nothing new
    assert clustered_mean(np.array([1.0, 2.0]), np.zeros(2, dtype=int)) is None


def test_the_week_begins_on_monday() -> None:
    thursday = 0  # 1 January 1970
    assert monday_before(thursday) == -3 * 24
    assert monday_before(4 * 24) == 4 * 24


def test_the_record_gives_series_of_one_crossing(facts: Facts) -> None:
    series = posted_hours(facts, ("240203",), "passenger")
    kinds = {one.lane_type for one in series}
    assert kinds == {"standard", "ready", "sentri"}
    rows = matched_changes(series)
    assert rows.height > 100
    assert {line.key for line in booth_effects(rows, ["lane_type"])} == {(kind,) for kind in kinds}
    assert posted_hours(Facts("2012-12")) == []
