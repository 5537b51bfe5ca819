"""What an allocation may be, where its search begins, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from merida.decide.division.constraints import MILLION, Constraint, Money
from merida.decide.division.constraints import feasible as feasible_of
from merida.decide.division.objectives import Gains
from merida.decide.division.rules import Choices, by_state, states
from merida.decide.optimiser.feasible import Feasible
from merida.decide.optimiser.frank_wolfe import Searched, random_plans
from merida.decide.said.lines import Certificate
from merida.distributions import Floats
from merida.framework import Plan
from merida.models.socket.domain import Domain

FOUND = "found"
PART = 0.4  # of the way from a rule to what was found, as a candidate: what few draws like is not believed to the end


def allowed(
    domain: Domain, chosen: Choices, continuation: Plan, budget_usd: float, demands: Sequence[Constraint]
) -> Feasible:
    """Return the plans that may be: every purse spent in full, and what a user demands besides.

    Raises
    ------
    PlanError
        If demands contradict one another or the budget; the message names the smallest set that does.
    """
    enacted: dict[str, float] = {}
    for row in continuation.rows:
        enacted[row.programme] = enacted.get(row.programme, 0.0) + row.usd_per_year / MILLION
    weights = {
        measure: dict(zip(states(domain), by_state(domain, measure).tolist(), strict=True))
        for measure in ("population", "homicides")
    }
    money = Money(domain.framework, chosen.rows, budget_usd / MILLION, enacted, weights)
    purses = [
        (
            chosen.name_of(purse),
            np.flatnonzero(chosen.purse == purse),
            float(chosen.pool[chosen.purse == purse][0]) / MILLION,
        )
        for purse in np.unique(chosen.purse)
    ]
    found = feasible_of(money, purses, demands)
    if demands and not found.possible():
        raise found.conflict()
    return found


def openings(
    chosen: Choices, plans: Sequence[Plan], may_be: Feasible, count: int, random: np.random.Generator
) -> list[Floats]:
    """Return where the search begins, as near as constraints let.

    Rules with a fifth of the money spread evenly come first, then plans at random up to so many.
    """
    even = chosen.normalised(np.ones(len(chosen.rows)))
    millions = chosen.pool / MILLION
    rules = [may_be.nearest((0.8 * chosen.shares(plan) + 0.2 * even) * millions) for plan in plans]
    return [*rules, *random_plans(may_be, millions, count - len(rules), random)]


def met(chosen: Choices, plan: Plan, may_be: Feasible) -> bool:
    """Tell whether a rule's plan is one that may be."""
    return may_be.holds(chosen.shares(plan) * chosen.pool / MILLION, slack=1e-4)


def blends(
    chosen: Choices, x: Floats, begun: Sequence[Floats], framework: str, may_be: Feasible
) -> dict[str, Plan]:
    """Return what was found, and plans a part of the way to it from where the search began, by name."""
    pool = chosen.pool / MILLION
    found = {FOUND: chosen.plan(FOUND, framework, x / pool)}
    for number, start in enumerate(begun[:2], 1):
        part = PART * x + (1 - PART) * start
        if may_be.holds(part, slack=1e-4):
            found[f"{FOUND} {number}"] = chosen.plan(FOUND, framework, part / pool)
    return found


def certified(
    searched: Searched, gains: Gains, may_be: Feasible, draws: int, *, bounded: bool, before: int = 0
) -> Certificate:
    """Return how much better any division could be.

    Without a certificate the bound is what a linear response would give: in each draw programmes do less together than
    each alone, and each does most with its first dollar, so that no plan gains more than the slopes at no money allow,
    without those that harm. Where a plan that was evaluated gains more than that, the response is not so, and there is no
    bound.
    """
    bound, found = None, searched.found
    if bounded:
        by_draw, slope = gains(np.zeros(may_be.size))
        unit = np.eye(draws) / draws
        first = np.sum([np.maximum(slope(one), 0.0) for one in unit], axis=0)
        none = float(by_draw.mean())
        if all(point.value <= none + float(first @ point.x) + 1e-6 * abs(none) for point in found.points):
            bound = none + float(first @ may_be.best(first))
    return Certificate(
        segments=searched.concavity.segments,
        broken=searched.concavity.broken,
        gap=searched.gap,
        gained=found.value,
        bound=bound,
        starts=searched.starts,
        evaluations=before + found.evaluations,
        draws=draws,
    )
