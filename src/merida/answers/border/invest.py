"""What officers, lanes, trusted traffic, scanners and southbound teams gain at crossings, ranked by the dollar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from merida.answers.border.common import (
    BASE_YEAR,
    MOST_DRAWS,
    Mode,
    lane_of,
    listed,
    mode_of,
    named,
    said_period,
)
from merida.answers.border.investing import (
    DRAWS,
    GainLine,
    OfficerReadings,
    assumption_lines,
    at,
    investment_of,
    line,
    officer_blocks,
    officer_readings,
    priors_at_border,
)
from merida.answers.context import Context
from merida.answers.fields import Number, Text, Whole, option, spoken
from merida.answers.holding import held_lines
from merida.answers.questions import Answer, Question
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Points, Sentence, Table
from merida.document.values import written
from merida.errors import BorderError
from merida.progress import Work
from merida.statistics import SURE, grouped
from merida.words import Words

if TYPE_CHECKING:
    from merida.border.investment import Gain

What = Annotated[
    Literal["officer", "lane", "trusted", "scanner", "southbound"], spoken("border_invest.short")
]
DRAWN = 20  # lines of the chart
NAMED = 3  # of the best group, in the first sentence
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Invest(Drawn, Settable):
    """What one more of each investment would gain at each crossing."""

    question = "border.invest"
    port: Text | None = option("cli.border_invest.port", None, metavar="PORT")
    mode: Mode | None = option("cli.border_invest.mode", None, metavar="MODE")
    what: What | None = option("cli.border_invest.what", None, metavar="WHAT")
    month: Text | None = option("cli.border_invest.month", None, metavar="YYYY-MM")
    fixed_arrivals: bool = option("cli.border_invest.fixed", False)
    discount_rate: Number | None = option("cli.border_invest.rate", None, ge=0, le=0.5)
    rows: Whole = option("cli.border_invest.rows", 20, ge=1, shown=True)
    draws: Whole = option("cli.border_invest.draws", DRAWS, ge=2, le=MOST_DRAWS)
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")


@dataclass(frozen=True)
class Investments:
    """The gains of investments in groups that are told apart, and what they rest on.

    `groups` holds them as CROSSING.MODE.INVESTMENT, the best for a dollar first; within a group the order says nothing.
    """

    draws: int
    seed: int
    as_of: str | None
    elastic: bool
    base_year: int
    gains: tuple[GainLine, ...]
    assumptions: dict[str, dict[str, Any]]
    groups: tuple[tuple[str, ...], ...]
    settled: bool
    draws_needed: int | None
    officer: OfficerReadings | None


def invest(request: Invest, context: Context, work: Work) -> tuple[Investments, tuple[Gain, ...]]:
    """Return the gains of every investment that was asked for."""
    import numpy as np

    from merida.border import find_place
    from merida.border.assumptions import investment
    from merida.border.investment import gains, gathered, ranked

    priors = priors_at_border(request, context)
    place = None if request.port is None else find_place(context.facts, request.port)
    steps = gains(
        context.facts,
        place=place,
        mode=request.mode,
        what=request.what,
        month=request.month,
        draws=request.draws,
        seed=request.seed,
        rate=request.discount_rate,
        elastic=not request.fixed_arrivals,
        priors=priors,
        framework=context.framework,
    )
    found = tuple(ranked(gathered(steps, work.stage("crossings"))))
    if not found:
        raise BorderError("border_trusted_not_served")
    grouping = grouped(np.stack([one.per_dollar for one in found], axis=1), list(map(key_of, found)))
    found = tuple(sorted(found, key=lambda one: grouping.group_of(key_of(one))))
    payload = Investments(
        request.draws,
        request.seed,
        request.as_of,
        not request.fixed_arrivals,
        BASE_YEAR,
        tuple(map(line, found)),
        investment(priors),
        grouping.groups,
        grouping.settled,
        grouping.draws_needed,
        officer_readings(found, context.facts),
    )
    return payload, found


def key_of(one: Gain | GainLine) -> str:
    """Return the name of an investment at a crossing: CROSSING.MODE.INVESTMENT."""
    if isinstance(one, GainLine):
        return f"{one.crossing}.{one.mode}.{one.investment}"
    return f"{one.site.key}.{one.what}"


def blocks(request: Invest, found: Investments) -> Iterator[AnswerBlock]:
    """Yield the ranking; for one port what works when and what is seized; and what all of it rests on."""
    shown = found.gains[: request.rows]
    title = Sentence("border_invest.title", {"count": len(found.gains), "shown": len(shown)})
    yield apart(found)
    group = {name: number for number, names in enumerate(found.groups, 1) for name in names}
    yield Table(COLUMNS, tuple(cells(group[key_of(one)], one) for one in shown), title)
    yield from officer_blocks(found.officer, shown)
    if request.port is not None:
        yield from at_one_port(shown)
    months = sorted({one.month for one in found.gains})
    yield Sentence(
        "border_invest.month", {"month": listed(sorted({months[0], months[-1]}), "border_invest.to")}
    )
    calibrated = {(one.crossing, one.mode): one.calibrated for one in found.gains}
    yield Sentence("border_invest.fitted", {"fitted": sum(calibrated.values()), "all": len(calibrated)})
    loose = max(one.unsettled_share for one in found.gains)
    if loose > 0:
        yield Sentence("border_invest.unsettled", {"share": round(100 * loose)})
    yield Sentence("border_invest.reading", {"draws": found.draws})
    yield Sentence("border_invest.welfare")
    yield Sentence("border_invest.assumed", {"count": len(found.assumptions)})
    yield from held_lines(request)


COLUMNS = (
    Column("rank.group"),
    Column("border_invest.crossing"),
    Column("border_invest.mode"),
    Column("border_invest.investment"),
    Column("border_invest.per_dollar", decimals=1),
    Column("border_invest.usd", "usd_million_2012", 1, 1e6),
    Column("border_invest.cost", "usd_million_2012", 2, 1e6),
    Column("border_invest.hours", "thousand_hours", 0, 1e3),
    Column("border_invest.harm", "percent", 0, 0.01),
)


def apart(found: Investments) -> Sentence:
    """Return what is told apart, and whether more draws could change that."""
    if len(found.groups) == 1:
        return Sentence("border_invest.not_told_apart", {"sure": SURE, "count": len(found.gains)})
    best: Cell = listed(
        [at_of(one) for one in found.gains if key_of(one) in found.groups[0]][:NAMED], "border_invest.then"
    )
    more = len(found.groups[0]) - NAMED
    values: dict[str, Cell] = {
        "sure": SURE,
        "groups": len(found.groups),
        "best": best,
        "count": len(found.groups[0]),
    }
    return Sentence("border_invest.told_apart_more" if more > 0 else "border_invest.told_apart", values)


def at_of(one: GainLine) -> Sentence:
    """Return an investment with its crossing and traffic."""
    return Sentence("border_invest.what_at", {"what": investment_of(one.investment), "at": at(one)})


def cells(group: int, one: GainLine) -> tuple[Cell, ...]:
    """Return a line of the ranking."""
    return (
        group,
        named(one.name, one.crossing),
        mode_of(one.mode),
        investment_of(one.investment),
        one.per_dollar,
        one.usd,
        one.cost_usd.median,
        one.hours,
        one.p_harm,
    )


def period_of(found: Sequence[GainLine]) -> Cell:
    """Return the period, or the first and the last, whose schedules stand for the year."""
    months = sorted({one.month for one in found})
    return listed([said_period(month) for month in sorted({months[0], months[-1]})], "border_invest.to")


def at_one_port(shown: Sequence[GainLine]) -> Iterator[AnswerBlock]:
    """Yield when the investments at a port work, and what southbound teams seize there."""
    works = [
        Sentence(
            "border_invest.works",
            {
                "what": investment_of(one.investment),
                "at": at(one),
                "lane": lane_of(one.lane),
                "hours": listed(spans(one.works_hours_of_week), "border_invest.then"),
            },
        )
        for one in shown
        if one.works_hours_of_week and max(abs(one.per_dollar.low), abs(one.per_dollar.high)) > 0
    ]
    if works:
        yield Points(tuple(works))
    teams = [one for one in shown if one.cash_seized_usd is not None]
    if teams:
        yield Table(
            (
                Column("border_invest.crossing"),
                Column("border_invest.cash", "usd_million_current", 2, 1e6),
                Column("border_invest.arms", decimals=1),
            ),
            tuple((at(one), one.cash_seized_usd, one.firearms_seized) for one in teams),
            Sentence("border_invest.seized"),
        )


def spans(hours_of_week: Sequence[int]) -> list[Cell]:
    """Return hours of the week as cells, days alike together: Mon, Tue 6–14."""
    alike: dict[str, list[Cell]] = {}
    for number, day in enumerate(DAYS):
        on = {hour - 24 * number for hour in hours_of_week if hour // 24 == number}
        begins, ends = (sorted(hour for hour in on if hour + step not in on) for step in (-1, 1))
        if on:
            hours = ", ".join(f"{first}–{last + 1}" for first, last in zip(begins, ends, strict=True))
            alike.setdefault(hours, []).append(Sentence(f"border_invest.days.{day}"))
    return [
        Sentence("border_invest.on", {"days": listed(days), "hours": hours}) for hours, days in alike.items()
    ]


def ranking_chart(answer: Answer[Invest, Investments], said: Words) -> dict[str, Any]:
    """Draw the ranking."""
    import polars as pl

    from merida.charts.border_invest import ranking
    from merida.charts.theme import specification

    best = answer.payload.gains[:DRAWN]
    rows = [{"crossing": one.name, "mode": one.mode, "what": one.investment} | ends(one) for one in best]
    return alone(specification(ranking(pl.DataFrame(rows), said)), "border_ranking", best, said)


def ranking_map(answer: Answer[Invest, Investments], said: Words) -> dict[str, Any]:
    """Draw the map of the best crossing of each port, for the investment that comes first."""
    import polars as pl

    from merida.border.crossings.on_map import located, states
    from merida.charts.border_invest import gain_map
    from merida.charts.theme import specification

    facts, best = answer.context.facts, best_of_ports(answer.payload.gains)
    rows = pl.DataFrame([{"port": port} | ends(one) for port, one in best.items()])
    spec = specification(*gain_map(located(facts, rows), states(facts), said))
    return alone(spec, "border_map", list(best.values()), said)


def alone(spec: dict[str, Any], name: str, shown: Sequence[GainLine], said: Words) -> dict[str, Any]:
    """Return a picture that says its place, period and source, and of which investment it is."""
    from merida.charts.border import SOURCES
    from merida.charts.frame import framed, sources

    about = {
        "place": said.text("charts.border"),
        "period": written(period_of(shown), said),
        "what": written(investment_of(shown[0].investment), said),
    }
    return framed(spec, name, said, sources(SOURCES, said), about)


def best_of_ports(found: Sequence[GainLine]) -> dict[str, GainLine]:
    """Return the crossing of each port, by its code, where the investment that comes first gains most for a dollar."""
    best: dict[str, GainLine] = {}
    for one in found:
        if one.investment == found[0].investment:
            best.setdefault(one.port, one)
    return best


def ends(one: GainLine) -> dict[str, float]:
    """Return what a dollar gains as charts take it."""
    return {"low": one.per_dollar.low, "middle": one.per_dollar.median, "high": one.per_dollar.high}


QUESTIONS = (
    Question(
        Invest,
        Investments,
        invest,
        blocks,
        table="gains",
        pictures={"chart": ranking_chart, "map": ranking_map},
        assumptions=lambda _, found: assumption_lines(found.assumptions),
        kept=True,
    ),
)
