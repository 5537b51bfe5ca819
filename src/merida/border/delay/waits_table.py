"""A table of waits of a user's own, checked at the gate."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from merida.border.crossings.find import find_place, one_site
from merida.border.crossings.sites import CLASSES, Site
from merida.errors import BorderError
from merida.facts import Facts

GROUPS = {"commercial": "trucks", "passenger": "cars", "pedestrian": "pedestrians"}
LANES = {"standard": "general"}
MOST_MINUTES = 1440.0


def read_waits(facts: Facts, path: Path) -> pl.DataFrame:
    """Return the waits of a CSV file.

    Columns: ``crossing`` (CBP's number, or a name), ``mode`` (trucks, cars, pedestrians; or CBP's ``lane_group``),
    ``lane`` (general, ready, sentri, fast; or CBP's ``lane_type``), ``hour`` (0 to 23), ``wait_minutes``, and either
    ``date`` (YYYY-MM-DD, a reading of that day) or ``weekday`` (Monday is 1) with, where known, ``month`` (YYYY-MM,
    or 1 to 12 as CBP publishes it, column ``month_of_year``).

    Returns
    -------
    DataFrame
        crossing, mode, lane, month (``YYYY-MM``, ``MM`` or None), weekday (0 is Monday), hour, dated, wait_minutes.

    Raises
    ------
    BorderError
        If the file cannot be read, lacks a column or holds a value that cannot be; the message names row and column.
    """
    try:
        rows = pl.read_csv(io.BytesIO(path.read_bytes()), infer_schema_length=0)
    except OSError as error:
        raise BorderError("border_waits_unreadable", path=path, reason=error.strerror or error) from error
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise BorderError("border_waits_unreadable", path=path, reason=str(error).splitlines()[0]) from error
    rows = rows.rename({name: name.strip().casefold() for name in rows.columns})
    names = {"lane_group": "mode", "lane_type": "lane", "month_of_year": "month"}
    rows = rows.rename(
        {old: new for old, new in names.items() if old in rows.columns and new not in rows.columns}
    )
    when = "date" if "date" in rows.columns else "weekday"
    for column in ("crossing", "mode", "lane", when, "hour", "wait_minutes"):
        if column not in rows.columns:
            raise BorderError("border_waits_column", path=path, column=column, found=", ".join(rows.columns))
    if not rows.height:
        raise BorderError("border_waits_empty", path=path)
    find = cache(lambda crossing, mode: one_site(facts, find_place(facts, crossing), mode))
    return pl.DataFrame(
        [checked(find, row, line) for line, row in enumerate(rows.iter_rows(named=True), 2)],
        schema_overrides={"month": pl.String},
        infer_schema_length=None,
    )


def checked(find: Callable[[str, str], Site], row: dict[str, str | None], line: int) -> dict[str, Any]:
    """Return one row, its values as they are meant."""

    def refuse(column: str, expected: str) -> BorderError:
        return BorderError(
            "border_waits_value", line=line, column=column, found=row.get(column), expected=expected
        )

    def number(column: str, low: float, high: float) -> float:
        try:
            value = float(row[column] or "")
        except ValueError as error:
            raise refuse(column, f"{low:g}–{high:g}") from error
        if not low <= value <= high:
            raise refuse(column, f"{low:g}–{high:g}")
        return value

    mode = (row["mode"] or "").strip().casefold()
    mode = GROUPS.get(mode, mode)
    if mode not in CLASSES:
        raise refuse("mode", ", ".join(CLASSES))
    lane = (row["lane"] or "").strip().casefold()
    lane = LANES.get(lane, lane)
    if lane not in CLASSES[mode]:
        raise refuse("lane", ", ".join(CLASSES[mode]))
    site = find((row["crossing"] or "").strip(), mode)
    month: str | None = None
    if "date" in row:
        try:
            day = date.fromisoformat((row["date"] or "").strip())
        except ValueError as error:
            raise refuse("date", "YYYY-MM-DD") from error
        weekday, month, dated = day.weekday(), f"{day:%Y-%m}", True
    else:
        weekday, dated = int(number("weekday", 1, 7)) - 1, False
        month = month_of(row.get("month"))
        if row.get("month") and month is None:
            raise refuse("month", "YYYY-MM, 1–12")
    return {
        "crossing": site.crossing,
        "mode": mode,
        "lane": lane,
        "month": month,
        "weekday": weekday,
        "hour": int(number("hour", 0, 23)),
        "dated": dated,
        "wait_minutes": number("wait_minutes", 0, MOST_MINUTES),
    }


def month_of(text: str | None) -> str | None:
    """Return a month ``YYYY-MM``, or a month of the year ``MM``; None if it is neither."""
    text = (text or "").strip()
    if text.isdigit() and 1 <= int(text) <= 12:
        return f"{int(text):02d}"
    found = re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text)
    return text if found else None
