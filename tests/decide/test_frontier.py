"""Frontiers: closed forms of three test problems, published cost-effectiveness tables, and volumes by counting."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from merida.decide.frontier import cost_effectiveness, efficient, hypervolume
from merida.distributions import Floats


def zdt(power: float, points: int = 100_001) -> Floats:
    first = np.linspace(0, 1, points)
    return np.stack([first, 1 - first**power], axis=1)


def sphere(points: int) -> Floats:
    """Return the even points of DTLZ2's front: an eighth of a sphere."""
    share = np.linspace(0, 1, points)
    one, two = (values.ravel() for values in np.meshgrid(share, share))
    across, up = one * np.pi / 2, two * np.pi / 2
    return np.stack([np.cos(up) * np.cos(across), np.cos(up) * np.sin(across), np.sin(up)], axis=1)


@pytest.mark.parametrize(("power", "truth"), [(0.5, 0.8766667), (2.0, 0.5433333)])
def test_zdt_1_and_2(power: float, truth: float) -> None:
    assert hypervolume(zdt(power), [1.1, 1.1]) == pytest.approx(truth, abs=2e-5)


def test_dtlz2_in_two_and_three_objectives() -> None:
    angle = np.linspace(0, np.pi / 2, 100_001)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert hypervolume(circle, [1.1, 1.1]) == pytest.approx(1.21 - np.pi / 4, abs=2e-5)
    assert 1.21 - np.pi / 4 == pytest.approx(0.4246018, abs=2e-6)
    # The step of a finite front is below the front, by an amount that halves as the points double.
    coarse, fine = (hypervolume(sphere(points), [1.1] * 3) for points in (51, 101))
    assert 1.331 - np.pi / 6 == pytest.approx(0.8074012, abs=1e-6)
    assert fine < 0.8074012
    assert 2 * fine - coarse == pytest.approx(0.8074012, abs=1e-3)


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
def test_volumes_by_counting_and_by_inclusion_and_exclusion(objectives: int) -> None:
    random = np.random.default_rng(objectives)
    for _ in range(20):
        points = random.integers(0, 5, (6, objectives)).astype(float)
        cells = np.array(list(itertools.product(range(5), repeat=objectives))) + 0.5
        dominated = (points[None] <= cells[:, None]).all(axis=2).any(axis=1)
        assert hypervolume(points, np.full(objectives, 5.0)) == pytest.approx(float(dominated.sum()))


def test_a_volume_does_not_hang_on_order_and_grows_with_points() -> None:
    random = np.random.default_rng(0)
    points = random.random((60, 3))
    whole = hypervolume(points, [1, 1, 1])
    assert hypervolume(points[::-1], [1, 1, 1]) == pytest.approx(whole)
    assert hypervolume(points[:, [2, 0, 1]], [1, 1, 1]) == pytest.approx(whole)
    assert hypervolume(points[:30], [1, 1, 1]) <= whole
    assert hypervolume(points + 2, [1, 1, 1]) == 0.0
    assert hypervolume(points[efficient(points)], [1, 1, 1]) == pytest.approx(whole)


def test_published_frontier_of_six_options() -> None:
    found = cost_effectiveness([55e3, 35e3, 25e3, 10e3, 12e3, 5e3], [5, 4, 3, 2, 1.5, 1])
    on = [line for line in found if line.standing == "efficient"]
    assert [line.option for line in on] == [5, 3, 1, 0]
    assert on[0].ratio is None
    assert [line.ratio for line in on[1:]] == pytest.approx([5000, 12_500, 20_000])
    assert {line.option: line.standing for line in found[len(on) :]} == {
        2: "extended_dominated",
        4: "dominated",
    }


def test_published_frontier_of_treatments_of_c_difficile() -> None:
    # Costs and years of life as printed with R's dampack, to seven digits; so are the ratios.
    costs = [
        57336.01,
        57541.25,
        57642.26,
        57934.07,
        58072.11,
        58665.78,
        57814.65,
        57887.48,
        58018.63,
        58081.79,
        58634.2,
    ]
    effects = [12.93996, 13.01406, 13.03891, 13.09663, 13.11286, 13.12833]
    effects += [13.04628, 12.99707, 13.06504, 13.10297, 13.11006]
    found = cost_effectiveness(costs, effects)
    assert [line.standing for line in found] == ["efficient"] * 6 + ["extended_dominated"] + ["dominated"] * 4
    assert [line.option for line in found] == list(range(11))
    published = [2769.85, 4065.03, 5056.22, 8504.22, 38362.65]
    assert [line.ratio for line in found[1:6]] == pytest.approx(published, rel=5e-4)


def test_what_must_hold_of_any_frontier() -> None:
    random = np.random.default_rng(1)
    for _ in range(50):
        costs, effects = random.integers(0, 6, 8).astype(float), random.integers(0, 6, 8).astype(float)
        found = cost_effectiveness(costs, effects)
        assert sorted(line.option for line in found) == list(range(8))
        ratios = [line.ratio for line in found if line.ratio is not None]
        assert all(one < other for one, other in itertools.pairwise(ratios))
        for line in found:
            beaten = (costs <= line.cost) & (effects >= line.effect)
            beaten &= (costs < line.cost) | (effects > line.effect) | (np.arange(8) < line.option)
            assert (line.standing == "dominated") == bool(beaten.any())


def test_points_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        hypervolume([[np.nan, 1.0]], [1, 1])
    with pytest.raises(ValueError, match="same objectives"):
        hypervolume([[0.5, 0.5]], [1, 1, 1])
    with pytest.raises(ValueError, match="one of each"):
        cost_effectiveness([1.0], [1.0, 2.0])
