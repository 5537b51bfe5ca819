"""Which programmes can work in a place and what they can reach there; the ports of entry near it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, Whole, option
from merida.answers.naming import place_name, place_note, told
from merida.answers.plans.plan import both
from merida.answers.questions import Question
from merida.answers.request import Drawn
from merida.document.blocks import AnswerBlock, Column, Sentence, Table
from merida.facts.schema import Text as Both
from merida.places.near import PortNear
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.decide.fit import Fitting

WORKING = ("here", "state", "nation")  # of programmes: in the place, or around it


class Fit(Drawn):
    """Which programmes can work in a place."""

    question = "fit"
    example: ClassVar[Mapping[str, Any]] = {"place": "Ciudad Juárez"}
    place: Text = option("cli.violence.place", "nation", metavar="PLACE")
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")
    draws: Whole = option("cli.runs.draws", 200, metavar="N", ge=1, unit="draws")


@dataclass(frozen=True)
class ProgrammeFit:
    """A programme and the place; see `merida.decide.fit.Fitting`. Shares are from 0 to 1, dollars of the base year."""

    programme: str
    title: Both
    unit: Both
    where: str
    way: str
    works_on: str
    need: Interval | None
    left: Interval | None
    units: Interval | None
    cost_usd: Interval
    bought: Interval
    covers: Interval | None


@dataclass(frozen=True)
class Fitted:
    """Every programme of a framework beside a place, those that can work in it first."""

    place: str
    name: str
    note: Both | None
    base_year: int
    draws: int
    programmes: tuple[ProgrammeFit, ...]
    ports: tuple[PortNear, ...]


def fit(request: Fit, context: Context, work: Work) -> Fitted:
    """Return which programmes can work in a place, and what they can reach there."""
    from merida.places import find_place
    from merida.places.near import ports_near

    framework, facts = context.framework, context.facts
    place = find_place(facts, request.place)
    work.stage("preparing")

    from merida.decide.fit import fit as look

    def line(one: Fitting) -> ProgrammeFit:
        about = framework.programmes[one.programme]
        return ProgrammeFit(title=both(about.title), unit=both(about.unit), **vars(one))

    found = look(framework, facts, place, request.draws, request.seed)
    return Fitted(
        place=place.text,
        name=place.name,
        note=place_note(place),
        base_year=framework.base_year,
        draws=request.draws,
        programmes=tuple(map(line, found)),
        ports=ports_near(facts, place),
    )


def blocks(request: Fit, found: Fitted) -> Iterator[AnswerBlock]:
    """Yield what works in the place, what works around it, what does not reach it, and the ports."""
    place = place_name(found.place, found.name)
    here = [one for one in found.programmes if one.where == "here"]
    proven = [one for one in found.programmes if one.where in WORKING and one.way != "none"]
    yield Sentence("fit.headline", {"place": place, "here": len(here), "way": len(proven)})
    if found.note:
        yield told(found.note)
    for where in WORKING:
        lines = [one for one in found.programmes if one.where == where]
        if lines:
            yield table(lines, Sentence(f"fit.title.{where}", {"place": place}))
    for where in ("not_targeted", "port", "united_states"):
        names = [one.title for one in found.programmes if one.where == where]
        if names:
            listed = Both(en="; ".join(one.en for one in names), es="; ".join(one.es for one in names))
            yield Sentence(f"fit.others.{where}", {"programmes": listed})
    yield Sentence("fit.reads", {"base_year": found.base_year, "draws": found.draws})
    yield Sentence("fit.not_effect")
    if found.ports:
        columns = (
            Column("fit.port"), Column("fit.km", decimals=0), Column("fit.municipalities", decimals=0),
        )  # fmt: skip
        rows = tuple((one.name, one.km, one.municipalities) for one in found.ports)
        yield Table(columns, rows, Sentence("fit.ports"))


def table(lines: list[ProgrammeFit], title: Sentence) -> Table:
    """Return programmes with what they work on, what a unit costs and what a million dollars reaches."""
    columns = (
        Column("fit.programme"), Column("fit.way"), Column("fit.works"), Column("fit.need", decimals=0),
        Column("fit.cost", decimals=1, scale=1000.0), Column("fit.units", decimals=0),
        Column("fit.covers", "percent", decimals=1, scale=0.01),
    )  # fmt: skip
    rows = tuple(
        (
            one.title, Sentence(f"fit.ways.{one.way}"),
            Sentence(f"fit.works_on.{one.works_on}") if one.works_on else None, one.need, one.cost_usd, one.units,
            one.covers,
        )
        for one in lines
    )  # fmt: skip
    return Table(columns, rows, title)


QUESTIONS = (Question(Fit, Fitted, fit, blocks, table="programmes", kept=True),)
