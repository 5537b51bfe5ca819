"""The record as a DuckDB database in memory that nobody can write to.

A query passes four gates: its words are read before it runs (`query.py`); it runs in a transaction that cannot write;
the database is closed to files, the network, extensions and settings; and a clock and the growth of the process end
it. Tables are loaded when a query first needs them, from files whose SHA-256 is that of the bundle's manifest.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from merida.errors import FactsError, nearest
from merida.facts import compiled
from merida.facts.own.shelf import Addition
from merida.facts.own.standing import ADDITION, Standing
from merida.facts.query import check_query
from merida.facts.running import MissingTableError, run
from merida.facts.schema import Table, tables
from merida.figure import Figure, Origin, OwnRows

if TYPE_CHECKING:
    import duckdb
    import polars as pl

QUERY_SECONDS = 30.0
DUCKDB_MEMORY_GB = 1.5  # of its own; see `running.GROWTH_GB` for all that a query may take
THREADS = 1  # sums of numbers with decimals depend on the order in which several threads add them
REMEMBERED, MOST_CELLS = 256, 20_000  # answers of one record that are kept, and cells of each at most
CHANCE = re.compile(
    r"\b(\w*random\w*|\w*uuid\w*|setseed|now|today|\w*timestamp\w*|current_\w+|get_current\w*|sample|tablesample)\b"
)
"""What may give another answer each time."""
CATALOG = re.compile(r"\b(show|pragma|information_schema|(duckdb|sqlite|pg|pragma)_\w+)\b")


def checked_as_of(as_of: str | None) -> str | None:
    """Return `as_of` if it is a month ``YYYY-MM`` within the record, or None for the whole record.

    Raises
    ------
    FactsError
        If it is not a month or lies outside the record.

    Examples
    --------
    >>> checked_as_of("2012-12")
    '2012-12'
    """
    if as_of is None:
        return None
    if not isinstance(as_of, str) or not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", as_of):
        raise FactsError("as_of_not_a_month", found=as_of)
    first, last = compiled.record_span()
    if not first <= as_of <= last:
        raise FactsError("as_of_outside", found=as_of, first=first, last=last)
    return as_of


def known_table(name: str) -> Table:
    """Return the table called `name`.

    Raises
    ------
    FactsError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> known_table("homicides_year").status
    'verified'
    """
    known = tables()
    if name in known:
        return known[name]
    wanted = name.lower()
    meant = [table.name for table in known.values() if wanted in table.also]
    raise FactsError("unknown_table", found=name, nearest=", ".join(meant) or nearest(name, known))


def year_of(table: Table) -> str:
    """Return the SQL of the year that a table with a month gets on loading."""
    has = "month" in table.columns and "year" not in table.columns
    return ", cast(month[1:4] as bigint) as year" if has else ""


def derived(table: Table) -> str:
    """Return the SQL of the columns that every table gets on loading: its year, and when it was published."""
    published = (
        "" if table.availability.rule == "column" else f", {table.availability.sql()} as available_from"
    )
    return year_of(table) + published


class Facts:
    """The public record with the user's own rows, read-only, as it was known at a date.

    One object may be asked from several threads; each call has a cursor of its own. It keeps the user's own rows as they
    were when it was made.

    Parameters
    ----------
    as_of : str or None
        ``YYYY-MM``: only rows that had been published by the end of that month. None: the whole record.
    own : bool or mapping of str to str
        False: the public record alone, without the user's own rows. A mapping: with these alone; see `seen`.

    Attributes
    ----------
    own : tuple of Addition
        What the user added that had been published by then.

    Raises
    ------
    FactsError
        If `as_of` is not a month within the record, or a file of the user's own rows is damaged.

    Examples
    --------
    >>> Facts("2012-12").sql("select max(year) as last from homicides_year").item()
    2011
    """

    def __init__(self, as_of: str | None = None, own: bool | Mapping[str, str] = True) -> None:
        self.as_of = checked_as_of(as_of)
        self._standing = Standing(self.as_of, own)
        self._loading = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None
        self._loaded: frozenset[str] = frozenset()
        self._answers: dict[str, pl.DataFrame] = {}

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the record's manifest, which holds that of each of its tables, and of the user's own rows."""
        return self._standing.digest(compiled.digest())

    @property
    def own(self) -> tuple[Addition, ...]:
        """What the user added that had been published by the date."""
        return self._standing.additions

    @property
    def seen(self) -> dict[str, str]:
        """The additions of `own` by id, with the SHA-256 of the rows of each: what another process is to see too."""
        return {one.id: one.rows_sha256 for one in self.own}

    def __eq__(self, other: object) -> bool:
        """Tell whether two records hold the same, so that what is kept of one serves the other."""
        return isinstance(other, Facts) and self._held() == other._held()

    def _held(self) -> tuple[object, ...]:
        """Return what two records that hold the same have in common; rows of one's own are of a file and a day."""
        return self.digest, self.as_of, self.own

    def __hash__(self) -> int:
        return hash((self.digest, self.as_of))

    def sql(self, query: str, seconds: float = QUERY_SECONDS) -> pl.DataFrame:
        """Return the answer to one read-only query.

        Every table of the record is there by its name, with ``available_from`` (``YYYY-MM``) in each row, and
        with ``year`` where it has a ``month``. Two columns of one name get distinct names: ``year``, ``year_1``.
        Dates, times and integers that a data frame cannot hold come as text, and so do intervals, maps and bits.

        Parameters
        ----------
        query : str
            One statement that reads: ``select``, ``with``, ``from``, ``values``, ``pivot``, ``describe``,
            ``show``, ``summarize``, or ``explain`` of one.
        seconds : float
            The query is stopped after this time.

        Raises
        ------
        FactsError
            If the query is not one statement that reads, is not valid, touches files, takes longer than
            `seconds` or more memory than it is given, or returns more than a million rows.

        Examples
        --------
        >>> Facts().sql("select count(*) as states from states").item()
        32
        """
        if (kept := self._answers.get(query)) is not None:
            return kept.clone()
        check_query(self.connect(()), query)
        needed = self.tables_in(query)
        while True:
            cursor = self.connect(needed)
            try:
                return self._remembered(query, run(cursor, query, seconds, self._abandon))
            except MissingTableError as missing:
                if missing.name not in tables() or missing.name in needed:
                    known_table(missing.name)
                    raise FactsError("sql_invalid", reason=str(missing)) from missing
                needed |= {missing.name}
            finally:
                cursor.close()

    def _remembered(self, query: str, answer: pl.DataFrame) -> pl.DataFrame:
        """Keep a small answer, for the record does not change: models ask the same of it for every plan."""
        if answer.height * answer.width <= MOST_CELLS and not CHANCE.search(query.lower()):
            with self._loading:
                while len(self._answers) >= REMEMBERED:
                    del self._answers[next(iter(self._answers))]
                self._answers[query] = answer
            return answer.clone()
        return answer

    def connect(self, needed: Iterable[str]) -> duckdb.DuckDBPyConnection:
        """Return a cursor on the record that holds at least the tables `needed`; each is loaded once.

        Raises
        ------
        FactsError
            If a file of the bundle is missing or damaged.
        """
        with self._loading:
            if self._database is None:
                self._database, self._loaded = _empty_database(), frozenset()
            for name in sorted(set(needed) - self._loaded):
                own = self._standing.rows(tables()[name])
                _load(self._database, tables()[name], self.as_of, own)
                self._loaded |= {name}
            return self._database.cursor()

    def _abandon(self) -> None:
        """Leave the database to a query that does not stop, so that the next one finds another."""
        with self._loading:
            self._database = None

    @staticmethod
    def tables_in(query: str) -> set[str]:
        """Return every table whose name occurs in the query; all of them if it asks what there is."""
        text = query.lower()
        named = set(re.findall(r"\w+", text)) & tables().keys()
        asks = CATALOG.search(text) or (not named and "describe" in text)
        return set(tables()) if asks else named

    def figure(self, query: str, unit: str, note: str = "") -> Figure | None:
        """Return the one number that `query` gives, as a fact that carries the query; None if there is none.

        Raises
        ------
        FactsError
            If the query gives more than one row or column, or something that is not a number.

        Examples
        --------
        >>> Facts().figure("select count(*) from states", "states").value
        32
        """
        rows = self.sql(query)
        if rows.height > 1 or rows.width != 1:
            raise FactsError("sql_not_one_value", rows=rows.height, columns=rows.width)
        value = rows.item() if rows.height else None
        if value is None:
            return None
        if not isinstance(value, int | float):
            raise FactsError("sql_not_a_number", found=value)
        number = int(value) if float(value).is_integer() else float(value)
        return Figure(number, None, None, unit, "fact", self.origin(query, note))

    def origin(self, query: str, note: str = "") -> Origin:
        """Return the origin of whatever `query` gives: the tables that it names, and the query itself."""
        named = tuple(sorted(self.tables_in(query)))
        return Origin(named, query, note, own=self.own_rows(named))

    @property
    def loaded(self) -> frozenset[str]:
        """The tables that were asked for so far."""
        return self._loaded

    def own_rows(self, names: Iterable[str] | None = None) -> tuple[OwnRows, ...]:
        """Return the rows of the user's own that stand in some tables, by default in all, one entry an addition.

        Raises
        ------
        FactsError
            If a file of the user's own rows is damaged.
        """
        held = {one.table for one in self.own}
        return self._standing.counted(
            tables()[name] for name in sorted(held & set(held if names is None else names))
        )

    def own_table(self, addition: Addition) -> pl.DataFrame:
        """Return the rows of one of the user's additions as they were added, whether they stand or not."""
        return self._standing.fitting(addition, tables()[addition.table])

    def own_row(self, table: Table, key: Mapping[str, Any]) -> Addition | None:
        """Return the addition that the row of a key is of, or None where it is the record's own."""
        rows = self._standing.rows(table)
        if rows is None:
            return None
        import polars as pl

        found = rows.filter(*(pl.col(name).eq_missing(pl.lit(value)) for name, value in key.items()))[
            ADDITION
        ]
        return next((one for one in self.own if one.id in found.to_list()), None)


