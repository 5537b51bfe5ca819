"""Plans read from CSV, TOML and JSON: their heads; `plan_rows` reads and checks their rows."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from merida.errors import PlanError
from merida.framework.framework import Framework
from merida.framework.plan_rows import COLUMNS, Places, PlanRow, check_rows, coded, faults_of, schema
from merida.user_tables import CONTROL, Note, Rule, one_line, read_table, read_toml, shortened

MOST_ROWS = 100_000
MOST_LETTERS = 200  # in a plan's name
MOST_JSON = 16_000_000  # letters
PACKED = "plan:"  # before the letters of a plan in few of them
UNNAMED = "plan"  # a plan in JSON without a name
ROW = re.compile(r"\s*\[\[\s*row\s*\]\]")


@dataclass(frozen=True)
class Contents:
    """What a plan's file or text holds.

    Parameters
    ----------
    made_from : str
        The name of the plan that it is a copy of, where it says so.
    """

    name: str
    rows: tuple[PlanRow, ...]
    notes: tuple[Note, ...] = ()
    made_from: str = ""


def from_csv(path: Path, framework: Framework, places: Places) -> Contents:
    """Return what a plan in a CSV file holds; it has the file's name.

    Raises
    ------
    PlanError
        If the file is not a plan of the framework.
    """
    columns, code = schema(framework), coded(framework)
    table = read_table(path, columns, PlanError, asks=False, most_rows=MOST_ROWS)
    table.only(columns)
    rows: list[PlanRow | None] = []
    for number, values in enumerate(zip(*(table[name] for name in COLUMNS), strict=True)):
        row = None if None in values else PlanRow(*values)
        try:
            rows.append(row and replace(row, programme=code(row.programme), place=places.code(row.place)))
        except Rule as ambiguous:
            table.fault(number, table.column("place"), ambiguous.key, **ambiguous.values)
            rows.append(None)

    def line(row: int) -> PlanError:
        return PlanError("table_where_line", line=table.lines[row])

    for at, column, broken in faults_of(rows, line, framework, places):
        table.fault(at, table.column(column), broken.key, **broken.values)
    table.check()
    return Contents(name_of(path), tuple(row for row in rows if row), tuple(table.notes))


def from_toml(path: Path, framework: Framework, places: Places) -> Contents:
    """Return what a plan in a TOML file holds.

    Raises
    ------
    PlanError
        If the file is not a plan of the framework.
    """
    tree, text = read_toml(path, PlanError)
    lines = [number for number, line in enumerate(text.split("\n"), 1) if ROW.match(line)]
    return of_tree(path, tree, "row", framework, places, lines)


def from_json(text: str, framework: Framework, places: Places) -> Contents:
    """Return what a plan in a line of JSON holds, as `Plan.json` writes it.

    Raises
    ------
    PlanError
        If the text is not JSON, or not a plan of the framework.
    """
    shown = shortened(one_line(text))
    if len(text) > MOST_JSON:
        raise PlanError("table_too_large", file=shown, most=MOST_JSON // 1_000_000)
    try:
        tree = json.loads(text, object_pairs_hook=once)
        json.dumps(tree, ensure_ascii=False).encode()  # half of a pair of escapes is no letter
    except (ValueError, RecursionError) as failure:
        raise PlanError("plan_not_json", found=shown, reason=failure) from failure
    except Rule as twice:
        raise PlanError(twice.key, found=shown, **twice.values) from twice
    if not isinstance(tree, dict):
        raise PlanError("plan_keys_json", file=shown, found=shown)
    return of_tree(shown, tree, "rows", framework, places)


def packed(text: str) -> str:
    """Return the JSON of a plan in fewer letters, such as an address can hold.

    Examples
    --------
    >>> unpacked(packed('{"rows": []}'))
    '{"rows": []}'
    """
    return PACKED + base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpacked(text: str) -> str:
    """Return the JSON that `packed` made shorter.

    Raises
    ------
    PlanError
        If it is none, or too large.
    """
    body = text.removeprefix(PACKED)
    try:
        reader = zlib.decompressobj()
        found = reader.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), MOST_JSON)
        if not reader.eof:
            raise ValueError
        return found.decode()
    except (ValueError, zlib.error):
        raise PlanError("plan_not_packed", found=shortened(one_line(text))) from None


def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of a JSON object as a mapping; a key that stands twice breaks a rule, as either may be meant."""
    tree = dict(pairs)
    if len(tree) < len(pairs):
        names = [name for name, _ in pairs]
        raise Rule("plan_json_twice", twice=next(name for name in names if names.count(name) > 1))
    return tree


def name_of(path: Path) -> str:
    """Return the name of a plan by its file's."""
    return one_line(path.stem)[:MOST_LETTERS]


def of_tree(
    source: Path | str,
    tree: Mapping[str, Any],
    key: str,
    framework: Framework,
    places: Places,
    lines: Sequence[int] = (),
) -> Contents:
    """Return what a tree of a plan holds.

    Parameters
    ----------
    source : Path or str
        The file, or the beginning of the text.
    key : str
        Under which the rows stand.
    lines : sequence of int
        The lines on which rows begin, as far as they can be told.

    Raises
    ------
    PlanError
        If it is not a plan of the framework.
    """
    unknown = shortened(", ".join(sorted(set(tree) - {"name", "framework", "made_from", key})))
    records = tree.get(key)
    if (
        unknown
        or not isinstance(records, list | None)
        or not all(isinstance(one, dict) for one in records or ())
    ):
        keys = "plan_keys" if isinstance(source, Path) else "plan_keys_json"
        raise PlanError(keys, file=source, found=unknown or key)
    if tree.get("framework", framework.name) != framework.name:
        found = shortened(str(tree["framework"]))
        raise PlanError("plan_other_framework", file=source, found=found, framework=framework.name)
    usual = name_of(source) if isinstance(source, Path) else UNNAMED
    name, made_from = (tree.get(what, "") for what in ("name", "made_from"))
    for text in (name, made_from):
        if not isinstance(text, str) or len(text) > MOST_LETTERS or CONTROL.search(text) or "\n" in text:
            raise PlanError("plan_name", file=source, found=shortened(str(text)), most=MOST_LETTERS)
    if records is None:
        raise PlanError("plan_empty", file=source, columns=", ".join(COLUMNS))
    if len(records) > MOST_ROWS:
        raise PlanError("table_too_long", file=source, most=MOST_ROWS)
    # Rows of an array in one line have no line of their own.
    lines = lines if len(lines) == len(records) else ()
    rows = check_rows(source, records, framework, places, lines)
    return Contents(name if name.strip() else usual, rows, made_from=made_from)
