"""The page that a busy official reads in a minute: what to do, what that changes, what to find out, where things stand.

It holds nothing of its own: each sentence shows an answer that a later section shows in full.
"""

from __future__ import annotations

from merida.answers.scorecard.card import Scorecard
from merida.answers.scorecard.payload import Board
from merida.answers.violence.forecast import Forecasted
from merida.brief import parts
from merida.brief.findings import Findings
from merida.brief.parts import paragraph, say
from merida.brief.portrait import Portrait
from merida.brief.sections.forecast import asked_of, chance, expected, fan, month, origin_of
from merida.brief.sections.plans import chance as chance_of
from merida.brief.sections.plans import figure, in_short
from merida.decide.said.lines import CoreTable
from merida.document.blocks import Block, Sentence, Value
from merida.errors import ViolenceError
from merida.facts import Facts
from merida.facts.compiled import record_span
from merida.facts.schema import Text
from merida.facts.status import status
from merida.figure import Figure, Origin
from merida.framework.framework import SHIPPED
from merida.violence import summaries

FRESH = {"deaths": "homicides_year", "victims": "crime_victims", "trucks": "border_crossings"}
NAMED = 4  # more programmes than these are counted, not named
LEAST_SHARE = 0.01  # of draws: less is not told as a number
ERRORS = 1.645  # standard errors to either end of a 90 % interval
DUE = ("met", "missed", "due_unknown")


def first_page(portrait: Portrait, found: Findings | None) -> list[Block]:
    """Return the first page, from what was found of plans where that was asked."""
    return [
        *(to_do(found) if found is not None else []),
        *([in_short(found), *to_learn(found)] if found is not None else []),
        *paragraph(*stands(portrait)),
        *paragraph(*pillars(portrait), fresh(portrait.facts)),
        *fan(portrait),
    ]


def to_do(found: Findings) -> list[Block]:
    """Return which programmes every good plan holds, which none does, and of how many nobody can say."""
    core = found.allocation.core
    if core is None:
        return []
    every, none, unclear = (titles(core, verdict) for verdict in ("all", "none", "open"))

    def count(number: int, unit: str = "programmes") -> Figure:
        return figure(found.search, number, number, number, unit, "plan_core")

    whole = count(len(core.lines))
    if not every and not none:
        first = [say("answer.untold", count=whole)]
    else:
        named = (
            [say("answer.all", count=whole, programmes=listed(every))]
            if every
            else [say("answer.all_nothing", count=whole)]
        )
        named += [say("answer.none", programmes=listed(none))] if none else []
        first = named + ([open_of(unclear, count(len(unclear)))] if unclear else [])
    share = chance_of(found.search, core.within, "plan_core")
    return paragraph(*first, say("answer.good", share=share, beliefs=count(core.beliefs, "draws")))


def to_learn(found: Findings) -> list[Block]:
    """Return what is worth finding out before the money is spent, and what it is worth at most."""
    request, worth = found.worth

    def homicides(value: float, error: float) -> Figure:
        ends = (max(value - ERRORS * error, 0.0), value + ERRORS * error)
        return figure(request, value, *ends, "deaths", "plan_information")

    everything = homicides(worth.evpi, worth.evpi_standard_error)
    first = next((line for line in worth.parameters if line.told), None)
    if first is None:
        return paragraph(say("answer.learn_no_single", all=everything))
    return paragraph(
        say(
            "answer.learn",
            name=first.name,
            value=homicides(first.value, first.standard_error),
            all=everything,
        )
    )


def open_of(unclear: list[Text], number: Figure) -> Sentence:
    """Return of which programmes nobody can say, or of how many."""
    if len(unclear) <= NAMED:
        return say("answer.open", programmes=listed(unclear))
    return say("answer.open_many", number=number)


def titles(core: CoreTable, verdict: str) -> list[Text]:
    """Return the programmes of which so is said."""
    return [line.title for line in core.lines if line.verdict == verdict]


def listed(names: list[Text]) -> Text:
    """Return names one after another."""
    return Text(en="; ".join(name.en for name in names), es="; ".join(name.es for name in names))


def stands(portrait: Portrait) -> list[Sentence]:
    """Return where violence stands and where it is heading."""
    facts, year = portrait.facts, parts.deaths_year(portrait.facts)
    if year is None:
        return []
    found = [say("first.deaths", deaths=summaries.registered(facts, year), year=year)]
    try:
        ahead: Forecasted = portrait.ask(asked_of(portrait)).payload
    except ViolenceError:
        return found
    origin, after = origin_of(portrait, ahead), ahead.last_year + 1
    years = {int(row.period): expected(row, origin) for row in ahead.years}
    found.append(say("answer.ahead", year=after, deaths=years[after]))
    if (share := float(ahead.events["rise"]["probability"])) >= LEAST_SHARE:
        found.append(say("answer.rise", last=after - 1, rise=chance(share, origin)))
    return found


def pillars(portrait: Portrait) -> list[Sentence]:
    """Return how targets that fell due ended, and whether money is even over the pillars."""
    if portrait.framework.source not in SHIPPED:
        return []
    request = Scorecard.of({"framework": portrait.framework.source, "as_of": portrait.facts.as_of})
    board: Board = portrait.ask(request).payload
    due = [one for one in board.indicators if one.verdict in DUE]
    tables = tuple(dict.fromkeys(table for one in due for table in one.tables))
    origin = Origin(tables, note="scorecard", request=request)
    missed = [one for one in due if one.verdict == "missed"]
    figures = sum(one.value is not None for one in board.indicators)
    values: dict[str, Value] = {
        "due": whole(len(due), origin),
        "missed": whole(len(missed), origin),
        "indicators": whole(len(board.indicators), origin),
        "gaps": whole(len(board.indicators) - figures, origin),
    }
    money = {line.verdict for line in board.evenness if line.what in ("by_account", "2014_2018")}
    said = [
        say("answer.targets", titles=listed([one.title for one in missed]), **values)
        if missed
        else say("answer.targets_none", **values)
    ]
    return [*said, say("answer.uneven" if money == {"uneven"} else "answer.evenness_open")] if money else said


def whole(number: int, origin: Origin) -> Figure:
    """Return a count of the scorecard."""
    return Figure(float(number), None, None, "indicators", "fact", origin)


def fresh(facts: Facts) -> Sentence | None:
    """Return the sentence on how far the record reaches, and how much of it is late; of the whole record alone."""
    if facts.as_of:
        return None
    today = record_span()[1]
    known = {one.table: one for one in status(facts, today)}
    going = [one for one in known.values() if one.state in ("behind", "current")]
    ends = {name: known[table].last for name, table in FRESH.items()}
    if None in ends.values():
        return None
    return say(
        "first.fresh",
        month=month(today),
        deaths=int(str(ends["deaths"])[:4]),
        victims=month(str(ends["victims"])),
        trucks=month(str(ends["trucks"])),
        late=str(sum(one.state == "behind" for one in going)),
        going=str(len(going)),
    )
