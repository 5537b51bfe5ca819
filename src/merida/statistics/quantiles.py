"""The interval in which estimates are told: the median of draws between their 5th and 95th percentile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats

LOW, MEDIAN, HIGH = 0.05, 0.5, 0.95


def low_median_high(draws: npt.ArrayLike) -> Floats:
    """Return the 5th, 50th and 95th percentile of draws, shape (3, ...) for draws of shape (draws, ...).

    Between two draws a quantile is interpolated linearly (definition 7 of Hyndman and Fan, 1996).

    Examples
    --------
    >>> low_median_high(range(101)).tolist()
    [5.0, 50.0, 95.0]
    """
    return np.asarray(np.quantile(np.asarray(draws), (LOW, MEDIAN, HIGH), axis=0), dtype=np.float64)


@dataclass(frozen=True)
class Interval:
    """An estimate as its median with the ends of its 90 % interval."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, draws: npt.ArrayLike) -> Interval:
        """Return the interval of draws, shape (draws,).

        Examples
        --------
        >>> Interval.of(range(101))
        Interval(low=5.0, median=50.0, high=95.0)
        """
        low, median, high = low_median_high(draws)
        return cls(float(low), float(median), float(high))
