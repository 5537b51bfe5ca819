"""Methods in closed form, by NumPy's own least squares and by simulation; scores by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from merida.scorecard.progress import (
    brier,
    chance,
    growth,
    growth_says,
    line,
    log_score,
    meets,
    trend_probability,
    verdict,
    walk_probability,
    weighted_regression,
)

TIMES, VALUES = [2001.0, 2002.0, 2003.0, 2005.0, 2006.0], [10.0, 12.0, 11.0, 15.0, 14.0]


def test_the_published_growth_ratio() -> None:
    found = growth((2008, 100), (2012, 85), (2016, 50))
    assert found is not None
    assert 100 * found.actual == pytest.approx(-3.981, abs=1e-3)  # the source cuts its third decimal
    assert 100 * found.needed == pytest.approx(-8.300, abs=5e-4)
    assert found.ratio == pytest.approx(0.4797, abs=5e-5)
    assert growth_says((2008, 100), (2012, 85), (2016, 50), up=False) is False
    assert growth((2008, 0), (2012, 85), (2016, 50)) is None
    assert growth_says((2008, 40), (2012, 60), (2016, 50), up=False) is False  # was met, and is no longer


def test_the_normal_trend_is_the_prediction_of_least_squares() -> None:
    x = np.column_stack([np.ones(5), TIMES])
    (a, b), rest, *_ = np.linalg.lstsq(x, np.array(VALUES), rcond=None)
    at = np.array([1.0, 2009.0])
    error = np.sqrt(rest[0] / 3 * (1 + at @ np.linalg.inv(x.T @ x) @ at))
    wanted = norm.cdf((a + b * 2009 - 18) / error)
    assert trend_probability(TIMES, VALUES, 2009, 18, up=True) == pytest.approx(wanted, rel=1e-6)
    assert trend_probability(TIMES, VALUES, 2009, 18, up=False) == pytest.approx(1 - wanted, rel=1e-6)


def test_the_commissions_regression_is_numpy_s_with_weights_by_rank() -> None:
    b, a = np.polyfit(np.array(TIMES) - 2000, VALUES, 1, w=np.sqrt(np.arange(1, 6)))
    assert weighted_regression(TIMES, VALUES, 2010) == pytest.approx(a + 10 * b, rel=1e-9)


def test_the_walk_by_hand() -> None:
    """Changes 2, -1, 4 in two years, -1: mean 0.8 a year; variance of the rest a year by hand."""
    rest = np.array([2 - 0.8, -1 - 0.8, 4 - 1.6, -1 - 0.8])
    variance = (rest**2 / [1, 1, 2, 1]).sum() / 3
    error = np.sqrt(variance * 2 * (1 + 0.25 * 2 / 5))
    wanted = norm.cdf((14 + 0.25 * 0.8 * 2 - 15) / error)
    assert walk_probability(TIMES, VALUES, 2008, 15, up=True) == pytest.approx(wanted, rel=1e-9)


def test_the_walk_in_logarithms_does_not_depend_on_the_unit() -> None:
    one = walk_probability(TIMES, VALUES, 2008, 15, up=True, in_logs=True)
    other = walk_probability(TIMES, [1e3 * value for value in VALUES], 2008, 15e3, up=True, in_logs=True)
    assert one == pytest.approx(other, rel=1e-12)


def test_a_walk_is_judged_as_often_right_as_it_says() -> None:
    """Random walks of known law: of targets given 30 to 70 percent, about half are met."""
    random = np.random.default_rng(5)
    times = list(range(2000, 2020))
    said, came = [], []
    for _ in range(600):
        path = np.cumsum(random.normal(0.0, 1.0, 23))
        goal = path[19] + random.normal(0, 1.5)
        said.append(walk_probability(times, list(path[:20]), 2022, goal, up=True, drift=0.0))
        came.append(path[22] >= goal)
    chances, met = np.array(said), np.array(came, float)
    middle = (chances > 0.3) & (chances < 0.7)
    assert met[middle].mean() == pytest.approx(chances[middle].mean(), abs=0.09)
    assert brier(chances, met) < 0.25


def test_without_noise_a_target_is_met_or_not() -> None:
    steady = [1.0, 2.0, 3.0, 4.0]
    assert walk_probability([1, 2, 3, 4], steady, 6, 4.5, up=True) == 1.0  # a quarter of the drift
    assert walk_probability([1, 2, 3, 4], steady, 6, 4.6, up=True) == 0.0
    assert meets(0.1 + 0.2, 0.3, up=False)


def test_verdicts_at_their_bounds() -> None:
    assert [verdict(p) for p in (1.0, 0.8, 0.79, 0.21, 0.2, 0.0)] == [
        "on_track", "on_track", "cannot_tell", "cannot_tell", "off_track", "off_track",
    ]  # fmt: skip


def test_scores_by_hand() -> None:
    chances, met = np.array([0.8, 0.3]), np.array([1.0, 0.0])
    assert brier(chances, met) == pytest.approx((0.04 + 0.09) / 2)
    assert log_score(chances, met) == pytest.approx(-(np.log(0.8) + np.log(0.7)) / 2)
    assert chance(10.0, 2.0, 12.0, up=True) == pytest.approx(norm.cdf(-1), rel=1e-12)
    assert line([0, 1], [1, 3]).at(2) == pytest.approx(5)
