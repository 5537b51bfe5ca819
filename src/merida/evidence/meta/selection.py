"""A selection model: how likely a study is to be published, by steps of its p-value.

Hedges (1992), Vevea and Hedges (1995). A study whose one-sided p-value lies in step j is published with relative
probability δ_j (δ_1 = 1), so that its effect has density δ_j φ((y - m)/s)/s / A with s² = v + tau² and
A = 1 + Σ_j (δ_{j+1} - δ_j) Φ((b_j - m)/s), b_j the effect that just has the p-value of step j.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.optimize import minimize

from merida.errors import EvidenceError
from merida.evidence.meta.estimators import Method
from merida.evidence.meta.pooling import Coefficient, coefficients, pool, quantile
from merida.evidence.meta.regression import Floats

LEAST = -18.0  # log of the least tau² tried, as a share of the typical variance: 0 for every purpose
FLOOR = float(np.exp(LEAST))
WEIGHTS = (-9.0, 9.0)  # bounds of log δ
STARTS = (0.0, -1.0)  # log δ


@dataclass(frozen=True)
class Step:
    """A step of p-values: its ends, how many studies lie in it, and their weight with standard error and interval."""

    above: float
    up_to: float
    k: int
    weight: float
    std_error: float | None
    ci: tuple[float, float] | None


@dataclass(frozen=True)
class Selection:
    """The fitted model.

    Attributes
    ----------
    alternative : str
        Effects that are published more readily: greater or less than 0.
    effect : Coefficient
        The mean effect of all studies, published or not.
    tau2, tau2_std_error : float
        None as standard error where tau² is 0 or not estimated.
    steps : tuple of Step
        The first has weight 1.
    statistic, df, p : float, int, float
        Likelihood ratio test against equal weights.
    """

    alternative: str
    effect: Coefficient
    tau2: float
    tau2_std_error: float | None
    steps: tuple[Step, ...]
    statistic: float
    df: int
    p: float


@dataclass(frozen=True)
class Likelihood:
    """The log-likelihood with effects turned so that greater ones are favoured.

    Attributes
    ----------
    y, v : array of shape (k,)
        Effects and variances.
    step : array of shape (k,)
        Each study's step.
    bounds : array of shape (k, steps - 1)
        Effects at the ends of the steps.
    """

    y: Floats
    v: Floats
    step: np.ndarray
    bounds: Floats

    def at(self, mean: float, tau2: float, weights: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient in mean, tau² and all weights but the first."""
        s = np.sqrt(self.v + tau2)
        z, u = (self.y - mean) / s, (self.bounds - mean) / s[:, None]
        rise = np.diff(weights)
        below, density = special.ndtr(u), np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
        mass = weights[0] + below @ rise
        value = float(np.sum(np.log(weights[self.step]) - np.log(s) - z**2 / 2 - np.log(mass)))
        by_mean = np.sum(z / s + (density @ rise) / (s * mass))
        by_s = (z**2 - 1) / s + ((density * u) @ rise) / (s * mass)
        between = below - np.column_stack([below[:, 1:], np.zeros(len(s))])
        counts = np.bincount(self.step, minlength=len(weights))[1:]
        by_weight = counts / weights[1:] - np.sum(between / mass[:, None], axis=0)
        return value, np.array([by_mean, np.sum(by_s / (2 * s)), *by_weight])


