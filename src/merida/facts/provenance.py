"""Where one figure of the record came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from merida.errors import FactsError, nearest
from merida.facts.own.shelf import Addition
from merida.facts.schema import SQL_TYPES, Column, Table
from merida.facts.warehouse import Facts, known_table

NUMBER = {
    "integer": re.compile(r"-?[0-9]{1,18}"),
    "number": re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?"),
    "boolean": re.compile(r"[01]"),
}
PLACES = {"municipality": "municipalities", "state": "states"}


@dataclass(frozen=True)
class Why:
    """One row of the record with all that is known of its origin.

    Parameters
    ----------
    table : Table
        The table that holds the row: source, licence, how compiled.
    row : dict
        Every column of the row, keys included, and ``available_from``.
    recorded : bool
        False where the row is absent from a sparse table, so that its counts are zero.
    defects : tuple of str
        The ids of the table's known defects that touch this row.
    query : str
        The SQL that gives the row again.
    own : Addition or None
        What the row is of, where it is the user's own.
    replaced : dict or None
        The record's row of the same key, which an own row hides.
    """

    table: Table
    row: dict[str, Any]
    recorded: bool
    defects: tuple[str, ...]
    query: str
    own: Addition | None = None
    replaced: dict[str, Any] | None = None


def why(facts: Facts, table_name: str, key: Mapping[str, str]) -> Why:
    """Return the row that `key` names and where it came from.

    Parameters
    ----------
    facts : Facts
        The record.
    table_name : str
        A table of the record.
    key : mapping of str to str
        A value for each key column of the table, as text.

    Raises
    ------
    FactsError
        If the table or a column is unknown, a key column is missing or its value is not of its kind, or no
        row has this key.

    Examples
    --------
    >>> answer = why(Facts(), "homicides_national", {"year": "2011"})
    >>> answer.row["deaths_registration"], answer.row["available_from"]
    (27213, '2012-10')
    """
    table = known_table(table_name)
    own_rows = bool(facts.own_rows((table.name,)))
    values = _checked_key(
        table, key, bounded=not own_rows
    )  # rows of one's own may reach further than the record's
    matches = " and ".join(f"{name} = {_literal(value)}" for name, value in values.items())
    query = f"select * from {table.name} where {matches}"
    rows = facts.sql(query).to_dicts()
    if rows:
        row, source = rows[0], f"(select * from {table.name} where {matches})"
    elif table.sparse:
        row = _absent_row(facts, table, values, own_rows)
        columns = ", ".join(
            f"cast({_literal(row[name])} as {SQL_TYPES[column.type]}) as {name}"
            for name, column in table.columns.items()
        )
        source = f"(select {columns})"
    else:
        _refuse(facts, table, values)
    touched = tuple(
        defect.id
        for defect in table.defects
        if not defect.where or facts.sql(f"select count(*) from {source} where {defect.where}").item()
    )
    own = facts.own_row(table, values)
    hidden = Facts(facts.as_of, own=False).sql(query).to_dicts() if own else []
    return Why(table, row, bool(rows), touched, query, own, hidden[0] if hidden else None)


def _literal(value: Any) -> str:
    """Return a value of a key as SQL."""
    if value is None:
        return "null"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _checked_key(table: Table, key: Mapping[str, str], bounded: bool) -> dict[str, Any]:
    """Return the key with its values in their types; refuse what is unknown, missing or of another kind."""
    for name in key:
        if name not in table.keys:
            problem = "key_not_a_key" if name in table.columns else "key_unknown_column"
            raise FactsError(
                problem,
                table=table.name,
                found=name,
                nearest=nearest(name, table.keys),
                keys=", ".join(table.keys),
            )
    missing = [name for name in table.keys if name not in key]
    if missing:
        raise FactsError(
            "key_incomplete", table=table.name, missing=", ".join(missing), keys=", ".join(table.keys)
        )
    return {name: _checked_value(table, name, table.columns[name], key[name], bounded) for name in table.keys}


def _checked_value(table: Table, name: str, column: Column, found: str, bounded: bool) -> Any:
    """Return the value of one key column in its type; refuse what the column does not hold."""
    problem = {"table": table.name, "column": name, "found": found}
    if column.values and found not in column.values:
        raise FactsError("key_not_a_value", **problem, nearest=nearest(found, column.values))
    if column.pattern and not re.fullmatch(column.pattern, found):
        raise FactsError("key_not_of_its_form", **problem, pattern=column.pattern, about=column.about.en)
    if column.type == "text":
        return found
    if not NUMBER[column.type].fullmatch(found):
        raise FactsError("key_not_a_number", **problem)
    value = int(found) if column.type == "integer" else float(found)
    below = column.min is not None and value < column.min
    above = column.max is not None and value > column.max
    if bounded and (below or above):
        raise FactsError("key_outside", **problem, low=column.min, high=column.max)
    return value


def _absent_row(facts: Facts, table: Table, values: Mapping[str, Any], own_rows: bool) -> dict[str, Any]:
    """Return the zero row of a sparse table, if its place is known and its period and kind were counted."""
    for place, catalogue in PLACES.items():
        if (
            place in values
            and not facts.sql(
                f"select (select count(*) from {catalogue} where {place} = {_literal(values[place])}) "
                f"+ (select count(*) from {table.name} where {place} = {_literal(values[place])})"
            ).item()
        ):
            _refuse(facts, table, values)
    counted = [f"{name} = {_literal(value)}" for name, value in values.items() if name not in PLACES]
    available = facts.sql(
        f"select any_value(available_from) from {table.name} where {' and '.join(counted)}"
    ).item()
    if available is None:
        _refuse(facts, table, values)
    if own_rows:
        _check_counted(facts, table, values, counted)
    return {
        **dict.fromkeys(table.columns),
        **values,
        **dict.fromkeys(table.measures, 0),
        "available_from": available,
    }


def _check_counted(facts: Facts, table: Table, values: Mapping[str, Any], counted: list[str]) -> None:
    """Refuse a zero in a period that rows of the user's own alone hold, in a state that none of them names."""
    rows = f"select count(*) from {table.name} where {' and '.join(counted)}"
    states = [f"{name}[1:2] = {_literal(values[name][:2])}" for name in PLACES if name in values]
    recorded = Facts(facts.as_of, own=False).sql(rows).item()
    if not recorded and not facts.sql(" and ".join([rows, *states])).item():
        shown = " ".join(f"{name}={value}" for name, value in values.items())
        raise FactsError("own_not_counted", table=table.name, key=shown)


def _refuse(facts: Facts, table: Table, values: Mapping[str, Any]) -> NoReturn:
    """Raise the error that says which part of the key no row has."""
    shown = " ".join(f"{name}={value}" for name, value in values.items())
    for name, value in values.items():
        if not facts.sql(f"select count(*) from {table.name} where {name} = {_literal(value)}").item():
            held = [str(item) for item in facts.sql(f"select distinct {name} from {table.name}").to_series()]
            if table.columns[name].type == "integer" and held:
                years = sorted(int(item) for item in held)
                held = [f"{years[0]}-{years[-1]}"]
            raise FactsError(
                "row_unknown_value",
                table=table.name,
                column=name,
                found=value,
                nearest=nearest(str(value), held) or "-",
            )
    raise FactsError("row_unknown", table=table.name, key=shown)
