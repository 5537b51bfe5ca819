"""Scores of probabilistic forecasts from draws.

CRPS is the plain ensemble estimator (Gneiting and Raftery, 2007): mean |x - y| less half the mean |x - x'| of all
pairs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats

Values = npt.NDArray[np.integer] | npt.NDArray[np.floating]
BLOCK = 300  # rows at a time, so that sorting fits into the cache


def crps(drawn: Values, actual: Values) -> Floats:
    """Return the CRPS of draws, shape (draws, ...), at actuals, shape (...), in the unit of what is forecast."""
    many = drawn.shape[0]
    flat, truth = drawn.reshape(many, -1), np.asarray(actual).reshape(-1)
    weights = (2 * np.arange(1, many + 1) - many - 1) / many**2
    out = np.empty(len(truth))
    for start in range(0, len(truth), BLOCK):
        block = np.sort(flat[:, start : start + BLOCK], axis=0)
        away = np.abs(block - truth[start : start + BLOCK]).mean(axis=0)
        out[start : start + BLOCK] = away - weights @ block
    return out.reshape(np.shape(actual))


def interval_score(drawn: Values, actual: Values, level: float) -> Floats:
    """Return the interval score (Winkler, 1972) of the central interval of that level."""
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    below, above = np.maximum(low - actual, 0), np.maximum(actual - high, 0)
    return np.asarray(high - low + (below + above) / tail, dtype=np.float64)


def covered(drawn: Values, actual: Values, level: float) -> Floats:
    """Return 1 where the actual lies in the central interval of that level, else 0."""
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return np.asarray((low <= actual) & (actual <= high), dtype=np.float64)


def pit(drawn: Values, actual: Values, random: np.random.Generator) -> Floats:
    """Return the randomised probability integral transform (Czado, Gneiting and Held, 2009)."""
    below, equal = (drawn < actual).mean(axis=0), (drawn == actual).mean(axis=0)
    return np.asarray(below + equal * random.random(np.shape(actual)), dtype=np.float64)


def log_score_counts(drawn: Values, actual: Values) -> Floats:
    """Return minus the log of the share of draws equal to the actual, half a draw added."""
    equal = (drawn == actual).sum(axis=0)
    return np.asarray(-np.log((equal + 0.5) / (drawn.shape[0] + 1)), dtype=np.float64)


def log_score_totals(drawn: Values, actual: Values) -> Floats:
    """Return minus the log density of totals, by a Gaussian kernel on log(1 + y) (Silverman, 1986, eq. 3.31)."""
    many = drawn.shape[0]
    x, y = np.log1p(drawn), np.log1p(actual)
    quarter, third = np.quantile(x, [0.25, 0.75], axis=0)
    wide = 0.9 * np.minimum(x.std(axis=0), (third - quarter) / 1.34) * many**-0.2
    wide = np.maximum(wide, 1e-3)
    density = np.exp(-0.5 * ((y - x) / wide) ** 2).mean(axis=0) / (wide * np.sqrt(2 * np.pi))
    return np.asarray(np.log1p(actual) - np.log(density + 1e-12), dtype=np.float64)


def bootstrap(gains: Floats, level: float = 0.9, times: int = 2000, seed: int = 0) -> tuple[float, float]:
    """Return the interval of 1 - score / reference over origins, from pairs (score, reference), shape (origins, 2)."""
    random = np.random.default_rng(seed)
    at = random.integers(0, len(gains), (times, len(gains)))
    sums = gains[at].sum(axis=1)
    tail = (1 - level) / 2
    low, high = np.quantile(1 - sums[:, 0] / sums[:, 1], [tail, 1 - tail])
    return float(low), float(high)
