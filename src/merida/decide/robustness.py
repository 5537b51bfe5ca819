"""Plans under many scenarios: what each gains, what it would have been to know, and where the order of plans flips.

A scenario is what is assumed with something else in place of it: a structural scenario, one reading of contested
evidence held alone, another part of each dollar that is additional, a partner who stops paying, money that is absorbed
slowly, the calm or the violent third of the forecasts, or another value of a life. Within a scenario plans share their
draws. A plan's *regret* is how much less it gains on average than the best plan of the scenario, as a part of what that
one gains. Scenarios are not averaged (SCIENCE rule 30).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from merida.decide.said.lines import Flip, RobustCell, RobustPlan, ValuationLine
from merida.decide.worth import valuations
from merida.decide.worth.options import of_outcome, of_welfare
from merida.distributions import Floats
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import Simulation, simulate
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework, Plan
from merida.parameters.registry import INVESTMENT, RUN_FILES, WELFARE, settings, weights
from merida.parameters.scenarios import held_under, scenarios
from merida.parameters.standings import idle_weights
from merida.progress import Counted
from merida.statistics import low_median_high

ASSUMED = "assumed"
STOPS = 24  # months after which a partner pays no more
ADDITIONAL = {"little_additional": 0.3, "all_additional": 1.0}
SLOW = "slow_absorption"
SLOW_PATHS = ("delivery.foreign_capacity_usd_month", "delivery.home_capacity_usd_month")
FUTURES = {"calm": (0.0, 1 / 3), "violent": (2 / 3, 1.0)}  # parts of the forecasts, by homicides of all years
PARTNER = "partner_stops"
LIKELY = 0.5


@dataclass(frozen=True)
class Scenario:
    """One scenario.

    Parameters
    ----------
    name : str
    kind : {"assumed", "structure", "reading", "additionality", "delivery", "partner", "future", "value"}
    held : mapping of str to float
        What is held in its run.
    valuation : str
        The set of values of a life in which gains are told; empty: as homicides averted.
    """

    name: str
    kind: str
    held: Mapping[str, float] = field(default_factory=dict)
    valuation: str = ""


def every(framework: Framework, facts: Facts, held: Mapping[str, float]) -> Iterator[Scenario]:
    """Yield every scenario, as of the record's date; those that contradict what a user holds are left out.

    A reading is a scenario where studies of homicides that were known contradict one another.
    """
    register = Register(facts.as_of)
    priors = settings(held, framework)
    yield Scenario(ASSUMED, "assumed", dict(held))
    for name, one in scenarios().items():
        if not set(one.sets) & set(held):
            yield Scenario(name, "structure", held_under([name], held))
    for path in weights():
        parameter = weights()[path][0]
        known = not idle_weights(register, {path: 1.0})
        if known and parameter not in held and not parameter.startswith("demand."):
            yield Scenario(path, "reading", {**held, path: 1.0})
    for name, part in ADDITIONAL.items():
        yield Scenario(name, "additionality", {**held, "violence.additionality": part})
    slow = {path: float(priors.distribution(path).at(-1.645)) for path in SLOW_PATHS}
    yield Scenario(SLOW, "delivery", {**held, **slow})
    yield Scenario(PARTNER, "partner", dict(held))
    for name in FUTURES:
        yield Scenario(name, "future", dict(held))
    for name in valuations.published(facts, register, framework.base_year):
        yield Scenario(name, "value", dict(held), name)


def cut(plan: Plan, start: str) -> Plan:
    """Return a plan that ends after `STOPS` months from the plans' start."""
    end = f"{int(start[:4]) + STOPS // 12 - 1}-12"
    rows = tuple(replace(row, end=min(row.end, end)) for row in plan.rows if row.start <= end)
    return replace(plan, rows=rows)


def gains(
    framework: Framework,
    facts: Facts,
    plans: Mapping[str, Plan],
    scenario: Scenario,
    runs: dict[tuple[tuple[str, float], ...], Simulation],
    *,
    draws: int,
    years: int | None,
    seed: int,
    start: str,
) -> Floats:
    """Return what plans gain beside the reference in a scenario, shape (draws, plans).

    Parameters
    ----------
    runs : dict
        Runs by what is held in them, which this adds to: scenarios that hold the same share one.
    start : str
        First month of the plans.
    """
    key = tuple(sorted(scenario.held.items()))
    if key not in runs:
        stopped = {f"{label} (cut)": cut(plan, start) for label, plan in plans.items()}
        both = dict(plans) | (stopped if scenario.kind == "assumed" else {})
        runs[key] = simulate(
            framework,
            facts,
            both,
            draws=draws,
            seed=seed,
            years=years,
            held=scenario.held,
            places=False,
            border=None if scenario.kind == "assumed" else False,
        )
    run = runs[key]
    if scenario.valuation:
        lines: tuple[ValuationLine, ...] = valuations.valued(
            scenario.valuation, facts, Register(facts.as_of), framework.base_year
        )
        priors = settings(scenario.held, framework, (*RUN_FILES, INVESTMENT, WELFARE))
        worth = of_welfare(run, lines, priors, valuation=scenario.valuation, names=tuple(plans))
        return np.asarray(worth.values / 1e6)
    labels = tuple(f"{label} (cut)" for label in plans) if scenario.kind == "partner" else tuple(plans)
    values: Floats = of_outcome(run, names=labels).values
    if scenario.kind != "future":
        return values
    low, high = np.quantile(run.homicides(REFERENCE), FUTURES[scenario.name])
    there = run.homicides(REFERENCE)
    return np.asarray(values[(there >= low) & (there <= high)], dtype=np.float64)


