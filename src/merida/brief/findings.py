"""What the brief says of programmes and plans: every number of one record, made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from merida.border.crossings import last_full_year, on_record, per_day, sites
from merida.border.delay import Delay, delay
from merida.decide.allocation import BEST, Allocation, allocate
from merida.decide.ranking import ADDITIONALITY, Ranking, ranking
from merida.ensemble.lines import CostPerDeath, Driver
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import FOREIGN, Simulation, simulate
from merida.ensemble.summary import Difference
from merida.facts import Facts
from merida.framework import Framework, Plan, plan_named, plan_start
from merida.one_line import OneLine
from merida.parameters.standings import Standing, standings
from merida.statistics import low_median_high

WINDOWS = (5, 15)
BUSIEST, DELAY_DRAWS = 5, 24  # crossings of each mode, and draws, of the delay that the brief shows

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Compared:
    """One plan against the continuation."""

    name: str
    foreign_usd_year: float
    home_usd_year: float
    by_window: dict[int, Difference]
    late_share: float | None
    cost: CostPerDeath | None


@dataclass(frozen=True, repr=False)
class Findings(OneLine):
    """What is expected of programmes and plans.

    Attributes
    ----------
    start : int
        The first year in which a plan may spend.
    standings : tuple of Standing
        What is known of each programme's effect in a new setting at its studies' dose.
    plans : tuple of Compared
        Each against the continuation.
    drivers : tuple of Driver
        What the difference between the framework's own plan and the continuation goes with.
    additionality : mapping of float to Difference
        That difference where this part of each dollar is additional.
    assumed : mapping of str to (float, float, float)
        Median, 5th and 95th percentile of the assumptions among the drivers.
    delays : tuple of Delay
        Waiting at the crossings with the most cars and the most trucks.
    """

    framework: Framework
    own: str
    as_of: str | None
    start: int
    draws: int
    seed: int
    standings: tuple[Standing, ...]
    plans: tuple[Compared, ...]
    drivers: tuple[Driver, ...]
    additionality: dict[float, Difference]
    assumed: dict[str, tuple[float, float, float]]
    allocation: Allocation
    ranking: Ranking
    ranking_draws: int
    delays: tuple[Delay, ...]


def gather(
    framework: Framework,
    facts: Facts,
    *,
    draws: int = 300,
    training_draws: int = 32,
    steps: int = 16,
    ranking_draws: int = 128,
    seed: int = 0,
    progress: Progress = lambda _: None,
) -> Findings | None:
    """Return what is expected of programmes and plans, or None while nothing had been enacted.

    The framework's own plan is the first that it brings along.
    """
    continuation = plan_named("continuation", framework, facts)
    if not continuation.rows:
        return None
    own = next(iter(framework.plans))
    plans = {name: plan_named(name, framework, facts) for name in (own, "continuation", "none")}
    progress("allocation")
    best = allocate(
        framework,
        facts,
        budget_usd=foreign(framework, plans[own]),
        draws=draws,
        seed=seed,
        training_draws=training_draws,
        steps=steps,
        beside=(plans[own], plans["none"]),
        border=False,
    )
    run = best.simulation
    progress("additionality")
    by_additionality = {
        share: simulate(
            framework,
            facts,
            {name: plans[name] for name in (own, "continuation")},
            draws=max(draws // 3, 1),
            seed=seed,
            held={"violence.additionality": share},
            places=False,
            border=False,
        ).difference(own, "continuation")
        for share in ADDITIONALITY
    }
    drivers = tuple(run.drivers(run.label(plans[own]), REFERENCE, 6))
    progress("border")
    delays = busiest(facts, seed)
    progress("ranking")
    return Findings(
        framework=framework,
        own=own,
        as_of=facts.as_of,
        start=int(plan_start(facts)[:4]),
        draws=draws,
        seed=seed,
        standings=standings(framework, facts),
        plans=tuple(
            compared(run, framework, name, label)
            for name, label in (
                (own, run.label(plans[own])),
                (BEST, BEST),
                ("none", run.label(plans["none"])),
            )
        ),
        drivers=drivers,
        additionality=by_additionality,
        assumed={one.path: spread(run, one.path) for one in drivers},
        allocation=best,
        ranking=ranking(framework, facts, draws=ranking_draws, seed=seed, leave_one_out=False),
        ranking_draws=ranking_draws,
        delays=delays,
    )


def busiest(facts: Facts, seed: int) -> tuple[Delay, ...]:
    """Return the delay of the last full year at the crossings with the most cars and the most trucks."""
    year = last_full_year(facts)
    chosen = []
    for mode in ("cars", "trucks"):
        there = on_record(facts, sites(facts, mode=mode), year)
        chosen += sorted(there, key=lambda site: -per_day(facts, site, year)[0])[:BUSIEST]
    return tuple(delay(facts, chosen, year, DELAY_DRAWS, seed))


def compared(run: Simulation, framework: Framework, name: str, label: str) -> Compared:
    """Return a plan against the continuation, by the label that it has in the run."""
    plan = run.plans[label]
    total = sum(row.usd_per_year for row in plan.rows)
    abroad = foreign(framework, plan)
    return Compared(
        name=name,
        foreign_usd_year=abroad,
        home_usd_year=total - abroad,
        by_window={years: run.difference(label, REFERENCE, min(years, len(run.years))) for years in WINDOWS},
        late_share=run.late_share(label, REFERENCE),
        cost=run.cost_per_death(label, REFERENCE),
    )


def foreign(framework: Framework, plan: Plan) -> float:
    """Return a plan's yearly dollars of foreign assistance."""
    return sum(row.usd_per_year for row in plan.rows if framework.accounts[row.account].kind == FOREIGN)


def spread(run: Simulation, path: str) -> tuple[float, float, float]:
    """Return median, 5th and 95th percentile of a parameter's draws."""
    low, median, high = low_median_high(run.drawn.scalars[path])
    return float(median), float(low), float(high)
