"""Plans simulated on one record: everything that a run rests on, put together, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from merida.distributions import Floats
from merida.ensemble.lines import CostPerDeath, Driver
from merida.ensemble.lookups import ByPlan, first_years, place_of
from merida.ensemble.parameter_draws import Drawn, draw
from merida.ensemble.run import REFERENCE, Outcomes, Progress, outcomes_of, run
from merida.ensemble.sizes import check_size
from merida.ensemble.summary import Difference, cost_per_death, difference, drivers, late_share
from merida.ensemble.surrogate_cache import PRIORS, kept_response
from merida.errors import FrameworkError, PlanError, nearest
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named, plan_start
from merida.models import registry
from merida.models.border_surrogate import MODES, SCHEDULES
from merida.models.socket.domain import Domain, named_places
from merida.models.socket.mechanism import AVERTED_SHARE, Mechanism, Outcome
from merida.models.violence import acting
from merida.parameters.parameters import Parameters
from merida.parameters.registry import CALIBRATION
from merida.parameters.routes import has_way, routes
from merida.priors import Priors
from merida.statistics import low_median_high
from merida.units import month_number
from merida.violence.forecasting import forecast

FOREIGN = "foreign_assistance"
DELAY_SURROGATE = "delay_surrogate"  # the one table that takes long


@dataclass(frozen=True, repr=False)
class Simulation:
    """Plans under the same draws.

    Attributes
    ----------
    plans : mapping of str to Plan
        The plans by label (`merida.framework.labels`), without history; ``reference`` among them.
    """

    domain: Domain
    parameters: Parameters
    drawn: Drawn
    plans: Mapping[str, Plan]
    outcomes: Outcomes

    def __repr__(self) -> str:
        """Return one line: the plans, how many draws, which years, and as of when."""
        plans = ", ".join(label for label in self.plans if label != REFERENCE)
        years = f"{self.years[0]}-{self.years[-1]}"
        as_of = self.parameters.facts.as_of
        return f"Simulation({plans}; draws={self.drawn.count}, years={years}, as_of={as_of!r})"

    @property
    def years(self) -> range:
        """The calendar years evaluated."""
        first = int(self.domain.start[:4])
        return range(first, first + self.domain.years)

    @property
    def states(self) -> tuple[str, ...]:
        """The states in the order of the outcomes; ``99`` is unknown."""
        return tuple(sorted(set(self.domain.forecast.states)))

    def to_xarray(self) -> Any:
        """Return the draws as an xarray.Dataset with named dimensions; see `merida.ensemble.named_draws.dataset`."""
        from merida.ensemble.named_draws import dataset

        return dataset(self)

    def label(self, plan: Plan) -> str:
        """Return what the run calls a plan: that of its name, else any of its content.

        Raises
        ------
        PlanError
            If the run holds no such plan.
        """
        found = [
            label for label, one in self.plans.items() if label != REFERENCE and one.digest == plan.digest
        ]
        if not found:
            raise PlanError("plan_not_in_run", found=plan.name, nearest=nearest(plan.name, self.plans))
        return next((label for label in found if self.plans[label].name == plan.name), found[0])

    def total(self, outcome: str, plan: str, years: int | None = None, group: str | None = None) -> Floats:
        """Return an outcome under a plan in its first `years`, shape (draws,), in the outcome's own unit.

        Parameters
        ----------
        outcome : str
            A registered outcome; see `merida.models.registry.outcomes`.
        group : str or None
            A state, a mode of traffic (default: all together).
        """
        chosen = self.outcome(outcome)
        values = self.outcomes.value[outcome][plan][:, :, first_years(years, self.domain.years)].sum(axis=2)
        if group is None:
            summed = values.sum(axis=1)
        else:
            assert chosen.groups is not None
            summed = values[:, place_of(group, chosen.groups(self.domain).names)]
        return np.asarray(summed / chosen.scale, dtype=np.float64)

    def outcome(self, name: str) -> Outcome:
        """Return a registered outcome that this run computed.

        Raises
        ------
        PlanError
            If there is none of that name, or its mechanism did not run.
        """
        known = {outcome.name: outcome for outcome in outcomes_of(self.domain)}
        if name not in known:
            raise PlanError("unknown_objective", found=name, known=", ".join(known))
        return known[name]

    def gain(
        self, outcome: str, plan: str, versus: str, years: int | None = None, group: str | None = None
    ) -> Difference:
        """Return how much better a plan is than another in an outcome: less of a bad one, more of a good one."""
        mine, other = (self.total(outcome, name, years, group) for name in (plan, versus))
        return difference(mine, other) if self.outcome(outcome).good == "less" else difference(-mine, -other)

    def homicides(self, plan: str, years: int | None = None, state: str | None = None) -> Floats:
        """Return expected homicides under a plan in its first `years`, shape (draws,)."""
        return self.total("homicides", plan, years, state)

    def difference(
        self, plan: str, versus: str, years: int | None = None, state: str | None = None
    ) -> Difference:
        """Return the homicides that a plan averts beside another in its first `years`."""
        return self.gain("homicides", plan, versus, years, state)

    def usd(self, plan: str, programmes: Iterable[str] | None = None) -> float:
        """Return the dollars that a plan appropriates within the years evaluated, for some programmes or all."""
        start = self.domain.offset(self.domain.start)
        dollars = self.domain.money(self.plans[plan])[start:].sum(axis=(0, 2))
        chosen = self.domain.programmes if programmes is None else set(programmes)
        return float(
            sum(usd for usd, (name, _) in zip(dollars, self.domain.lines, strict=True) if name in chosen)
        )

    @property
    def without_way(self) -> tuple[str, ...]:
        """The programmes that act on homicides by no known way in this run: neither by a study nor by a counted chain."""
        number, levers = self.parameters.priors.number, registry.levers_of("homicides")
        if number("violence.wide_law") > 0:
            return ()

        def has_none(lever: str) -> bool:
            opens = routes()[lever, "homicides"].opens
            return not has_way(lever, "homicides") and not (opens and number(opens) > 0)

        return tuple(
            name
            for name, programme in self.domain.framework.programmes.items()
            if programme.lever in levers and has_none(programme.lever)
        )

    def cost_per_death(self, plan: str, versus: str) -> CostPerDeath | None:
        """Return dollars per homicide averted, or None where the plan costs no more.

        The dollars are those of the programmes with a known way to homicide: the rest buys other things.
        """
        levers, without = registry.levers_of("homicides"), self.without_way
        moving = {
            name
            for name, programme in self.domain.framework.programmes.items()
            if programme.lever in levers and name not in without
        }
        averted = self.homicides(versus) - self.homicides(plan)
        return cost_per_death(self.usd(plan, moving) - self.usd(versus, moving), averted)

    def late_share(self, plan: str, versus: str, years: int = 5) -> float | None:
        """Return the share of what a plan averts on average that comes after `years`."""
        by_state = self.outcomes.value["homicides"]
        averted = by_state[versus].sum(axis=1) - by_state[plan].sum(axis=1)
        return late_share(averted, years)

    def trade(self, plan: str, versus: str, years: int | None = None) -> Difference | None:
        """Return dollars of imports by truck more than under another plan, by the published multiplier alone.

        The multiplier is of ten minutes less for each truck: beyond ten it gives no more. None as of a date before it
        was published.
        """
        path = "border.trade.usd_month_per_ten_minutes"
        if path not in self.parameters.held and self.parameters.fact(path) is None:
            return None
        trucks = np.asarray(self.drawn.theta["border"].trucks).sum(axis=1)[:, None]
        hours = self.outcomes.value["border_delay"]
        window = first_years(years, self.domain.years)
        mode = MODES.index("trucks")
        saved = hours[versus][:, mode, window] - hours[plan][:, mode, window]
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
        low, high = low_median_high(averted[:, order])[[0, 2]]
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

    def taken(self, plan: str, versus: str, years: int | None = None) -> dict[str, Floats]:
        """Return the homicides that a plan averts beside another by lever, each of shape (draws,).

        Each lever counts by what it takes away by itself, weighed by where homicides are; under "" stands what is left:
        what levers avert together counts less than their sum. All of them add to the difference of the two plans.
        """
        mechanisms = self.domain.mechanisms
        levers = acting(name for one in mechanisms if AVERTED_SHARE in one.writes for name in one.levers)
        window = first_years(years, self.domain.years)
        each = self.outcomes.taken[plan] - self.outcomes.taken[versus]
        parts = dict(zip(levers, each[:, :, window].sum(axis=2).T, strict=True))
        whole = self.homicides(versus, years) - self.homicides(plan, years)
        return parts | {"": whole - np.sum(list(parts.values()), axis=0)}

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
        What runs from the plans' start on, by label (`merida.framework.labelled`); history runs before each of them.
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
        If draws or years lie outside what can be run, or a plan is labelled ``reference``.
    ModelError
        If a held parameter does not exist or cannot have that number.
    """
    if REFERENCE in plans:
        raise PlanError("plan_reserved", found=REFERENCE)
    evaluated = framework.evaluation_years if years is None else years
    check_size(draws, evaluated, len(plans) + 1, places=places)
    history = plan_named("history", framework, facts)
    continuation = plan_named("continuation", framework, facts)
    if border is None:
        border = any(
            touches(mechanism, framework, continuation, plans.values())
            for mechanism in registry.MECHANISMS
            if mechanism.on_demand
        )
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
    return Simulation(domain, parameters, drawn, ByPlan({REFERENCE: continuation} | dict(plans)), outcomes)


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
    check_size(draws, years, len(plans) + 1, places=False)
    if (start := plan_start(facts)) < framework.history_start:
        raise FrameworkError("history_after_plans", first=framework.history_start, start=start)
    registry.check(framework)
    parameters = Parameters(facts, register or Register(facts.as_of), dict(held or {}), framework)
    calibration = parameters.priors.within(CALIBRATION)
    running = tuple(mechanism for mechanism in registry.MECHANISMS if border or not mechanism.on_demand)
    domain = replace(
        grounded(framework, facts, parameters, plans, start, years, seed),
        mechanisms=running,
        tables={name: table(name, facts, calibration) for mechanism in running for name in mechanism.tables},
    )
    return domain, parameters, draw(domain, parameters, seed, draws)


