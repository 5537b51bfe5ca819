"""The question how a strategy's parts stand: ``merida scorecard``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.naming import in_both
from merida.answers.questions import Answer, Question
from merida.answers.request import Dated
from merida.answers.scorecard.blocks import blocks
from merida.answers.scorecard.payload import (
    Board,
    EffortLine,
    EvenLine,
    Fitted,
    Line,
    PaceLine,
    PillarLine,
    PillarShare,
    ScoreLine,
    Traced,
    ValueLine,
)
from merida.errors import ScorecardError, nearest
from merida.facts.schema import Text as Both
from merida.framework.indicators import MONEY, indicators, of_framework, periods
from merida.progress import Work
from merida.words import Words

if TYPE_CHECKING:
    from merida.charts.scorecard import Scope
    from merida.charts.theme import AnyChart
    from merida.facts import Facts
    from merida.framework import Framework
    from merida.framework.types import Text as FrameworkText
    from merida.scorecard.card import Entry

CHOSEN_UNTIL = 2011.0  # the end of 2010: the drift was chosen on origins up to it
SHEETS = (
    "indicators",
    "pillars",
    "money",
    "pace",
    "evenness",
    "pillar_shares",
    "effort",
    "scores",
    "reliability",
)
FOREIGN = "foreign_assistance"
INDICES = ("pielou", "theil", "gini", "hoover")
BOTH = {"merida": ("disrupt", "rule_of_law")}
"""By framework that is the Initiative, its pillars of counternarcotics and rule of law."""


class Scorecard(Dated):
    """How the parts of a strategy stand: indicators with verdicts, money, pace, evenness."""

    question = "scorecard"
    example: ClassVar[Mapping[str, Any]] = {"pillar": "border"}
    framework: Literal["merida", "bicentennial"] = option("cli.scorecard.framework", "merida", metavar="NAME")
    pillar: Text | None = option("cli.scorecard.pillar", None, metavar="PILLAR")
    state: Text | None = option("cli.scorecard.state", None, metavar="STATE")
    indicator: Text | None = option("cli.scorecard.indicator", None, metavar="CODE")


def scorecard(request: Scorecard, context: Context, work: Work) -> tuple[Board, list[Entry]]:
    """Return the scorecard, and its entries with their series.

    Raises
    ------
    ScorecardError
        If there is no such pillar, state or indicator; the message names the nearest.
    """
    from merida.framework import Framework
    from merida.scorecard import own

    facts, name = context.facts, request.framework
    known = own.pillars(name)
    if request.pillar is not None and request.pillar not in known:
        near = nearest(request.pillar, known)
        raise ScorecardError("scorecard_pillar", found=request.pillar, framework=name, nearest=near)
    state = None if request.state is None else own.state_code(facts, request.state)
    work.stage("scorecard")
    judged, parts = of_the_record(facts, name, request.pillar, state)
    entries = [*judged, *own.entries(facts, name, request.pillar, state)]
    shown = [line(one, name) for one in entries]
    if request.indicator is not None and request.indicator not in {one.code for one in shown}:
        near = nearest(request.indicator, {one.code for one in shown})
        raise ScorecardError("scorecard_indicator", found=request.indicator, nearest=near)
    board = Board(
        framework=name,
        pillar=request.pillar,
        state=state,
        as_of=request.as_of,
        period=periods()[name],
        pillars=tuple(pillar_lines(shown, Framework.load(name))),
        indicators=tuple(shown),
        values=tuple(
            ValueLine(at.date, at.value, at.numerator, at.denominator)
            for one in entries
            if one.indicator.code == request.indicator
            for at in one.series.actuals
        ),
        **parts,
    )
    return board, entries


@lru_cache(maxsize=16)
def of_the_record(
    facts: Facts, name: str, pillar: str | None, state: str | None
) -> tuple[tuple[Entry, ...], dict[str, Any]]:
    """Return what a scorecard holds of the record alone: its entries, and its parts that are of money and of scores.

    Made once: each indicator is shown from the same.
    """
    from merida.framework import Framework
    from merida.scorecard.card import scorecard as entries_of

    entries = entries_of(facts, name, pillar, state)
    whole = state is None and pillar is None
    parts = money(facts, Framework.load(name)) if whole or pillar == MONEY else NO_MONEY
    scores = scored(facts, name, entries) if whole and name == "merida" else NO_SCORES
    return tuple(entries), parts | scores


NO_MONEY: dict[str, Any] = {
    "money": (), "traced": None, "pace": (), "fitted": (), "evenness": (), "pillar_shares": (), "effort": (),
    "unknown_parts": (),
}  # fmt: skip
NO_SCORES: dict[str, Any] = {"scores": (), "reliability": ()}


def both(text: FrameworkText) -> Both:
    """Return a framework's text as an answer's."""
    return Both(en=text.en, es=text.es)


def line(one: Entry, framework: str) -> Line:
    """Return an entry as a line of the answer."""
    of, due = one.indicator, one.due
    reached = one.series.at(due.date) if due and due.date else None
    return Line(
        code=of.code,
        name=of.name,
        pillar=of.pillar[framework],
        programme=of.programme.get(framework),
        level=of.level,
        title=both(of.title),
        counts=both(of.counts),
        excludes=both(of.excludes),
        numerator_is=both(of.numerator) if of.numerator else None,
        denominator_is=both(of.denominator) if of.denominator else None,
        unit=of.unit,
        decimals=of.decimals,
        direction=of.direction,
        summable=of.summable,
        tables=one.series.origin.tables,
        column=of.column,
        place=one.place,
        baseline_date=one.baseline.date if one.baseline else None,
        baseline=one.baseline.value if one.baseline else None,
        date=one.actual.date if one.actual else None,
        value=one.actual.value if one.actual else None,
        numerator=one.actual.numerator if one.actual else None,
        denominator=one.actual.denominator if one.actual else None,
        moved=moved(one),
        points=len(one.series.actuals),
        target_date=due.date if due else None,
        target=due.value if due else None,
        target_met_with=reached.value if reached else None,
        target_source=both(due.target.source) if due else None,
        verdict=one.verdict,
        probability=due.probability if due else None,
        probability_trend=due.trend if due else None,
        regression_value=due.regression_value if due else None,
        regression_says=due.regression_says if due else None,
        growth_ratio=due.growth_ratio if due else None,
        growth_says=due.growth_says if due else None,
        gap=both(of.gap) if of.gap else None,
        changes=tuple(
            in_both(lambda said, at=at: f"{at.date}: {at.note.of(said.language)}")  # type: ignore[misc]
            for at in of.changes
        ),
        own=of.gap is None and not one.series.origin.query,
        query=one.series.origin.query,
    )


def moved(one: Entry) -> str | None:
    """Return which way an indicator has moved from its baseline, whatever its noise; None where neither way is good."""
    now, before = one.actual, one.baseline
    if now is None or before is None or now.date == before.date or one.indicator.direction == "none":
        return None
    change = round(now.value - before.value, one.indicator.decimals)
    if change == 0:
        return None
    return "better" if (change > 0) == (one.indicator.direction == "up") else "worse"


def pillar_lines(lines: Sequence[Line], framework: Framework) -> list[PillarLine]:
    """Return how the indicators of each pillar stand, money first, then in the framework's order."""
    found = []
    for name in (MONEY, *framework.pillars):
        held = [one for one in lines if one.pillar == name]
        if not held:
            continue
        counts = {key: sum(one.verdict == key for one in held) for key in PillarLine.__annotations__}
        counts["without_target"] = sum(one.verdict in ("no_target", "no_date") for one in held)
        counts["gaps"] = sum(one.verdict == "gap" for one in held)
        counts |= {"indicators": len(held), "with_actuals": len(held) - counts["gaps"]}
        title = (
            in_both(lambda said: said.text("scorecard.money"))
            if name == MONEY
            else both(framework.pillars[name].title)
        )
        found.append(PillarLine(**counts | {"pillar": name, "title": title}))  # type: ignore[arg-type]
    return found


