"""A file of separated values as columns of text, each row with its line."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from merida.errors import MeridaError, nearest
from merida.user_tables.faults import Note, raise_all, shortened
from merida.user_tables.text import CONTROL, read_text, visible

MOST_ROWS = 1_000_000
MOST_COLUMNS = 1_000
MOST_LETTERS = 100_000  # in a line


class Separator(StrEnum):
    """What stands between two cells of a line."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    PIPE = "pipe"

    @property
    def sign(self) -> str:
        """The character itself."""
        return {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}[self.value]


@dataclass(frozen=True)
class Cells:
    """The cells of a file as text.

    Attributes
    ----------
    path : Path
        Where it was read.
    columns : mapping of str to tuple of str
        The cells of each column, by its name as it stands in the file, without space around them.
    lines : tuple of int
        The line of the file on which each row begins.
    separator : Separator
        What separates the cells.
    error : type of MeridaError
        The error of the room that reads the file.
    faults : tuple of (int, MeridaError)
        Lines without the right number of cells; they are in no column.
    notes : tuple of Note
        What there is to say of the file.

    Examples
    --------
    >>> from merida.errors import BorderError
    >>> Cells(Path("x.csv"), {"Hour": ("8",)}, (2,), Separator.COMMA, BorderError).find("hour")
    'Hour'
    """

    path: Path
    columns: Mapping[str, tuple[str, ...]]
    lines: tuple[int, ...]
    separator: Separator
    error: type[MeridaError]
    faults: tuple[tuple[int, MeridaError], ...] = ()
    notes: tuple[Note, ...] = ()

    def find(self, *names: str) -> str | None:
        """Return the column that has one of these names, whatever the case of its letters, or None."""
        for name in names:
            for column in self.columns:
                if column.casefold() == name.casefold():
                    return column
        return None

    def column(self, name: str) -> str:
        """Return a column's name as it stands in the file, whatever its case; an error where there is none."""
        column = self.find(name)
        if column is None:
            raise self.error(
                "table_unknown_column", file=self.path, found=name, nearest=nearest(name, self.columns)
            )
        return column


def read_cells(
    path: Path, error: type[MeridaError], separator: Separator | None = None, most_rows: int = MOST_ROWS
) -> Cells:
    """Return the cells of a file of separated values, whose first line names the columns. Blank lines are passed over.

    Parameters
    ----------
    path : Path
        The file; see `merida.user_tables.read_text` for what can be read.
    error : type of MeridaError
        The error to raise.
    separator : Separator or None
        None: the one that the first line has; where that has several, the one that gives every line as many cells.
    most_rows : int
        The longest table that is read.

    Raises
    ------
    MeridaError
        If the file cannot be read, has no row, too many rows or columns, too long a line, a quotation mark without its
        partner, a column twice, or separators with two readings.

    Examples
    --------
    >>> from merida.errors import EvidenceError
    >>> read_cells(Path("studies.csv"), EvidenceError).columns["study"]  # doctest: +SKIP
    ('North', 'South')
    """
    text, notes = read_text(path, error)
    check_lines(text, path, error)
    chosen = separator or separator_of(text, path, error)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    ragged: list[tuple[int, MeridaError]] = []
    for line, cells in rows_of(text, chosen, path, error):
        if not header:
            header = header_of(cells, path, error)
            continue
        if len(cells) < len(header) or any(cells[len(header) :]):
            where = error("table_where_line", line=line)
            ragged.append((line, error("table_cells", where=where, found=len(cells), expected=len(header))))
            continue
        if len(rows) == most_rows:
            raise error("table_too_long", file=path, most=most_rows)
        rows.append(cells[: len(header)])
        lines.append(line)
    if not rows:
        raise_all(error, path, [fault for _, fault in ragged])
        raise error("table_empty", file=path)
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    if CONTROL.search(text):
        columns, control = without_control(columns, lines)
        notes += control
    return Cells(path, columns, tuple(lines), chosen, error, tuple(ragged), notes)


def check_lines(text: str, path: Path, error: type[MeridaError]) -> None:
    """Refuse a file with nothing in it, or with a line beyond all measure."""
    if not text.strip():
        raise error("table_empty", file=path)
    if len(text) > MOST_LETTERS:
        for line, content in enumerate(io.StringIO(text), 1):
            if len(content) > MOST_LETTERS:
                raise error("table_long_line", file=path, line=line, most=MOST_LETTERS)


def separator_of(text: str, path: Path, error: type[MeridaError]) -> Separator:
    """Return the separator of a text; an error where two would do."""
    first = next(line for line in io.StringIO(text) if line.strip())
    present = [sign for sign in Separator if len(next(csv.reader([first], delimiter=sign.sign))) > 1]
    if len(present) > 1:
        even = [sign for sign in present if is_even(text, sign)]
        if len(even) != 1:
            raise error("table_separator", file=path, found=", ".join(even or present))
        present = even
    return present[0] if present else Separator.COMMA


def is_even(text: str, separator: Separator) -> bool:
    """Tell whether a separator gives every line that is not blank as many cells as the first."""
    try:
        counts = {
            len(cells)
            for cells in csv.reader(io.StringIO(text), delimiter=separator.sign, strict=True)
            if cells
        }
    except csv.Error:
        return False
    return len(counts) == 1


def rows_of(
    text: str, separator: Separator, path: Path, error: type[MeridaError]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text), delimiter=separator.sign, strict=True)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as failure:
        raise error("table_quotes", file=path, line=line) from failure


def header_of(cells: list[str], path: Path, error: type[MeridaError]) -> list[str]:
    """Return the names of the columns; an error where a name stands twice or there are too many."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    if len(cells) > MOST_COLUMNS:
        raise error("table_too_wide", file=path, found=len(cells), most=MOST_COLUMNS)
    name, count = Counter(cell.casefold() for cell in cells).most_common(1)[0]
    if count > 1:
        raise error("table_column_twice", file=path, found=shortened(name) or "–", count=count)
    return cells


def without_control(
    columns: Mapping[str, tuple[str, ...]], lines: list[int]
) -> tuple[dict[str, tuple[str, ...]], tuple[Note, ...]]:
    """Return columns with control characters written out, and a note that names the first such line."""
    touched = [
        line
        for cells in columns.values()
        for line, cell in zip(lines, cells, strict=True)
        if CONTROL.search(cell)
    ]
    shown = {visible(name): tuple(map(visible, cells)) for name, cells in columns.items()}
    return shown, (Note("control", {"count": len(touched), "line": min(touched)}),) if touched else ()
