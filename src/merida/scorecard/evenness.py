"""How evenly something is spread, and between which ends it lies where only totals are known (SCIENCE rule 22).

Of shares s_i of n parts, even shares being 1/n (or other shares p_i, such as those of the population):

    entropy H = -sum s log s;  Pielou J = H / log n;  Theil T = sum s log(s / p);  Hoover = 1/2 sum |s - p|
    Gini = sum |s_i - s_j| / (2 n);  CV of n s;  Simpson's evenness 1 / (n sum s^2)

The record says what each account got, and a framework for which pillars an account may pay. Which pillar got how much is
one of the points of a polytope: an account's money spread over its pillars, perhaps with shares that were published. Over
it the least Theil is a convex program; its most, and that of every index that rises as money gathers, sits at a vertex.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from merida.distributions import Floats

Verdict = Literal["uneven", "cannot_tell"]
EVEN = 1e-6  # Theil's index below which shares are even
MOST_VERTICES = 200_000  # bases that are tried


@dataclass(frozen=True)
class Indices:
    """The indices of one set of shares."""

    entropy: float
    pielou: float
    theil: float
    gini: float
    hoover: float
    variation: float
    simpson: float


def indices(amounts: Sequence[float] | Floats, against: Sequence[float] | Floats | None = None) -> Indices:
    """Return the indices of amounts; Theil and Hoover against other shares than even ones where these are given.

    Examples
    --------
    >>> found = indices([0.5, 0.3, 0.15, 0.05])
    >>> round(found.pielou, 4), round(found.theil, 4), round(found.gini, 3), round(found.hoover, 2)
    (0.8239, 0.2442, 0.375, 0.3)
    """
    given = np.asarray(amounts, dtype=np.float64)
    s, n = given / given.sum(), len(given)
    p = np.full(n, 1 / n) if against is None else np.asarray(against, float) / np.sum(against)
    held = s > 0
    entropy = float(-(s[held] * np.log(s[held])).sum())
    order = np.argsort(s / p)
    # Gini of s against p: twice the area between the diagonal and the Lorenz curve.
    x, y = np.append(0, np.cumsum(p[order])), np.append(0, np.cumsum(s[order]))
    return Indices(
        entropy=entropy,
        pielou=entropy / float(np.log(n)),
        theil=float((s[held] * np.log(s[held] / p[held])).sum()),
        gini=float(1 - (np.diff(x) * (y[1:] + y[:-1])).sum()),
        hoover=float(np.abs(s - p).sum() / 2),
        variation=float((n * s).std()),
        simpson=float(1 / (n * (s**2).sum())),
    )


@dataclass(frozen=True)
class Mappings:
    """Every way in which totals may lie over pillars.

    Parameters
    ----------
    pillars : tuple of str
    totals : array (accounts,)
        What each account got.
    cells : tuple of (int, int)
        The pairs of account and pillar for which money may go, in the order of the unknowns.
    floors : tuple of (tuple of str, float)
        Published shares: pillars that together got at least so much of all.
    """

    pillars: tuple[str, ...]
    totals: Floats
    cells: tuple[tuple[int, int], ...]
    floors: tuple[tuple[tuple[str, ...], float], ...] = ()

    @classmethod
    def of(
        cls,
        accounts: Mapping[str, float],
        eligible: Mapping[str, Sequence[str]],
        pillars: Sequence[str],
        floors: Sequence[tuple[tuple[str, ...], float]] = (),
    ) -> Mappings:
        """Return the mappings of accounts' totals, each over the pillars for which it may pay."""
        cells = tuple(
            (at, pillars.index(pillar))
            for at, account in enumerate(accounts)
            for pillar in pillars
            if pillar in eligible[account]
        )
        return cls(tuple(pillars), np.array(list(accounts.values()), float), cells, tuple(floors))

    @property
    def equal(self) -> Floats:
        """The matrix whose product with the unknowns is `totals`."""
        return np.array([[float(at == row) for at, _ in self.cells] for row in range(len(self.totals))])

    @property
    def floor(self) -> tuple[Floats, Floats]:
        """The matrix and vector of G x >= h."""
        rows = [[float(self.pillars[to] in named) for _, to in self.cells] for named, _ in self.floors]
        amounts = [share * self.totals.sum() for _, share in self.floors]
        return np.array(rows).reshape(len(rows), len(self.cells)), np.array(amounts)

    def by_pillar(self, x: Floats) -> Floats:
        """Return what each pillar gets."""
        return np.asarray(self.sums @ x, dtype=np.float64)

    def vertices(self) -> Iterator[Floats]:
        """Yield what pillars get at each vertex: a basis of the unknowns and of the slacks of the floors."""
        above, least = self.floor
        many = len(least)
        matrix = np.vstack(
            [np.hstack([self.equal, np.zeros((len(self.totals), many))]), np.hstack([above, -np.eye(many)])]
        )
        wanted = np.concatenate([self.totals, least])
        scale = max(float(self.totals.sum()), 1.0)
        for at, basis in enumerate(combinations(range(matrix.shape[1]), len(wanted))):
            if at >= MOST_VERTICES:
                return
            square = matrix[:, basis]
            if abs(np.linalg.det(square)) < 1e-9:
                continue
            solved = np.linalg.solve(square, wanted)
            if (solved >= -1e-9 * scale).all():
                x = np.zeros(matrix.shape[1])
                x[list(basis)] = np.maximum(solved, 0)
                yield self.by_pillar(x[: len(self.cells)])

    @property
    def sums(self) -> Floats:
        """The matrix whose product with the unknowns is what pillars get."""
        return np.array([[float(to == row) for _, to in self.cells] for row in range(len(self.pillars))])

    def most_even(self) -> Floats:
        """Return what pillars get where Theil's index is least: a convex program."""
        from scipy.optimize import LinearConstraint, minimize

        total = float(self.totals.sum())
        above, least = self.floor
        limits = [LinearConstraint(self.equal, self.totals / total, self.totals / total)]
        if len(least):
            limits.append(LinearConstraint(above, least / total, np.inf))

        def theil(x: Floats) -> float:
            s = np.maximum(self.by_pillar(x), 1e-12)
            return float((s * np.log(s)).sum())

        def slope(x: Floats) -> Floats:
            s = np.maximum(self.by_pillar(x), 1e-12)
            return np.array([np.log(s[to]) + 1 for _, to in self.cells])

        inside = self.least_absolute(np.zeros((1, len(self.cells))), np.zeros(1))[1] / total
        found = minimize(
            theil, inside, jac=slope, method="SLSQP", constraints=limits,
            bounds=[(0, 1)] * len(self.cells), options={"ftol": 1e-15, "maxiter": 500},
        )  # fmt: skip
        return self.by_pillar(np.maximum(found.x, 0)) * total

    def least_absolute(self, rows: Floats, offsets: Floats) -> tuple[float, Floats]:
        """Return the least sum of |rows x - offsets| over all mappings, and a mapping that has it: a linear program."""
        from scipy.optimize import linprog

        many, unknowns = rows.shape
        above, least = self.floor
        eye, wide = np.eye(many), np.zeros((len(least), many))
        held = np.vstack([np.hstack([rows, -eye]), np.hstack([-rows, -eye]), np.hstack([-above, wide])])
        found = linprog(
            np.concatenate([np.zeros(unknowns), np.ones(many)]),
            A_ub=held, b_ub=np.concatenate([offsets, -offsets, -least]),
            A_eq=np.hstack([self.equal, np.zeros((len(self.totals), many))]), b_eq=self.totals,
        )  # fmt: skip
        return max(float(found.fun), 0.0), found.x[:unknowns]