def money(facts: Facts, framework: Framework) -> dict[str, Any]:
    """Return the parts of the answer that are of money: of the fiscal years of the framework's scorecard.

    What is of the Initiative's own accounts stands only where the framework is the Initiative.
    """
    from merida.scorecard import effort, pace

    first, last = (int(month[:4]) for month in periods()[framework.source])
    lags = [
        PaceLine(one.account, one.stage, lag.year, lag.usd, lag.spent_share, lag.months, lag.low, lag.high)
        for one in pace.paces(facts)
        for lag in one.lags
        if first <= lag.year <= last
    ]
    rows = [one for one in effort.stages(facts) if first <= one.fiscal_year <= last]
    spread = over_states(facts, framework.source)
    found = NO_MONEY | {"money": tuple(rows), "pace": tuple(lags), "evenness": tuple(spread)}
    return found | (of_initiative(facts, framework, spread) if framework.source in BOTH else {})


def of_initiative(facts: Facts, framework: Framework, over: Sequence[EvenLine]) -> dict[str, Any]:
    """Return what can be traced, the fitted lag, evenness over pillars and the share of all effort."""
    from merida.scorecard import effort, pace

    traced = effort.untraced(facts)
    eligible = {
        account: tuple(
            dict.fromkeys(one.pillar for one in framework.programmes.values() if account in one.accounts)
        )
        for account in framework.accounts
        if framework.accounts[account].kind == FOREIGN
    }
    pillars = tuple(name for name in framework.pillars if any(name in held for held in eligible.values()))
    spreads = effort.spreads(facts, eligible, pillars, BOTH[framework.source])
    even = [
        EvenLine(one.period, index, ends.low, ends.high, one.found.verdict)
        for one in spreads
        for index in INDICES
        for ends in (getattr(one.found, index),)
    ]
    return {
        "traced": Traced(
            traced.whole.value if traced.whole else None,
            traced.programme.value if traced.programme else None,
            traced.objective.value if traced.objective else None,
            traced.untraced_usd,
        ),
        "fitted": tuple(
            Fitted(account, lag.value, lag.low or 0.0, lag.high or 0.0)
            for account, lag in (pace.fitted(facts) if traced.whole else {}).items()
        ),
        "evenness": (*even, *over),
        "pillar_shares": tuple(
            PillarShare(one.period, pillar, ends.low, ends.high)
            for one in spreads
            for pillar, ends in zip(one.found.pillars, one.found.shares, strict=True)
        ),
        "effort": tuple(
            EffortLine(one.year, one.initiative_mxn_million, one.fasp_mxn_million, one.at_most_pct)
            for one in effort.shares(facts)
        ),
        "unknown_parts": effort.UNKNOWN_PARTS,
    }


