"""What the brief says of programmes and plans: which questions it asks, and what they answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from merida.answers import Request
from merida.answers.border.delay import AskDelay, CrossingDelay
from merida.answers.border.officers import AskOfficers, OfficerLine
from merida.answers.plans.allocate import BEST, Allocated
from merida.answers.plans.rank import Rank, RankedProgrammes
from merida.answers.plans.simulate import Simulate
from merida.answers.plans.usual import DRAWS, search_of
from merida.answers.plans.voi import Information, Voi
from merida.brief.parts import waits_held
from merida.brief.portrait import Portrait
from merida.decide.said.lines import PlanLine
from merida.ensemble.lines import Comparison
from merida.framework import Framework, plan_named, plan_start
from merida.one_line import OneLine
from merida.parameters.standings import Standing, standings

ADDITIONALITY = (0.3, 0.6, 1.0)  # SCIENCE rule 5
WINDOWS = (5, 15)
RANKING_DRAWS = 128
LEAST_DRAWS = 16  # of the value of information
BUSIEST, DELAY_DRAWS = 5, 24  # crossings of each mode, and draws, of the delay that the brief shows
COSTLIEST = 5  # crossings at which the brief says what an officer saves


@dataclass(frozen=True, repr=False, kw_only=True)
class Studied(OneLine):
    """What studies say of a framework's programmes.

    Attributes
    ----------
    standings : tuple of Standing
        What is known of each programme's effect in a new setting at its studies' dose.
    """

    framework: Framework
    as_of: str | None
    standings: tuple[Standing, ...]


@dataclass(frozen=True, repr=False, kw_only=True)
class Findings(Studied):
    """What is expected of programmes and plans, each with the question that gave it.

    Attributes
    ----------
    own : str
        The framework's own plan: the first that it brings along.
    start : int
        The first year in which a plan may spend.
    search : Request
        What gave `allocation`: the framework's own plan, the best one found and none, each against the continuation.
    plans : tuple of PlanLine
        Those three.
    additionality : dict of float to (Request, Comparison)
        The own plan against the continuation where this part of each dollar is additional.
    ranked : Request
        What gave `ranking`.
    worth : (Request, Information)
        What it is worth to know more before choosing between the own plan and the continuation.
    delays : tuple of (Request, CrossingDelay)
        Waiting at the crossings with the most cars and the most trucks.
    officers : tuple of (Request, OfficerLine)
        What an officer saves a year at the costliest of them, by matched hours; none while no wait had been posted.
    """

    own: str
    start: int
    search: Request
    allocation: Allocated
    plans: tuple[PlanLine, ...]
    additionality: dict[float, tuple[Request, Comparison]]
    ranked: Request
    ranking: RankedProgrammes
    worth: tuple[Request, Information]
    delays: tuple[tuple[Request, CrossingDelay], ...]
    officers: tuple[tuple[Request, OfficerLine], ...]


def gather(portrait: Portrait) -> Findings | None:
    """Return what is expected of programmes and plans, or None while nothing had been enacted."""
    framework, facts = portrait.framework, portrait.facts
    if not plan_named("continuation", framework, facts).rows:
        return None
    own = next(iter(framework.plans))
    shared = portrait.shared | {"framework": framework.source}
    search = search_of(framework, facts, shared)
    allocation: Allocated = portrait.ask(search).payload
    by_name = {line.name: line for line in allocation.plans}
    by_label = {line.plan: line for line in allocation.plans}
    ranked = Rank(draws=RANKING_DRAWS, **shared)
    learn = Voi(plans=(own, "continuation"), draws=max(DRAWS, LEAST_DRAWS), nation_only=True, **shared)
    delays = (*busiest(portrait, "cars"), *busiest(portrait, "trucks"))
    return Findings(
        framework=framework,
        as_of=facts.as_of,
        own=own,
        start=int(plan_start(facts)[:4]),
        standings=standings(framework, facts),
        search=search,
        allocation=allocation,
        plans=(by_name[own], by_label[BEST], by_name["none"]),
        additionality={share: additional(portrait, own, share, shared) for share in ADDITIONALITY},
        ranked=ranked,
        ranking=portrait.ask(ranked).payload,
        worth=(learn, portrait.ask(learn).payload),
        delays=delays,
        officers=tuple(officers(portrait, delays)),
    )


def additional(
    portrait: Portrait, own: str, share: float, shared: dict[str, Any]
) -> tuple[Simulate, Comparison]:
    """Return the own plan against the continuation, all years, where a part of each dollar is additional."""
    request = Simulate(
        plan=own,
        draws=max(DRAWS // 3, 1),
        held=(("violence.additionality", share),),
        nation_only=True,
        **shared,
    )
    return request, portrait.ask(request).payload.comparisons[-1]


def busiest(portrait: Portrait, mode: Literal["cars", "trucks"]) -> list[tuple[AskDelay, CrossingDelay]]:
    """Return the delay of the last full year at the crossings with the most traffic of a mode."""
    request = AskDelay(mode=mode, busiest=BUSIEST, draws=DELAY_DRAWS, **portrait.shared)
    return [(request, line) for line in portrait.ask(request).payload.crossings]


def officers(
    portrait: Portrait, delays: Sequence[tuple[Request, CrossingDelay]]
) -> Iterator[tuple[Request, OfficerLine]]:
    """Yield what an officer saves at the costliest of the crossings shown, the costliest first."""
    if waits_held(portrait.facts) != "posted":
        return
    request = AskOfficers(**portrait.shared)
    found = {(one.crossing, one.mode): one for one in portrait.ask(request).payload.officers}
    costliest = sorted((one for _, one in delays), key=lambda one: -one.usd.median)
    known = [found[key] for one in costliest if (key := (one.crossing, one.mode)) in found]
    yield from ((request, one) for one in known[:COSTLIEST])
