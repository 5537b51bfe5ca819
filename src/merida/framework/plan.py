"""Plans: rows of programme, account, place, months and dollars a year."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, fields, replace
from pathlib import Path
from typing import Any

from merida.atomic import write_whole
from merida.errors import PlanError, nearest
from merida.framework.types import Framework

MOST_ROWS = 100_000
MOST_USD = 1e12
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
ROW = re.compile(r"\s*\[\[\s*row\s*\]\]")


@dataclass(frozen=True, order=True)
class PlanRow:
    """One row of a plan.

    Parameters
    ----------
    place : str
        ``MX`` (Mexico), ``US``, a state's 2 digits, a harmonised municipality's 5, or a port's 4.
    start, end : str
        First and last month, ``YYYY-MM``.
    usd_per_year : float
        Constant dollars of the framework's base year.
    """

    programme: str
    account: str
    place: str
    start: str
    end: str
    usd_per_year: float


COLUMNS = tuple(field.name for field in fields(PlanRow))


@dataclass(frozen=True)
class Places:
    """The codes that a plan may name."""

    states: Collection[str]
    municipalities: Mapping[str, str]
    ports: Collection[str]


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
    """

    name: str
    framework: str
    rows: tuple[PlanRow, ...]

    @classmethod
    def read(cls, path: str | Path, framework: Framework, places: Places) -> Plan:
        """Return the plan in a TOML or CSV file, checked.

        Raises
        ------
        PlanError
            If the file is not a plan of the framework; the message names the first row at fault, by its line.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise PlanError("plan_not_utf8", file=path, byte=error.start) from error
        except OSError as error:
            raise PlanError("plan_unreadable", file=path, reason=error.strerror or error) from error
        if path.suffix.lower() == ".csv":
            records, name = from_csv(text, path), path.stem
        elif path.suffix.lower() == ".toml":
            records, name = from_toml(text, path, framework)
        else:
            raise PlanError("plan_suffix", file=path)
        if not records:
            raise PlanError("plan_empty", file=path, columns=", ".join(COLUMNS))
        if len(records) > MOST_ROWS:
            raise PlanError("plan_too_long", file=path, rows=len(records), most=MOST_ROWS)
        rows = []
        for number, (line, record) in enumerate(records, 1):
            where = f"{path}, {number} ({line})"
            rows.append(as_row(record, where))
            check_row(rows[-1], where, framework, places)
        check_overlaps(rows, [f"{path}, {n} ({line})" for n, (line, _) in enumerate(records, 1)])
        return cls(name, framework.name, tuple(rows))

    def check(self, framework: Framework, places: Places) -> None:
        """Refuse a row that the framework does not allow; the message gives its number."""
        for number, row in enumerate(self.rows, 1):
            check_row(
                as_row(asdict(row), f"{self.name}, {number}"), f"{self.name}, {number}", framework, places
            )
        check_overlaps(list(self.rows), [f"{self.name}, {n}" for n in range(1, len(self.rows) + 1)])

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
        parts = [f"name = {quoted(self.name)}\nframework = {quoted(self.framework)}\n"]
        for row in self.rows:
            lines = (
                f"{name} = {value!r}" if isinstance(value, float) else f"{name} = {quoted(value)}"
                for name, value in asdict(row).items()
            )
            parts.append("[[row]]\n" + "\n".join(lines) + "\n")
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


def quoted(value: object) -> str:
    """Return a value as TOML: JSON's, save that TOML knows no pairs of escapes for one character."""
    return json.dumps(value, ensure_ascii=False)


