"""The search for a best plan that the brief shows, and the first page of the workbench once it is there."""

from __future__ import annotations

from typing import Any

from merida.answers.plans.allocate import Allocate
from merida.facts import Facts
from merida.framework import Framework, Plan, plan_named

DRAWS, TRAINING_DRAWS, STEPS = 300, 32, 16
STARTS, BELIEFS = 4, 200  # of the search, and of the programmes that every good plan holds
FOREIGN = "foreign_assistance"


def search_of(framework: Framework, facts: Facts, shared: dict[str, Any]) -> Allocate:
    """Return the question of the best plan for the foreign assistance of the framework's own."""
    own = next(iter(framework.plans))
    return Allocate(
        budget_usd=foreign(framework, plan_named(own, framework, facts)),
        draws=DRAWS,
        training_draws=TRAINING_DRAWS,
        steps=STEPS,
        starts=STARTS,
        beliefs=BELIEFS,
        beside=(own, "none"),
        nation_only=True,
        **shared,
    )


def foreign(framework: Framework, plan: Plan) -> float:
    """Return a plan's yearly dollars of foreign assistance."""
    return sum(row.usd_per_year for row in plan.rows if framework.accounts[row.account].kind == FOREIGN)
