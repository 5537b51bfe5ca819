"""The rows of a plan, and the rules that they keep wherever they come from."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path
from typing import Any

from merida.errors import PlanError, nearest
from merida.framework.framework import Framework
from merida.names import nearest_names
from merida.one_line import OneLine
from merida.places.gazetteer import Gazetteer, listed
from merida.user_tables import (
    Column,
    DecimalSign,
    Month,
    Number,
    Rule,
    Text,
    raise_all,
    shortened,
)

MOST_USD = 1e12
MOST_YEARS = 60
Fault = tuple[int, str, Rule]  # the row's number from 0, its column, and what is wrong


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


@dataclass(frozen=True, repr=False)
class Places(OneLine):
    """What a plan may name.

    Parameters
    ----------
    states, ports : collection of str
        Their codes.
    municipalities : mapping
        The harmonised municipality of each municipality's code.
    gazetteer : Gazetteer
        By which a row's place is found where it is not a code.
    """

    states: Collection[str]
    municipalities: Mapping[str, str]
    ports: Collection[str]
    gazetteer: Gazetteer

    def code(self, text: str) -> str:
        """Return the code of the place that a row names, or the text itself where there is no such place.

        Raises
        ------
        Rule
            If several places bear the name.
        """
        if text in ("MX", "US") or text in self.ports:
            return text
        matches = self.gazetteer.matches(text)
        if len(matches) > 1:
            raise Rule("plan_place_ambiguous", found=text, candidates=listed(matches))
        return matches[0].code if matches else text


def schema(framework: Framework) -> tuple[Column, ...]:
    """Return the columns of a plan, with the months and dollars that can be meant."""
    first = framework.history_start
    last = f"{int(first[:4]) + MOST_YEARS}-12"
    return (
        Text("programme"),
        Text("account"),
        Text("place"),
        Month("start", first=first, last=last),
        Month("end", first=first, last=last),
        Number("usd_per_year", low=0, high=MOST_USD),
    )


def coded(framework: Framework) -> Callable[[str], str]:
    """Return what gives the code of a programme that a row calls by its title; what is none stays as it is."""
    return cache(lambda name: framework.programme_called(name) or name)


def check_rows(
    source: Path | str,
    records: Sequence[Mapping[str, Any]],
    framework: Framework,
    places: Places,
    lines: Sequence[int] = (),
) -> tuple[PlanRow, ...]:
    """Return records as rows of a plan.

    Parameters
    ----------
    source : Path or str
        The file, or the name of the plan.
    records : sequence of mapping
        A row's values by column.
    lines : sequence of int
        The line on which each row begins; empty where there are none.

    Raises
    ------
    PlanError
        If a row is not allowed; the message lists all that are not.
    """

    def where(row: int) -> PlanError:
        if lines:
            return PlanError("plan_row_line", row=row + 1, line=lines[row])
        return PlanError("plan_row", row=row + 1)

    columns, code = schema(framework), coded(framework)
    rows: list[PlanRow | None] = []
    faults: list[Fault] = []
    for number, record in enumerate(records):
        values, rules = values_of(record, columns)
        if not rules:
            try:
                values[COLUMNS.index("place")] = places.code(values[COLUMNS.index("place")])
                values[COLUMNS.index("programme")] = code(values[COLUMNS.index("programme")])
            except Rule as ambiguous:
                rules = [("place", ambiguous)]
        faults += [(number, column, rule) for column, rule in rules]
        rows.append(None if rules else PlanRow(*values))
    faults += faults_of(rows, where, framework, places)
    told = []
    for number, column, rule in sorted(faults, key=lambda fault: fault[0]):
        place = PlanError("plan_where", row=where(number), column=column) if column else where(number)
        told.append(PlanError(rule.key, where=place, **rule.values))
    raise_all(PlanError, source, told)
    return tuple(row for row in rows if row)


def values_of(
    record: Mapping[str, Any], columns: Sequence[Column]
) -> tuple[list[Any], list[tuple[str, Rule]]]:
    """Return the values of a record in the order of the columns, and what is wrong with them."""
    if set(record) != set(COLUMNS):
        missing = ", ".join(sorted(set(COLUMNS) - set(record))) or "–"
        extra = shortened(", ".join(sorted(set(record) - set(COLUMNS)))) or "–"
        return [], [("", Rule("plan_row_keys", missing=missing, extra=extra))]
    values, rules = [], []
    for column in columns:
        value = record[column.name]
        wanted = (int, float) if isinstance(column, Number) else str
        try:
            if isinstance(value, bool) or not isinstance(value, wanted):
                key = "plan_not_text" if wanted is str else "plan_not_number"
                raise Rule(key, found=shortened(str(value)))
            text = value if isinstance(value, str) else repr(as_float(value))
            values.append(column.read(text, DecimalSign.POINT))
        except Rule as rule:
            rules.append((column.name, rule))
    return values, rules


def as_float(value: float) -> float:
    """Return a number as the machine computes with it, infinity where it is beyond."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def faults_of(
    rows: Sequence[PlanRow | None], where: Callable[[int], PlanError], framework: Framework, places: Places
) -> Iterator[Fault]:
    """Yield what the framework does not allow, and months that are paid for twice; None is a row that is not whole.

    Parameters
    ----------
    where : callable
        Gives the name of a row in messages by its number from 0.
    """
    seen: dict[tuple[str, str, str], list[tuple[str, str, int]]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row is None:
            continue
        rules = tuple(rules_of(row, framework, places))
        yield from ((number, column, rule) for column, rule in rules)
        if rules:
            continue
        key = (row.programme, row.account, row.place)
        for start, end, other in seen[key]:
            if row.start <= end and start <= row.end:
                twice = Rule("plan_twice", other=where(other), programme=row.programme, place=row.place)
                yield number, "start", twice
                break
        else:
            seen[key].append((row.start, row.end, number))


def rules_of(row: PlanRow, framework: Framework, places: Places) -> Iterator[tuple[str, Rule]]:
    """Yield the rules of the framework that a row breaks, with the column."""
    if row.start > row.end:
        yield "end", Rule("plan_backwards", start=row.start, end=row.end)
    programme = framework.programmes.get(row.programme)
    if programme is None:
        found = shortened(row.programme)
        close = partial(nearest_names, found, framework.programme_names)
        yield "programme", Rule("plan_programme", found=found, nearest=close)
        return
    if row.account not in programme.accounts:
        allowed = "; ".join(
            f"{name}: {framework.accounts[name].legal_source.en}" for name in programme.accounts
        )
        values = {"found": shortened(row.account), "programme": row.programme, "allowed": allowed}
        yield "account", Rule("plan_account", **values)
    if rule := rule_of_place(row, programme.level, places):
        yield "place", rule


def rule_of_place(row: PlanRow, level: str, places: Places) -> Rule | None:
    """Return what is wrong with a place: it does not exist, or a programme of this level cannot be given to it."""
    code = row.place
    if code in places.municipalities and places.municipalities[code] != code:
        return Rule("plan_child", found=code, unit=places.municipalities[code])
    allowed = {
        "nation": code == "MX",
        "united_states": code == "US",
        "port": code == "US" or code in places.ports,
        "state": code == "MX" or code in places.states,
        "municipality": code == "MX" or code in places.states or code in places.municipalities,
    }
    if allowed[level]:
        return None
    if code in {"MX", "US"} or any(
        code in codes for codes in (places.states, places.municipalities, places.ports)
    ):
        return Rule("plan_level", found=code, programme=row.programme, level=level)
    return Rule("plan_place", found=shortened(code), nearest=partial(nearest_place, shortened(code), places))


def nearest_place(code: str, places: Places) -> str:
    """Return the places that are most like one that does not exist."""
    if not (code.isascii() and code.isdigit()):
        return listed(places.gazetteer.nearest(code))
    municipalities = places.municipalities if len(code) > 3 else ()
    return nearest(code, {"MX", "US", *places.states, *places.ports, *municipalities})
