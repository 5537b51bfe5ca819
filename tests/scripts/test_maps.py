"""The simplification of maps: a closed form, and what must be true of the maps that were compiled."""

import json
import math
from collections import Counter
from itertools import pairwise

import polars as pl
import pytest

from merida.facts import Facts
from recipes.maps import EARTH_RADIUS_KM, area_km2, ranked


def test_a_triangle_has_the_area_of_the_plane() -> None:
    # A cell of one degree at the equator; on the sphere its area is R^2 * dlon * (sin(lat2) - sin(lat1)).
    cell = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    sphere = EARTH_RADIUS_KM**2 * math.radians(1) * math.sin(math.radians(1))
    assert area_km2(cell) == pytest.approx(sphere, rel=0.01)  # the ellipsoid differs by less than 1 %
    assert area_km2(cell[::-1]) == -area_km2(cell)


def test_points_go_by_the_area_that_they_span() -> None:
    line = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.1), (3.0, 0.0), (4.0, 2.0), (5.0, 0.0)]
    rank = ranked(line)
    assert rank[0] == rank[-1] == math.inf
    assert min(range(6), key=rank.__getitem__) in (1, 2)  # the nearly straight stretch goes first
    assert rank[4] == max(rank[1:-1])  # the peak stays longest
    assert ranked([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)])[1] == pytest.approx(0, abs=1e-9)


@pytest.fixture(scope="module")
def shapes(facts: Facts) -> dict[str, list[list[list[tuple[float, float]]]]]:
    rows = facts.sql("select municipality, geometry from map_municipalities")
    found = {}
    for code, text in rows.iter_rows():
        shape = json.loads(text)
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        found[code] = [[[tuple(point) for point in ring] for ring in rings] for rings in polygons]
    return found


def test_every_ring_is_closed_and_runs_the_right_way(shapes) -> None:
    for polygons in shapes.values():
        for rings in polygons:
            for at, ring in enumerate(rings):
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                assert (area_km2(ring) < 0) == (at == 0)  # outer rings clockwise, holes the other way


def test_neighbours_fit_exactly(shapes) -> None:
    """Inside the country every piece of border is drawn by exactly two municipalities."""
    drawn = Counter(
        frozenset(piece)
        for polygons in shapes.values()
        for rings in polygons
        for ring in rings
        for piece in pairwise(ring)
        if piece[0] != piece[1]
    )
    assert set(drawn.values()) <= {1, 2}
    assert sum(count == 2 for count in drawn.values()) / len(drawn) > 0.75  # the rest is coast and frontier


def test_areas_are_those_on_record(shapes, facts: Facts) -> None:
    recorded = dict(
        facts.sql("select municipality, area_km2 from municipalities where area_km2 is not null").iter_rows()
    )
    error = pl.Series(
        abs(-sum(area_km2(ring) for rings in shapes[code] for ring in rings) / recorded[code] - 1)
        for code in shapes
    )
    assert error.median() < 0.01
    assert error.quantile(0.99) < 0.06
    assert error.max() < 0.15
