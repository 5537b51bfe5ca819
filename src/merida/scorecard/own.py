"""A user's own indicators: one row a value, read through the gate of every table that a user brings.

An addition is one file in the folder ``scorecard`` of the user's own things, as it was read: the same columns, names of
states as codes. It is written whole or not at all. Its rows have a month from which they were known, so that an earlier
scorecard does not see them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from merida.atomic import make_folder, write_whole
from merida.errors import ScorecardError, nearest
from merida.facts import Facts
from merida.facts.own.shelf import home
from merida.figure import Origin
from merida.framework.indicators import DATE, MONEY, Indicator, Target, of_framework, periods
from merida.framework.types import Text as Both
from merida.places import Gazetteer
from merida.places.gazetteer import Entry as Named
from merida.scorecard.card import Due, Entry, expected, said, within
from merida.scorecard.series import Actual, Series, month_of
from merida.user_tables import Choice, DecimalSign, Month, Number, Separator, Table, Text, read_table
from merida.words import words

LEVELS = ("input", "output", "outcome", "impact")
DIRECTIONS = {"up": "up", "down": "down", "none": "none", "sube": "up", "baja": "down", "ninguna": "none"}
SCHEMA = (
    Text("code"),
    Text("pillar"),
    Text("title"),
    Choice("level", {name: name for name in LEVELS}),
    Text("unit"),
    Choice("direction", DIRECTIONS),
    Text("date"),
    Text("state", optional=True, empty=True),
    Number("value", optional=True, empty=True),
    Number("numerator", optional=True, empty=True),
    Number("denominator", optional=True, empty=True),
    Text("baseline_date", optional=True, empty=True),
    Number("baseline", optional=True, empty=True),
    Text("target_date", optional=True, empty=True),
    Number("target", optional=True, empty=True),
    Month("available_from", optional=True, empty=True),
    Text("source"),
)
EXAMPLE = {
    "code": "X-01", "pillar": "rule_of_law", "title": "Officers trained", "level": "output", "unit": "percent",
    "direction": "up", "date": "2019", "state": "08", "value": "", "numerator": "320", "denominator": "1600",
    "baseline_date": "2018", "baseline": "15", "target_date": "2021", "target": "60", "available_from": "2020-03",
    "source": "State secretariat, report of 2019",
}  # fmt: skip
"""A row that an empty table shows."""
NAME = re.compile(r"scorecard-([1-9]\d*)\.csv")


@dataclass(frozen=True)
class Row:
    """One value of a user's own indicator; see `SCHEMA`."""

    code: str
    pillar: str
    title: str
    level: str
    unit: str
    direction: str
    date: str
    state: str | None
    value: float
    numerator: float | None
    denominator: float | None
    baseline_date: str | None
    baseline: float | None
    target_date: str | None
    target: float | None
    available_from: str
    source: str


def pillars(framework: str) -> set[str]:
    """Return the pillars of a framework that an indicator may have."""
    return {MONEY, *(one.pillar[framework] for one in of_framework(framework).values())}


def every_pillar() -> set[str]:
    """Return the pillars of all frameworks."""
    return set().union(*map(pillars, periods()))


def read(
    path: Path, facts: Facts, separator: Separator | None = None, decimal: DecimalSign | None = None
) -> list[Row]:
    """Return the rows of a file.

    Raises
    ------
    ScorecardError
        With every fault of the file at once: its line, its column, what was found and what was expected.
    """
    table = read_table(path, SCHEMA, ScorecardError, separator=separator, decimal=decimal)
    table.only(SCHEMA)
    states = check(table, Gazetteer.of(facts))
    table.check()
    today = f"{datetime.now(UTC):%Y-%m}"
    return [row_of(table, at, states[at], today) for at in range(len(table.lines))]


def cell(table: Table, name: str, at: int) -> object:
    """Return a value of a column that a file may lack."""
    return table[name][at] if name in table else None


def row_of(table: Table, at: int, state: str | None, today: str) -> Row:
    """Return one row of a table without faults."""
    given = {one.name: cell(table, one.name, at) for one in fields(Row)}
    if given["value"] is None:
        given["value"] = 100.0 * table["numerator"][at] / table["denominator"][at]
    return Row(**given | {"state": state, "available_from": given["available_from"] or today})  # type: ignore[arg-type]


