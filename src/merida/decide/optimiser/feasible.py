"""What a plan may be: linear constraints on money, sums that are all or nothing, and what contradicts what.

The arrays know nothing of programmes: entries are numbers x >= 0, a constraint is a row of coefficients with a least and
a most, and an *all-or-nothing* sum is either 0 or between its least and its most. Linear steps are solved by HiGHS
(`scipy.optimize.milp`), with whole numbers only where a sum is all or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, diags_array, eye_array, hstack, vstack

from merida.distributions import Floats
from merida.errors import PlanError

Pattern = tuple[bool, ...]
SLACK = 1e-7  # by which HiGHS may miss a constraint, of the largest coefficient's unit


@dataclass(frozen=True)
class Row:
    """One linear constraint: least <= sum of weights * x <= most.

    Parameters
    ----------
    label : str
        The constraint of the user's that it is part of; several rows may share it.
    members : array of int, shape (k,)
        Entries that it holds for.
    weights : array, shape (k,)
    least, most : float
        Infinite where there is none.
    """

    label: str
    members: npt.NDArray[np.int64]
    weights: Floats
    least: float
    most: float


@dataclass(frozen=True)
class AllOrNothing:
    """A sum of entries that is 0 or between `least` and `most`."""

    label: str
    members: npt.NDArray[np.int64]
    least: float
    most: float


@dataclass(frozen=True)
class Feasible:
    """The plans that may be.

    Parameters
    ----------
    size : int
        How many entries a plan has.
    rows : tuple of Row
    switches : tuple of AllOrNothing
    """

    size: int
    rows: tuple[Row, ...]
    switches: tuple[AllOrNothing, ...] = ()
    labels: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        labels = [row.label for row in self.rows] + [one.label for one in self.switches]
        object.__setattr__(self, "labels", tuple(dict.fromkeys(labels)))

    @cached_property
    def matrix(self) -> Any:
        """The coefficients of the rows and of the switches' two limits, shape (rows + 2 switches, size + switches)."""
        count = len(self.switches)
        upper = sparse([(row.members, row.weights) for row in self.rows], self.size)
        if not count:
            return upper
        sums = sparse([(one.members, np.ones(len(one.members))) for one in self.switches], self.size)
        least = diags_array([-one.least for one in self.switches])
        most = diags_array([-one.most for one in self.switches])
        empty = csr_array((len(self.rows), count))
        return csr_array(vstack([hstack([upper, empty]), hstack([sums, least]), hstack([sums, most])]))

    @cached_property
    def limits(self) -> tuple[Floats, Floats]:
        """Least and most of each line of `matrix`."""
        count = len(self.switches)
        least = [row.least for row in self.rows] + [0.0] * count + [-np.inf] * count
        most = [row.most for row in self.rows] + [np.inf] * count + [0.0] * count
        return np.array(least), np.array(most)

    @cached_property
    def purses(self) -> tuple[npt.NDArray[np.int64], Floats] | None:
        """The row of each entry and what each row must sum to, where rows are nothing but sums apart from one another."""
        row_of = np.full(self.size, -1, dtype=np.int64)
        for number, row in enumerate(self.rows):
            if row.least != row.most or (row.weights != 1).any() or (row_of[row.members] >= 0).any():
                return None
            row_of[row.members] = number
        if self.switches or (row_of < 0).any():
            return None
        return row_of, np.array([row.most for row in self.rows])

    def filled(self, slope: Floats, low: Floats, high: Floats) -> Floats | None:
        """Return the best plan where rows are purses: each is given to its best entries first; None if none fits."""
        assert self.purses is not None
        row_of, sums = self.purses
        order = np.lexsort((-slope, row_of))
        room, purse = (high - low)[order], row_of[order]
        left = sums - np.bincount(row_of, weights=low, minlength=len(sums))
        before = np.minimum(
            room, sums[purse]
        )  # what could never be used is not counted, for it may be infinite
        ends = np.cumsum(before)
        firsts = np.searchsorted(purse, np.arange(len(sums)))
        begun = (ends - before)[firsts]
        given = np.clip(left[purse] - (ends - before - begun[purse]), 0.0, room)
        x = low.copy()
        x[order] += given
        missing = np.abs(np.bincount(row_of, weights=x, minlength=len(sums)) - sums)
        return x if (missing <= SLACK * np.maximum(sums, 1.0)).all() else None

    def best(
        self,
        slope: Floats,
        *,
        within: tuple[Floats, Floats] | None = None,
        pattern: Pattern | None = None,
        relaxed: bool = False,
    ) -> Floats:
        """Return the plan with the largest sum of slope * x.

        Parameters
        ----------
        slope : array, shape (size,)
        within : tuple of array or None
            The least and the most of each entry.
        pattern : tuple of bool or None
            Which all-or-nothing sums are open; None: whichever is best.
        relaxed : bool
            Whether a sum may be open in part.

        Raises
        ------
        PlanError
            If no plan meets the constraints; the message names the smallest set of them that contradict one another.
        """
        if self.purses is not None:
            ends = within or (np.zeros(self.size), np.full(self.size, np.inf))
            found = self.filled(slope, *ends)
        else:
            cost = np.concatenate([-slope, np.zeros(len(self.switches))])
            found = self.solved(cost, within, pattern, relaxed)
        if found is None:
            raise self.conflict()
        return found[: self.size]

    def solved(
        self,
        cost: Floats,
        within: tuple[Floats, Floats] | None = None,
        pattern: Pattern | None = None,
        relaxed: bool = False,
    ) -> Floats | None:
        """Return the entries and switches of least cost, or None where there is no plan."""
        count = len(self.switches)
        low, high = within if within is not None else (np.zeros(self.size), np.full(self.size, np.inf))
        opened = [float(one) for one in pattern] if pattern is not None else None
        lowest = np.concatenate([np.maximum(low, 0.0), opened if opened is not None else np.zeros(count)])
        highest = np.concatenate([high, opened if opened is not None else np.ones(count)])
        whole = np.concatenate([np.zeros(self.size), np.full(count, float(not relaxed and opened is None))])
        scale = max(float(np.abs(cost).max(initial=0.0)), 1e-300)  # HiGHS takes costs below 1e-7 for nought
        found = milp(
            cost / scale,
            constraints=LinearConstraint(self.matrix, *self.limits) if self.matrix.shape[0] else (),
            bounds=Bounds(lowest, highest),
            integrality=whole,
        )
        return None if found.x is None else np.maximum(np.asarray(found.x, dtype=np.float64), 0.0)

    def nearest(self, wanted: Floats, pattern: Pattern | None = None) -> Floats:
        """Return the plan that moves the least money from one that is wanted, by the sum of absolute differences.

        Raises
        ------
        PlanError
            As `best`.
        """
        if pattern is None and self.holds(wanted):
            return wanted
        if (
            self.purses is not None and (wanted > 0).all()
        ):  # all of a purse moves one way, so that any way is the least
            row_of, sums = self.purses
            return np.asarray(wanted * (sums / np.bincount(row_of, weights=wanted))[row_of], dtype=np.float64)
        count = len(self.switches)
        same = hstack(
            [eye_array(self.size), csr_array((self.size, count)), -eye_array(self.size), eye_array(self.size)]
        )
        matrix = vstack([hstack([self.matrix, csr_array((self.matrix.shape[0], 2 * self.size))]), same])
        least, most = self.limits
        opened = np.array([float(one) for one in pattern]) if pattern is not None else None
        found = milp(
            np.concatenate([np.zeros(self.size + count), np.ones(2 * self.size)]),
            constraints=LinearConstraint(
                csr_array(matrix), np.concatenate([least, wanted]), np.concatenate([most, wanted])
            ),
            bounds=Bounds(
                np.concatenate(
                    [
                        np.zeros(self.size),
                        opened if opened is not None else np.zeros(count),
                        np.zeros(2 * self.size),
                    ]
                ),
                np.concatenate(
                    [
                        np.full(self.size, np.inf),
                        opened if opened is not None else np.ones(count),
                        np.full(2 * self.size, np.inf),
                    ]
                ),
            ),
            integrality=np.concatenate(
                [np.zeros(self.size), np.full(count, float(opened is None)), np.zeros(2 * self.size)]
            ),
        )
        if found.x is None:
            raise self.conflict()
        return np.maximum(np.asarray(found.x[: self.size], dtype=np.float64), 0.0)

    def holds(self, x: Floats, slack: float = 1e-6) -> bool:
        """Tell whether a plan meets every constraint, within a part of its size."""
        room = slack * max(1.0, float(np.abs(x).max(initial=0.0)))
        if (x < -room).any():
            return False
        sums = self.matrix[: len(self.rows), : self.size] @ x if self.rows else np.zeros(0)
        least, most = (ends[: len(self.rows)] for ends in self.limits)
        if ((sums < least - room) | (sums > most + room)).any():
            return False
        return all(
            total <= room or one.least - room <= total <= one.most + room
            for one, total in zip(self.switches, self.sums(x), strict=True)
        )

    def sums(self, x: Floats) -> Floats:
        """Return the all-or-nothing sums of a plan."""
        return np.array([x[one.members].sum() for one in self.switches])

    def pattern(self, x: Floats) -> Pattern:
        """Return which all-or-nothing sums a plan has open: those with at least half of their least."""
        return tuple(
            bool(total >= one.least / 2) for one, total in zip(self.switches, self.sums(x), strict=True)
        )

    def without(self, labels: Sequence[str]) -> Feasible:
        """Return the plans that may be without some constraints."""
        return Feasible(
            self.size,
            tuple(row for row in self.rows if row.label not in labels),
            tuple(one for one in self.switches if one.label not in labels),
        )

    def possible(self) -> bool:
        """Tell whether there is a plan at all."""
        return self.solved(np.zeros(self.size + len(self.switches))) is not None

    def conflicting(self) -> tuple[str, ...]:
        """Return a smallest set of constraints that no plan meets together: without any one of them some plan does.

        The deletion filter of Chinneck and Dravnieks (1991): a constraint without which there is still no plan is left
        out for good. Empty where there is a plan.
        """
        if self.possible():
            return ()
        dropped: list[str] = []
        for label in reversed(self.labels):  # what stands first, the budget, is kept the longest
            if not self.without([*dropped, label]).possible():
                dropped.append(label)
        return tuple(label for label in self.labels if label not in dropped)

    def conflict(self) -> PlanError:
        """Return what to say where no plan meets the constraints."""
        return PlanError("constraints_conflict", found="; ".join(self.conflicting()))


def sparse(rows: Sequence[tuple[npt.NDArray[np.int64], Floats]], size: int) -> Any:
    """Return rows of coefficients as a sparse matrix, shape (rows, size)."""
    at = np.repeat(np.arange(len(rows)), [len(members) for members, _ in rows])
    members = np.concatenate([members for members, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
    weights = np.concatenate([weights for _, weights in rows]) if rows else np.zeros(0)
    return csr_array((weights, (at, members)), shape=(len(rows), size))
