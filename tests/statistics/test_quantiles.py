"""Quantiles of draws against their definition."""

from __future__ import annotations

import numpy as np

from merida.statistics import low_median_high


def test_quantiles_interpolate_between_draws() -> None:
    # n draws: the q-th quantile lies at place q (n - 1) among the ordered draws
    draws = np.array([4.0, 1.0, 2.0, 8.0])
    np.testing.assert_allclose(low_median_high(draws), [1 + 0.15, 3.0, 4 + 0.85 * 4], rtol=1e-15)


def test_each_column_has_its_own_quantiles() -> None:
    random = np.random.default_rng(0)
    draws = random.normal(size=(50, 3, 2))
    found = low_median_high(draws)
    assert found.shape == (3, 3, 2)
    np.testing.assert_array_equal(found[:, 1, 0], low_median_high(draws[:, 1, 0]))
