"""Estimators of the variance between studies, tau².

Moments: Cochran (1954), Hedges (1983), DerSimonian and Laird (1986), Hunter and Schmidt (1990), the two steps of
DerSimonian and Kacker (2007). Paule and Mandel (1982), which is Morris' empirical Bayes (1983). Sidik and Jonkman (2005).
Maximum likelihood and restricted maximum likelihood: the derivative is tried at tau² = 0 and at each doubling from far
below the least variance to a bound beyond which it is negative; every change of sign is solved and the highest top taken,
so that a maximum at 0, far out, or one of two is found without a starting value. Standard errors: Viechtbauer (2005).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import brentq

from merida.evidence.meta.regression import Floats, Regression, residuals, weigh

MANY = 1000  # studies, beyond which one tau² after another is quicker than all at once: they leave the cache


class Method(StrEnum):
    """An estimator of tau²; EE is the equal-effects model, without it."""

    EE = "EE"
    DL = "DL"
    DL2 = "DL2"
    HE = "HE"
    HE2 = "HE2"
    HS = "HS"
    SJ = "SJ"
    PM = "PM"
    EB = "EB"
    ML = "ML"
    REML = "REML"


@dataclass(frozen=True)
class Tau2:
    """An estimate of tau², with its standard error (None under equal effects)."""

    value: float
    std_error: float | None


def estimate_tau2(data: Regression, method: Method) -> Tau2:
    """Return tau² by one estimator; a negative estimate is 0."""
    if method is Method.EE:
        return Tau2(0.0, None)
    if method in {Method.PM, Method.EB}:
        return paule_mandel(data)
    if method in {Method.ML, Method.REML}:
        return likelihood(data, restricted=method is Method.REML)
    if method is Method.SJ:
        return sidik_jonkman(data)
    if method is Method.HS:
        return hunter_schmidt(data)
    first = moments(data, 1 / data.v if method in {Method.DL, Method.DL2} else np.ones(data.k))
    two_steps = method in {Method.DL2, Method.HE2}
    return moments(data, 1 / (data.v + first.value)) if two_steps else first


def moments(data: Regression, w: Floats) -> Tau2:
    """Return tau² by the generalised method of moments with weights w (DerSimonian and Kacker, 2007)."""
    fit = weigh(data, w)
    trace = fit.trace()
    value = max(0.0, (fit.rss - fit.trace(data.v)) / trace)
    variance = 2 * fit.trace2(data.v, data.v) + 4 * value * fit.trace2(data.v) + 2 * value**2 * fit.trace2()
    return Tau2(value, float(np.sqrt(variance)) / trace)


def hunter_schmidt(data: Regression) -> Tau2:
    """Return tau² as Hunter and Schmidt (1990) do."""
    fit = weigh(data, 1 / data.v)
    total = float(fit.w.sum())
    value = max(0.0, (fit.rss - data.k) / total)
    variance = 2 * (data.k - data.p) + 4 * value * fit.trace() + 2 * value**2 * fit.trace2()
    return Tau2(value, float(np.sqrt(variance)) / total)


def sidik_jonkman(data: Regression) -> Tau2:
    """Return tau² as Sidik and Jonkman (2005) do, from the variance of the effects as first value."""
    first = float(data.y.var())
    if first == 0:
        return Tau2(0.0, 0.0)
    fit = weigh(data, 1 / (data.v + first))
    free = data.k - data.p
    value = first * fit.rss / free
    variance = 2 * fit.trace2(data.v, data.v) + 4 * value * fit.trace2(data.v) + 2 * value**2 * fit.trace2()
    return Tau2(value, first * float(np.sqrt(variance)) / free)


def generalised_q(data: Regression, tau2: float) -> float:
    """Return Q at tau²: the weighted sum of squared residuals, which falls as tau² grows."""
    w = 1 / (data.v + tau2)
    residual = residuals(data, w)
    return float((w * residual) @ residual)


def q_reaches(data: Regression, target: float) -> float:
    """Return the tau² at which Q falls to a target (0 where it starts below)."""
    if generalised_q(data, 0.0) <= target:
        return 0.0
    return root(lambda tau2: generalised_q(data, tau2) - target, 0.0, 2 * float(data.e @ data.e) / target)


def paule_mandel(data: Regression) -> Tau2:
    """Return the tau² at which Q equals its expectation (Paule and Mandel, 1982)."""
    free = data.k - data.p
    value = q_reaches(data, free)
    total = float(np.sum(1 / (data.v + value)))
    return Tau2(value, float(np.sqrt(2 * data.k**2 / free)) / total)  # Morris (1983), 5.12


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return a root between two ends where the function has opposite signs, to the precision of the machine."""
    found: float = brentq(function, low, high, xtol=1e-300, rtol=1e-13, maxiter=500)
    return found


