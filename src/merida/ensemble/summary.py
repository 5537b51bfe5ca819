"""What a run says: differences between plans with their intervals, what they cost, and what drives them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from merida.distributions import Floats
from merida.ensemble.lines import CostPerDeath, Driver
from merida.statistics import low_median_high


@dataclass(frozen=True)
class Estimate:
    """The median of the draws and the 5th and 95th percentile."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """One plan against another in one outcome.

    Parameters
    ----------
    averted : Estimate
        How much less of a bad outcome the plan has than the other.
    mean : float
        The mean over draws.
    better, worse : float
        Share of draws in which the plan has less, and more, of it. They do not sum to 1 where plans tie.
    """

    averted: Estimate
    mean: float
    better: float
    worse: float


def estimate(draws: Floats) -> Estimate:
    """Return median and interval of draws, shape (draws,)."""
    low, value, high = low_median_high(draws)
    return Estimate(float(value), float(low), float(high))


def difference(plan: Floats, other: Floats) -> Difference:
    """Return what a plan averts beside another: both of shape (draws,), on the same draws."""
    averted = other - plan
    return Difference(
        estimate(averted), float(averted.mean()), float(np.mean(averted > 0)), float(np.mean(averted < 0))
    )


def cost_per_death(usd: float, averted: Floats) -> CostPerDeath | None:
    """Return dollars per homicide averted, or None where the plan costs no more than the other.

    Parameters
    ----------
    usd : float
        Extra dollars, appropriated in the spending window.
    averted : array, shape (draws,)
        Homicides averted.
    """
    if usd <= 0:
        return None
    low, value, high = (usd / q if q > 0 else None for q in low_median_high(averted)[::-1])
    return CostPerDeath(usd, value, low, high)


def late_share(averted: Floats, years: int) -> float | None:
    """Return the share of what is averted on average that comes after `years`.

    None where nothing is averted on average, before or after: a share of both signs says nothing.

    Parameters
    ----------
    averted : array, shape (draws, Y)
    """
    by_year = averted.mean(axis=0)
    early, late = float(by_year[:years].sum()), float(by_year[years:].sum())
    if averted.shape[1] <= years or min(early, late) < 0 or early + late == 0:
        return None
    return late / (early + late)


def drivers(scalars: dict[str, Floats], result: Floats, count: int = 10) -> list[Driver]:
    """Return the parameters whose draws go most with the result, strongest first.

    Those within what chance gives are left out: 3.3 standard errors of no correlation, one in a thousand looks.
    """
    if np.ptp(result) == 0:
        return []
    ranks = standard(rankdata(result))
    found = [
        Driver(path, float(np.mean(standard(rankdata(values)) * ranks)))
        for path, values in scalars.items()
        if np.ptp(values) > 0
    ]
    chance = 3.3 / np.sqrt(len(result))
    strong = [driver for driver in found if abs(driver.correlation) > chance]
    return sorted(strong, key=lambda driver: (-abs(driver.correlation), driver.path))[:count]


def variance_shares(parts: Floats, whole: Floats, resamples: int = 400) -> Floats:
    """Return what part of the variance of a sum each of its parts makes: its covariance with the sum over the variance.

    They add to 1, whatever the parts do together; a part that
    works against the others has a negative one.

    Parameters
    ----------
    parts : array, shape (parts, draws)
    whole : array, shape (draws,)
        Their sum.
    resamples : int
        Bootstrap samples of draws for the interval.

    Returns
    -------
    array, shape (3, parts)
        The 5th percentile over samples of draws, the share, the 95th percentile; NaN where the sum does not vary.

    Examples
    --------
    >>> variance_shares(np.array([[0.0, 2.0], [0.0, 1.0]]), np.array([0.0, 3.0]))[1].tolist()
    [0.6666666666666666, 0.3333333333333333]
    """

    def shares(number: npt.NDArray[np.int64]) -> Floats:
        chosen, total = parts[:, number], whole[number]
        apart = total - total.mean()
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(chosen @ apart / (apart @ apart), dtype=np.float64)

    draws = len(whole)
    random = np.random.default_rng(0)
    sampled = np.stack([shares(random.integers(0, draws, draws)) for _ in range(resamples)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a sum that varies in no sample
        low, high = np.nanquantile(sampled, [0.05, 0.95], axis=0)
    return np.stack([low, shares(np.arange(draws)), high])


def standard(values: Floats) -> Floats:
    """Return values less their mean, over their standard deviation."""
    return np.asarray((values - values.mean()) / values.std(), dtype=np.float64)
