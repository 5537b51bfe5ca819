"""Mean waits at a crossing by hour, beside those published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.border.common import (
    MOST_DRAWS,
    Mode,
    Period,
    Waited,
    alone,
    assumed_count,
    assumption_lines,
    calibration_paths,
    fitted_lines,
    lane_of,
    mode_of,
    named,
    said_period,
)
from merida.answers.context import Context
from merida.answers.fields import Text, Whole, option
from merida.answers.holding import priors_of
from merida.answers.questions import Answer, Question
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.document.values import written
from merida.progress import Work
from merida.words import Words

if TYPE_CHECKING:
    from merida.border.delay import Predicted
    from merida.priors import Priors

SELDOM = 0.05  # a share of days
WAKING = range(6, 23)
REFERENCE = "reference"  # the period to which published means belong (`merida.border.crossings.MEAN_MONTH`)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class AskWaits(Drawn, Settable):
    """Mean waits at a crossing by hour."""

    question = "border.waits"
    example: ClassVar[Mapping[str, Any]] = {"crossing": "Bridge of the Americas"}
    crossing: Text = option("cli.border_delay.crossing", argument=True, metavar="CROSSING")
    mode: Mode = option("cli.border_invest.mode_finance", "cars", metavar="MODE")
    period: Period | None = option("cli.border_delay.period", None, metavar="YYYY[-MM]")
    weekday: Whole | None = option("cli.border_delay.weekday", None, metavar="N", ge=1, le=7)
    draws: Whole = option("cli.border_invest.draws", 48, ge=2, le=MOST_DRAWS)


@dataclass(frozen=True)
class HourlyWait(Waited):
    """The mean wait in minutes at one hour; None where the lanes are closed, or none is published."""

    lane: str
    hour: int
    low: float | None
    median: float | None
    high: float | None
    published: float | None


@dataclass(frozen=True)
class LongWait:
    """How often a posted wait is over one, two, three hours at one hour of the day, a share of days."""

    lane: str
    hour: int
    over_1: float
    over_2: float
    over_3: float


@dataclass(frozen=True)
class WeekHour:
    """The median of the mean waits at one hour of the week, minutes; 0 is Monday. Hours that are closed have no line."""

    lane: str
    weekday: int
    hour: int
    minutes: float


@dataclass(frozen=True)
class CrossingWaits:
    """The mean waits at a crossing as its agency would publish them, by lane class and hour."""

    crossing: str
    name: str
    mode: str
    period: str | None
    as_of: str | None
    weekday: int | None
    draws: int
    seed: int
    waits: tuple[HourlyWait, ...]
    often: tuple[LongWait, ...]
    week: tuple[WeekHour, ...]

    def best_hour(self, lane: str) -> int | None:
        """Return the hour from six to twenty-two at which the lane class has the shortest wait."""
        waking = [
            (one.median, one.hour)
            for one in self.waits
            if one.lane == lane and one.median is not None and one.hour in WAKING
        ]
        return min(waking)[1] if waking else None


def ask(request: AskWaits, context: Context, work: Work) -> tuple[CrossingWaits, Predicted]:
    """Return the waits of a crossing by hour."""
    from merida.border import find_place, one_site
    from merida.border.delay.hour_by_hour import hour_by_hour, over_week

    priors, facts = priors_of_waits(request), context.facts
    site = one_site(facts, find_place(facts, request.crossing), request.mode)
    work.stage("waits")
    found = hour_by_hour(facts, site, request.period, request.weekday, request.draws, request.seed, priors)
    payload = CrossingWaits(
        site.crossing,
        site.name,
        site.mode,
        found.period,
        request.as_of,
        request.weekday,
        request.draws,
        request.seed,
        tuple(HourlyWait(**row) for row in found.waits.to_dicts()),
        tuple(LongWait(**row) for row in found.often.to_dicts()),
        tuple(WeekHour(**row) for row in over_week(found.predicted).to_dicts()),
    )
    return payload, found.predicted


def priors_of_waits(request: AskWaits) -> Priors:
    """Return what the waits rest on, with what the request holds of it."""
    from merida.parameters.registry import CALIBRATION

    return priors_of(request, CALIBRATION)


def blocks(request: AskWaits, found: CrossingWaits) -> Iterator[AnswerBlock]:
    """Yield the waits, an hour a line: each lane class, with the published mean beside it where there is one."""
    by_lane: dict[str, list[HourlyWait]] = {}
    for one in found.waits:
        by_lane.setdefault(one.lane, []).append(one)
    columns = [Column("border.hour")]
    cells: list[list[Cell]] = [list(range(24))]
    for lane, waits in by_lane.items():
        columns.append(Column(lane_of(lane), "minutes", 0))
        cells.append([one.wait for one in waits])
        if any(one.published is not None for one in waits):
            columns.append(Column(Sentence("border_delay.published", {"lane": lane_of(lane)}), "minutes", 0))
            cells.append([one.published for one in waits])
    yield Table(tuple(columns), tuple(zip(*cells, strict=True)), title(found))
    for lane in by_lane:
        if (often := [one for one in found.often if one.lane == lane]) and max(
            one.over_1 for one in often
        ) >= SELDOM:
            yield long_waits(lane, often)
        if (best := found.best_hour(lane)) is not None:
            yield Sentence("border_delay.best_hour", {"lane": lane_of(lane), "hour": best})
    yield Sentence("border_delay.notes.waits")
    if any(one.published is not None for one in found.waits):
        yield Sentence(f"border_delay.notes.{'waits_posted' if found.often else 'waits_published'}")
    yield assumed_count(calibration_paths())
    yield from fitted_lines(request, priors_of_waits(request))


def long_waits(lane: str, often: list[LongWait]) -> Table:
    """Return how often a wait is over one, two, three hours, at the hours at which it is not seldom over one."""
    columns = (
        Column("border.hour"),
        *(
            Column(Sentence("border_delay.over_hours", {"count": hours}), "percent_of_days", 0, 0.01)
            for hours in (1, 2, 3)
        ),
    )
    rows = tuple((one.hour, one.over_1, one.over_2, one.over_3) for one in often if one.over_1 >= SELDOM)
    return Table(columns, rows, Sentence("border_delay.often", {"lane": lane_of(lane)}))


def title(found: CrossingWaits) -> Sentence:
    """Return which waits these are: where, of what, on which day, of which period."""
    when: Cell = Sentence("border_delay.last_year") if found.period is None else said_period(found.period)
    when = Sentence("border_delay.reference") if found.period == REFERENCE else when
    values: dict[str, Cell] = {
        "name": named(found.name, found.crossing),
        "mode": mode_of(found.mode),
        "day": day(found),
        "period": when,
    }
    return Sentence("border_delay.waits_title", values)


def day(found: CrossingWaits) -> Sentence:
    """Return the day of the week, or the mean of the week."""
    return Sentence(
        "border_delay.every_day" if found.weekday is None else f"border_invest.days.{DAYS[found.weekday - 1]}"
    )


def by_hour(answer: Answer[AskWaits, CrossingWaits], said: Words) -> dict[str, Any]:
    """Draw the wait by hour with its band."""
    import polars as pl

    from merida.charts.border import waits
    from merida.charts.theme import specification

    names = {"median": "mean_minutes", "low": "low_minutes", "high": "high_minutes"}
    rows = pl.DataFrame(list(map(asdict, answer.payload.waits)), infer_schema_length=None)
    spec = specification(waits(rows.drop_nulls("median").rename(names), said))
    return framed(spec, "waits_expected", answer.payload, said)


def by_weekday(answer: Answer[AskWaits, CrossingWaits], said: Words) -> dict[str, Any]:
    """Draw the waits by hour and weekday as a map of heat."""
    import polars as pl

    from merida.charts.border_waits import heat_map
    from merida.charts.theme import specification

    rows = pl.DataFrame(list(map(asdict, answer.payload.week)), infer_schema_length=None)
    spec = specification(heat_map(rows, said))
    return framed(spec, "heat", answer.payload, said)


def framed(spec: dict[str, Any], name: str, found: CrossingWaits, said: Words) -> dict[str, Any]:
    """Return a picture that says of which crossing, traffic, day and period it is."""
    from merida.charts.border import said_period as in_words

    last = said.text("border_delay.last_year")
    about = {"mode": written(mode_of(found.mode), said), "day": written(day(found), said)}
    period = last if found.period is None else in_words(found.period, said)
    return alone(spec, name, said, found.name, crossing=found.name, period=period, **about)


QUESTIONS = (
    Question(
        AskWaits,
        CrossingWaits,
        ask,
        blocks,
        table="waits",
        pictures={"chart": by_hour, "heat": by_weekday},
        assumptions=lambda request, _: assumption_lines(priors_of_waits(request), calibration_paths()),
        kept=True,
    ),
)
