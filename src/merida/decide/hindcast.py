"""The hindcast: what would have been said at a past date, with what was known then, scored on what came.

Scored are the forecast of homicides under the money that was really enacted, the states' judicial reform (SCIENCE rule
14), border volumes, and delivery (rule 22). What a plan would have averted beside another that was never tried cannot be
scored, and is labelled so (rule 24).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from merida.decide.allocation import BEST, allocate
from merida.decide.division.rules import choices, rules
from merida.decide.said.hindcast_lines import (
    LevelScore,
    LookedBack,
    MoneyLine,
    OperatingLine,
    StateReform,
    ThenLine,
    VolumeLine,
    YearScore,
)
from merida.decide.said.lines import SIMPLE_RULES
from merida.decide.said.report import division
from merida.distributions import Z95, Floats
from merida.draws import stream
from merida.ensemble import Simulation, simulate
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import FOREIGN, prepared
from merida.errors import PlanError, ViolenceError
from merida.facts import Facts
from merida.facts.record import crossings
from merida.framework import Framework, Plan, plan_named
from merida.models.delivery_lags import fit, foretold, record
from merida.models.reform_transition import DEADLINE, READINGS, first_years, transition
from merida.parameters.parameters import Parameters
from merida.progress import Stages, unwatched
from merida.statistics import low_median_high
from merida.statistics.scores import covered, crps
from merida.violence.forecasting.baselines import log_random_walk
from merida.violence.panel import panel

NATION, UNKNOWN = "MX", "99"
ENACTED = "enacted"
WINDOW = 5  # years in which plans are compared
MODES = ("trucks", "personal_vehicles", "pedestrians")


def hindcast(
    framework: Framework,
    as_of: str,
    *,
    draws: int = 500,
    seed: int = 0,
    held: Mapping[str, float] | None = None,
    stage: Stages = unwatched,
) -> tuple[LookedBack, Simulation]:
    """Return what would have been said at a date with its scores on what came, and the run of the plans.

    Parameters
    ----------
    as_of : str
        ``YYYY-MM``: only what had been published by then is known.
    draws, seed : int
    held : mapping or None
        Parameters held at one number, by path.
    stage : callable
        Begins a stage of the work by its name; see `merida.progress`.

    Raises
    ------
    ViolenceError
        If no whole year of deaths after the date is on record.
    PlanError
        If nothing had been appropriated by the date.

    Examples
    --------
    >>> found, _ = hindcast(Framework.load("merida"), "2012-12", draws=16)
    >>> [line.year for line in found.operating]
    [2013, 2014, 2015, 2016]
    """
    then, now = Facts(as_of), Facts()
    start, last = int(as_of[:4]) + 1, panel(now).last_year
    if start > last:
        raise ViolenceError("hindcast_nothing_after", found=as_of, last=last)
    own = next(iter(framework.plans))
    simple = said_plans(framework, then, now, start, held)
    best = best_then(framework, then, simple[own], seed, held, stage)
    run = simulate(
        framework,
        then,
        {own: simple[own], BEST: best} | simple,
        draws=draws,
        seed=seed,
        years=last - start + 1,
        held=held,
        places=False,
        border=False,
        progress=stage("draws"),
    )
    nation, states = homicides(run, then, now, range(start, last + 1), seed)
    operating, reform, brier = reformed(run.parameters, then, now, as_of, draws, seed)
    found = LookedBack(
        plans=told(run),
        best=division(framework, best),
        nation=nation,
        states=states,
        levels=levels(nation, states),
        operating=operating,
        reform=reform,
        brier=brier,
        volumes=volumes(then, now),
        money=delivered(then, now, draws, seed),
    )
    return found, run


def said_plans(
    framework: Framework, then: Facts, now: Facts, start: int, held: Mapping[str, float] | None
) -> dict[str, Plan]:
    """Return the plans by label: the framework's own, what was really enacted, and those of the simple rules."""
    own = next(iter(framework.plans))
    plan, continuation = plan_named(own, framework, then), plan_named("continuation", framework, then)
    if not continuation.rows:
        raise PlanError("no_enacted_money", as_of=then.as_of)
    later = plan_named("history", framework, now)
    enacted = replace(later, name=ENACTED, rows=tuple(row for row in later.rows if row.end >= f"{start}-01"))
    budget = assistance(framework, plan)
    domain, parameters, _ = prepared(framework, then, {own: plan}, draws=1, seed=0, held=held)
    simple = rules(
        domain, parameters, continuation, budget, choices(domain, continuation, budget, walls=True)
    )
    return {own: plan, ENACTED: enacted} | simple


