"""Meta-analysis of a user's own table: what its studies say together, how far they differ, whether small ones lack.

`studies` makes a table's effects ready; `pool` and `three_level` combine them; `asymmetry` holds small against large.
"""

from merida.evidence.meta.bias import Asymmetry, asymmetry
from merida.evidence.meta.effect_sizes import RATIOS, Correct, Measure
from merida.evidence.meta.estimators import Method
from merida.evidence.meta.pooling import Interval, Pooled, Prediction, pool
from merida.evidence.meta.studies import Studies, studies
from merida.evidence.meta.three_level import ThreeLevel, three_level

__all__ = [
    "RATIOS",
    "Asymmetry",
    "Correct",
    "Interval",
    "Measure",
    "Method",
    "Pooled",
    "Prediction",
    "Studies",
    "ThreeLevel",
    "asymmetry",
    "pool",
    "studies",
    "three_level",
]
