"""Questions about the public record: its tables, a query, one figure's origin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Number, Text, Texts, Whole, option
from merida.answers.own_lines import additions_table
from merida.answers.questions import Answer, Frame, Question
from merida.answers.request import Dated, Request
from merida.document.blocks import AnswerBlock, Cell, Column, Points, Sentence, Table, Verbatim
from merida.errors import FactsError
from merida.facts import apart, known_table, why
from merida.facts.own.shelf import Addition, additions
from merida.facts.provenance import Why
from merida.facts.schema import Table as FactsTable
from merida.facts.schema import Text as Both
from merida.facts.schema import tables
from merida.progress import Work


class ListTables(Request):
    """Which tables the record has, or what the user added to them."""

    question = "facts.list"
    own: bool = option("cli.own.list", False)


@dataclass(frozen=True)
class TableLine:
    """One table of the record."""

    table: str
    title: Both
    period: Both
    institution: Both
    status: str


@dataclass(frozen=True)
class TableList:
    """The tables of the record, and what the user added to them."""

    tables: tuple[TableLine, ...]
    additions: tuple[Addition, ...] = ()


def list_tables(_: ListTables, __: Context, ___: Work) -> TableList:
    """Return every table of the record."""
    return TableList(
        tuple(
            TableLine(table.name, table.title, table.period, table.institution, table.status)
            for table in tables().values()
        ),
        additions(),
    )


def list_blocks(request: ListTables, found: TableList) -> Iterator[AnswerBlock]:
    """Yield the table of tables, or of what the user added."""
    if request.own:
        yield additions_table(found.additions) if found.additions else Sentence("own.none")
        return
    columns = tuple(Column(f"why.{name}") for name in ("table", "title", "period", "institution", "status"))
    rows = tuple(
        (line.table, line.title, line.period, line.institution, Sentence(f"status.{line.status}"))
        for line in found.tables
    )
    yield Table(columns, rows)
    if found.additions:
        yield Sentence("own.more", {"count": len(found.additions)})


class ShowTable(Dated):
    """One table of the record."""

    question = "facts.show"
    example: ClassVar[Mapping[str, Any]] = {"table": "homicides_year"}
    table: Text = option("cli.table", argument=True, metavar="TABLE")
    rows: Whole = option("cli.rows", 10, ge=0, le=1_000_000)


@dataclass(frozen=True)
class ShownTable:
    """One table with its source and its first rows."""

    table: dict[str, Any]
    rows_in_all: int
    rows: Frame


def show_table(request: ShowTable, context: Context, _: Work) -> ShownTable:
    """Return a table with its source and first rows."""
    known = known_table(request.table)
    rows = context.facts.sql(f"select * from {known.name} limit {request.rows}")
    count = context.facts.sql(f"select count(*) from {known.name}").item()
    return ShownTable(known.model_dump(mode="json"), count, rows)


def source_lines(table: FactsTable, status: str) -> Points:
    """Return what is known of a table's source."""
    lag = Sentence(
        "why.lag_graded",
        {"note": table.availability.note, "grade": Sentence(f"grade.{table.availability.grade}")},
    )
    values: dict[str, Cell] = {
        "institution": table.institution,
        "source": table.source,
        "locators": "; ".join(table.locators),
        "licence": table.licence,
        "period": table.period,
        "status": Sentence(f"status.{status}"),
        "lag": lag,
        "compiled": table.compiled,
    }
    return Points(
        tuple(
            Sentence("why.line", {"name": Sentence(f"why.{name}"), "value": value})
            for name, value in values.items()
        )
    )


def defects(table: FactsTable, ids: Iterable[str]) -> Iterator[AnswerBlock]:
    """Yield known defects of a table."""
    wanted = set(ids)
    found = tuple(
        Sentence("why.defect", {"name": defect.id, "about": defect.about})
        for defect in table.defects
        if defect.id in wanted
    )
    if found:
        yield Points(found)


def unit_of(unit: str) -> Sentence | None:
    """Return a unit in words, or nothing for a column without one."""
    return Sentence(f"units.{unit}") if unit else None


def frame_table(frame: Any, title: Sentence | None = None) -> Table:
    """Return a frame as a table with its columns' own names."""
    return Table(
        tuple(Column(Verbatim(name)) for name in frame.columns), tuple(map(cells_of, frame.rows())), title
    )


def cells_of(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row of the record as cells."""
    return tuple(cell if isinstance(cell, int | float | None) else str(cell) for cell in row)


def shown_blocks(_: ShowTable, shown: ShownTable) -> Iterator[AnswerBlock]:
    """Yield a table's source, columns, defects and first rows."""
    known = known_table(shown.table["name"])
    yield Sentence("why.headline", {"name": known.name, "title": known.title})
    yield source_lines(known, known.status)
    yield Table(
        tuple(Column(f"why.{name}") for name in ("column", "type", "unit", "about")),
        tuple(
            (
                name + (" *" if column.key else ""),
                Sentence(f"types.{column.type}"),
                unit_of(column.unit),
                column.about,
            )
            for name, column in known.columns.items()
        ),
    )
    yield Sentence("why.key_mark")
    yield Sentence("why.derived")
    yield from defects(known, (defect.id for defect in known.defects))
    title = Sentence("why.first_rows", {"shown": shown.rows.height, "count": shown.rows_in_all})
    yield frame_table(shown.rows, title)


def package_file(answer: Answer[ShowTable, ShownTable], _: Path) -> bytes:
    """Return the table, every row of it, as a Frictionless data package, packed."""
    from merida.facts.package import package
    from merida.zipped import zipped

    return zipped(package(answer.context.facts, answer.payload.table["name"]))


class Sql(Dated):
    """One SELECT over the tables of the record."""

    question = "facts.sql"
    example: ClassVar[Mapping[str, Any]] = {"query": "select count(*) as municipalities from municipalities"}
    query: Text = option("cli.query", argument=True, metavar="QUERY")
    seconds: Number = option("cli.seconds", 30.0, ge=0.1, le=3600, unit="seconds")


@dataclass(frozen=True)
class Rows:
    """The rows that a query gives; what a frame can do, they can."""

    rows: Frame

    def __getattr__(self, name: str) -> Any:
        if name == "rows" or name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.rows, name)


