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

from merida.evidence.meta.regression import Floats, Regression, contrasts, weigh

BLOCK = 20_000  # numbers that are computed at once: more of them leave the cache


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


def q_reaches(data: Regression, target: float) -> float:
    """Return the tau² at which the generalised Q, which falls as tau² grows, reaches a target (0 if it starts below)."""
    e = contrasts(data, 1 / data.v).e

    def above(tau2: float) -> float:
        w = 1 / (data.v + tau2)
        if data.p > 1:
            return weigh(data, w).rss - target
        return float(w @ (e - (w @ e) / w.sum()) ** 2) - target

    if above(0.0) <= 0:
        return 0.0
    high = 2 * float(e @ e) / target  # Q is at most e'e/tau²
    while above(low := high / 16) < 0:
        high = low
    return root(above, low, high)


def paule_mandel(data: Regression) -> Tau2:
    """Return the tau² at which Q equals its expectation (Paule and Mandel, 1982)."""
    free = data.k - data.p
    value = q_reaches(data, free)
    total = float(np.sum(1 / (data.v + value)))
    return Tau2(value, float(np.sqrt(2 * data.k**2 / free)) / total)  # Morris (1983), 5.12


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return a root between two ends where the function has opposite signs, to the precision of the machine."""
    value: float = brentq(function, low, high, xtol=1e-300, rtol=1e-13, maxiter=500)
    return value


def log_likelihood(data: Regression, tau2: float, restricted: bool) -> float:
    """Return the log-likelihood at a tau², up to a constant."""
    fit = weigh(data, 1 / (data.v + tau2))
    value = float(np.log(fit.w).sum()) - fit.rss
    if restricted:  # Q'WQ is Q_B' G Q_B
        size = np.linalg.slogdet(fit.inverse)[1] - 2 * np.linalg.slogdet(data.q[fit.held.base])[1]
        value += float(size)
    return value / 2


def slope_of_likelihood(data: Regression, restricted: bool) -> Callable[[Floats], Floats]:
    """Return the function that gives twice the derivative of the log-likelihood at a tau², or at each of many.

    With one coefficient the sums of `weigh` need no matrices, and go over many tau² at once: this is where time goes.
    """

    def with_moderators(tau2: Floats) -> Floats:
        fits = [weigh(data, 1 / (data.v + value)) for value in np.atleast_1d(tau2).tolist()]
        taken = [fit.trace() if restricted else float(fit.w.sum()) for fit in fits]
        return np.array([np.sum((fit.w * fit.residual) ** 2) for fit in fits]) - taken

    base = int(np.argmin(data.v))
    least, v, e = data.v[base], np.delete(data.v, base), np.delete(data.y - data.y[base], base)

    def of_mean(tau2: Floats) -> Floats:
        own, w = 1 / (least + tau2), 1 / (v + tau2[..., None])
        rest = w.sum(axis=-1)
        g = (w @ e) / (own + rest)
        pull = w * (e - g[..., None])
        taken = rest - (np.vecdot(w, w) - own * rest) / (own + rest) if restricted else own + rest
        return np.asarray(np.vecdot(pull, pull) + (own * g) ** 2 - taken)

    return with_moderators if data.p > 1 else of_mean


def likelihood(data: Regression, restricted: bool) -> Tau2:
    """Return the tau² of greatest likelihood, or of greatest restricted likelihood."""
    slopes = slope_of_likelihood(data, restricted)
    e = contrasts(data, 1 / data.v).e
    spread = float(e @ e) / (data.k - data.p)
    # The derivative is at most e'e/t² - (k - p)/(max v + t), which is negative beyond this:
    highest = spread + float(np.sqrt(spread) * np.sqrt(data.v.max()))
    value = 0.0
    if highest > 0:
        lowest = 1e-2 * min(float(data.v.min()), highest)  # from 0 to here the derivative hardly moves
        grid = np.concatenate([[0.0], lowest * np.exp2(np.arange(2 + int(np.log2(highest / lowest))))])
        blocks = np.array_split(grid, min(len(grid), 1 + data.k * len(grid) // BLOCK))
        up = np.concatenate([slopes(block) for block in blocks]) > 0
        tops = [] if up[0] else [0.0]
        for last_up in np.flatnonzero(up[:-1] & ~up[1:]).tolist():
            ends = (float(grid[last_up]), float(grid[last_up + 1]))
            tops.append(root(lambda tau2: slopes(np.array(tau2)).item(), *ends))
        value = (
            max(tops, key=lambda tau2: log_likelihood(data, tau2, restricted)) if len(tops) > 1 else tops[0]
        )
    fit = weigh(data, 1 / (data.v + value))
    information = fit.trace2() if restricted else float(np.sum(fit.w**2))
    return Tau2(value, float(np.sqrt(2 / information)))
