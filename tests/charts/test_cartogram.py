"""Cartogram and map of a page: areas in proportion, no overlaps to speak of, no chance; paths as their rings."""

import json

import numpy as np
import pytest

from merida.charts.cartogram import cartogram, overlaps, radii
from merida.charts.places_map import STEPS_A_DEGREE, around, outlines, projected


@pytest.fixture(scope="module")
def crowd() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    counts = random.lognormal(0.0, 1.5, 300)
    return random.uniform(0, 1000, 300), random.uniform(0, 600, 300), radii(counts, 600_000.0)


def test_areas_are_in_proportion_to_counts() -> None:
    counts = np.array([1.0, 10.0, 250.0])
    area = np.pi * radii(counts, 5000.0, filled=0.2) ** 2
    assert np.allclose(area / area.sum(), counts / counts.sum())
    assert np.isclose(area.sum(), 1000.0)


def test_circles_overlap_no_longer_and_stay_near(crowd: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    x, y, radius = crowd
    assert len(overlaps(x, y, radius)[2]) > 30
    right, down = cartogram(x, y, radius)
    depth = overlaps(right, down, radius)[2]
    assert depth.max(initial=0.0) < 0.02
    moved = np.hypot(right - x, down - y)
    assert np.median(moved) < 2 * radius.max()


def test_overlaps_are_those_of_all_pairs(crowd: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    x, y, radius = (part[:80] for part in crowd)
    every = {
        frozenset((i, j))
        for i in range(80)
        for j in range(i)
        if np.hypot(x[i] - x[j], y[i] - y[j]) < radius[i] + radius[j]
    }
    first, second, _ = overlaps(x, y, radius)
    assert {frozenset(map(int, pair)) for pair in zip(first, second, strict=True)} == every


def test_the_same_circles_come_to_lie_in_the_same_places(
    crowd: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    assert np.array_equal(cartogram(*crowd, rounds=60), cartogram(*crowd, rounds=60))
    same = np.zeros(7)
    right, down = cartogram(same, same, np.ones(7))
    assert overlaps(right, down, np.ones(7))[2].max(initial=0.0) < 0.02, "circles of one middle part too"


def test_a_path_goes_through_the_points_of_its_ring() -> None:
    ring = [[-100.0, 20.0], [-99.5, 20.4], [-99.0, 20.0], [-99.2, 19.1], [-100.0, 20.0]]
    made = outlines([("01001", json.dumps({"type": "Polygon", "coordinates": [ring]}))])["01001"]
    numbers = [int(one) for one in made.path[1:-1].replace("l", " ").replace("-", " -").split()]
    steps = np.array(numbers).reshape(-1, 2).cumsum(axis=0)
    assert steps.tolist() == [list(projected(*point)) for point in ring[:-1]]
    assert made.box == (*steps.min(axis=0), *steps.max(axis=0))
    assert made.box[2] - made.box[0] == pytest.approx(STEPS_A_DEGREE, abs=1)


def test_neighbours_share_their_border_on_the_grid() -> None:
    shared = [[-99.123, 19.456], [-99.151, 19.512], [-99.149, 19.533]]
    west = [*shared, [-99.3, 19.5], shared[0]]
    east = [*reversed(shared), [-99.0, 19.5], shared[-1]]
    for ring in (west, east):
        assert {projected(*point) for point in shared} <= {projected(*point) for point in ring}
    assert around([(0, 0, 10, 20)], margin=0.5) == (-10, -10, 30, 40)
