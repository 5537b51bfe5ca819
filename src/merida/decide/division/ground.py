"""What every run of an allocation rests on: one record, framework, seed and set of held numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from merida.decide.division.search import base
from merida.decide.marginal.wall_prices import Draws
from merida.ensemble.simulation import Simulation, prepared, simulate
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, plan_named
from merida.parameters.parameters import Parameters
from merida.parameters.scenarios import held_under
from merida.progress import Counted


@dataclass(frozen=True)
class Ground:
    """What plans are drawn and run on.

    Parameters
    ----------
    seed : int
        Of the run that is reported; other draws add an offset.
    named : mapping of str to Plan
        Plans that name places of their own.
    border : bool
        Whether hours lost at the ports are computed.
    """

    framework: Framework
    facts: Facts
    seed: int
    years: int | None
    held: Mapping[str, float]
    border: bool
    named: Mapping[str, Plan]

    @property
    def history(self) -> Plan:
        """What was appropriated before plans begin."""
        return plan_named("history", self.framework, self.facts)

    @property
    def continuation(self) -> Plan:
        """What the forecast is conditional on.

        Raises
        ------
        PlanError
            If nothing had been enacted.
        """
        plan = plan_named("continuation", self.framework, self.facts)
        if not plan.rows:
            raise PlanError("no_enacted_money", as_of=self.facts.as_of)
        return plan

    @property
    def parameters(self) -> Parameters:
        """What is believed of every parameter."""
        return prepared(
            self.framework, self.facts, {}, draws=1, seed=self.seed, years=self.years, held=self.held
        )[1]

    def drawn(self, count: int, offset: int) -> Draws:
        """Return where plans run, draws of the parameters, and the forecast in them."""
        domain, _, drawn = prepared(
            self.framework,
            self.facts,
            self.named,
            draws=count,
            seed=self.seed + offset,
            years=self.years,
            held=self.held,
            border=self.border,
        )
        return domain, drawn, base(domain, drawn.count)

    def run(self, plans: Mapping[str, Plan], count: int, offset: int, progress: Counted) -> Simulation:
        """Return plans under the same draws."""
        return simulate(
            self.framework,
            self.facts,
            plans,
            draws=count,
            seed=self.seed + offset,
            years=self.years,
            held=self.held,
            places=False,
            border=self.border,
            progress=progress,
        )

    def under(self, scenario: str) -> Ground:
        """Return the same under a structural scenario."""
        return replace(self, held=held_under([scenario], self.held))
