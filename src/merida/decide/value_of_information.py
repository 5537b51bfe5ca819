"""What it is worth to know more before deciding: all that is unknown, some parameters of it, or what a trial would show.

With net benefits NB of each option in each draw and the option a0 that is best on average,

    EVPI         = E max_a NB_a - max_a E NB_a
    EVPPI(x)     = E max_a E[NB_a | x] - max_a E NB_a
    EVSI(trial)  = the same with x the statistics that the trial would report

What is expected given x is a regression of the draws' own net benefits on x (Strong, Oakley & Brennan, 2014), so that the
model is not run again. It is written with the decision a(x) that the regression takes,

    EVPPI = E[NB_a(x) - NB_a0]

and estimated twice: by the fit at the draws that made it, which looks better than it is, and by decisions of fits that
have not seen the draw (four folds), which do worse than the best ones could. Both are off by the same second-order
amount with opposite signs, so that their mean is reported: noise is worth about nothing. The standard error is that of
the mean of NB_a(x) - NB_a0, with half of the distance between the two estimates added in quadrature.

One parameter: a cubic penalised spline on its normal scores, its penalty chosen by generalised cross-validation. Scores
depend on ranks alone, so that all parameters share one basis and every fit is a product of matrices. Several parameters
together: `merida.decide.information.regression`.

References: Strong, Oakley & Brennan (2014), Medical Decision Making 34:311; Heath, Manolopoulou & Baio (2017), same
journal 37:747; Eilers & Marx (1996), Statistical Science 11:89.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from merida.decide.information.regression import FOLDS, Fit, group_means, joint_fit, spline_fits
from merida.distributions import Floats

FEW = 12  # values of a parameter up to which the mean at each is taken


class Value(NamedTuple):
    """A value of information and its standard error, in the unit of the net benefits; numbers, or one a parameter."""

    value: Floats | float
    standard_error: Floats | float


def evpi(net_benefit: npt.ArrayLike) -> Value:
    """Return the expected value of perfect information.

    Parameters
    ----------
    net_benefit : array, shape (draws, options)
        What each option is worth in each draw, more being better.

    Returns
    -------
    Value
        Two numbers in the unit of `net_benefit`.

    Raises
    ------
    ValueError
        If it is no table of finite numbers with at least two draws and an option.

    Examples
    --------
    >>> evpi([[0.0, 1.0], [0.0, -1.0]])
    Value(value=0.5, standard_error=0.5)
    """
    benefits = table(net_benefit)
    gained = benefits.max(axis=1) - benefits[:, best(benefits)]
    return Value(float(gained.mean()), error_of_mean(gained))


def evppi(net_benefit: npt.ArrayLike, parameters: npt.ArrayLike, together: bool = False) -> Value:
    """Return the expected value of perfect information about parameters: of each, or of all of them together.

    Parameters
    ----------
    net_benefit : array, shape (draws, options)
        What each option is worth in each draw, more being better.
    parameters : array, shape (draws, parameters) or (draws,)
        What was drawn of each parameter.
    together : bool
        Whether the parameters are learnt together, as one group.

    Returns
    -------
    Value
        Of shape (parameters,); plain numbers for one parameter given as (draws,), or for a group. A constant is worth
        0; no value is negative or above the EVPI.

    Raises
    ------
    ValueError
        If the tables are not of finite numbers with the same draws.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> known, other = random.normal(1, 1, 10_000), random.normal(0, 2, 10_000)
    >>> found = evppi(np.stack([0 * known, known - other], axis=1), known)
    >>> abs(found.value - 0.0833155) < 2 * found.standard_error
    True
    """
    benefits, drawn = table(net_benefit), np.asarray(parameters, dtype=np.float64)
    columns = drawn[:, None] if drawn.ndim == 1 else drawn
    if (
        columns.ndim != 2
        or len(columns) != len(benefits)
        or len(benefits) < FOLDS
        or not np.isfinite(columns).all()
    ):
        raise ValueError(
            f"parameters must be finite, with one row for each draw of the net benefits, {FOLDS} at least"
        )
    ceiling = float(evpi(benefits).value)
    chosen = best(benefits)
    against = np.delete(benefits, chosen, axis=1) - benefits[:, [chosen]]  # what each other option has more
    if together:
        varying = columns[:, np.ptp(columns, axis=0) > 0]
        return worth(joint_fit(varying, against), against, ceiling) if varying.shape[1] else Value(0.0, 0.0)
    values, errors = np.zeros(columns.shape[1]), np.zeros(columns.shape[1])
    smooth = []
    for at, column in enumerate(columns.T):
        distinct = len(np.unique(column))
        if 1 < distinct <= FEW:
            values[at], errors[at] = worth(group_means(column, against), against, ceiling)
        elif distinct > FEW:
            smooth.append(at)
    for at, fit in zip(smooth, spline_fits(columns[:, smooth], against), strict=True):
        values[at], errors[at] = worth(fit, against, ceiling)
    return Value(float(values[0]), float(errors[0])) if drawn.ndim == 1 else Value(values, errors)


def evsi(net_benefit: npt.ArrayLike, statistics: npt.ArrayLike) -> Value:
    """Return the expected value of what a study would report.

    Parameters
    ----------
    net_benefit : array, shape (draws, options)
        What each option is worth in each draw, more being better.
    statistics : array, shape (draws,) or (draws, statistics)
        What the study would report in each draw: simulated once from the draw's own parameters, with the sampling
        error of its size. Several statistics are reported together.

    Returns
    -------
    Value
        Two numbers in the unit of `net_benefit`; less the study's cost it is the net benefit of sampling.

    Raises
    ------
    ValueError
        If the tables are not of finite numbers with the same draws.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> effect = random.normal(0, 1, 10_000)
    >>> trial = effect + random.normal(0, 1, 10_000)
    >>> found = evsi(np.stack([0 * effect, effect], axis=1), trial)
    >>> abs(found.value - 0.5**0.5 * 0.3989423) < 3 * found.standard_error
    True
    """
    reported = np.asarray(statistics, dtype=np.float64)
    together = reported.ndim == 2 and reported.shape[1] > 1
    found = evppi(net_benefit, reported if together else reported.reshape(len(reported), -1)[:, 0], together)
    return Value(float(found.value), float(found.standard_error))


def worth(fit: Fit, against: Floats, ceiling: float) -> Value:
    """Return the value of deciding by a fit, between 0 and the EVPI.

    Parameters
    ----------
    fit : Fit
        What is expected of each other option beyond the best one, as fitted and from folds that had not seen the draw.
    against : array, shape (draws, options - 1)
        What each other option has more than the best one in each draw.
    """
    if against.shape[1] == 0:
        return Value(0.0, 0.0)
    seen = float(np.maximum(fit.fitted.max(axis=1), 0.0).mean())
    unseen = float(gained(fit.held_out, against).mean())
    gap = abs(seen - unseen) / 2
    error = float(np.hypot(error_of_mean(gained(fit.fitted, against)), gap))
    return Value(float(np.clip((seen + unseen) / 2, 0.0, ceiling)), error)


def gained(expected: Floats, against: Floats) -> Floats:
    """Return what a decision by what is expected gains over the best option, shape (draws,)."""
    choice = expected.argmax(axis=1)
    rows = np.arange(len(against))
    return np.where(expected[rows, choice] > 0, against[rows, choice], 0.0)


def best(benefits: Floats) -> int:
    """Return the option that is best on average."""
    return int(benefits.mean(axis=0).argmax())


def error_of_mean(values: Floats) -> float:
    """Return the standard error of the mean of draws."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def table(net_benefit: npt.ArrayLike) -> Floats:
    """Return net benefits as a table, refused where no decision can be read from them."""
    benefits = np.asarray(net_benefit, dtype=np.float64)
    if benefits.ndim != 2 or len(benefits) < 2 or benefits.shape[1] < 1:
        raise ValueError("net benefits must be draws by options, with at least two draws")
    if not np.isfinite(benefits).all():
        raise ValueError("net benefits must be finite")
    return benefits
