"""Who has what share of the deaths of a larger place: a state of the nation's, a municipality of its state's.

Two memories, a slow one and a fast one, each a count with exponential forgetting (Harvey and Fernandes, 1989). With
y and e the remembered deaths of the place and of the larger one, and p the place's share of its people,

    slow = p (a + y_slow) / (a + p e_slow),            a = c (p e_slow)^d
    share = slow (b + y_fast) / (b + slow e_fast),     b = f m^g

each the mean of a gamma posterior whose prior weighs as much as a (or b) deaths; m is the deaths a year expected by the
slow memory. Given the larger place's deaths, those of the next year are negative binomial about the share with shape
h m^k, and so much the shares move. c, d, f, g, h and k maximise the likelihood of the years after past Decembers,
times the priors of ``forecast.toml``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from merida.distributions import Floats
from merida.priors import Priors
from merida.statistics.modes import least
from merida.violence.panel import Groups, Integers, Panel, summed

PAST = 10  # Decembers before the last from which the year after is learnt
LEAST = 1e-6


@dataclass(frozen=True)
class Strengths:
    """c, d, f, g, h and k of the module: how much each prior weighs, and how much shares move in a year."""

    slow: float
    slow_power: float
    fast: float
    fast_power: float
    year: float
    year_power: float

    def year_shape(self, expected: Floats) -> Floats:
        """Return the shape of the gamma law of the next year, from the deaths a year that are expected."""
        return np.asarray(self.year * (expected + 0.1) ** self.year_power, dtype=np.float64)


@dataclass(frozen=True)
class Memory:
    """Remembered deaths of places and of the larger places they lie in, by half-life, shape (P, T) each."""

    fast_months: float
    fast: tuple[Floats, Floats]
    slow: tuple[Floats, Floats]

    def shares(self, with_: Strengths, people: Floats, groups: Groups, at: int) -> Floats:
        """Return each place's share of the larger place after month `at`; the shares of a group sum to one.

        Parameters
        ----------
        people : array, shape (P,)
            Shares of the larger place's people.
        """
        expected = people * self.slow[1][:, at]
        weight = with_.slow * np.maximum(expected, LEAST) ** with_.slow_power
        slow = people * (weight + self.slow[0][:, at]) / (weight + expected)
        expected = slow * self.fast[1][:, at]
        # a count remembered with half-life h weighs h / ln 2 months
        yearly = expected * 12 * np.log(2) / self.fast_months
        weight = with_.fast * np.maximum(yearly, LEAST) ** with_.fast_power
        share = slow * (weight + self.fast[0][:, at]) / (weight + expected)
        return np.asarray(normalised(share, groups), dtype=np.float64)


def normalised(shares: Floats, groups: Groups) -> Floats:
    """Return shares that sum to one in each group, along axis 0."""
    return np.asarray(shares / summed(shares, groups, int(groups.max()) + 1)[groups], dtype=np.float64)


def remembered(deaths: Integers, groups: Groups, fast_months: float, slow_months: float) -> Memory:
    """Return what is remembered of places and of the larger places, whose deaths are smoothed over three months."""
    from scipy.signal import lfilter  # which takes a third of a second to load: answers are read without it

    totals = summed(deaths, groups, int(groups.max()) + 1).astype(np.float64)
    wide = np.pad(totals, ((0, 0), (1, 1)), mode="edge")
    smooth = np.maximum(0.25 * wide[:, :-2] + 0.5 * wide[:, 1:-1] + 0.25 * wide[:, 2:], 0.1)

    def forgetting(values: npt.NDArray[np.generic], months: float) -> Floats:
        return np.asarray(lfilter([1.0], [1.0, -(0.5 ** (1 / months))], values, axis=1), dtype=np.float64)

    own = deaths.astype(np.float64)
    return Memory(
        fast_months,
        (forgetting(own, fast_months), forgetting(smooth, fast_months)[groups]),
        (forgetting(own, slow_months), forgetting(smooth, slow_months)[groups]),
    )


def memories(known: Panel, priors: Priors) -> tuple[Memory, Memory]:
    """Return what is remembered of states in the nation and of places in their states."""
    by_state = summed(known.deaths, known.state_of, len(known.codes))
    nation = np.zeros(len(known.codes), dtype=np.int64)
    states, places = (
        [priors.number(f"forecast.{level}.{memory}_months") for memory in ("fast", "slow")]
        for level in ("states", "places")
    )
    return (
        remembered(by_state, nation, *states),
        remembered(known.deaths, known.state_of, *places),
    )


def factors(
    deaths: Floats,
    share: Floats,
    groups: Groups,
    shape_of: Callable[[Floats], Floats],
    expected: Floats,
    basis: float,
) -> list[tuple[Floats, Floats]]:
    """Return mean and shape of the gamma laws of the places' factors in each year, given its deaths, and in the next.

    A place's factor has in the first year the shape that its expectation has, and given c deaths, of e expected, each
    weighing 1 / (1 + basis),

        mean (shape + c) / (shape + e),  shape + c.

    In the next year the mean is the same, and the variance larger by the movement of a year (West and Harrison, 1997).

    Parameters
    ----------
    deaths : array, shape (P, years)
    share : array, shape (P,)
        Of the larger place's deaths, before the first year.
    shape_of : function
        The shape of a year's factor from the deaths a month expected.
    expected : array, shape (P,)
        Deaths a month, before the first year.
    basis : float
        Variance of the deaths beside those that are forecast, as a multiple of the Poisson variance.
    """
    mean, shape, out = np.ones(len(share)), shape_of(expected), []
    for counted in deaths.T:
        whole = summed(counted, groups, int(groups.max()) + 1)[groups]
        of_year = normalised(share * mean, groups) * whole
        weighed = shape + counted / (1 + basis)
        mean = mean * weighed / (shape + of_year / (1 + basis))
        out.append((mean, weighed))
        moved = shape_of(normalised(share * mean, groups) * whole / 12)
        shape = 1 / (1 / weighed + 1 / moved)
    return [*out, (mean, shape)]


def fit(
    deaths: Integers,
    groups: Groups,
    people: Floats,
    memory: Memory,
    priors: Priors,
    level: str,
) -> Strengths:
    """Return the strengths of the greatest posterior density, from the years after past Decembers.

    What a user holds is not fitted.

    Parameters
    ----------
    deaths : integer array, shape (P, T)
    groups : integer array, shape (P,)
        The larger place of each.
    people : array, shape (P,)
        Shares of the larger place's people.
    priors : Priors
        ``forecast.states`` or ``forecast.places``: of the logarithm of each strength, of each power itself.
    level : {"states", "places"}
    """
    names = ("slow", "slow_power", "fast", "fast_power", "year", "year_power")
    powers = [name.endswith("power") for name in names]
    numbers = [priors.number(f"forecast.{level}.{name}") for name in names]
    centre = np.array(
        [number if power else np.log(number) for number, power in zip(numbers, powers, strict=True)]
    )
    spread = np.array([priors.sd(f"forecast.{level}.{name}") for name in names])
    scale = np.where(spread > 0, spread, 1.0)
    months = deaths.shape[1]
    ends = list(range(months - 12, 23, -12))[:PAST]
    after = [deaths[:, at : at + 12].sum(axis=1).astype(np.float64) for at in ends]
    totals = [summed(count, groups, int(groups.max()) + 1)[groups] for count in after]

    def strengths(at: Floats) -> Strengths:
        return Strengths(
            *(float(value if power else np.exp(value)) for value, power in zip(at, powers, strict=True))
        )

    def loss(at: Floats) -> float:
        chosen = strengths(at)
        total = 0.5 * float((((at - centre) / scale) ** 2).sum())
        for end, count, whole in zip(ends, after, totals, strict=True):
            mean = memory.shares(chosen, people, groups, end - 1) * whole + LEAST
            total -= log_negative_binomial(count, mean, chosen.year_shape(mean)).sum()
        return total

    return strengths(least(loss, centre, spread > 0, "L-BFGS-B", {"ftol": 1e-7}))


def log_negative_binomial(count: Floats, mean: Floats, shape: Floats) -> Floats:
    """Return the log probability of counts."""
    return np.asarray(
        gammaln(count + shape) - gammaln(shape) - gammaln(count + 1)
        + shape * np.log(shape / (shape + mean)) + count * np.log(mean / (shape + mean)),
        dtype=np.float64,
    )  # fmt: skip


def fit_month(deaths: Integers, priors: Priors) -> tuple[float, float]:
    """Return f and g of the shape f m^g of a month's gamma noise, m the year's deaths a month.

    Given a quarter's deaths, those of its months are Dirichlet-multinomial with the shape of each month; within a
    quarter the level has little time to move. What a user holds is not fitted.
    """
    paths = ("forecast.month.shape", "forecast.month.power")
    centre = np.array([np.log(priors.number(paths[0])), priors.number(paths[1])])
    spread = np.array([priors.sd(path) for path in paths])
    scale = np.where(spread > 0, spread, 1.0)
    years = deaths[:, -12 * PAST :].astype(np.float64).reshape(-1, 12)
    mean = np.repeat(years.mean(axis=1), 4)
    quarters = years.reshape(-1, 3)
    told = quarters.sum(axis=1) >= 2
    quarters, mean, total = quarters[told], mean[told], quarters[told].sum(axis=1)

    def loss(at: Floats) -> float:
        shape = np.exp(at[0]) * (mean + 0.05) ** at[1]
        each = gammaln(shape[:, None] + quarters).sum(axis=1) - 3 * gammaln(shape)
        all_ = gammaln(3 * shape) - gammaln(3 * shape + total)
        away = (at - centre) / scale
        return float(0.5 * (away[0] ** 2 + away[1] ** 2) - (each + all_).sum())

    shape, power = least(loss, centre, spread > 0, "L-BFGS-B")
    return float(np.exp(shape)), float(power)