def _empty_database() -> duckdb.DuckDBPyConnection:
    """Return a database in memory that is closed to files, extensions, settings and variables of Python."""
    import duckdb

    database = duckdb.connect(
        config={
            "memory_limit": f"{DUCKDB_MEMORY_GB}GB",
            "threads": THREADS,
            "temp_directory": "",
        }
    )
    # The bar, which DuckDB draws for whoever seems to sit before it, would stand among the rows on standard output. In a
    # notebook without ipywidgets it is off, and DuckDB refuses to be told so.
    if database.execute("select current_setting('enable_progress_bar')").fetchall() == [(True,)]:
        database.execute("set enable_progress_bar = false")
    database.execute(
        "set python_enable_replacements = false; set autoinstall_known_extensions = false; "
        "set autoload_known_extensions = false; set enable_external_access = false; set lock_configuration = true"
    )
    return database


def _load(
    database: duckdb.DuckDBPyConnection, table: Table, as_of: str | None, own: pl.DataFrame | None
) -> None:
    """Put what was published of one table by `as_of` into the database, and `own` in the place of rows of its keys."""
    import duckdb
    import polars as pl

    file = f"{table.name}.parquet"
    contents = compiled.verified_bytes(file)
    try:
        rows = pl.read_parquet(io.BytesIO(contents)).select(list(table.columns))
        database.register("incoming", rows.__arrow_c_stream__())
        database.execute(
            f'create table "{table.name}" as select * exclude (available_from), available_from from '
            f"(select *{derived(table)} from incoming) where $as_of is null or available_from <= $as_of",
            {"as_of": as_of},
        )
        database.unregister("incoming")
        if own is not None:
            same = " and ".join(f'o."{name}" is not distinct from r."{name}"' for name in table.keys)
            database.register("incoming", own.drop(ADDITION).__arrow_c_stream__())
            database.execute(
                f"create temp table own as select *{year_of(table)} from incoming; "
                f'delete from "{table.name}" as r using own as o where {same}; '
                f'insert into "{table.name}" by name from own; drop table own'
            )
            database.unregister("incoming")
    except (duckdb.Error, pl.exceptions.PolarsError) as error:
        raise FactsError("bundle_unreadable", file=file, folder=str(compiled.bundle())) from error
    except RuntimeError as error:  # what DuckDB makes of Ctrl-C
        raise KeyboardInterrupt from error
