"""What an allocation and a ranking say, as far as their draws carry."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict

from merida.decide.allocation import Allocation
from merida.decide.division.core import HOLDS, WITHIN, Core
from merida.decide.division.search import OUTCOME
from merida.decide.ranking import Ranking
from merida.decide.said.lines import (
    CoreLine,
    CoreTable,
    DivisionLine,
    DriverLine,
    GainLine,
    HomicidesLine,
    HoursLine,
    LeftOutLine,
    MillionLine,
    MovedLine,
    PlanLine,
    RankedLine,
    WindowLine,
)
from merida.ensemble.report import windows_of
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import FOREIGN, Simulation
from merida.ensemble.summary import Difference
from merida.evidence import EffectDistribution
from merida.facts import Facts
from merida.facts.schema import Text
from merida.framework import Framework, Plan
from merida.parameters.standings import borrowed
from merida.places.names import place_names
from merida.statistics import Interval, low_median_high
from merida.statistics.grouping import Grouping

DRIVERS = 6  # parameters that are named for each plan
DIGITS = {"homicides": 1, "delay": 2}  # of a gain, by objective


def title(framework: Framework, programme: str) -> Text:
    """Return a programme's title."""
    text = framework.programmes[programme].title
    return Text(en=text.en, es=text.es)


def division(framework: Framework, plan: Plan) -> tuple[DivisionLine, ...]:
    """Return a plan's money by pillar and programme, most first within each pillar."""
    usd: dict[str, float] = {}
    places: dict[str, set[str]] = {}
    for row in plan.rows:
        usd[row.programme] = usd.get(row.programme, 0.0) + row.usd_per_year
        places.setdefault(row.programme, set()).add(row.place)
    whole, order = sum(usd.values()), list(framework.pillars)
    pillar_of = {programme: framework.programmes[programme].pillar for programme in usd}
    lines = []
    for programme in sorted(usd, key=lambda one: (order.index(pillar_of[one]), -usd[one])):
        pillar = framework.pillars[pillar_of[programme]].title
        lines.append(
            DivisionLine(
                pillar=pillar_of[programme],
                programme=programme,
                usd_per_year=round(usd[programme], 2),
                share=usd[programme] / whole,
                places=len(places[programme]),
                pillar_title=Text(en=pillar.en, es=pillar.es),
                title=title(framework, programme),
            )
        )
    return tuple(lines)


def interval(found: Difference, digits: int) -> Interval:
    """Return a gain as an interval."""
    of = found.averted
    return Interval(*(round(value, digits) for value in (of.low, of.value, of.high)))


def judged(best: Allocation) -> tuple[HomicidesLine | HoursLine | GainLine, ...]:
    """Return what each plan gains beside the reference, and how often the best beats it."""
    return tuple(rule(best, plan) for plan in best.simulation.plans if plan != REFERENCE)


def rule(best: Allocation, plan: str) -> HomicidesLine | HoursLine | GainLine:
    """Return what one plan gains."""

    def of(objective: str) -> Interval:
        found = best.simulation.gain(OUTCOME[objective], plan, REFERENCE)
        return interval(found, DIGITS[objective])

    found = best.gained(plan, REFERENCE)
    better, worse = round(found.better, 3), round(found.worse, 3)
    beats = best.beats.get(plan)
    share = None if beats is None else round(beats, 3)
    if best.aim.at_ports:
        own = of("delay")
        return HoursLine(plan, own.median, own.low, own.high, better, worse, of("homicides"), share)
    if tuple(best.aim.weights) != ("homicides",):
        own = interval(found, 1)
        return GainLine(plan, own.median, own.low, own.high, better, worse, of("homicides"), share)
    own = of("homicides")
    hours = of("delay") if "border_delay" in best.simulation.outcomes.value else None
    return HomicidesLine(plan, own.median, own.low, own.high, better, worse, hours, share)


def core_table(found: Core, framework: Framework) -> CoreTable:
    """Return which programmes every good plan holds, those that most beliefs hold first."""
    shares = found.shares
    order = sorted(range(len(found.programmes)), key=lambda at: (-shares[0, at], shares[2, at]))
    lines = tuple(
        CoreLine(
            programme=found.programmes[at],
            in_all=round(float(shares[0, at]), 3),
            in_some=round(float(shares[1, at]), 3),
            in_none=round(float(shares[2, at]), 3),
            verdict=found.verdicts[found.programmes[at]],
            title=title(framework, found.programmes[at]),
        )
        for at in order
    )
    agrees = None
    if len(found.agrees):
        low, median, high = (round(float(end), 3) for end in low_median_high(found.agrees))
        agrees = Interval(low, median, high)
    return CoreTable(len(found.held), WITHIN, HOLDS, len(found.agrees), agrees, lines)


