"""What a user's own rows change in a table: before they are written, and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from merida.errors import FactsError
from merida.facts.own import shelf
from merida.facts.own.shelf import Addition, addition
from merida.facts.own.standing import ADDITION, fits, newest
from merida.facts.schema import Table, tables
from merida.facts.warehouse import Facts

if TYPE_CHECKING:
    from merida.facts.incoming import Incoming

STATE_OF = {"municipality": 2, "state": 2}  # letters of a place's code that name its state
PLANNED = "-"  # the id of rows that are not written yet


@dataclass(frozen=True)
class Change:
    """What rows change in a table of the record as it stands with the user's other rows.

    Attributes
    ----------
    table : str
    rows : int
        Rows of the file: those new, changed, unchanged and hidden.
    new, changed, unchanged : int
        Rows whose key the table did not hold; whose values it held otherwise; and held as they are.
    hidden : int
        Rows that do not stand, because those of a file of yours that was published later, or added later, do.
    changes : pl.DataFrame
        A line for each value that is changed: the key, ``column``, ``old`` and ``new``, which are text where some columns
        of the table hold no numbers, and for numbers the ``difference``; the largest first.
    sums : pl.DataFrame
        By year, and by the table's kinds of count: each measure of the whole table ``before`` and ``after``.
    unnamed : int
        Rows of the table in the periods and states of the file that it does not name: they stand as they were.
    new_periods : int
        Periods (and kinds of count) of the file that the table did not hold at all.
    states : int
        In these, the states that the file names; 0 where a row has no place.
    states_in_all : int
        States that there are.
    same_file : str
        The id of an addition of the very same file to the same table, or empty.
    """

    table: str
    rows: int
    new: int
    changed: int
    unchanged: int
    hidden: int
    changes: pl.DataFrame
    sums: pl.DataFrame
    unnamed: int
    new_periods: int
    states: int
    states_in_all: int
    same_file: str

    @property
    def partial(self) -> bool:
        """Whether places that the file does not name will read as zero in periods that are new to the table."""
        return tables()[self.table].sparse and 0 < self.states < self.states_in_all


def plan_change(incoming: Incoming) -> Change:
    """Return what rows would change if they were added now. Nothing is written.

    Raises
    ------
    FactsError
        If there are no rows, they are not of the table's columns or hold a key twice, or an own file is damaged.
    """
    check(incoming)
    facts = Facts()
    held = [(one.id, facts.own_table(one)) for one in facts.own if one.table == incoming.table.name]
    ranked = [((one.available_from, shelf.number_of(one.id)), one.id) for one in facts.own]
    order = {name: rank for rank, name in ranked} | {PLANNED: (incoming.available_from, float("inf"))}
    after = sorted([*held, (PLANNED, incoming.rows)], key=lambda part: order[part[0]])
    same = [one.id for one in facts.own if (one.table, one.sha256) == (incoming.table.name, incoming.sha256)]
    return compared(incoming.table, held, after, PLANNED, same[-1] if same else "")


def diff(identity: str) -> Change:
    """Return what an addition changes in its table, beside a table that is the same without it.

    Raises
    ------
    FactsError
        If there is no such addition, or an own file is damaged.
    """
    about, facts = addition(identity), Facts()
    after = [(one.id, facts.own_table(one)) for one in facts.own if one.table == about.table]
    before = [part for part in after if part[0] != identity]
    return compared(tables()[about.table], before, after, identity, "")


def put(incoming: Incoming) -> Addition:
    """Add rows to a table of the record, and return the addition: all of them are written, or none.

    Raises
    ------
    FactsError
        If there are no rows, they are not of the table's columns or hold a key twice.
    OutputError
        If the folder of the user's own rows cannot be written.

    Examples
    --------
    >>> put(incoming).id
    'crime_victims-1'
    """
    check(incoming)
    return shelf.save(incoming)


def rows_of(identity: str) -> pl.DataFrame:
    """Return the rows of an addition, as they were added.

    Raises
    ------
    FactsError
        If there is no such addition, or its file is damaged.
    """
    about = addition(identity)
    return shelf.Shelf([about]).rows(about)


def check(incoming: Incoming) -> None:
    """Refuse rows that cannot stand in their table; see `put`."""
    table, rows = incoming.table, incoming.rows
    if not rows.height:
        raise FactsError("own_no_rows", file=incoming.file_name, table=table.name)
    if not fits(rows, table):
        raise ValueError(f"rows for {table.name} are of other columns: {dict(rows.schema)}")
    twice = rows.filter(rows.select(table.keys).is_duplicated()).select(table.keys)
    if twice.height:
        key = " ".join(f"{name}={value}" for name, value in twice.row(0, named=True).items())
        raise FactsError("own_keys_twice", table=table.name, key=key)


Parts = list[tuple[str, pl.DataFrame]]


def compared(table: Table, before: Parts, after: Parts, identity: str, same_file: str) -> Change:
    """Return what the rows of one addition among those `after` change in a table."""
    keys = list(table.keys)
    record = Facts(own=False)
    columns = ", ".join(
        f'"{name}"' for name in (*table.columns, *({"available_from"} - table.columns.keys()))
    )
    bundle = pl.DataFrame(record.connect((table.name,)).sql(f'select {columns} from "{table.name}"'))
    old, new = with_parts(bundle, before, table), with_parts(bundle, after, table)
    rows = dict(after)[identity]
    mine = new.filter(pl.col(ADDITION) == identity)
    pairs = mine.join(old, on=keys, how="left", suffix="_old", nulls_equal=True, coalesce=True)
    fresh = mine.join(old, on=keys, how="anti", nulls_equal=True).height
    values = [name for name in table.columns if name not in (*keys, "available_from")]
    known = pairs.filter(pl.col(f"{ADDITION}_old").is_not_null())
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in values]
    altered = known.filter(pl.any_horizontal(differs)) if values else known.clear()
    states_in_all = int(record.sql("select count(*) from states").item())
    periods, states = unheld(table, mine, old)
    return Change(
        table=table.name,
        rows=rows.height,
        new=fresh,
        changed=altered.height,
        unchanged=known.height - altered.height,
        hidden=rows.height - mine.height,
        changes=lines(table, altered, values),
        sums=sums(table, rows, old, new),
        unnamed=not_named(table, rows, old),
        new_periods=periods,
        states=states,
        states_in_all=states_in_all,
        same_file=same_file,
    )


def with_parts(bundle: pl.DataFrame, parts: Parts, table: Table) -> pl.DataFrame:
    """Return a whole table with some additions, in ``addition`` the id of each own row and nothing for the record's."""
    record = bundle.with_columns(pl.lit("").alias(ADDITION))
    if not parts:
        return record
    own = newest(parts, table, None)
    return pl.concat(
        [record.join(own, on=table.keys, how="anti", nulls_equal=True), own.select(record.columns)]
    )


