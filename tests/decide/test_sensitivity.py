"""Shares of variance: two functions whose indices are known, and draws that are there already."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from merida.decide.sensitivity import Index, first_order, rank_correlation, sobol
from merida.distributions import Floats

G = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def ishigami(x: Floats) -> Floats:
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(x: Floats) -> Floats:
    return np.asarray(((np.abs(4 * x - 2) + G) / (1 + G)).prod(axis=1))


def holds(found: Index, truth: list[float]) -> None:
    assert found.value == pytest.approx(truth, abs=0.01)
    wide = 2 * (found.high - found.low) + 1e-4
    assert (np.abs(found.value - truth) <= wide).all()
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()


def test_ishigami() -> None:
    found = sobol(ishigami, [(-np.pi, np.pi)] * 3, 16_384)
    assert found.variance == pytest.approx(13.8445879, rel=0.01)
    holds(found.first, [0.3139052, 0.4424111, 0.0])
    holds(found.total, [0.5575889, 0.4424111, 0.2436837])


def test_g_function() -> None:
    found = sobol(g_function, [(0, 1)] * 8, 16_384)
    assert found.variance == pytest.approx(0.4654244, rel=0.02)
    holds(found.first, [0.716192, 0.179048, 0.023676, 0.007162] + [0.000072] * 4)
    holds(found.total, [0.787144, 0.242198, 0.034317, 0.010460] + [0.000105] * 4)


def test_values_at_a_design_are_those_of_the_function_and_laws_may_be_any() -> None:
    found = sobol(lambda x: x @ [1.0, 3.0], [norm(5, 1), norm(0, 1)], 2048)
    assert found.first.value == pytest.approx([0.1, 0.9], abs=0.01)
    random = np.random.default_rng(0)
    one, two = random.normal(0, 1, (2, 4096, 2))
    mixed = [np.stack([two[:, 0], one[:, 1]], 1), np.stack([one[:, 0], two[:, 1]], 1)]
    given = sobol({"f_A": one.sum(1), "f_B": two.sum(1), "f_AB": [rows.sum(1) for rows in mixed]})
    assert given.first.value == pytest.approx([0.5, 0.5], abs=0.06)
    assert given.total.value == pytest.approx([0.5, 0.5], abs=0.06)


def test_what_does_not_vary_is_refused() -> None:
    with pytest.raises(ValueError, match="does not vary"):
        sobol(lambda x: np.ones(len(x)), [(0, 1)], 64)
    with pytest.raises(ValueError, match="f_AB"):
        sobol({"f_A": [1.0, 2.0], "f_B": [1.0, 2.0], "f_AB": [[1.0]]})


def test_first_order_from_draws_agrees_with_the_closed_form() -> None:
    drawn = np.random.default_rng(1).uniform(-np.pi, np.pi, (8000, 4))
    found = first_order(drawn, ishigami(drawn))
    truth = np.array([0.3139052, 0.4424111, 0.0, 0.0])
    assert found.value == pytest.approx(truth, abs=0.03)
    assert (found.low - 0.01 <= truth).all()
    assert (truth <= found.high + 0.01).all()
    assert first_order(drawn, np.ones(8000)).value.tolist() == [0.0] * 4


def test_rank_correlation_is_spearmans() -> None:
    random = np.random.default_rng(2)
    drawn = random.integers(0, 5, (200, 3)).astype(float)
    outcome = drawn[:, 0] + random.normal(0, 1, 200)
    truth = [spearmanr(column, outcome).statistic for column in drawn.T]
    assert rank_correlation(drawn, outcome) == pytest.approx(truth)
    assert rank_correlation(np.ones((5, 1)), np.arange(5)).tolist() == [0.0]
