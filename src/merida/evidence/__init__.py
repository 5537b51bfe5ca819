"""What studies say of each programme, and the laws of effects that follow from it."""

from merida.evidence.forest import forest, statuses
from merida.evidence.hierarchy import Pooled, outcomes_of, pooled, programmes_of
from merida.evidence.laws import EffectLaw, Reading, effect_law, elasticity_law
from merida.evidence.register import Register

__all__ = [
    "EffectLaw",
    "Pooled",
    "Reading",
    "Register",
    "effect_law",
    "elasticity_law",
    "forest",
    "outcomes_of",
    "pooled",
    "programmes_of",
    "statuses",
]