def over_states(facts: Facts, framework: str) -> list[EvenLine]:
    """Return how evenly outputs lie over the states; they are counted, so that the ends are the same.

    Pielou's index knows no shares but even ones: of what is held against residents it says nothing.
    """
    from merida.scorecard import outputs

    return [
        EvenLine(what, index, getattr(found, index), getattr(found, index), "counted")
        for what, found in outputs.over_states(facts, periods()[framework][1]).items()
        for index in INDICES
        if (what, index) != ("vetted", "pielou")
    ]


def scored(facts: Facts, framework: str, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the scores of the methods on targets that have fallen due."""
    from merida.scorecard import scoring

    known = of_framework(framework)
    series = {one.indicator.name: one.series for one in entries if one.indicator.name in indicators()}
    made = list(scoring.rolling(known, series))
    later = [one for one in made if one.origin > CHOSEN_UNTIL]
    groups = {"real": list(scoring.real_cases(facts, known, series)), "rolling": made, "later": later}
    return {
        "scores": tuple(
            ScoreLine(on, *(getattr(one, name) for name in ScoreLine.__annotations__ if name != "on"))
            for on, cases in groups.items()
            for one in scoring.scores(cases)
        ),
        "reliability": tuple(scoring.reliability(made)),
    }


def records(board: Board) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return pillars and indicators as the charts take them."""
    return [vars(one) for one in board.pillars], [vars(one) for one in board.indicators]


def scope(answer: Answer[Scorecard, Board]) -> Scope:
    """Return what a picture of the answer is of."""
    from merida.charts.scorecard import Scope

    board, name = answer.payload, None
    if board.state is not None:
        name = answer.context.facts.sql(f"select name from states where state = '{board.state}'").item()
    return Scope(board.framework, name, board.as_of)


def glance(answer: Answer[Scorecard, Board], words: Words) -> AnyChart:
    """Return all pillars at a glance."""
    from merida.charts.scorecard import glance as drawn

    return drawn(*records(answer.payload), scope(answer), words)


def page(answer: Answer[Scorecard, Board], words: Words) -> AnyChart:
    """Return the page with a line for each indicator."""
    from merida.charts.scorecard import page as drawn

    courses = {one.indicator.code: one.series for one in answer.result}
    points = {code: list(zip(one.times, one.values, strict=True)) for code, one in courses.items()}
    return drawn(*records(answer.payload), points, scope(answer), words)


def workbook(answer: Answer[Scorecard, Board]) -> bytes:
    """Return the scorecard as a workbook, a sheet a table; the same answer gives the same bytes."""
    import io
    from datetime import UTC, datetime

    from xlsxwriter import Workbook

    content = io.BytesIO()
    with Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
        for name in SHEETS:
            if getattr(answer.payload, name):
                answer.table(name).write_excel(book, worksheet=name)
    return content.getvalue()


QUESTIONS = (
    Question(
        Scorecard,
        Board,
        scorecard,
        blocks,
        table="indicators",
        pictures={"chart": glance, "page": page},
        writers={"xlsx": workbook},
    ),
)
