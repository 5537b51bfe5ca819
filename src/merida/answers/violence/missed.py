"""Where the forecast was wrong: what it said a year before, beside what came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

from merida.answers.context import Context
from merida.answers.fields import Text, Whole, option
from merida.answers.holding import held_lines, priors_of
from merida.answers.own_lines import tables_of
from merida.answers.questions import Question
from merida.answers.request import Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.errors import ViolenceError
from merida.progress import Work
from merida.statistics import Interval
from merida.violence.forecasting.surprises import Surprise, Surprises

STATES, MUNICIPALITIES = 10, 10  # listed for people


class Missed(Settable):
    """Where the forecast was wrong."""

    question = "violence.missed"
    example: ClassVar[Mapping[str, Any]] = {"origin": "2015-12"}
    origin: Text | None = option("cli.places.origin", None, metavar="YYYY-12")
    draws: Whole = option("cli.forecast.draws", 300, ge=1)
    seed: Whole = option("cli.seed", 0, metavar="N", ge=-(2**63), le=2**63 - 1)
    vintage: Literal["perfect", "real_time"] = option("cli.forecast.vintage", "perfect")

    def year(self) -> int | None:
        """Return the year of the origin, which is a December; None where none is given."""
        if self.origin is None:
            return None
        year, _, month = self.origin.partition("-")
        if not (year.isascii() and year.isdecimal() and len(year) == 4 and month == "12"):
            raise ViolenceError("origin_not_december", found=self.origin[:60])
        return int(year)


def missed(request: Missed, _: Context, work: Work) -> Surprises:
    """Return what came beside what was forecast."""
    from merida.parameters.registry import FORECAST
    from merida.violence.forecasting.surprises import surprises

    priors = priors_of(request, FORECAST)
    step = work.stage("forecast")
    return surprises(request.year(), request.draws, request.seed, request.vintage, priors, step)


def blocks(request: Missed, found: Surprises) -> Iterator[AnswerBlock]:
    """Yield how the nation came out, how many intervals held, and where they did not."""
    nation, outside = found.nation, [one for one in found.states if one.way != "inside"]
    values: dict[str, Cell] = {
        "year": found.origin + 1,
        "origin": found.origin,
        "actual": nation.actual,
        "forecast": Interval(nation.low, nation.median, nation.high),
    }
    yield Sentence(f"missed.nation.{nation.way}", values)
    yield Sentence(
        "missed.held",
        {"states": len(found.states), "count": len(outside), "municipalities": found.municipalities}
        | {"above": found.above, "below": found.below},
    )
    yield table(found.states[:STATES], Sentence("missed.states", {"year": found.origin + 1}))
    yield table(found.farthest[:MUNICIPALITIES], Sentence("missed.farthest", {"year": found.origin + 1}))
    yield Sentence(f"forecast.vintages.{found.vintage}")
    yield Sentence("missed.reads", {"draws": found.draws})
    yield from held_lines(request)


def table(lines: Iterable[Surprise], title: Sentence) -> Table:
    """Return places with what was forecast of them and what came."""
    columns = (
        Column("forecast.place"), Column("missed.before", "deaths", decimals=0),
        Column("forecast.median_90", "deaths", decimals=0), Column("missed.actual", "deaths", decimals=0),
        Column("missed.way"),
    )  # fmt: skip
    rows = tuple(
        (one.name, one.before, Interval(one.low, one.median, one.high), one.actual, Sentence(f"missed.ways.{one.way}"))
        for one in lines
    )  # fmt: skip
    return Table(columns, rows, title)


QUESTIONS = (
    Question(
        Missed,
        Surprises,
        missed,
        blocks,
        table="states",
        kept=True,
        rests_on=lambda *_: tables_of("violence"),
    ),
)