def million(best: Allocation, framework: Framework, facts: Facts) -> dict[str, dict[str, MillionLine]]:
    """Return what the next million of every account would do, by objective and account."""
    names = place_names(facts, {one.place for by in best.marginal.values() for one in by.values()})
    return {
        objective: {
            account: MillionLine(
                **asdict(one), title=title(framework, one.programme), place_name=names[one.place]
            )
            for account, one in by_account.items()
        }
        for objective, by_account in best.marginal.items()
    }


def beside_reference(run: Simulation, framework: Framework) -> tuple[PlanLine, ...]:
    """Return every plan of a run beside the reference."""
    return tuple(plan_line(run, framework, label) for label in run.plans if label != REFERENCE)


def plan_line(run: Simulation, framework: Framework, label: str) -> PlanLine:
    """Return one plan of a run beside the reference."""
    plan = run.plans[label]
    whole = sum(row.usd_per_year for row in plan.rows)
    foreign = foreign_usd(framework, plan)
    return PlanLine(
        plan=label,
        name=plan.name,
        digest=plan.digest,
        foreign_usd_year=foreign,
        home_usd_year=whole - foreign,
        usd_more=run.usd(label) - run.usd(REFERENCE),
        windows=tuple(
            window(run.difference(label, REFERENCE, years), years)
            for years in dict.fromkeys((*windows_of(run), len(run.years)))
        ),
        late_share=run.late_share(label, REFERENCE),
        cost_per_homicide_averted=run.cost_per_death(label, REFERENCE),
        drivers=drivers(run, label),
    )


def foreign_usd(framework: Framework, plan: Plan) -> float:
    """Return a plan's yearly dollars of foreign assistance."""
    return sum(row.usd_per_year for row in plan.rows if framework.accounts[row.account].kind == FOREIGN)


def window(found: Difference, years: int) -> WindowLine:
    """Return homicides averted in the first years."""
    of = found.averted
    return WindowLine(years, of.value, of.low, of.high, found.mean, found.better, found.worse)


def drivers(run: Simulation, label: str) -> tuple[DriverLine, ...]:
    """Return what the homicides that a plan averts go with most, each with its own draws."""
    lines = []
    for one in run.drivers(label, REFERENCE, DRIVERS):
        low, median, high = map(float, low_median_high(run.drawn.scalars[one.path]))
        lines.append(DriverLine(one.path, one.correlation, median, low, high))
    return tuple(lines)


def ranked(found: Ranking, framework: Framework) -> tuple[RankedLine, ...]:
    """Return the programmes in the order in which they are listed."""
    return tuple(
        RankedLine(
            programme=row.programme,
            group=row.group,
            median=row.median,
            median_error=row.median_error if math.isfinite(row.median_error) else None,
            low=row.low,
            high=row.high,
            mean=row.mean,
            mean_error=row.mean_error,
            harm=row.harm,
            first=row.first,
            first_error=row.first_error,
            studies=own_studies(framework.programmes[row.programme].lever, row.distribution),
            prior_driven=row.distribution is None or row.distribution.prior_driven,
            title=title(framework, row.programme),
        )
        for row in found.rows
    )


def own_studies(lever: str | None, distribution: EffectDistribution | None) -> tuple[str, ...]:
    """Return the studies of a programme itself: what police numbers do is no study of training or vetting."""
    return () if distribution is None or borrowed(lever) else tuple(distribution.studies)


def moved(found: Ranking, cases: Mapping[float, Grouping] | Mapping[int, Grouping]) -> dict[str, MovedLine]:
    """Return the groups under other assumptions, each by what is assumed."""
    return {
        str(case): MovedLine(**asdict(grouping), enters=found.enters(grouping), leaves=found.leaves(grouping))
        for case, grouping in cases.items()
    }


def left_out(found: Ranking) -> dict[str, LeftOutLine]:
    """Return the groups with one study left out, by the study."""
    return {
        study: LeftOutLine(
            bears_on=found.bears_on[study],
            **asdict(grouping),
            enters=found.enters(grouping),
            leaves=found.leaves(grouping),
        )
        for study, grouping in found.without.items()
    }
