"""Which of a user's own rows stand in a table of the record at a date.

A row of the user's own replaces the row of the record that has the same key, from the month in which it was published;
until then the record's row stands. Of several of the user's own with one key, that of the addition published last stands,
and among those of one month the one added last. No row is replaced that an addition does not name: a place that it leaves
out keeps the record's row, also in a table in which an absent row means zero.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from merida.errors import FactsError
from merida.facts.own.shelf import ROWS, Addition, Shelf, additions, shelf
from merida.figure import OwnRows

if TYPE_CHECKING:
    import polars as pl

    from merida.facts.schema import Table

ADDITION = "addition"  # the column that says which addition a row is of
TYPES = {"text": "String", "integer": "Int64", "number": "Float64", "boolean": "Boolean"}


class Standing:
    """The user's own rows of a date, as they were when this was made.

    Parameters
    ----------
    as_of : str or None
        ``YYYY-MM``: only rows that had been published by the end of that month.
    wanted : bool or mapping of str to str
        False: none at all. A mapping: these additions and no others, by id, with the `rows_sha256` of each.

    Raises
    ------
    FactsError
        If what is written of an addition is damaged, or one that is wanted is not there; the message names it.
    """

    def __init__(self, as_of: str | None, wanted: bool | Mapping[str, str] = True) -> None:
        held = additions() if wanted else ()
        if isinstance(wanted, Mapping):
            held = tuple(one for one in held if wanted.get(one.id) == one.rows_sha256)
            for gone in wanted.keys() - {one.id for one in held}:
                raise FactsError("own_gone", id=gone)
        self.as_of = as_of
        self._shelf = Shelf(one for one in held if as_of is None or one.published[0] <= as_of)
        self._reading = threading.Lock()
        self._rows: dict[str, pl.DataFrame] = {}

    @property
    def additions(self) -> tuple[Addition, ...]:
        """The additions that have rows published by the date."""
        return self._shelf.additions

    def of(self, table: str) -> tuple[Addition, ...]:
        """Return the additions to one table, each hiding those before it."""
        return tuple(one for one in self.additions if one.table == table)

    def digest(self, record: str) -> str:
        """Return the SHA-256 of a record's own and the rows that stand in it; without any it is the record's."""
        if not self.additions:
            return record
        stated = [record, *((one.table, one.rows_sha256) for one in self.additions)]
        return hashlib.sha256(json.dumps(stated).encode()).hexdigest()

    def rows(self, table: Table) -> pl.DataFrame | None:
        """Return the rows of the user's own that stand in a table, or None where there are none.

        Returns
        -------
        pl.DataFrame
            The table's columns, ``available_from``, and in ``addition`` the id of what each row is of; keys are distinct.

        Raises
        ------
        FactsError
            If a file is damaged, or was written for other columns than the table has.
        """
        held = self.of(table.name)
        if not held:
            return None
        with self._reading:
            if table.name not in self._rows:
                parts = [(one.id, self.fitting(one, table)) for one in held]
                self._rows[table.name] = newest(parts, table, self.as_of)
            return self._rows[table.name]

    def fitting(self, about: Addition, table: Table) -> pl.DataFrame:
        """Return the rows of an addition, if they have the columns of its table."""
        rows = self._shelf.rows(about)
        if not fits(rows, table):
            raise FactsError(
                "own_other_columns", id=about.id, table=table.name, file=shelf() / about.id / ROWS
            )
        return rows

    def counted(self, tables: Iterable[Table]) -> tuple[OwnRows, ...]:
        """Return how many rows of each addition to some tables stand; an addition of which none stands is left out."""
        found = []
        for table in tables:
            rows = self.rows(table)
            if rows is not None:
                counts = dict(rows.group_by(ADDITION).len().iter_rows())
                found += [one.counted(counts[one.id]) for one in self.of(table.name) if one.id in counts]
        return tuple(found)


def fits(rows: pl.DataFrame, table: Table) -> bool:
    """Tell whether rows have exactly a table's columns in their types, and ``available_from``."""
    wanted = {name: TYPES[column.type] for name, column in table.columns.items()} | {
        "available_from": "String"
    }
    return {name: str(kind) for name, kind in rows.schema.items()} == wanted


def newest(parts: Iterable[tuple[str, pl.DataFrame]], table: Table, as_of: str | None) -> pl.DataFrame:
    """Return the rows of several additions that were published by a date; of one key the last addition's stands."""
    import polars as pl

    columns = [*table.columns, *({"available_from"} - table.columns.keys())]
    rows = pl.concat(
        [part.select(columns).with_columns(pl.lit(name).alias(ADDITION)) for name, part in parts]
    )
    if as_of is not None:
        rows = rows.filter(pl.col("available_from") <= as_of)
    return rows.unique(subset=list(table.keys), keep="last", maintain_order=True)
