"""The map and the cartogram of the pages: shapes and circles laid out once, then coloured for each answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import numpy as np
from markupsafe import Markup

from merida.charts.cartogram import cartogram, radii
from merida.charts.places_map import Outline, around, drawn, outlines
from merida.charts.theme import rendered
from merida.violence.monitoring.chart_tables import unit_shapes

View = tuple[int, int, int, int]


@cache
def atlas() -> tuple[dict[str, Outline], dict[str, Outline]]:
    """Return the outlines of every harmonised municipality and of every state, by code."""
    municipal, states = unit_shapes()
    return outlines(municipal), outlines(states)


def view_of(place: str) -> View:
    """Return what part of the map shows the nation (``MX``), a state or a municipality's state."""
    _, states = atlas()
    return around(one.box for code, one in states.items() if place == "MX" or code == place[:2])


def municipal_map(
    classes: Mapping[str, str], titles: Mapping[str, str], place: str = "MX", only: bool = False
) -> Markup:
    """Return the map of municipalities, seen at a place; `only` those of its state."""
    units, states = atlas()
    inside = {code: one for code, one in units.items() if not only or place == "MX" or code[:2] == place[:2]}
    marks = {code: f'<path d="{one.path}"/>' for code, one in inside.items()}
    borders = "".join(
        one.path for code, one in states.items() if not only or place == "MX" or code == place[:2]
    )
    return drawn(marks, classes, titles, view_of(place), borders)


def circles(counts: Mapping[str, float], classes: Mapping[str, str], titles: Mapping[str, str]) -> Markup:
    """Return the cartogram: a circle for each municipality, its area in proportion to a count above 0."""
    units, _ = atlas()
    codes = [code for code in units if counts.get(code, 0) > 0]
    left, top, right, bottom = np.array([units[code].box for code in codes], dtype=np.float64).T
    _, _, width, height = view_of("MX")
    radius = radii(np.array([counts[code] for code in codes]), width * height)
    middle = ((left + right) / 2, (top + bottom) / 2)

    def lay() -> bytes:
        return json.dumps([axis.round(1).tolist() for axis in cartogram(*middle, radius)]).encode()

    stated = {"radius": radius.round(3).tolist(), "x": middle[0].tolist(), "y": middle[1].tolist()}
    x, y = json.loads(rendered("cartogram", stated, lay))
    marks = {
        code: f'<circle cx="{x[at]:g}" cy="{y[at]:g}" r="{radius[at]:.1f}"/>' for at, code in enumerate(codes)
    }
    boxes = [
        (round(x[at] - r), round(y[at] - r), round(x[at] + r), round(y[at] + r))
        for at, r in enumerate(radius)
    ]
    return drawn(marks, classes, titles, around(boxes))
