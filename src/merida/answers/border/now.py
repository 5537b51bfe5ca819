"""The next hours at a crossing after a posted wait, and the best hour to cross."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from merida.answers.border.common import Mode, Waited, lane_of, mode_of, named, of_posted
from merida.answers.context import Context
from merida.answers.fields import Number, Text, Whole, option
from merida.answers.questions import Answer, Question
from merida.answers.request import Dated
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.errors import BorderError
from merida.progress import Work
from merida.words import Words

ENDS = (0.05, 0.5, 0.95)


class AskNow(Dated):
    """The next hours at a crossing."""

    question = "border.now"
    example: ClassVar[Mapping[str, Any]] = {"crossing": "San Ysidro", "wait": 45.0, "at": "2025-10-14 08:00"}
    crossing: Text = option("cli.border_delay.crossing", argument=True, metavar="CROSSING")
    mode: Mode = option("cli.border_invest.mode_finance", "cars", metavar="MODE")
    lane: Text = option("cli.border_staffing.lane", "general", metavar="LANE")
    wait: Number | None = option("cli.border_staffing.wait", None, metavar="MINUTES", ge=0, le=600)
    lanes: Whole | None = option("cli.border_staffing.lanes", None, metavar="N", ge=0, le=100)
    at: Text | None = option("cli.border_staffing.at", None, metavar="YYYY-MM-DD HH:MM")
    hours: Whole = option("cli.border_staffing.hours", 12, metavar="N", ge=1, le=48)


@dataclass(frozen=True)
class NextHour(Waited):
    """What will be posted in one hour, local time: the 90 % interval after the reading, and the usual median, minutes."""

    time: str
    low: float | None
    median: float | None
    high: float | None
    usual: float | None


@dataclass(frozen=True)
class CrossingNow:
    """The next hours at a lane class after a reading; `best` is the hour of that day with the least wait to come."""

    crossing: str
    name: str
    mode: str
    lane: str
    as_of: str | None
    at: str
    wait_minutes: float
    lanes_open: float | None
    of_record: bool
    best: str | None
    hours: tuple[NextHour, ...]


def ask(request: AskNow, context: Context, work: Work) -> CrossingNow:
    """Return the next hours."""
    from datetime import datetime

    import numpy as np

    from merida.border import find_place, one_site
    from merida.border.crossings import one_lane, posted_by
    from merida.border.delay.next_hours import Reading, best_hour, last_reading, next_hours
    from merida.border.hourly.lane import kept

    facts = context.facts
    place = find_place(facts, request.crossing)
    posted_by(facts, str(kept()["known_from"]))
    site = one_site(facts, place, request.mode)
    lane = one_lane(facts, site, request.lane)
    try:
        at = None if request.at is None else datetime.fromisoformat(request.at)
    except ValueError:
        raise BorderError("border_not_a_time", found=request.at) from None
    if request.wait is None:
        given = last_reading(facts, site, lane, at)
    elif at is None:
        raise BorderError("border_now_without_time")
    else:
        given = Reading(at, request.wait, None if request.lanes is None else float(request.lanes))
    work.stage("waits")
    found = next_hours(site, lane, given, request.hours)
    ends = np.quantile(found.after, ENDS, axis=1).T
    usual = np.median(found.usual, axis=1)
    best = best_hour(found, ends[:, 1])
    return CrossingNow(
        site.crossing,
        site.name,
        site.mode,
        lane,
        request.as_of,
        f"{given.at:%Y-%m-%d %H:%M}",
        given.wait_minutes,
        given.lanes_open,
        request.wait is None,
        None if best is None else f"{found.times[best]:%H:%M}",
        tuple(
            NextHour(f"{time:%Y-%m-%d %H:%M}", number(low), number(median), number(high), number(middle))
            for time, (low, median, high), middle in zip(found.times, ends, usual, strict=True)
        ),
    )


def number(value: float) -> float | None:
    """Return a number, or None where the lanes are closed."""
    return float(value) if value == value else None  # noqa: PLR0124  # NaN is not itself


def blocks(request: AskNow, found: CrossingNow) -> Iterator[AnswerBlock]:
    """Yield the reading, the best hour, and the hours to come."""
    values: dict[str, Cell] = {
        "crossing": named(found.name, found.crossing),
        "mode": mode_of(found.mode),
        "lane": lane_of(found.lane),
        "at": found.at,
        "minutes": f"{found.wait_minutes:g}",
    }
    yield Table(
        (
            Column("border_staffing.time"),
            Column("border_staffing.wait", "minutes", 0),
            Column("border_staffing.usual", "minutes", 0),
        ),
        tuple((one.time, one.wait, one.usual) for one in found.hours),
        Sentence("border_staffing.now_title", values),
    )
    if found.best is not None:
        least = next(one for one in found.hours if one.time.endswith(found.best))
        about: dict[str, Cell] = {"time": found.best, "minutes": f"{least.median or 0:.0f}"}
        yield Sentence("border_staffing.best", about)
    yield Sentence("border_staffing.notes.now")


def drawn(answer: Answer[AskNow, CrossingNow], said: Words) -> dict[str, Any]:
    """Draw the hours to come with their band."""
    import polars as pl

    from merida.charts.border_now import hours_to_come
    from merida.charts.theme import specification
    from merida.document.values import written

    found = answer.payload
    rows = pl.DataFrame(list(map(asdict, found.hours)), infer_schema_length=None).drop_nulls("median")
    about = {
        "crossing": found.name,
        "mode": written(mode_of(found.mode), said),
        "lane": written(lane_of(found.lane), said),
        "at": found.at,
        "minutes": f"{found.wait_minutes:g}",
    }
    given = (found.at, found.wait_minutes)
    return of_posted(specification(hours_to_come(rows, given, said)), "border_now", said, found.name, **about)


QUESTIONS = (Question(AskNow, CrossingNow, ask, blocks, table="hours", pictures={"chart": drawn}),)