def sql(request: Sql, context: Context, work: Work) -> Rows:
    """Return the rows that a query gives."""
    facts = context.facts
    return Rows(apart.sql(facts.as_of, request.query, request.seconds, work.cancel.check, facts.seen))


def sql_blocks(_: Sql, found: Rows) -> Iterator[AnswerBlock]:
    """Yield the rows."""
    yield frame_table(found.rows)


class WhyFigure(Dated):
    """Where one figure of the record came from."""

    question = "facts.why"
    example: ClassVar[Mapping[str, Any]] = {
        "table": "homicides_year",
        "key": ("municipality=08037", "year=2010", "basis=registration"),
    }
    table: Text = option("cli.table", argument=True, metavar="TABLE")
    key: Texts = option("cli.key", argument=True, metavar="KEY=VALUE...")

    def pairs(self) -> dict[str, str]:
        """Return the value of each key column."""
        pairs: dict[str, str] = {}
        for item in self.key:
            name, equals, value = item.partition("=")
            if not equals or not name or not value:
                raise FactsError("key_not_a_pair", found=item)
            if name in pairs:
                raise FactsError("key_twice", found=name)
            pairs[name] = value
        return pairs


@dataclass(frozen=True)
class Origin:
    """One row of the record with its origin, texts in both languages."""

    table: str
    row: dict[str, Any]
    recorded: bool
    units: dict[str, str]
    institution: dict[str, str]
    source: dict[str, str]
    locators: tuple[str, ...]
    licence: dict[str, str]
    status: str
    available_from: str
    availability: dict[str, Any]
    compiled: dict[str, str]
    defects: tuple[dict[str, Any], ...]
    query: str
    yours: Addition | None = None
    replaced: dict[str, Any] | None = None


def why_figure(request: WhyFigure, context: Context, _: Work) -> tuple[Origin, Why]:
    """Return the row that a key names and where it came from."""
    found = why(context.facts, request.table, request.pairs())
    table = found.table
    origin = Origin(
        table=table.name,
        row=found.row,
        recorded=found.recorded,
        units={name: table.columns[name].unit for name in table.measures},
        institution=table.institution.model_dump(),
        source=table.source.model_dump(),
        locators=tuple(table.locators),
        licence=table.licence.model_dump(),
        status=found.row.get("status", table.status),
        available_from=found.row["available_from"],
        availability=table.availability.model_dump(),
        compiled=table.compiled.model_dump(),
        defects=tuple(defect.model_dump() for defect in table.defects if defect.id in found.defects),
        query=found.query,
        yours=found.own,
        replaced=found.replaced,
    )
    return origin, found


def why_blocks(_: WhyFigure, origin: Origin) -> Iterator[AnswerBlock]:
    """Yield a row with its source."""
    table = known_table(origin.table)
    yield Sentence("why.headline", {"name": table.name, "title": table.title})
    values = {
        name: value
        for name, value in origin.row.items()
        if name in table.columns and name != "available_from"
    }
    yield Table(
        (Column("why.column"), Column("why.value"), Column("why.unit")),
        tuple(
            (name, "–" if value is None else str(value), unit_of(table.columns[name].unit))
            for name, value in values.items()
        ),
    )
    if not origin.recorded:
        yield Sentence("why.absent")
    yield Sentence("why.available_from", {"month": origin.available_from})
    if origin.yours:
        yield from yours_blocks(origin.yours, origin.replaced, table)
    yield source_lines(table, origin.status)
    yield from defects(table, (defect["id"] for defect in origin.defects))
    yield Sentence("why.again", {"query": origin.query})


def yours_blocks(
    yours: Addition, replaced: dict[str, Any] | None, table: FactsTable
) -> Iterator[AnswerBlock]:
    """Yield that a row is the user's own, what it replaces, and that the source below is not its own."""
    yield Sentence(
        "own.row",
        {"file": yours.file_name, "added": yours.added, "id": yours.id, "sha256": yours.sha256[:12]},
    )
    if replaced:
        kept = {
            name: value
            for name, value in replaced.items()
            if name in table.columns and name not in (*table.keys, "available_from")
        }
        shown = ", ".join(f"{name} {'–' if value is None else value}" for name, value in kept.items())
        yield Sentence("own.replaces", {"values": shown})
    yield Sentence("own.others")


QUESTIONS = (
    Question(ListTables, TableList, list_tables, list_blocks),
    Question(
        ShowTable,
        ShownTable,
        show_table,
        shown_blocks,
        table="rows",
        files={"package": package_file},
        endings={"package": (".zip",)},
        rests_on=lambda asked, _: (asked.table,),
    ),
    Question(
        Sql,
        Rows,
        sql,
        sql_blocks,
        table="rows",
        rests_on=lambda asked, facts: facts.tables_in(asked.query),
    ),
    Question(WhyFigure, Origin, why_figure, why_blocks, rests_on=lambda asked, _: (asked.table,)),
)
