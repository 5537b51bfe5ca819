"""The record as a read-only DuckDB warehouse in memory."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterable
from functools import cached_property
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from merida.errors import FactsError, nearest
from merida.facts.schema import Table, tables
from merida.figure import Figure, Origin

if TYPE_CHECKING:
    import duckdb
    import polars as pl

QUERY_SECONDS = 30.0
MOST_ROWS = 1_000_000
SETTLE_SECONDS = 2.0  # an interrupted query is given this long to stop before it is abandoned
MEMORY = "4GB"
# Types that a data frame has no column for; they are given as text.
UNTRANSPORTED = re.compile("INTERVAL|TIME ZONE|BIT$|BLOB|MAP|UNION|VARIANT")


def bundle() -> Traversable:
    """Return the folder of the compiled record."""
    return files("merida.facts") / "bundle"


def verified_file(name: str, folder: Traversable | None = None) -> Traversable:
    """Return a bundle file whose SHA-256 is the manifest's.

    Raises
    ------
    FactsError
        If the file or the manifest is missing, or the file is not the one that was compiled.
    """
    folder = folder or bundle()
    path = folder / name
    try:
        expected = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["sha256"][name]
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError) as error:
        raise FactsError("bundle_missing", file=name, folder=str(folder)) from error
    if found != expected:
        raise FactsError(
            "bundle_damaged", file=name, folder=str(folder), expected=expected[:12], found=found[:12]
        )
    return path


def record_span() -> tuple[str, str]:
    """Return the first and last month in which anything in the record was published."""
    try:
        manifest = json.loads((bundle() / "manifest.json").read_text(encoding="utf-8"))
        first, last = manifest["published"]
    except (OSError, ValueError, KeyError) as error:
        raise FactsError("bundle_missing", file="manifest.json", folder=str(bundle())) from error
    return str(first), str(last)


def checked_as_of(as_of: str | None) -> str | None:
    """Return `as_of` if it is a month ``YYYY-MM`` within the record.

    Raises
    ------
    FactsError
        If it is not a month or lies outside the record.
    """
    if as_of is None:
        return None
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", as_of):
        raise FactsError("as_of_not_a_month", found=as_of)
    first, last = record_span()
    if not first <= as_of <= last:
        raise FactsError("as_of_outside", found=as_of, first=first, last=last)
    return as_of


def known_table(name: str) -> Table:
    """Return the table called `name`.

    Raises
    ------
    FactsError
        If there is none; the message names the nearest.
    """
    known = tables()
    if name in known:
        return known[name]
    wanted = name.lower()
    meant = [table.name for table in known.values() if wanted in table.also]
    raise FactsError("unknown_table", found=name, nearest=", ".join(meant) or nearest(name, known))


def derived(table: Table) -> str:
    """Return the SQL of the columns that every table gets on loading: its year, and when it was published."""
    year = (
        ", cast(month[1:4] as bigint) as year"
        if "month" in table.columns and "year" not in table.columns
        else ""
    )
    published = (
        "" if table.availability.rule == "column" else f", {table.availability.sql()} as available_from"
    )
    return year + published


class Facts:
    """The public record, read-only, as it was known at a date.

    Parameters
    ----------
    as_of : str or None
        ``YYYY-MM``: only rows that had been published by the end of that month. None: the whole record.

    Raises
    ------
    FactsError
        If `as_of` is not a month within the record.
    """

    def __init__(self, as_of: str | None = None) -> None:
        self.as_of = checked_as_of(as_of)
        self._loaded: frozenset[str] = frozenset()
        self._connection: duckdb.DuckDBPyConnection | None = None

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the record's manifest, which holds the SHA-256 of each of its tables."""
        try:
            return hashlib.sha256((bundle() / "manifest.json").read_bytes()).hexdigest()
        except OSError as error:
            raise FactsError("bundle_missing", file="manifest.json", folder=str(bundle())) from error

    def __eq__(self, other: object) -> bool:
        """Tell whether two records hold the same, so that what is kept of one serves the other."""
        return isinstance(other, Facts) and (self.digest, self.as_of) == (other.digest, other.as_of)

    def __hash__(self) -> int:
        return hash((self.digest, self.as_of))

    def sql(self, query: str, seconds: float = QUERY_SECONDS) -> pl.DataFrame:
        """Return the answer to one read-only query.

        Every table of the record is there by its name, with ``available_from`` (``YYYY-MM``) in each row, and
        with ``year`` where it has a ``month``.

        Raises
        ------
        FactsError
            If the query is not one SELECT, is not valid, touches files, takes longer than `seconds`, or
            returns more than a million rows.
        """
        import duckdb

        connection = self.connect(self._tables_in(query))
        try:
            statements = connection.extract_statements(query)
        except duckdb.Error as error:
            raise FactsError("sql_invalid", reason=first_line(error)) from error
        if len(statements) != 1 or statements[0].type not in (
            duckdb.StatementType.SELECT,
            duckdb.StatementType.EXPLAIN,
        ):
            raise FactsError("sql_not_a_select", count=len(statements))
        return _run(connection, query, seconds)

    def connect(self, needed: Iterable[str]) -> duckdb.DuckDBPyConnection:
        """Return a locked connection that holds at least the tables `needed`."""
        wanted = self._loaded | set(needed)
        if self._connection is None or wanted != self._loaded:
            self._connection = self._load(sorted(wanted))
            self._loaded = frozenset(wanted)
        return self._connection

    def _load(self, names: list[str]) -> duckdb.DuckDBPyConnection:
        import duckdb

        connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": ""})
        for name in names:
            with as_file(verified_file(f"{name}.parquet")) as path:
                connection.execute(
                    f'create table "{name}" as select * exclude (available_from), available_from from '
                    f"(select *{derived(tables()[name])} from read_parquet($path)) "
                    "where $as_of is null or available_from <= $as_of",
                    {"path": str(path), "as_of": self.as_of},
                )
        connection.execute(
            "set enable_external_access = false; set autoinstall_known_extensions = false; "
            "set autoload_known_extensions = false; set lock_configuration = true"
        )
        return connection

    @staticmethod
    def _tables_in(query: str) -> set[str]:
        """Return every table whose name occurs in the query; all of them if it asks what there is."""
        spoken = set(re.findall(r"\w+", query.lower()))
        if spoken & {"show", "information_schema", "duckdb_tables", "duckdb_columns", "sqlite_master"}:
            return set(tables())
        return spoken & tables().keys()

    def figure(self, query: str, unit: str, note: str = "") -> Figure | None:
        """Return the one number that `query` gives, as a fact that carries the query; None if there is none."""
        rows = self.sql(query)
        if rows.height > 1 or rows.width != 1:
            raise FactsError("sql_not_one_value", rows=rows.height, columns=rows.width)
        value = rows.item() if rows.height else None
        if value is None:
            return None
        number = int(value) if float(value).is_integer() else float(value)
        return Figure(number, None, None, unit, "fact", self.origin(query, note))

    def origin(self, query: str, note: str = "") -> Origin:
        """Return the origin of whatever `query` gives."""
        return Origin(tuple(sorted(self._tables_in(query))), query, note)


