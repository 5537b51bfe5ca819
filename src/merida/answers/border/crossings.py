"""The crossings of the record: where they lie, what crosses them, and what is posted of their waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from merida.answers.border.common import Mode, mode_of, named
from merida.answers.context import Context
from merida.answers.fields import option
from merida.answers.questions import Question
from merida.answers.request import Dated
from merida.document.blocks import AnswerBlock, Column, Sentence, Table
from merida.progress import Work


class AskCrossings(Dated):
    """The crossings of the record."""

    question = "border.list"
    mode: Mode | None = option("cli.border_invest.mode", None, metavar="MODE")


@dataclass(frozen=True)
class CrossingLine:
    """One crossing and what crosses there; the place is that of its port, degrees; what is not on record is None.

    `a_day` is the mean of the last full year; `posted_minutes` the mean of all waits that U.S. Customs and Border
    Protection posted of its lanes, and `readings` their number; `lanes` the most that it displays.
    """

    crossing: str
    name: str
    port: str
    port_name: str
    us_state: str
    latitude: float
    longitude: float
    mode: str
    a_day: float
    lanes: int | None
    posted_minutes: float | None
    readings: int
    by_the_hour: bool


@dataclass(frozen=True)
class CrossingList:
    """The crossings from west to east."""

    as_of: str | None
    crossings: tuple[CrossingLine, ...]


def ask(request: AskCrossings, context: Context, _: Work) -> CrossingList:
    """Return the crossings of the record."""
    from merida.border.crossings.sites import MODES, first_volume, per_day, sites
    from merida.border.delay.by_the_hour import lanes_of, posted_overall
    from merida.border.hourly import hourly_lanes

    facts = context.facts
    first_volume(facts)
    places = {
        port: about
        for port, *about in facts.sql("select port, us_state, latitude, longitude from ports").rows()
    }
    posted, known = posted_overall(facts), hourly_lanes(facts)
    lines = []
    for site in sites(facts, mode=request.mode):
        us_state, latitude, longitude = places[site.port.code]
        mean, count = posted.get((site.crossing, MODES[site.mode][1]), (None, 0))
        lines.append(
            CrossingLine(
                site.crossing,
                site.name,
                site.port.code,
                site.port.name,
                us_state,
                latitude,
                longitude,
                site.mode,
                per_day(facts, site)[0],
                site.lanes,
                mean,
                count,
                bool(lanes_of(site, known)),
            )
        )
    return CrossingList(request.as_of, tuple(sorted(lines, key=lambda one: (one.longitude, one.name))))


def blocks(_: AskCrossings, found: CrossingList) -> Iterator[AnswerBlock]:
    """Yield the crossings from west to east."""
    yield Table(
        (
            Column("border_delay.crossing"),
            Column("border_list.port"),
            Column("border_delay.mode"),
            Column("border_list.a_day", decimals=0),
            Column("border_list.lanes", decimals=0),
            Column("border_delay.posted", "minutes", 0),
        ),
        tuple(
            (
                named(one.name, one.crossing),
                one.port_name,
                mode_of(one.mode),
                one.a_day,
                one.lanes,
                one.posted_minutes,
            )
            for one in found.crossings
        ),
        Sentence("border_list.title", {"count": len(found.crossings)}),
    )
    yield Sentence("border_list.note")


QUESTIONS = (Question(AskCrossings, CrossingList, ask, blocks, table="crossings"),)
