"""What is believed of every number: one schema, one reader, one dotted path for each.

`settings` holds some of them at a user's own numbers; `Parameters` draws those of the models. Also the one route by
which each programme reaches each outcome, and what stands behind each programme's effect.
"""

from merida.parameters.parameters import Parameters
from merida.parameters.registry import FILES, entries, programme_entries, settings, weights
from merida.parameters.standings import Standing, Use, effect_path, knowledge, standings, totals, uses

__all__ = [
    "FILES",
    "Parameters",
    "Standing",
    "Use",
    "effect_path",
    "entries",
    "knowledge",
    "programme_entries",
    "settings",
    "standings",
    "totals",
    "uses",
    "weights",
]
