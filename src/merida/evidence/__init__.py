"""What studies say of each programme, and the laws of effects that follow from it."""

from merida.evidence.laws import EffectLaw, Reading, effect_law, elasticity_law
from merida.evidence.register import Register

__all__ = ["EffectLaw", "Reading", "Register", "effect_law", "elasticity_law"]
