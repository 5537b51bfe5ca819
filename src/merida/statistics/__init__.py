"""Statistics that more than one room needs: scores of probabilistic forecasts, quantiles of draws, what draws tell apart.

They are functions of arrays with no data of their own, below violence and border alike. What SciPy has (false
discovery control, connected components) is taken from there.
"""

from merida.statistics.grouping import SURE, Grouping, grouped
from merida.statistics.quantiles import HIGH, LOW, Interval, low_median_high
from merida.statistics.scores import (
    bootstrap,
    covered,
    crps,
    interval_score,
    log_score_counts,
    log_score_totals,
    pit,
)

__all__ = [
    "HIGH",
    "LOW",
    "SURE",
    "Grouping",
    "Interval",
    "bootstrap",
    "covered",
    "crps",
    "grouped",
    "interval_score",
    "log_score_counts",
    "log_score_totals",
    "low_median_high",
    "pit",
]