def first_line(error: Exception) -> str:
    """Return the first line of a library's message, without its own class name."""
    return re.sub(r"^[A-Z]\w+ Error: ", "", str(error).strip().splitlines()[0])


def _run(connection: duckdb.DuckDBPyConnection, query: str, seconds: float) -> pl.DataFrame:
    """Run a query in a thread of its own, so that it can be stopped by the clock or by Ctrl-C."""
    import duckdb
    import polars as pl

    answer: list[pl.DataFrame] = []
    failure: list[Exception] = []

    def work() -> None:
        try:
            relation = connection.sql(query)
            plain = ", ".join(
                f'"{name}"::varchar as "{name}"' if UNTRANSPORTED.search(str(kind)) else f'"{name}"'
                for name, kind in zip(relation.columns, relation.types, strict=True)
            )
            if "::varchar" in plain:
                relation = relation.project(plain)
            answer.append(pl.DataFrame(relation.limit(MOST_ROWS + 1)))
        except Exception as error:
            failure.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    finally:
        if thread.is_alive():
            connection.interrupt()
            thread.join(SETTLE_SECONDS)
            late = True
        else:
            late = False
    if late:
        raise FactsError("sql_too_long", seconds=seconds)
    if failure:
        error = failure[0]
        if isinstance(error, duckdb.PermissionException):
            raise FactsError("sql_touches_files") from error
        if isinstance(error, duckdb.CatalogException) and (
            missing := re.search(r"Table with name \"?([^\s!\"]+)\"? does not exist", str(error))
        ):
            known_table(missing.group(1).lower())
        if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
            raise FactsError("sql_too_large", memory=MEMORY) from error
        raise FactsError("sql_invalid", reason=first_line(error)) from error
    if answer[0].height > MOST_ROWS:
        raise FactsError("sql_too_many_rows", most=MOST_ROWS)
    return answer[0].with_columns(
        _plain_number(answer[0][name], dtype.scale)
        for name, dtype in answer[0].schema.items()
        if isinstance(dtype, pl.Decimal)
    )


def _plain_number(values: pl.Series, scale: int) -> pl.Series:
    """Return decimals as integers or floats: DuckDB sums integers as 128-bit, which arrive as decimals."""
    import polars as pl

    floats = values.cast(pl.Float64)
    whole = scale == 0 and float(str(floats.abs().max() or 0)) < 2**63
    return values.cast(pl.Int64) if whole else floats
