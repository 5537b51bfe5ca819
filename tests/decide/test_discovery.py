"""Boxes: planted ones are found, every figure is counted again, and chance is told from what holds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from merida.decide.discovery import SIGNIFICANT, Box, Trajectory, prim


def planted(draws: int = 2000, parameters: int = 6, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    drawn = random.random((draws, parameters))
    inside = (drawn[:, 1] > 0.6) & (drawn[:, 4] < 0.5)
    return drawn, np.where(random.random(draws) < noise, ~inside, inside)


def counted(found: Trajectory, box: Box) -> tuple[float, float, float]:
    inside = ((found.inputs >= box.low) & (found.inputs <= box.high)).all(axis=1)
    hits = found.of_interest[inside].sum()
    return hits / found.of_interest.sum(), hits / inside.sum(), inside.mean()


def test_a_planted_box_is_found_with_its_ends() -> None:
    found = prim(*planted())
    box, limits = found.significant(found.best())
    assert min(box.coverage, box.density) > 0.9
    ends = {(limit.parameter, limit.end): limit.value for limit in limits}
    assert set(ends) == {(1, "low"), (4, "high")}
    assert ends[1, "low"] == pytest.approx(0.6, abs=0.05)
    assert ends[4, "high"] == pytest.approx(0.5, abs=0.05)


def test_limits_by_chance_are_left_out_and_the_figures_are_those_of_what_is_left() -> None:
    found = prim(*planted(400, 12, noise=0.1))
    last = len(found) - 1
    limits = found.limits(last)
    assert any(not limit.significant for limit in limits)
    box, left = found.significant(last)
    assert {(limit.parameter, limit.end) for limit in left} == {(1, "low"), (4, "high")}
    assert counted(found, box) == pytest.approx((box.coverage, box.density, box.mass))
    assert all(limit.p < SIGNIFICANT for limit in left)


def test_every_box_is_counted_again_and_the_trajectory_trades_coverage_for_density() -> None:
    found = prim(*planted(noise=0.05))
    assert len(found) > 5
    for box in found.boxes:
        assert counted(found, box) == pytest.approx((box.coverage, box.density, box.mass))
        assert box.mass >= 0.05
    coverage = [box.coverage for box in found.boxes]
    density = [box.density for box in found.boxes]
    assert density == sorted(density)
    assert coverage[0] == 1.0
    assert coverage[-1] < 1.0


def test_quasi_p_values_are_one_sided_binomial_tests() -> None:
    found = prim(*planted(noise=0.05))
    number = found.best()
    box = found[number]
    for limit in found.limits(number):
        low, high = box.low.copy(), box.high.copy()
        (low if limit.end == "low" else high)[limit.parameter] = -np.inf if limit.end == "low" else np.inf
        inside = ((found.inputs >= low) & (found.inputs <= high)).all(axis=1)
        share = found.of_interest[inside].mean()
        truth = binomtest(box.of_interest, box.inside, share, alternative="greater").pvalue
        assert limit.p == pytest.approx(truth, rel=1e-9)


def test_ties_and_few_values() -> None:
    random = np.random.default_rng(5)
    drawn = np.stack([random.integers(0, 2, 500), random.integers(0, 4, 500), np.ones(500)], axis=1).astype(
        float
    )
    found = prim(drawn, (drawn[:, 0] == 1) & (drawn[:, 1] >= 2))
    box, limits = found.significant(found.best())
    assert (box.coverage, box.density) == (1.0, 1.0)
    assert {(limit.parameter, limit.end) for limit in limits} == {(0, "low"), (1, "low")}


def test_draws_in_another_order_and_on_another_scale_give_the_same_boxes() -> None:
    drawn, wanted = planted(noise=0.05)
    found = prim(drawn, wanted)
    again = prim(drawn[::-1] * 1000 - 7, wanted[::-1])
    assert [box.of_interest for box in again.boxes] == [box.of_interest for box in found.boxes]


def test_what_cannot_be_described_is_refused() -> None:
    drawn, wanted = planted(50)
    with pytest.raises(ValueError, match="no draw"):
        prim(drawn, np.zeros(50, dtype=bool))
    with pytest.raises(ValueError, match="one truth value"):
        prim(drawn, wanted[:10])
    with pytest.raises(ValueError, match="shares"):
        prim(drawn, wanted, peel=1.0)
    assert len(prim(drawn, np.ones(50, dtype=bool))) == 1
