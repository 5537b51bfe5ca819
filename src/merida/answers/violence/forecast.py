"""What is likely next: deaths by year and month in a place, with intervals."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, Whole, option
from merida.answers.holding import held_lines, priors_of
from merida.answers.naming import in_both, place_name, place_note, told
from merida.answers.questions import Answer, Question
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Month, Sentence, Table
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words

if TYPE_CHECKING:
    from merida.answers.questions import Drawn as Picture
    from merida.charts.drawing import Drawing
    from merida.violence.forecasting import Samples
    from merida.violence.forecasting.forecast import Forecast as Path
    from merida.violence.forecasting.outlook import Outlook

SHOWN_STATES = 10
USUAL: Mapping[str, Any] = {"months": 36, "draws": 300}  # as the brief and the pages ask
FEW = 10  # deaths, below which a mean is shown with a decimal


class Forecast(Drawn, Settable):
    """What is likely next in a place."""

    question = "violence.forecast"
    example: ClassVar[Mapping[str, Any]] = {"place": "Jalisco"}
    place: Text = option("cli.violence.place", "nation", metavar="PLACE")
    months: Whole = option("cli.forecast.months", 36, ge=1, le=60)
    draws: Whole = option("cli.forecast.draws", 1000, ge=1)


@dataclass(frozen=True)
class Expected:
    """Deaths expected in a year or month: their mean and quantiles, ``q05`` the 5th percentile of the draws."""

    period: str
    mean: float
    q05: int
    q10: int
    q25: int
    q50: int
    q75: int
    q90: int
    q95: int


@dataclass(frozen=True)
class Recorded:
    """Deaths of a month, ``YYYY-MM``, or of a year: those whose municipality is known."""

    period: str
    deaths: int


@dataclass(frozen=True)
class StateLine:
    """Deaths expected in a state by whole year, those of the last known year, and the probability of a fifth more."""

    state: str
    name: str
    recent: int
    rise: float
    years: tuple[Expected, ...]


@dataclass(frozen=True)
class Forecasted:
    """What is likely next in a place.

    Attributes
    ----------
    place, name : str
        ``nation``, ``state:08`` or ``municipality:08037``, and its name.
    last_year, deaths_last_year : int
        The last year whose deaths are known, by month of occurrence or registered, and how many there were.
    years, months : tuple of Expected
        Deaths by whole year, of which some months may be estimated, and by month from `first_month` on.
    events : dict
        Probabilities of events of the next twelve months, with the number of deaths that each names.
    note : Text or None
        Which municipalities are counted together.
    recorded : tuple of Recorded
        Deaths by month of occurrence, to the last year known by municipality.
    first_month : str
        The first month of which nothing is known: the forecast starts here.
    rests_on : dict
        Last year or month of each basis on which the months between rest: ``registered``, ``state_months``, ``victims``.
    registered : tuple of Recorded
        Deaths by year of registration after `recorded`: another basis.
    estimated : tuple of Expected
        The months between `recorded` and `first_month`.
    states : tuple of StateLine
        Of the nation: its states, those with most deaths expected first.
    """

    place: str
    name: str
    last_year: int
    deaths_last_year: int
    draws: int
    years: tuple[Expected, ...]
    months: tuple[Expected, ...]
    events: dict[str, dict[str, int | float]]
    note: Both | None
    recorded: tuple[Recorded, ...]
    states: tuple[StateLine, ...]
    first_month: str
    rests_on: dict[str, str]
    registered: tuple[Recorded, ...]
    estimated: tuple[Expected, ...]


def forecast(request: Forecast, context: Context, work: Work) -> tuple[Forecasted, Samples]:
    """Return what is likely next, and the draws of every place."""
    from merida.parameters.registry import FORECAST
    from merida.places import find_place
    from merida.violence.forecasting import forecast as fit
    from merida.violence.forecasting import outlook
    from merida.violence.forecasting.samples import checked

    priors = priors_of(request, FORECAST)
    checked(request.months, request.draws)
    find_place(context.facts, request.place)  # refused before the work
    work.stage("fit")
    path = fit(
        context.facts, request.months, request.seed, priors
    )  # kept: the draws are counted by themselves
    ahead = outlook(
        context.facts,
        request.place,
        request.months,
        request.draws,
        request.seed,
        priors,
        work.stage("forecast"),
    )
    found = Forecasted(
        place=ahead.place.text,
        name=ahead.place.name,
        last_year=ahead.last_year,
        deaths_last_year=ahead.recent,
        draws=request.draws,
        years=tuple(Expected(**row) for row in ahead.years),
        months=tuple(Expected(**row) for row in ahead.months),
        events={event.name: {"probability": event.probability, **event.values} for event in ahead.events},
        note=place_note(ahead.place),
        recorded=tuple(Recorded(month, deaths) for month, deaths in ahead.recorded),
        states=states_of(context, ahead, path) if ahead.place.kind == "nation" else (),
        first_month=ahead.first_month,
        rests_on=ahead.rests_on,
        registered=tuple(Recorded(year, deaths) for year, deaths in ahead.registered),
        estimated=tuple(Expected(**row) for row in ahead.estimated),
    )
    return found, ahead.samples


def states_of(context: Context, ahead: Outlook, path: Path) -> tuple[StateLine, ...]:
    """Return the states of the nation, those with most deaths expected first."""
    from merida.violence.forecasting.outlook import states_ahead

    lines = [
        StateLine(one.state, one.name, one.recent, one.rise, tuple(Expected(**row) for row in one.years))
        for one in states_ahead(context.facts, ahead, path)
    ]
    return tuple(sorted(lines, key=lambda line: (-line.years[0].q50, line.state)))


def forecast_blocks(request: Forecast, found: Forecasted) -> Iterator[AnswerBlock]:
    """Yield the years ahead, or the months of less than one, and the chances of the next twelve months."""
    title, reads, events = ("forecast.title", "forecast.reads", "forecast.events")
    if found.estimated:
        title, reads, events = ("forecast.title_since", "forecast.reads_since", "forecast.events_since")
    values: dict[str, Cell] = {"place": place_name(found.place, found.name), "last": found.last_year}
    yield Sentence(title, values | {"month": Month(found.first_month)})
    if found.note:
        yield told(found.note)
    if request.as_of:
        yield Sentence("monitor.as_of", {"month": Month(request.as_of)})
    shown = found.years or found.months
    decimals = 0 if min(row.mean for row in shown) >= FEW else 1
    columns = (
        Column("forecast.period"),
        Column("forecast.median_90", "deaths", decimals=0),
        Column("forecast.median_50", "deaths", decimals=0),
        Column("forecast.mean", "deaths", decimals),
    )
    yield Table(columns, tuple(map(cells, shown)))
    if found.states:
        yield states(found)
    for name, event in found.events.items():
        values = {key: event[key] for key in event if key != "probability"}
        values |= {"percent": 100 * event["probability"], "last": str(found.last_year)}
        yield Sentence(f"{events}.{name}", values | {"month": Month(found.first_month)})
    yield from held_lines(request)
    yield Sentence(reads, {"last": found.last_year, "draws": found.draws})
    yield from rests_on(found)


def rests_on(found: Forecasted) -> Iterator[Sentence]:
    """Yield on what the months rest that are neither recorded by municipality nor forecast."""
    if not found.estimated:
        return
    first, last = Month(found.estimated[0].period), Month(found.estimated[-1].period)
    panel = Month(found.recorded[-1].period)
    values: dict[str, Cell] = {
        "panel": panel,
        "first": first,
        "last": last,
        "start": Month(found.first_month),
    }
    yield Sentence("forecast.rests_on.estimated", values)
    for basis, end in found.rests_on.items():
        yield Sentence(
            f"forecast.rests_on.{basis}", {"end": Month(end) if "-" in end else end, "panel": panel}
        )


def states(found: Forecasted) -> Table:
    """Return the states with most deaths expected in the next year."""
    columns = (
        Column("forecast.state"), Column("forecast.recent", "deaths", decimals=0),
        Column("forecast.median_90", "deaths", decimals=0), Column("forecast.rise", decimals=2),
    )  # fmt: skip
    rows = tuple(
        (line.name, line.recent, Interval(first.q05, first.q50, first.q95), line.rise)
        for line in found.states[:SHOWN_STATES]
        for first in line.years[:1]
    )
    return Table(columns, rows, Sentence("forecast.states_title", {"year": str(found.last_year + 1)}))


def cells(row: Expected) -> tuple[Cell, ...]:
    """Return one year or month as a row."""
    period: Cell = Month(row.period) if "-" in row.period else int(row.period)
    return period, Interval(row.q05, row.q50, row.q95), Interval(row.q25, row.q50, row.q75), row.mean


def years(answer: Answer[Forecast, Forecasted], said: Words) -> Picture:
    """Draw the deaths recorded by year and the forecast; by month where it holds no whole year."""
    return drawing(answer.payload, said, by_month=not answer.payload.years)


def months(answer: Answer[Forecast, Forecasted], said: Words) -> Picture:
    """Draw the deaths recorded by month and the forecast."""
    return drawing(answer.payload, said, by_month=True)


def drawing(found: Forecasted, said: Words, by_month: bool) -> Picture:
    """Draw what was recorded in a place and the median of the forecast within its bands."""
    return fan_of(found, by_month).titled(said)


def fan_of(found: Forecasted, by_month: bool) -> Drawing:
    """Return the chart of what was recorded in a place and of its forecast, in no language."""
    import polars as pl

    from merida.charts.forecast import place_fan

    name = in_both(lambda words: words.text("places.nation") if found.place == "nation" else found.name)
    recorded = pl.DataFrame(found.recorded)
    if by_month:
        expected = pl.DataFrame([*found.estimated, *found.months])
        start = found.first_month if found.estimated else None
        return place_fan(name, recorded, expected, start=start)
    registered = pl.DataFrame(found.registered) if found.registered else None
    return place_fan(name, recorded, pl.DataFrame(found.years), registered)


def hub_file(answer: Answer[Forecast, Forecasted], _: pathlib.Path) -> bytes:
    """Return the forecast as a hub of the hubverse, packed."""
    from merida.violence.forecasting.hub import hub
    from merida.zipped import zipped

    found = answer.payload
    return zipped(
        hub(
            answer.result,
            found.first_month,
            "MX" if found.place == "nation" else found.place.partition(":")[2],
        )
    )


QUESTIONS = (
    Question(
        Forecast,
        Forecasted,
        forecast,
        forecast_blocks,
        table="months",
        pictures={"chart": years, "monthly": months},
        files={"hubverse": hub_file},
        endings={"hubverse": (".zip",)},
        kept=True,
    ),
)