def assistance(framework: Framework, plan: Plan) -> float:
    """Return the foreign assistance of a plan, dollars a year."""
    return sum(row.usd_per_year for row in plan.rows if framework.accounts[row.account].kind == FOREIGN)


def best_then(
    framework: Framework,
    then: Facts,
    own: Plan,
    seed: int,
    held: Mapping[str, float] | None,
    stage: Stages = unwatched,
) -> Plan:
    """Return the division of the framework's own foreign assistance that a short search would have found then.

    It sees few draws and other than those that are reported. What it would have averted is on no record.
    """
    found = allocate(
        framework,
        then,
        budget_usd=assistance(framework, own),
        draws=16,
        training_draws=16,
        validation_draws=64,
        steps=8,
        starts=2,
        beliefs=0,
        years=WINDOW,
        seed=seed,
        held=held,
        border=False,
        as_given=True,
        priced=False,
        stage=stage,
    )
    return found.plan


def told(run: Simulation) -> tuple[ThenLine, ...]:
    """Return what each plan would have been said to avert beside the continuation in its first years."""
    years = min(WINDOW, len(run.years))
    found = {plan: run.difference(plan, REFERENCE, years) for plan in run.plans if plan != REFERENCE}
    best = max(
        (plan for plan in SIMPLE_RULES["homicides"] if plan in found),
        key=lambda plan: found[plan].averted.value,
    )
    return tuple(
        ThenLine(
            plan=plan,
            years=years,
            usd_more=run.usd(plan) - run.usd(REFERENCE),
            averted=round(of.averted.value, 1),
            low=round(of.averted.low, 1),
            high=round(of.averted.high, 1),
            p_better=round(of.better, 3),
            p_harm=round(of.worse, 3),
            best_rule=plan == best,
        )
        for plan, of in found.items()
    )


def deaths(facts: Facts, years: range) -> dict[tuple[str, int], int]:
    """Return homicides by state and year of occurrence, those of unknown states under ``99``."""
    rows = facts.sql(
        f"""select state, year, sum(deaths) from homicides_state_month
        where year between {years[0]} and {years[-1]} group by 1, 2"""
    ).rows()
    return {(state, year): int(count) for state, year, count in rows}


def homicides(
    run: Simulation, then: Facts, now: Facts, years: range, seed: int
) -> tuple[tuple[YearScore, ...], tuple[YearScore, ...]]:
    """Return the scores of the nation and of each state by year, under the money that was really enacted.

    The random walk of the logarithm knows the same deaths; what has no municipality is put back in proportion.
    """
    actual = deaths(now, years)
    names = dict(now.sql("select state, name from states").rows()) | {NATION: ""}
    known = panel(then)
    draws = run.drawn.count
    walk_states, walk_nation = log_random_walk(known, 12 * (years[-1] - known.last_year), draws, seed)
    placed = 1 - known.unknown[-1]
    drawn = run.outcomes.counts[ENACTED]  # (draws, states, years)

    def line(place: str, year: int, ours: Floats, walk: Floats, happened: int) -> YearScore:
        low, median, high = low_median_high(ours)
        truth = np.array(happened)
        return YearScore(
            place=place,
            name=names[place],
            year=year,
            happened=happened,
            median=float(median),
            low=float(low),
            high=float(high),
            inside=bool(covered(ours, truth, 0.9)),
            crps=round(float(crps(ours[:, None], truth[None])[0]), 2),
            walk_crps=round(float(crps(walk[:, None], truth[None])[0]), 2),
        )

    nation, states = [], []
    for at, year in enumerate(years):
        column = year - known.last_year - 1
        sums = walk_nation[:, column] / placed
        whole = sum(count for (_, then_year), count in actual.items() if then_year == year)
        nation.append(line(NATION, year, drawn[:, :, at].sum(axis=1), sums, whole))
        for number, state in enumerate(run.states):
            if state != UNKNOWN:
                walk = walk_states[:, known.codes.index(state), column] / placed
                happened = actual.get((state, year), 0)
                states.append(line(state, year, drawn[:, number, at], walk, happened))
    return tuple(nation), tuple(sorted(states, key=lambda one: (one.place, one.year)))


