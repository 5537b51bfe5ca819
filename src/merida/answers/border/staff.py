"""The waits at a crossing under other lanes and officers than today's, on the same days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.border.common import Mode, Waited, lane_of, mode_of, named, of_posted
from merida.answers.border.simulate import Joined, lanes_of
from merida.answers.border.waits import DAYS
from merida.answers.context import Context
from merida.answers.fields import Number, Text, Whole, option
from merida.answers.questions import Answer, Question
from merida.answers.request import Drawn
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.document.values import written
from merida.errors import BorderError
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words

if TYPE_CHECKING:
    from merida.border.crossings import Site
    from merida.border.hourly.paths import Paths
    from merida.border.staffing.tried import Today

MOST_LANES = 100


class AskStaff(Drawn):
    """The waits under other lanes and officers."""

    question = "border.staff"
    example: ClassVar[Mapping[str, Any]] = {
        "crossing": "San Ysidro",
        "lanes": "general=12",
        "officers": 120.0,
    }
    crossing: Text = option("cli.border_delay.crossing", argument=True, metavar="CROSSING")
    mode: Mode = option("cli.border_invest.mode_finance", "cars", metavar="MODE")
    lanes: Joined | None = option("cli.border_staff.lanes", None, metavar="CLASS=N,…")
    officers: Number | None = option("cli.border_staffing.officers", None, metavar="N", ge=1, le=2000)
    month: Whole | None = option("cli.border_staff.month", None, metavar="N", ge=1, le=12)
    weekday: Whole | None = option("cli.border_delay.weekday", None, metavar="N", ge=1, le=7)


@dataclass(frozen=True)
class StaffedHour(Waited):
    """The mean wait to be posted at one hour, minutes, as tried; `today` is the median of today's, `posted` what was.

    What is None was closed, or nothing was posted.
    """

    lane: str
    hour: int
    low: float | None
    median: float | None
    high: float | None
    today: float | None
    posted: float | None


@dataclass(frozen=True)
class StaffedLane:
    """A class of lanes: the most that can be open, as tried and as seen; booths open on average, as tried and today."""

    lane: str
    most: int
    most_seen: int
    booths: float
    booths_today: float


@dataclass(frozen=True)
class StaffedWeek:
    """A week over fresh days: hours that persons lose in line, the mean wait of those who cross, booth-hours used."""

    name: str
    hours_lost: Interval
    minutes_each: Interval
    booth_hours: Interval


@dataclass(frozen=True)
class Staffed:
    """The waits at a crossing under other lanes and officers, beside today's on the same days.

    `gain` is that of a week in person-hours, by the rule of a half; `p_better` the share of weeks in which it is above 0.
    """

    crossing: str
    name: str
    mode: str
    as_of: str | None
    month: int | None
    weekday: int | None
    seed: int
    officers: float
    officers_today: float
    persons_each: float
    weeks: tuple[StaffedWeek, ...]
    gain: Interval
    p_better: float | None
    lanes: tuple[StaffedLane, ...]
    waits: tuple[StaffedHour, ...]


def ask(request: AskStaff, context: Context, work: Work) -> Staffed:
    """Return the waits under the lanes and officers that were asked for."""
    import numpy as np

    from merida.border.crossings.find import find_place, one_site, posted_by
    from merida.border.delay.by_the_hour import posted_means
    from merida.border.delay.value_of_time import persons_per_car
    from merida.border.hourly.lane import kept
    from merida.border.staffing.tried import by_hour, today, tried
    from merida.border.staffing.weekly_plan import gained, judged

    facts = context.facts
    posted_by(facts, str(kept()["known_from"]))
    site = one_site(facts, find_place(facts, request.crossing), request.mode)
    work.stage("waits")
    now = today(site.crossing, site.mode, request.month, request.seed)
    if now is None:
        raise BorderError("border_no_posted_waits", where=site.name)
    most = most_of(request.lanes, now, site)
    then = tried(now, most, request.officers)
    persons = persons_per_car(facts) if site.mode == "cars" else 1.0
    weights = np.full(len(now.names), persons)
    weeks = tuple(
        StaffedWeek(name, Interval.of(one.hours), Interval.of(one.minutes), Interval.of(one.booth_hours))
        for name, one in (("today", judged(now.paths, weights)), ("tried", judged(then, weights)))
    )
    gain = gained(now.paths, then, weights)
    days = list(range(7)) if request.weekday is None else [request.weekday - 1]
    waits: list[StaffedHour] = []
    for row, lane in enumerate(now.names):
        seen = posted_means(facts, site, lane)
        bands, usual = by_hour(then, row, days).tolist(), by_hour(now.paths, row, days)[:, 1].tolist()
        for hour, (ends, middle) in enumerate(zip(bands, usual, strict=True)):
            known = [float(seen[day, hour].mean()) for day in days if (day, hour) in seen]
            posted = float(np.mean(known)) if known else None
            low, median, high = (number(end) for end in ends)
            waits.append(StaffedHour(lane, hour, low, median, high, number(middle), posted))
    return Staffed(
        site.crossing,
        site.name,
        site.mode,
        request.as_of,
        request.month,
        request.weekday,
        request.seed,
        now.officers if request.officers is None else request.officers,
        now.officers,
        persons,
        weeks,
        Interval.of(gain),
        float((gain > 0).mean()) if then is not now.paths else None,
        tuple(staffed_lanes(now, then, most)),
        tuple(waits),
    )


def most_of(lanes: str | None, now: Today, site: Site) -> dict[str, int]:
    """Return the most booths by class that were asked for.

    Raises
    ------
    BorderError
        If the crossing has no such class, or the number is none of lanes.
    """
    from merida.border.crossings.sites import traffic

    if lanes is None:
        return {}
    given = lanes_of(lanes)
    if isinstance(given, int):
        given = dict.fromkeys(now.names, given) if len(now.names) == 1 else {}
    for lane, count in given.items():
        if lane not in now.names:
            raise BorderError(
                "border_lane_not_served",
                found=lane[:40],
                crossing=site.name,
                number=site.crossing,
                mode=traffic(site.mode),
                known=", ".join(now.names),
            )
        if not 1 <= count <= MOST_LANES:
            raise BorderError("border_bad_lanes", found=lanes[:80])
    if not given:
        raise BorderError("border_bad_lanes", found=lanes[:80])
    return given


def staffed_lanes(now: Today, then: Paths, most: Mapping[str, int]) -> Iterator[StaffedLane]:
    """Yield each class of lanes with its booths."""
    for row, (lane, seen) in enumerate(now.most.items()):
        booths, before = (float(paths.booths[row].mean()) for paths in (then, now.paths))
        yield StaffedLane(lane, most.get(lane, seen), seen, booths, before)


def number(value: float) -> float | None:
    """Return a number, or None where the lanes are closed."""
    return value if value == value else None  # noqa: PLR0124  # NaN is not itself


def blocks(request: AskStaff, found: Staffed) -> Iterator[AnswerBlock]:
    """Yield how a week fares, what it gains, then the waits by hour, each class beside today's and what was posted."""
    yield Table(
        (
            Column("border_staff.staffing"),
            Column("border_staffing.booth_hours", "hours", 0),
            Column("border_staff.hours_lost", "hours", 0),
            Column("border_delay.minutes_each", "minutes", 1),
        ),
        tuple(
            (Sentence(f"border_staff.weeks.{one.name}"), one.booth_hours, one.hours_lost, one.minutes_each)
            for one in found.weeks
        ),
        title(found),
    )
    yield Table(
        (
            Column("border.class"),
            Column("border_staff.most", decimals=0),
            Column("border_staff.most_seen", decimals=0),
            Column("border_staff.booths", decimals=1),
            Column("border_staff.booths_today", decimals=1),
        ),
        tuple(
            (lane_of(one.lane), one.most, one.most_seen, one.booths, one.booths_today) for one in found.lanes
        ),
    )
    if found.p_better is not None:
        yield Sentence("border_staff.gain", {"hours": found.gain.median, "chance": found.p_better})
    for lane in found.lanes:
        yield waits_table(found, lane.lane)
    yield Sentence("border_staff.officer")
    yield Sentence("border_staff.notes")


