"""A frame as a file: CSV, a workbook, Parquet."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl
from xlsxwriter import Workbook

from merida.facts.frame import distinct
from merida.user_tables.text import STEERS, visible

FORMULA = (
    "=+-@\t\r＝＋－＠"  # a spreadsheet takes a text that begins so for a formula; some take wide signs too
)


def csv(frame: pl.DataFrame) -> str:
    """Return a frame as CSV in which no text is a formula for a spreadsheet or steers a terminal."""
    names = [f"'{name}" if name.startswith(tuple(FORMULA)) else name for name in map(visible, frame.columns)]
    columns = zip(distinct(names), map(harmless, frame.iter_columns()), strict=True)
    return pl.DataFrame([column.alias(name) for name, column in columns]).write_csv()


def harmless(column: pl.Series) -> pl.Series:
    """Return a column in which a text that a spreadsheet or terminal would obey is written out."""
    if column.dtype != pl.String:
        return column
    steers = column.str.contains(STEERS.pattern).any()
    shown = column.map_elements(visible, return_dtype=pl.String) if steers else column
    return shown.str.replace(f"^([{re.escape(FORMULA)}])", "'$1")


def parquet(frame: pl.DataFrame) -> bytes:
    """Return a frame as Parquet."""
    content = io.BytesIO()
    frame.write_parquet(content)
    return content.getvalue()


def xlsx(frame: pl.DataFrame) -> bytes:
    """Return a frame as a workbook of one sheet, in which every text is a text; the same rows are the same bytes."""
    content = io.BytesIO()
    with Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
        frame.write_excel(book)
    return content.getvalue()


WRITERS: dict[str, Callable[[pl.DataFrame], str | bytes]] = {"csv": csv, "parquet": parquet, "xlsx": xlsx}
"""What writes a frame, by the ending of its file."""
