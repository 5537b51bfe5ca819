"""Laws of numbers: their quantiles are those stated, and what cannot be a law is refused."""

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from merida.distributions import Z95, Distribution

LAWS = [
    Distribution(kind="normal", low=-1.0, high=3.0),
    Distribution(kind="lognormal", low=0.5, high=8.0),
    Distribution(kind="share", low=0.1, high=0.7),
    Distribution(kind="uniform", low=-2.0, high=6.0),
]


@pytest.mark.parametrize("distribution", LAWS[:3], ids=lambda distribution: distribution.kind)
def test_low_and_high_are_the_fifth_and_the_ninety_fifth_percentile(distribution: Distribution) -> None:
    np.testing.assert_allclose(
        distribution.at([-Z95, Z95]), [distribution.low, distribution.high], rtol=1e-12
    )
    np.testing.assert_allclose(Z95, stats.norm.ppf(0.95), rtol=1e-12)


def test_quantiles_are_those_of_scipy() -> None:
    q = np.array([0.01, 0.3, 0.5, 0.9])
    z = stats.norm.ppf(q)
    spread = 4.0 / (2 * Z95)
    np.testing.assert_allclose(LAWS[0].at(z), stats.norm(1.0, spread).ppf(q), rtol=1e-9)
    scale = np.log(16) / (2 * Z95)
    np.testing.assert_allclose(LAWS[1].at(z), stats.lognorm(scale, scale=2.0).ppf(q), rtol=1e-9)
    np.testing.assert_allclose(LAWS[3].at(z), stats.uniform(-2, 8).ppf(q), rtol=1e-9)


def test_share_is_normal_in_the_logit_and_stays_within() -> None:
    found = LAWS[2].at(np.linspace(-6, 6, 50))
    assert np.all((found > 0) & (found < 1))
    steps = np.diff(np.log(found / (1 - found)))
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)


@pytest.mark.parametrize("distribution", LAWS, ids=lambda distribution: distribution.kind)
def test_median_is_at_zero_and_numbers_rise_with_the_score(distribution: Distribution) -> None:
    assert distribution.median == distribution.at(0.0)
    assert np.all(np.diff(distribution.at(np.linspace(-4, 4, 30))) > 0)
    assert distribution.at(np.zeros((2, 3))).shape == (2, 3)


def test_fixed_is_its_number_at_every_score() -> None:
    np.testing.assert_array_equal(Distribution(kind="fixed", value=3.5).at([-9.0, 0.0, 9.0]), 3.5)


@pytest.mark.parametrize(
    "stated",
    [
        {"kind": "normal", "low": 2, "high": 1},
        {"kind": "normal", "low": 1, "high": 1},
        {"kind": "normal", "low": 1},
        {"kind": "normal", "low": 1, "high": 2, "value": 1.5},
        {"kind": "normal", "low": 1, "high": math.inf},
        {"kind": "normal", "low": math.nan, "high": 1},
        {"kind": "lognormal", "low": 0, "high": 1},
        {"kind": "share", "low": 0, "high": 0.5},
        {"kind": "share", "low": 0.5, "high": 1},
        {"kind": "fixed"},
        {"kind": "fixed", "value": math.nan},
        {"kind": "fixed", "value": 1, "low": 0},
        {"kind": "gamma", "low": 1, "high": 2},
        {"kind": "normal", "low": 1, "high": 2, "middle": 1},
    ],
)
def test_what_cannot_be_a_law_is_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Distribution(**stated)
