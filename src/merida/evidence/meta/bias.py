"""Small studies against large ones: regression and rank tests of the funnel, trim and fill.

Egger et al. (1997), as a meta-regression on the standard error and in its classical form; Begg and Mazumdar (1994);
Duval and Tweedie (2000). An asymmetric funnel need not come from unpublished studies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import stats

from merida.errors import EvidenceError
from merida.evidence.meta.estimators import Method
from merida.evidence.meta.pooling import Coefficient, Interval, Pooled, coefficients, pool
from merida.evidence.meta.regression import Floats, regression, weigh
from merida.evidence.meta.selection import Selection, select

EXACT = 170  # the most studies for which the p-value of Kendall's tau is exact
ROUNDS = 100  # of trim and fill, which settles in a few


class Missing(StrEnum):
    """An estimator of the number of missing studies."""

    L0 = "L0"
    R0 = "R0"


@dataclass(frozen=True)
class Egger:
    """A regression of effects on their standard errors.

    Attributes
    ----------
    slope : Coefficient
        Its test is the test of asymmetry.
    limit : Coefficient
        The effect of a study without error.
    df : int or None
        Degrees of freedom of t; None: normal.
    """

    slope: Coefficient
    limit: Coefficient
    df: int | None


@dataclass(frozen=True)
class RankTest:
    """Kendall's tau between effects and variances."""

    tau: float
    p: float


@dataclass(frozen=True)
class TrimFill:
    """Trim and fill.

    Attributes
    ----------
    missing : int
        Estimated number of missing studies.
    std_error : float
        Of that number.
    side : str
        Where they are missing: left or right.
    p : float or None
        That none is missing (R0 alone).
    filled_y, filled_v : array of shape (missing,)
        The studies put in.
    pooled : Pooled
        The meta-analysis with them.
    """

    missing: int
    std_error: float
    side: str
    p: float | None
    filled_y: Floats
    filled_v: Floats
    pooled: Pooled


@dataclass(frozen=True)
class Asymmetry:
    """Everything that small studies say beside large ones.

    Attributes
    ----------
    egger, classical : Egger
        Egger's test as a meta-regression, and in its first form.
    rank : RankTest
        The rank correlation.
    filled : mapping of Missing to TrimFill
        Trim and fill by each estimator.
    selection : Selection or None
        The selection model.
    not_fitted : EvidenceError or None
        Why there is none: a step of p-values without a study.
    """

    egger: Egger
    classical: Egger
    rank: RankTest
    filled: Mapping[Missing, TrimFill]
    selection: Selection | None
    not_fitted: EvidenceError | None


def asymmetry(
    y: Floats, v: Floats, steps: Sequence[float], *, method: Method, interval: Interval, level: float
) -> Asymmetry:
    """Return the tests of asymmetry, trim and fill, and the selection model with steps of the one-sided p-value.

    Raises
    ------
    EvidenceError
        If there are fewer than three studies, all have the same variance, or the steps do not rise between 0 and 1.

    Examples
    --------
    A funnel that is the same on both sides lacks nothing:

    >>> effects, variances = np.array([0.5, 0.3, 0.7, 0.1, 0.9]), np.array([0.01, 0.04, 0.04, 0.09, 0.09])
    >>> found = asymmetry(effects, variances, (0.5,), method=Method.DL, interval=Interval.WALD, level=0.95)
    >>> found.filled[Missing.L0].missing
    0
    """
    options = {"method": method, "interval": interval, "level": level}
    selection, not_fitted = None, None
    try:
        selection = select(y, v, steps, equal_effects=method is Method.EE, level=level)
    except EvidenceError as error:
        if error.key != "meta_step_empty":
            raise
        not_fitted = error
    return Asymmetry(
        egger=egger(y, v, **options),
        classical=classical_egger(y, v, level),
        rank=rank_test(y, v),
        filled={estimator: trim_and_fill(y, v, estimator, **options) for estimator in Missing},
        selection=selection,
        not_fitted=not_fitted,
    )


def enough(y: Floats, v: Floats) -> None:
    """Refuse tables in which asymmetry means nothing: fewer than three studies, or all of one precision."""
    if len(y) < 3:
        raise EvidenceError("meta_bias_few", found=len(y))
    errors = np.sqrt(v)
    if np.ptp(errors) <= 1e-9 * errors.max():
        raise EvidenceError("meta_bias_same_error")


