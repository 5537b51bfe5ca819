"""An empty table of the record for a user to fill in, as CSV or as a workbook that explains itself."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from merida.facts.schema import Column, Table
from merida.words import LANGUAGES, Words, words

if TYPE_CHECKING:
    import polars as pl

EXAMPLE = (
    "ejemplo/example"  # what every cell of the example begins with; such a row is left out when it is read
)
VALUES = {"municipality": "08037", "state": "08", "month": "2024-01", "port": "2304"}
LIST_LETTERS = 255  # of a list of values that Excel takes in a cell's rule
FILLED_ROWS = 5_000  # rows that get the rules of their column
WIDTH = 18


def template(table: Table) -> pl.DataFrame:
    """Return the columns of a table with one row that is an example and no more.

    Examples
    --------
    >>> from merida.facts.schema import tables
    >>> template(tables()["homicides_year"]).row(0)[0]
    'ejemplo/example: 08037'
    """
    import polars as pl

    columns = {**table.columns}
    return pl.DataFrame({name: [f"{EXAMPLE}: {example(name, column)}"] for name, column in columns.items()})


def example(name: str, column: Column) -> str:
    """Return a value that a column may have."""
    if name in VALUES:
        return VALUES[name]
    if column.values:
        return column.values[0]
    if column.type == "boolean":
        return "true"
    if column.unit == "year":
        return "2024"
    if column.type in ("integer", "number"):
        return f"{max(column.min or 0, 1):g}"
    return "2024-01" if column.pattern == r"\d{4}-\d{2}" else "…"


def workbook(table: Table) -> bytes:
    """Return the template as a workbook: the table to fill in, and a sheet that says what each column holds.

    Columns of codes and months are text, so that Excel keeps their zeros and makes no dates of them. The same table gives
    the same bytes.
    """
    import xlsxwriter

    said = [words(language) for language in LANGUAGES]
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
    form = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "key": book.add_format({"bold": True, "bottom": 1, "bg_color": "#E3DCC8"}),
        "text": book.add_format({"num_format": "@"}),
        "number": book.add_format({"num_format": "General"}),
        "example": book.add_format({"italic": True, "font_color": "#808080", "num_format": "@"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    page = book.add_worksheet(table.name[:31])
    page.freeze_panes(1, 0)
    for at, (name, column) in enumerate(table.columns.items()):
        page.set_column(
            at, at, max(WIDTH, len(name) + 2), form["text" if column.type == "text" else "number"]
        )
        page.write_string(0, at, name, form["key" if column.key else "head"])
        page.write_comment(0, at, f"{column.about.es}\n{column.about.en}", {"x_scale": 2})
        page.write_string(1, at, f"{EXAMPLE}: {example(name, column)}", form["example"])
        if column.values and len(",".join(column.values)) <= LIST_LETTERS:
            rule = {"validate": "list", "source": list(column.values), "error_type": "warning"}
            page.data_validation(2, at, FILLED_ROWS, at, rule)
    notes = book.add_worksheet("notas · notes")
    rows = list(explained(table, said))
    for at, width in enumerate((24, 12, 16, 18, 22, 40, 60, 60)):
        notes.set_column(at, at, width, form["wrap"])
    for at, head in enumerate(rows[0]):
        notes.write_string(0, at, head, form["head"])
    for line, row in enumerate(rows[1:], 1):
        for at, cell in enumerate(row):
            notes.write_string(line, at, cell, form["wrap"])
    book.close()
    return held.getvalue()


def explained(table: Table, said: list[Words]) -> Any:
    """Yield the names of the notes and, for each column, what it holds, in every language side by side."""
    both = " · "
    yield tuple(
        both.join(one.text(f"importers.template.{name}") for one in said)
        for name in ("column", "key", "type", "unit", "range", "values")
    ) + tuple(one.text("importers.template.about") for one in said)
    for name, column in table.columns.items():
        kinds = both.join(one.text(f"types.{column.type}") for one in said)
        units = both.join(one.unit(column.unit, "2") for one in said) if column.unit else ""
        key = both.join(one.text("importers.template.yes") for one in said) if column.key else ""
        low, high = (("" if end is None else f"{end:g}") for end in (column.min, column.max))
        ends = column.pattern or (f"{low} – {high}".strip() if low or high else "")
        yield (
            name,
            key,
            kinds,
            units,
            ends,
            ", ".join(column.values),
            *(column.about.to(one.language) for one in said),
        )