@lru_cache(maxsize=64)  # every table of a few records
def table(name: str, facts: Facts, priors: Priors = PRIORS) -> Any:
    """Return a table that a mechanism takes, computed once for a record; the surrogate of delay comes from the cache.

    Parameters
    ----------
    priors : Priors
        What is assumed of crossings (``calibration.toml``), with what a user holds of it: the surrogate rests on it.
    """
    if name == DELAY_SURROGATE:
        return kept_response(facts, SCHEDULES, priors)
    makers = {key: make for mechanism in registry.MECHANISMS for key, make in mechanism.tables.items()}
    return makers[name](facts)


def touches(mechanism: Mechanism, framework: Framework, continuation: Plan, plans: Iterable[Plan]) -> bool:
    """Tell whether some plan spends otherwise than the continuation on a lever of a mechanism."""

    def spent(plan: Plan) -> set[PlanRow]:
        return {row for row in plan.rows if framework.programmes[row.programme].lever in mechanism.levers}

    return any(spent(plan) != spent(continuation) for plan in plans)


def from_start(plan: Plan, start: str) -> Plan:
    """Return what a plan spends from the plans' start on: before it the record's history holds."""
    rows = (replace(row, start=max(row.start, start)) for row in plan.rows if row.end >= start)
    return replace(plan, rows=tuple(rows))


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
    short = forecast(facts, 1, priors=parameters.priors)
    months = 12 * int(start[:4]) - month_number(short.first_month) + 12 * years
    path = replace(short, months=months, seed=seed)
    officers = float(np.median(parameters.distribution("policing.officers_per_100k").at(0.0)))
    return Domain(framework, path, named_places(list(plans.values())), start, years, officers)
