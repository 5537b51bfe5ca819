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
from scipy.optimize import minimize
from scipy.special import expit, logit

from merida.distributions import Floats


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


def fit(x: Floats, prior: dict[str, list[float]]) -> Trend:
    """Return the trend of the greatest posterior density.

    Parameters
    ----------
    x : array, shape (months,)
        Logs of the nation's deaths.
    prior : dict
        Median and standard deviation, of the log, of ``noise``, ``level`` and ``drift``; of the logit, of ``damping``.
    """
    names = ("noise", "level", "drift")
    centre = np.array([*(np.log(prior[name][0]) for name in names), logit(prior["damping"][0])])
    spread = np.array([*(prior[name][1] for name in names), prior["damping"][1]])

    def trend(at: Floats) -> Trend:
        noise, level, drift = (float(sd) for sd in np.exp(at[:3]))
        return Trend(noise, level, drift, float(expit(at[3])))

    def loss(at: Floats) -> float:
        return -trend(at).filtered(x)[2] + 0.5 * float((((at - centre) / spread) ** 2).sum())

    found = minimize(loss, centre, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3})
    return trend(found.x)
