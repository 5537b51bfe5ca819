"""A table of waits of a user's own, read through the gate of `merida.user_tables`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl

from merida.border.crossings.find import find_place, one_site
from merida.border.crossings.schedules import schedules
from merida.border.crossings.sites import CLASSES, first_volume
from merida.border.priors import MEAN_MONTH
from merida.errors import BorderError
from merida.facts import Facts
from merida.user_tables import (
    Choice,
    Column,
    Date,
    DecimalSign,
    Month,
    Note,
    Number,
    Separator,
    Table,
    Text,
    Whole,
    read_cells,
)
from merida.words import plain

LAST = "2049"  # the last year of which waits can be; the first month is that of the record
MODES = {mode: mode for mode in CLASSES} | {
    "commercial": "trucks", "passenger": "cars", "pedestrian": "pedestrians"
}  # fmt: skip
LANES = {lane: lane for lanes in CLASSES.values() for lane in lanes} | {"standard": "general"}
MOST_UNKNOWN = 100  # crossings and lanes that are looked up and not there, beyond which no more are
# What CBP writes where there is no number of minutes.
NO_READING = ("lanes closed", "lane closed", "update pending", "n/a")
WORDS = {"no delay": 0.0} | dict.fromkeys(NO_READING, math.nan)
LANES_OPEN = Whole("lanes_open", low=0, high=100, optional=True, empty=True)
WAITS = (
    Text("crossing"),
    Choice("mode", MODES, synonyms=("lane_group",)),
    Choice("lane", LANES, synonyms=("lane_type",)),
    Whole("hour", low=0, high=23),
    Number("wait_minutes", low=0, high=1440, words=WORDS),
)


def read_waits(
    facts: Facts, path: Path, separator: Separator | None = None, decimal: DecimalSign | None = None
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the waits of a file of separated values, and what was done with them that the user should know.

    The file has the columns ``crossing`` (CBP's number, or a name), ``mode`` (trucks, cars, pedestrians; or CBP's
    ``lane_group``), ``lane`` (general, ready, sentri, fast; or CBP's ``lane_type``), ``hour`` (0 to 23),
    ``wait_minutes``, and either ``date`` (YYYY-MM-DD, a reading of that day) or ``weekday`` (Monday is 1) with, where
    it is known, ``month`` (YYYY-MM, or 1 to 12 as CBP publishes it, column ``month_of_year``). ``lanes_open``, the lanes
    open in the hour, may be there; cells of it may be empty. Months before the first
    volume of the record are refused. CBP's own words are understood: "no delay" is 0 minutes, and rows that say "Lanes
    Closed", "Update Pending" or "N/A" are left out, which a note counts. Empty lines are passed over.

    Parameters
    ----------
    facts : Facts
        The record, which says what crossings and lanes there are.
    path : Path
        The user's file.
    separator, decimal : Separator, DecimalSign or None
        What separates the cells, and the sign of decimals; None: as the file shows.

    Returns
    -------
    waits : DataFrame
        crossing, mode, lane, month (``YYYY-MM``, ``MM`` or None), weekday (0 is Monday), hour, dated, date,
        lanes_open, wait_minutes.
    notes : tuple of Note

    Raises
    ------
    BorderError
        If the file cannot be read, lacks a column, has one twice, or holds a value that cannot be. The message lists
        every such value with its line and column.

    Examples
    --------
    >>> rows, notes = read_waits(Facts(), Path("docs/samples/waits.csv"))
    >>> rows.columns[:3]
    ['crossing', 'mode', 'lane']
    """
    cells = read_cells(path, BorderError, separator)
    dated = cells.find("date") is not None
    if not dated and cells.find("weekday") is None:
        raise BorderError("border_waits_day", path=path, found=", ".join(cells.columns))
    table = Table(cells, (*WAITS, *columns_of_day(dated, first_volume(facts)), LANES_OPEN), decimal)
    crossings = crossings_of(table, facts, dated)
    table.check()
    months: list[str | None]
    if dated:
        months = [f"{day:%Y-%m}" for day in table["date"]]
        weekdays = [day.weekday() for day in table["date"]]
    else:
        months = table["month"] if "month" in table else [None] * len(table.lines)
        weekdays = [day - 1 for day in table["weekday"]]
    rows = pl.DataFrame(
        {
            "crossing": crossings,
            "mode": table["mode"],
            "lane": table["lane"],
            "month": months,
            "weekday": weekdays,
            "hour": table["hour"],
            "dated": [dated] * len(weekdays),
            "date": table["date"] if dated else [None] * len(weekdays),
            "lanes_open": table["lanes_open"] if "lanes_open" in table else [None] * len(weekdays),
            "wait_minutes": table.numbers("wait_minutes"),
        },
        schema_overrides={"month": pl.String, "date": pl.Date, "lanes_open": pl.Float64},
    )
    kept = rows.filter(pl.col("wait_minutes").is_not_nan())
    if kept.is_empty():
        raise BorderError("border_waits_none", path=path)
    return kept, (*table.notes, *left_out(table))


