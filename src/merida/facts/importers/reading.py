"""A user's file as rows of one table of the record: official as published, or the user's own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from merida.errors import FactsError, Word
from merida.facts.importers import own
from merida.facts.importers.draft import Asked, Draft, Fault, Places, lines_text
from merida.facts.importers.recognise import recognise
from merida.facts.incoming import Incoming
from merida.facts.schema import Table
from merida.facts.warehouse import Facts, known_table
from merida.units.months import shifted
from merida.user_tables import DecimalSign, Note, Separator, raise_all
from merida.user_tables.apart import read_sheets
from merida.user_tables.grid import LINE, Sheets

if TYPE_CHECKING:
    import polars as pl

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
PERIODS = ("month", "year", "observed_at")  # columns of the record that say when
# Months from the end of the last period of a file to its publication, at the least; the record's tables say the same.
LAGS = {"sesnsp": 1, "inegi": 10, "bts": 2, "cbp": 0}


@dataclass(frozen=True)
class Options:
    """What the user says of a file.

    Parameters
    ----------
    table : str or None
        The table of the record that it belongs to; None: as its columns show.
    skip_bad : bool
        Whether rows with faults are left out instead of refused.
    marked : Path or None
        A workbook to be written if there are faults, with the wrong cells coloured.
    sheet : str or None
        The sheet of a workbook; None: the only one that fits.
    separator, decimal : Separator, DecimalSign or None
        What stands between cells and before decimals; None: as the file shows.
    available_from : str or None
        Month in which the file was published.
    language : str or None
        Of the notes in that workbook; None: the user's.
    today : str
        The month of adding; empty: of the computer's clock.
    """

    table: str | None = None
    skip_bad: bool = False
    marked: Path | None = None
    sheet: str | None = None
    separator: Separator | None = None
    decimal: DecimalSign | None = None
    available_from: str | None = None
    language: str | None = None
    today: str = ""


def read_incoming(path: Path, facts: Facts, places: Places, options: Options | None = None) -> Incoming:
    """Return what a file holds for the record.

    Parameters
    ----------
    path : Path
        CSV, a workbook of Excel (.xlsx), JSON or XML.
    facts : Facts
        The record.
    places : Places
        The gazetteer of the record.
    options : Options or None
        What the user says of it.

    Raises
    ------
    FactsError
        If the file cannot be read, fits no table, or holds faults; the message lists them by line and column.

    Examples
    --------
    >>> read_incoming(Path("IDM_dic2024.csv"), Facts(), gazetteer).recognised  # doctest: +SKIP
    'sesnsp_municipal_crimes'
    """
    options = options or Options()
    if options.table is not None:
        known_table(options.table)
    today = options.today or f"{date.today():%Y-%m}"
    if options.available_from is not None and not (
        MONTH.fullmatch(options.available_from) and options.available_from <= today
    ):
        raise FactsError("import_available_from", found=options.available_from, last=today)
    asked = Asked(facts, places, options.table, options.available_from, today)
    sheets = of_sheet(read_sheets(path, options.separator), options.sheet)
    official = recognise(sheets)
    hidden, bad_lines = 0, set()
    if official is not None:
        family, kind, found = official
        draft = family.read(found, kind, asked)
        if options.table not in (None, draft.table):
            name = Word(f"importers.layouts.{kind}")
            raise FactsError(
                "import_other_table", file=path, layout=name, table=draft.table, found=options.table
            )
        faults = draft.faults
    else:
        kind = None
        draft, gate = own.read(sheets, options.decimal, asked)
        faults = own.faults_of_gate(gate) + draft.faults
        hidden, bad_lines = gate.hidden, {gate.lines[row] for row in gate.at_fault()}
    bad_lines |= {fault.line for fault in faults}
    if faults and options.marked is not None:
        from merida.facts.importers.marking import write_marked

        write_marked(options.marked, sheets, faults, options.language)
    if faults and not options.skip_bad:
        ordered = [fault.error for fault in sorted(faults, key=lambda fault: fault.line)]
        if options.marked is None:
            raise_all(FactsError, path, ordered, hidden)
        raise_all(FactsError, path, [FactsError("import_marked", marked=options.marked), *ordered], hidden)
    table = known_table(draft.table)
    rows = draft.rows.filter(~pl_in(bad_lines))
    if rows.is_empty():
        raise FactsError("import_nothing_left", file=path, table=table.name)
    notes = [*sheets.notes, *draft.notes]
    if bad_lines:
        notes.append(Note("bad_left_out", {"count": len(bad_lines), "lines": lines_text(bad_lines)}))
    if kind is not None and table.sparse:
        rows = with_zeros(rows, draft, table, facts, notes)
    check_published(rows, options.available_from, path)
    month = options.available_from or draft.month or published(kind, rows, today)
    return Incoming(
        table,
        finished(rows, table, month),
        path.name,
        sheets.sha256,
        kind,
        month,
        tuple(notes),
        len(bad_lines),
    )


def of_sheet(sheets: Sheets, name: str | None) -> Sheets:
    """Return a file with one of its sheets, or with all where none is named.

    Raises
    ------
    FactsError
        If it has no sheet of this name.
    """
    if name is None:
        return sheets
    named = [grid for grid in sheets.grids if grid.name.casefold() == name.casefold()]
    if not named:
        known = ", ".join(grid.name for grid in sheets.grids if grid.name)
        raise FactsError("import_no_sheet", file=sheets.path, found=name, sheets=known or "–")
    return replace(sheets, grids=named)


def check_published(rows: pl.DataFrame, month: str | None, path: Path) -> None:
    """Refuse a month of publication that lies before what the file holds."""
    period = next((name for name in PERIODS if name in rows.columns), None)
    if month is not None and period is not None:
        last = str(rows[period].max())[:7]
        if month[: len(last)] < last:
            raise FactsError("import_before_period", file=path, found=month, last=last)


def pl_in(lines: set[int]) -> pl.Expr:
    """Tell which rows stand on one of several lines."""
    import polars as pl

    return pl.col(LINE).is_in(sorted(lines))


def with_zeros(
    rows: pl.DataFrame, draft: Draft, table: Table, facts: Facts, notes: list[Note]
) -> pl.DataFrame:
    """Return the rows of a sparse table with a zero only where the record holds more.

    A count that the record holds and the file says or implies to be zero is a revision; any other zero is left out.
    """
    import polars as pl

    measure, key = table.measures[0], list(table.keys)
    held = facts.sql(f"select {', '.join(key)} from {table.name}")
    zeros = rows.filter(pl.col(measure) == 0).join(held, on=key, how="semi")
    kept = pl.concat([rows.filter(pl.col(measure) > 0), zeros])
    gone = 0
    if draft.scope and "municipality" in key:
        state = pl.col("municipality").str.slice(0, 2)
        scope = held.join(rows.select(draft.scope).unique(), on=list(draft.scope), how="semi")
        scope = scope.filter(state.is_in(rows.select(state.unique()).to_series().to_list()))
        absent = scope.join(kept, on=key, how="anti")
        gone = absent.height
        kept = pl.concat(
            [kept, absent.with_columns(pl.lit(0).alias(measure), pl.lit(0).alias(LINE))],
            how="diagonal_relaxed",
        )
    if zeros.height + gone:
        notes.append(Note("revised_to_zero", {"count": zeros.height + gone}))
    return kept


def published(kind: str | None, rows: pl.DataFrame, today: str) -> str:
    """Return the month in which a file was published at the earliest, but not later than the month of adding."""
    lag = LAGS.get((kind or "").partition("_")[0])
    if lag is None:
        return today
    period = next(name for name in PERIODS if name in rows.columns)
    last = str(rows[period].max())[:7]
    if kind and kind.startswith("inegi"):
        last = f"{last[:4]}-12"
    return min(shifted(last, lag), today)


def finished(rows: pl.DataFrame, table: Table, month: str) -> pl.DataFrame:
    """Return the rows in the columns and types of the table, with ``available_from``."""
    import polars as pl

    types = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
    given = pl.col("available_from") if "available_from" in rows.columns else pl.lit(None, dtype=pl.String)
    rows = rows.with_columns(available_from=given.fill_null(month))
    columns = [pl.col(name).cast(types[column.type]) for name, column in table.columns.items()]
    if "available_from" not in table.columns:
        columns.append(pl.col("available_from"))
    return rows.sort(LINE).select(columns)


__all__ = ["Fault", "Options", "Sheets", "read_incoming"]
