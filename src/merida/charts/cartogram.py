"""Dorling's cartogram (1996): a circle for each place, its area in proportion to a count, near where the place lies.

In each round circles that overlap push each other apart along the line between their middles, and all are drawn a little
back to their places; the pull fades, so that in the end only overlaps count. There is no chance in it: circles of one
middle are parted by their order. To leave a gap, circles keep a little more room than they are drawn with.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

ROUNDS, PULL, PUSH, ROOM = 1200, 0.05, 1.2, 1.03
NEAREST = 5  # rounds for which the pairs that may touch are looked up once
GOLDEN = math.pi * (3 - math.sqrt(5))  # the angle by which circles of one middle are parted
FILLED = 0.1  # of a plane's area, by all circles together


def radii(counts: Floats, area: float, filled: float = FILLED) -> Floats:
    """Return the radius of each circle, so that areas are in proportion to counts and fill a part of a plane's area.

    Examples
    --------
    >>> small, large = radii(np.array([1.0, 4.0]), 100.0)
    >>> bool(abs(large / small - 2) < 1e-12)
    True
    """
    return np.asarray(np.sqrt(counts / counts.sum() * filled * area / math.pi))


def near(at: Floats, radius: Floats, slack: float) -> tuple[Integers, Integers]:
    """Return every pair of circles that may touch within a slack, each once: the larger first."""
    from scipy.spatial import cKDTree

    found = cKDTree(at).query_ball_point(at, 2 * radius + slack, return_sorted=True)
    first = np.repeat(np.arange(len(at)), [len(one) for one in found])
    second = np.concatenate([np.asarray(one, dtype=np.int64) for one in found])
    larger = radius[second] < radius[first]
    kept = larger | ((radius[second] == radius[first]) & (second < first))
    return first[kept], second[kept]


def overlaps(x: Floats, y: Floats, radius: Floats) -> tuple[Integers, Integers, Floats]:
    """Return the pairs of circles that overlap, and by how much of the smaller one's radius."""
    at = np.column_stack([x, y])
    first, second = near(at, radius, 0.0)
    depth = radius[first] + radius[second] - np.hypot(*(at[second] - at[first]).T)
    touching = depth > 0
    return first[touching], second[touching], depth[touching] / radius[second][touching]


def cartogram(x: Floats, y: Floats, radius: Floats, rounds: int = ROUNDS) -> tuple[Floats, Floats]:
    """Return where circles come to lie that overlap no longer and stay as near their places as they can.

    Parameters
    ----------
    x, y, radius : array (N,)
        Middles and radii, above 0, in one unit.
    rounds : int

    Returns
    -------
    x, y : array (N,)

    Examples
    --------
    >>> right, _ = cartogram(np.array([0.0, 1.0]), np.zeros(2), np.ones(2))
    >>> bool(right[1] - right[0] >= 2.0)
    True
    """
    home = np.column_stack([x, y]).astype(np.float64)
    turn, room, weight = GOLDEN * np.arange(len(home)), ROOM * radius, np.sqrt(radius)
    at = home + 1e-6 * radius.max() * np.column_stack([np.cos(turn), np.sin(turn)])
    first = second = np.zeros(0, dtype=np.int64)
    for step in range(rounds):
        at += PULL * max(0.0, 1 - 1.5 * step / rounds) * (home - at)
        if step % NEAREST == 0:
            first, second = near(at, room, 0.5 * float(np.median(radius)))
        apart = at[second] - at[first]
        distance = np.maximum(np.hypot(apart[:, 0], apart[:, 1]), 1e-12)
        push = np.maximum(room[first] + room[second] - distance, 0.0)[:, None] * apart / distance[:, None]
        given = (weight[second] / (weight[first] + weight[second]))[:, None]
        for axis in (0, 1):
            at[:, axis] -= PUSH * np.bincount(first, (given * push)[:, axis], len(at))
            at[:, axis] += PUSH * np.bincount(second, ((1 - given) * push)[:, axis], len(at))
    return at[:, 0], at[:, 1]
