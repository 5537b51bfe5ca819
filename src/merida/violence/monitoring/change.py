r"""How much a rate changed between two years, and how probable it is that the change is real.

Given both years' deaths together, those of the later year are binomial with the odds :math:`R n_1 / n_0`, R being the
ratio of the underlying rates (Przyborowski and Wilenski, 1940). Deaths come in clusters, so counts are divided first
by :math:`\varphi`, the variance of the place's monthly deaths over their mean (quasi-likelihood). The prior of log R
is normal; its centre and spread maximise the marginal likelihood of all municipalities, so a place of few deaths is
drawn towards what municipalities do on the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merida.statistics import HIGH, LOW

Floats = npt.NDArray[np.float64]

GRID = np.linspace(-5.0, 5.0, 401)  # of log R for the marginal likelihood: more than a hundredfold either way
PULL = 100.0  # deaths, each counted in two differences of neighbouring months
POINTS = 2001  # of the grid on which the distribution of one place is integrated


@dataclass(frozen=True)
class RateChange:
    """What is believed of the ratio of two underlying rates.

    Parameters
    ----------
    ratio, low, high : float
        Median, 5th and 95th percentile.
    probability_of_rise : float
        Probability that the underlying rate rose.
    """

    ratio: float
    low: float
    high: float
    probability_of_rise: float


def overdispersion(months: Floats) -> Floats:
    """Return phi, the variance of monthly counts over their mean, of each place (N,), at least 1.

    Parameters
    ----------
    months : array (N, T)
        Deaths by place and month.

    Notes
    -----
    It is the sum of squared differences of neighbouring months over the sum of their totals, which a level that moves
    slowly or once hardly touches. A place of few deaths cannot tell its own, so the value of all places together
    counts with the weight of `PULL` deaths (with none where there is one place).
    """
    squares = (np.diff(months, axis=1) ** 2).sum(axis=1)
    totals = (months[:, 1:] + months[:, :-1]).sum(axis=1)
    pooled = squares.sum() / max(float(totals.sum()), 1.0)
    pull = PULL if len(months) > 1 else 1e-9
    return np.asarray(np.maximum(1.0, (squares + pull * pooled) / (totals + pull)))


def log_likelihood(log_ratio: Floats, before: Floats, after: Floats, people: Floats) -> Floats:
    """Return the log likelihood of log R at (…, 1) places and grid: effective counts, `people` = n1 / n0."""
    odds = np.log(people) + log_ratio
    softplus = np.logaddexp(0.0, odds)
    return np.asarray(after * odds - (before + after) * softplus)


def fit_prior(before: Floats, after: Floats, people: Floats) -> tuple[float, float]:
    """Return the centre and spread of log R over places, by marginal likelihood (trapezoid on a grid).

    Parameters
    ----------
    before, after : array (N,)
        Effective counts of the two years.
    people : array (N,)
        Population of the later year over that of the earlier.
    """
    from scipy.optimize import minimize

    kept = (before + after > 0) & np.isfinite(people) & (people > 0)
    if not kept.any():
        return 0.0, 1.0
    log_l = log_likelihood(GRID, before[kept, None], after[kept, None], people[kept, None])
    peak = log_l.max(axis=1, keepdims=True)
    relative = np.exp(log_l - peak)

    def loss(point: Floats) -> float:
        weight = np.exp(-0.5 * ((GRID - point[0]) / np.exp(point[1])) ** 2)
        return -float(np.log(relative @ (weight / weight.sum()) + 1e-300).sum())

    # Without derivatives: far from the minimum the sums vanish and a slope would mislead.
    minimum = minimize(loss, np.array([0.0, -1.0]), bounds=((-2, 2), (-3, 1.5)), method="Nelder-Mead")
    return float(minimum.x[0]), float(np.exp(minimum.x[1]))


def change(before: float, after: float, people: float, centre: float, spread: float) -> RateChange:
    """Return what is believed of R for one place, integrated on a grid about its mode.

    Parameters
    ----------
    before, after : float
        Effective counts of the two years.
    people : float
        Population of the later year over that of the earlier.
    centre, spread : float
        Mean and standard deviation of the prior of log R.

    Examples
    --------
    >>> moved = change(before=40.0, after=80.0, people=1.0, centre=0.0, spread=0.5)
    >>> moved.low < 2.0 < moved.high, moved.probability_of_rise > 0.99
    (True, True)
    """
    mode = np.array([centre])
    for _ in range(60):  # Newton on a concave function, damped by the prior
        share = 1 / (1 + np.exp(-(np.log(people) + mode)))
        slope = after - (before + after) * share - (mode - centre) / spread**2
        bend = (before + after) * share * (1 - share) + spread**-2
        last, mode = mode, mode + np.clip(slope / bend, -1, 1)
        if mode[0] == last[0]:
            break
    half = 8 / float(np.sqrt(bend[0])) + 4 * spread * float(before + after < 5)
    grid = np.linspace(mode[0] - half, mode[0] + half, POINTS)
    log_p = log_likelihood(grid, np.asarray(before), np.asarray(after), np.asarray(people))
    log_p = log_p - 0.5 * ((grid - centre) / spread) ** 2
    density = np.exp(log_p - log_p.max())
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    below /= below[-1]
    low, median, high = np.exp(np.interp([LOW, 0.5, HIGH], below, grid))
    rise = 1 - float(np.interp(0.0, grid, below))
    return RateChange(float(median), float(low), float(high), rise)
