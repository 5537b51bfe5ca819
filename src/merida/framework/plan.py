"""Plans: rows of programme, account, place, months and dollars a year."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import defaultdict
from dataclasses import asdict, astuple, dataclass, field, replace
from functools import cached_property
from pathlib import Path

import tomlkit

from merida.atomic import write_whole
from merida.errors import PlanError
from merida.framework.amounts import check_row_amount
from merida.framework.framework import Framework
from merida.framework.plan_files import Contents, from_csv, from_json, from_toml, name_of, packed
from merida.framework.plan_rows import COLUMNS, Places, PlanRow, check_rows
from merida.units import month_number
from merida.user_tables import Note

SHORT = 8  # digits of a digest that tell plans apart for a reader


@dataclass(frozen=True)
class Difference:
    """Dollars of one programme, account, place and year in two plans, the first and the second."""

    programme: str
    account: str
    place: str
    year: int
    usd_a: float
    usd_b: float

    @property
    def usd_difference(self) -> float:
        """What the first plan spends beyond the second, dollars."""
        return self.usd_a - self.usd_b


@dataclass(frozen=True, repr=False)
class Plan:
    """A plan: what is spent on what, where and when, from the plans' start on.

    It is known by its content, which is its framework and rows; two plans may have one name, and `labelled` tells them
    apart.

    Parameters
    ----------
    name : str
    framework : str
        Name of the framework whose programmes it names.
    rows : tuple of PlanRow
    notes : tuple of Note
        What there is to say of the file that it was read from.
    source : str
        The file that it was read from, as given; empty where there was none.
    made_from : str
        The name of the plan that it is a copy of, where it says so.
    """

    name: str
    framework: str
    rows: tuple[PlanRow, ...]
    notes: tuple[Note, ...] = field(default=(), compare=False)
    source: str = field(default="", compare=False)
    made_from: str = field(default="", compare=False)

    def __repr__(self) -> str:
        """Return one line, however many rows there are."""
        return f"<Plan {self.name!r} of {self.framework!r}: {len(self.rows)} rows, {self.digest[:SHORT]}>"

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what the plan says: its framework and its rows in whatever order, and not its name.

        Examples
        --------
        >>> row = PlanRow("vetting", "INCLE", "08", "2013-01", "2014-12", 1e6)
        >>> Plan("mine", "merida", (row,)).digest == Plan("yours", "merida", (row,)).digest
        True
        """
        rows = sorted(
            (*astuple(row)[:-1], float(row.usd_per_year) + 0.0) for row in self.rows
        )  # -0.0 + 0.0 is 0.0
        return hashlib.sha256(json.dumps([self.framework, rows]).encode()).hexdigest()

    @classmethod
    def read(cls, path: str | Path, framework: Framework, places: Places, *, as_given: bool = False) -> Plan:
        """Return the plan in a TOML or CSV file, checked.

        Parameters
        ----------
        as_given : bool
            Take amounts that are far outside what was ever enacted as they are.

        Raises
        ------
        PlanError
            If the file is not a plan of the framework; the message lists every row at fault with its line.

        Examples
        --------
        >>> Plan.read("plan.toml", framework, places(facts)).rows  # doctest: +SKIP
        """
        path = Path(path)
        readers = {".csv": from_csv, ".toml": from_toml}
        if path.suffix.lower() not in readers:
            raise PlanError("plan_suffix", file=path)
        contents = readers[path.suffix.lower()](path, framework, places)
        return cls.of_contents(contents, framework, path, as_given=as_given)

    @classmethod
    def from_json(cls, text: str, framework: Framework, places: Places, *, as_given: bool = False) -> Plan:
        """Return the plan in a line of JSON, as `json` writes it, checked as that of a file is; see `read`."""
        contents = from_json(text, framework, places)
        return cls.of_contents(contents, framework, contents.name, as_given=as_given)

    @classmethod
    def of_contents(cls, read: Contents, framework: Framework, where: Path | str, *, as_given: bool) -> Plan:
        """Return the plan that a file or text holds, its amounts checked."""
        for number, row in enumerate([] if as_given else read.rows, 1):
            check_row_amount(row.usd_per_year, f"{where}, {PlanError('plan_row', row=number)}")
        source = str(where) if isinstance(where, Path) else ""
        return cls(read.name, framework.name, read.rows, read.notes, source, read.made_from)

    def check(self, framework: Framework, places: Places) -> None:
        """Refuse rows that the framework does not allow; the message lists them by number."""
        check_rows(self.name, [asdict(row) for row in self.rows], framework, places)

    def write(self, path: str | Path) -> None:
        """Write the plan, whole or not at all, as TOML or CSV by the file's suffix.

        Raises
        ------
        PlanError
            If the suffix is neither.
        OutputError
            If the file cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() not in (".csv", ".toml"):
            raise PlanError("plan_suffix", file=path)
        write_whole({path: self.as_csv() if path.suffix.lower() == ".csv" else self.as_toml()})

    def copy_in(self, path: str | Path) -> Plan:
        """Return the plan as it goes into a file of the user's: with the file's name, and what it was made from.

        Examples
        --------
        >>> mine = Plan("memo", "merida", ()).copy_in("my.toml")
        >>> mine.name, mine.made_from
        ('my', 'memo')
        """
        return replace(self, name=name_of(Path(path)), made_from=self.name)

    def json(self) -> str:
        """Return the plan as one line of JSON, which `from_json` reads back: the same plan, the same line.

        Examples
        --------
        >>> Plan("mine", "merida", ()).json()
        '{"name": "mine", "framework": "merida", "rows": []}'
        """
        rows = [asdict(row) | {"usd_per_year": float(row.usd_per_year)} for row in self.rows]
        return json.dumps(self.head() | {"rows": rows}, ensure_ascii=False)

    def short(self) -> str:
        """Return the plan as an address holds it, its dollars rounded to whole ones.

        Examples
        --------
        >>> Plan("mine", "merida", ()).short()[:8]
        'plan:eNq'
        """
        rows = tuple(replace(row, usd_per_year=float(round(row.usd_per_year))) for row in self.rows)
        return packed(replace(self, rows=rows).json())

    def head(self) -> dict[str, str]:
        """Return what a file of the plan begins with."""
        made_from = {"made_from": self.made_from} if self.made_from else {}
        return {"name": self.name, "framework": self.framework} | made_from

    def as_csv(self) -> str:
        """Return the plan as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*astuple(row)[:-1], repr(row.usd_per_year)) for row in self.rows)
        return text.getvalue()

    def as_toml(self) -> str:
        """Return the plan as TOML."""
        # tomlkit's own tables take a thousandth of a second a row, so that only their values are its work.
        parts = ["".join(f"{key} = {as_toml(value)}\n" for key, value in self.head().items())]
        if not self.rows:
            return parts[0] + "row = []\n"
        for row in self.rows:
            lines = (f"{name} = {as_toml(value)}\n" for name, value in asdict(row).items())
            parts.append("[[row]]\n" + "".join(lines))
        return "\n".join(parts)

    def by_year(self) -> dict[tuple[str, str, str, int], float]:
        """Return dollars by programme, account, place and calendar year."""
        sums: dict[tuple[str, str, str, int], float] = defaultdict(float)
        for row in self.rows:
            for year, months in months_by_year(row.start, row.end).items():
                sums[row.programme, row.account, row.place, year] += row.usd_per_year * months / 12
        return dict(sums)

    def diff(self, other: Plan) -> tuple[Difference, ...]:
        """Return where this plan and another differ, by programme, account, place and year: this one is the first."""
        mine, theirs = self.by_year(), other.by_year()
        return tuple(
            Difference(*key, mine.get(key, 0.0), theirs.get(key, 0.0))
            for key in sorted(mine.keys() | theirs.keys())
            if mine.get(key, 0.0) != theirs.get(key, 0.0)
        )

    def scaled(self, programme: str, factor: float) -> Plan:
        """Return the plan with one programme's dollars times a factor."""
        rows = (
            replace(row, usd_per_year=row.usd_per_year * factor) if row.programme == programme else row
            for row in self.rows
        )
        return replace(self, rows=tuple(rows))


def as_toml(value: str | float) -> str:
    """Return a text or number as TOML writes it."""
    return tomlkit.item(value).as_string()


def months_by_year(start: str, end: str) -> dict[int, int]:
    """Return how many months of each year lie between two months, both included."""
    first, last = month_number(start), month_number(end)
    counts: dict[int, int] = defaultdict(int)
    for month in range(first, last + 1):
        counts[month // 12] += 1
    return dict(counts)
