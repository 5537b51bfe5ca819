"""Answers of DuckDB as data frames, whatever their types: what a frame has no column for is given as text.

DuckDB holds dates to the year 290,000, infinite ones, a time of 24:00, integers of 128 bits and decimals of 38 digits;
Polars and Python do not hold all of these. Such columns leave DuckDB as text and become dates, times or integers
where every value of the column is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import duckdb
    import polars as pl

# Types that a data frame has no column for, also inside a list or a record; a record's fields need names.
AS_TEXT = re.compile(
    r"\b(INTERVAL|BIT|BLOB|MAP|UNION|VARIANT|BIGNUM|GEOMETRY|TIME_NS)\b|TIME ZONE|STRUCT\(\w+[,()[]"
)
# Types of which a data frame holds most values.
PERHAPS = re.compile(r"\b(DATE|TIMESTAMP(_S|_MS|_NS)?|TIME|U?HUGEINT)\b")
TIME_UNITS: dict[str, Literal["ns", "us", "ms"]] = {"TIMESTAMP_NS": "ns", "TIMESTAMP_MS": "ms"}
DIGITS = 15  # decimal digits that a float always keeps


def distinct(names: Iterable[str]) -> list[str]:
    """Return names of columns without repetition: the second ``year`` becomes ``year_1``.

    Examples
    --------
    >>> distinct(["year", "deaths", "year", "year_1"])
    ['year', 'deaths', 'year_1', 'year_1_1']
    """
    taken: list[str] = []
    for name in names:
        free, number = name, 0
        while free in taken:
            number += 1
            free = f"{name}_{number}"
        taken.append(free)
    return taken


def frame(relation: duckdb.DuckDBPyRelation, most_rows: int) -> pl.DataFrame:
    """Return the first `most_rows` rows of a relation as a data frame, with distinct names of columns."""
    import polars as pl

    names, kinds = distinct(relation.columns), [str(kind) for kind in relation.types]
    # By position, since two columns may have one name.
    shown = ", ".join(f"{_transported(f'#{at}', kind)} as c{at}" for at, kind in enumerate(kinds, 1))
    rows = pl.DataFrame(relation.project(shown).limit(most_rows))
    return pl.DataFrame(
        [
            _typed(rows.to_series(number), kind).alias(name)
            for number, (name, kind) in enumerate(zip(names, kinds, strict=True))
        ]
    )


def _transported(column: str, kind: str) -> str:
    """Return the SQL of a column in a type that a data frame can take from DuckDB."""
    if AS_TEXT.search(kind):
        return f"{column}::varchar"
    if kind.startswith("ENUM") or not PERHAPS.search(kind):
        return column
    return f"{column}::{PERHAPS.sub('VARCHAR', kind)}"


def _typed(values: pl.Series, kind: str) -> pl.Series:
    """Return a column with dates, times and whole numbers for what came as text or decimals, where all of it is."""
    import polars as pl

    if isinstance(values.dtype, pl.Decimal):
        return _plain_number(values, values.dtype.scale)
    if not PERHAPS.fullmatch(kind):
        return values
    if kind.endswith("HUGEINT"):
        typed = values.cast(pl.Int128, strict=False)
        narrow = typed.cast(pl.Int64, strict=False)
        typed = narrow if narrow.null_count() == typed.null_count() else typed
    elif kind == "DATE":
        typed = values.str.to_date("%Y-%m-%d", strict=False)
    elif kind == "TIME":
        typed = values.str.to_time("%H:%M:%S%.f", strict=False)
    else:
        unit = TIME_UNITS.get(kind, "us")
        typed = values.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit=unit, strict=False)
    beyond = kind.startswith(("DATE", "TIMESTAMP")) and values.str.contains(r"^\d{5,}|\(BC\)").any()
    return values if beyond or typed.null_count() > values.null_count() else typed


def _plain_number(values: pl.Series, scale: int) -> pl.Series:
    """Return decimals as integers or floats where these hold every digit; else as they are."""
    import polars as pl

    if scale == 0:
        typed = values.cast(pl.Int64, strict=False)
        return typed if typed.null_count() == values.null_count() else values.cast(pl.Int128)
    digits = values.cast(pl.String).str.replace_all(r"[-.]", "").str.strip_chars("0").str.len_chars().max()
    return values if isinstance(digits, int) and digits > DIGITS else values.cast(pl.Float64)
