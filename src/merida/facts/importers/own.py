"""A table of the user's own: any table of the record, in a file that a person or a spreadsheet wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from merida.errors import FactsError
from merida.facts.importers.draft import Asked, Draft, Fault, fault, lines_text
from merida.facts.importers.names import Names, letters, repaired
from merida.facts.importers.own_columns import Municipality, Period, State, gate_columns, synonyms
from merida.facts.schema import Table as HeldTable
from merida.facts.schema import tables
from merida.facts.warehouse import known_table
from merida.user_tables import Cells, DecimalSign, Note, Number, Table
from merida.user_tables.grid import LINE, Grid, Sheets

if TYPE_CHECKING:
    import polars as pl

THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[\s']\d{3})+(?:[.,]\d+)?")
MOST_NAMED = 8  # tables that a message lists
LOOKED_AT = 30  # rows in which the names of the columns may stand
FREE = "available_from"


def read(sheets: Sheets, decimal: DecimalSign | None, asked: Asked) -> tuple[Draft, Table]:
    """Return the rows of an own table, with the gate's table that holds what is wrong in single cells.

    Raises
    ------
    FactsError
        If the file fits no table, or several; or lacks a column.
    """
    held, grid, at = chosen(sheets, asked)
    grid, notes = cleaned(grid, at)
    if asked.table is None:
        notes.append(Note("table_understood", {"table": held.name}))
    cells = grid.below(at, sheets.path, sheets.separator, FactsError)
    if not cells.lines and not cells.faults:
        raise FactsError("table_empty", file=sheets.path)
    titles = titles_of(held, cells.columns)
    cells = tidied(with_states(cells, held, titles), held, titles)
    if sheets.kind == "xlsx" and decimal is None:
        decimal = DecimalSign.POINT  # numbers come as they are stored
    schema = gate_columns(held, titles, asked)
    table = Table(cells, schema, decimal)
    extra = [
        name for name in cells.columns if name not in titles.values() and name not in state_titles(cells)
    ]
    if extra:
        notes.append(Note("columns_not_read", {"names": ", ".join(extra[:8])}))
    notes += understood(table, schema, titles)
    draft = Draft(held.name, typed(table, held), [*table.notes, *notes])
    distinct(draft, held, table, titles)
    return draft, table


def chosen(sheets: Sheets, asked: Asked) -> tuple[HeldTable, Grid, int]:
    """Return the table that the file is of, its sheet, and the row that names the columns."""
    if asked.table is not None:
        held = known_table(asked.table)
        best = [best_row(held, grid) for grid in sheets.grids]
        most = max(count for count, *_ in best)
        fit = [(at, grid) for count, at, grid in best if count == most]
        return held, *only_sheet(fit if most else fit[:1], sheets)  # what is missing is said by the gate
    fitting = []
    near: dict[str, int] = {}
    for held in tables().values():
        needed = {name for name, column in held.columns.items() if not column.nullable and name != FREE}
        if not held.measures:
            continue  # a catalogue is added to by name only
        needed |= {held.measures[0]} if not needed & set(held.measures) else set()
        for grid in sheets.grids:
            count, at, _ = best_row(held, grid)
            near[held.name] = max(count, near.get(held.name, 0))
            if needed <= titles_of(held, grid.row(at)).keys():
                fitting.append((count, held, at, grid))
    # A table whose columns are among another's is not meant where that one fits too.
    fits = [place[1:] for place in fitting if place[0] == max(place[0] for place in fitting)]
    if len({held.name for held, *_ in fits}) != 1:
        nearest = [
            name for name in sorted(near, key=lambda name: -near[name]) if near[name] == max(near.values())
        ]
        named = list(dict.fromkeys(held.name for held, *_ in fits)) or nearest
        shown = ", ".join(named[:MOST_NAMED]) + ("…" if len(named) > MOST_NAMED else "")
        raise FactsError("import_which_table", file=sheets.path, tables=shown)
    return fits[0][0], *only_sheet([(at, grid) for _, at, grid in fits], sheets)


def best_row(held: HeldTable, grid: Grid) -> tuple[int, int, Grid]:
    """Return how many columns of a table the row of a sheet names that names most of them, and which row it is."""
    counts = [len(titles_of(held, grid.row(at))) for at in range(min(LOOKED_AT, grid.cells.height))]
    return max(counts), counts.index(max(counts)), grid


def only_sheet(places: list[tuple[int, Grid]], sheets: Sheets) -> tuple[Grid, int]:
    """Return the one sheet that fits, with the row that names its columns; an error where several do."""
    if len(places) > 1:
        raise FactsError(
            "import_which_sheet", file=sheets.path, sheets=", ".join(grid.name for _, grid in places)
        )
    at, grid = places[0]
    return grid, at


@cache
def names_of(table: str) -> Names:
    """Return the names of a table's columns, the record's own and others."""
    also = synonyms()["columns"]
    return Names({name: (name, *also.get(name, ())) for name in (*known_table(table).columns, FREE)})


def titles_of(held: HeldTable, names: Any) -> dict[str, str]:
    """Return what the file calls each column of a table."""
    wanted = names_of(held.name)
    titles: dict[str, str] = {}
    for exact in (True, False):  # a column's own name goes before a synonym
        for title in names:
            meaning = wanted.find(title)
            if meaning and (not exact or letters(title) == letters(meaning)):
                titles.setdefault(meaning, title)
    return titles


def cleaned(grid: Grid, at: int) -> tuple[Grid, list[Note]]:
    """Return a sheet without totals, examples, notes and repeated heads, and what there is to say of them."""
    import polars as pl

    words = {name: tuple(map(letters, names)) for name, names in synonyms()["rows"].items()}
    head = tuple(map(letters, grid.row(at)))
    left: dict[str, list[int]] = {}
    for row in grid.cells.slice(at + 1).iter_rows():
        line, cells = row[0], row[2:]
        filled = [letters(cell) for cell in cells if cell]
        texts = [text for text in filled if not text.isdigit()]
        if tuple(map(letters, cells)) == head:
            left.setdefault("heads_left_out", []).append(line)
        elif texts and all(text.startswith(words["examples"]) for text in filled):
            left.setdefault("examples_left_out", []).append(line)
        elif texts and texts[0].startswith(words["totals"]):
            left.setdefault("totals_left_out", []).append(line)
        elif (
            len(filled) == 1
            and texts
            and (texts[0].startswith(words["notes"]) or str(cells[0]).startswith("*"))
        ):
            left.setdefault("notes_left_out", []).append(line)
    notes = [Note(key, {"count": len(lines), "lines": lines_text(lines)}) for key, lines in left.items()]
    gone = [line for lines in left.values() for line in lines]
    return Grid(grid.name, grid.cells.filter(~pl.col(LINE).is_in(gone))), notes


def state_titles(cells: Cells) -> list[str]:
    """Return the columns that name a state, where the table has none of its own."""
    states = Names({"state": ("state", *synonyms()["columns"]["state"])})
    return [name for name in cells.columns if states.find(name)]


def with_states(cells: Cells, held: HeldTable, titles: Mapping[str, str]) -> Cells:
    """Return the cells with the state of each row behind the name of its municipality, where the file says it apart."""
    states = state_titles(cells)
    place = titles.get("municipality")
    if place is None or not states:
        return cells
    apart = cells.columns[states[0]]
    named = tuple(
        f"{cell}, {state}" if cell and state and not re.fullmatch(r"\d{4,5}(\.0+)?|.*,.*", cell) else cell
        for cell, state in zip(cells.columns[place], apart, strict=True)
    )
    return replace(cells, columns={**cells.columns, place: named})


def tidied(cells: Cells, held: HeldTable, titles: Mapping[str, str]) -> Cells:
    """Return the cells without what changes no reading: spaces between thousands, signs within a code, lost accents."""

    def number(cell: str) -> str:
        return re.sub(r"[\s']", "", cell) if THOUSANDS.fullmatch(cell) else cell

    def text(cell: str) -> str:
        code = re.fullmatch(r"'?(\d{2})[- ]?(\d{3})|'(\d+)", cell)
        return "".join(filter(None, code.groups())) if code else repaired(cell)

    tidy = {}
    for name, title in titles.items():
        if name in held.columns:
            tidied_cell = text if held.columns[name].type == "text" else number
            known = {cell: tidied_cell(cell) for cell in set(cells.columns[title])}
            tidy[title] = tuple(known[cell] for cell in cells.columns[title])
    return replace(cells, columns={**cells.columns, **tidy})


def understood(table: Table, schema: Any, titles: Mapping[str, str]) -> list[Note]:
    """Return what was made of cells that do not say it as the record does."""
    notes: list[Note] = []
    for column in schema:
        if column.name not in table:
            continue
        title = titles[column.name]
        texts = table.columns[title]
        changed = [
            (line, text, value)
            for line, text, value in zip(table.lines, texts, table[column.name], strict=True)
            if value is not None and text != value
        ]
        if isinstance(column, Period):
            notes += told("months_understood", title, changed)
        elif isinstance(column, State | Municipality):
            codes = [row for row in changed if re.fullmatch(r"[\d.]+", row[1])]
            notes += told("zeros_restored", title, codes)
            notes += told("names_to_codes", title, [row for row in changed if row not in codes])
        elif isinstance(column, Number):
            sign = "," if table.decimal is DecimalSign.COMMA else "."
            other = "." if sign == "," else ","
            grouped = [row for row in changed if other in row[1]]
            notes += told("thousands_understood", title, grouped)
            if sign == ",":
                notes += told("decimal_commas", title, [row for row in changed if "," in row[1]])
    return notes


def told(key: str, title: str, rows: list[tuple[int, str, Any]]) -> list[Note]:
    """Return a note that counts cells and shows the first, or none."""
    if not rows:
        return []
    line, text, value = rows[0]
    return [
        Note(key, {"column": title, "count": len(rows), "line": line, "found": text, "value": str(value)})
    ]


def typed(table: Table, held: HeldTable) -> pl.DataFrame:
    """Return the rows without a fault, in the types of the record, with the line of each."""
    import polars as pl

    types = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
    bad = table.at_fault()
    kept = [row for row in range(len(table.lines)) if row not in bad]
    columns: dict[str, pl.Series] = {LINE: pl.Series([table.lines[row] for row in kept], dtype=pl.Int64)}
    for name, column in held.columns.items():
        values = table[name] if name in table else [None] * len(table.lines)
        columns[name] = pl.Series([values[row] for row in kept], dtype=types[column.type])
    if FREE in table and FREE not in columns:
        columns[FREE] = pl.Series([table[FREE][row] for row in kept], dtype=pl.String)
    return pl.DataFrame(columns)


def distinct(draft: Draft, held: HeldTable, table: Table, titles: Mapping[str, str]) -> None:
    """Merge rows that stand twice, and refuse those of one key that differ, with both lines."""
    import polars as pl

    whole = [name for name in draft.rows.columns if name != LINE]
    same = draft.rows.filter(~pl.struct(whole).is_first_distinct())
    if same.height:
        lines = lines_text(same[LINE].to_list())
        draft.notes.append(Note("identical_merged", {"count": same.height, "lines": lines}))
    rows = draft.rows.unique(whole, keep="first", maintain_order=True)
    first = rows.with_columns(first=pl.col(LINE).min().over(list(held.keys)))
    clash = first.filter(pl.col(LINE) > pl.col("first"))
    title = titles[held.measures[0]] if held.measures and held.measures[0] in titles else titles[held.keys[0]]
    cell_of = dict(zip(table.lines, table.columns[title], strict=True))
    for line, other in clash.select(LINE, "first").iter_rows():
        draft.faults.append(fault(line, title, "import_conflict", found=cell_of[line], other=other))
    draft.rows = rows.filter(~pl.col(LINE).is_in(clash[LINE].to_list()))


def faults_of_gate(table: Table) -> list[Fault]:
    """Return the faults of the gate as those of a draft."""
    return [Fault(line, column, error) for line, column, error in table.faults]  # type: ignore[arg-type]