def table(
    found: Sequence[tuple[Scenario, Floats]], plans: Sequence[str], enough: float = 0.0
) -> tuple[tuple[RobustCell, ...], tuple[RobustPlan, ...], tuple[Flip, ...]]:
    """Return what each plan gains in each scenario, each plan over all of them, and where the order flips.

    Parameters
    ----------
    found : sequence of (Scenario, array of shape (draws, plans))
        More is better; the first scenario is what is assumed.
    enough : float
        Homicides averted from which a plan is good enough (scenarios in dollars: from 0).
    """
    cells, regrets, satisfied = [], {}, {}
    for scenario, values in found:
        mean = values.mean(axis=0)
        best = float(mean.max())
        regret = [None if best <= 0 else float((best - one) / best) for one in mean]
        first = values.argmax(axis=1)
        least = 0.0 if scenario.valuation else enough
        low, median, high = low_median_high(values)
        for at, plan in enumerate(plans):
            good = float((values[:, at] > least).mean())
            cells.append(
                RobustCell(
                    scenario=scenario.name,
                    kind=scenario.kind,
                    plan=plan,
                    gained=float(median[at]),
                    low=float(low[at]),
                    high=float(high[at]),
                    mean=float(mean[at]),
                    regret=regret[at],
                    p_best=float((first == at).mean()),
                    p_enough=good,
                )
            )
            regrets[scenario.name, plan] = regret[at]
            satisfied[scenario.name, plan] = good
    lines = []
    for plan in plans:
        mine = {name: part for (name, of), part in regrets.items() if of == plan and part is not None}
        worst = max(mine, key=lambda name: mine[name], default=None)
        shares = [share for (_, of), share in satisfied.items() if of == plan]
        lines.append(
            RobustPlan(
                plan=plan,
                largest_regret=None if worst is None else mine[worst],
                worst=worst,
                enough=float(np.mean([share >= LIKELY for share in shares])),
            )
        )
    return tuple(cells), tuple(lines), tuple(flips(found, plans))


def flips(found: Sequence[tuple[Scenario, Floats]], plans: Sequence[str]) -> Iterator[Flip]:
    """Yield where a plan is likely to do worse than another that it is likely to beat as assumed."""
    assumed = better(found[0][1])
    for scenario, values in found:
        there = better(values)
        for one, other in zip(*np.nonzero((assumed > LIKELY) & (there < LIKELY)), strict=True):
            yield Flip(
                scenario=scenario.name,
                kind=scenario.kind,
                ahead=plans[one],
                behind=plans[other],
                p_assumed=float(assumed[one, other]),
                p_there=float(there[one, other]),
            )


def better(values: Floats) -> npt.NDArray[np.float64]:
    """Return the share of draws in which the plan of the row gains more than that of the column; a tie counts half."""
    each, other = values[:, :, None], values[:, None, :]
    return np.asarray((each > other).mean(axis=0) + (each == other).mean(axis=0) / 2, dtype=np.float64)


def robustness(
    framework: Framework,
    facts: Facts,
    plans: Mapping[str, Plan],
    *,
    draws: int,
    years: int | None,
    seed: int,
    start: str,
    held: Mapping[str, float],
    progress: Counted = lambda *_: None,
) -> list[tuple[Scenario, Floats]]:
    """Return what plans gain beside the reference in every scenario, each of shape (draws, plans).

    A reading that changes nothing for these plans is left out.

    Parameters
    ----------
    plans : mapping of str to Plan
        By label, at least two.
    start : str
        First month of the plans.
    held : mapping of str to float
        What a user holds in all of them.
    progress : callable
        Called with (scenarios done, scenarios in all).
    """
    chosen = list(every(framework, facts, held))
    runs: dict[tuple[tuple[str, float], ...], Simulation] = {}
    found: list[tuple[Scenario, Floats]] = []
    for done, scenario in enumerate(chosen):
        progress(done, len(chosen))
        by_draw = gains(
            framework, facts, plans, scenario, runs, draws=draws, years=years, seed=seed, start=start
        )
        if scenario.kind != "reading" or not np.array_equal(by_draw, found[0][1]):
            found.append((scenario, by_draw))
    progress(len(chosen), len(chosen))
    return found
