"""The search of an allocation: on some of the draws first, then on all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from merida.decide.division.by_municipality import gains_by_municipality
from merida.decide.division.objectives import Aim, Divided, Gains, gains_of, objective_of, regret_of
from merida.decide.marginal.wall_prices import Draws
from merida.decide.optimiser.feasible import Feasible
from merida.decide.optimiser.frank_wolfe import Objective, Searched, finished, search
from merida.distributions import Floats
from merida.framework import Plan, PlanRow
from merida.models.two_levels import two_levels

FEW = 32  # draws by which a search of more begins
LAST = 6  # steps that it then takes on all of them


@dataclass(frozen=True)
class Asked:
    """What is looked for.

    Parameters
    ----------
    aim : Aim
    risk : str
        See `allocation.allocate`.
    rows : tuple of PlanRow
        Where money may go.
    past, given : tuple of Plan
        History with what is not divided, and history with what the forecast is conditional on.
    may_be : Feasible
    begin : sequence of array
        Where the search begins.
    steps : int
    step_done : callable
        Called after each step.
    """

    aim: Aim
    risk: str
    rows: tuple[PlanRow, ...]
    past: tuple[Plan, ...]
    given: tuple[Plan, ...]
    may_be: Feasible
    begin: Sequence[Floats]
    steps: int
    step_done: Callable[[], None]

    def gains(self, there: Draws) -> Gains:
        """Return what gives the gain of a plan on some draws."""
        domain, drawn, bases = there
        goal = self.aim.goal(domain)
        two = two_levels(domain, [Plan("rows", domain.framework.name, self.rows)])
        if two is not None:
            return gains_by_municipality(two, self.rows, self.past, self.given, drawn, bases, goal)
        divided = Divided(domain, self.rows, domain.money(*self.past))
        return gains_of(divided, drawn, bases, domain.money(*self.given), goal)

    def followed(self, objective: Objective) -> Searched:
        """Return what the search finds for an objective."""
        return search(objective, self.may_be, self.begin, steps=self.steps, step_done=self.step_done)

    def searched(self, training: Draws, rivals: Sequence[Draws]) -> tuple[Searched, Gains, int]:
        """Return what the search finds, the gains on all draws, and how many plans were evaluated on few draws alone.

        Parameters
        ----------
        rivals : sequence of tuple
            Draws under each scenario of ``regret``.
        """
        gains = self.gains(training)
        domain, drawn, bases = training
        if drawn.count <= FEW or self.may_be.switches or self.risk == "regret":
            others = [self.gains(one) for one in rivals]
            best = self.followed(
                under_risk(gains, others, self.risk, lambda one: self.followed(one).found.value)
            )
            return best, gains, 0
        few = self.followed(objective_of(self.gains((domain, replace(drawn, count=FEW), bases)), self.risk))
        whole = finished(
            few, objective_of(gains, self.risk), self.may_be, steps=LAST, step_done=self.step_done
        )
        return whole, gains, few.found.evaluations


def under_risk(
    gains: Gains, others: Sequence[Gains], risk: str, best: Callable[[Objective], float]
) -> Objective:
    """Return what is made large under a risk measure.

    Parameters
    ----------
    others : sequence of callable
        Gains under each scenario of ``regret``.
    best : callable
        What the best plan for an objective gains.
    """
    if risk != "regret":
        return objective_of(gains, risk)
    each = [objective_of(one, "mean") for one in (gains, *others)]
    return regret_of(each, [best(one) for one in each])
