r"""Clusters on the map: local Moran and Getis-Ord Gi*, tested by conditional permutation.

Local Moran (Anselin, 1995), weights row-standardised: :math:`I_i = z_i \sum_j w_{ij} z_j \cdot (n-1) / \sum z^2`.
Gi* (Ord and Getis, 1995), binary weights with the place itself: the standardised sum of x over a place and its
neighbours. The p-value of a place holds its own value and deals the others' at random to its neighbours. One test
for each of 2,443 places would find a hundred clusters in pure noise at 5 %, so the two-sided p-values are held to a
false discovery rate (Benjamini and Hochberg, 1995).

Rates of small populations vary more and a few are enormous, so what is mapped is the logarithm of the rate drawn towards
the nation's by empirical Bayes. A rate drawn towards its state's would make neighbours alike by construction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merida.draws import stream
from merida.facts import Facts
from merida.one_line import OneLine
from merida.violence.monitoring.shrinkage import shrink

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FALSE_DISCOVERY = 0.05
PERMUTATIONS = 9999  # 999 could not pass the correction for so many looks: its least p-value is 0.001


@dataclass(frozen=True)
class Adjacency:
    """Which places touch: neighbour pairs in both directions, sorted by the first.

    Parameters
    ----------
    first, second : array (E,)
        Indices of the two places.
    count : int
        Number of places, n.
    """

    first: Ints
    second: Ints
    count: int

    @property
    def degree(self) -> Ints:
        """How many neighbours each place has (n,)."""
        return np.bincount(self.first, minlength=self.count).astype(np.int64)

    def sums(self, x: Floats) -> Floats:
        """Return the sum of x over each place's neighbours (n,)."""
        return np.bincount(self.first, weights=x[self.second], minlength=self.count).astype(np.float64)


def adjacency(facts: Facts, codes: list[str]) -> Adjacency:
    """Return which harmonised units touch: a border of one of a unit's municipalities is the unit's.

    The frame of 2020 serves at every date, as the table declares, so a municipality created since is joined to its
    unit by the whole record even as of an earlier date.
    """
    pairs = (Facts() if facts.as_of else facts).sql(
        """select distinct a.unit_2000 as a, b.unit_2000 as b
from (select municipality_a as x, municipality_b as y from municipality_adjacency
  union all select municipality_b, municipality_a from municipality_adjacency)
join municipalities a on a.municipality = x join municipalities b on b.municipality = y
where a.unit_2000 <> b.unit_2000 order by a, b"""
    )
    row_of = {code: row for row, code in enumerate(codes)}
    kept = [(row_of[a], row_of[b]) for a, b in pairs.iter_rows() if a in row_of and b in row_of]
    first, second = np.array(kept, dtype=np.int64).T
    return Adjacency(first, second, len(codes))


def log_rates(deaths: Floats, exposure: Floats) -> Floats:
    """Return the logarithm of each place's rate, drawn towards the nation's by empirical Bayes (n,)."""
    return np.log(shrink(deaths, exposure, ["nation"] * len(deaths)).mean)


def local_moran(x: Floats, near: Adjacency) -> Floats:
    """Return local Moran of each place (n,); 0 where it has no neighbour."""
    z = x - x.mean()
    lag = near.sums(z) / np.maximum(near.degree, 1)
    return np.asarray(z * lag * (len(x) - 1) / (z**2).sum())


def gi_star(x: Floats, near: Adjacency) -> Floats:
    """Return Gi* of each place (n,), standardised: above 0 where high values meet, below where low ones do."""
    size, spread = len(x), x.std()
    weight = near.degree + 1.0
    scale = spread * np.sqrt(weight * (size - weight) / (size - 1))
    return np.asarray((near.sums(x) + x - weight * x.mean()) / scale)


