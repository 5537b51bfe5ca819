"""Every municipality at once: as the record knows it, and what is likely next there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from merida.answers.context import Context
from merida.answers.fields import Number, Whole, option
from merida.answers.holding import held_lines, priors_of
from merida.answers.questions import Answer, Question
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Month, Sentence, Table
from merida.progress import Work
from merida.statistics import Interval
from merida.violence.forecasting.ahead import Ahead
from merida.violence.monitoring.everywhere import Everywhere
from merida.words import Words

if TYPE_CHECKING:
    from merida.answers.questions import Drawn as Picture

SHOWN = 20  # municipalities listed for people


class Places(Drawn):
    """Every municipality as the record knows it."""

    question = "violence.places"
    example: ClassVar[Mapping[str, Any]] = {"by": "change"}
    by: Literal["rate", "change", "clusters", "missing"] = option("cli.places.by", "rate", shown=True)


class AheadRequest(Drawn, Settable):
    """What is likely next in every municipality."""

    question = "violence.ahead"
    example: ClassVar[Mapping[str, Any]] = {"by": "bad_year"}
    by: Literal["forecast", "bad_year"] = option("cli.places.by_ahead", "forecast", shown=True)
    level: Number = option("cli.places.level", 25.0, gt=0, le=10**5, metavar="RATE")
    draws: Whole = option("cli.forecast.draws", 300, ge=1)


def places(request: Places, context: Context, work: Work) -> Everywhere:
    """Return every municipality as the record knows it."""
    from merida.violence.monitoring.cross_section import cross_section_of
    from merida.violence.monitoring.everywhere import everywhere

    step = work.stage("monitor")
    shared = cross_section_of(context.facts, request.seed)
    for at, part in enumerate(("units", "overdispersion", "rates", "clusters")):
        step(at, 5)
        getattr(shared, part)  # made when it is asked for
    step(4, 5)
    return everywhere(shared)


def ahead(request: AheadRequest, context: Context, work: Work) -> Ahead:
    """Return what is likely next in every municipality."""
    from merida.parameters.registry import FORECAST
    from merida.violence.forecasting.ahead import ahead as look

    priors = priors_of(request, FORECAST)
    step = work.stage("forecast")
    return look(context.facts, request.level, request.draws, request.seed, priors, step)


ORDER: dict[str, Callable[[Any], float]] = {
    "rate": lambda line: line.rate_per_100k,
    "change": lambda line: line.change_percent or 0.0,
    "clusters": lambda line: line.rate_per_100k if line.cluster.startswith("high") else -line.rate_per_100k,
    "missing": lambda line: line.missing_per_100k or 0.0,
    "forecast": lambda line: line.rate_per_100k or 0.0,
    "bad_year": lambda line: line.bad_year or 0.0,
}
"""By what the municipalities shown first are chosen, the highest first."""


def places_blocks(request: Places, found: Everywhere) -> Iterator[AnswerBlock]:
    """Yield how the municipalities stand on the whole, and the first of them."""
    known = [line for line in found.units if line.people]
    values: dict[str, Cell] = {
        "count": len(known),
        "year": found.year,
        "deaths": sum(line.deaths for line in found.units),
        "without": sum(line.deaths == 0 for line in known),
    }
    yield Sentence("places_map.headline", values)
    if found.change_since:
        rose = sum(line.rose is not None and line.rose >= 0.9 for line in known)
        fell = sum(line.rose is not None and line.rose <= 0.1 for line in known)
        yield Sentence("places_map.moved", {"since": found.change_since, "rose": rose, "fell": fell})
    first = sorted(known, key=ORDER[request.by], reverse=True)[:SHOWN]
    columns = (
        Column("places_map.place"), Column("places_map.deaths", decimals=0),
        Column("places_map.rate", decimals=1), Column("places_map.change", "percent", decimals=0),
        Column("places_map.missing", decimals=1),
    )  # fmt: skip
    rows = tuple(
        (line.name, line.deaths, Interval(line.low, line.rate_per_100k, line.high), line.change_percent,
         line.missing_per_100k)
        for line in first
    )  # fmt: skip
    yield Table(columns, rows, Sentence(f"places_map.first.{request.by}", {"year": found.year}))
    yield Sentence("places_map.reads", {"year": found.year})
    if found.missing_years:
        span = dict(zip(("first", "last"), found.missing_years, strict=True))
        yield Sentence("places_map.missing_reads", span)


def ahead_blocks(request: AheadRequest, found: Ahead) -> Iterator[AnswerBlock]:
    """Yield how many bad years are likely, and the municipalities that come first."""
    known = [line for line in found.units if line.people]
    span: dict[str, Cell] = {"first": Month(found.first_month), "last": Month(found.last_month)}
    many = sum((line.bad_year or 0.0) >= 0.9 for line in known)
    yield Sentence(
        "places_map.ahead_headline",
        span
        | {
            "count": len(known),
            "many": many,
            "level": found.level,
            "expected": sum(line.bad_year or 0.0 for line in known),
        },
    )
    first = sorted(known, key=ORDER[request.by], reverse=True)[:SHOWN]
    columns = (
        Column("places_map.place"), Column("forecast.recent", "deaths", decimals=0),
        Column("forecast.median_90", "deaths", decimals=0), Column("places_map.ahead_rate", decimals=1),
        Column("places_map.bad_year", decimals=2),
    )  # fmt: skip
    rows = tuple(
        (
            line.name,
            line.recent,
            Interval(line.low, line.median, line.high),
            line.rate_per_100k,
            line.bad_year,
        )
        for line in first
    )
    yield Table(columns, rows, Sentence(f"places_map.first.{request.by}", span | {"level": found.level}))
    yield Sentence("places_map.ahead_reads", {"draws": found.draws, "level": found.level})
    yield from held_lines(request)


def draw(answer: Answer[Any, Any], said: Words) -> Picture:
    """Draw the municipalities on a map."""
    import polars as pl

    from merida.charts.bands import MEASURES
    from merida.charts.frame import framed, sources
    from merida.charts.maps import shaded_map
    from merida.charts.theme import specification
    from merida.places import NATION
    from merida.violence.monitoring.chart_tables import of_children, shapes

    found, measure = answer.payload, MEASURES[answer.request.by]
    names = measure.names(said)
    band = pl.DataFrame(
        [(line.municipality, at) for line in found.units if (at := measure.band(line)) is not None],
        schema=["unit", "band"],
        orient="row",
    )
    bands = {code: names[at] for code, at in of_children(band).iter_rows() if at is not None}
    unit = said.text(measure.unit, **span_of(found, said))
    chart = shaded_map(bands, names, list(measure.colours), unit, *shapes(answer.context.facts, NATION))
    tables = ("homicides_year", "homicides_month", "population", "missing_persons")
    about = {"period": period(found, said), "what": unit}
    return framed(specification(*chart), "places", said, sources(tables, said), about)


def span_of(found: Everywhere | Ahead, said: Words) -> dict[str, object]:
    """Return what the units of a map name: the years or months that are shown, and the level."""
    if isinstance(found, Ahead):
        months = {"first": said.month(found.first_month), "last": said.month(found.last_month)}
        return {**months, "level": f"{found.level:g}"}
    first, last = found.missing_years or ("", "")
    return {"first": first, "last": last}


def period(found: Everywhere | Ahead, said: Words) -> str:
    """Return the period of a map."""
    if isinstance(found, Ahead):
        return f"{said.month(found.first_month)} – {said.month(found.last_month)}"
    return str(found.year)


QUESTIONS = (
    Question(Places, Everywhere, places, places_blocks, table="units", pictures={"chart": draw}, kept=True),
    Question(AheadRequest, Ahead, ahead, ahead_blocks, table="units", pictures={"chart": draw}, kept=True),
)
