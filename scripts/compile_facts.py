"""Compile the fact bundle from the inputs: `python scripts/compile_facts.py INPUTS [TABLE ...]`.

For each table file in `src/merida/facts/tables/` the recipe of the same name turns the inputs into our own
schema; the rows are checked against it, sorted by key and written to `src/merida/facts/bundle/`. With table
names, only these are compiled again. The manifest holds each file's SHA-256.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

import recipes
from merida.facts.schema import Table, tables

BUNDLE = Path(__file__).resolve().parent.parent / "src/merida/facts/bundle"
RECIPES: dict[str, Callable[[Path], pl.DataFrame]] = {
    name: recipe
    for module in pkgutil.iter_modules(recipes.__path__)
    for name, recipe in getattr(importlib.import_module(f"recipes.{module.name}"), "TABLES", {}).items()
}
POLARS_TYPES = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}


def conform(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in the table's schema, sorted by key; fail with the first thing that does not fit."""
    if set(rows.columns) != set(table.columns):
        raise SystemExit(
            f"{table.name}: recipe gives {sorted(rows.columns)}, file says {sorted(table.columns)}"
        )
    rows = rows.select(pl.col(name).cast(POLARS_TYPES[column.type]) for name, column in table.columns.items())
    for name, column in table.columns.items():
        values = rows[name]
        faults = {
            "is empty": values.is_null() if not column.nullable else None,
            f"is below {column.min}": values < column.min if column.min is not None else None,
            f"is above {column.max}": values > column.max if column.max is not None else None,
            f"is not one of {column.values}": ~values.is_in(column.values) if column.values else None,
            f"does not match {column.pattern}": ~values.str.contains(f"^(?:{column.pattern})$")
            if column.pattern
            else None,
        }
        for fault, where in faults.items():
            if where is not None and (bad := rows.filter(where.fill_null(value=False))).height:
                raise SystemExit(f"{table.name}: {name} {fault} in {bad.height} rows, first {bad.row(0)}")
    twice = rows.filter(pl.struct(table.keys).is_duplicated())
    if twice.height:
        raise SystemExit(f"{table.name}: key {table.keys} is not unique, first {twice.row(0)}")
    return rows.sort(table.keys)


def main(inputs: Path, wanted: list[str]) -> None:
    known = tables()
    if set(known) != set(RECIPES):
        raise SystemExit(f"table files and recipes differ: {sorted(set(known) ^ set(RECIPES))}")
    for name in wanted or known:
        rows = conform(known[name], RECIPES[name](inputs))
        path = BUNDLE / f"{name}.parquet"
        rows.write_parquet(path, compression="zstd", compression_level=19, statistics=False)
        print(f"{name:34} {rows.height:8,} rows {path.stat().st_size / 1024:8.0f} kB")
    write_manifest()


def write_manifest() -> None:
    """Write each file's SHA-256, and the months between which the record was published."""
    digests = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(BUNDLE.glob("*.parquet"))
    }

    def months(name: str) -> pl.Series:
        rule = tables()[name].availability.sql()
        return pl.Series(
            duckdb.sql(f"select {rule} from read_parquet('{BUNDLE / name}.parquet')").fetchall()
        ).explode()

    # The record begins with the first count of homicides; older money and trade only lead up to it.
    published = [
        months("homicides_year").min(),
        max(str(months(name).max()) for name, held in tables().items() if not held.empty),
    ]
    manifest = {"published": published, "sha256": digests}
    (BUNDLE / "manifest.json").write_text(
        json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
