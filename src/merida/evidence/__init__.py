"""What studies say of each programme: the register, one model of all of it, and the effects that follow.

An effect is a distribution in a new setting in Mexico; `known_effect` shows the studies behind it. A user's own
table of studies is pooled in `meta/`.
"""

from merida.evidence.effects import EffectDistribution, effect_distribution, elasticity_distribution
from merida.evidence.forest import forest, statuses
from merida.evidence.hierarchy import Pooled, outcomes_of, pooled, programmes_of
from merida.evidence.known import Known, known_effect
from merida.evidence.register import Register
from merida.priors import Reading

__all__ = [
    "EffectDistribution",
    "Known",
    "Pooled",
    "Reading",
    "Register",
    "effect_distribution",
    "elasticity_distribution",
    "forest",
    "known_effect",
    "outcomes_of",
    "pooled",
    "programmes_of",
    "statuses",
]
