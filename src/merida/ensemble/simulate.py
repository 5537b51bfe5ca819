"""Plans simulated on one record: everything that a run rests on, put together, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from merida.distributions import Floats
from merida.ensemble.parameter_draws import Drawn, draw
from merida.ensemble.run import REFERENCE, Outcomes, Progress, run
from merida.ensemble.summary import (
    HIGH,
    LOW,
    CostPerDeath,
    Difference,
    Driver,
    cost_per_death,
    difference,
    drivers,
    late_share,
)
from merida.ensemble.surrogate_cache import kept_response
from merida.errors import PlanError
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named, plan_start
from merida.models import delivery
from merida.models.border import COUNTS, MODES, SOUTHBOUND
from merida.models.border import LEVERS as BORDER_LEVERS
from merida.models.border_surrogate import DelaySurrogate
from merida.models.domain import Domain, named_places
from merida.parameters.parameters import Parameters
from merida.violence import Forecast, forecast

MOST_DRAWS, MOST_YEARS = 100_000, 30
SCHEDULES = 16  # members of the set of schedules: their prior costs seconds each
FOREIGN = "foreign_assistance"


@dataclass(frozen=True)
class Simulation:
    """Plans under the same draws.

    Attributes
    ----------
    plans : mapping of str to Plan
        The plans by name, without history.
    """

    domain: Domain
    parameters: Parameters
    drawn: Drawn
    plans: Mapping[str, Plan]
    outcomes: Outcomes

    @property
    def years(self) -> range:
        """The calendar years evaluated."""
        first = int(self.domain.start[:4])
        return range(first, first + self.domain.years)

    @property
    def states(self) -> tuple[str, ...]:
        """The states in the order of the outcomes; ``99`` is unknown."""
        return tuple(sorted(set(self.domain.forecast.states)))

    def homicides(self, plan: str, years: int | None = None, state: str | None = None) -> Floats:
        """Return expected homicides under a plan in its first `years`, shape (draws,)."""
        values = self.outcomes.state[plan][:, :, :years].sum(axis=2)
        chosen = values.sum(axis=1) if state is None else values[:, self.states.index(state)]
        return np.asarray(chosen, dtype=np.float64)

    def difference(
        self, plan: str, versus: str, years: int | None = None, state: str | None = None
    ) -> Difference:
        """Return the homicides that a plan averts beside another in its first `years`."""
        return difference(self.homicides(plan, years, state), self.homicides(versus, years, state))

    def usd(self, plan: str, kind: str | None = None) -> float:
        """Return the dollars that a plan appropriates within the years evaluated, of one kind of account or all."""
        start = self.domain.offset(self.domain.start)
        dollars = self.domain.money(self.plans[plan])[start:].sum(axis=(0, 2))
        return float(
            sum(usd for usd, (_, of) in zip(dollars, self.domain.lines, strict=True) if kind in (None, of))
        )

    def cost_per_death(self, plan: str, versus: str) -> CostPerDeath | None:
        """Return dollars per homicide averted, or None where the plan costs no more."""
        averted = self.homicides(versus) - self.homicides(plan)
        return cost_per_death(self.usd(plan) - self.usd(versus), averted)

    def late_share(self, plan: str, versus: str, years: int = 5) -> float | None:
        """Return the share of what a plan averts on average that comes after `years`."""
        averted = self.outcomes.state[versus].sum(axis=1) - self.outcomes.state[plan].sum(axis=1)
        return late_share(averted, years)

    def delay(self, plan: str, years: int | None = None, mode: str | None = None) -> Floats:
        """Return hours lost at the ports under a plan in its first `years`, in millions, shape (draws,)."""
        values = self.outcomes.delay[plan][:, :, :years].sum(axis=2) / 1e6
        return np.asarray(
            values.sum(axis=1) if mode is None else values[:, MODES.index(mode)], dtype=np.float64
        )

    def delay_saved(
        self, plan: str, versus: str, years: int | None = None, mode: str | None = None
    ) -> Difference:
        """Return the million hours that a plan saves at the ports beside another in its first `years`."""
        return difference(self.delay(plan, years, mode), self.delay(versus, years, mode))

    def at_ports(self, plan: str, versus: str, what: str, years: int | None = None) -> Difference:
        """Return how much more a plan inspects or seizes than another (`border.COUNTS`)."""
        mine, other = (
            -self.outcomes.at_ports[name][:, COUNTS.index(what), :years].sum(axis=1)
            for name in (plan, versus)
        )
        return difference(mine, other)

    def trade(self, plan: str, versus: str, years: int | None = None) -> Difference | None:
        """Return dollars of imports by truck more than under another plan, by the published multiplier alone.

        The multiplier is of ten minutes less for each truck: beyond ten it gives no more. None as of a date before it
        was published.
        """
        path = "border.trade.usd_month_per_ten_minutes"
        if path not in self.parameters.held and self.parameters.fact(path) is None:
            return None
        assert self.domain.response is not None
        assert self.drawn.theta.border is not None
        trucks = np.asarray(self.drawn.theta.border.trucks).sum(axis=1)[:, None]
        saved = (self.outcomes.delay[versus] - self.outcomes.delay[plan])[:, MODES.index("trucks"), :years]
        tens = np.clip(60 * saved / np.maximum(trucks, 1.0) / 10, -1.0, 1.0)
        gained = 12 * self.drawn.scalars[path] * tens.sum(axis=1)
        return difference(-gained, np.zeros_like(gained))

    def municipalities(self, plan: str, versus: str, count: int = 50) -> list[dict[str, str | float]]:
        """Return the municipalities in which a plan changes most: expected homicides and those averted, all years."""
        if plan not in self.outcomes.place:
            return []
        mine, other = (self.outcomes.place[name].sum(axis=2, dtype=np.float64) for name in (plan, versus))
        averted = other - mine
        mean = averted.mean(axis=0)
        order = np.lexsort((np.arange(len(mean)), -np.abs(mean)))[:count]
        low, high = np.quantile(averted[:, order], [LOW, HIGH], axis=0)
        return [
            {
                "municipality": self.domain.forecast.places[at],
                "expected": round(float(other[:, at].mean()), 1),
                "averted": round(float(mean[at]), 2),
                "low": round(float(low[number]), 2),
                "high": round(float(high[number]), 2),
            }
            for number, at in enumerate(order)
            if mean[at] != 0
        ]

    def drivers(self, plan: str, versus: str, count: int = 10) -> list[Driver]:
        """Return the parameters that go most with what a plan averts."""
        return drivers(self.drawn.scalars, self.homicides(versus) - self.homicides(plan), count)


def simulate(
    framework: Framework,
    facts: Facts,
    plans: Mapping[str, Plan],
    *,
    draws: int = 1000,
    seed: int = 0,
    years: int | None = None,
    held: Mapping[str, float] | None = None,
    register: Register | None = None,
    places: bool = True,
    border: bool | None = None,
    keep: Path | None = None,
    progress: Progress = lambda *_: None,
) -> Simulation:
    """Simulate plans on the record, as it was known at its date.

    Parameters
    ----------
    plans : mapping of str to Plan
        What runs from the plans' start on, by name; history runs before each of them.
    draws : int
        Draws of the parameters and of the path of violence.
    years : int or None
        Years evaluated (default: the framework's).
    held : mapping or None
        Parameters held at one number, by path.
    register : Register or None
        The evidence (default: the register as of the record's date).
    places : bool
        Whether municipalities are kept.
    border : bool or None
        Whether hours lost at the ports are computed (None: where a plan spends otherwise than the reference there).
    keep : path or None
        Folder for the chunks of a long run; see `run`.

    Raises
    ------
    PlanError
        If draws or years lie outside what can be run.
    ModelError
        If a held parameter does not exist or cannot have that number.
    """
    history = plan_named("history", framework, facts)
    continuation = plan_named("continuation", framework, facts)
    if border is None:
        border = at_border(framework, continuation, plans.values())
    domain, parameters, drawn = prepared(
        framework,
        facts,
        plans,
        draws=draws,
        seed=seed,
        years=years,
        held=held,
        register=register,
        border=border,
    )
    together = {REFERENCE: (history, continuation)}
    together |= {name: (history, from_start(plan, domain.start)) for name, plan in plans.items()}
    outcomes = run(domain, drawn, together, places=places, keep=keep, progress=progress)
    return Simulation(domain, parameters, drawn, {REFERENCE: continuation} | dict(plans), outcomes)


def prepared(
    framework: Framework,
    facts: Facts,
    plans: Mapping[str, Plan],
    *,
    draws: int,
    seed: int,
    years: int | None = None,
    held: Mapping[str, float] | None = None,
    register: Register | None = None,
    border: bool = False,
) -> tuple[Domain, Parameters, Drawn]:
    """Return what a run of plans rests on, before anything runs; see `simulate`."""
    years = framework.evaluation_years if years is None else years
    for what, found, most in (("draws", draws, MOST_DRAWS), ("years", years, MOST_YEARS)):
        if not 1 <= found <= most:
            raise PlanError("run_out_of_range", what=what, found=found, most=most)
    parameters = Parameters(facts, register or Register(facts.as_of), dict(held or {}))
    domain = grounded(framework, facts, parameters, plans, plan_start(facts), years, seed)
    if border:
        domain = replace(domain, response=response(facts))
    lags = delivery.fit(*delivery.prepare(facts))
    return domain, parameters, draw(domain, parameters, lags, seed, draws)


@lru_cache(maxsize=2)
def response(facts: Facts) -> DelaySurrogate:
    """Return how delay answers at the ports, computed once for a record: see `kept_response`."""
    return kept_response(facts, SCHEDULES)


def at_border(framework: Framework, continuation: Plan, plans: Iterable[Plan]) -> bool:
    """Tell whether some plan spends otherwise than the continuation on programmes that move an outcome at the ports."""

    def spent(plan: Plan) -> set[PlanRow]:
        levers = (*BORDER_LEVERS, SOUTHBOUND)
        return {row for row in plan.rows if framework.programmes[row.programme].lever in levers}

    return any(spent(plan) != spent(continuation) for plan in plans)


def from_start(plan: Plan, start: str) -> Plan:
    """Return what a plan spends from the plans' start on: before it the record's history holds."""
    rows = (replace(row, start=max(row.start, start)) for row in plan.rows if row.end >= start)
    return replace(plan, rows=tuple(rows))


@lru_cache(maxsize=2)
def fitted(facts: Facts) -> Forecast:
    """Return the forecast of one month, fitted once: an allocation runs many times on one record."""
    return forecast(facts, 1)


def grounded(
    framework: Framework,
    facts: Facts,
    parameters: Parameters,
    plans: Mapping[str, Plan],
    start: str,
    years: int,
    seed: int,
) -> Domain:
    """Return where plans run: the forecast reaches from the last known deaths to the end of the evaluation."""
    short = fitted(facts)
    first = int(short.first_month[:4]) * 12 + int(short.first_month[5:7]) - 1
    months = int(start[:4]) * 12 - first + 12 * years
    path = replace(short, months=months, seed=seed)
    officers = float(np.median(parameters.distribution("policing.officers_per_100k").at(0.0)))
    return Domain(framework, path, named_places(list(plans.values())), start, years, officers)
