"""Lists in JSON or XML as rows: a record to a row, and a column to each place in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from merida.errors import MeridaError

MOST_DEPTH = 12
Rows = Iterator[tuple[int, list[str]]]


def rows_of_json(text: str, path: Path, error: type[MeridaError]) -> Rows:
    """Yield the names of the places in the records of a list, and the records.

    Raises
    ------
    MeridaError
        If it is not JSON, nests deeper than `MOST_DEPTH`, or holds no list of records.

    Examples
    --------
    >>> from merida.errors import FactsError
    >>> list(rows_of_json('[{"a": {"b": 1}}]', Path("x.json"), FactsError))
    [(1, ['a.b']), (2, ['1'])]
    """
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as failure:
        raise error("table_not_json", file=path) from failure
    if isinstance(tree, dict):
        tree = next((value for value in tree.values() if isinstance(value, list)), [tree])
    records = [record for record in tree if isinstance(record, dict)] if isinstance(tree, list) else []
    return rows_of(records, path, error)


def rows_of_xml(text: str, path: Path, error: type[MeridaError]) -> Rows:
    """Yield the names of the places in the elements that repeat below the root, and the elements.

    What the root says once (a date) stands in every row.

    Raises
    ------
    MeridaError
        If it is not XML, declares a type or entities, or nests deeper than `MOST_DEPTH`.
    """
    from xml.etree import ElementTree

    if re.match(r"\s*<(?:!doctype )?html", text, re.IGNORECASE):
        raise error("table_not_xml", file=path)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise error("table_xml_entities", file=path)
    try:
        # The declaration of an encoding is that of the bytes; here stands text.
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (ElementTree.ParseError, ValueError) as failure:
        raise error("table_not_xml", file=path) from failure
    children = list(root)
    tags = [child.tag for child in children]
    if root.tag.lower().endswith("rss") and children:  # a feed: its items
        children, tags = list(children[0]), [child.tag for child in children[0]]
    repeated = max(set(tags), key=tags.count, default="")
    once = {child.tag: (child.text or "") for child in children if not len(child) and child.tag != repeated}
    records = [once | place_of(child, path, error) for child in children if child.tag == repeated]
    return rows_of(records, path, error)


def place_of(element: Any, path: Path, error: type[MeridaError], depth: int = 0) -> dict[str, Any]:
    """Return an element of XML as a record."""
    if depth > MOST_DEPTH:
        raise error("table_nested", file=path, most=MOST_DEPTH)
    return {
        child.tag: place_of(child, path, error, depth + 1) if len(child) else (child.text or "")
        for child in element
    }


def rows_of(records: list[dict[str, Any]], path: Path, error: type[MeridaError]) -> Rows:
    """Yield the names of all places, then each record in their order."""
    flat = [dict(flattened(record, path, error)) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    if not names:
        raise error("table_empty", file=path)
    yield 1, names
    for at, record in enumerate(flat, 2):
        yield at, [record.get(name, "") for name in names]


def flattened(
    record: Mapping[str, Any], path: Path, error: type[MeridaError], above: str = "", depth: int = 0
) -> Iterator[tuple[str, str]]:
    """Yield the places of a record that hold a value, with what they hold as text."""
    if depth > MOST_DEPTH:
        raise error("table_nested", file=path, most=MOST_DEPTH)
    for name, value in record.items():
        place = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from flattened(value, path, error, f"{place}.", depth + 1)
        elif not isinstance(value, list):
            yield place, "" if value is None else str(value)