def check(table: Table, gazetteer: Gazetteer) -> list[str | None]:
    """Add every fault that a single cell does not show, and return the states' codes."""
    known, units = every_pillar(), known_units()
    shipped = {one.code for framework in periods() for one in of_framework(framework).values()}
    states: list[str | None] = []
    seen: dict[tuple[object, object, str | None], int] = {}
    first: dict[object, int] = {}
    named: dict[str, list[Named]] = {}
    for at, line in enumerate(table.lines):
        code, pillar, unit = (table[name][at] for name in ("code", "pillar", "unit"))
        if code in shipped:
            table.fault(at, table.column("code"), "own_code_taken")
        if pillar is not None and pillar not in known:
            table.fault(at, table.column("pillar"), "own_pillar", nearest=partial(nearest, pillar, known))
        if unit is not None and unit not in units:
            table.fault(at, table.column("unit"), "own_unit", nearest=partial(nearest, unit, units))
        states.append(state_of(table, at, gazetteer, named))
        check_dates(table, at)
        check_numbers(table, at)
        place = (code, table["date"][at], states[-1])
        if place in seen:
            table.fault(at, table.column("date"), "own_twice", first=seen[place])
        seen.setdefault(place, line)
        same = first.setdefault(code, at)
        for name in ("pillar", "title", "level", "unit", "direction"):
            if table[name][at] != table[name][same]:
                table.fault(at, table.column(name), "own_differs", code=code, first=table.lines[same])
    return states


def known_units() -> list[str]:
    """Return the names of the units that there are words for."""
    return sorted({key.split(".")[1] for key in words("en").texts if key.startswith("units.")})


def state_of(table: Table, at: int, gazetteer: Gazetteer, known: dict[str, list[Named]]) -> str | None:
    """Return the code of a row's state, or None for the nation; add a fault where it names none.

    `known` keeps what each text named, for many rows name the same.
    """
    text = cell(table, "state", at)
    if not isinstance(text, str):
        return None
    if text not in known:
        known[text] = states_named(gazetteer, text)
    found = known[text]
    if len(found) != 1:
        table.fault(at, table.column("state"), "own_state", nearest=partial(near, gazetteer, text))
        return None
    return found[0].code if found[0].kind == "state" else None


def near(gazetteer: Gazetteer, text: str) -> str:
    """Return the places whose names are nearest, as a message lists them."""
    return ", ".join(one.label for one in gazetteer.nearest(text))


def states_named(gazetteer: Gazetteer, text: str) -> list[Named]:
    """Return the states, or the nation, that a text may mean."""
    return [one for one in gazetteer.matches(text) if one.kind in ("state", "nation")]


def check_dates(table: Table, at: int) -> None:
    """Add the faults of a row's dates."""
    for name in ("date", "baseline_date", "target_date"):
        text = cell(table, name, at)
        if text is not None and not re.fullmatch(DATE, str(text)):
            table.fault(at, table.column(name), "own_date")
            return
    base, goal = cell(table, "baseline_date", at), cell(table, "target_date", at)
    if base is not None and goal is not None and month_of(str(goal)) <= month_of(str(base)):
        table.fault(at, table.column("target_date"), "own_target_before", baseline=base)


def check_numbers(table: Table, at: int) -> None:
    """Add the faults of a row's numbers."""
    value, over, under = (cell(table, name, at) for name in ("value", "numerator", "denominator"))
    if (over is None) != (under is None):
        lacking = "denominator" if under is None else "numerator"
        if lacking in table:
            table.fault(at, table.column(lacking), "own_half_share")
    elif isinstance(over, float) and isinstance(under, float):
        if table["unit"][at] == "percent" and over > under:
            table.fault(at, table.column("numerator"), "own_share", denominator=under)
        elif under == 0:
            table.fault(at, table.column("denominator"), "own_zero")
    elif value is None:
        name = "value" if "value" in table else "code"
        table.fault(at, table.column(name), "own_no_value")
    if cell(table, "target", at) is not None and table["direction"][at] == "none":
        table.fault(at, table.column("direction"), "own_no_direction")


def written(rows: Iterable[Row]) -> str:
    """Return rows as the file in which they are kept."""
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow([one.name for one in fields(Row)])
    for row in rows:
        cells = (getattr(row, one.name) for one in fields(Row))
        sheet.writerow(["" if one is None else repr(one) if isinstance(one, float) else one for one in cells])
    return text.getvalue()


