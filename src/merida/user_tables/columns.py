"""The kinds of columns that a schema declares, and how each reads a cell."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from merida.user_tables.decimals import WHOLE, DecimalSign, number_of, reading
from merida.user_tables.faults import Rule, shortened

EMPTY = frozenset({"", "na", "n/a", "nan", "null", "."})
MOST_LETTERS = 1_000  # of a cell of text
MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Column:
    """A column of a schema.

    Parameters
    ----------
    name : str
        Its name; the case of letters does not matter.
    synonyms : tuple of str
        Other names that it may have in a file.
    optional : bool
        Whether a file may lack the column.
    empty : bool
        Whether a cell may be empty, which reads as None (a number: NaN).
    """

    name: str
    synonyms: tuple[str, ...] = field(default=(), kw_only=True)
    optional: bool = field(default=False, kw_only=True)
    empty: bool = field(default=False, kw_only=True)

    def read(self, cell: str, decimal: DecimalSign) -> Any:
        """Return the value of a cell that is not empty; raise `Rule` if it has none."""
        raise NotImplementedError

    def is_empty(self, cell: str) -> bool:
        """Tell whether a cell counts as empty, where this column may have empty cells."""
        return self.empty and cell.casefold() in EMPTY


@dataclass(frozen=True)
class Text(Column):
    """Text, taken as it stands and never interpreted.

    Examples
    --------
    >>> Text("study").read("=1+1", DecimalSign.POINT)
    '=1+1'
    """

    def read(self, cell: str, decimal: DecimalSign) -> str:
        """Return the cell."""
        if not cell:
            raise Rule("table_empty_cell")
        if len(cell) > MOST_LETTERS:
            raise Rule("table_long_cell", found=shortened(cell), length=len(cell), most=MOST_LETTERS)
        return cell


@dataclass(frozen=True)
class Choice(Column):
    """One of several words, whatever the case of letters.

    Parameters
    ----------
    choices : mapping of str to str
        Words in lower case and what each means.

    Examples
    --------
    >>> Choice("mode", {"trucks": "trucks", "commercial": "trucks"}).read("Commercial", DecimalSign.POINT)
    'trucks'
    """

    choices: Mapping[str, str] = field(hash=False)

    def read(self, cell: str, decimal: DecimalSign) -> str:
        """Return what the word means."""
        value = self.choices.get(cell.casefold())
        if value is None:
            known = ", ".join(dict.fromkeys(self.choices.values()))
            raise Rule("table_choice", found=shortened(cell), known=known)
        return value


@dataclass(frozen=True)
class Number(Column):
    """A number.

    Parameters
    ----------
    low, high : float
        The range of numbers that can be meant.
    words : mapping of str to float
        Words in lower case that stand for a number (NaN where they say that there is none).

    Examples
    --------
    >>> Number("wait_minutes", low=0, high=1440, words={"no delay": 0.0}).read("No  Delay", DecimalSign.POINT)
    0.0
    """

    low: float = -math.inf
    high: float = math.inf
    words: Mapping[str, float] = field(default_factory=dict, hash=False)

    def read(self, cell: str, decimal: DecimalSign) -> float:
        """Return the number."""
        word = self.words.get(" ".join(cell.casefold().split()))
        if word is not None:
            return word
        value = number_of(cell, decimal)
        if not self.low <= value <= self.high:
            raise Rule("table_range", found=shortened(cell), low=self.low, high=self.high)
        return value


@dataclass(frozen=True)
class Count(Number):
    """A count: a number that is whole as a rule; one with decimals is read, and a note says so.

    Counts of the Cochrane Handbook (section 23.1.4) that were reduced for clustering have decimals.

    Examples
    --------
    >>> Count("n1i").read("13500", DecimalSign.POINT)
    13500.0
    """


@dataclass(frozen=True)
class Whole(Number):
    """A whole number; 8.0 is one, 8.9 and 1e3 are none.

    Examples
    --------
    >>> Whole("hour", low=0, high=23).read("08", DecimalSign.POINT)
    8
    """

    def read(self, cell: str, decimal: DecimalSign) -> int:
        """Return the whole number."""
        text = reading(cell, decimal)
        if (
            text is None
            or not WHOLE.fullmatch(text)
            or not self.low <= (value := int(text.split(".")[0])) <= self.high
        ):
            raise Rule("table_whole", found=shortened(cell), low=self.low, high=self.high)
        return value


@dataclass(frozen=True)
class Month(Column):
    """A month ``YYYY-MM`` within bounds.

    Parameters
    ----------
    first, last : str
        The first and the last month that can be meant.
    of_year : bool
        Whether 1 to 12 is read too: a month of any year, given back as ``MM``.

    Examples
    --------
    >>> Month("month", of_year=True).read("5", DecimalSign.POINT)
    '05'
    """

    first: str = "1000-01"
    last: str = "9999-12"
    of_year: bool = False

    def read(self, cell: str, decimal: DecimalSign) -> str:
        """Return the month."""
        if self.of_year and cell.lstrip("0") in {str(month) for month in range(1, 13)}:
            return f"{int(cell):02d}"
        if not MONTH.fullmatch(cell) or not self.first <= cell <= self.last:
            key = "table_month_or_number" if self.of_year else "table_month"
            raise Rule(key, found=shortened(cell), first=self.first, last=self.last)
        return cell


@dataclass(frozen=True)
class Date(Column):
    """A day ``YYYY-MM-DD`` within bounds.

    Parameters
    ----------
    first, last : str
        The first and the last day that can be meant.

    Examples
    --------
    >>> Date("date", first="1990-01-01").read("2024-02-29", DecimalSign.POINT)
    datetime.date(2024, 2, 29)
    """

    first: str = "1000-01-01"
    last: str = "9999-12-31"

    def read(self, cell: str, decimal: DecimalSign) -> date:
        """Return the day."""
        try:
            if DATE.fullmatch(cell) and self.first <= cell <= self.last:
                return date.fromisoformat(cell)
        except ValueError:
            pass
        raise Rule("table_date", found=shortened(cell), first=self.first, last=self.last)
