"""Questions with which a user adds tables to the record: a form to fill in, and reading a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from merida.answers.context import Context
from merida.answers.facts import frame_table, unit_of
from merida.answers.fields import Text, option
from merida.answers.naming import in_both
from merida.answers.own_facts import Changed, changed, changed_blocks
from merida.answers.questions import Answer, Frame, Question
from merida.answers.request import Request
from merida.atomic import check_files
from merida.document.blocks import AnswerBlock, Cell, Column, Points, Sentence, Table
from merida.errors import FactsError, RequestError
from merida.facts.schema import Text as Both
from merida.facts.warehouse import known_table
from merida.progress import Work

if TYPE_CHECKING:
    from merida.facts.importers import Options

SHOWN = 5  # rows of a file that are shown
CHANGES = 10  # changes of values that are shown
SUMS = 24  # sums of a table that are shown: those that change


class Template(Request):
    """A table of the record to fill in."""

    question = "facts.template"
    example: ClassVar[Mapping[str, Any]] = {"table": "homicides_year"}
    table: Text = option("cli.table", argument=True, metavar="TABLE")


@dataclass(frozen=True)
class Form:
    """The columns of a table, with one row that is an example."""

    table: str
    columns: tuple[str, ...]
    rows: Frame


def form(request: Template, _: Context, __: Work) -> Form:
    """Return the columns of a table with an example."""
    from merida.facts.importers.template import template

    frame = template(known_table(request.table))
    return Form(known_table(request.table).name, tuple(frame.columns), frame)


def form_blocks(_: Template, found: Form) -> Iterator[AnswerBlock]:
    """Yield what each column holds, and how to fill the table in."""
    table = known_table(found.table)
    yield Sentence("why.headline", {"name": table.name, "title": table.title})
    heads = tuple(Column(f"why.{name}") for name in ("column", "type", "unit", "about"))
    yield Table(
        heads,
        tuple(
            (
                name + (" *" if column.key else ""),
                Sentence(f"types.{column.type}"),
                unit_of(column.unit),
                column.about,
            )
            for name, column in table.columns.items()
        ),
    )
    yield Sentence("why.key_mark")
    yield frame_table(found.rows)
    yield Sentence("importers.template.use", {"table": table.name})


def as_workbook(answer: Answer[Template, Form]) -> bytes:
    """Return the form as a workbook that explains itself."""
    from merida.facts.importers.template import workbook

    return workbook(known_table(answer.payload.table))


class AddFacts(Request):
    """Add a file to the record: official as published, or a table of the user's own."""

    question = "facts.add"
    example: ClassVar[Mapping[str, Any]] = {"file": "docs/samples/homicides_year.csv", "dry_run": True}
    file: Text = option("cli.add.file", argument=True, metavar="FILE", file=True)
    table: Text | None = option("cli.add.table", None, metavar="TABLE")
    available_from: Text | None = option("cli.add.available_from", None, metavar="YYYY-MM")
    skip_bad: bool = option("cli.add.skip_bad", False)
    marked: Text | None = option("cli.add.marked", None, metavar="FILE.xlsx")
    sheet: Text | None = option("cli.add.sheet", None, metavar="NAME")
    separator: Literal["comma", "semicolon", "tab", "pipe"] | None = option(
        "cli.separator", None, metavar="NAME"
    )
    decimal: Literal["point", "comma"] | None = option("cli.decimal", None, metavar="NAME")
    dry_run: bool = option("cli.add.dry_run", False)


@dataclass(frozen=True)
class Added:
    """What was read of a file.

    Attributes
    ----------
    table : str
        The table of the record that its rows belong to.
    recognised : str or None
        The official layout that it has.
    available_from : str
        The month in which it was published.
    rows, skipped : int
        How many rows were read, and how many with faults were left out.
    sums : dict of str to float
        The sum of each measure, to be held against a published total.
    id : str
        Of the addition, or of an earlier one of the same file; empty where there is none.
    written : bool
        Whether its rows were kept.
    change : Changed
        What the rows change in the table.
    notes : tuple of Both
        What was understood, and what was left out.
    first : Frame
        The first rows.
    """

    file: str
    sha256: str
    table: str
    title: Both
    recognised: str | None
    available_from: str
    rows: int
    sums: dict[str, Any]
    skipped: int
    id: str
    written: bool
    change: Changed
    notes: tuple[Both, ...]
    first: Frame


