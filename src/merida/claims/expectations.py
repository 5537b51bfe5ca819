"""What the laboratory expects of the programmes that the memo advises, from what had been published at a date."""

from __future__ import annotations

import math
from dataclasses import dataclass

from merida.facts import Facts
from merida.facts.schema import Text


@dataclass(frozen=True)
class Expectation:
    """What the laboratory expects of a programme; numbers are None where no law of effect is known.

    Parameters
    ----------
    programme : str
        Its id in the framework.
    title : Text
        Its name.
    unit : str or None
        ``percent``, the change of the studies' outcome at their dose, or ``percent_for_percent``, an elasticity.
    value, low, high : float or None
        Median and 90 % interval, in a new setting.
    probability_of_harm, probability_of_benefit : float or None
        From 0 to 1.
    studies : int
        How many count.
    basis : str
        How it is known, a key under ``basis`` in ``words/``.
    """

    programme: str
    title: Text
    unit: str | None
    value: float | None
    low: float | None
    high: float | None
    probability_of_harm: float | None
    probability_of_benefit: float | None
    studies: int
    basis: str


def expectations(facts: Facts) -> dict[str, Expectation]:
    """Return what the laboratory expects of each programme, from what had been published at the record's date."""
    from merida.framework import Framework
    from merida.parameters.registry import entries
    from merida.parameters.standings import effect_path, effects, how_known

    framework = Framework.load("merida")
    found = {}
    for name, distribution in effects(framework, facts).items():
        programme = framework.programmes[name]
        title = Text(en=programme.title.en, es=programme.title.es)
        known = how_known(programme.lever, distribution)
        if distribution is None:
            found[name] = Expectation(name, title, None, None, None, None, None, None, 0, known)
            continue
        elastic = entries()[effect_path(programme) or ""].scale == "elasticity"
        ends = [distribution.quantile(q) for q in (0.5, 0.05, 0.95)]
        middle, low, high = ends if elastic else [100 * math.expm1(end) for end in ends]
        unit = "percent_for_percent" if elastic else "percent"
        harm = distribution.probability_harm
        found[name] = Expectation(
            name, title, unit, middle, low, high, harm, 1 - harm, len(distribution.studies), known
        )
    return found
