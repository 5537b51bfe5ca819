"""The columns of the record as columns of the gate: what a user may write in each."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from merida.facts.importers.cells import DAY_FIRST, month_of
from merida.facts.importers.draft import Asked
from merida.facts.importers.names import Names, letters
from merida.facts.importers.regions import NO_MUNICIPALITY, OTHER_MUNICIPALITY, STATES, near, state_of
from merida.facts.schema import Column as Held
from merida.facts.schema import Table, read_toml
from merida.user_tables import Column, DecimalSign, Number, Rule, Text, Whole, shortened

YEARS = (1900.0, 2100.0)
OTHERS = ("otrosmunicipios", "otromunicipio", "othermunicipalities")
UNKNOWN = ("noespecificado", "noespecificada", "notspecified", "sedesconoce", "desconocido", "unknown")
MOST_WHOLE = 1e12  # of a count of anything
MOST_CODE = 5  # digits of a municipality's code


@cache
def synonyms() -> dict[str, dict[str, list[str]]]:
    """Return what own tables may call columns, values and rows."""
    return {
        name: {key: [str(one) for one in names] for key, names in group.items()}
        for name, group in read_toml(files("merida.facts.importers") / "own.toml").items()
    }


@cache
def value_names() -> dict[str, list[str]]:
    """Return what values of the record are called besides, SESNSP's names among them."""
    sesnsp = read_toml(files("merida.facts.importers") / "sesnsp.toml")
    named: dict[str, list[str]] = {}
    for group in (synonyms()["values"], *sesnsp.values()):
        for value, names in group.items():
            named.setdefault(value, []).extend(names)
    return named


@dataclass(frozen=True)
class Value(Column):
    """One of the values that a column of the record may have, by its id or a name of it."""

    values: tuple[str, ...]
    names: Names = field(hash=False, compare=False)

    def read(self, cell: str, decimal: DecimalSign) -> str:
        """Return the value."""
        value = cell if cell in self.values else self.names.find(cell)
        if value is None:
            known = ", ".join(self.values[:12]) + ("…" if len(self.values) > 12 else "")
            raise Rule("table_choice", found=shortened(cell), known=known)
        return value


@dataclass(frozen=True)
class Period(Column):
    """A month, written in any way that has one reading."""

    last: str

    def read(self, cell: str, decimal: DecimalSign) -> str:
        """Return the month as ``YYYY-MM``."""
        month = month_of(cell)
        if month is None:
            two = DAY_FIRST.fullmatch(cell)
            if two and max(int(two[1]), int(two[2])) <= 12 and min(int(two[1]), int(two[2])) >= 1:
                first, second = (f"{two[3]}-{int(part):02}" for part in (two[1], two[2]))
                raise Rule("import_month_two", found=shortened(cell), first=first, second=second)
            raise Rule("table_month", found=shortened(cell), first="1900-01", last=self.last)
        if month > self.last:
            raise Rule("import_future", found=shortened(cell), last=self.last)
        return month


@dataclass(frozen=True)
class Year(Whole):
    """A year that is not to come."""

    last: int = 2100

    def read(self, cell: str, decimal: DecimalSign) -> int:
        """Return the year."""
        try:
            value = super().read(re.sub(r"^(?i:fy)\s*", "", cell), decimal)
        except Rule as rule:
            raise Rule("import_year", found=shortened(cell)) from rule
        if value > self.last:
            raise Rule("import_future", found=shortened(cell), last=self.last)
        return value


@dataclass(frozen=True)
class State(Column):
    """A state by its code, with or without its zero, or any of its names."""

    asked: Asked = field(hash=False, compare=False)

    def read(self, cell: str, decimal: DecimalSign) -> str:
        """Return the code."""
        code = state_of(cell, self.asked)
        if code is None:
            raise Rule("import_state", found=shortened(cell), nearest=near(f"state:{cell}", self.asked))
        return code


@dataclass(frozen=True)
class Municipality(Column):
    """A municipality by its code, with or without its zero, or its name, with its state's where several bear it."""

    asked: Asked = field(hash=False, compare=False)
    known: frozenset[str] = field(hash=False, compare=False)

    def read(self, cell: str, decimal: DecimalSign) -> str:
        """Return the five digits."""
        code = re.fullmatch(r"(\d{1,5})(?:\.0+)?", cell)
        if code and len(code[1]) >= MOST_CODE - 1:
            found = code[1].zfill(MOST_CODE)
            unknown = found[2:] in (NO_MUNICIPALITY, OTHER_MUNICIPALITY)
            if (
                found in self.known
                or (unknown and 1 <= int(found[:2]) <= STATES)
                or found in ("33999", "99999")
            ):
                return found
            raise Rule("import_municipality", found=shortened(cell), nearest=near(found, self.asked))
        cell = re.sub(r"^(?i:cd)\.?\s+", "Ciudad ", cell)
        name, _, state = cell.partition(",")
        own = state_of(state, self.asked) if state else None
        if letters(name) in (*OTHERS, *UNKNOWN):
            if own is None:
                raise Rule("import_other_of_which", found=shortened(cell))
            return own + (OTHER_MUNICIPALITY if letters(name) in OTHERS else NO_MUNICIPALITY)
        if code:
            raise Rule("import_short_code", found=shortened(cell))
        matches = {
            place.code: place.label
            for place in self.asked.places.matches(f"municipality:{name if own else cell}")
            if place.kind == "municipality" and place.code.startswith(own or "")
        }
        if len(matches) == 1:
            return next(iter(matches))
        if matches:
            raise Rule("import_several", found=shortened(cell), places=", ".join([*matches.values()][:4]))
        raise Rule(
            "import_municipality", found=shortened(cell), nearest=near(f"municipality:{cell}", self.asked)
        )


