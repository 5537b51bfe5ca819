"""Which options are efficient in several outcomes at once, how much they cover, and what one more unit of effect costs.

Hypervolume: the volume of what is dominated by some point and lies within a reference point, all objectives to be made
small (Zitzler & Thiele, 1998). It is computed slice by slice along the last objective, which is exact.

Cost-effectiveness: options by effect; those that cost more for no more effect are dominated; those above the line from
a less to a more effective option are dominated by extension; of the rest each has its incremental cost over the one
before it, which rises (Drummond and others, 2015).
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats

Standing = Literal["efficient", "dominated", "extended_dominated"]


class CostEffectiveness(NamedTuple):
    """An option on or off the cost-effectiveness frontier.

    Attributes
    ----------
    option : int
        Its number in what was given.
    cost, effect : float
    standing : {"efficient", "dominated", "extended_dominated"}
        Dominated: another option costs no more for at least the effect. Extended-dominated: a mixture of two others
        does.
    ratio : float or None
        Dollars for one more unit of effect than the efficient option before it; None for the first one and for those
        that are dominated.
    """

    option: int
    cost: float
    effect: float
    standing: Standing
    ratio: float | None


def efficient(points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell which points no other point dominates, all objectives to be made small; of equal points the first is kept.

    Parameters
    ----------
    points : array, shape (points, objectives)

    Examples
    --------
    >>> efficient([[1, 2], [2, 1], [2, 2], [1, 2]]).tolist()
    [True, True, False, False]
    """
    values = np.asarray(points, dtype=np.float64)
    kept = np.zeros(len(values), dtype=bool)
    order = np.lexsort((np.arange(len(values)), *values.T[::-1]))  # what dominates a point comes before it
    if values.shape[1] == 2:
        lowest = np.minimum.accumulate(values[order, 1])
        kept[order] = values[order, 1] < np.r_[np.inf, lowest[:-1]]
        return kept
    for at in order:
        kept[at] = not (values[kept] <= values[at]).all(axis=1).any()
    return kept


def hypervolume(points: npt.ArrayLike, reference: npt.ArrayLike) -> float:
    """Return the volume that points dominate within a reference point, all objectives to be made small.

    Parameters
    ----------
    points : array, shape (points, objectives)
        Those that are not better than the reference in every objective add nothing.
    reference : array, shape (objectives,)

    Raises
    ------
    ValueError
        If a number is not finite, or points and reference have not the same objectives.

    Examples
    --------
    >>> hypervolume([[0.5, 0.5], [0.25, 0.75]], [1, 1])
    0.3125
    """
    values, corner = np.asarray(points, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if values.ndim != 2 or corner.shape != (values.shape[1],) or not np.isfinite(values).all():
        raise ValueError(
            "points must be finite, (points, objectives), and the reference have the same objectives"
        )
    return volume(values[(values < corner).all(axis=1)], corner)


def volume(inside: Floats, corner: Floats) -> float:
    """Return the volume that points dominate within a corner; none of them lies outside it."""
    if not len(inside):
        return 0.0
    if inside.shape[1] == 1:
        return float(corner[0] - inside.min())
    if inside.shape[1] == 2:
        front = inside[efficient(inside)]
        front = front[np.argsort(front[:, 0])]
        return float(((corner[0] - front[:, 0]) * (np.r_[corner[1], front[:-1, 1]] - front[:, 1])).sum())
    ordered = inside[np.argsort(inside[:, -1], kind="stable")]
    depths = np.diff(np.r_[ordered[:, -1], corner[-1]])
    if inside.shape[1] == 3:
        return staircase(ordered[:, :2], depths, corner)
    slabs = (
        depth * volume(ordered[: at + 1, :-1], corner[:-1]) for at, depth in enumerate(depths) if depth > 0
    )
    return float(sum(slabs))


def staircase(plane: Floats, depths: Floats, corner: Floats) -> float:
    """Return the volume over a growing staircase: points of a plane enter one by one, each with the depth after it.

    Stairs are kept by their first objective, so that a new point costs the search for its place and those that it
    takes away.
    """
    first, second = [-np.inf, float(corner[0])], [float(corner[1]), -np.inf]
    area = total = 0.0
    for (x, y), depth in zip(plane.tolist(), depths.tolist(), strict=True):
        start = bisect_right(first, x)
        if second[start - 1] > y:
            start -= first[start - 1] == x
            end, left, height = start, x, second[start - 1]
            while True:
                area += (first[end] - left) * (height - y)
                if second[end] < y:
                    break
                left, height = first[end], second[end]
                end += 1
            first[start:end], second[start:end] = [x], [y]
        total += area * depth
    return total


def cost_effectiveness(costs: npt.ArrayLike, effects: npt.ArrayLike) -> tuple[CostEffectiveness, ...]:
    """Return options on the cost-effectiveness frontier by rising effect, then those off it in the order given.

    Parameters
    ----------
    costs, effects : array, shape (options,)
        More of an effect is better.

    Raises
    ------
    ValueError
        If a number is not finite, or there are not as many costs as effects.

    Examples
    --------
    >>> [round(line.ratio) for line in cost_effectiveness([5, 12, 35], [1, 1.5, 4]) if line.ratio]
    [10]
    >>> cost_effectiveness([5, 12, 35], [1, 1.5, 4])[-1].standing
    'extended_dominated'
    """
    cost, effect = np.asarray(costs, dtype=np.float64), np.asarray(effects, dtype=np.float64)
    if cost.ndim != 1 or cost.shape != effect.shape or not np.isfinite([cost, effect]).all():
        raise ValueError("costs and effects must be finite, one of each for every option")
    undominated = np.flatnonzero(efficient(np.stack([cost, -effect], axis=1)))
    hull: list[int] = []
    for at in undominated[np.argsort(effect[undominated])]:
        while len(hull) > 1 and slope(hull[-2], hull[-1], cost, effect) >= slope(hull[-1], at, cost, effect):
            hull.pop()
        hull.append(int(at))
    ratios = [None, *(slope(one, other, cost, effect) for one, other in pairwise(hull))]
    on = [line(at, cost, effect, "efficient", ratio) for at, ratio in zip(hull, ratios, strict=True)]
    between, beaten = set(undominated.tolist()) - set(hull), set(range(len(cost))) - set(undominated.tolist())
    off = [line(at, cost, effect, "extended_dominated", None) for at in sorted(between)]
    off += [line(at, cost, effect, "dominated", None) for at in sorted(beaten)]
    return (*on, *sorted(off))


def slope(one: int, other: int, cost: Floats, effect: Floats) -> float:
    """Return the dollars for a further unit of effect from one option to another."""
    return float((cost[other] - cost[one]) / (effect[other] - effect[one]))


def line(at: int, cost: Floats, effect: Floats, standing: Standing, ratio: float | None) -> CostEffectiveness:
    """Return what is said of one option."""
    return CostEffectiveness(at, float(cost[at]), float(effect[at]), standing, ratio)
