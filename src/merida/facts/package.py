"""A table of the record as a Frictionless data package: its rows as CSV, and what is known of them.

``datapackage.json`` follows https://specs.frictionlessdata.io (version 1): fields with type, range and unit, the key, the
licence and the sources.
Texts stand in English where the specification reads them, and beside it in Spanish (``title_es``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from merida.facts.schema import Column, Table, tables
from merida.facts.warehouse import Facts

PROFILE = "tabular-data-package"


def package(facts: Facts, name: str) -> dict[str, bytes]:
    """Return the files of a data package with every row of a table that had been published by the record's date.

    Parameters
    ----------
    name : str
        A table of `facts`.

    Examples
    --------
    >>> sorted(package(Facts(), "states"))
    ['data/states.csv', 'datapackage.json']
    """
    table = tables()[name]
    listed = ", ".join(f'"{column}"' for column in fields(table))
    keys = ", ".join(f'"{column}"' for column in table.keys)
    rows = facts.sql(f"select {listed} from {name} order by {keys}")
    content = rows.write_csv().encode()
    described = descriptor(facts, table, content, rows.height)
    return {
        "datapackage.json": (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode(),
        f"data/{name}.csv": content,
    }


def fields(table: Table) -> tuple[str, ...]:
    """Return the columns of a table, and the month in which a row became public."""
    return tuple(dict.fromkeys((*table.columns, "available_from")))


def descriptor(facts: Facts, table: Table, content: bytes, rows: int) -> dict[str, Any]:
    """Return ``datapackage.json`` as a tree."""
    schema: dict[str, Any] = {"fields": [field(name, table) for name in fields(table)], "missingValues": [""]}
    if not any(table.columns[name].nullable for name in table.keys):
        schema["primaryKey"] = list(table.keys)
    resource = {
        "name": table.name,
        "path": f"data/{table.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": schema,
    }
    own = [
        f"{one.rows} rows of {one.file_name} (SHA-256 {one.sha256})"
        for one in facts.own
        if one.table == table.name
    ]
    return {
        "profile": PROFILE,
        "name": table.name.replace("_", "-"),
        "title": table.title.en,
        "title_es": table.title.es,
        "description": " ".join((table.compiled.en, *(defect.about.en for defect in table.defects))),
        "description_es": " ".join((table.compiled.es, *(defect.about.es for defect in table.defects))),
        "licenses": [{"name": "as-stated", "title": table.licence.en}],
        "sources": sources(table, own),
        "as_of": facts.as_of,
        "facts_digest": facts.digest,
        "rows": rows,
        "resources": [resource],
    }


def sources(table: Table, own: Iterable[str]) -> list[dict[str, str]]:
    """Return the sources of a table: who measured, each copy that was read, and the user's own files."""
    measured = {"title": f"{table.institution.en}: {table.source.en}"}
    return [measured, *({"title": one} for one in (*table.locators, *own))]


def field(name: str, table: Table) -> dict[str, Any]:
    """Return a column as a field of the schema."""
    if name not in table.columns:
        about = {
            "description": "Month in which the row became public.",
            "description_es": "Mes en que se publicó el renglón.",
        }
        return {
            "name": name,
            "type": "string",
            **about,
            "constraints": {"required": True, "pattern": r"\d{4}-\d{2}"},
        }
    column = table.columns[name]
    stated: dict[str, Any] = {
        "name": name,
        "type": "string" if column.type == "text" else column.type,
        "description": column.about.en,
        "description_es": column.about.es,
    }
    if column.unit:
        stated["unit"] = column.unit
    if constraints := constraints_of(column):
        stated["constraints"] = constraints
    return stated


def constraints_of(column: Column) -> dict[str, Any]:
    """Return what every value of a column must be."""
    stated = {
        "required": None if column.nullable else True,
        "minimum": column.min,
        "maximum": column.max,
        "enum": list(column.values) or None,
        "pattern": column.pattern or None,
    }
    return {name: value for name, value in stated.items() if value is not None}
