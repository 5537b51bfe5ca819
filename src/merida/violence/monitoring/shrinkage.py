r"""Rates of small populations: gamma-Poisson empirical Bayes towards the state.

.. math:: y_i \sim \text{Poisson}(\lambda_i n_i), \qquad \lambda_i \sim \text{Gamma}(a_s, a_s / m_s)

so that a place's rate is distributed as Gamma(a + y, a / m + n) (Clayton and Kaldor, 1987). The mean m and the strength a
of each state maximise the marginal (negative binomial) likelihood of its municipalities. With few municipalities
that is weak: log a is pulled towards the states' median, with the states' own spread (median absolute deviation)
as the scale. The interval takes m and a as known, so it is a little too narrow where a state has few municipalities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merida.one_line import OneLine
from merida.statistics import HIGH, LOW

Floats = npt.NDArray[np.float64]

BOUNDS = ((-3.0, 6.0), (-6.0, 8.0))  # of log a and log m: from next to no pooling to all of it


@dataclass(frozen=True, repr=False)
class Shrunk(OneLine):
    """Rates with their intervals, per 100,000 a year where exposure is person-years in 100,000.

    Parameters
    ----------
    mean, low, high : array (N,)
        Posterior mean, 5th and 95th percentile.
    prior_mean, strength : array (N,)
        m and a of the place's group.
    """

    mean: Floats
    low: Floats
    high: Floats
    prior_mean: Floats
    strength: Floats


def log_marginal(deaths: Floats, exposure: Floats, mean: float, strength: float) -> float:
    """Return the log marginal likelihood of counts: negative binomial, by group mean and strength."""
    from scipy.special import gammaln

    rate = strength / mean
    terms = (
        gammaln(strength + deaths)
        - gammaln(strength)
        - gammaln(deaths + 1)
        + strength * np.log(rate / (rate + exposure))
        + deaths * np.log(exposure / (rate + exposure))
    )
    return float(terms.sum())


def _fit(deaths: Floats, exposure: Floats, centre: float, scale: float) -> tuple[float, float]:
    """Return (log a, log m) of one group, log a under a normal pull; an infinite `scale` pulls nothing."""
    from scipy.optimize import minimize

    def loss(point: Floats) -> float:
        return float(0.5 * ((point[0] - centre) / scale) ** 2) - log_marginal(
            deaths, exposure, float(np.exp(point[1])), float(np.exp(point[0]))
        )

    crude = np.log(max(deaths.sum(), 0.5) / exposure.sum())
    minimum = minimize(loss, np.array([0.5, crude]), bounds=BOUNDS, method="L-BFGS-B")
    return float(minimum.x[0]), float(minimum.x[1])


def gamma_quantile(share: float, shape: npt.ArrayLike, scale: npt.ArrayLike) -> Floats:
    """Return a quantile of the gamma distribution, without the time that importing ``scipy.stats`` takes."""
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(shape, share) * np.asarray(scale), dtype=np.float64)


def shrink(deaths: Floats, exposure: Floats, groups: Sequence[str]) -> Shrunk:
    """Return the rates of places, each drawn towards its group's.

    Parameters
    ----------
    deaths : array (N,)
        Counts.
    exposure : array (N,)
        Person-years in 100,000; must be above 0.
    groups : sequence of str
        Group (state) of each place.

    Examples
    --------
    >>> rates = shrink(np.array([0.0, 50.0, 8.0]), np.array([0.1, 1.0, 0.2]), ["08"] * 3)
    >>> bool(rates.mean[0] > 0)  # no deaths among 10,000 people say little, so the rate is drawn towards the others'
    True
    """
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    members = [group == number for number in range(len(names))]
    alone = np.array([_fit(deaths[member], exposure[member], 0.0, np.inf) for member in members])
    centre = float(np.median(alone[:, 0]))
    scale = max(1.4826 * float(np.median(np.abs(alone[:, 0] - centre))), 0.1)
    fitted = np.exp([_fit(deaths[member], exposure[member], centre, scale) for member in members])
    strength, mean = fitted[group, 0], fitted[group, 1]
    shape, width = strength + deaths, 1 / (strength / mean + exposure)
    return Shrunk(
        shape * width,
        gamma_quantile(LOW, shape, width),
        gamma_quantile(HIGH, shape, width),
        mean,
        strength,
    )
