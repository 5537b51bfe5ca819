"""Which municipalities come first for a programme that works in places, and whether they are told apart at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Number, Text, Whole, option
from merida.answers.holding import held_lines
from merida.answers.plans.running import Sized, scenario_lines
from merida.answers.questions import Answer, Question
from merida.document.blocks import AnswerBlock, Column, Listing, Sentence, Table
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.statistics import Interval
from merida.statistics.grouping import SURE
from merida.words import Words

if TYPE_CHECKING:
    from merida.decide.triage import Triage as Found

MORE = 5  # municipalities that are shown beyond those that can be served


class Triage(Sized):
    """Which municipalities first."""

    question = "triage"
    example: ClassVar[Mapping[str, Any]] = {"programme": "focused_deterrence"}
    programme: Text = option("cli.runs.triage_programme", "focused_deterrence", metavar="PROGRAMME")
    best: Whole = option("cli.runs.triage_best", 20, metavar="N", ge=1)
    usd_per_year: Number = option("cli.runs.triage_usd", 1e6, flag="usd", metavar="USD", ge=1000, le=1e9)
    draws: Whole = option("cli.runs.draws", 200, metavar="N", ge=1, unit="draws")


@dataclass(frozen=True)
class PlaceLine:
    """A municipality: homicides that the money averts there, in all years.

    Attributes
    ----------
    p_best : float
        Share of draws in which it is among the best so many.
    group : int
        The best is 1; within a group none is told apart.
    deaths : float
        Homicides of the last year known.
    """

    municipality: str
    name: Both
    group: int
    p_best: float
    averted: float
    low: float
    high: float
    mean: float
    deaths: float


@dataclass(frozen=True)
class Places:
    """Municipalities in the order of the probability of being among the best so many.

    Attributes
    ----------
    programme, title : str, Text
    served : int
        Municipalities that the programme serves, all of which were looked at.
    groups : tuple of int
        How many are in each group, the best first.
    settled : bool
        Whether more draws could not move a municipality to another group.
    """

    programme: str
    title: Both
    served: int
    best: int
    draws: int
    groups: tuple[int, ...]
    settled: bool
    places: tuple[PlaceLine, ...]


def triage(request: Triage, context: Context, work: Work) -> tuple[Places, Found]:
    """Return the municipalities that come first."""
    from merida.ensemble.sizes import check_size

    framework, facts = context.framework, context.facts
    years = framework.evaluation_years if request.years is None else request.years
    check_size(request.draws, years, 2, places=True)

    from merida.decide.said import report
    from merida.decide.triage import triage as look
    from merida.places.names import place_names
    from merida.statistics import low_median_high

    name = framework.programme_called(request.programme) or request.programme
    found = look(
        framework,
        facts,
        name,
        best=request.best,
        usd_per_year=request.usd_per_year,
        draws=request.draws,
        years=request.years,
        seed=request.seed,
        held=request.numbers,
        progress=work.stage("triage"),
    )
    low, median, high = low_median_high(found.averted)
    order = sorted(range(len(found.places)), key=lambda at: (-found.among[at], -median[at], found.places[at]))
    names = place_names(facts, set(found.places))
    group = {code: number for number, codes in enumerate(found.grouping.groups, 1) for code in codes}
    lines = tuple(
        PlaceLine(
            municipality=found.places[at],
            name=names[found.places[at]],
            group=group[found.places[at]],
            p_best=round(float(found.among[at]), 3),
            averted=round(float(median[at]), 3),
            low=round(float(low[at]), 3),
            high=round(float(high[at]), 3),
            mean=round(float(found.averted[:, at].mean()), 3),
            deaths=float(found.deaths[at]),
        )
        for at in order
    )
    sizes = tuple(map(len, found.grouping.groups))
    title = report.title(framework, name)
    return Places(
        name, title, len(lines), request.best, request.draws, sizes, found.grouping.settled, lines
    ), found


def blocks(request: Triage, found: Places) -> Iterator[AnswerBlock]:
    """Yield whether municipalities are told apart, and those that come first."""
    yield from scenario_lines(request)
    first = [line for line in found.places if line.group == 1]
    values: dict[str, Any] = {"served": found.served, "programme": found.title, "sure": SURE}
    if len(first) > found.best:
        yield Sentence("triage.not_told_apart", values | {"count": len(first)})
    else:
        named = Listing(tuple(line.name for line in first), "; ")
        yield Sentence("triage.told_apart", values | {"groups": len(found.groups), "best": named})
    if not found.settled:
        yield Sentence("triage.not_settled", {"draws": found.draws})
    columns = (
        Column("triage.municipality"), Column("triage.name"), Column("rank.group"),
        Column("triage.p_best", decimals=2), Column("triage.averted", decimals=2),
        Column("rank.mean", decimals=2), Column("triage.deaths", decimals=0),
    )  # fmt: skip
    rows = tuple(
        (
            line.municipality, line.name, line.group, line.p_best,
            Interval(line.low, line.averted, line.high), line.mean, line.deaths,
        )
        for line in found.places[: found.best + MORE]
    )  # fmt: skip
    about: dict[str, Any] = {
        "programme": found.title, "usd": request.usd_per_year / 1e6, "best": found.best, "draws": found.draws
    }  # fmt: skip
    yield Table(columns, rows, Sentence("triage.title", about))
    yield Sentence("triage.said", {"best": found.best})
    yield from held_lines(request)


def picture(answer: Answer[Triage, Places], said: Words) -> dict[str, Any]:
    """Draw the municipalities that come first with the interval of each."""
    import polars as pl

    from merida.charts.frame import framed, sources
    from merida.charts.robust import first_places
    from merida.charts.theme import specification

    found = answer.payload
    rows = [
        {"name": line.name.to(said.language), "low": line.low, "middle": line.averted, "high": line.high}
        for line in found.places[: found.best]
    ]
    about = {"period": said.text("charts.robust.period", draws=found.draws), "programme": found.title}
    chart = first_places(pl.DataFrame(rows), said)
    return framed(specification(chart), "triage", said, sources(("homicides_year",), said), about)


QUESTIONS = (
    Question(Triage, Places, triage, blocks, table="places", pictures={"chart": picture}, kept=True),
)
