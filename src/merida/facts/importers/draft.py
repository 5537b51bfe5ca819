"""What a layout makes of a file: rows on their way to a table, each with its line, and what is wrong or worth saying."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from merida.errors import FactsError
from merida.user_tables import Note, shortened
from merida.user_tables.grid import LINE, Grid, Sheets

if TYPE_CHECKING:
    import polars as pl

    from merida.facts.warehouse import Facts

MOST_KEPT = 1_000  # faults of which the text is kept


class Named(Protocol):
    """A place as the gazetteer gives it."""

    @property
    def kind(self) -> str: ...  # noqa: D102 (nation, state or municipality)
    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102


class Places(Protocol):
    """The gazetteer, which stands above the record and is handed down."""

    def matches(self, text: str) -> Sequence[Named]:
        """Return every place that a text may mean."""

    def nearest(self, text: str) -> Sequence[Named]:
        """Return the places most like a text."""


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell, or in a line where `column` is empty."""

    line: int
    column: str
    error: FactsError


@dataclass(frozen=True)
class Found:
    """A sheet whose row `at` names the columns that a layout knows.

    Parameters
    ----------
    sheets : Sheets
        The file.
    grid : Grid
        The sheet.
    at : int
        The row of the sheet that names the columns.
    columns : mapping of str to str
        The column of the grid that holds each meaning.
    """

    sheets: Sheets
    grid: Grid
    at: int
    columns: Mapping[str, str]

    def body(self) -> pl.DataFrame:
        """Return the rows below, with the columns by their meaning, and the line of each."""
        import polars as pl

        return self.grid.cells.slice(self.at + 1).select(
            LINE, **{meaning: pl.col(column) for meaning, column in self.columns.items()}
        )

    def title(self, meaning: str) -> str:
        """Return the name of a column as it stands in the file."""
        return str(self.grid.cells[self.columns[meaning]][self.at])


@dataclass
class Draft:
    """Rows for one table.

    Attributes
    ----------
    table : str
        The table's name.
    rows : pl.DataFrame
        Its columns, without ``available_from``, and the ``line`` of the file on which a row stands first.
    notes, faults : list
        What to say, and what is wrong.
    scope : tuple of str
        Columns of the key whose values say for which part of a sparse table the file is complete: there what it does
        not list is zero.
    month : str
        The month of publication, where the layout says it.
    """

    table: str
    rows: pl.DataFrame
    notes: list[Note] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    scope: tuple[str, ...] = ()
    month: str = ""


@dataclass(frozen=True)
class Asked:
    """What the user says of the file, and what it is read against."""

    facts: Facts
    places: Places
    table: str | None
    available_from: str | None
    today: str  # the month of adding


def fault(line: int, column: str, key: str, **values: object) -> Fault:
    """Return the fault of one cell."""
    where = FactsError("table_where", line=line, column=shortened(column))
    return Fault(line, column, FactsError(key, where=where, line=line, column=column, **values))


def faults_of(
    rows: pl.DataFrame, bad: pl.Expr, meaning: str, title: str, key: str, **values: object
) -> list[Fault]:
    """Return a fault for each row that an expression marks."""
    marked = rows.filter(bad.fill_null(value=False)).select(LINE, meaning).head(MOST_KEPT)
    return [fault(line, title, key, found=shortened(cell), **values) for line, cell in marked.iter_rows()]


def lines_text(lines: Iterable[int], most: int = 8) -> str:
    """Return lines of a file as a message lists them.

    Examples
    --------
    >>> lines_text([3, 4, 9])
    '3, 4, 9'
    """
    every = sorted(set(lines))
    return ", ".join(map(str, every[:most])) + ("…" if len(every) > most else "")
