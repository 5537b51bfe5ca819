"""An officer by matched hours: the ratio by hand, the share of long readings, and the record."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from merida.border.crossings import find_place, one_site
from merida.border.investment.officer_on_life import hours_on_life, long_share
from merida.border.staffing.booth_effect import minutes_per_booth_hour
from merida.border.staffing.matched_hours import PostedHours
from merida.facts import Facts


def test_minutes_for_a_booth_hour_are_a_ratio_of_sums_by_hand() -> None:
    # Two days: an opening of one booth for two hours, 6 minutes less in each of three; a closing for one hour, nothing.
    changes = pl.DataFrame(
        {
            "day": [1, 2],
            "booths": [1.0, -1.0],
            "wait": [[0.0] * 5 + [-6.0] * 3, [0.0] * 8],
            "lanes": [[0.0] * 4 + [1.0, 1.0, 0.0, 0.0], [0.0] * 4 + [-1.0, 0.0, 0.0, 0.0]],
        }
    )
    ratio, error = minutes_per_booth_hour(changes, "wait") or (0, 0)
    assert ratio == -6  # 18 minutes over three booth-hours
    # Residuals -18 + 12 and 0 + 6; (36 + 36) * 2 / 1 = 144; its root over 3.
    assert error == pytest.approx(4)
    assert minutes_per_booth_hour(changes.head(1), "wait") is None


def test_the_share_of_long_readings_is_that_of_the_best_forty_hours() -> None:
    week = np.zeros(168)
    for day in range(5):
        week[24 * day + 6 : 24 * day + 10] = 40.0  # four of eight hours
    posted = PostedHours("250401", "passenger", "standard", np.tile(week, 2), np.ones(336))
    assert long_share(posted) == 0.5


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