def egger(y: Floats, v: Floats, **options: Any) -> Egger:
    """Regress effects on their standard errors, with the options of `pool`.

    Raises
    ------
    EvidenceError
        If there are fewer than three studies, or all have the same variance.
    """
    enough(y, v)
    fitted = pool(y, v, np.column_stack([np.ones(len(y)), np.sqrt(v)]), {"": ("std_error",)}, **options)
    limit, slope = fitted.coefficients
    return Egger(slope, limit, fitted.df)


def classical_egger(y: Floats, v: Floats, level: float = 0.95) -> Egger:
    """Regress effects on their standard errors by weighted least squares with a free scale, as Egger et al. (1997).

    Raises
    ------
    EvidenceError
        If there are fewer than three studies, or all have the same variance.
    """
    enough(y, v)
    data = regression(y, v, np.column_stack([np.ones(len(y)), np.sqrt(v)]))
    fit = weigh(data, 1 / v)
    values, covariance = fit.coefficients()
    df = data.k - 2
    limit, slope = coefficients(("intercept", "std_error"), values, covariance * fit.rss / df, df, level)
    return Egger(slope, limit, df)


def rank_test(y: Floats, v: Floats) -> RankTest:
    """Correlate standardised effects with variances by rank (Begg and Mazumdar, 1994).

    The p-value is exact without ties and up to 170 studies, else normal.

    Raises
    ------
    EvidenceError
        If there are fewer than three studies, or all have the same variance.
    """
    enough(y, v)
    fit = weigh(regression(y, v), 1 / v)
    standard = fit.residual / (v * np.sqrt(fit.diagonal))  # v - 1/sum(w) is v² times the diagonal of P
    ties = min(len(np.unique(standard)), len(np.unique(v))) < len(y)
    correlation = stats.kendalltau(v, standard, method="asymptotic" if ties or len(y) > EXACT else "exact")
    return RankTest(float(correlation.statistic), float(correlation.pvalue))


def trim_and_fill(y: Floats, v: Floats, estimator: Missing = Missing.L0, **options: Any) -> TrimFill:
    """Estimate how many studies are missing on one side, put in their mirror images and pool again.

    The side is where Egger's regression points. The options are those of `pool`.

    Raises
    ------
    EvidenceError
        If there are fewer than three studies, or all have the same variance.
    """
    sign = (
        -1.0 if egger(y, v, **options).slope.estimate < 0 else 1.0
    )  # turned, so that the left side lacks them
    method = Method(options.get("method", Method.REML))
    order = np.argsort(sign * y, kind="stable")
    turned, variances = sign * y[order], v[order]
    missing, before, centre, error = 0, -1, 0.0, 0.0
    for _ in range(ROUNDS):
        if missing == before:
            break
        before = missing
        kept = slice(0, max(len(y) - missing, 2))
        centre = pool(turned[kept], variances[kept], method=method).coefficients[0].estimate
        missing, error = count_missing(turned - centre, estimator)
    top = slice(len(y) - missing, len(y))
    filled_y, filled_v = sign * (2 * centre - turned[top]), variances[top]
    return TrimFill(
        missing=missing,
        std_error=error,
        side="right" if sign < 0 else "left",
        p=0.5 ** (missing + 1) if estimator is Missing.R0 else None,
        filled_y=filled_y,
        filled_v=filled_v,
        pooled=pool(np.append(y, filled_y), np.append(v, filled_v), **options),
    )


def count_missing(centred: Floats, estimator: Missing) -> tuple[int, float]:
    """Return how many studies lack on the left, and the standard error of that number (Duval and Tweedie, 2000)."""
    k = len(centred)
    ranks = stats.rankdata(np.abs(centred), method="ordinal")
    if estimator is Missing.R0:
        on_left = ranks[centred < 0]
        missing = k - float(on_left.max(initial=0)) - 1
        variance = 2 * max(0.0, missing) + 2
    else:
        missing = (4 * float(ranks[centred > 0].sum()) - k * (k + 1)) / (2 * k - 1)
        n = missing  # before rounding
        of_sum = (
            k * (k + 1) * (2 * k + 1)
            + 10 * n**3
            + 27 * n**2
            + 17 * n
            - 18 * k * n**2
            - 18 * k * n
            + 6 * k**2 * n
        ) / 24
        variance = 16 * max(0.0, of_sum) / (2 * k - 1) ** 2
    return min(max(0, round(missing)), k - 2), float(np.sqrt(variance))
