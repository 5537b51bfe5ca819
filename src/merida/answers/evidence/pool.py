"""What the register says of a programme, or a meta-analysis of a user's own table: ``evidence pool``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import model_validator

from merida.answers.context import Context
from merida.answers.evidence.own_forest import own_blocks, own_chart
from merida.answers.evidence.own_table import TableAnswer, table_answer
from merida.answers.evidence.programme import (
    ProgrammeAnswer,
    programme_answer,
    programme_blocks,
    programme_chart,
)
from merida.answers.fields import Number, Text, any_case, numbers, option
from merida.answers.holding import held_lines
from merida.answers.questions import Answer, Question
from merida.answers.request import Dated, Settable
from merida.document.blocks import AnswerBlock
from merida.errors import EvidenceError
from merida.progress import Work
from merida.words import Words

Measure = Literal["RR", "OR", "RD", "PETO", "AS"]
Correct = Literal["zeros", "all"]
Method = Literal["EE", "DL", "DL2", "HE", "HE2", "HS", "SJ", "PM", "EB", "ML", "REML"]
Interval = Literal["wald", "knapp-hartung", "knapp-hartung-adhoc"]
Prediction = Literal["as-interval", "higgins"]
Separator = Literal["comma", "semicolon", "tab", "pipe"]
Decimal = Literal["point", "comma"]


class Pool(Dated, Settable):
    """A programme of the register, or a table of the user's own."""

    question = "evidence.pool"
    example: ClassVar[Mapping[str, Any]] = {"programme": "cure_violence"}
    programme: Text | None = option("cli.evidence.pooled", None, argument=True, metavar="PROGRAMME")
    outcome: Text | None = option("cli.evidence.outcome", None, argument=True, metavar="OUTCOME")
    file: Text | None = option("cli.evidence.file", None, metavar="FILE", file=True)
    separator: Annotated[Separator, any_case(Separator)] | None = option("cli.separator", None)
    decimal: Annotated[Decimal, any_case(Decimal)] | None = option("cli.decimal", None)
    measure: Annotated[Measure, any_case(Measure)] | None = option("cli.evidence.measure", None)
    columns: Text | None = option("cli.evidence.columns", None, metavar="ROLE=COLUMN,…")
    add: Number | None = option("cli.evidence.add", None, ge=0, le=1000)
    add_to: Annotated[Correct, any_case(Correct)] = option("cli.evidence.add_to", "zeros")
    drop_double_zeros: bool = option("cli.evidence.drop_double_zeros", False)
    method: Annotated[Method, any_case(Method, fe="EE")] = option("cli.evidence.method", "REML")
    interval: Annotated[Interval, any_case(Interval)] = option("cli.evidence.interval", "wald")
    prediction: Annotated[Prediction, any_case(Prediction)] = option("cli.evidence.prediction", "as-interval")
    moderators: Text | None = option("cli.evidence.moderators", None, metavar="A,B,…")
    cluster: Text | None = option("cli.evidence.cluster", None, metavar="COLUMN")
    level: Number = option("cli.evidence.level", 95.0, unit="percent", ge=50, lt=100)
    bias: bool = option("cli.evidence.bias", False)
    steps: Text = option("cli.evidence.steps", "0.025", metavar="P,P,…")
    no_bias: bool = option("cli.evidence.no_bias", False)

    @model_validator(mode="after")
    def of_one_kind(self) -> Self:
        """Refuse what is neither a programme nor a table, or both."""
        if self.file is None and self.programme is None:
            raise EvidenceError("pool_neither")
        if self.file is not None and (self.programme is not None or self.outcome is not None):
            raise EvidenceError("pool_both")
        if self.file is not None and self.held:
            raise EvidenceError("pool_set_file")
        if self.file is not None and self.bias and (self.moderators or self.cluster):
            raise EvidenceError("meta_bias_alone")
        return self

    def pooling(self) -> dict[str, Any]:
        """Return the options of plain pooling, as `merida.evidence.meta.pool` takes them."""
        from merida.evidence import meta

        return {
            "method": meta.Method(self.method),
            "interval": meta.Interval(self.interval),
            "prediction": meta.Prediction(self.prediction),
            "level": self.level / 100,
        }

    def table(self) -> dict[str, Any]:
        """Return the options of the user's table, as `merida.evidence.meta.analyse` takes them."""
        from merida.evidence import meta
        from merida.user_tables import DecimalSign
        from merida.user_tables import Separator as Sign

        return {
            "measure": self.measure and meta.Measure(self.measure),
            "roles": read_roles(self.columns),
            "moderators": [name.strip() for name in self.moderators.split(",")] if self.moderators else (),
            "cluster": self.cluster or None,
            "add": self.add,
            "to": meta.Correct(self.add_to),
            "drop_double_zeros": self.drop_double_zeros,
            "separator": self.separator and Sign(self.separator),
            "decimal": self.decimal and DecimalSign(self.decimal),
            "steps": read_steps(self.steps) if self.bias else None,
        }


def read_roles(text: str | None) -> dict[str, str]:
    """Return ``ROLE=COLUMN,…`` as a mapping."""
    pairs = [part.partition("=") for part in text.split(",")] if text is not None else []
    for role, equals, column in pairs:
        if not (role.strip() and equals and column.strip()):
            raise EvidenceError("meta_not_a_role", found=role + equals + column)
    return {role.strip(): column.strip() for role, _, column in pairs}


def read_steps(text: str) -> list[float]:
    """Return the ends of the steps of the selection model."""
    try:
        return numbers(text)
    except ValueError as error:
        raise EvidenceError("meta_steps", found=text[:80]) from error


def pool(request: Pool, context: Context, work: Work) -> ProgrammeAnswer | TableAnswer:
    """Return what the register says of a programme, or what a user's table says."""
    if request.file is None:
        return programme_answer(request, context, work, request.pooling())
    return table_answer(Path(request.file), request.table(), request.pooling(), work)


def blocks(request: Pool, found: ProgrammeAnswer | TableAnswer) -> Iterator[AnswerBlock]:
    """Yield the programme, or the table."""
    yield from own_blocks(found) if isinstance(found, TableAnswer) else programme_blocks(found)
    yield from held_lines(request)


def chart(answer: Answer[Pool, ProgrammeAnswer | TableAnswer], said: Words) -> dict[str, Any]:
    """Return the forest of the studies that were pooled."""
    found = answer.payload
    return own_chart(found, said) if isinstance(found, TableAnswer) else programme_chart(found, said)


EITHER: Any = ProgrammeAnswer | TableAnswer
QUESTIONS = (
    Question(
        Pool,
        EITHER,
        pool,
        blocks,
        table="studies",
        pictures={"chart": chart},
        kept=True,
        rests_on=lambda *_: (),
    ),
)
