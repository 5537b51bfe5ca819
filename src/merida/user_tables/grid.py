"""The rows of a file as text before anybody knows which of them names the columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from merida.errors import MeridaError
from merida.user_tables.delimited import Cells, Separator, header_of, without_control
from merida.user_tables.faults import Note

if TYPE_CHECKING:
    import polars as pl

LINE, WIDTH = (
    "line",
    "width",
)  # columns of a grid beside its cells: the line of the file, and how many cells it has


@dataclass(frozen=True)
class Grid:
    """One sheet, or the whole of a file that has none.

    Attributes
    ----------
    name : str
        The name of the sheet; empty for a file of separated values.
    cells : pl.DataFrame
        ``line`` and ``width`` of each row that is not blank, and its cells as text in ``c0``, ``c1``, …; a cell that the
        row does not have is empty.
    """

    name: str
    cells: pl.DataFrame

    @property
    def width(self) -> int:
        """How many columns of cells there are."""
        return self.cells.width - 2

    def row(self, at: int) -> tuple[str, ...]:
        """Return the cells of one row."""
        return tuple(map(str, self.cells.row(at)[2:]))

    def below(self, at: int, path: Path, separator: Separator, error: type[MeridaError]) -> Cells:
        """Return what stands below a row that names the columns, as the gate reads it.

        Raises
        ------
        MeridaError
            If a name stands twice.
        """
        import polars as pl

        names = header_of([cell.strip() for cell in self.row(at)], path, error)
        named = [(f"c{number}", name) for number, name in enumerate(names) if name]
        beyond = [f"c{number}" for number in range(len(names), self.width)]
        rows = self.cells.slice(at + 1)
        extra = pl.any_horizontal([pl.col(name) != "" for name in beyond]) if beyond else pl.lit(value=False)
        bad = (pl.col(WIDTH) < len(names)) | extra
        ragged = [
            (line, error("table_cells", where=where_line(error, line), found=width, expected=len(names)))
            for line, width in rows.filter(bad).select(LINE, WIDTH).iter_rows()
        ]
        whole = rows.filter(~bad)
        lines: list[int] = whole[LINE].to_list()
        columns, notes = without_control(
            {name: tuple(whole[column].to_list()) for column, name in named}, lines
        )
        return Cells(path, columns, tuple(lines), separator, error, tuple(ragged), notes)


def where_line(error: type[MeridaError], line: int) -> MeridaError:
    """Return the place of a fault that lies in no single column."""
    return error("table_where_line", line=line)


@dataclass(frozen=True)
class Sheets:
    """A file as text, cell by cell.

    Attributes
    ----------
    path : Path
        The file.
    sha256 : str
        Of its bytes.
    kind : str
        ``csv``, ``xlsx``, ``json`` or ``xml``.
    separator : Separator
        What separates the cells of a file of separated values.
    grids : sequence of Grid
        Its visible sheets that are not empty.
    notes : tuple of Note
        What there is to say of the file.
    """

    path: Path
    sha256: str
    kind: str
    separator: Separator
    grids: Sequence[Grid]
    notes: tuple[Note, ...] = ()