def levels(*scored: Sequence[YearScore]) -> tuple[LevelScore, ...]:
    """Return the means of scores by level and year."""
    return tuple(
        LevelScore(
            level=level,
            year=year,
            places=len(here),
            crps=round(float(np.mean([line.crps for line in here])), 2),
            walk_crps=round(float(np.mean([line.walk_crps for line in here])), 2),
            inside=sum(line.inside for line in here),
        )
        for level, lines in zip(("nation", "states"), scored, strict=True)
        for year in sorted({line.year for line in lines})
        for here in [[line for line in lines if line.year == year]]
    )


def reformed(
    parameters: Parameters, then: Facts, now: Facts, as_of: str, draws: int, seed: int
) -> tuple[tuple[OperatingLine, ...], tuple[StateReform, ...], float | None]:
    """Return what was said of the states' reform to its deadline, and the Brier score by state and year."""
    year, month = int(as_of[:4]), as_of[5:]
    origin = year if month == "12" else year - 1
    known, actual = first_years(then), first_years(now)
    if origin >= DEADLINE:
        return (), (), None
    weights = {name: parameters.priors.number(f"justice.transition.{name}") for name in READINGS[:2]}
    weights[READINGS[2]] = 1 - sum(weights.values())
    names = dict(now.sql("select state, name from states").rows())
    found = transition(known, tuple(sorted(actual)), origin, weights, draws=max(draws, 2000), seed=seed)
    came = np.array([sum(began <= then for began in actual.values()) for then in found.years])
    scored = crps(found.counts, came)
    inside = covered(found.counts, came, 0.9)
    lines = tuple(
        OperatingLine(
            year=then,
            **dict(
                zip(("low", "median", "high"), map(float, low_median_high(found.counts[:, at])), strict=True)
            ),
            happened=int(came[at]),
            inside=bool(inside[at]),
            crps=round(float(scored[at]), 2),
        )
        for at, then in enumerate(found.years)
    )
    happened = np.array([[actual[state] <= then for then in found.years] for state in found.waiting])
    states = tuple(
        StateReform(
            state=state,
            name=names[state],
            chances={str(then): round(float(p), 3) for then, p in zip(found.years, chance, strict=True)},
            began=actual[state],
        )
        for state, chance in zip(found.waiting, found.chances, strict=True)
    )
    return lines, states, round(float(np.mean((found.chances - happened) ** 2)), 4)


def volumes(then: Facts, now: Facts) -> tuple[VolumeLine, ...]:
    """Return crossings of later years: as many as in the last full year known, as every run holds them.

    The interval is that of a random walk of the logarithm, of the spread of the yearly changes known.
    """
    known, came = (
        {
            mode: {
                year: float(count) for year, measure, count in crossings(facts).rows.rows() if measure == mode
            }
            for mode in MODES
        }
        for facts in (then, now)
    )
    lines = []
    for mode in MODES:
        years = sorted(known[mode])
        if len(years) < 3:
            continue
        last, said = years[-1], known[mode][years[-1]]
        spread = float(np.std(np.diff(np.log([known[mode][year] for year in years])), ddof=1))
        for year in sorted(year for year in came[mode] if year > last):
            wide = Z95 * spread * float(np.sqrt(year - last))
            low, high = said * float(np.exp(-wide)), said * float(np.exp(wide))
            happened = came[mode][year]
            lines.append(VolumeLine(mode, year, said, low, high, happened, low <= happened <= high))
    return tuple(lines)


def delivered(then: Facts, now: Facts, draws: int, seed: int) -> tuple[MoneyLine, ...]:
    """Return the sums that were published later, beside what the lags known then made of them."""
    known, all_points = record(then), record(now)
    ids = {point.id for point in known.points}
    drawn = foretold(fit(known), all_points, stream(seed, "decide.hindcast.money"), draws)
    lines = []
    for at, point in enumerate(all_points.points):
        if point.id in ids:
            continue
        logs, truth = np.log(drawn[:, at]), np.log(point.value)
        low, median, high = np.exp(low_median_high(logs))
        lines.append(
            MoneyLine(
                point=point.id,
                stage=point.stage,
                scope=point.scope,
                month=point.month,
                median=float(median),
                low=float(low),
                high=float(high),
                published=point.value,
                inside=bool(low <= point.value <= high),
                crps_log=round(float(crps(logs[:, None], np.array([truth]))[0]), 3),
            )
        )
    return tuple(lines)