def add(request: AddFacts, context: Context, work: Work) -> Added:
    """Read a file for the record, say what it changes, and keep its rows beside it."""
    from merida.facts.importers import read_incoming
    from merida.facts.own.changes import plan_change, put
    from merida.places import Gazetteer

    if request.marked is not None:
        if not request.marked.lower().endswith(".xlsx"):
            raise RequestError("file_ending", option="--marked", found=request.marked, known=".xlsx")
        check_files(Path(request.marked))
    work.stage("table")
    facts = context.facts
    read = read_incoming(Path(request.file), facts, Gazetteer.of(facts), options_of(request))
    change = plan_change(read)
    # The same file again adds nothing, unless something that stands hides it.
    again = change.same_file if change.unchanged == change.rows else ""
    written = "" if request.dry_run or again else put(read).id
    altered = change.sums.filter(change.sums["before"].ne_missing(change.sums["after"]))
    return Added(
        file=read.file_name,
        sha256=read.sha256,
        table=read.table.name,
        title=read.table.title,
        recognised=read.recognised,
        available_from=read.available_from,
        rows=read.rows.height,
        sums={name: read.rows[name].sum() for name in read.table.measures if read.rows[name].count()},
        skipped=read.skipped,
        id=written or again,
        written=bool(written),
        change=replace(changed(change, CHANGES), sums=altered.tail(SUMS)),
        notes=tuple(in_both(note.text) for note in read.notes),
        first=read.rows.head(SHOWN),
    )


def options_of(request: AddFacts, language: str | None = None) -> Options:
    """Return what the user says of a file; notes in a workbook that comes back are in a language."""
    from merida.facts.importers import Options
    from merida.user_tables import DecimalSign, Separator

    return Options(
        table=request.table,
        skip_bad=request.skip_bad,
        marked=None if request.marked is None else Path(request.marked),
        sheet=request.sheet,
        separator=None if request.separator is None else Separator(request.separator),
        decimal=None if request.decimal is None else DecimalSign(request.decimal),
        available_from=request.available_from,
        language=language,
    )


def marked_file(request: AddFacts, context: Context, language: str) -> bytes | None:
    """Return a file with faults as a workbook in which the wrong cells are coloured, or None where it has none.

    Raises
    ------
    FactsError
        If the file cannot be taken apart, or belongs to no table of the record.
    """
    from merida.facts.importers import read_incoming
    from merida.places import Gazetteer

    with tempfile.TemporaryDirectory(prefix="merida-") as folder:
        place = Path(folder) / "marked.xlsx"
        wanted = options_of(request.with_options(marked=str(place)), language)
        try:
            read_incoming(Path(request.file), context.facts, Gazetteer.of(context.facts), wanted)
        except FactsError:
            if not place.is_file():
                raise
        return place.read_bytes() if place.is_file() else None


def add_blocks(request: AddFacts, found: Added) -> Iterator[AnswerBlock]:
    """Yield what was read of a file, and what was made of it."""
    values: dict[str, Cell] = {"table": found.table, "title": found.title, "count": found.rows}
    if found.recognised:
        layout = Sentence(f"importers.layouts.{found.recognised}")
        yield Sentence("importers.recognised", {"layout": layout, **values})
    else:
        yield Sentence("importers.own", values)
    for name, total in found.sums.items():
        yield Sentence("importers.sum", {"column": name, "total": total})
    yield Sentence("importers.available_from", {"month": found.available_from})
    if found.notes:
        yield Points(tuple(Sentence("common.text", {"text": note}) for note in found.notes))
    yield frame_table(
        found.first, Sentence("why.first_rows", {"shown": found.first.height, "count": found.rows})
    )
    yield from changed_blocks(request, found.change)
    if found.id and not found.written:
        yield Sentence("importers.already", {"id": found.id})
    elif found.written:
        yield Sentence("importers.written", {"id": found.id})
    else:
        yield Sentence("importers.not_written")


QUESTIONS = (
    Question(Template, Form, form, form_blocks, table="rows", writers={"xlsx": as_workbook}),
    Question(AddFacts, Added, add, add_blocks, table="first"),
)
