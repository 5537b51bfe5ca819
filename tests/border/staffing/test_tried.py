"""Other lanes and officers on the same days: today's are found again, and the light path is the model's own."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from merida.border.hourly.paths import shocks, simulate
from merida.border.staffing.tried import PATHS, Today, by_hour, today, tried


@pytest.fixture(scope="module")
def tecate() -> Today:
    """Return the cars of a small crossing in October."""
    found = today("250501", "cars", 10, 0)
    assert found is not None
    return found


def test_days_that_are_kept_give_what_days_that_are_drawn_do(tecate: Today) -> None:
    drawn = simulate(tecate.lanes, PATHS, months=np.full((PATHS, 1), 10))
    again = simulate(tecate.lanes, PATHS, months=np.full((PATHS, 1), 10), same=tecate.days)
    for one, other, mine in zip(drawn, again, tecate.paths, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)
        np.testing.assert_allclose(one, mine, rtol=1e-9)


def test_a_month_of_each_path_is_a_month_of_each_week(tecate: Today) -> None:
    of_weeks = simulate(tecate.lanes, 3, weeks=2, months=[3, 7])
    of_paths = simulate(tecate.lanes, 3, weeks=2, months=[[3, 7]] * 3)
    for one, other in zip(of_weeks, of_paths, strict=True):
        np.testing.assert_array_equal(one, other)
    at_noon = [list(shocks(tecate.lanes, 2, months=months))[12].wished for months in ([[6], [7]], [6])]
    np.testing.assert_array_equal(at_noon[0][:, :, 0], at_noon[1][:, :, 0])
    assert not np.allclose(at_noon[0][:, :, 1], at_noon[1][:, :, 1])


def test_todays_lanes_and_officers_give_todays_waits(tecate: Today) -> None:
    assert tried(tecate, {}, None) is tecate.paths
    assert tried(tecate, tecate.most, tecate.officers) is tecate.paths
    nearly = tried(tecate, {}, tecate.officers * (1 + 1e-9))
    np.testing.assert_allclose(nearly.wait, tecate.paths.wait, rtol=1e-5, atol=1e-5)


def test_more_officers_shorten_the_wait_and_fewer_lanes_lengthen_it(tecate: Today) -> None:
    mean = [tried(tecate, {}, tecate.officers * factor).wait.mean() for factor in (0.9, 1.0, 1.1, 1.3)]
    assert mean == sorted(mean, reverse=True)
    one_lane = dict.fromkeys(tecate.names, 1)
    fewer = tried(tecate, one_lane, None)
    assert fewer.wait.mean() > tecate.paths.wait.mean()
    assert fewer.booths.max() == 1.0


def test_booth_hours_are_those_of_the_officers_where_lanes_allow(tecate: Today) -> None:
    more = tried(tecate, dict.fromkeys(tecate.names, 50), 1.2 * tecate.officers)
    used = more.booths.sum(axis=(0, 3, 4)).mean() / 40
    assert used == pytest.approx(1.2 * tecate.officers, rel=0.05)


def test_hours_are_means_over_the_days_that_are_open(tecate: Today) -> None:
    posted = tecate.paths.posted[0][:, :, 0].mean(axis=1).reshape(-1, 7, 24)
    low, median, high = by_hour(tecate.paths, 0, [2])[8]
    assert median == pytest.approx(np.median(posted[:, 2, 8]))
    assert low <= median <= high


def test_a_crossing_without_hourly_lanes_has_no_today() -> None:
    assert today("no such crossing", "cars", None, 0) is None


def test_what_a_slider_asks_does_not_load_jax() -> None:
    code = (
        "import sys\nfrom merida.answers import answer, from_command\n"
        "answer(from_command('merida border staff Tecate --officers 12'))\n"
        "answer(from_command('merida border list'))\nassert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
