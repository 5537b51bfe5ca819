"""Which alternatives are told apart by draws, and which are not (SCIENCE rule 31).

Alternatives are compared draw by draw, on common draws. One is *told apart* above another where it does better in at
least `SURE` of the draws and the Monte Carlo error of that share does not reach down to `SURE`. The error is that of the
score test (Wilson, 1927): a share of n draws is on one side of p where it lies more than z sqrt(p (1 - p) / n) from it.

Groups follow from the pairs. An alternative's group is one more than the length of the longest chain of alternatives,
each told apart above the next, that stands above it. Within a group no two are told apart, and everything in a lower
group is told apart below something in the group above. Shares above 3/4 form no circle (Usiskin, 1964), so that a chain
always ends.

The groups are *settled* where pairs whose share is within its error of `SURE` could be decided either way without moving
anything to another group. As more pairs are told apart groups can only move down, so it is enough to look at both ends.
Two seeds that both settle give the same groups, but for the error's own small chance of failing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats

SURE = 0.9  # share of draws in which one does better than another of which it is told apart
Z = 1.645  # of the Monte Carlo error: nine in ten, as every interval of the house


@dataclass(frozen=True)
class Grouping:
    """Alternatives in groups, best first.

    Parameters
    ----------
    groups : tuple of tuple of str
        Names by group, in the order of the names given; that order says nothing.
    draws : int
        How many draws the groups rest on.
    settled : bool
        Whether pairs that are within their Monte Carlo error could be decided either way without moving anything.
    draws_needed : int or None
        About how many draws would settle the pairs that are open now; None where the groups are settled, or no number
        of draws is in sight.
    """

    groups: tuple[tuple[str, ...], ...]
    draws: int
    settled: bool
    draws_needed: int | None

    @property
    def best(self) -> tuple[str, ...]:
        """The group above which nothing is told apart."""
        return self.groups[0]

    @property
    def told_apart(self) -> bool:
        """Whether there is more than one group."""
        return len(self.groups) > 1

    def group_of(self, name: str) -> int:
        """Return the number of the group that holds a name; the best is 1."""
        return next(number for number, names in enumerate(self.groups, 1) if name in names)


def grouped(values: Floats, names: Sequence[str]) -> Grouping:
    """Return the groups of alternatives that draws tell apart.

    Parameters
    ----------
    values : array, shape (draws, alternatives)
        What each does in each draw; more is better. Draws are common to all alternatives.
    names : sequence of str
        Of the alternatives.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.linspace(-1.0, 1.0, 200)
    >>> grouped(np.stack([noise + 5, noise, -noise], axis=1), ["a", "b", "c"]).groups
    (('a',), ('b', 'c'))
    """
    draws = len(values)
    better = np.stack([(values[:, [at]] > values).mean(axis=0) for at in range(values.shape[1])])
    error = Z * math.sqrt(SURE * (1 - SURE) / draws)
    level = levels(better - error > SURE)
    settled = np.array_equal(level, levels(better + error > SURE))
    away = np.abs(better - SURE)[np.abs(better - SURE) <= error]
    needed = None if settled or not away.min() else math.ceil(SURE * (1 - SURE) * (Z / away.min()) ** 2)
    groups = tuple(
        tuple(name for name, group in zip(names, level, strict=True) if group == number)
        for number in range(int(level.max()) + 1)
    )
    return Grouping(groups, draws, settled, needed)


def levels(apart: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the length of the longest chain above each alternative, from which pairs are told apart.

    Parameters
    ----------
    apart : array of bool, shape (alternatives, alternatives)
        Whether the alternative of the row is told apart above that of the column.
    """
    level = np.zeros(len(apart), dtype=np.int64)
    for _ in range(len(apart)):
        level = np.where(apart, level[:, None] + 1, 0).max(axis=0)
    return level


def until_settled(
    draw: Callable[[int, int], Floats], names: Sequence[str], *, start: int, most: int
) -> tuple[Floats, tuple[Grouping, ...]]:
    """Return draws, and the groups that they leave, adding half their number until the groups are settled.

    Parameters
    ----------
    draw : callable
        Of the first draw and the one after the last: what is worth comparing in these draws, shape (draws, tables,
        alternatives). Each table is grouped by itself, and all must be settled.
    names : sequence of str
        Of the alternatives.
    start, most : int
        Draws to begin with, and at most.
    """
    values = draw(0, min(start, most))
    while True:
        groupings = tuple(grouped(values[:, table], names) for table in range(values.shape[1]))
        count = len(values)
        if count >= most or all(grouping.settled for grouping in groupings):
            return values, groupings
        values = np.concatenate([values, draw(count, min(count + (count + 1) // 2, most))])


def among_first(values: Floats, first: int) -> Floats:
    """Return the share of draws in which each alternative is among the best so many, shape (alternatives,).

    Parameters
    ----------
    values : array, shape (draws, alternatives)
        More is better; a tie goes to the alternative that is named first.
    """
    places = np.argsort(np.argsort(-values, axis=1, kind="stable"), axis=1)
    return np.asarray((places < first).mean(axis=0), dtype=np.float64)
