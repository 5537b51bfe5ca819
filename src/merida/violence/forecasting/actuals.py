"""Deaths that a user supplies, read from a file to be scored."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from merida.errors import ViolenceError
from merida.places import Gazetteer
from merida.places.gazetteer import listed

COLUMNS = ("municipality", "deaths", "basis")
PERIODS = ("year", "month")
BASES = ("occurrence", "registration")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
UNKNOWN = re.compile(r"\d{2}99[89]", re.ASCII)
ABROAD = "33"  # deaths abroad are of no Mexican place
DIGITS = 9  # of a number of deaths: more cannot be meant


@dataclass(frozen=True)
class Actuals:
    """Deaths by place and period as a file gives them.

    Parameters
    ----------
    deaths : dict of str to dict
        By period, a year ``2022`` or a month ``2022-03``: deaths by municipality as recorded, or by ``SS999`` where
        the municipality of state SS is unknown. A place that a period does not name is not in it.
    basis : {"occurrence", "registration"}
        Whether a death counts when it happened or when it was registered.
    """

    deaths: dict[str, dict[str, int]]
    basis: str


def read(path: Path, gazetteer: Gazetteer) -> Actuals:
    """Return the deaths of a CSV file: municipality, year or month, deaths, basis.

    Parameters
    ----------
    path : Path
        UTF-8 with a header. A ``month`` column (``YYYY-MM``) takes the place of ``year``.
    gazetteer : Gazetteer
        By which the municipality of a row is found: by its code, with or without its leading zero, or its name.

    Raises
    ------
    ViolenceError
        If the file cannot be read, lacks a column, has a row that is not as it must be, gives a place twice in a
        period, or mixes bases; the message names the row and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ViolenceError("actuals_unreadable", path=path, reason=error) from error
    rows = csv.DictReader(io.StringIO(text))
    names = rows.fieldnames or ()
    missing = [name for name in COLUMNS if name not in names]
    if not set(PERIODS) & set(names):
        missing.append("year")
    if missing:
        raise ViolenceError(
            "actuals_column", path=path, missing=", ".join(missing),
            expected=", ".join(("municipality", "year | month", "deaths", "basis")), found=", ".join(names) or "–",
        )  # fmt: skip
    deaths: dict[str, dict[str, int]] = defaultdict(dict)
    bases: set[str] = set()
    for number, row in enumerate(rows, 2):
        basis = (row["basis"] or "").strip()
        if basis not in BASES:
            raise ViolenceError(
                "actuals_value", path=path, row=number, column="basis", found=basis, expected=" | ".join(BASES)
            )  # fmt: skip
        bases.add(basis)
        if len(bases) > 1:
            raise ViolenceError("actuals_bases", path=path, row=number)
        month = row["month"] if "month" in names else None
        period = (
            month_of(month, path, number)
            if "month" in names
            else str(whole(row["year"], path, number, "year"))
        )
        code = place_of((row["municipality"] or "").strip(), gazetteer, path, number)
        if code in deaths[period]:
            raise ViolenceError("actuals_twice", path=path, row=number, place=code, year=period)
        deaths[period][code] = whole(row["deaths"], path, number, "deaths")
    if not deaths:
        raise ViolenceError("actuals_empty", path=path)
    return Actuals(
        {
            period: {code: count for code, count in of.items() if code[:2] != ABROAD}
            for period, of in deaths.items()
        },
        bases.pop(),
    )


def place_of(text: str, gazetteer: Gazetteer, path: Path, row: int) -> str:
    """Return the code of a municipality that a row names, or of unknown municipalities of a state."""
    code = text.zfill(5) if text.isascii() and text.isdigit() else text
    if UNKNOWN.fullmatch(code):
        return code
    matches = [entry for entry in gazetteer.matches(text) if entry.kind == "municipality"]
    if len(matches) != 1:
        near = matches or gazetteer.nearest(text)
        raise ViolenceError("actuals_place", path=path, row=row, found=text[:60], nearest=listed(near))
    return matches[0].code


def month_of(text: str | None, path: Path, row: int) -> str:
    """Return a month ``YYYY-MM``."""
    month = (text or "").strip()
    if not MONTH.fullmatch(month):
        raise ViolenceError(
            "actuals_value", path=path, row=row, column="month", found=month[:60], expected="YYYY-MM"
        )
    return month


def whole(text: str | None, path: Path, row: int, column: str) -> int:
    """Return a whole number that is not negative."""
    number = (text or "").strip()
    if not (number.isascii() and number.isdecimal() and len(number) <= DIGITS):
        raise ViolenceError("actuals_number", path=path, row=row, column=column, found=number[:60])
    return int(number)
