"""Three levels: estimates within clusters, clusters within the whole (Konstantopoulos, 2011).

    y_ij = x_ij b + u_j + w_ij + e_ij,    u ~ N(0, σ²_between),   w ~ N(0, σ²_within),   e ~ N(0, v_ij)

The covariance of a cluster is diagonal plus σ²_between, so that its inverse and determinant need sums by cluster alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.optimize import minimize

from merida.errors import EvidenceError
from merida.evidence.meta.estimators import Method, estimate_tau2, root
from merida.evidence.meta.pooling import (
    Coefficient,
    Interval,
    Pair,
    Test,
    coefficients,
    interval_of,
    tests,
)
from merida.evidence.meta.regression import Floats, Regression, contrasts, regression, weigh
from merida.one_line import OneLine

MOST_UNEQUAL = 1e12  # times the least variance: beyond, the curvature of the likelihood drowns in rounding
FAR = 1e6  # times the typical scale: beyond any variance component


@dataclass(frozen=True, repr=False)
class ThreeLevel(OneLine):
    """A three-level meta-analysis.

    Attributes
    ----------
    k, clusters : int
        Numbers of estimates and of clusters.
    coefficients : tuple of Coefficient
        The intercept first; normal, or t with df degrees of freedom.
    robust : tuple of Coefficient
        The same with errors from the residuals by cluster, times m/(m - p), and t with m - p degrees of freedom.
    prediction : pair or None
        Interval of the true effect of a new estimate in a new cluster; None with moderators.
    between, within : float
        The variance components; *_ci from the profile of the likelihood.
    i2, i2_between, i2_within : float
        Parts of the variance in percent, beside the typical sampling variance.
    h2 : float
        The whole variance over the typical sampling variance.
    q, q_df, q_p : float, int, float
        Cochran's Q without any component.
    together, each : Test, mapping of str to Test
        Tests of moderators, None and empty without.
    weights : array of shape (k,)
        Of each estimate in the pooled effect, in percent.
    """

    k: int
    clusters: int
    method: Method
    level: float
    coefficients: tuple[Coefficient, ...]
    df: int | None
    robust: tuple[Coefficient, ...]
    prediction: Pair | None
    between: float
    within: float
    between_ci: Pair
    within_ci: Pair
    i2: float
    i2_between: float
    i2_within: float
    h2: float
    q: float
    q_df: int
    q_p: float
    together: Test | None
    each: Mapping[str, Test]
    weights: Floats

    @property
    def total(self) -> float:
        """The variance between estimates of different clusters, beside their sampling errors."""
        return self.between + self.within

    @property
    def intraclass_correlation(self) -> float | None:
        """The part of it that lies between clusters; None where there is none."""
        return self.between / self.total if self.total else None

    @property
    def i2_from_q(self) -> float:
        """I² from Cochran's Q, in percent."""
        return max(0.0, 100 * (1 - self.q_df / self.q)) if self.q else 0.0


@dataclass(frozen=True)
class Clustered:
    """The fit at given variance components.

    Attributes
    ----------
    inverse : array of shape (p, p)
        Inverse of Q'V⁻¹Q.
    vq : array of shape (k, p)
        V⁻¹Q.
    residual, vr : array of shape (k,)
        Residuals, and V⁻¹ times them.
    weights : array of shape (k,)
        Row sums of V⁻¹.
    log_likelihood : float
        Up to a constant.
    gradient : array of shape (2,)
        In the components between and within.
    """

    inverse: Floats
    vq: Floats
    residual: Floats
    vr: Floats
    weights: Floats
    log_likelihood: float
    gradient: Floats


