"""Questions about a user's own indicators: a form to fill in, reading a file, undoing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from merida.answers.context import Context
from merida.answers.facts import frame_table
from merida.answers.fields import Text, option
from merida.answers.questions import Frame, Question
from merida.answers.request import Request
from merida.document.blocks import AnswerBlock, Column, Sentence, Table
from merida.progress import Work


class Template(Request):
    """A table of indicators to fill in."""

    question = "scorecard.template"


@dataclass(frozen=True)
class Form:
    """The columns of the table, with one row that is an example."""

    columns: tuple[str, ...]
    rows: Frame


def form(_: Template, __: Context, ___: Work) -> Form:
    """Return the columns with an example."""
    import polars as pl

    from merida.scorecard.own import EXAMPLE

    return Form(tuple(EXAMPLE), pl.DataFrame({name: [text] for name, text in EXAMPLE.items()}))


def form_blocks(_: Template, found: Form) -> Iterator[AnswerBlock]:
    """Yield what each column holds, with the example."""
    row = found.rows.row(0)
    yield Table(
        (Column("why.column"), Column("scorecard.example"), Column("why.about")),
        tuple(
            (name, value or None, Sentence(f"scorecard.columns.{name}"))
            for name, value in zip(found.columns, row, strict=True)
        ),
        Sentence("scorecard.template"),
    )
    yield Sentence("scorecard.template_use")


class Add(Request):
    """Add indicators of the user's own to the scorecard."""

    question = "scorecard.add"
    example: ClassVar[Mapping[str, Any]] = {"file": "docs/samples/indicators.csv", "dry_run": True}
    file: Text = option("cli.scorecard.file", argument=True, metavar="FILE", file=True)
    separator: Literal["comma", "semicolon", "tab", "pipe"] | None = option(
        "cli.separator", None, metavar="NAME"
    )
    decimal: Literal["point", "comma"] | None = option("cli.decimal", None, metavar="NAME")
    dry_run: bool = option("cli.add.dry_run", False)


@dataclass(frozen=True)
class Added:
    """What was read of a file, and under which id it was kept: empty where nothing was written.

    Attributes
    ----------
    indicators : tuple of str
        The codes, in the order of the file.
    written : bool
        Whether a new addition was made; the same rows again make none.
    """

    file: str
    id: str
    written: bool
    indicators: tuple[str, ...]
    rows: Frame


def add(request: Add, context: Context, work: Work) -> Added:
    """Read a file of indicators and keep its rows.

    Raises
    ------
    ScorecardError
        With every fault of the file at once.
    """
    import polars as pl

    from merida.scorecard import own
    from merida.user_tables import DecimalSign, Separator

    work.stage("table")
    rows = own.read(
        Path(request.file),
        context.facts,
        None if request.separator is None else Separator(request.separator),
        None if request.decimal is None else DecimalSign(request.decimal),
    )
    identity, new = ("", False) if request.dry_run else own.save(rows)
    codes = tuple(dict.fromkeys(row.code for row in rows))
    return Added(Path(request.file).name, identity, new, codes, pl.DataFrame(rows, infer_schema_length=None))


def add_blocks(request: Add, found: Added) -> Iterator[AnswerBlock]:
    """Yield what was read, and what was made of it."""
    yield Sentence(
        "scorecard.read",
        {"file": found.file, "count": found.rows.height, "indicators": ", ".join(found.indicators)},
    )
    yield frame_table(found.rows.select("code", "title", "state", "date", "value", "unit", "target").head(10))
    if request.dry_run:
        yield Sentence("scorecard.not_written")
    else:
        yield Sentence("scorecard.written" if found.written else "scorecard.already", {"id": found.id})


class Remove(Request):
    """Remove indicators of the user's own."""

    question = "scorecard.remove"
    example: ClassVar[Mapping[str, Any]] = {"id": "scorecard-1"}
    id: Text = option("cli.scorecard.id", argument=True, metavar="ID")


@dataclass(frozen=True)
class Removed:
    """What was removed."""

    id: str
    rows: int


def remove(request: Remove, _: Context, __: Work) -> Removed:
    """Remove an addition."""
    from merida.scorecard import own

    return Removed(request.id, own.remove(request.id))


def remove_blocks(_: Remove, found: Removed) -> Iterator[AnswerBlock]:
    """Say what was removed."""
    yield Sentence("scorecard.removed", {"id": found.id, "count": found.rows})


QUESTIONS = (
    Question(Template, Form, form, form_blocks, table="rows"),
    Question(Add, Added, add, add_blocks, table="rows"),
    Question(Remove, Removed, remove, remove_blocks),
)
