"""Deaths that a user supplies, read through the gate of `merida.user_tables` to be scored."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from merida.errors import ViolenceError
from merida.one_line import OneLine
from merida.places import Gazetteer
from merida.places.gazetteer import listed
from merida.user_tables import (
    Choice,
    DecimalSign,
    Month,
    Note,
    Separator,
    Table,
    Text,
    Whole,
    read_cells,
    shortened,
)

BASES = ("occurrence", "registration")
UNKNOWN = re.compile(
    "[0-9]{2}99[89]"
)  # a municipality that the record does not know, of a state that it does
ABROAD = "33"  # deaths abroad are of no Mexican place
DEATHS = (
    Text("municipality"),
    Whole("deaths", low=0, high=1_000_000),
    Choice("basis", {basis: basis for basis in BASES}),
)
YEARLY = (*DEATHS, Whole("year", low=1900, high=2100))
MONTHLY = (*DEATHS, Month("month", first="1900-01", last="2100-12"))


@dataclass(frozen=True, repr=False)
class Actuals(OneLine):
    """Deaths by place and period as a file gives them.

    Parameters
    ----------
    deaths : dict of str to dict
        By period, a year ``2022`` or a month ``2022-03``: deaths by municipality as recorded, or by ``SS999`` where
        the municipality of state SS is unknown. A place that a period does not name is not in it.
    basis : {"occurrence", "registration"}
        Whether a death counts when it happened or when it was registered.
    notes : tuple of Note
        What there is to say of the file.
    """

    deaths: dict[str, dict[str, int]]
    basis: str
    notes: tuple[Note, ...] = ()


def read(
    path: Path,
    gazetteer: Gazetteer,
    separator: Separator | None = None,
    decimal: DecimalSign | None = None,
) -> Actuals:
    """Return the deaths of a file of separated values: municipality, year or month, deaths, basis.

    Parameters
    ----------
    path : Path
        The user's file. A ``month`` column (``YYYY-MM``) takes the place of ``year``.
    gazetteer : Gazetteer
        By which the municipality of a row is found: by its code, with or without its leading zero, or its name.
    separator, decimal : Separator, DecimalSign or None
        What separates the cells, and the sign of decimals; None: as the file shows.

    Raises
    ------
    ViolenceError
        If the file cannot be read, lacks a column, has a row that is not as it must be, gives a place twice in a
        period, or mixes bases; the message lists every such row with its line and column.

    Examples
    --------
    >>> read(Path("deaths.csv"), Gazetteer.of(Facts())).deaths["2012"]  # doctest: +SKIP
    {'08037': 750}
    """
    cells = read_cells(path, ViolenceError, separator)
    by_month = cells.find("month") is not None
    table = Table(cells, MONTHLY if by_month else YEARLY, decimal)
    codes = codes_of(table, gazetteer)
    periods = [None if period is None else str(period) for period in table["month" if by_month else "year"]]
    check_rows(table, codes, periods, "month" if by_month else "year")
    table.check()
    deaths: dict[str, dict[str, int]] = defaultdict(dict)
    for code, period, count in zip(codes, periods, table["deaths"], strict=True):
        assert code is not None
        assert period is not None
        if code[:2] != ABROAD:
            deaths[period][code] = count
    return Actuals(dict(deaths), table["basis"][0], tuple(table.notes))


def codes_of(table: Table, gazetteer: Gazetteer) -> list[str | None]:
    """Return the municipality of each row, or that of unknown municipalities of a state, and mark what is neither."""
    codes: list[str | None] = []
    for row, text in enumerate(table["municipality"]):
        code = text.zfill(5) if text and text.isascii() and text.isdigit() else text
        if code is not None and not UNKNOWN.fullmatch(code):
            matches = [entry for entry in gazetteer.matches(text) if entry.kind == "municipality"]
            if len(matches) != 1:
                near = listed(matches or gazetteer.nearest(shortened(text)))
                table.fault(row, table.column("municipality"), "actuals_place", nearest=near)
            code = matches[0].code if len(matches) == 1 else None
        codes.append(code)
    return codes


def check_rows(table: Table, codes: list[str | None], periods: list[str | None], column: str) -> None:
    """Mark a municipality that stands twice in a period, and a basis that is not that of the first row."""
    seen: set[tuple[str | None, str | None]] = set()
    for row, key in enumerate(zip(codes, periods, strict=True)):
        if key in seen and None not in key:
            table.fault(row, table.column(column), "actuals_twice", place=key[0], year=key[1])
        seen.add(key)
    first = table["basis"][0]
    mixed = (first is not None and basis not in (first, None) for basis in table["basis"])
    table.refuse(mixed, "actuals_bases", "basis")
