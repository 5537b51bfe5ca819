"""Pooling and meta-regression: the coefficients, their intervals, and how far studies differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from merida.evidence.meta.estimators import Method, Tau2, estimate_tau2, q_reaches
from merida.evidence.meta.regression import Floats, Regression, regression, weigh
from merida.one_line import OneLine

Pair = tuple[float, float]


class Interval(StrEnum):
    """How intervals of coefficients are made.

    Wald: normal. Knapp and Hartung (2003): the covariance times Q/(k - p) at the tau² used, and t with k - p degrees of
    freedom. Its ad hoc form never takes a factor below 1, so that it is not narrower than Wald's with t.
    """

    WALD = "wald"
    KNAPP_HARTUNG = "knapp-hartung"
    KNAPP_HARTUNG_ADHOC = "knapp-hartung-adhoc"


class Prediction(StrEnum):
    """How the interval of a new study's effect is made.

    As the coefficient's (normal, or t with k - p under Knapp-Hartung); or t with k - p - 1 degrees of freedom on Wald's
    standard error, as Higgins, Thompson and Spiegelhalter (2009) propose.
    """

    AS_INTERVAL = "as-interval"
    HIGGINS = "higgins"


@dataclass(frozen=True)
class Coefficient:
    """A coefficient with its standard error, test statistic (z or t), p-value and interval."""

    name: str
    estimate: float
    std_error: float
    statistic: float
    p: float
    ci: Pair


@dataclass(frozen=True)
class Test:
    """A test of coefficients together: Wald's chi², or F where df2 is given."""

    statistic: float
    df: int
    df2: int | None
    p: float


@dataclass(frozen=True)
class Heterogeneity:
    """How far studies differ beyond their sampling errors.

    Attributes
    ----------
    tau2, tau2_std_error : float
        The variance between studies and its standard error.
    tau2_ci, i2_ci, h2_ci : pair or None
        Q-profile interval (Viechtbauer, 2007), and the same ends as I² and H².
    i2, h2 : float
        From the tau² used and the typical sampling variance of Higgins and Thompson (2002); i2 in percent. Under equal
        effects, which has no tau², those from Q.
    i2_from_q, h2_from_q : float
        max(0, (Q - df)/Q) in percent, and Q/df.
    q, q_df, q_p : float, int, float
        Cochran's Q (with moderators: of the residuals), degrees of freedom, p-value.
    typical_variance : float
        (k - p)/tr(P) at fixed weights.
    """

    tau2: float
    tau2_std_error: float | None
    tau2_ci: Pair | None
    i2: float
    i2_ci: Pair | None
    h2: float
    h2_ci: Pair | None
    i2_from_q: float
    h2_from_q: float
    q: float
    q_df: int
    q_p: float
    typical_variance: float


@dataclass(frozen=True)
class Moderation:
    """What moderators explain: tests of all of them and of each, and R² in percent (None where nothing varies)."""

    test: Test
    each: Mapping[str, Test]
    r2: float | None


@dataclass(frozen=True, repr=False)
class Pooled(OneLine):
    """A meta-analysis.

    Attributes
    ----------
    k : int
        Number of studies.
    coefficients : tuple of Coefficient
        The intercept first; without moderators it is the pooled effect.
    df : int or None
        Degrees of freedom of t; None: normal.
    prediction : pair or None
        Interval of a new study's true effect; None with moderators, under equal effects, or where no degree is left.
    weights : array of shape (k,)
        Of each study in the pooled effect, in percent.
    shrunken : array of shape (k,)
        Each study's true effect as the model sees it (empirical Bayes, Morris, 1983).
    """

    k: int
    method: Method
    level: float
    coefficients: tuple[Coefficient, ...]
    df: int | None
    prediction: Pair | None
    heterogeneity: Heterogeneity
    moderation: Moderation | None
    weights: Floats
    shrunken: Floats


def pool(
    y: Floats,
    v: Floats,
    x: Floats | None = None,
    terms: Mapping[str, Sequence[str]] | None = None,
    *,
    method: Method = Method.REML,
    interval: Interval = Interval.WALD,
    prediction: Prediction = Prediction.AS_INTERVAL,
    level: float = 0.95,
) -> Pooled:
    """Pool study effects, or regress them on moderators.

    Parameters
    ----------
    y, v : array of shape (k,)
        Effects on the scale that is pooled, and their sampling variances, above 0.
    x : array of shape (k, p), optional
        Design, the intercept first (default: the intercept alone).
    terms : mapping of str to sequence of str, optional
        Names of the design's columns by moderator, in order.
    method : Method
        Estimator of tau².
    interval, prediction : Interval, Prediction
        How intervals are made.
    level : float
        Coverage of all intervals, between 0 and 1.

    Raises
    ------
    EvidenceError
        If there are too few studies, or a moderator that the others determine.

    Examples
    --------
    Two effects of the same precision: their mean, and the variance between them less that of sampling.

    >>> pooled = pool(np.array([1.0, 2.0]), np.array([0.1, 0.1]))
    >>> round(pooled.coefficients[0].estimate, 9), round(pooled.heterogeneity.tau2, 9)
    (1.5, 0.4)
    """
    terms = terms or {}
    names = ("intercept", *(name for columns in terms.values() for name in columns))
    data = regression(y, v, x, names)
    tau2 = estimate_tau2(data, method)
    fit = weigh(data, 1 / (v + tau2.value))
    values, covariance = fit.coefficients()
    free, df = data.k - data.p, None
    scaled = covariance
    if interval is not Interval.WALD:
        factor = fit.rss / free
        scaled = covariance * (max(1.0, factor) if interval is Interval.KNAPP_HARTUNG_ADHOC else factor)
        df = free
    predicted = None
    if data.p == 1 and method is not Method.EE:
        variance, degrees = scaled[0, 0], df
        if prediction is Prediction.HIGGINS:
            variance, degrees = covariance[0, 0], free - 1
        if degrees != 0:
            predicted = interval_of(float(values[0]), float(np.sqrt(variance + tau2.value)), degrees, level)
    return Pooled(
        k=data.k,
        method=method,
        level=level,
        coefficients=coefficients(names, values, scaled, df, level),
        df=df,
        prediction=predicted,
        heterogeneity=heterogeneity(data, tau2, method, level),
        moderation=moderation(data, tau2, method, terms, values, scaled, df) if terms else None,
        weights=100 * fit.w / fit.w.sum(),
        shrunken=y - fit.residual * v * fit.w,
    )


