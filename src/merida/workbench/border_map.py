"""The map of crossings: the states of Mexico along the border and the ports as links, in a projection of its own."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from merida.answers.border.crossings import CrossingLine
from merida.border.crossings.on_map import states
from merida.facts import Facts

WIDTH = 960.0
WEST, EAST, SOUTH, NORTH = -117.9, -96.6, 24.9, 33.4  # degrees: the frame of the whole border
SQUEEZE = math.cos(math.radians(29.0))  # a degree of longitude beside one of latitude
SCALE = WIDTH / ((EAST - WEST) * SQUEEZE)  # units a degree of latitude
FRAMES = {
    "all": (WEST, EAST, SOUTH, NORTH),
    "west": (-117.6, -110.6, 31.0, 33.0),
    "paso": (-108.4, -103.6, 29.2, 32.2),
    "valley": (-101.4, -96.9, 25.6, 29.7),
}
NAMES = {
    "all": {"us": (-103.0, 32.6), "mexico": (-104.6, 27.0)},
    "west": {"us": (-112.5, 32.7), "mexico": (-115.6, 31.6)},
    "paso": {"us": (-104.9, 31.9), "mexico": (-106.9, 30.2)},
    "valley": {"us": (-98.6, 28.4), "mexico": (-100.4, 26.6)},
}
STEPS = (15.0, 30.0, 60.0)  # minutes: where one class of posted waits ends and the next begins


@dataclass(frozen=True)
class Dot:
    """A port, or a crossing where ports of one place have several: where, how large, which class of wait."""

    x: float
    y: float
    radius: float
    group: int  # 0 to 3 by `STEPS`; -1 where nothing is posted
    crossing: str
    name: str
    minutes: float | None


@dataclass(frozen=True)
class Drawn:
    """The map as SVG writes it."""

    box: str
    shapes: tuple[str, ...]
    dots: tuple[Dot, ...]
    names: dict[str, tuple[float, float]]  # where the countries are written
    unit: float  # what one unit of the whole map is in this part of it


def at(longitude: float, latitude: float) -> tuple[float, float]:
    """Return where a place lies on the map.

    Examples
    --------
    >>> at(WEST, NORTH)
    (0.0, 0.0)
    """
    return (longitude - WEST) * SQUEEZE * SCALE, (NORTH - latitude) * SCALE


@lru_cache(maxsize=2)
def shapes(facts: Facts) -> tuple[str, ...]:
    """Return the outlines of the states of Mexico that the map shows, as paths."""
    found = []
    for text in states(facts)["geometry"]:
        about = json.loads(text)
        polygons = about["coordinates"] if about["type"] == "MultiPolygon" else [about["coordinates"]]
        rings = [ring for polygon in polygons for ring in polygon]
        if max(latitude for ring in rings for _, latitude, *_ in ring) > SOUTH:
            found.append("".join(path(ring) for ring in rings))
    return tuple(found)


def path(ring: Sequence[Sequence[float]]) -> str:
    """Return a ring of longitudes and latitudes as a path."""
    return "M" + "L".join("{:.1f},{:.1f}".format(*at(one[0], one[1])) for one in ring) + "Z"


def drawn(facts: Facts, lines: Iterable[CrossingLine], part: str) -> Drawn:
    """Return the map of a part of the border with crossings of one mode.

    Crossings of a port lie where the port does, side by side.
    """
    west, east, south, north = FRAMES[part]
    left, top = at(west, north)
    right, bottom = at(east, south)
    unit = (right - left) / WIDTH
    beside: dict[tuple[float, float], int] = {}
    dots = []
    for line in sorted(lines, key=lambda one: -one.a_day):
        place = (line.longitude, line.latitude)
        rank = beside[place] = beside.get(place, -1) + 1
        x, y = at(*place)
        turn = rank * 2.4  # radians: those of one port stand around the largest
        away = (0.0 if rank == 0 else 17.0) * unit
        group = -1 if line.posted_minutes is None else sum(line.posted_minutes >= step for step in STEPS)
        radius = (4.0 + 8.0 * math.sqrt(min(line.a_day / 20_000, 1.0))) * unit
        dots.append(
            Dot(
                round(x + away * math.cos(turn), 2),
                round(y - abs(away * math.sin(turn)), 2),
                round(radius, 2),
                group,
                line.crossing,
                line.name,
                line.posted_minutes,
            )
        )
    box = f"{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}"
    names = {country: at(*place) for country, place in NAMES[part].items()}
    return Drawn(box, shapes(facts), tuple(dots), names, unit)