def shelf() -> Path:
    """Return the folder of the user's own indicators."""
    return home() / "scorecard"


def kept() -> dict[str, Path]:
    """Return the additions by id, in the order in which they were made."""
    if not shelf().is_dir():
        return {}
    found = {int(match[1]): path for path in shelf().iterdir() if (match := NAME.fullmatch(path.name))}
    return {f"scorecard-{number}": found[number] for number in sorted(found)}


def save(rows: Sequence[Row]) -> tuple[str, bool]:
    """Keep rows as a new addition, whole or not at all; return its id and whether it is new."""
    content = written(rows)
    held = kept()
    for identity, path in held.items():
        if path.read_text(encoding="utf-8") == content:
            return identity, False
    number = max((int(name.rpartition("-")[2]) for name in held), default=0) + 1
    make_folder(shelf())
    write_whole({shelf() / f"scorecard-{number}.csv": content})
    return f"scorecard-{number}", True


def remove(identity: str) -> int:
    """Remove an addition and return how many rows it had.

    Raises
    ------
    ScorecardError
        If there is none of that id; the message names those that there are.
    """
    held = kept()
    if identity not in held:
        raise ScorecardError("own_no_addition", found=identity, known=", ".join(held) or "–")
    rows = len(held[identity].read_text(encoding="utf-8").splitlines()) - 1
    held[identity].unlink()
    return rows


def entries(facts: Facts, framework: str, pillar: str | None, state: str | None) -> Iterator[Entry]:
    """Yield a user's own indicators of a framework that were known at the record's date; a later addition wins."""
    by_key: dict[tuple[str, str, str], Row] = {}
    for path in kept().values():
        for row in read(path, facts):
            if facts.as_of is None or row.available_from <= facts.as_of:
                by_key[row.code, row.state or "nation", row.date] = row
    place = state or "nation"
    mine: dict[str, list[Row]] = {}
    for (code, where, _), row in by_key.items():
        if where == place and row.pillar in pillars(framework) and pillar in (None, row.pillar):
            mine.setdefault(code, []).append(row)
    for rows in mine.values():
        yield entry_of(facts, framework, sorted(rows, key=lambda row: month_of(row.date)), place)


def entry_of(facts: Facts, framework: str, rows: Sequence[Row], place: str) -> Entry:
    """Return the rows of one indicator in one place as an entry; of several targets the last row's holds."""
    last = rows[-1]
    title, source = Both(en=last.title, es=last.title), Both(en=last.source, es=last.source)
    indicator = Indicator(
        name=re.sub(r"[^\w-]", "_", last.code)[:64],
        code=re.sub(r"[^\w.-]", "_", last.code)[:16],
        pillar={framework: last.pillar},
        level=last.level,  # type: ignore[arg-type]
        unit=last.unit,
        decimals=1 if any(not float(row.value).is_integer() for row in rows) else 0,
        direction=last.direction,  # type: ignore[arg-type]
        summable=False,
        title=title,
        counts=title,
        excludes=source,
        column="value",
        sql="own",
    )
    series = Series(
        tuple(Actual(row.date, row.value, row.numerator, row.denominator) for row in rows), Origin(())
    )
    held, baseline, actual = within(framework, series)
    if last.baseline is not None and last.baseline_date is not None:
        baseline = Actual(last.baseline_date, last.baseline)
    due = None
    if last.target is not None:
        target = Target(sql="own", date=last.target_date, known=last.available_from, source=source)
        due = expected(indicator, held, baseline, Due(last.target_date, last.target, target, Origin(())))
    return Entry(
        indicator, place, held, baseline, actual, due, said(indicator, series, actual, due, facts.as_of)
    )


def state_code(facts: Facts, text: str) -> str:
    """Return the code of the state that a user means.

    Raises
    ------
    ScorecardError
        If no state, or several, have that name; the message names the nearest.
    """
    gazetteer = Gazetteer.of(facts)
    found = [one for one in states_named(gazetteer, text) if one.kind == "state"]
    if len(found) != 1:
        raise ScorecardError("scorecard_state", found=text[:60], nearest=near(gazetteer, text))
    return found[0].code