def log_likelihood(data: Regression, tau2: Floats, restricted: bool) -> Floats:
    """Return the log-likelihood at each tau², of shape (n,), up to a constant."""
    w = 1 / (data.v + tau2[:, None])
    products = (data.q[:, :, None] * data.q[:, None, :]).reshape(data.k, -1)
    middle = (w @ products).reshape(-1, data.p, data.p)
    side = (w * data.e) @ data.q
    fitted = np.einsum("np,np->n", side, np.linalg.solve(middle, side[:, :, None])[:, :, 0])
    found = (np.log(w).sum(axis=1) - w @ data.e**2 + fitted) / 2
    if restricted:
        found -= np.linalg.slogdet(middle)[1] / 2
    return np.asarray(found)


def slopes(data: Regression, tau2: Floats, restricted: bool) -> Floats:
    """Return twice the derivative of the log-likelihood at each tau², of shape (n,)."""
    w = 1 / (data.v + tau2[:, None])
    products = (data.q[:, :, None] * data.q[:, None, :]).reshape(data.k, -1)
    inverse = np.linalg.inv((w @ products).reshape(-1, data.p, data.p))
    fitted = np.einsum("npq,nq->np", inverse, (w * data.e) @ data.q)
    trace = w.sum(axis=1)
    if restricted:
        trace = trace - np.einsum("npq,npq->n", inverse, (w**2 @ products).reshape(-1, data.p, data.p))
    return np.asarray(((w * (data.e - fitted @ data.q.T)) ** 2).sum(axis=1) - trace)


def slope(data: Regression, tau2: float, restricted: bool) -> float:
    """Return what `slopes` does, at one tau²; with one coefficient without matrices, which is where time goes."""
    w = 1 / (data.v + tau2)
    if data.p > 1:
        fit = weigh(data, w)
        pull, taken = w * fit.residual, w.sum() - fit.trace()
    else:
        wq = w * data.q[:, 0]
        inverse = 1 / (wq @ data.q[:, 0])
        pull, taken = w * data.e - wq * (inverse * (wq @ data.e)), inverse * (wq @ wq)
    return float(pull @ pull - w.sum() + (taken if restricted else 0.0))


def likelihood(data: Regression, restricted: bool) -> Tau2:
    """Return the tau² of greatest likelihood, or of greatest restricted likelihood."""
    spread = float(data.e @ data.e) / (data.k - data.p)
    # The derivative is at most e'e/t² - (k - p)/(max v + t), which is negative beyond this:
    highest = spread + float(np.sqrt(spread * data.v.max()))
    value = 0.0
    if highest > 0:
        lowest = 1e-2 * min(float(data.v.min()), highest)  # from 0 to here the derivative hardly moves
        doublings = 2 + int(np.log2(highest / lowest))
        grid = np.concatenate([[0.0], lowest * np.exp2(np.arange(doublings))])
        if data.k > MANY:
            up = np.array([slope(data, tau2, restricted) > 0 for tau2 in grid.tolist()])
        else:
            up = slopes(data, grid, restricted) > 0
        tops = [] if up[0] else [0.0]
        for at in np.flatnonzero(up[:-1] & ~up[1:]).tolist():
            ends = (float(grid[at]), float(grid[at + 1]))
            tops.append(root(lambda tau2: slope(data, tau2, restricted), *ends))
        value = tops[0]
        if len(tops) > 1:
            value = tops[int(np.argmax(log_likelihood(data, np.array(tops), restricted)))]
    fit = weigh(data, 1 / (data.v + value))
    information = fit.trace2() if restricted else float(np.sum(fit.w**2))
    return Tau2(value, float(np.sqrt(2 / information)))
