"""The question what Mexico itself pays and already has for the programmes, and what of it is on no record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.plans.plan import both
from merida.answers.questions import Question
from merida.answers.request import Dated
from merida.document.blocks import AnswerBlock, Column, Listing, Points, Sentence, Table
from merida.facts.schema import Text as Both
from merida.parameters.counterpart import (
    Effort,
    Held,
    Paid,
    efforts,
    holdings,
    known,
    money,
    price_year,
    stated,
)
from merida.places.names import place_names
from merida.progress import Work

MILLION = 1e6


class Counterpart(Dated):
    """What Mexico itself pays and has for each programme."""

    question = "counterpart"
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")


@dataclass(frozen=True)
class ProgrammePart:
    """What is on record of Mexico's own part in one programme.

    Attributes
    ----------
    places : int
        Where it can work: the states, or 1 for a programme of the nation.
    money, stock : tuple of str
        States of which its funds' money, or a stock, is on record.
    nation : bool
        Whether anything is on record of the nation as a whole.
    gap : int
        Places of which neither is.
    """

    programme: str
    title: Both
    places: int
    money: tuple[str, ...]
    stock: tuple[str, ...]
    nation: bool
    gap: int
    funds: tuple[str, ...]


@dataclass(frozen=True)
class FundLine:
    """One fund: its years on record and its money of the last of them, in constant dollars of `price_year`."""

    fund: str
    title: Both
    about: Both
    places: int
    first: int
    last: int
    usd_last: float | None
    source: str


@dataclass(frozen=True)
class StateLine:
    """One state: its security money (FASP) in the last year on record, and what it has."""

    state: str
    name: Both
    year: int | None
    usd: float | None
    vetted: float | None
    courts_since: int | None


@dataclass(frozen=True)
class CounterpartShown:
    """Mexico's own money and stock as far as they are on record. Dollars are constant ones of `price_year`."""

    framework: str
    price_year: int
    programmes: tuple[ProgrammePart, ...]
    funds: tuple[FundLine, ...]
    states: tuple[StateLine, ...]
    efforts: tuple[Effort, ...]
    money: tuple[Paid, ...]
    stock: tuple[Held, ...]
    pairs: int
    gap: int


def counterpart(request: Counterpart, context: Context, _: Work) -> CounterpartShown:
    """Return what is known of Mexico's own part, and the gaps counted."""
    framework, facts = context.framework, context.facts
    codes = tuple(facts.sql("select state from states where state < '33' order by state")["state"])
    paid, held = money(facts, framework.base_year), holdings(facts)
    parts = known(framework, codes, paid, held)
    names = place_names(facts, codes)
    return CounterpartShown(
        framework=request.framework,
        price_year=price_year(facts, framework.base_year),
        programmes=tuple(
            ProgrammePart(
                one.programme, both(framework.programmes[one.programme].title), one.places, one.money, one.stock,
                one.nation, one.gap, one.funds,
            )
            for one in parts
        ),
        funds=tuple(fund_lines(paid)),
        states=tuple(state_line(code, names[code], paid, held) for code in codes),
        efforts=efforts(facts, framework, paid),
        money=paid,
        stock=held,
        pairs=sum(one.places for one in parts),
        gap=sum(one.gap for one in parts),
    )  # fmt: skip


def fund_lines(paid: tuple[Paid, ...]) -> Iterator[FundLine]:
    """Yield each fund of which money is on record."""
    for name, fund in stated()[0].items():
        mine = [one for one in paid if one.fund == name]
        if not mine:
            continue
        last = max(one.year for one in mine)
        dollars = [one.usd for one in mine if one.year == last]
        yield FundLine(
            fund=name,
            title=Both(en=fund.title.en, es=fund.title.es),
            about=Both(en=fund.about.en, es=fund.about.es),
            places=len({one.place for one in mine}),
            first=min(one.year for one in mine),
            last=last,
            usd_last=sum(one or 0.0 for one in dollars) if all(dollars) else None,
            source=mine[0].source,
        )


