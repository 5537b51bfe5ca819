"""What the questions share that look at several plans under one set of values: which plans, and what they are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merida.answers.context import Context
from merida.answers.fields import Text, Whole, option
from merida.answers.plans.running import Run, simulated
from merida.answers.plans.welfare import Valuation
from merida.document.blocks import Cell, Sentence
from merida.errors import PlanError
from merida.progress import Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from merida.decide.worth.options import Options
    from merida.ensemble import Simulation

MILLIONS = {"usd": 1e6}


class Valued(Run):
    """By what plans are judged: dollars under one set of values of a life, or one registered outcome."""

    draws: Whole = option("cli.runs.draws", 500, metavar="N", ge=16, unit="draws")
    valuation: Valuation | None = option("cli.decide.valuation", None, metavar="SET")
    outcome: Text = option("cli.decide.outcome", "", metavar="OUTCOME")


def judged(request: Valued, names: Sequence[str], context: Context, work: Work) -> tuple[Options, Simulation]:
    """Return plans by the draws of what they are worth, with their run.

    Raises
    ------
    PlanError
        If both a valuation and an outcome are given, a plan or outcome is unknown, or values had not been published.
    """
    from merida.decide.worth import valuations
    from merida.decide.worth.options import of_outcome, of_welfare
    from merida.ensemble.sizes import check_size
    from merida.parameters.registry import INVESTMENT, RUN_FILES, WELFARE, settings

    framework, facts = context.framework, context.facts
    if request.valuation and request.outcome:
        raise PlanError("two_values", valuation=request.valuation, outcome=request.outcome)
    lives = (
        valuations.valued(request.valuation, facts, context.register, framework.base_year)
        if request.valuation
        else ()
    )
    years = framework.evaluation_years if request.years is None else request.years
    check_size(request.draws, years, len(names) + 1, places=not request.nation_only)
    plans = context.plans(names, request.as_given)
    run = simulated(request, plans, context, work)
    labels = tuple(dict.fromkeys(run.label(plan) for plan in plans))
    if not request.valuation:
        return of_outcome(run, request.outcome or "homicides", names=labels), run
    priors = settings(dict(request.held), framework, (*RUN_FILES, INVESTMENT, WELFARE))
    return of_welfare(run, lives, priors, valuation=request.valuation, names=labels), run


def at_least_two(names: Sequence[str]) -> None:
    """Refuse a single plan.

    Raises
    ------
    PlanError
        If there are not two at least.
    """
    if len(names) < 2:
        raise PlanError("one_plan_to_compare", found=len(names))


def scale(unit: str) -> float:
    """Return how many of a unit are shown as one: dollars are shown in millions."""
    return MILLIONS.get(unit, 1.0)


def measured(unit: str, outcome: str | None) -> Cell:
    """Return what is counted: million dollars, or the outcome."""
    return Sentence("voi.million_usd") if outcome is None else Sentence(f"outcomes.{outcome}")