def title(found: Staffed) -> Sentence:
    """Return which crossing, traffic, month and day it is."""
    values: dict[str, Cell] = {
        "crossing": named(found.name, found.crossing),
        "mode": mode_of(found.mode),
        "period": period_of(found),
        "officers": f"{found.officers:.0f}",
        "today": f"{found.officers_today:.0f}",
    }
    return Sentence("border_staff.title", values)


def period_of(found: Staffed) -> Sentence:
    """Return the month of the year, or the whole year."""
    return (
        Sentence("border_staff.year")
        if found.month is None
        else Sentence(f"border_staff.months.{found.month}")
    )


def waits_table(found: Staffed, lane: str) -> Table:
    """Return the waits of a class by hour: as tried, today's, and what was posted."""
    day = (
        "border_delay.every_day" if found.weekday is None else f"border_invest.days.{DAYS[found.weekday - 1]}"
    )
    return Table(
        (
            Column("border.hour"),
            Column("border_staff.wait", "minutes", 0),
            Column("border_staff.today", "minutes", 0),
            Column("border_delay.posted", "minutes", 0),
        ),
        tuple((one.hour, one.wait, one.today, one.posted) for one in found.waits if one.lane == lane),
        Sentence("border_staff.by_hour", {"lane": lane_of(lane), "day": Sentence(day)}),
    )


def drawn(answer: Answer[AskStaff, Staffed], said: Words) -> dict[str, Any]:
    """Draw the waits by hour with their band, and what was posted."""
    import polars as pl

    from merida.charts.border import waits
    from merida.charts.theme import specification

    found = answer.payload
    names = {"median": "mean_minutes", "low": "low_minutes", "high": "high_minutes", "posted": "published"}
    rows = pl.DataFrame(list(map(asdict, found.waits)), infer_schema_length=None)
    spec = specification(waits(rows.drop_nulls("median").rename(names), said))
    about = {
        "crossing": found.name,
        "mode": written(mode_of(found.mode), said),
        "officers": f"{found.officers:.0f}",
        "period": written(period_of(found), said),
    }
    return of_posted(spec, "border_staff", said, found.name, **about)


QUESTIONS = (Question(AskStaff, Staffed, ask, blocks, table="waits", pictures={"chart": drawn}),)
