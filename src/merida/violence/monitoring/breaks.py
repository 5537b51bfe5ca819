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

from merida.violence.monitoring.change import overdispersion

Floats = npt.NDArray[np.float64]

SHORTEST = 12  # months in a piece: shorter ones follow the seasons


@dataclass(frozen=True)
class Break:
    """A change of level.

    Parameters
    ----------
    at, low, high : int
        Index of the first month of the new level: the best, and where it lies with 90 % probability given its
        neighbours (all months between them equally likely before).
    ratio : float
        New rate over the old.
    """

    at: int
    low: int
    high: int
    ratio: float


@dataclass(frozen=True)
class Breaks:
    """Every change of level of a series, the rate in each month (T,) per unit of exposure, and phi."""

    breaks: tuple[Break, ...]
    rate: Floats
    overdispersion: float


def _cost(counts: Floats, exposure: Floats) -> Floats:
    """Return minus twice the log likelihood of pieces by their sums, the same constants left out."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(counts > 0, -2 * counts * (np.log(counts / exposure) - 1), 0.0))


def find_breaks(counts: Floats, exposure: Floats, shortest: int = SHORTEST) -> Breaks:
    """Return the changes of level of a series.

    Parameters
    ----------
    counts : array (T,)
        Deaths by month.
    exposure : array (T,)
        Person-time by month, in any unit.
    shortest : int
        Least months in a piece.
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
    found = []
    for before, at, after in zip(edges[:-2], edges[1:-1], edges[2:], strict=True):
        where = np.arange(before + 1, after)
        cost = _cost(dead[where] - dead[before], lived[where] - lived[before])
        cost = cost + _cost(dead[after] - dead[where], lived[after] - lived[where])
        weight = np.exp(-(cost - cost.min()) / (2 * phi))
        reached = np.cumsum(weight) / weight.sum()
        low, high = (int(where[np.searchsorted(reached, share)]) for share in (0.05, 0.95))
        ratio = float(rate[at] / rate[at - 1]) if rate[at - 1] > 0 else float("inf")
        found.append(Break(at, min(low, at), max(high, at), ratio))
    return Breaks(tuple(found), rate, phi)
