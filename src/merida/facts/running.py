"""One query run in a thread of its own: the clock, Ctrl-C or the growth of the process stops it."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from merida.errors import FactsError
from merida.facts.frame import frame
from merida.facts.query import first_line

if TYPE_CHECKING:
    import duckdb
    import polars as pl

MOST_ROWS = 1_000_000
SETTLE_SECONDS = 0.5  # an interrupted query is given this long to stop before it is abandoned
LOOK_SECONDS = 0.02  # how often the memory of a running query is looked at
# DuckDB does not count texts and answers on their way out, so that its own limit bounds less than half of the growth.
GROWTH_GB = 2.5


class MissingTableError(Exception):
    """DuckDB knows no table of this name."""

    def __init__(self, name: str, message: str) -> None:
        self.name = name
        super().__init__(message)


def run(
    cursor: duckdb.DuckDBPyConnection, query: str, seconds: float, abandon: Callable[[], None]
) -> pl.DataFrame:
    """Run a query that reads, and return its rows.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        Of its own.
    query : str
        One that `check_query` let through.
    seconds : float
        The query is stopped after this time.
    abandon : callable
        Called where the query does not stop, so that the next one finds another database.

    Raises
    ------
    FactsError
        If the query is not valid, touches files, takes too long or too much memory, or returns too many rows.
    MissingTableError
        If it names a table that is not there.
    """
    outcome: list[pl.DataFrame | BaseException] = []

    def work() -> None:
        try:
            # Nothing that runs in such a transaction can write to the record, whatever the parser let through.
            cursor.execute("begin transaction read only")
            outcome.append(frame(cursor.sql(query), MOST_ROWS + 1))
        except BaseException as error:  # Polars panics outside Exception
            outcome.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        reason = _wait(thread, seconds)
    finally:
        if thread.is_alive():
            cursor.interrupt()
            thread.join(SETTLE_SECONDS)
        if thread.is_alive():
            abandon()
    if reason is not None:
        raise reason
    if isinstance(outcome[0], BaseException):
        raise _as_error(outcome[0]) from outcome[0]
    if outcome[0].height > MOST_ROWS:
        raise FactsError("sql_too_many_rows", most=MOST_ROWS)
    return outcome[0]


def _wait(thread: threading.Thread, seconds: float) -> FactsError | None:
    """Wait for a query, and return why it must be stopped, if it must."""
    ends, before = time.monotonic() + seconds, _resident_gb()
    while True:
        thread.join(min(LOOK_SECONDS, max(ends - time.monotonic(), 0)))
        if not thread.is_alive():
            return None
        if _resident_gb() - before > GROWTH_GB:
            return FactsError("sql_too_large", memory=GROWTH_GB)
        if time.monotonic() >= ends:
            return FactsError("sql_too_long", seconds=seconds)


def _resident_gb() -> float:
    """Return the memory that this process holds, in GB; zero where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e9


def _as_error(error: BaseException) -> Exception:
    """Return the error that tells the user what DuckDB or Polars could not do."""
    import duckdb

    if isinstance(error, duckdb.PermissionException):
        return FactsError("sql_touches_files")
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return FactsError("sql_too_large", memory=GROWTH_GB)
    missing = re.search(r"Table with name \"?([^\s!\"]+)\"? does not exist", str(error))
    if isinstance(error, duckdb.CatalogException) and missing:
        return MissingTableError(missing[1].lower(), first_line(error))
    return FactsError("sql_invalid", reason=first_line(error))
