"""The published experiments on officers, done again on our own schedules, beside what was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from merida.answers.border.common import BASE_YEAR, MOST_DRAWS
from merida.answers.border.investing import (
    DRAWS,
    GainLine,
    OfficerReadings,
    assumption_lines,
    at,
    line,
    officer_blocks,
    officer_readings,
    priors_at_border,
)
from merida.answers.context import Context
from merida.answers.fields import Whole, option
from merida.answers.holding import held_lines
from merida.answers.questions import Question
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Column, Points, Sentence, Table
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.border.investment import Gain, PublishedCheck

REASONS = ("sites", "staffing", "elastic", "days", "value")


class Create(Drawn, Settable):
    """The published one-officer experiment beside ours."""

    question = "border.create"
    draws: Whole = option("cli.border_invest.draws", DRAWS, ge=2, le=MOST_DRAWS)


@dataclass(frozen=True)
class CheckLine:
    """A published number beside ours; `published_high` is None where it was published as "more than"."""

    name: str
    fact: str
    unit: str
    published_low: float
    published_high: float | None
    ours: Interval
    comparable: bool
    holds: bool | None
    source: str


@dataclass(frozen=True)
class Experiment:
    """One officer at each crossing of the study, its published numbers beside ours, and what they rest on."""

    draws: int
    seed: int
    as_of: str | None
    sites: tuple[GainLine, ...]
    checks: tuple[CheckLine, ...]
    their_ratios_to_value_of_time: dict[str, float]
    assumptions: dict[str, dict[str, Any]]
    base_year: int
    with_their_ratios: dict[str, float]
    officer: OfficerReadings | None


def create(request: Create, context: Context, work: Work) -> tuple[Experiment, tuple[Gain, ...]]:
    """Return the experiment done again, one officer at each crossing."""
    from merida.border.assumptions import investment
    from merida.border.investment import checks, experiment, gathered, source_of, theirs, with_their_ratios

    facts, priors = context.facts, priors_at_border(request, context)
    steps = experiment(facts, request.draws, request.seed, priors)
    every_gain = gathered(steps, work.stage("crossings"))
    work.stage("published")
    made = checks(facts, every_gain, request.draws, request.seed, priors)
    officers = tuple(gain for gain in every_gain if gain.what == "officer")
    ratios = theirs(facts)
    payload = Experiment(
        request.draws,
        request.seed,
        request.as_of,
        tuple(map(line, officers)),
        tuple(check_line(one, source_of(facts, one.fact)) for one in made),
        ratios,
        investment(priors),
        BASE_YEAR,
        with_their_ratios(ratios, officers),
        officer_readings(officers, facts),
    )
    return payload, officers


def check_line(one: PublishedCheck, source: str) -> CheckLine:
    """Return a published number beside ours as a line."""
    high = one.high if isfinite(one.high) else None
    ours = Interval.of(one.ours)
    return CheckLine(one.name, one.fact, one.unit, one.low, high, ours, one.comparable, one.holds, source)


def blocks(request: Create, found: Experiment) -> Iterator[AnswerBlock]:
    """Yield the crossings, published numbers beside ours, and why they differ."""
    yield Table(
        (
            Column("border_invest.crossing"),
            Column("border_invest.hours", "thousand_hours", 1, 1e3),
            Column("border_invest.minutes_each", "minutes", 2),
            Column("border_invest.time_usd", "usd_million_2012", 2, 1e6),
            Column("border_invest.by_matched", "usd_million_2012", 2, 1e6),
        ),
        tuple((at(one), one.hours, one.minutes_each, one.time_usd, one.life_time_usd) for one in found.sites),
        Sentence("border_invest.create_title", {"sites": len(found.sites)}),
    )
    yield from officer_blocks(found.officer, ())
    yield from beside(found, "usd", ("usd_million", "usd_million_2012"), 1e6)
    yield from beside(found, "minutes", ("minutes", "minutes"), 1.0)
    yield Sentence("border_invest.at_least")
    if found.with_their_ratios:
        gdp, jobs = (found.with_their_ratios[name] for name in ("gdp_usd", "jobs"))
        yield Sentence("border_invest.theirs", {"gdp": gdp / 1e6, "jobs": jobs})
    yield Points(tuple(Sentence(f"border_invest.reasons.{reason}") for reason in REASONS))
    yield Sentence("border_invest.assumed", {"count": len(found.assumptions)})
    yield from held_lines(request)


def beside(found: Experiment, unit: str, shown: tuple[str, str], scale: float) -> Iterator[AnswerBlock]:
    """Yield the published numbers of a unit beside ours: the unit as it was published, and ours."""
    rows = tuple(
        (
            Sentence(f"border_invest.checks.{one.name}"),
            one.published_low,
            one.published_high,
            one.ours,
            Sentence(f"border_invest.verdicts.{verdict(one.holds)}"),
            f"{one.source} ({one.fact})",
        )
        for one in found.checks
        if one.unit == unit
    )
    if rows:
        yield Table(
            (
                Column("border_invest.check"),
                Column("border_invest.published_low", shown[0], 1, scale),
                Column("border_invest.published_high", shown[0], 1, scale),
                Column("border_invest.ours", shown[1], 1, scale),
                Column("border_invest.verdict"),
                Column("border_invest.source"),
            ),
            rows,
        )


def verdict(holds: bool | None) -> str:
    """Return what a comparison says."""
    return "apart" if holds is None else "holds" if holds else "misses"


QUESTIONS = (
    Question(
        Create,
        Experiment,
        create,
        blocks,
        table="sites",
        assumptions=lambda _, found: assumption_lines(found.assumptions),
        kept=True,
    ),
)