def state_line(code: str, name: Both, paid: tuple[Paid, ...], held: tuple[Held, ...]) -> StateLine:
    """Return what is on record of one state."""
    fasp = max(
        (one for one in paid if one.fund == "fasp" and one.place == code),
        key=lambda one: one.year,
        default=None,
    )
    stock = {one.stock: one for one in held if one.place == code}
    vetted, courts = stock.get("state_police_vetted"), stock.get("oral_courts")
    return StateLine(
        state=code,
        name=name,
        year=fasp.year if fasp else None,
        usd=fasp.usd if fasp else None,
        vetted=vetted.value if vetted else None,
        courts_since=courts.year if courts else None,
    )


def acronym(fund: str) -> Both:
    """Return a fund's name up to its first comma."""
    title = stated()[0][fund].title
    return Both(en=title.en.split(",")[0], es=title.es.split(",")[0])


def blocks(_: Counterpart, found: CounterpartShown) -> Iterator[AnswerBlock]:
    """Yield how much is known and how much is not, then the tables."""
    yield Sentence("counterpart.headline", {"gap": found.gap, "pairs": found.pairs})
    if found.efforts:
        last = found.efforts[-1]
        low, high = last.share
        yield Sentence("counterpart.share", {"year": str(last.year), "low": low, "high": high})
    else:
        yield Sentence("counterpart.no_share")
    columns = ("programme", "by_state", "nation", "gap", "funds")
    yield Table(
        tuple(Column(f"counterpart.{name}", figures=name in ("by_state", "gap")) for name in columns),
        tuple(
            (
                one.title,
                len({*one.money, *one.stock}) if one.places > 1 else None,
                Sentence("common.yes") if one.nation else Sentence("common.no"),
                one.gap,
                Listing(tuple(acronym(name) for name in one.funds)) if one.funds else None,
            )
            for one in found.programmes
        ),
        Sentence("counterpart.programmes_title"),
    )
    yield Table(
        (
            Column("counterpart.fund"), Column("counterpart.years"), Column("counterpart.where"),
            Column("counterpart.usd_million", decimals=1, scale=MILLION, figures=True), Column("counterpart.source"),
        ),
        tuple(
            (
                one.title,
                f"{one.first}–{one.last}" if one.first < one.last else str(one.first),
                Sentence("counterpart.states") if one.places > 1 else Sentence("counterpart.one_total"),
                one.usd_last,
                one.source,
            )
            for one in found.funds
        ),
        Sentence("counterpart.funds_title", {"year": str(found.price_year)}),
    )  # fmt: skip
    yield Points(
        tuple(Sentence("counterpart.about", {"title": one.title, "about": one.about}) for one in found.funds)
    )
    yield from effort_blocks(found)


def effort_blocks(found: CounterpartShown) -> Iterator[AnswerBlock]:
    """Yield Mérida's share of the effort by year, and the states."""
    if found.efforts:
        yield Table(
            (
                Column("counterpart.year"), Column("counterpart.merida", decimals=0, scale=MILLION),
                Column("counterpart.security", decimals=0, scale=MILLION),
                Column("counterpart.all_purposes", decimals=0, scale=MILLION),
                Column("counterpart.merida_share", figures=True),
            ),
            tuple(
                (
                    one.year, one.merida_usd, one.security_usd, one.all_purposes_usd,
                    Sentence("counterpart.from_to", {"low": one.share[0], "high": one.share[1]}),
                )
                for one in found.efforts
            ),
            Sentence("counterpart.efforts_title", {"year": str(found.price_year)}),
        )  # fmt: skip
    yield Table(
        (
            Column("counterpart.state"), Column("counterpart.year"),
            Column("counterpart.fasp", decimals=1, scale=MILLION), Column("counterpart.vetted", decimals=0),
            Column("counterpart.courts"),
        ),
        tuple((one.name, one.year, one.usd, one.vetted, one.courts_since) for one in found.states),
        Sentence("counterpart.states_title", {"year": str(found.price_year)}),
    )  # fmt: skip
    yield Sentence("counterpart.note")


QUESTIONS = (Question(Counterpart, CounterpartShown, counterpart, blocks, table="programmes"),)
