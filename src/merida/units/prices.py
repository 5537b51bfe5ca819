"""Money of one year in prices of another."""

from __future__ import annotations

from collections.abc import Mapping


def price_level(index: Mapping[int, float], year: int) -> float:
    """Return the price level of a year by an index, or that of the nearest year that the index knows.

    Money of year a is worth ``money * price_level(index, b) / price_level(index, a)`` in prices of year b.

    Parameters
    ----------
    index : mapping of int to float
        Price level by year, in any base. Where it is empty nothing is known of prices, and every level is 1.
    year : int
        Of two known years equally near, the one that comes first in the index counts.

    Examples
    --------
    >>> price_level({2012: 0.88, 2013: 0.90}, 2020)
    0.9
    """
    if not index:
        return 1.0
    return index[min(index, key=lambda known: abs(known - year))]
