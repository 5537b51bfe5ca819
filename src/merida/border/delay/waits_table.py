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
from merida.border.crossings.sites import CLASSES, Site, first_volume
from merida.errors import BorderError
from merida.facts import Facts

GROUPS = {"commercial": "trucks", "passenger": "cars", "pedestrian": "pedestrians"}
LANES = {"standard": "general"}
MOST_MINUTES = 1440
NEEDED = ("crossing", "mode", "lane", "hour", "wait_minutes")
OTHER_NAMES = {"lane_group": "mode", "lane_type": "lane", "month_of_year": "month"}  # as CBP calls them


def read_waits(facts: Facts, path: Path) -> pl.DataFrame:
    """Return the waits of a CSV file.

    The file has the columns ``crossing`` (CBP's number, or a name), ``mode`` (trucks, cars, pedestrians; or CBP's
    ``lane_group``), ``lane`` (general, ready, sentri, fast; or CBP's ``lane_type``), ``hour`` (0 to 23),
    ``wait_minutes``, and either ``date`` (YYYY-MM-DD, a reading of that day) or ``weekday`` (Monday is 1) with, where
    it is known, ``month`` (YYYY-MM, or 1 to 12 as CBP publishes it, column ``month_of_year``). Empty lines are passed
    over.

    Returns
    -------
    DataFrame
        crossing, mode, lane, month (``YYYY-MM``, ``MM`` or None), weekday (0 is Monday), hour, dated, wait_minutes.

    Raises
    ------
    BorderError
        If the file cannot be read, lacks a column, has one twice, or holds a value that cannot be; the message names
        line and column.

    Examples
    --------
    >>> read_waits(Facts(), Path("docs/samples/waits.csv")).columns[:3]
    ['crossing', 'mode', 'lane']
    """
    try:
        rows = pl.read_csv(io.BytesIO(path.read_bytes()), has_header=False, infer_schema_length=0)
    except OSError as error:
        raise BorderError("border_waits_unreadable", path=path, reason=error.strerror or error) from error
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise BorderError("border_waits_unreadable", path=path, reason=str(error).splitlines()[0]) from error
    headings = [(name or "").strip().casefold() for name in rows.row(0)]
    names = [OTHER_NAMES.get(name, name) for name in headings]
    for column in (*NEEDED, "date" if "date" in names else "weekday"):
        if column not in names:
            raise BorderError("border_waits_column", path=path, column=column, found=", ".join(headings))
    for column in (*NEEDED, "date", "weekday", "month"):
        if names.count(column) > 1:
            raise BorderError("border_waits_column_twice", path=path, column=column)
    filled = [
        (line, dict(zip(names, values, strict=True)))
        for line, values in enumerate(rows.iter_rows(), 1)
        if line > 1 and any(values)
    ]
    if not filled:
        raise BorderError("border_waits_empty", path=path)
    find = cache(lambda crossing, mode: one_site(facts, find_place(facts, crossing), mode))
    return pl.DataFrame(
        [checked(find, row, line, first_volume(facts)) for line, row in filled],
        schema_overrides={"month": pl.String},
        infer_schema_length=None,
    )


def checked(
    find: Callable[[str, str], Site], row: dict[str, str | None], line: int, first: str
) -> dict[str, Any]:
    """Return one row, its values as they are meant.

    Parameters
    ----------
    find : function of a name and a mode
        Gives the crossing that is meant.
    row : dict of column to text
        One line of the file.
    line : int
        Its number in the file, for messages.
    first : str
        The first month ``YYYY-MM`` of the record; dates before it are refused.
    """

    def refuse(column: str, expected: str) -> BorderError:
        value = row.get(column)
        return BorderError("border_waits_value", line=line, column=column, found=value, expected=expected)

    def number(column: str, low: int, high: int, pattern: str = "[0-9]+") -> float:
        text = (row[column] or "").strip()
        if not re.fullmatch(pattern, text) or not low <= float(text) <= high:
            raise refuse(column, f"{low}–{high}")
        return float(text)

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
        if month < first:
            raise refuse("date", f"{first}-01 …")
    else:
        weekday, dated = int(number("weekday", 1, 7)) - 1, False
        month = month_of(row.get("month"))
        if row.get("month") and (month is None or (len(month) > 2 and month < first)):
            raise refuse("month", f"{first} … (YYYY-MM), 1–12")
    return {
        "crossing": site.crossing,
        "mode": mode,
        "lane": lane,
        "month": month,
        "weekday": weekday,
        "hour": int(number("hour", 0, 23)),
        "dated": dated,
        "wait_minutes": number("wait_minutes", 0, MOST_MINUTES, r"[0-9]+(\.[0-9]+)?"),
    }


def month_of(text: str | None) -> str | None:
    """Return a month ``YYYY-MM``, or a month of the year ``MM``; None if the text is neither."""
    text = (text or "").strip()
    if re.fullmatch(r"0?[1-9]|1[0-2]", text):
        return f"{int(text):02d}"
    return text if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) else None