def months_by_year(start: str, end: str) -> dict[int, int]:
    """Return how many months of each year lie between two months, both included."""
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (start, end))
    counts: dict[int, int] = defaultdict(int)
    for month in range(first, last + 1):
        counts[month // 12] += 1
    return dict(counts)


def from_csv(text: str, path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Return the records of a CSV file with their lines."""
    reader = csv.reader(io.StringIO(text))
    try:
        header = [name.strip() for name in next(reader, [])]
        if sorted(header) != sorted(COLUMNS):
            raise PlanError(
                "plan_columns", file=path, found=", ".join(header) or "-", columns=", ".join(COLUMNS)
            )
        records = []
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(header):
                raise PlanError(
                    "plan_cells", file=path, line=reader.line_num, found=len(values), expected=len(header)
                )
            records.append(
                (reader.line_num, dict(zip(header, (value.strip() for value in values), strict=True)))
            )
    except csv.Error as error:
        raise PlanError("plan_not_csv", file=path, line=reader.line_num, reason=error) from error
    return records


def from_toml(text: str, path: Path, framework: Framework) -> tuple[list[tuple[int, dict[str, Any]]], str]:
    """Return the records of a TOML file with their lines, and the plan's name."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError("plan_not_toml", file=path, reason=error) from error
    unknown = sorted(set(tree) - {"name", "framework", "row"})
    rows = tree.get("row", [])
    if unknown or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PlanError("plan_keys", file=path, found=", ".join(unknown) or "row")
    if tree.get("framework", framework.name) != framework.name:
        raise PlanError("plan_other_framework", file=path, found=tree["framework"], framework=framework.name)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if ROW.match(line)]
    lines += [0] * (len(rows) - len(lines))
    return list(zip(lines, rows, strict=False)), str(tree.get("name", path.stem))


def as_row(record: Mapping[str, Any], where: str) -> PlanRow:
    """Return a record as a row."""
    if set(record) != set(COLUMNS):
        missing = ", ".join(sorted(set(COLUMNS) - set(record))) or "-"
        extra = ", ".join(sorted(set(record) - set(COLUMNS))) or "-"
        raise PlanError("plan_row_keys", where=where, missing=missing, extra=extra)
    try:
        usd = record["usd_per_year"]
        dollars = math.nan if isinstance(usd, bool) else float(usd)
    except (TypeError, ValueError):
        dollars = math.nan
    if not (math.isfinite(dollars) and 0 <= dollars <= MOST_USD):
        raise PlanError("plan_usd", where=where, found=record["usd_per_year"], most=MOST_USD)
    for name in COLUMNS[:-1]:
        if not isinstance(record[name], str):
            raise PlanError("plan_not_text", where=where, column=name, found=record[name])
    programme, account, place, start, end = (str(record[name]) for name in COLUMNS[:-1])
    return PlanRow(programme, account, place, start, end, dollars)


def check_row(row: PlanRow, where: str, framework: Framework, places: Places) -> None:
    """Refuse a row that the framework does not allow."""
    programme = framework.programmes.get(row.programme)
    if programme is None:
        raise PlanError(
            "plan_programme",
            where=where,
            found=row.programme,
            nearest=nearest(row.programme, framework.programmes),
        )
    if row.account not in programme.accounts:
        allowed = "; ".join(f"{a}: {framework.accounts[a].legal_source.en}" for a in programme.accounts)
        raise PlanError(
            "plan_account", where=where, found=row.account, programme=row.programme, allowed=allowed
        )
    for name, month in (("start", row.start), ("end", row.end)):
        if not MONTH.fullmatch(month):
            raise PlanError("plan_month", where=where, column=name, found=month)
    if row.start > row.end:
        raise PlanError("plan_backwards", where=where, start=row.start, end=row.end)
    if row.start < framework.history_start or int(row.end[:4]) > int(framework.history_start[:4]) + 60:
        raise PlanError("plan_outside", where=where, first=framework.history_start, found=row.start)
    check_place(row, where, framework, places)


def check_place(row: PlanRow, where: str, framework: Framework, places: Places) -> None:
    """Refuse a place that does not exist, or that a programme of this level cannot be given to."""
    level, code = framework.programmes[row.programme].level, row.place
    if code in places.municipalities and places.municipalities[code] != code:
        raise PlanError("plan_child", where=where, found=code, unit=places.municipalities[code])
    kinds = {
        "nation": code == "MX",
        "united_states": code == "US",
        "port": code == "US" or code in places.ports,
        "state": code == "MX" or code in places.states,
        "municipality": code == "MX" or code in places.states or code in places.municipalities,
    }
    if kinds[level]:
        return
    if code in {"MX", "US", *places.states, *places.municipalities, *places.ports}:
        raise PlanError("plan_level", where=where, found=code, programme=row.programme, level=level)
    known = {"MX", "US", *places.states, *places.ports, *(places.municipalities if len(code) > 3 else ())}
    raise PlanError("plan_place", where=where, found=code, nearest=nearest(code, known))


def check_overlaps(rows: Iterable[PlanRow], where: list[str]) -> None:
    """Refuse two rows of the same programme, account and place whose months overlap."""
    seen: dict[tuple[str, str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for row, here in zip(rows, where, strict=True):
        key = (row.programme, row.account, row.place)
        for start, end, other in seen[key]:
            if row.start <= end and start <= row.end:
                raise PlanError(
                    "plan_twice", where=here, other=other, programme=row.programme, place=row.place
                )
        seen[key].append((row.start, row.end, here))
