"""Waits by hour as points of a light picture that a page can draw anew while a reader drags: no library draws it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 8.0, 12.0, 26.0
TOPS = (6, 15, 30, 45, 60, 90, 120, 150, 180, 240, 300, 360, 480, 600)  # minutes, the ends of axes
GRID = 3  # lines above zero
Values = Sequence[float | None]
Place = Callable[[int, float], tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """One class of lanes: lines and points as SVG writes them.

    Attributes
    ----------
    band, line, usual : str
        Paths; empty where there is nothing.
    points : tuple of (x, y)
        What was posted.
    levels : tuple of (y, minutes)
        Of the grid.
    marks : tuple of (x, label)
        Of the axis of time.
    """

    band: str
    line: str
    usual: str
    points: tuple[tuple[float, float], ...]
    levels: tuple[tuple[float, float], ...]
    marks: tuple[tuple[float, str], ...]


def panel(
    low: Values, middle: Values, high: Values, usual: Values, posted: Values, *, labels: Sequence[str]
) -> Panel:
    """Return the picture of waits in minutes by hour; None breaks a line.

    Parameters
    ----------
    labels : sequence of str
        Of the hours; an empty one has no mark.

    Examples
    --------
    >>> panel([1.0], [2.0], [3.0], [None], [None], labels=["0"]).levels[-1][1]
    6.0
    """
    largest = max(
        (value for some in (high, usual, posted, middle) for value in some if value is not None), default=1.0
    )
    top = float(next((end for end in TOPS if end >= largest), largest))
    last = max(len(labels) - 1, 1)

    def at(hour: int, minutes: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * hour / last
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * minutes / top
        return round(x, 1), round(y, 1)

    return Panel(
        area(low, high, at),
        stroke(middle, at),
        stroke(usual, at),
        tuple(at(hour, value) for hour, value in enumerate(posted) if value is not None),
        tuple((at(0, top * step / GRID)[1], top * step / GRID) for step in range(GRID + 1)),
        tuple((at(hour, 0.0)[0], label) for hour, label in enumerate(labels) if label),
    )


def runs(values: Values) -> list[list[tuple[int, float]]]:
    """Return the stretches of hours that have a value.

    Examples
    --------
    >>> runs([1.0, None, 2.0, 3.0])
    [[(0, 1.0)], [(2, 2.0), (3, 3.0)]]
    """
    found: list[list[tuple[int, float]]] = []
    for hour, value in enumerate(values):
        if value is None:
            continue
        if found and found[-1][-1][0] == hour - 1:
            found[-1].append((hour, value))
        else:
            found.append([(hour, value)])
    return found


def stroke(values: Values, at: Place) -> str:
    """Return a line, a piece for each stretch."""
    return " ".join("M" + "L".join("{},{}".format(*at(*one)) for one in stretch) for stretch in runs(values))


def area(low: Values, high: Values, at: Place) -> str:
    """Return a band, a piece for each stretch."""
    ends = zip(runs(low), runs(high), strict=True)
    return " ".join(
        "M" + "L".join("{},{}".format(*at(*one)) for one in [*below, *reversed(above)]) + "Z"
        for below, above in ends
    )
