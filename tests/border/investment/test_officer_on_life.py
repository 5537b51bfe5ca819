"""An officer by matched hours: the ratio by hand, the share of long readings, and the record."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from merida.border.crossings import find_place, one_site
from merida.border.delay.value_of_time import values
from merida.border.investment.officer_on_life import hours_on_life, long_hours, officer_at
from merida.border.staffing.booth_effect import minutes_for_a_doubling
from merida.border.staffing.matched_hours import PostedHours
from merida.facts import Facts


def test_minutes_for_twice_the_booths_are_a_ratio_of_sums_by_hand() -> None:
    # Two days: an opening of one booth for two hours, 6 minutes less in each of three; a closing for one hour, nothing.
    changes = pl.DataFrame(
        {
            "day": [1, 2],
            "booths": [1.0, -1.0],
            "lanes_before": [2.0, 2.0],
            "wait": [[0.0] * 5 + [-6.0] * 3, [0.0] * 8],
            "lanes": [[0.0] * 4 + [1.0, 1.0, 0.0, 0.0], [0.0] * 4 + [-1.0, 0.0, 0.0, 0.0]],
        }
    )
    ratio, error = minutes_for_a_doubling(changes, "wait") or (0, 0)
    assert ratio == -12  # 18 minutes over three booth-hours, of two booths each
    # Residuals -18 + 12 and 0 + 6; (36 + 36) * 2 / 1 = 144; its root over 1.5.
    assert error == pytest.approx(8)
    assert minutes_for_a_doubling(changes.head(1), "wait") is None


def test_the_share_of_long_readings_is_that_of_the_best_forty_hours() -> None:
    week = np.zeros(168)
    for day in range(5):
        week[24 * day + 6 : 24 * day + 10] = 40.0  # four of eight hours
    posted = PostedHours("250401", "passenger", "standard", np.tile(week, 2), np.ones(336))
    hours, share, booths = long_hours(posted)
    assert booths == 1
    assert share == 0.5
    assert hours.sum() == 40


def test_an_officer_saves_in_proportion_to_arrivals_and_nothing_is_known_before_2025(facts: Facts) -> None:
    site = one_site(facts, find_place(facts, "Ysleta"), "cars")
    one, two = (
        hours_on_life(facts, site, "ready", np.full(50, arrivals), np.full(50, 1200.0), 0)
        for arrivals in (100.0, 200.0)
    )
    assert one is not None
    assert two is not None
    assert two == pytest.approx(2 * one)
    assert np.median(one) > 0
    assert hours_on_life(Facts("2012-12"), site, "ready", np.ones(2), np.ones(2), 0) is None


def test_one_officer_at_a_crossing_works_where_that_saves_most(facts: Facts) -> None:
    site = one_site(facts, find_place(facts, "Ysleta"), "cars")
    found = officer_at(facts, site, 60, 0)
    assert found is not None
    assert found.lane in ("general", "ready", "sentri")
    assert found.hours.shape == found.time_usd.shape == (60,)
    assert np.median(found.time_usd / found.hours) == pytest.approx(
        np.median(values(facts, "cars", 60).time), rel=1e-6
    )