def three_level(
    y: Floats,
    v: Floats,
    cluster: Sequence[str],
    x: Floats | None = None,
    terms: Mapping[str, Sequence[str]] | None = None,
    *,
    method: Method = Method.REML,
    interval: Interval = Interval.WALD,
    level: float = 0.95,
) -> ThreeLevel:
    """Fit the three-level model by (restricted) maximum likelihood.

    Parameters
    ----------
    y, v : array of shape (k,)
        Effects and sampling variances.
    cluster : sequence of str, length k
        The cluster of each estimate.
    x, terms
        As in `pool`.
    method : Method
        REML or ML.
    interval : Interval
        Wald: normal. Knapp-Hartung's factor is not defined here; it gives t with k - p degrees of freedom.
    level : float
        Coverage of all intervals.

    Raises
    ------
    EvidenceError
        If there is one cluster, no cluster with two estimates, another method, or variances that differ by more than
        twelve orders of magnitude; else as `pool`.

    Examples
    --------
    Pairs that agree, of clusters that do not: all variance lies between clusters.

    >>> effects = np.array([0.1, 0.12, 0.9, 0.88, 1.7, 1.72])
    >>> nested = three_level(effects, np.full(6, 0.01), list("aabbcc"))
    >>> nested.within, round(nested.between, 3)
    (0.0, 0.635)
    """
    if method not in {Method.REML, Method.ML}:
        raise EvidenceError("meta_cluster_method", found=method.value)
    terms = terms or {}
    names = ("intercept", *(name for columns in terms.values() for name in columns))
    design = regression(y, v, x, names)
    if v.max() > MOST_UNEQUAL * v.min():
        raise EvidenceError("meta_unequal", least=f"{v.min():g}", greatest=f"{v.max():g}")
    held = contrasts(design, 1 / v)
    data = replace(design, y=held.e)  # the same likelihood, and no digit lost where effects are far from 0
    codes = np.unique(np.asarray(cluster), return_inverse=True)[1]
    count = int(codes.max()) + 1
    if count <= data.p:
        raise EvidenceError("meta_few_clusters", found=count, coefficients=data.p)
    if count == data.k:
        raise EvidenceError("meta_cluster_single", found=count)
    restricted = method is Method.REML
    scale = max(estimate_tau2(data, method).value, float(np.median(v)))
    between, within = maximise(data, codes, restricted, scale)
    fit = fitted(data, codes, between, within, restricted)
    fixed = weigh(data, 1 / v)
    back = np.linalg.inv(data.r)
    start = np.linalg.solve(data.q[held.base], y[held.base])
    values = back @ (start + fit.inverse @ (fit.vq.T @ data.y))
    covariance = back @ fit.inverse @ back.T
    moved = np.zeros((count, data.p))
    np.add.at(moved, codes, data.q * fit.vr[:, None])
    sandwich = back @ fit.inverse @ (moved.T @ moved) @ fit.inverse @ back.T * count / (count - data.p)
    free = data.k - data.p
    df = None if interval is Interval.WALD else free
    typical = free / fixed.trace()
    together, each = tests(terms, values, covariance, df) if terms else (None, {})
    crossing = special.chdtri(1, 1 - level) / 2
    between_ci, within_ci = (
        profile(data, codes, restricted, scale, which, (between, within), fit.log_likelihood - crossing)
        for which in (0, 1)
    )
    error = float(np.sqrt(covariance[0, 0] + between + within))
    return ThreeLevel(
        k=data.k,
        clusters=count,
        method=method,
        level=level,
        coefficients=coefficients(names, values, covariance, df, level),
        df=df,
        robust=coefficients(names, values, sandwich, count - data.p, level),
        prediction=None if terms else interval_of(float(values[0]), error, df, level),
        between=between,
        within=within,
        between_ci=between_ci,
        within_ci=within_ci,
        i2=100 * (between + within) / (between + within + typical),
        i2_between=100 * between / (between + within + typical),
        i2_within=100 * within / (between + within + typical),
        h2=1 + (between + within) / typical,
        q=fixed.rss,
        q_df=free,
        q_p=float(special.chdtrc(free, fixed.rss)),
        together=together,
        each=each,
        weights=100 * fit.weights / fit.weights.sum(),
    )


