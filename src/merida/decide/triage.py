"""Triage: which municipalities first, for a programme that works in places.

Each municipality that the programme serves gets the same money beside what was last enacted, and what is averted there is
read draw by draw from one run of the whole system. The places do not compete for what a programme can expend in a month:
that is held without bound in this run, for the question is where to begin and not whether all can be served. Places are
ordered by the probability of being among the best so many, with median and interval (SCIENCE rule 31).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from merida.distributions import Floats
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import prepared, simulate
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, PlanRow, plan_named
from merida.progress import Counted
from merida.statistics.grouping import Grouping, among_first, grouped

CAPACITY, UNBOUND = "delivery.foreign_capacity_usd_month", 1e10
MUNICIPALITY = "municipality"


@dataclass(frozen=True)
class Triage:
    """What the same money averts in each municipality.

    Attributes
    ----------
    places : tuple of str
        Codes of the municipalities.
    averted : array, shape (draws, places)
        Homicides averted there by the money, in the years evaluated.
    deaths : array, shape (places,)
        Homicides of the last year known.
    among : array, shape (places,)
        Share of draws in which each is among the best so many.
    grouping : Grouping
        Which of them are told apart.
    """

    places: tuple[str, ...]
    averted: Floats
    deaths: Floats
    among: Floats
    grouping: Grouping


def programmes(framework: Framework) -> tuple[str, ...]:
    """Return the programmes that work in municipalities."""
    return tuple(name for name, one in framework.programmes.items() if one.level == MUNICIPALITY)


def triage(
    framework: Framework,
    facts: Facts,
    programme: str,
    *,
    best: int,
    usd_per_year: float,
    draws: int,
    years: int | None = None,
    seed: int = 0,
    held: Mapping[str, float] | None = None,
    progress: Counted = lambda *_: None,
) -> Triage:
    """Return what the same money averts in each municipality that a programme serves.

    Parameters
    ----------
    programme : str
        One that works in municipalities.
    best : int
        How many can be served first.
    usd_per_year : float
        Dollars a year for each, in the spending window.

    Raises
    ------
    PlanError
        If the programme does not work in municipalities, more are to be served than there are, or nothing had been
        enacted.
    """
    if programme not in programmes(framework):
        raise PlanError("triage_programme", found=programme, known=", ".join(programmes(framework)))
    continuation = plan_named("continuation", framework, facts)
    if not continuation.rows:
        raise PlanError("no_enacted_money", as_of=facts.as_of)
    domain, _, _ = prepared(framework, facts, {}, draws=1, seed=seed, years=years)
    wanted = domain.eligible(framework.programmes[programme])
    places = [code for code, one in zip(domain.forecast.places, wanted, strict=True) if one]
    if best > len(places):
        raise PlanError("triage_too_many", found=best, most=len(places), programme=programme)
    like = continuation.rows[0]
    rows = tuple(
        PlanRow(
            programme, framework.programmes[programme].accounts[0], code, like.start, like.end, usd_per_year
        )
        for code in places
    )
    plan = replace(continuation, name="triage", rows=(*continuation.rows, *rows))
    run = simulate(
        framework,
        facts,
        {"triage": plan},
        draws=draws,
        seed=seed,
        years=years,
        held={CAPACITY: UNBOUND, **(held or {})},
        places=True,
        border=False,
        progress=progress,
    )
    at = [run.domain.forecast.places.index(code) for code in places]
    without, there = (run.outcomes.place[name][:, at].astype(np.float64) for name in (REFERENCE, "triage"))
    averted = (without - there).sum(axis=2)
    return Triage(
        tuple(places),
        averted,
        domain.measures["homicides"][at],
        among_first(averted, best),
        grouped(averted, places),
    )
