"""Forests and laws as points of light pictures: bars within the rows of a table, and the curve of a law."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 240.0  # of a bar's picture
CURVE, TALL, FOOT, SIDE = 640.0, 170.0, 24.0, 12.0
PERCENTS = (-80, -60, -40, -20, 0, 25, 50, 100, 200)  # named on axes of ratios
NUMBERS = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)  # named on axes of elasticities
Axis = tuple[float, float]


@dataclass(frozen=True)
class BarDrawn:
    """One interval on the axis of its table: `x` of its ends, its middle and no effect; `cut` where an end runs off."""

    low: float
    middle: float
    high: float
    none: float
    size: float
    cut: tuple[bool, bool]


def across(value: float, axis: Axis, width: float = WIDTH, side: float = 5.0) -> float:
    """Return where a value lies on an axis, kept within it.

    Examples
    --------
    >>> across(0.0, (-1.0, 1.0)), across(9.0, (-1.0, 1.0))
    (120.0, 235.0)
    """
    low, high = axis
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return round(side + (width - 2 * side) * share, 1)


def bar(value: float, low: float, high: float, axis: Axis, weight: float = 0.0) -> BarDrawn:
    """Return an interval as a row of a forest draws it; `weight` (a share) is the area of its middle."""
    ends = (across(low, axis), across(value, axis), across(high, axis))
    return BarDrawn(
        *ends, across(0.0, axis), round(3.0 + 5.0 * math.sqrt(weight), 1), (low < axis[0], high > axis[1])
    )


def marks(axis: Axis, elasticity: bool, width: float = WIDTH, side: float = 5.0) -> list[tuple[float, float]]:
    """Return the named points of an axis: where they lie, and the number (percent, or an elasticity)."""
    named = (
        [(one, one) for one in NUMBERS] if elasticity else [(math.log1p(one / 100), one) for one in PERCENTS]
    )
    return [
        (across(value, axis, width, side), float(number))
        for value, number in named
        if axis[0] <= value <= axis[1]
    ]


@dataclass(frozen=True)
class CurveDrawn:
    """A law as a curve: the part that is harm, all of it, and the one to compare; and the marks of the axis."""

    harm: str
    law: str
    stated: str
    none: float
    marks: list[tuple[float, float]]


def curve(
    effects: Sequence[float], law: Sequence[float], stated: Sequence[float], *, elasticity: bool
) -> CurveDrawn:
    """Return the densities of a law, and of another in the same picture."""
    axis = (effects[0], effects[-1])
    top = max(*law, *stated)

    def at(effect: float, height: float) -> str:
        y = TALL - FOOT - (TALL - FOOT - 8.0) * height / top
        return f"{across(effect, axis, CURVE, SIDE)},{y:.1f}"

    above = [(effect, height) for effect, height in zip(effects, law, strict=True) if effect >= 0]
    harm = ""
    if above:
        harm = (
            "M" + "L".join([at(above[0][0], 0.0), *(at(*one) for one in above), at(above[-1][0], 0.0)]) + "Z"
        )
    return CurveDrawn(
        harm,
        "M" + "L".join(at(*one) for one in zip(effects, law, strict=True)),
        "M" + "L".join(at(*one) for one in zip(effects, stated, strict=True)),
        across(0.0, axis, CURVE, SIDE),
        marks(axis, elasticity, CURVE, SIDE),
    )
