"""A user's file given back as a workbook in which the wrong cells are coloured and say what is wrong with them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from merida.atomic import write_whole
from merida.facts.importers.draft import Fault
from merida.user_tables.grid import LINE, Grid, Sheets
from merida.words import words

COLOUR = "#F4B6AE"
WIDTH = 16  # of a column, in letters
MOST_CELL = 32_767  # letters that Excel takes
LINES_OF_EXCEL = 1_048_576


def write_marked(path: Path, sheets: Sheets, faults: Sequence[Fault], language: str | None = None) -> None:
    """Write a file back with its faults marked; corrected, it can be added as it is.

    Each cell stands where it stood, as text, so that codes keep their zeros and nothing is taken for a formula. A last
    sheet lists every fault.

    Parameters
    ----------
    path : Path
        The workbook to write.
    sheets : Sheets
        The file as it was read.
    faults : sequence of Fault
        What is wrong in it.
    language : str or None
        Of what is said of each cell; None: the user's.

    Raises
    ------
    OutputError
        If the workbook cannot be written.
    """
    import xlsxwriter

    said = words(language)
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"constant_memory": True, "strings_to_formulas": False})
    text = book.add_format({"num_format": "@"})
    wrong = book.add_format({"num_format": "@", "bg_color": COLOUR})
    messages: dict[tuple[int, str], list[str]] = {}
    for fault in faults:
        messages.setdefault((fault.line, fault.column), []).append(fault.error.message(language))
    for grid in sheets.grids:
        page = book.add_worksheet((grid.name or said.text("importers.marked.data"))[:31])
        columns = columns_of(grid, {column for _, column in messages})
        page.set_column(0, max(grid.width - 1, 0), WIDTH, text)
        for line, width, *cells in grid.cells.iter_rows():
            if line > LINES_OF_EXCEL:
                break
            for at, cell in enumerate(cells[: max(width, 1)]):
                told = messages.get((line, columns.get(at, ""))) if columns.get(at) else None
                told = told or (messages.get((line, "")) if at == 0 else None)
                page.write_string(line - 1, at, cell[:MOST_CELL], wrong if told else text)
                if told:
                    page.write_comment(line - 1, at, "\n".join(told), {"x_scale": 3, "y_scale": 1.5})
    page = book.add_worksheet(said.text("importers.marked.faults")[:31])
    page.set_column(0, 1, WIDTH)
    page.set_column(2, 2, 8 * WIDTH)
    page.write_row(0, 0, [said.text(f"importers.marked.{name}") for name in ("line", "column", "problem")])
    for row, fault in enumerate(sorted(faults, key=lambda fault: fault.line), 1):
        page.write_number(row, 0, fault.line)
        page.write_string(row, 1, fault.column)
        page.write_string(row, 2, fault.error.message(language)[:MOST_CELL])
    book.close()
    write_whole({path: held.getvalue()})


def columns_of(grid: Grid, titles: set[str]) -> dict[int, str]:
    """Return which columns of a sheet the faults name, by the first row that holds one of the names."""
    for row in grid.cells.drop(LINE, "width").iter_rows():
        named = {at: cell for at, cell in enumerate(row) if cell and cell in titles}
        if named:
            return named
    return {}
