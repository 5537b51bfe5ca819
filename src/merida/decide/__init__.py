"""Decisions: where the next dollar does most good, and how sure that is.

`allocate` divides a budget; `ranking` puts programmes in groups of which nothing is told apart, by what a further million
dollars does; `grouped` makes such groups of any draws.
"""

from merida.decide.allocation import Allocation, allocate
from merida.decide.grouping import Grouping, grouped
from merida.decide.ranking import Ranking, ranking

__all__ = ["Allocation", "Grouping", "Ranking", "allocate", "grouped", "ranking"]