def permuted_p(
    x: Floats,
    near: Adjacency,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
    name: str = "monitor.clusters",
) -> Floats:
    """Return the one-sided conditional permutation p-value of each place's sum over its neighbours (n,).

    With the place's own value held, local Moran and Gi* both rise with that sum, so one test serves both: the share
    of permutations at least as extreme, in the direction in which it lies.

    Parameters
    ----------
    x : array (n,)
        Values.
    near : Adjacency
        Who touches whom.
    seed : int
        Of the stream.
    permutations : int
        How many. All places share them, which leaves each p-value as it is.
    """
    size, degree = len(x), near.degree
    drawn = _without_replacement(stream(seed, name), permutations, int(degree.max()), size - 1)
    # Places 0 … n-2 are dealt once for all; in the turn of place i, the last place stands where i was dealt.
    running = np.cumsum(x[drawn], axis=1)
    rows, columns = np.indices(drawn.shape)
    order = np.argsort(drawn, axis=None, kind="stable")
    held, at_row, at_column = drawn.ravel()[order], rows.ravel()[order], columns.ravel()[order]
    edges = np.searchsorted(held, np.arange(size + 1))
    observed = near.sums(x)
    p = np.ones(size)
    for place in np.flatnonzero(degree):
        sums = running[:, degree[place] - 1].copy()
        mine = slice(edges[place], edges[place + 1])
        within = at_row[mine][at_column[mine] < degree[place]]
        sums[within] += x[size - 1] - x[place]
        tolerance = 1e-12 * max(1.0, abs(observed[place]))
        larger = int(np.count_nonzero(sums >= observed[place] - tolerance))
        p[place] = (min(larger, permutations - larger) + 1) / (permutations + 1)
    return p


def _without_replacement(random: np.random.Generator, rows: int, columns: int, size: int) -> Ints:
    """Return `rows` ordered draws of `columns` different numbers below `size`: whole rows are drawn again on a repeat."""
    drawn = random.integers(size, size=(rows, columns))
    while True:
        ordered = np.sort(drawn, axis=1)
        again = (np.diff(ordered, axis=1) == 0).any(axis=1)
        if not again.any():
            return drawn
        drawn[again] = random.integers(size, size=(int(again.sum()), columns))


@dataclass(frozen=True, repr=False)
class Clusters(OneLine):
    """What was found at each place (n,).

    Parameters
    ----------
    moran, gi_star : array
        The statistics.
    p : array
        Two-sided permutation p-value.
    q : array
        The least false discovery rate at which the place counts as part of a cluster.
    side : list of str
        ``high``, ``low`` (like its neighbours), ``high_among_low`` or ``low_among_high``, proven or not.
    """

    moran: Floats
    gi_star: Floats
    p: Floats
    q: Floats
    side: list[str]

    def kinds(self, rate: float = FALSE_DISCOVERY) -> list[str]:
        """Return each place's side, or ``none`` where its q is above the false discovery rate allowed."""
        return [side if q <= rate else "none" for side, q in zip(self.side, self.q, strict=True)]


def clusters(x: Floats, near: Adjacency, seed: int = 0) -> Clusters:
    """Return the clusters of `x`, each place with the least false discovery rate at which it belongs to one.

    Parameters
    ----------
    x : array (n,)
        What is mapped, here logarithms of shrunk rates.
    near : Adjacency
        Which places touch.
    seed : int
        Of the permutations.

    Examples
    --------
    >>> cross_section = CrossSection(Facts("2012-12"))
    >>> found = clusters(np.log(cross_section.rates.mean), cross_section.adjacency)
    >>> sorted(set(found.kinds()))
    ['high', 'low', 'low_among_high', 'none']
    """
    from scipy.stats import false_discovery_control

    p = np.minimum(2 * permuted_p(x, near, seed), 1.0)
    q = false_discovery_control(p)
    z = x - x.mean()
    lag = near.sums(z)
    sides = {(True, True): "high", (False, False): "low", (True, False): "high_among_low"}
    side = [sides.get(pair, "low_among_high") for pair in zip(z > 0, lag > 0, strict=True)]
    return Clusters(local_moran(x, near), gi_star(x, near), p, q, side)