@dataclass(frozen=True)
class Ends:
    """The least and the most that an index can be over all mappings."""

    low: float
    high: float


@dataclass(frozen=True)
class Evenness:
    """Evenness over pillars as intervals, and whether even is among what the totals allow."""

    pillars: tuple[str, ...]
    pielou: Ends
    theil: Ends
    gini: Ends
    hoover: Ends
    shares: tuple[Ends, ...]

    @property
    def verdict(self) -> Verdict:
        """``cannot_tell`` where the interval includes even shares."""
        return "cannot_tell" if self.theil.low < EVEN else "uneven"


def evenness(mappings: Mappings) -> Evenness:
    """Return the ends of every index over all mappings.

    Every index here is a convex, symmetric function of the shares (Pielou's a concave one), so that its far end is at a
    vertex. The near ends are a convex program of Theil's index, whose point is also the greatest entropy, and linear
    programs of Gini's and Hoover's.
    """
    corners = list(mappings.vertices())
    best = mappings.most_even()
    found = [indices(one) for one in (*corners, best)]
    total, n = float(mappings.totals.sum()), len(mappings.pillars)
    shares, sums = np.array(corners) / total, mappings.sums
    pairs = np.array([sums[i] - sums[j] for i, j in combinations(range(n), 2)])
    gini = mappings.least_absolute(pairs, np.zeros(len(pairs)))[0] / (n * total)
    hoover = mappings.least_absolute(sums, np.full(n, total / n))[0] / (2 * total)

    def most(of: Callable[[Indices], float]) -> float:
        return max(of(one) for one in found)

    return Evenness(
        mappings.pillars,
        Ends(max(min(one.pielou for one in found), 0.0), found[-1].pielou),
        Ends(max(found[-1].theil, 0.0), most(lambda one: one.theil)),
        Ends(gini, most(lambda one: one.gini)),
        Ends(hoover, most(lambda one: one.hoover)),
        tuple(Ends(float(low), float(high)) for low, high in zip(shares.min(0), shares.max(0), strict=True)),
    )