def fitted(
    data: Regression, codes: NDArray[np.intp], between: float, within: float, restricted: bool
) -> Clustered:
    """Return the fit at two variance components."""
    w = 1 / (data.v + within)
    s = np.bincount(codes, w)
    ordered = np.lexsort((data.v, codes))
    base = ordered[
        np.unique(codes[ordered], return_index=True)[1]
    ]  # the most precise estimate of each cluster
    others = w.copy()
    others[base] = 0.0
    more = 1 + between * s
    besides = s[codes] - w  # weight of the rest of the cluster
    besides[base] = np.bincount(codes, others)

    def by_cluster(columns: Floats) -> Floats:
        return np.stack([np.bincount(codes, column, len(s)) for column in columns.T], axis=1)

    def solve(columns: Floats) -> Floats:
        """Return V⁻¹ times columns: by Woodbury, around the cluster's mean, which is taken from its base."""
        apart = columns - columns[base][codes]
        mean = by_cluster(w[:, None] * apart) / s[:, None]
        return w[:, None] * (apart - mean[codes] + ((columns[base] + mean) / more[:, None])[codes])

    vq = solve(data.q)
    middle = data.q.T @ vq
    inverse = np.asarray(np.linalg.inv(middle), dtype=np.float64)
    residual = data.y - data.q @ (inverse @ (vq.T @ data.y))
    vr = solve(residual[:, None])[:, 0]
    value = float(np.log(w).sum() - np.log(more).sum() - residual @ vr)
    sums = np.bincount(codes, vr)
    trace = np.sum(w * (1 + between * besides) / more[codes])
    slope = np.array([sums @ sums - np.sum(s / more), vr @ vr - trace])
    if restricted:
        value -= float(np.linalg.slogdet(middle)[1])
        of_cluster = by_cluster(vq)
        slope += [np.sum(inverse * (of_cluster.T @ of_cluster)), np.sum(inverse * (vq.T @ vq))]
    return Clustered(inverse, vq, residual, vr, w / more[codes], value / 2, slope / 2)


def maximise(
    data: Regression, codes: NDArray[np.intp], restricted: bool, scale: float
) -> tuple[float, float]:
    """Return the two variance components of greatest likelihood."""

    def loss(theta: Floats) -> tuple[float, Floats]:
        fit = fitted(data, codes, theta[0] * scale, theta[1] * scale, restricted)
        return -fit.log_likelihood, -fit.gradient * scale

    tries = [
        minimize(
            loss, start, jac=True, method="L-BFGS-B", bounds=[(0, FAR)] * 2,
            options={"ftol": 1e-15, "gtol": 1e-8},
        )
        for start in ((0.5, 0.5), (1.0, 0.0), (0.0, 1.0))
    ]  # fmt: skip
    best = min(tries, key=lambda tried: float(tried.fun)).x * scale
    return float(best[0]), float(best[1])


def profile(
    data: Regression,
    codes: NDArray[np.intp],
    restricted: bool,
    scale: float,
    which: int,
    components: tuple[float, float],
    target: float,
) -> Pair:
    """Return where the likelihood, at its greatest in the other component, falls to a target on both sides."""

    def pair(value: float, other: float) -> tuple[float, float]:
        return (value, other) if which == 0 else (other, value)

    def slope(value: float, other: float) -> float:
        return float(fitted(data, codes, *pair(value, other), restricted).gradient[1 - which])

    def above(value: float) -> float:
        other = 0.0
        if slope(value, 0.0) > 0:
            high = scale
            while slope(value, high) > 0 and high < FAR * scale:
                high *= 4
            rising = slope(value, high) > 0
            other = high if rising else root(lambda at_other: slope(value, at_other), 0.0, high)
        return fitted(data, codes, *pair(value, other), restricted).log_likelihood - target

    best = components[which]
    low = 0.0 if above(0.0) >= 0 else root(above, 0.0, best)
    high = max(2 * best, scale)
    while above(high) > 0 and high < FAR * scale:
        high *= 2
    return low, (root(above, best, high) if above(high) <= 0 else float("inf"))
