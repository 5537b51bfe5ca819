"""Cells of official files as numbers and months, column by column."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from merida.words import plain

if TYPE_CHECKING:
    import polars as pl

MONTHS = (
    ("enero", "ene", "january", "jan"),
    ("febrero", "feb", "february"),
    ("marzo", "mar", "march"),
    ("abril", "abr", "april", "apr"),
    ("mayo", "may"),
    ("junio", "jun", "june"),
    ("julio", "jul", "july"),
    ("agosto", "ago", "august", "aug"),
    ("septiembre", "setiembre", "sep", "sept", "set", "september"),
    ("octubre", "oct", "october"),
    ("noviembre", "nov", "november"),
    ("diciembre", "dic", "december", "dec"),
)
NUMBER_OF_MONTH = {name: number for number, names in enumerate(MONTHS, 1) for name in names}
# What stands in a cell that holds nothing.
NOTHING = re.compile(r"|[-–—.]|n\.?/?[ad]\.?|s/d|null|nan|none", re.IGNORECASE)
GROUPED = re.compile(r"[1-9]\d{0,2}(?:[,.']\d{3})+", re.ASCII)
DECEMBER = 12
WITH_MONTH = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})(?:[-/]\d{1,2})?(?:[t ].*)?",
        r"(?P<month>\d{1,2})[-/](?P<year>\d{4})",
        r"(?:\d{1,2}[- ])?(?P<month>[a-z]+)\.?(?: de| del|,)?[-/ ]*(?P<year>\d{4})",
        r"(?P<year>\d{4})[-/ ]*(?P<month>[a-z]+)\.?",
        r"(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])",
    )
)
DAY_FIRST = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})(?:[T ].*)?", re.ASCII)
FIRST_SERIAL, LAST_SERIAL = 14_611, 73_415  # Excel's days of 1940 and 2100


def meant(rows: pl.DataFrame, column: str, meaning: Callable[[str], Any], kind: Any = None) -> pl.Expr:
    """Return a column of text through a function that is asked once for each text in it; text, unless `kind` says."""
    import polars as pl

    known = {text: meaning(text) for text in rows[column].unique()}
    # Of a frame without rows Polars would leave the column the type that it has.
    if not known:
        return pl.lit(pl.Series([], dtype=kind or pl.String)).alias(column)
    return pl.col(column).replace_strict(known, return_dtype=kind or pl.String)


def marked(rows: pl.DataFrame, column: str, marks: Callable[[str], bool]) -> pl.Expr:
    """Tell which cells of a column of text a function marks."""
    import polars as pl

    return pl.col(column).is_in([text for text in rows[column].unique() if marks(text)])


def is_nothing(text: str) -> bool:
    """Tell whether a cell holds nothing: blank, a dash, ``n.d.``."""
    return NOTHING.fullmatch(text.strip()) is not None


def whole_of(text: str) -> int | None:
    """Return a cell as a whole number; None where it holds nothing or is none.

    Thousands may be grouped by commas, points or spaces: a point before three digits of a whole number can mean nothing
    else. ``12.0`` is twelve.

    Examples
    --------
    >>> [whole_of(text) for text in ("1,234", "1.234", "1 234", "12.0", "1,2", "-3", "n.d.")]
    [1234, 1234, 1234, 12, None, None, None]
    """
    bare = "".join(text.split())
    if GROUPED.fullmatch(bare):
        return int(re.sub(r"[,.']", "", bare))
    found = re.fullmatch(r"(\d{1,15})(?:\.0*)?", bare, re.ASCII)
    return int(found[1]) if found else None


def whole(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Return a column of text as whole numbers; see `whole_of`."""
    import polars as pl

    return meant(rows, column, whole_of, pl.Int64)


def nothing(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Tell which cells of a column hold nothing."""
    return marked(rows, column, is_nothing)


def not_whole(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Tell which cells of a column hold something that is no whole number."""
    return marked(rows, column, lambda text: whole_of(text) is None and not is_nothing(text))


def month_of(text: str) -> str | None:
    """Return the month that a date means, as ``YYYY-MM``; None where it means none or two.

    Examples
    --------
    >>> [month_of(text) for text in ("Apr 2024", "04/01/2024 12:00:00 AM", "2024-4-30", "abril de 2024", "202404")]
    ['2024-04', None, '2024-04', '2024-04', '2024-04']
    >>> month_of("45383"), month_of("13/02/2024"), month_of("01/01/2024")
    ('2024-04', '2024-02', '2024-01')
    """
    cell = text.strip()
    if found := DAY_FIRST.fullmatch(cell):
        first, second, year = (int(part) for part in found.groups())
        two = first != second and max(first, second) <= DECEMBER
        return None if two else _checked(year, min(first, second))
    for pattern in WITH_MONTH:
        if found := pattern.fullmatch(plain(cell)):
            name = found["month"]
            number = int(name) if name.isdigit() else NUMBER_OF_MONTH.get(name, 0)
            return _checked(int(found["year"]), number)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", cell, re.ASCII) and FIRST_SERIAL <= float(cell) <= LAST_SERIAL:
        day = date(1899, 12, 30) + timedelta(days=int(float(cell)))
        return _checked(day.year, day.month)
    return None


def _checked(year: int, month: int) -> str | None:
    """Return a month of a year from 1900 to 2100."""
    return f"{year:04}-{month:02}" if 1900 <= year <= 2100 and 1 <= month <= DECEMBER else None
