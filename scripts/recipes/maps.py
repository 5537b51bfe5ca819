"""Recipes of the maps: municipal and state borders, cut again from the shared borders of the 2020 frame.

Every border that two places share is one line in the source. Each line is thinned once, by the method of
Visvalingam and Whyatt (points that span the smallest triangles go first, end points stay), and all polygons are
built again from the thinned lines, so that neighbours, and states and their municipalities, still fit exactly.
"""

from __future__ import annotations

import heapq
import json
import math
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

SMALLEST_TRIANGLE_KM2 = 2.0  # points that change a line by less than this go
LARGEST_AREA_ERROR = 0.04  # lines of places whose area changes by more keep more points
SMALLEST_STATE_PART_KM2 = 3.0  # smaller rings of a state are slivers between its municipalities
EARTH_RADIUS_KM = 6371.0072  # the sphere with the area of the Earth
ECCENTRICITY = 0.0818191908  # of the ellipsoid GRS80

Point = tuple[float, float]
Line = list[Point]
Ring = list[int]  # line numbers; ~i is line i backwards, as in TopoJSON
Polygons = dict[str, list[list[Ring]]]


def authalic(sine: float) -> float:
    """Return the quantity that grows with area from the equator to a latitude, up to a factor."""
    bent = ECCENTRICITY * sine
    return (1 - ECCENTRICITY**2) * (sine / (1 - bent**2) + math.atanh(bent) / ECCENTRICITY)


def plane(point: Point) -> Point:
    """Return a point on an equal-area plane, in km."""
    up = authalic(math.sin(math.radians(point[1]))) / authalic(1)
    return EARTH_RADIUS_KM * math.radians(point[0]), EARTH_RADIUS_KM * up


def area_km2(ring: Line) -> float:
    """Return a closed line's area; negative if it runs clockwise."""
    points = [plane(point) for point in ring]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points)) / 2


def ranked(line: Line) -> list[float]:
    """Return for each point the triangle area at which it goes; infinite for the two ends."""
    points = [plane(point) for point in line]
    before, after = list(range(-1, len(line) - 1)), list(range(1, len(line) + 1))
    rank = [math.inf] * len(line)

    def triangle(i: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = points[before[i]], points[i], points[after[i]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    current = {i: triangle(i) for i in range(1, len(line) - 1)}
    queue = [(area, i) for i, area in current.items()]
    heapq.heapify(queue)
    highest = 0.0
    while queue:
        area, i = heapq.heappop(queue)
        if current.get(i) != area:
            continue
        del current[i]
        rank[i] = highest = max(highest, area)
        before[after[i]], after[before[i]] = before[i], after[i]
        for j in (before[i], after[i]):
            if j in current:
                current[j] = triangle(j)
                heapq.heappush(queue, (current[j], j))
    return rank


def joined(ring: Ring, lines: list[Line]) -> Line:
    """Return a ring's points, first and last the same."""
    points: Line = []
    for number in ring:
        line = lines[number] if number >= 0 else lines[~number][::-1]
        points += line[1:] if points else line
    return points


def read(path: Path) -> tuple[list[Line], Polygons, Polygons]:
    """Return the lines, rounded to 0.001 degree, and the rings of municipalities and states."""
    source: dict[str, Any] = json.loads(path.read_text())
    (scale_x, scale_y), (left, bottom) = source["transform"]["scale"], source["transform"]["translate"]
    lines: list[Line] = []
    for steps in source["arcs"]:
        x = y = 0
        line: Line = []
        for step_x, step_y in steps:
            x, y = x + step_x, y + step_y
            point = (round(x * scale_x + left, 3), round(y * scale_y + bottom, 3))
            if not line or point != line[-1]:
                line.append(point)
        lines.append(line if len(line) > 1 else line * 2)
    municipalities, states = (
        {
            place["id"]: [place["arcs"]] if place["type"] == "Polygon" else place["arcs"]
            for place in source["objects"][name]["geometries"]
        }
        for name in ("municipios", "estados")
    )
    return lines, municipalities, states


def without_slivers(places: Polygons, lines: list[Line]) -> Polygons:
    """Leave out the rings of almost no area that joining municipalities into states left in the source."""
    kept: Polygons = {}
    for code, polygons in places.items():
        areas = [[abs(area_km2(joined(ring, lines))) for ring in rings] for rings in polygons]
        kept[code] = [
            [ring for ring, area in zip(rings, of_rings, strict=True) if area >= SMALLEST_STATE_PART_KM2]
            for rings, of_rings in zip(polygons, areas, strict=True)
            if of_rings[0] >= SMALLEST_STATE_PART_KM2
        ]
    return kept


@cache
def cut(path: Path) -> tuple[list[Line], Polygons, Polygons]:
    """Return the thinned lines and the rings of municipalities and states made of them."""
    lines, municipalities, states = read(path)
    ranks = [ranked(line) for line in lines]
    threshold = [SMALLEST_TRIANGLE_KM2] * len(lines)
    rings = [ring for polygons in municipalities.values() for parts in polygons for ring in parts]
    full = [area_km2(joined(ring, lines)) for ring in rings]
    thin: list[Line] = []
    waiting = True
    while waiting:
        waiting = False
        thin = [
            [point for point, rank in zip(line, ranks[i], strict=True) if rank >= threshold[i]]
            for i, line in enumerate(lines)
        ]
        for ring, area in zip(rings, full, strict=True):
            points = joined(ring, thin)
            collapsed = len(set(points)) < 3
            if collapsed or abs(area_km2(points) - area) > LARGEST_AREA_ERROR * abs(area):
                for number in (max(n, ~n) for n in ring):
                    if threshold[number] > 0:
                        threshold[number] = threshold[number] / 2 if threshold[number] > 1e-4 else 0
                        waiting = True
    return thin, municipalities, without_slivers(states, thin)


def geometry(polygons: list[list[Ring]], lines: list[Line]) -> str:
    """Return GeoJSON text; outer rings run clockwise and holes the other way, as drawing on a sphere wants."""
    shapes: list[list[list[Point]]] = []
    for rings in polygons:
        shape: list[list[Point]] = []
        for i, ring in enumerate(rings):
            points = joined(ring, lines)
            outer, clockwise = i == 0, area_km2(points) < 0
            shape.append(points if outer == clockwise else points[::-1])
        shapes.append(shape)
    single = len(shapes) == 1
    content = {
        "type": "Polygon" if single else "MultiPolygon",
        "coordinates": shapes[0] if single else shapes,
    }
    return json.dumps(content, separators=(",", ":"))


def map_municipalities(inputs: Path) -> pl.DataFrame:
    lines, municipalities, _ = cut(inputs / "violence/mx_municipios.topo.json")
    return pl.DataFrame(
        [(code, geometry(polygons, lines)) for code, polygons in municipalities.items()],
        schema={"municipality": pl.String, "geometry": pl.String},
        orient="row",
    )


def map_states(inputs: Path) -> pl.DataFrame:
    lines, _, states = cut(inputs / "violence/mx_municipios.topo.json")
    return pl.DataFrame(
        [(code, geometry(polygons, lines)) for code, polygons in states.items()],
        schema={"state": pl.String, "geometry": pl.String},
        orient="row",
    )


TABLES = {"map_municipalities": map_municipalities, "map_states": map_states}
