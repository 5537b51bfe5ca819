"""How the fitted schedules do on waits of a user's own, with the climatology of the published means beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from merida.answers.border.common import (
    assumed_count,
    assumption_lines,
    calibration_paths,
    fitted_lines,
    lane_of,
    mode_of,
)
from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.holding import priors_of
from merida.answers.questions import Question
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.facts.schema import Text as Both
from merida.priors import Priors
from merida.progress import Work
from merida.words import words


class AskScore(Drawn, Settable):
    """How the fitted schedules do on waits of a user's own."""

    question = "border.score"
    example: ClassVar[Mapping[str, Any]] = {"file": "docs/samples/waits.csv"}
    file: Text = option("cli.border_delay.file", metavar="FILE", file=True)
    separator: Literal["comma", "semicolon", "tab", "pipe"] | None = option(
        "cli.separator", None, metavar="NAME"
    )
    decimal: Literal["point", "comma"] | None = option("cli.decimal", None, metavar="NAME")


@dataclass(frozen=True)
class LaneScore:
    """How predictions of one lane class fare: minutes, shares; None where climatology or variance is missing."""

    crossing: str
    mode: str
    lane: str
    count: int
    observed: float
    predicted: float
    mae: float
    crps: float
    coverage: float
    climatology_mae: float | None
    climatology_crps: float | None
    r2: float | None
    climatology_r2: float | None
    name: str


@dataclass(frozen=True)
class Scores:
    """The scores of every crossing and lane class of a file, and what was done with the file."""

    file: str
    as_of: str | None
    seed: int
    scores: tuple[LaneScore, ...]
    notes: tuple[Both, ...]


def ask(request: AskScore, context: Context, work: Work) -> Scores:
    """Return how the fitted schedules do on the waits of a file."""
    from merida.border.crossings.find import crossing_name
    from merida.border.delay import read_waits, score
    from merida.user_tables import DecimalSign, Separator

    facts, priors = context.facts, priors_of_score(request)
    work.stage("table")
    separator = None if request.separator is None else Separator(request.separator)
    decimal = None if request.decimal is None else DecimalSign(request.decimal)
    waits, notes = read_waits(facts, Path(request.file), separator, decimal)
    work.stage("waits")
    found = score(facts, waits, request.seed, priors)
    names = {one.crossing: crossing_name(facts, one.crossing) for one in found}
    return Scores(
        request.file,
        request.as_of,
        request.seed,
        tuple(LaneScore(**asdict(one), name=names[one.crossing]) for one in found),
        tuple(Both(en=note.text(words("en")), es=note.text(words("es"))) for note in notes),
    )


def priors_of_score(request: AskScore) -> Priors:
    """Return what the predictions rest on, with what the request holds of it."""
    from merida.parameters.registry import CALIBRATION

    return priors_of(request, CALIBRATION)


COLUMNS = (
    Column("border_delay.lanes"),
    Column("border_delay.count", decimals=0),
    Column("border_delay.observed", "minutes", 1),
    Column("border_delay.predicted", "minutes", 1),
    Column("border_delay.coverage", "percent", 0, 0.01),
    Column("border_delay.mae", "minutes", 1),
    Column("border_delay.climatology_mae", "minutes", 1),
    Column("border_delay.crps", "minutes", 2),
    Column("border_delay.climatology_crps", "minutes", 2),
    Column("border_delay.r2", decimals=2),
    Column("border_delay.climatology_r2", decimals=2),
)


def blocks(request: AskScore, found: Scores) -> Iterator[AnswerBlock]:
    """Yield a line for each crossing and lane class, ours beside climatology."""
    yield Table(COLUMNS, tuple(map(cells, found.scores)), Sentence("border_delay.score_title"))
    for note in found.notes:
        yield Sentence("border_delay.note", {"note": note})
    yield Sentence("border_delay.notes.score")
    yield assumed_count(calibration_paths())
    yield from fitted_lines(request, priors_of_score(request))


def cells(one: LaneScore) -> tuple[Cell, ...]:
    """Return the line of one lane class."""
    where: dict[str, Cell] = {"crossing": one.name, "mode": mode_of(one.mode), "lane": lane_of(one.lane)}
    return (
        Sentence("border_delay.of_lanes", where),
        one.count,
        one.observed,
        one.predicted,
        one.coverage,
        one.mae,
        one.climatology_mae,
        one.crps,
        one.climatology_crps,
        one.r2,
        one.climatology_r2,
    )


QUESTIONS = (
    Question(
        AskScore,
        Scores,
        ask,
        blocks,
        table="scores",
        assumptions=lambda request, _: assumption_lines(priors_of_score(request), calibration_paths()),
        kept=True,
    ),
)
