"""Weighted regression of study effects on moderators, and the sums that estimators of heterogeneity need.

With weights W = diag(w) the residual maker is P = W - W X (X'WX)^-1 X'W. No k by k matrix is ever built: what is
needed of P goes through p by p products, so that a step costs O(k p²).

Studies may differ in precision by many orders of magnitude, and then the formula above subtracts numbers that are nearly
equal: beside a study of weight 1e10 nothing is left of the others. So p studies with the greatest weights are taken as a
base B. The design of every study is a combination of theirs, X = T X_B. Its effect is held against the same combination
of theirs, e = y - T y_B. With G = W_B + T' W_N T (N: the studies that are not in the base)

    residuals = e - T g,   g = G^-1 T' W_N e,   P_NN = W_N - W_N T G^-1 T' W_N,   P_BN = -W_B G^-1 T' W_N,
    P_BB = W_B G^-1 T' W_N T

which are the same numbers, without the loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merida.errors import EvidenceError

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
TOLERANCE = 1e-9  # of a column's length: what is left of it beside the columns before, or it adds nothing
MOST_UNEQUAL = 1e24  # times the least variance: beyond, moderators cannot be told apart from rounding
ROUNDING = 1e-14  # of two numbers: a difference between them that rounding alone can make


@dataclass(frozen=True)
class Regression:
    """Study effects with an orthonormal basis of the design.

    Attributes
    ----------
    y, v : array of shape (k,)
        Effects and their sampling variances.
    q : array of shape (k, p)
        Orthonormal basis of the columns of the design.
    r : array of shape (p, p)
        Upper triangular matrix; the design is ``q @ r``.
    """

    y: Floats
    v: Floats
    q: Floats
    r: Floats

    @property
    def k(self) -> int:
        """Number of studies."""
        return int(self.q.shape[0])

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return int(self.q.shape[1])


def regression(y: Floats, v: Floats, x: Floats | None = None, names: Sequence[str] = ("",)) -> Regression:
    """Return effects and design made ready.

    Parameters
    ----------
    y, v : array of shape (k,)
        Effects and sampling variances.
    x : array of shape (k, p), optional
        Design, the intercept first (default: the intercept alone).
    names : sequence of str
        Names of the columns, for messages.

    Raises
    ------
    EvidenceError
        If there are fewer than two studies, no more studies than coefficients, a column that the others determine, or
        variances too unequal for moderators.
    """
    k, p = len(y), 1 if x is None else x.shape[1]
    if k < 2:
        raise EvidenceError("meta_one_study", found=k)
    if x is None:
        return Regression(y, v, np.full((k, 1), k**-0.5), np.array([[k**0.5]]))
    if k <= p:
        raise EvidenceError("meta_few_studies", studies=k, coefficients=p)
    if v.max() > MOST_UNEQUAL * v.min():
        raise EvidenceError("meta_unequal", least=f"{v.min():g}", greatest=f"{v.max():g}")
    # Columns are centred first: a year near 2000 is nearly the intercept, and would seem to add nothing to it.
    centred = np.column_stack([x[:, :1], x[:, 1:] - x[:, 1:].mean(axis=0)])
    alone = np.abs(np.diag(np.linalg.qr(centred, mode="r")))
    lost = alone < TOLERANCE * np.maximum(np.linalg.norm(centred, axis=0), 1e-300)
    lost |= np.linalg.norm(centred, axis=0) < 1e-12 * np.linalg.norm(x, axis=0)
    if lost.any():
        raise EvidenceError("meta_collinear", column=names[int(np.argmax(lost))])
    return Regression(y, v, *np.linalg.qr(x))


@dataclass(frozen=True)
class Contrasts:
    """Every study held against a base of p studies.

    Attributes
    ----------
    base : array of int, shape (p,)
        Positions of the studies of the base.
    t : array of shape (k, p)
        Each study's design as a combination of the designs of the base; the rows of the base are those of the identity.
    e : array of shape (k,)
        Effects less that combination of the effects of the base, where they are 0.
    """

    base: Positions
    t: Floats
    e: Floats


def contrasts(data: Regression, w: Floats) -> Contrasts:
    """Return the studies held against those that say most about the coefficients with weights w, of shape (k,)."""
    if data.p == 1:
        base = np.array([np.argmax(w)])
        t: Any = np.ones((data.k, 1))
        same = data.y[base]
        largest = np.abs(same)
    else:
        base = heaviest(np.sqrt(w)[:, None] * data.q)
        t = np.asarray(np.linalg.solve(data.q[base].T, data.q.T).T, dtype=np.float64)
        t[base] = np.eye(data.p)
        same, largest = t @ data.y[base], np.abs(t) @ np.abs(data.y[base])
    e = data.y - same
    return Contrasts(base, t, np.where(np.abs(e) <= ROUNDING * (np.abs(data.y) + largest), 0.0, e))


def heaviest(rows: Floats) -> Positions:
    """Return the positions of as many rows as there are columns: each the longest, less its part along those before."""
    base, left = [], rows.copy()
    for _ in range(rows.shape[1]):
        longest = int(np.argmax(np.vecdot(left, left)))
        direction = left[longest] / np.linalg.norm(left[longest])
        left -= (left @ direction)[:, None] * direction
        base.append(longest)
    return np.array(base)


@dataclass(frozen=True)
class Weighted:
    """A regression fitted with given weights.

    Attributes
    ----------
    w : array of shape (k,)
        Weights.
    held : Contrasts
        The studies held against the base.
    others : array of shape (k,)
        Weights of the studies that are not in the base, and 0 for those that are.
    inverse : array of shape (p, p)
        Inverse of G.
    residual : array of shape (k,)
        Effects less their weighted fit.
    rss : float
        Weighted sum of squared residuals, y'Py.
    """

    data: Regression
    w: Floats
    held: Contrasts
    others: Floats
    inverse: Floats
    residual: Floats
    rss: float

    @property
    def shrinkage(self) -> Floats:
        """W_B G^-1, of shape (p, p): how little of the base's own precision the other studies add to."""
        return np.asarray(self.w[self.held.base][:, None] * self.inverse)

    @property
    def of_base(self) -> Floats:
        """P_BB, of shape (p, p)."""
        return np.asarray(self.shrinkage @ self.between(self.others))

    @property
    def diagonal(self) -> Floats:
        """The diagonal of P, of shape (k,)."""
        leverage = self.others * np.sum((self.held.t @ self.inverse) * self.held.t, axis=1)
        diagonal: Floats = self.others * (1 - leverage)
        diagonal[self.held.base] = np.diag(self.of_base)
        return diagonal

    def trace(self, d: Floats | float = 1.0) -> float:
        """Return tr(P D) for D = diag(d)."""
        return float(np.sum(self.diagonal * d))

    def trace2(self, d: Floats | float = 1.0, f: Floats | float = 1.0) -> float:
        """Return tr(P D P F) for D = diag(d) and F = diag(f): the squares of P's elements, weighted by row and column."""
        d, f = np.broadcast_to(d, self.data.k), np.broadcast_to(f, self.data.k)
        base, squares = self.held.base, self.others**2
        by_d, by_f = self.between(squares * d), self.between(squares * f)
        cross = np.sum(self.inverse * self.between(self.others * squares * d * f))
        product = np.sum((self.inverse @ by_d) * (self.inverse @ by_f).T)
        among_others = np.sum(squares * d * f) - 2 * cross + product
        k = self.shrinkage
        across = np.sum(d[base] * np.diag(k @ by_f @ k.T) + f[base] * np.diag(k @ by_d @ k.T))
        return float(among_others + across + d[base] @ self.of_base**2 @ f[base])

    def between(self, weights: Floats) -> Floats:
        """Return T' diag(weights) T, of shape (p, p)."""
        products: Floats = (self.held.t.T * weights) @ self.held.t
        return products

    def coefficients(self) -> tuple[Floats, Floats]:
        """Return the coefficients of the design, of shape (p,), and the inverse of X'WX, of shape (p, p)."""
        base = self.held.base
        back = np.linalg.inv(self.data.q[base] @ self.data.r) if self.data.p > 1 else np.ones((1, 1))
        return back @ (self.data.y[base] - self.residual[base]), back @ self.inverse @ back.T


def weigh(data: Regression, w: Floats) -> Weighted:
    """Return the regression fitted with weights w, of shape (k,)."""
    held = contrasts(data, w)
    others = w.copy()
    others[held.base] = 0.0
    products = (held.t.T * others) @ held.t
    g = np.diag(w[held.base]) + products
    inverse = 1 / g if data.p == 1 else np.asarray(np.linalg.inv(g), dtype=np.float64)
    residual = held.e - held.t @ (inverse @ (held.t.T @ (others * held.e)))
    return Weighted(data, w, held, others, inverse, residual, float(np.sum(w * residual**2)))