@dataclass(frozen=True)
class Port(Column):
    """A port of entry by CBP's code, with or without its zero, or its name."""

    codes: Mapping[str, str] = field(hash=False, compare=False)  # by letters of the name, and by code

    def read(self, cell: str, decimal: DecimalSign) -> str:
        """Return the four digits."""
        code = re.sub(r"\.0+$", "", cell)
        found = self.codes.get(code.zfill(4) if code.isdigit() else letters(cell))
        if found is None:
            names = ", ".join(sorted(set(self.codes.values()))[:12])
            raise Rule("import_port_unknown", found=shortened(cell), known=names)
        return found


@dataclass(frozen=True)
class Pattern(Text):
    """Text of a form."""

    pattern: str = ".*"
    about: str = ""

    def read(self, cell: str, decimal: DecimalSign) -> str:
        """Return the text."""
        text = super().read(cell, decimal)
        if not re.fullmatch(self.pattern, text):
            raise Rule("import_form", found=shortened(cell), pattern=self.pattern)
        return text


@dataclass(frozen=True)
class Truth(Column):
    """Yes or no."""

    def read(self, cell: str, decimal: DecimalSign) -> bool:
        """Return whether it is yes."""
        for truth, names in synonyms()["truths"].items():
            if letters(cell) in map(letters, names):
                return truth == "yes"
        raise Rule("table_choice", found=shortened(cell), known="true, false")


def gate_columns(table: Table, titles: Mapping[str, str], asked: Asked) -> tuple[Column, ...]:
    """Return the columns of a table of the record as the gate reads them.

    Parameters
    ----------
    table : Table
        The table.
    titles : mapping of str to str
        What the file calls each of its columns that it has.
    """
    known = dict(table.columns)
    if "available_from" not in known:
        known["available_from"] = Held(type="text", about=table.title, pattern=r"\d{4}-\d{2}")
    return tuple(
        gate_column(name, column, (titles[name],) if name in titles else (), table, asked)
        for name, column in known.items()
        if name in titles or name != "available_from" or table.availability.rule != "column"
    )


def gate_column(name: str, column: Held, title: tuple[str, ...], table: Table, asked: Asked) -> Column:
    """Return one column of the record as the gate reads it."""
    about: dict[str, Any] = {
        "synonyms": title,
        "optional": column.nullable or name == "available_from",
        "empty": column.nullable,
    }
    place = place_column(name, column, about, asked)
    if place is not None:
        return place
    if column.type == "text" and column.values:
        also = {value: (value, *value_names().get(value, ())) for value in column.values}
        return Value(name, values=column.values, names=Names(also), **about)
    if column.pattern == r"\d{4}-\d{2}":
        return Period(name, last=asked.today, **about)
    if column.type == "boolean":
        return Truth(name, **about)
    if column.type == "text":
        return Pattern(name, pattern=column.pattern, **about) if column.pattern else Text(name, **about)
    return number_column(name, column, about, table.sparse and not column.key, asked)


def place_column(name: str, column: Held, about: Mapping[str, Any], asked: Asked) -> Column | None:
    """Return a column of places as the gate reads it, or None where it is none."""
    if name == "municipality":
        held = frozenset(asked.facts.sql("select municipality from municipalities")["municipality"])
        return Municipality(name, asked=asked, known=held, **about)
    if name == "state" and column.pattern == r"\d{2}":
        return State(name, asked=asked, **about)
    if name == "port" and column.pattern == r"\d{4}":
        ports = asked.facts.sql("select port, name from ports").rows()
        codes = {letters(text): code for code, label in ports for text in (label, code)}
        return Port(name, codes=codes, **about)
    return None


def number_column(name: str, column: Held, about: dict[str, Any], zero: bool, asked: Asked) -> Column:
    """Return a column of numbers as the gate reads it; years end with this one, whatever the record's last."""
    if column.unit == "year" or name == "year":
        return Year(name, low=YEARS[0], high=YEARS[1], last=int(asked.today[:4]), **about)
    low = -math.inf if column.min is None else min(column.min, 0.0) if zero else column.min
    high = math.inf if column.max is None else column.max
    if column.type == "integer":
        return Whole(name, low=max(low, -MOST_WHOLE), high=min(high, MOST_WHOLE), **about)
    return Number(name, low=low, high=high, **about)
