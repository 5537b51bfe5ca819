"""What a booth that opened or closed did to posted waits, in matched hours, beside what a queue and studies say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.border.common import Mode, lane_of, mode_of, named
from merida.answers.context import Context
from merida.answers.fields import Number, Text, option
from merida.answers.questions import Question
from merida.answers.request import Dated
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.errors import BorderError
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.facts import Facts

PUBLISHED = {"B009": ("otay", "trucks", None), "B057": ("sentri_three", "cars", "sentri")}
"""The facts that hold published responses: the key of their words, and the lanes whose matched hours are nearest."""
HOUR_SHOWN = 2  # hours after the change; work in line needs them to show in what is posted


class AskOfficers(Dated):
    """What a booth that opened or closed did to posted waits."""

    question = "border.officers"
    example: ClassVar[Mapping[str, Any]] = {"crossing": "Calexico West"}
    crossing: Text | None = option("cli.border_invest.port", None, argument=True, metavar="CROSSING")
    mode: Mode | None = option("cli.border_invest.mode", None, metavar="MODE")
    from_wait: Number = option("cli.border_staffing.from_wait", 15, metavar="MINUTES", ge=0, le=300)
    lasting: bool = option("cli.border_staffing.lasting", False)


@dataclass(frozen=True)
class BoothLine:
    """What one opening did to the posted wait; minutes, 90 % intervals, days as clusters; closings with turned sign.

    Lists hold the hour of the change and the three after it. `before` is the placebo, three hours before. `matched` is
    beside hours alike before the change, `sharper` beside those that are alike in the hour of the change too. `fluid` is
    what a queue with the posted lanes and the controls' arrivals says. None: too few hours.
    """

    crossing: str | None
    name: str | None
    mode: str | None
    lane: str | None
    opened: int
    closed: int
    booths: float
    lanes_after: tuple[float | None, ...]
    before: Interval | None
    matched: tuple[Interval | None, ...]
    sharper: tuple[Interval | None, ...]
    fluid: tuple[float | None, ...]


@dataclass(frozen=True)
class PublishedResponse:
    """A published response to officers or lanes in minutes less, and the matched hours nearest to it."""

    name: str
    fact: str
    source: str
    low: float
    high: float
    ours: Interval | None


@dataclass(frozen=True)
class Openings:
    """What openings did, over all changes, by kind of lane and by crossing, and what was published of them."""

    as_of: str | None
    place: str | None
    from_wait: float
    lasting: bool
    changes: int
    together: tuple[BoothLine, ...]
    by_crossing: tuple[BoothLine, ...]
    published: tuple[PublishedResponse, ...]


def ask(request: AskOfficers, context: Context, work: Work) -> Openings:
    """Return what openings of booths did to posted waits."""
    import polars as pl

    from merida.border import find_place
    from merida.border.crossings import CLASSES, MODES, sites
    from merida.border.staffing import booth_effects, matched_changes, posted_hours

    facts = context.facts
    place = None if request.crossing is None else find_place(facts, request.crossing)
    here = () if place is None else tuple({one.crossing for one in sites(facts, place, request.mode)})
    group = None if request.mode is None else MODES[request.mode][1]
    series = posted_hours(facts, here, group)
    if not series:
        raise BorderError("border_no_posted_waits", where=request.crossing or "CBP")
    found = matched_changes(series, work.stage("crossings")).filter(
        pl.col("wait_before") >= request.from_wait
    )
    if request.lasting:
        found = found.filter("lasted")
    names = {one.crossing: one.name for one in sites(facts)}
    modes = {MODES[mode][1]: mode for mode in CLASSES}
    lanes = {(MODES[mode][1], kind): lane for mode in CLASSES for lane, kind in CLASSES[mode].items()}

    def lines(by: list[str]) -> list[BoothLine]:
        made = []
        for effect in booth_effects(found, by):
            key = dict(zip(by, effect.key, strict=True))
            of, kind = key.get("lane_group", ""), key.get("lane_type", "")
            crossing = key.get("crossing")
            made.append(
                BoothLine(
                    crossing,
                    None if crossing is None else names.get(crossing, crossing),
                    modes.get(of),
                    lanes.get((of, kind)),
                    effect.opened,
                    effect.closed,
                    effect.booths,
                    effect.lanes_after,
                    effect.before,
                    effect.after,
                    effect.sharper,
                    effect.fluid,
                )
            )
        return made

    together = (*lines([]), *lines(["lane_group"]), *lines(["lane_group", "lane_type"]))
    return Openings(
        request.as_of,
        None if place is None else place.name,
        request.from_wait,
        request.lasting,
        found.height,
        together,
        tuple(
            sorted(lines(["crossing", "lane_group", "lane_type"]), key=lambda one: -one.opened - one.closed)
        ),
        tuple(responses(facts, together)),
    )


def responses(facts: Facts, together: Sequence[BoothLine]) -> Iterator[PublishedResponse]:
    """Yield the published responses with the matched hours of the kind of lanes that they are of."""
    from merida.border.investment import published_text, source_of

    for fact, (name, mode, lane) in PUBLISHED.items():
        ends = [float(number) for number in re.findall(r"\d+", published_text(facts, fact) or "")]
        if len(ends) != 2:
            continue
        low, high = ends if name == "otay" else (ends[0] - ends[1],) * 2
        near = [one.sharper[HOUR_SHOWN] for one in together if (one.mode, one.lane) == (mode, lane)]
        less = near[0] if near else None
        ours = None if less is None else Interval(-less.high, -less.median, -less.low)
        yield PublishedResponse(name, fact, source_of(facts, fact), low, high, ours)


COLUMNS = (
    Column("border_staffing.changes", decimals=0),
    Column("border_staffing.before", "minutes", 1),
    Column("border_staffing.matched", "minutes", 1),
    Column("border_staffing.sharper", "minutes", 1),
    Column("border_staffing.fluid", "minutes", 0),
)


def blocks(request: AskOfficers, found: Openings) -> Iterator[AnswerBlock]:
    """Yield openings by kind of lane, then by crossing, how to read them, and what was published."""
    together = [line for line in found.together if line.mode is None or line.lane is not None]
    if not together:
        yield Sentence("border_staffing.too_few", {"count": found.changes})
        return
    yield Table(
        (Column("border_delay.lanes"), *COLUMNS),
        tuple((kind_of(one), *cells(one)) for one in together),
        Sentence("border_staffing.title", {"minutes": round(request.from_wait)}),
    )
    if found.by_crossing:
        yield Table(
            (Column("border_delay.lanes"), *COLUMNS),
            tuple((at(one), *cells(one)) for one in found.by_crossing),
            Sentence("border_staffing.by_crossing"),
        )
    for note in ("reading", "bounds", "swings", "queue"):
        yield Sentence(f"border_staffing.notes.{note}")
    if found.published:
        rows = tuple(
            (
                Sentence(f"border_staffing.responses.{one.name}"),
                one.low,
                one.high,
                one.ours,
                f"{one.source} ({one.fact})",
            )
            for one in found.published
        )
        yield Table(
            (
                Column("border_invest.check"),
                Column("border_invest.published_low", "minutes", 0),
                Column("border_invest.published_high", "minutes", 0),
                Column("border_staffing.ours", "minutes", 1),
                Column("border_invest.source"),
            ),
            rows,
            Sentence("border_staffing.published"),
        )


def kind_of(one: BoothLine) -> Cell:
    """Return a kind of traffic and of lanes in words."""
    if one.mode is None or one.lane is None:
        return Sentence("border_staffing.all")
    return Sentence("border_staffing.kind", {"mode": mode_of(one.mode), "lane": lane_of(one.lane)})


def at(one: BoothLine) -> Cell:
    """Return a crossing with its number, traffic and lanes."""
    values: dict[str, Cell] = {
        "crossing": named(one.name or "", one.crossing),
        "mode": mode_of(one.mode or "cars"),
        "lane": lane_of(one.lane or "general"),
    }
    return Sentence("border_delay.of_lanes", values)


def cells(one: BoothLine) -> tuple[Cell, ...]:
    """Return what a line of the table says."""
    return (
        one.opened + one.closed,
        one.before,
        one.matched[HOUR_SHOWN],
        one.sharper[HOUR_SHOWN],
        one.fluid[HOUR_SHOWN],
    )


QUESTIONS = (Question(AskOfficers, Openings, ask, blocks, table="by_crossing", kept=True),)
