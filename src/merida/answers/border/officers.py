"""What a booth that opened or closed did to posted waits, in matched hours, beside what a queue and studies say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.border.common import Mode, lane_of, mode_of, named, of_posted
from merida.answers.context import Context
from merida.answers.fields import Number, Text, option
from merida.answers.questions import Answer, Question
from merida.answers.request import Drawn
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.document.values import written
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.border.crossings import Site
    from merida.facts import Facts
    from merida.words import Words

PUBLISHED = {"B009": ("otay", "trucks", None), "B057": ("sentri_three", "cars", "sentri")}
"""The facts that hold published responses: the key of their words, and the lanes whose matched hours are nearest."""
DRAWS, SHOWN = 200, 12  # of an officer's gain; crossings shown with it
HOUR_SHOWN = 2  # hours after the change; work in line needs them to show in what is posted


class AskOfficers(Drawn):
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
class OfficerLine:
    """What one officer saves in a year at a crossing by matched hours: hours of delay, and time in dollars of 2012."""

    crossing: str
    name: str
    mode: str
    lane: str
    hours: Interval
    time_usd: Interval


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
    officers: tuple[OfficerLine, ...]
    seed: int


def ask(request: AskOfficers, context: Context, work: Work) -> Openings:
    """Return what openings of booths did to posted waits."""
    import polars as pl

    from merida.border import find_place
    from merida.border.crossings import CLASSES, MODES, posted_by, sites
    from merida.border.staffing import booth_effects, every_change

    facts = context.facts
    place = None if request.crossing is None else find_place(facts, request.crossing)
    posted_by(facts)
    here = sites(facts, place, request.mode)
    work.stage("waits")
    found = every_change(facts).filter(
        pl.col("wait_before") >= request.from_wait,
        pl.lit(place is None) | pl.col("crossing").is_in([one.crossing for one in here]),
        pl.lit(request.mode is None) | (pl.col("lane_group") == MODES[request.mode or "cars"][1]),
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
        tuple(
            sorted(
                officers_at(facts, here, request.seed),
                key=lambda one: -one.hours.median,
            )
        ),
        request.seed,
    )


def officers_at(facts: Facts, here: Sequence[Site], seed: int) -> Iterator[OfficerLine]:
    """Yield what one officer saves in a year at each crossing where that is known."""
    from merida.border.investment.officer_on_life import officer_at

    for site in here:
        found = officer_at(facts, site, DRAWS, seed)
        if found is not None:
            yield OfficerLine(
                site.crossing,
                site.name,
                site.mode,
                found.lane,
                Interval.of(found.hours),
                Interval.of(found.time_usd),
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
    if found.officers:
        yield Table(
            (
                Column("border_delay.lanes"),
                Column("border_invest.hours", "thousand_hours", 1, 1e3),
                Column("border_invest.by_matched", "usd_million_2012", 2, 1e6),
            ),
            tuple((at(one), one.hours, one.time_usd) for one in found.officers[:SHOWN]),
            Sentence("border_staffing.one_officer"),
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


def at(one: BoothLine | OfficerLine) -> Cell:
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


def drawn(answer: Answer[AskOfficers, Openings], said: Words) -> dict[str, Any]:
    """Draw the wait in the hours after an opening, by kind of lane."""
    import polars as pl

    from merida.charts.border_booths import response_to_booths
    from merida.charts.theme import specification

    found = answer.payload
    rows = [
        {
            "kind": written(kind_of(one), said),
            "match": match,
            "hour": hour,
            "low": of.low,
            "middle": of.median,
            "high": of.high,
        }
        for one in found.together
        if one.mode is None or one.lane is not None
        for match, hours in (("matched", one.matched), ("sharper", one.sharper))
        for hour, of in enumerate(hours)
        if of is not None
    ]
    place = found.place or said.text("charts.border")
    spec = specification(response_to_booths(pl.DataFrame(rows), said))
    return of_posted(spec, "border_booths", said, place, minutes=f"{found.from_wait:g}", period="2025")


QUESTIONS = (
    Question(AskOfficers, Openings, ask, blocks, table="by_crossing", pictures={"chart": drawn}, kept=True),
)
