"""The map of every municipality as one drawing for a page: a path each, that is a link.

Shapes are projected (Mercator) onto whole numbers of a grid, so that borders which two municipalities share stay shared
and a path is short. Colour comes by the name of a class alone, so that another measure changes no shape.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

GRID = 6000  # steps from west to east: about 550 m each
WEST, EAST = -118.5, -86.6  # degrees; the islands of the Pacific beyond are left where they are drawn
STEPS_A_DEGREE = GRID / (EAST - WEST)


@dataclass(frozen=True)
class Outline:
    """A place drawn on the grid: the data of its path, and the box that holds it (left, top, right, bottom)."""

    path: str
    box: tuple[int, int, int, int]


def projected(longitude: float, latitude: float) -> tuple[int, int]:
    """Return a point on the grid, southward positive.

    Examples
    --------
    >>> projected(WEST, 0.0)
    (0, 0)
    """
    north = math.degrees(math.asinh(math.tan(math.radians(latitude))))
    return round((longitude - WEST) * STEPS_A_DEGREE), round(-north * STEPS_A_DEGREE)


def outlines(shapes: Iterable[tuple[str, str]]) -> dict[str, Outline]:
    """Return the outline of each place, by code.

    Parameters
    ----------
    shapes : iterable of (str, str)
        Code and GeoJSON geometry; several of one code are drawn as one place.

    Examples
    --------
    >>> square = '{"type": "Polygon", "coordinates": [[[-100, 20], [-99, 20], [-99, 21], [-100, 20]]]}'
    >>> outlines([("01001", square)])["01001"].path
    'M3480 -3841l188 0 0-200z'
    """
    paths: dict[str, list[str]] = {}
    points: dict[str, list[tuple[int, int]]] = {}
    for code, geometry in shapes:
        shape = json.loads(geometry)
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        for ring in (ring for part in parts for ring in part):
            on_grid = [projected(*point[:2]) for point in ring]
            kept = [point for at, point in enumerate(on_grid) if at == 0 or point != on_grid[at - 1]]
            kept = kept[:-1] if kept[0] == kept[-1] else kept
            if len(kept) < 3:  # less is no area
                continue
            paths.setdefault(code, []).append(ring_path(kept))
            points.setdefault(code, []).extend(kept)
    return {
        code: Outline(
            "".join(paths[code]),
            (min(x for x, _ in all_), min(y for _, y in all_), max(x for x, _ in all_), max(y for _, y in all_)),
        )
        for code, all_ in points.items()
    }  # fmt: skip


def ring_path(points: Sequence[tuple[int, int]]) -> str:
    """Return a ring as a path: its first point, then steps, a space only where no sign parts two numbers.

    Examples
    --------
    >>> ring_path([(10, 10), (15, 8), (12, 20)])
    'M10 10l5-2-3 12z'
    """
    (x, y), text = points[0], ""
    for right, down in points[1:]:
        for step in (right - x, down - y):
            text += f"{step}" if step < 0 or not text else f" {step}"
        x, y = right, down
    return f"M{points[0][0]} {points[0][1]}l{text}z"


def around(boxes: Iterable[tuple[int, int, int, int]], margin: float = 0.02) -> tuple[int, int, int, int]:
    """Return the view (left, top, width, height) that holds boxes, with a margin.

    Examples
    --------
    >>> around([(0, 0, 10, 10), (90, 0, 100, 50)], 0.1)
    (-10, -10, 120, 70)
    """
    left, top, right, bottom = zip(*boxes, strict=True)
    room = round(margin * max(max(right) - min(left), max(bottom) - min(top)))
    return (
        min(left) - room, min(top) - room,
        max(right) - min(left) + 2 * room, max(bottom) - min(top) + 2 * room,
    )  # fmt: skip


def drawn(
    marks: Mapping[str, str],
    classes: Mapping[str, str],
    titles: Mapping[str, str],
    view: tuple[int, int, int, int],
    borders: str = "",
) -> Markup:
    """Return a drawing in which every place is a link to its page.

    Parameters
    ----------
    marks : mapping
        By code the SVG of a place's mark, without its class.
    classes, titles : mapping
        By code the class that colours it, and what is said of it.
    view : tuple of int
        What part of the plane is shown.
    borders : str
        Data of a path that is drawn above all.
    """
    links = "".join(
        f'<a href="/places/{code}" class="{classes[code]}" tabindex="-1"><title>{escape(titles[code])}</title>{mark}</a>'
        for code, mark in marks.items()
    )
    above = f'<path class="borders" d="{borders}"/>' if borders else ""
    box = " ".join(map(str, view))
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" aria-hidden="true" focusable="false">'
        f"{links}{above}</svg>"
    )
