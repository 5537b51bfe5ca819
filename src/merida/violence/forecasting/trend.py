"""The nation's level: a local level with a damped drift.

With x_t the log of the nation's deaths in a month of mean length,

    x_t = level_t + noise,   level_t+1 = level_t + drift_t + shock,   drift_t+1 = damping drift_t + shock

filtered by the Kalman recursions (Harvey, 1989; the damped drift is Gardner and McKenzie's, 1985). The three standard
deviations and the damping maximise the likelihood times the priors of ``forecast.toml``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from merida.distributions import Floats
from merida.priors import Priors
from merida.statistics.modes import least

PAST = 10  # years from which the season is learnt


@dataclass(frozen=True)
class Trend:
    """A local level with a damped drift, by month.

    Parameters
    ----------
    noise, level, drift : float
        Standard deviations a month, of logs.
    damping : float
        What is left of the drift after a month.
    """

    noise: float
    level: float
    drift: float
    damping: float

    def filtered(self, x: Floats) -> tuple[Floats, Floats, float]:
        """Return the mean (2,) and covariance (2, 2) of level and drift after `x`, and the log likelihood of `x`."""
        level, drift, likelihood = float(x[0]), 0.0, 0.0
        a, b, c = 0.1, 0.0, 0.002  # the covariance [[a, b], [b, c]], in plain numbers, which are quick
        for value in x[1:].tolist():
            level, drift = level + drift, self.damping * drift
            a, b, c = (
                a + 2 * b + c + self.level**2,
                self.damping * (b + c),
                self.damping**2 * c + self.drift**2,
            )
            variance, error = a + self.noise**2, value - level
            likelihood -= 0.5 * (math.log(2 * math.pi * variance) + error**2 / variance)
            first, second = a / variance, b / variance
            level, drift = level + first * error, drift + second * error
            a, b, c = a - first * a, b - first * b, c - second * b
        return np.array([level, drift]), np.array([[a, b], [b, c]]), likelihood

    def root(self, start: Floats, months: int) -> Floats:
        """Return A, shape (months + 1, 2 + 2 months): coming levels and the last drift are their mean and A w.

        Parameters
        ----------
        start : array, shape (2, 2)
            Root of the covariance of level and drift at the start; w holds its two normal numbers, then two a month.
        """
        (level, drift), rows = np.pad(start, ((0, 0), (0, 2 * months))), []
        for month in range(months):
            level, drift = level + drift, self.damping * drift
            level[2 + 2 * month], drift[3 + 2 * month] = self.level, self.drift
            rows.append(level)
        return np.array([*rows, drift])


def season(x: Floats) -> Floats:
    """Return what each calendar month adds, shape (12,): its mean beside twelve months about it, drawn towards none.

    Means are drawn to zero by what they would vary if there were no season (James and Stein, 1961).

    Parameters
    ----------
    x : array, shape (months,)
        Logs of deaths from a January, whole years; the last ten are used.
    """
    years = x[-12 * PAST :]
    around = np.convolve(years, np.array([0.5, *np.ones(11), 0.5]) / 12, "valid")
    apart = np.roll((years[6:-6] - around).reshape(-1, 12), 6, axis=1)
    mean = apart.mean(axis=0) - apart.mean()
    error = float((apart.var(axis=0, ddof=1) / len(apart)).mean()) if len(apart) > 1 else np.inf
    return np.asarray(mean * max(1 - error / max(float(mean.var()), 1e-12), 0.0))


def fit(x: Floats, priors: Priors) -> Trend:
    """Return the trend of the greatest posterior density; what a user holds is not fitted.

    Parameters
    ----------
    x : array, shape (months,)
        Logs of the nation's deaths.
    priors : Priors
        ``forecast.trend``: of the logarithm of ``noise``, ``level`` and ``drift``, of the logit of ``damping``.
    """
    paths = [f"forecast.trend.{name}" for name in ("noise", "level", "drift", "damping")]
    numbers = [priors.number(path) for path in paths]
    centre = np.array([*np.log(numbers[:3]), logit(numbers[3])])
    spread = np.array([priors.sd(path) for path in paths])
    scale = np.where(spread > 0, spread, 1.0)

    def trend(at: Floats) -> Trend:
        noise, level, drift = (float(sd) for sd in np.exp(at[:3]))
        return Trend(noise, level, drift, float(expit(at[3])))

    def loss(at: Floats) -> float:
        return -trend(at).filtered(x)[2] + 0.5 * float((((at - centre) / scale) ** 2).sum())

    return trend(least(loss, centre, spread > 0, "Nelder-Mead", {"xatol": 1e-3, "fatol": 1e-3}))
