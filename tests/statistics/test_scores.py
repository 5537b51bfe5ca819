"""Scores against closed forms."""

import numpy as np
import pytest
from scipy import stats

from merida.statistics import scores


def test_crps_is_the_mean_over_pairs() -> None:
    random = np.random.default_rng(0)
    drawn, actual = random.poisson(4, (30, 7)), random.poisson(4, 7)
    first = np.abs(drawn - actual).mean(axis=0)
    pairs = np.abs(drawn[:, None] - drawn[None]).mean(axis=(0, 1))
    np.testing.assert_allclose(scores.crps(drawn, actual), first - pairs / 2, rtol=1e-12)


def test_crps_of_a_normal_law_is_its_closed_form() -> None:
    """Gneiting and Raftery (2007, eq. 21); the ensemble of n draws adds 1/n of the spread."""
    drawn = stats.norm.ppf((np.arange(20000) + 0.5) / 20000)[:, None]
    for y in (0.0, 0.7, -2.5):
        exact = y * (2 * stats.norm.cdf(y) - 1) + 2 * stats.norm.pdf(y) - 1 / np.sqrt(np.pi)
        assert scores.crps(drawn, np.array([y]))[0] == pytest.approx(exact, abs=2e-4)


def test_interval_score_by_hand() -> None:
    drawn = np.arange(101.0)[:, None] + np.zeros(3)
    found = scores.interval_score(drawn, np.array([50.0, 2.0, 99.0]), 0.9)
    np.testing.assert_allclose(found, [90.0, 90 + 20 * 3, 90 + 20 * 4])
    np.testing.assert_array_equal(scores.covered(drawn, np.array([50.0, 2.0, 95.0]), 0.9), [1, 0, 1])


def test_pit_of_the_truth_is_uniform() -> None:
    random = np.random.default_rng(1)
    drawn, actual = random.poisson(0.4, (1000, 4000)), random.poisson(0.4, 4000)
    assert stats.kstest(scores.pit(drawn, actual, random), "uniform").pvalue > 1e-3


def test_log_scores() -> None:
    drawn = np.array([[0], [0], [1], [2]])
    assert scores.log_score_counts(drawn, np.array([0]))[0] == pytest.approx(-np.log(2.5 / 5))
    random = np.random.default_rng(2)
    totals = random.lognormal(7, 0.2, (20000, 1))
    exact = -stats.lognorm.logpdf(1100.0, 0.2, scale=np.exp(7))
    # a kernel estimate of 20,000 draws: a few percent of the density
    assert scores.log_score_totals(totals, np.array([1100.0]))[0] == pytest.approx(exact, abs=0.06)


def test_bootstrap_of_equal_scores_is_nought() -> None:
    assert scores.bootstrap(np.ones((16, 2))) == (0.0, 0.0)
    low, high = scores.bootstrap(np.column_stack([np.linspace(0.8, 1.0, 16), np.ones(16)]))
    assert 0 < low < 0.1 < high < 0.2
