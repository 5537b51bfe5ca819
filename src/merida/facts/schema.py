"""What a table file says: columns, units, keys, source, publication lag, known defects."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from merida.errors import FactsError
from merida.facts.query import first_line

ColumnType = Literal["text", "integer", "number", "boolean"]
Period = Literal["day", "month", "year_of_month", "year", "us_fiscal_year"]
SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
}


class Strict(BaseModel):
    """A model that refuses unknown keys, so that a mistyped one fails at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Strict):
    """One text in both languages."""

    en: Annotated[str, Field(min_length=1)]
    es: Annotated[str, Field(min_length=1)]

    def to(self, language: str) -> str:
        """Return the text in one language."""
        return str(getattr(self, language))


class Column(Strict):
    """One column: what it means, its type, unit and range, and whether it is part of the key."""

    type: ColumnType
    about: Text
    unit: str = ""
    key: bool = False
    nullable: bool = False
    min: float | None = None
    max: float | None = None
    values: tuple[str, ...] = ()
    pattern: str = ""


class Availability(Strict):
    """When a row became public (SCIENCE.md, rule 2): ``available_from`` of a row, as ``YYYY-MM``.

    ``period_end`` adds `lag_months` to the end of the period in `column`; ``column`` reads it from the
    column ``available_from``; ``fixed`` gives every row the month `month`.
    """

    rule: Literal["period_end", "column", "fixed"]
    column: str = ""
    period: Period | None = None
    lag_months: int = 0
    month: str = ""
    grade: Literal["source", "assumption"]
    note: Text

    @model_validator(mode="after")
    def complete(self) -> Availability:
        """Refuse a rule that lacks what it needs."""
        if self.rule == "period_end" and (self.period is None or not self.column):
            raise ValueError("rule 'period_end' needs `column` and `period`")
        if self.rule == "fixed" and not re.fullmatch(r"\d{4}-\d{2}", self.month):
            raise ValueError("rule 'fixed' needs `month` as YYYY-MM")
        return self

    def sql(self) -> str:
        """Return the SQL expression that gives a row's ``available_from`` as text ``YYYY-MM``."""
        if self.rule == "fixed":
            return f"'{self.month}'"
        if self.rule == "column":
            return "available_from"
        return later(period_end(self.column, self.period or "month"), self.lag_months)


def period_end(column: str, period: Period) -> str:
    """Return the SQL date in the last month of the period in a column; US fiscal years end in September."""
    return {
        "day": f"({column}[1:7] || '-01')::DATE",
        "month": f"({column} || '-01')::DATE",
        "year_of_month": f"({column}[1:4] || '-12-01')::DATE",
        "year": f"make_date({column}, 12, 1)",
        "us_fiscal_year": f"make_date({column}, 9, 1)",
    }[period]


def later(date: str, months: int) -> str:
    """Return the SQL month ``YYYY-MM`` that lies `months` after a date."""
    return f"strftime({date} + to_months({months}), '%Y-%m')"


class Defect(Strict):
    """A known defect of a table and the rows it touches (`where`, SQL over the table; empty means all)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    where: str = ""
    about: Text


class Joined(Strict):
    """Rows (`where`, SQL over the table; empty means all) that joined the record in a month after its first edition.

    What they say may have been public long before. A document as of a date lists its sources without them, so that it
    stays the same when the record grows; they are cited where a figure rests on them.
    """

    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    where: str = ""


class Table(Strict):
    """One table of the record: its schema and its source together (``facts/tables/NAME.toml``).

    `ends` is the month ``YYYY-MM`` after which nothing more is to be expected: a series that was closed, a study, a
    list of single events. `every_months` is the time between two periods where it is not that of the period itself.
    """

    name: str
    room: Literal["violence", "places", "justice", "money", "border", "demand"]
    title: Text
    institution: Text
    source: Text
    locators: tuple[str, ...]
    licence: Text
    period: Text
    status: Literal["verified", "mixed", "unverified", "not_independent"]
    sparse: bool = False
    empty: bool = False  # the record publishes no row of it: a user's own fill it
    ends: Annotated[str, Field(pattern=r"^(\d{4}-\d{2})?$")] = ""
    every_months: int | None = None
    also: tuple[str, ...] = ()
    availability: Availability
    compiled: Text
    columns: dict[str, Column]
    defects: tuple[Defect, ...] = ()
    joined: tuple[Joined, ...] = ()

    @model_validator(mode="after")
    def consistent(self) -> Table:
        """Refuse a table without a key, or whose rules name columns that it does not have."""
        if not self.keys:
            raise ValueError("no column is marked `key = true`")
        if self.availability.rule == "period_end" and self.availability.column not in self.columns:
            raise ValueError(f"availability names the unknown column {self.availability.column!r}")
        if (self.availability.rule == "column") != ("available_from" in self.columns):
            raise ValueError("the rule 'column' and a column `available_from` go together")
        if self.status == "mixed" and "status" not in self.columns:
            raise ValueError("a table of mixed status needs a column `status`")
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name a row."""
        return tuple(name for name, column in self.columns.items() if column.key)

    @property
    def first_edition(self) -> str:
        """The SQL condition of the rows that the record's first edition held: ``true`` where no row joined later."""
        return " and ".join(f"not ({part.where or 'true'})" for part in self.joined) or "true"

    @property
    def measures(self) -> tuple[str, ...]:
        """The columns that hold figures: numeric, with a unit, not part of the key."""
        return tuple(
            name
            for name, column in self.columns.items()
            if column.unit and not column.key and column.type in ("integer", "number")
        )


def read_toml(path: Traversable) -> dict[str, Any]:
    """Return what a TOML file of the record holds.

    Raises
    ------
    FactsError
        If the file is missing, is not UTF-8 or is not TOML; the message names it.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FactsError("record_file_unreadable", file=str(path), reason=first_line(error)) from error


def wrong_entry(path: Traversable, error: ValidationError) -> FactsError:
    """Return the error that says which entry of a file of the record is not as it must be."""
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "-"
    return FactsError("record_file_wrong", file=str(path), entry=where, reason=first["msg"])


@cache
def tables() -> dict[str, Table]:
    """Return every table of the record by name, read from ``facts/tables/``.

    Raises
    ------
    FactsError
        If a file of that folder cannot be read, or an entry in it is not as it must be.

    Examples
    --------
    >>> tables()["homicides_year"].keys
    ('municipality', 'year', 'basis')
    """
    known = {}
    for path in files_in("tables"):
        name = path.name.removesuffix(".toml")
        try:
            known[name] = Table(**{**read_toml(path), "name": name})
        except ValidationError as error:
            raise wrong_entry(path, error) from error
    return known


def files_in(folder: str) -> list[Traversable]:
    """Return the TOML files of a folder of the record by name."""
    place = files("merida.facts") / folder
    try:
        return sorted(
            (path for path in place.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name
        )
    except OSError as error:
        raise FactsError("record_file_unreadable", file=str(place), reason=first_line(error)) from error
