"""Weighted regression of study effects on moderators, and the sums that estimators of heterogeneity need.

With weights W = diag(w) the residual maker is P = W - W X (X'WX)^-1 X'W. No k by k matrix is ever built: traces of P go
through p by p products, so that a step costs O(k p²).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from merida.errors import EvidenceError

Floats = NDArray[np.float64]
TOLERANCE = 1e-9  # of a column's length: what is left of it beside the columns before, or it adds nothing


@dataclass(frozen=True)
class Regression:
    """Study effects with an orthonormal basis of the design.

    Attributes
    ----------
    y, v : array of shape (k,)
        Effects and their sampling variances.
    q : array of shape (k, p)
        Orthonormal basis of the design's columns.
    r : array of shape (p, p)
        Upper triangular; the design is ``q @ r``.
    e : array of shape (k,)
        Effects less their unweighted fit. P y = P e, and e loses no digits where y is far from 0.
    """

    y: Floats
    v: Floats
    q: Floats
    r: Floats
    e: Floats

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
        If there are fewer than two studies, no more studies than coefficients, or a column that the others determine.
    """
    k, p = len(y), 1 if x is None else x.shape[1]
    if k < 2:
        raise EvidenceError("meta_one_study", found=k)
    if x is None:
        return prepared(y, v, np.full((k, 1), k**-0.5), np.array([[k**0.5]]))
    if k <= p:
        raise EvidenceError("meta_few_studies", studies=k, coefficients=p)
    # Columns are centred first: a year near 2000 is nearly the intercept, and would seem to add nothing to it.
    centred = np.column_stack([x[:, :1], x[:, 1:] - x[:, 1:].mean(axis=0)])
    alone = np.abs(np.diag(np.linalg.qr(centred, mode="r")))
    lost = alone < TOLERANCE * np.maximum(np.linalg.norm(centred, axis=0), 1e-300)
    lost |= np.linalg.norm(centred, axis=0) < 1e-12 * np.linalg.norm(x, axis=0)
    if lost.any():
        raise EvidenceError("meta_collinear", column=names[int(np.argmax(lost))])
    return prepared(y, v, *np.linalg.qr(x))


def prepared(y: Floats, v: Floats, q: Floats, r: Floats) -> Regression:
    """Return the regression on a basis; a fit that is perfect but for rounding leaves nothing."""
    e = y - q @ (q.T @ y)
    perfect = np.abs(e).max() <= 1e-14 * len(y) * np.abs(y).max()
    return Regression(y, v, q, r, np.zeros(len(y)) if perfect else e)


@dataclass(frozen=True)
class Weighted:
    """A regression fitted with given weights.

    Attributes
    ----------
    w : array of shape (k,)
        Weights.
    wq : array of shape (k, p)
        Weighted basis.
    inverse : array of shape (p, p)
        Inverse of Q'WQ.
    residual : array of shape (k,)
        Effects less their weighted fit.
    rss : float
        Weighted sum of squared residuals, y'Py.
    """

    data: Regression
    w: Floats
    wq: Floats
    inverse: Floats
    residual: Floats
    rss: float

    def trace(self, d: Floats | float = 1.0) -> float:
        """Return tr(P D) for D = diag(d)."""
        return float(np.sum(self.w * d) - np.sum(self.inverse * self.between(d)))

    def trace2(self, d: Floats | float = 1.0, f: Floats | float = 1.0) -> float:
        """Return tr(P D P F) for D = diag(d) and F = diag(f)."""
        cross = np.sum(self.inverse * self.between(self.w * d * f))
        product = np.sum((self.inverse @ self.between(d)) * (self.inverse @ self.between(f)).T)
        return float(np.sum(self.w**2 * d * f) - 2 * cross + product)

    def between(self, d: Floats | float) -> Floats:
        """Return Q'W D W Q."""
        found: Floats = (self.wq.T * d) @ self.wq
        return found

    def coefficients(self) -> tuple[Floats, Floats]:
        """Return the coefficients of the design, of shape (p,), and the inverse of X'WX, of shape (p, p)."""
        basis = self.data.q.T @ self.data.y + self.inverse @ (self.wq.T @ self.data.e)
        back = np.linalg.inv(self.data.r)
        return back @ basis, back @ self.inverse @ back.T


def residuals(data: Regression, w: Floats) -> Floats:
    """Return effects less their fit with weights w, of shape (k,); quick where there is one coefficient."""
    if data.p > 1:
        return weigh(data, w).residual
    q = data.q[:, 0]
    wq = w * q
    return data.e - q * ((wq @ data.e) / (wq @ q))


def weigh(data: Regression, w: Floats) -> Weighted:
    """Return the regression fitted with weights w, of shape (k,)."""
    wq = data.q * w[:, None]
    middle = data.q.T @ wq
    inverse = 1 / middle if data.p == 1 else np.asarray(np.linalg.inv(middle), dtype=np.float64)
    residual = data.e - data.q @ (inverse @ (wq.T @ data.e))
    return Weighted(data, w, wq, inverse, residual, float(np.sum(w * residual**2)))