def select(
    y: Floats,
    v: Floats,
    steps: Sequence[float] = (0.025,),
    alternative: str | None = None,
    *,
    equal_effects: bool = False,
    level: float = 0.95,
) -> Selection:
    """Fit the selection model by maximum likelihood.

    Parameters
    ----------
    y, v : array of shape (k,)
        Effects and sampling variances.
    steps : sequence of float
        Ends of the steps of the one-sided p-value, rising, between 0 and 1 (1 is the last in any case).
    alternative : {"greater", "less"}, optional
        Effects that are published more readily (default: those with the sign of the pooled effect).
    equal_effects : bool
        Hold tau² at 0.
    level : float
        Coverage of intervals.

    Raises
    ------
    EvidenceError
        If the steps do not rise between 0 and 1, or one of them holds no study.
    """
    cuts = [float(step) for step in steps if step != 1]
    if not cuts or cuts != sorted(set(cuts)) or not 0 < cuts[0] <= cuts[-1] < 1:
        raise EvidenceError("meta_steps", found=", ".join(f"{step:g}" for step in steps) or "-")
    plain = pool(y, v, method=Method.EE if equal_effects else Method.ML)
    scale = plain.heterogeneity.typical_variance
    width = float(np.sqrt(scale))  # effects are fitted in this unit, so that their own makes no difference
    mean, tau2 = plain.coefficients[0].estimate / width, plain.heterogeneity.tau2 / scale
    y, v = y / width, v / scale
    alternative = alternative or ("less" if mean < 0 else "greater")
    sign = -1.0 if alternative == "less" else 1.0
    p_values = special.ndtr(-sign * y / np.sqrt(v))
    model = Likelihood(
        sign * y, v, np.searchsorted(cuts, p_values), -np.sqrt(v)[:, None] * special.ndtri(cuts)
    )
    counts = np.bincount(model.step, minlength=len(cuts) + 1)
    if (counts == 0).any():
        empty = int(np.argmin(counts))
        ends = [0.0, *cuts, 1.0]
        raise EvidenceError("meta_step_empty", above=f"{ends[empty]:g}", up_to=f"{ends[empty + 1]:g}")
    best, top = maximise(model, sign * mean, tau2, len(cuts), equal_effects)
    without = model.at(sign * mean, tau2, np.ones(len(cuts) + 1))[0]
    errors = standard_errors(model, top, fixed=equal_effects or top[1] <= FLOOR * 1.01)
    statistic = max(0.0, 2 * (best - without))
    errors[:2] *= (width, scale)
    effect = coefficients(("effect",), sign * width * top[:1], np.array([[errors[0] ** 2]]), None, level)[0]
    ends = [0.0, *cuts, 1.0]
    half = quantile((1 + level) / 2, None)
    return Selection(
        alternative=alternative,
        effect=effect,
        tau2=scale * float(top[1]) if np.isfinite(errors[1]) else 0.0,
        tau2_std_error=float(errors[1]) if np.isfinite(errors[1]) else None,
        steps=(
            Step(0.0, cuts[0], int(counts[0]), 1.0, None, None),
            *(
                Step(low, high, int(count), w, error, (max(0.0, w - half * error), w + half * error))
                for low, high, count, w, error in zip(
                    ends[1:-1], ends[2:], counts[1:], top[2:].tolist(), errors[2:].tolist(), strict=True
                )
            ),
        ),
        statistic=statistic,
        df=len(cuts),
        p=float(special.chdtrc(len(cuts), statistic)),
    )


def maximise(
    model: Likelihood, mean: float, tau2: float, free: int, equal_effects: bool
) -> tuple[float, Floats]:
    """Return the greatest log-likelihood and where it lies: mean, tau² and all weights but the first.

    Effects are in units of their typical error.
    """

    def natural(theta: Floats) -> Floats:
        return np.array([theta[0], 0.0 if equal_effects else np.exp(theta[1]), *np.exp(theta[2:])])

    def loss(theta: Floats) -> tuple[float, Floats]:
        here = natural(theta)
        value, gradient = model.at(here[0], here[1], np.array([1.0, *here[2:]]))
        return -value, -gradient * np.array([1.0, *here[1:]])

    top = LEAST if equal_effects else max(15.0, float(np.log(max(tau2, FLOOR))) + 2.0)
    bounds = [(None, None), (LEAST, top), *([WEIGHTS] * free)]
    tries = []
    for weight in STARTS:
        for first in sorted({max(tau2, FLOOR), FLOOR, 0.1}):
            start = [mean, np.clip(np.log(first), LEAST, top), *([weight] * free)]
            tries.append(
                minimize(
                    loss, start, jac=True, method="L-BFGS-B", bounds=bounds,
                    options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500},
                )
            )  # fmt: skip
    best = min(tries, key=lambda tried: float(tried.fun))
    return -float(best.fun), natural(best.x)


def standard_errors(model: Likelihood, top: Floats, fixed: bool) -> Floats:
    """Return standard errors from the curvature at the maximum; that of tau² is NaN where it is held at 0."""
    free = [0, *range(2, len(top))] if fixed else list(range(len(top)))

    def gradient(point: Floats) -> Floats:
        return model.at(point[0], point[1], np.array([1.0, *point[2:]]))[1][free]

    steps = 1e-5 * np.maximum(np.abs(top), np.array([np.sqrt(model.v.min()), 0.0, *np.zeros(len(top) - 2)]))
    curvature = np.empty((len(free), len(free)))
    for row, index in enumerate(free):
        move = np.zeros(len(top))
        move[index] = steps[index]
        curvature[row] = (gradient(top + move) - gradient(top - move)) / (2 * steps[index])
    errors = np.full(len(top), np.nan)
    variance = np.diag(np.linalg.pinv(-(curvature + curvature.T) / 2))
    errors[free] = np.sqrt(np.where(variance > 0, variance, np.nan))
    return errors