def lines(table: Table, altered: pl.DataFrame, values: list[str]) -> pl.DataFrame:
    """Return a line for each value that is changed, the largest change first."""
    parts = []
    numeric = all(table.columns[name].type in ("integer", "number") for name in values)
    kind = pl.Float64 if numeric else pl.String
    for name in values:
        number = table.columns[name].type in ("integer", "number")
        change = (
            (pl.col(name) - pl.col(f"{name}_old")).cast(pl.Float64) if number else pl.lit(None, pl.Float64)
        )
        parts.append(
            altered.filter(pl.col(name).ne_missing(pl.col(f"{name}_old"))).select(
                *table.keys,
                pl.lit(name).alias("column"),
                pl.col(f"{name}_old").cast(kind).alias("old"),
                pl.col(name).cast(kind).alias("new"),
                change.alias("difference"),
            )
        )
    if not parts:
        return pl.DataFrame()
    every = pl.concat(parts)
    order = [pl.col("difference").abs(), *map(pl.col, table.keys)]
    return every.sort(
        order, descending=[True, *[False] * len(table.keys)], nulls_last=True, maintain_order=True
    )


def sums(table: Table, rows: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Return each measure of the whole table before and after, by the years and kinds of count that the file names."""
    year = year_of(table)
    if year is None or not table.measures:
        return pl.DataFrame()
    kinds = [name for name in table.keys if table.columns[name].values]
    by = ["year", *kinds]
    touched = rows.with_columns(year).select(by).unique()

    def summed(frame: pl.DataFrame, name: str) -> pl.DataFrame:
        return (
            frame.with_columns(year)
            .join(touched, on=by, how="semi", nulls_equal=True)
            .group_by(by)
            .agg(pl.col(measure).cast(pl.Float64).sum() for measure in table.measures)
            .unpivot(index=by, variable_name="sum_of", value_name=name)
        )

    both = summed(new, "after").join(summed(old, "before"), on=[*by, "sum_of"], how="left", nulls_equal=True)
    return both.select(*by, "sum_of", pl.col("before").fill_null(0.0), "after").sort("sum_of", *by)


def year_of(table: Table) -> pl.Expr | None:
    """Return the year of a row, from the column that holds it or its month; None where a table has neither."""
    for name, column in table.columns.items():
        if column.key and name in ("year", "fiscal_year") and column.type == "integer":
            return pl.col(name).alias("year")
    if "month" in table.columns:
        return pl.col("month").str.slice(0, 4).cast(pl.Int64).alias("year")
    return None


def parts_of_key(table: Table) -> tuple[list[str], list[pl.Expr]]:
    """Return the key columns that are no places, and of those that are, the state."""
    periods = [name for name in table.keys if name not in STATE_OF]
    places = [pl.col(name).str.slice(0, STATE_OF[name]) for name in table.keys if name in STATE_OF]
    return periods, places


def not_named(table: Table, rows: pl.DataFrame, old: pl.DataFrame) -> int:
    """Return how many rows of the table in the periods and states of a file the file does not name."""
    periods, places = parts_of_key(table)
    if not places:
        return 0
    by = [*map(pl.col, periods), *places[:1]]
    touched = rows.select(by).unique()
    names = touched.columns
    rest = old.join(rows, on=table.keys, how="anti", nulls_equal=True).select(by)
    return rest.join(touched, on=names, how="semi", nulls_equal=True).height


def unheld(table: Table, rows: pl.DataFrame, old: pl.DataFrame) -> tuple[int, int]:
    """Return how many periods of some rows a table did not hold, and how many states the rows name in these."""
    periods, places = parts_of_key(table)
    if not periods:
        return 0, 0
    fresh = rows.join(old, on=periods, how="anti", nulls_equal=True)
    states = fresh.select(places[0]).to_series().n_unique() if places and fresh.height else 0
    return fresh.select(periods).n_unique() if fresh.height else 0, states
