"""A user's table: read as text, with the place of each cell kept for messages."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from merida.errors import EvidenceError, nearest
from merida.evidence.meta.regression import Floats

EMPTY = {"", "na", "n/a", "nan", "null", "."}
DELIMITERS = ",;\t|"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Table:
    """The cells of a file.

    Attributes
    ----------
    path : Path
        Where it was read.
    columns : mapping of str to tuple of str
        Cells by column.
    lines : tuple of int
        The line of the file on which each row ends.
    comma : bool
        Whether numbers may have a decimal comma (a comma does not separate columns).
    """

    path: Path
    columns: Mapping[str, tuple[str, ...]]
    lines: tuple[int, ...]
    comma: bool

    def column(self, name: str) -> str:
        """Return a column's name as it stands in the file, whatever its case."""
        if name in self.columns:
            return name
        for known in self.columns:
            if known.casefold() == name.casefold():
                return known
        raise EvidenceError(
            "meta_unknown_column", file=self.path, found=name, nearest=nearest(name, self.columns)
        )

    def refuse(self, rows: NDArray[np.bool_], key: str, column: str, **values: object) -> None:
        """Raise an error that names the first row marked, if one is, with the cell of a column."""
        if rows.any():
            row = int(np.argmax(rows))
            raise EvidenceError(
                key,
                file=self.path,
                line=self.lines[row],
                column=column,
                found=self.columns[column][row],
                **values,
            )

    def numbers(self, name: str) -> Floats:
        """Return a column as numbers, NaN where a cell is empty."""
        return np.array([self.number(name, row) for row in range(len(self.lines))])

    def number(self, name: str, row: int) -> float:
        """Return a cell as a number, NaN if it is empty."""
        cell = self.columns[name][row]
        if cell.casefold() in EMPTY:
            return math.nan
        text = self.plain(cell)
        if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
            raise EvidenceError(
                "meta_not_a_number", file=self.path, line=self.lines[row], column=name, found=cell
            )
        return float(text)

    def plain(self, cell: str) -> str:
        """Return a cell with a decimal point where it has a decimal comma."""
        return cell.replace(",", ".") if self.comma else cell


def read_table(path: Path) -> Table:
    """Read a CSV file: UTF-8 with or without BOM, UTF-16 or Latin-1; comma, semicolon, tab or bar.

    Raises
    ------
    EvidenceError
        If it cannot be read, is empty, or a row has more or fewer cells than the header.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError("meta_unreadable", file=path, reason=error.strerror or error) from error
    text = decode(content)
    if "\0" in text:
        raise EvidenceError("meta_not_text", file=path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows, lines = [], []
    try:
        for found in reader:
            cells = [cell.strip() for cell in found]
            if not any(cells):
                continue
            if not header:
                header = cells
                continue
            if len(cells) != len(header):
                raise EvidenceError(
                    "meta_cells", file=path, line=reader.line_num, found=len(cells), expected=len(header)
                )
            rows.append(cells)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise EvidenceError("meta_not_csv", file=path, line=reader.line_num, reason=error) from error
    if not rows:
        raise EvidenceError("meta_empty", file=path)
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise EvidenceError("meta_column_twice", file=path, found=twice[0] or "-")
    columns = {name: tuple(cells) for name, cells in zip(header, zip(*rows, strict=True), strict=True)}
    return Table(path, columns, tuple(lines), delimiter != ",")


def decode(content: bytes) -> str:
    """Return bytes as text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(
            "cp1252", errors="replace"
        )  # what Excel writes in the West, Latin-1 but for quotes
