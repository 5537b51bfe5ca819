"""The fit of schedules: on a crossing made up for the purpose, whose schedule is known."""

import numpy as np
import pytest

from merida.border.crossings.calibration import (
    DAYS,
    HOURS,
    CrossingPanel,
    DrawnSchedules,
    K,
    Scores,
    calibrate,
    mean_profiles,
    month_staffing,
    process,
    roots,
    schedules,
    too_long,
    waits,
)
from merida.border.crossings.find import find_place, one_site
from merida.border.crossings.panels import errors, hour_of, panel, prior, standard_scores
from merida.facts import Facts

FACTS = Facts()
SITE = one_site(FACTS, find_place(FACTS, "Bridge of the Americas"), "cars")
DRAWS = 2


@pytest.fixture(scope="module")
def made_up() -> tuple[CrossingPanel, DrawnSchedules]:
    """A crossing with two classes whose true schedule is one draw of the prior, and its true waits as published."""
    known = panel(FACTS, [SITE])
    before = prior(FACTS, [SITE], known)
    start = standard_scores([SITE], 8, 7, "truth")
    tried = schedules(known, before, start)
    mean = np.asarray(waits(tried))[0, :, :2].mean(axis=(1, 2, 3))
    which = int(np.abs(mean - 30).argmin())  # a busy port, not a jammed one
    truth = DrawnSchedules(*(np.asarray(x)[:, which : which + 1] for x in tried))
    wait = np.full((1, K, DAYS, HOURS), np.nan)
    wait[0, :2] = np.asarray(waits(truth))[0, 0, :2] * np.asarray(truth.published_factor)[0, 0]
    nothing = np.full(wait.shape, np.nan)
    return known._replace(wait=wait, seen_wait=nothing, seen_booths=nothing), truth


@pytest.fixture(scope="module")
def fitted(made_up: tuple[CrossingPanel, DrawnSchedules]) -> tuple[DrawnSchedules, np.ndarray]:
    known, _ = made_up
    before = prior(FACTS, [SITE], known)
    start = standard_scores([SITE], DRAWS, 1, "calibration")
    return calibrate(known, before, start, errors([SITE], DRAWS, 1), 120)


def test_the_fit_gives_the_published_waits_within_their_error(
    made_up: tuple[CrossingPanel, DrawnSchedules], fitted: tuple[DrawnSchedules, np.ndarray]
) -> None:
    known, _ = made_up
    drawn, off = fitted
    shown = np.asarray(waits(drawn))[0, :, :2] * np.asarray(drawn.published_factor)[0][:, None, None, None]
    observed = np.asarray(known.wait)[0, :2]
    error = np.abs(shown.mean(axis=0) - observed)
    assert np.median(error / np.hypot(1.5, 0.06 * observed)) < 1.5
    cells = 2 * DAYS * HOURS
    assert (off < 2 * cells).all()  # half a squared error of one a cell, with room: 120 steps, not 800


def test_schedules_that_fit_are_many(fitted: tuple[DrawnSchedules, np.ndarray]) -> None:
    drawn, _ = fitted
    booths = np.asarray(drawn.booths)[0, :, :2].mean(axis=(2, 3))
    assert (booths.std(axis=0) / booths.mean(axis=0) > 0.05).all()


def test_volume_and_lanes_hold_in_every_draw(
    made_up: tuple[CrossingPanel, DrawnSchedules], fitted: tuple[DrawnSchedules, np.ndarray]
) -> None:
    known, _ = made_up
    drawn, _ = fitted
    per_day = np.asarray(drawn.arrivals)[0].sum(axis=(1, 2, 3)) / DAYS
    np.testing.assert_allclose(
        per_day, np.asarray(known.volume)[0], rtol=0.35
    )  # its own error is 8 % a standard deviation
    assert (np.asarray(drawn.booths)[0, :, :2].sum(axis=1) <= np.asarray(known.lanes)[0] + 1e-6).all()


def test_the_process_has_the_covariance_that_is_stated() -> None:
    sd, scale = np.array([0.5, 0.3, 0.1]), 0.6
    days, hours = (np.asarray(x) for x in roots(sd, scale))
    drawn = np.asarray(process(np.random.default_rng(0).standard_normal((20_000, DAYS, HOURS)), sd, scale))
    variance = (sd**2).sum()
    # 20,000 draws: the standard error of a variance is one per cent of it
    assert drawn[:, 0, 0].var() == pytest.approx(variance, rel=0.04)
    assert np.mean(drawn[:, 0, 0] * drawn[:, 1, 0]) == pytest.approx(sd[0] ** 2 + sd[1] ** 2, rel=0.06)
    assert np.mean(drawn[:, 0, 0] * drawn[:, 6, 0]) == pytest.approx(sd[0] ** 2, rel=0.08)
    np.testing.assert_allclose((days @ days.T)[0, 6], sd[0] ** 2)
    np.testing.assert_allclose((hours @ hours.T)[0, 23], (hours @ hours.T)[0, 1])  # midnight is no edge


def test_a_month_is_staffed_so_that_its_wait_comes_out(fitted: tuple[DrawnSchedules, np.ndarray]) -> None:
    drawn, _ = fitted
    wanted = np.array([[1.2, 0.9, np.nan]])
    factor = np.asarray(month_staffing(drawn, np.array([1.1]), wanted, halvings=8))
    busier = drawn._replace(
        arrivals=np.asarray(drawn.arrivals) * 1.1, booths=np.asarray(drawn.booths) * factor[..., None, None]
    )
    ratio = np.asarray(waits(busier)).mean(axis=(3, 4)) / np.asarray(waits(drawn)).mean(axis=(3, 4))
    np.testing.assert_allclose(ratio[0, :, :2], np.broadcast_to(wanted[0, :2], (DRAWS, 2)), rtol=0.04)
    assert (factor[0, :, 2] == 1).all()


def test_waits_of_hours_are_not_believed() -> None:
    mean = np.full((1, 1, K, DAYS, HOURS), 40.0)
    assert float(too_long((120.0, 0.25), mean)[0, 0]) == 0
    mean[0, 0, 0, 0] = 480.0
    assert float(too_long((120.0, 0.25), mean)[0, 0]) > 10
    assert np.asarray(too_long((120.0, 0.25), mean, by_class=True))[0, 0, 1] == 0


def test_profiles_are_means_over_crossings(made_up: tuple[CrossingPanel, DrawnSchedules]) -> None:
    known, truth = made_up
    found = mean_profiles(["cars"], known, truth)
    arrivals = np.asarray(truth.arrivals)[0, 0, 0]
    np.testing.assert_allclose(found["cars", 0], np.log(arrivals / arrivals.mean()), atol=1e-9)
    np.testing.assert_allclose(found["cars", 2], found["cars", 0])  # a class without waits takes the first


def test_scores_of_a_crossing_do_not_depend_on_the_others() -> None:
    other = one_site(FACTS, find_place(FACTS, "Ysleta"), "cars")
    alone, both = standard_scores([SITE], 2, 0, "x"), standard_scores([other, SITE], 3, 0, "x")
    for mine, theirs in zip(alone, both, strict=True):
        np.testing.assert_array_equal(np.asarray(mine)[0], np.asarray(theirs)[1, :2])
    assert isinstance(alone, Scores)


@pytest.mark.parametrize(
    ("text", "hour"), [("At 3:00 pm PDT", 15), ("At Noon CDT", 12), ("At 12:00 am MDT", 0), (None, 17)]
)
def test_readings_belong_to_the_hour_that_is_said(text: str | None, hour: int) -> None:
    assert hour_of(text, "2022-06-30 17:32:00") == hour
