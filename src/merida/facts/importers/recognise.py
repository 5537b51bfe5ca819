"""Which official layout a file has: told by what its columns mean, wherever they begin, never by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from merida.facts.importers import assistance, crossings, inegi, sesnsp, waits
from merida.facts.importers.draft import Asked, Draft, Found
from merida.user_tables.grid import Grid, Sheets

LOOKED_AT = 60  # rows of a sheet in which the names of the columns may stand


@dataclass(frozen=True)
class Family:
    """Layouts that one reader reads.

    Parameters
    ----------
    columns : callable
        Takes a row and returns the column of each meaning, or None.
    layout : callable
        Returns the id of the layout, or None where a column is missing.
    read : callable
        Returns the rows.
    """

    columns: Callable[[tuple[str, ...]], Mapping[str, str] | None]
    layout: Callable[[Found], str | None]
    read: Callable[[Found, str, Asked], Draft]


def by_names(find: Callable[[str], str | None]) -> Callable[[tuple[str, ...]], Mapping[str, str] | None]:
    """Return what finds the columns of a row by their names; a name that stands twice counts once."""

    def columns(row: tuple[str, ...]) -> Mapping[str, str] | None:
        found: dict[str, str] = {}
        for at, cell in enumerate(row):
            if cell and (meaning := find(cell)):
                found.setdefault(meaning, f"c{at}")
        return found

    return columns


FAMILIES = (
    Family(by_names(sesnsp.COLUMNS.find), sesnsp.layout, sesnsp.read),
    Family(by_names(crossings.COLUMNS.find), crossings.layout, crossings.read),
    Family(by_names(assistance.COLUMNS.find), assistance.layout, assistance.read),
    Family(by_names(waits.meaning), waits.layout, waits.read),
    Family(inegi.header, inegi.layout, inegi.read),
)


def recognise(sheets: Sheets) -> tuple[Family, str, Found] | None:
    """Return the family and the id of the layout of a file, and where its columns are; None for any other file."""
    for grid in sheets.grids:
        for at in range(min(LOOKED_AT, grid.cells.height)):
            if found := _row(sheets, grid, at):
                return found
    return None


def _row(sheets: Sheets, grid: Grid, at: int) -> tuple[Family, str, Found] | None:
    row = grid.row(at)
    for family in FAMILIES:
        columns = family.columns(row)
        if columns:
            found = Found(sheets, grid, at, columns)
            kind = family.layout(found)
            if kind:
                return family, kind, found
    return None
