r"""When a monthly series changed its level: break points by penalised likelihood.

Between breaks deaths are Poisson at one rate per person-month, their variance inflated by :math:`\varphi`. The breaks
minimise the sum of the pieces' deviances over :math:`\varphi` plus a penalty of 2 log T for each (its place and its
level: the Bayesian information criterion). The minimum is exact, by optimal partitioning (Jackson and others, 2005),
of which PELT is the pruned form for long series. :math:`\varphi` comes from differences of neighbouring months, which
a change of level barely touches.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from merida.one_line import OneLine
from merida.violence.monitoring.change import overdispersion

Floats = npt.NDArray[np.float64]

SHORTEST = 12  # months in a piece: shorter ones follow the seasons


@dataclass(frozen=True)
class Break:
    """A change of level.

    Parameters
    ----------
    first, low, high : int
        Index of the first month of the new level: the best one, and the ends between which it lies with 90 %
        probability given its neighbours (before the data, all months between them are equally likely).
    ratio : float
        The new rate over the old one.
    """

    first: int
    low: int
    high: int
    ratio: float


@dataclass(frozen=True, repr=False)
class Breaks(OneLine):
    """Every change of level of a series.

    Parameters
    ----------
    breaks : tuple of Break
        In order of time; empty where the level never changed.
    rate : array (T,)
        The level in each month, per unit of exposure.
    overdispersion : float
        Phi, the variance of monthly deaths over their mean.
    """

    breaks: tuple[Break, ...]
    rate: Floats
    overdispersion: float


def _cost(counts: Floats, exposure: Floats) -> Floats:
    """Return minus twice the log likelihood of pieces from their sums, without the constants that all share."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(counts > 0, -2 * counts * (np.log(counts / exposure) - 1), 0.0))


def find_breaks(counts: Floats, exposure: Floats, shortest: int = SHORTEST) -> Breaks:
    """Return the changes of level of a series, by exact minimisation over all places of the breaks.

    Parameters
    ----------
    counts : array (T,)
        Deaths by month.
    exposure : array (T,)
        Person-time by month, in any unit.
    shortest : int
        The least months that a level must last.

    Examples
    --------
    >>> deaths = np.repeat([10.0, 40.0], 36)
    >>> [step.first for step in find_breaks(deaths, np.ones(72)).breaks]
    [36]
    """
    months = len(counts)
    phi = float(overdispersion(counts[None, :] * (exposure.mean() / exposure))[0])
    dead, lived = (np.concatenate([[0.0], np.cumsum(of)]) for of in (counts, exposure))
    penalty = 2 * np.log(max(months, 2))
    best, came = np.full(months + 1, np.inf), np.zeros(months + 1, dtype=int)
    best[0] = -penalty
    for end in range(shortest, months + 1):
        starts = np.arange(0, end - shortest + 1)
        total = best[starts] + penalty + _cost(dead[end] - dead[starts], lived[end] - lived[starts]) / phi
        came[end] = starts[np.argmin(total)]
        best[end] = total.min()
    edges = [months]
    while edges[-1] > 0:
        edges.append(int(came[edges[-1]]))
    edges = edges[::-1]
    rate = np.empty(months)
    for start, end in pairwise(edges):
        rate[start:end] = (dead[end] - dead[start]) / (lived[end] - lived[start])
    steps = []
    for before, first, after in zip(edges[:-2], edges[1:-1], edges[2:], strict=True):
        months_between = np.arange(before + 1, after)
        cost = _cost(dead[months_between] - dead[before], lived[months_between] - lived[before])
        cost = cost + _cost(dead[after] - dead[months_between], lived[after] - lived[months_between])
        weight = np.exp(-(cost - cost.min()) / (2 * phi))
        reached = np.cumsum(weight) / weight.sum()
        low, high = (int(months_between[np.searchsorted(reached, share)]) for share in (0.05, 0.95))
        ratio = float(rate[first] / rate[first - 1]) if rate[first - 1] > 0 else float("inf")
        steps.append(Break(first, min(low, first), max(high, first), ratio))
    return Breaks(tuple(steps), rate, phi)