def quantile(probability: float, df: int | None) -> float:
    """Return a quantile of t, or of the normal where df is None."""
    return float(special.ndtri(probability) if df is None else special.stdtrit(df, probability))


def interval_of(estimate: float, std_error: float, df: int | None, level: float) -> Pair:
    """Return the interval around an estimate."""
    half = quantile((1 + level) / 2, df) * std_error
    return estimate - half, estimate + half


def coefficients(
    names: Sequence[str], values: Floats, covariance: Floats, df: int | None, level: float
) -> tuple[Coefficient, ...]:
    """Return coefficients with their tests and intervals."""
    made = []
    for name, value, error in zip(names, values.tolist(), np.sqrt(np.diag(covariance)).tolist(), strict=True):
        statistic = value / error if error else float("nan")  # all effects equal, under Knapp-Hartung
        tail = special.ndtr(-abs(statistic)) if df is None else special.stdtr(df, -abs(statistic))
        made.append(
            Coefficient(name, value, error, statistic, 2 * float(tail), interval_of(value, error, df, level))
        )
    return tuple(made)


def heterogeneity(data: Regression, tau2: Tau2, method: Method, level: float) -> Heterogeneity:
    """Return how far studies differ, with Q-profile intervals."""
    fixed = weigh(data, 1 / data.v)
    free = data.k - data.p
    typical = free / fixed.trace()
    from_q = max(0.0, 100 * (1 - free / fixed.rss)) if fixed.rss > 0 else 0.0
    ends = None
    if method is not Method.EE:
        low, high = (float(special.chdtri(free, (1 - sign * level) / 2)) for sign in (1, -1))
        ends = (q_reaches(data, low), q_reaches(data, high))
    return Heterogeneity(
        tau2=tau2.value,
        tau2_std_error=tau2.std_error,
        tau2_ci=ends,
        i2=from_q if ends is None else share(tau2.value, typical),
        i2_ci=None if ends is None else (share(ends[0], typical), share(ends[1], typical)),
        h2=fixed.rss / free if ends is None else 1 + tau2.value / typical,
        h2_ci=None if ends is None else (1 + ends[0] / typical, 1 + ends[1] / typical),
        i2_from_q=from_q,
        h2_from_q=fixed.rss / free,
        q=fixed.rss,
        q_df=free,
        q_p=float(special.chdtrc(free, fixed.rss)),
        typical_variance=typical,
    )


def share(tau2: float, typical: float) -> float:
    """Return I² in percent."""
    return 100 * tau2 / (tau2 + typical)


def joint_test(values: Floats, covariance: Floats, positions: Sequence[int], df: int | None) -> Test:
    """Return the test that the coefficients at some positions are all 0."""
    wanted = np.asarray(positions)
    chosen = values[wanted]
    statistic = float(chosen @ np.linalg.solve(covariance[np.ix_(wanted, wanted)], chosen))
    if df is None:
        return Test(statistic, len(wanted), None, float(special.chdtrc(len(wanted), statistic)))
    statistic /= len(wanted)
    return Test(statistic, len(wanted), df, float(special.fdtrc(len(wanted), df, statistic)))


def tests(
    terms: Mapping[str, Sequence[str]], values: Floats, covariance: Floats, df: int | None
) -> tuple[Test, dict[str, Test]]:
    """Return the test of all moderators together, and of each."""
    each, place = {}, 1
    for name, columns in terms.items():
        each[name] = joint_test(values, covariance, range(place, place + len(columns)), df)
        place += len(columns)
    return joint_test(values, covariance, range(1, place), df), each


def moderation(
    data: Regression,
    tau2: Tau2,
    method: Method,
    terms: Mapping[str, Sequence[str]],
    values: Floats,
    covariance: Floats,
    df: int | None,
) -> Moderation:
    """Return what moderators explain: R² is the part of tau² that they take away (Raudenbush, 2009)."""
    together, each = tests(terms, values, covariance, df)
    r2 = None
    if method is not Method.EE:
        without = estimate_tau2(regression(data.y, data.v), method).value
        r2 = max(0.0, 100 * (1 - tau2.value / without)) if without > 0 else None
    return Moderation(together, each, r2)