def columns_of_day(dated: bool, first: str) -> tuple[Column, ...]:
    """Return the columns that say when a wait was read.

    Parameters
    ----------
    dated : bool
        Whether each row names a day; else it names a day of the week and, where it is known, a month.
    first : str
        The first month ``YYYY-MM`` of the record.
    """
    if dated:
        return (Date("date", first=f"{first}-01", last=f"{LAST}-12-31"),)
    month = Month(
        "month",
        first=first,
        last=f"{LAST}-12",
        of_year=True,
        optional=True,
        empty=True,
        synonyms=("month_of_year",),
    )
    return Whole("weekday", low=1, high=7), month


def crossings_of(table: Table, facts: Facts, dated: bool) -> list[str | None]:
    """Return the number of each row's crossing, and mark what the crossing does not have: the mode, the lane."""
    keys = list(zip(table["crossing"], table["mode"], table["lane"], strict=True))

    posted = (
        posted_lanes(facts) if dated else {}
    )  # means by weekday rest on the schedules, of fewer crossings

    @cache
    def served(crossing: str, mode: str) -> tuple[str, tuple[str, ...]]:
        number = plain(crossing).lstrip("0")
        if (number, mode) in posted:
            return number, posted[number, mode]
        site = one_site(facts, find_place(facts, crossing), mode)
        lanes = posted.get((site.crossing, mode))
        return site.crossing, lanes or schedules(facts, site, MEAN_MONTH, draws=1).lanes

    crossings: dict[tuple[str, str, str], str] = {}
    faults: dict[tuple[str, str, str], tuple[str, BorderError]] = {}
    for key in dict.fromkeys(keys):
        crossing, mode, lane = key
        if None in key or len(faults) >= MOST_UNKNOWN:
            continue
        if lane not in CLASSES[mode]:
            faults[key] = (
                "lane",
                BorderError("border_unknown_class", found=lane, known=", ".join(CLASSES[mode])),
            )
            continue
        try:
            crossings[key], lanes = served(crossing, mode)
        except BorderError as error:
            faults[key] = "crossing", error
            continue
        if lane not in lanes:
            faults[key] = "lane", BorderError("border_unknown_class", found=lane, known=", ".join(lanes))
    for row, key in enumerate(keys):
        if key in faults:
            column, problem = faults[key]
            table.fault(row, table.column(column), "table_cell", problem=problem)
    return [crossings.get(key) for key in keys]


def posted_lanes(facts: Facts) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the lane classes that CBP's feed has seen open, by the number of the crossing and the mode."""
    found: dict[tuple[str, str], list[str]] = {}
    for crossing, group, kind in facts.sql(
        "select distinct crossing, lane_group, lane_type from posted_waits where status <> 'closed' order by all"
    ).rows():
        found.setdefault((crossing, MODES[group]), []).append(LANES.get(kind, kind))
    return {at: tuple(lanes) for at, lanes in found.items()}


def left_out(table: Table) -> Iterator[Note]:
    """Yield a note of the rows without a reading."""
    words = [" ".join(cell.casefold().split()) for cell in table.columns[table.column("wait_minutes")]]
    without = [word for word in words if word in NO_READING]
    if without:
        yield Note("left_out", {"count": len(without), "words": ", ".join(dict.fromkeys(without))})
