"""Plans: rows of programme, account, place, months and dollars a year."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import asdict, astuple, dataclass, field, replace
from pathlib import Path

import tomlkit

from merida.atomic import write_whole
from merida.errors import PlanError
from merida.framework.amounts import check_row_amount
from merida.framework.framework import Framework
from merida.framework.plan_rows import COLUMNS, Places, PlanRow, check_rows, from_csv, from_toml
from merida.units import month_number
from merida.user_tables import Note


@dataclass(frozen=True)
class Difference:
    """Dollars of one programme, account, place and year in two plans."""

    programme: str
    account: str
    place: str
    year: int
    usd_a: float
    usd_b: float


@dataclass(frozen=True)
class Plan:
    """A plan: what is spent on what, where and when, from the plans' start on.

    Parameters
    ----------
    name : str
    framework : str
        Name of the framework whose programmes it names.
    rows : tuple of PlanRow
    notes : tuple of Note
        What there is to say of the file that it was read from.
    """

    name: str
    framework: str
    rows: tuple[PlanRow, ...]
    notes: tuple[Note, ...] = field(default=(), compare=False)

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
        name, rows, notes = readers[path.suffix.lower()](path, framework, places)
        for number, row in enumerate([] if as_given else rows, 1):
            check_row_amount(row.usd_per_year, f"{path}, {PlanError('plan_row', row=number)}")
        return cls(name, framework.name, rows, notes)

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
        parts = [f"name = {as_toml(self.name)}\nframework = {as_toml(self.framework)}\n"]
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
        """Return where two plans differ, by programme, account, place and year."""
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
