"""The file in which the workbench keeps what outlives a process: SQLite in write-ahead mode.

Every change is one transaction that begins by taking the right to write, so that two processes never change the same row
at once. The statements are such that PostgreSQL takes them too; each is run once, in this order, on a file that has not
had it yet. Times are seconds since 1970.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = (
    """create table if not exists runs (
        id text primary key, request text not null, owner text not null, state text not null, done integer not null,
        total integer not null, stage text not null, heartbeat double precision not null, tries integer not null,
        asked_at double precision not null, error text not null, worker text not null)""",
    "create index if not exists runs_by_state on runs (state, asked_at)",
    "alter table runs add column draws bigint not null default 0",
    "alter table runs add column watched double precision not null default 0",
    "create table if not exists warm (worker text primary key, since double precision not null)",
    """create table if not exists plans (
        id text primary key, owner text not null, name text not null, address text not null,
        saved_at double precision not null)""",
    "create index if not exists plans_by_owner on plans (owner, saved_at)",
    "create index if not exists runs_by_request on runs (request, asked_at)",
)
"""What `make` runs; a change is a new statement at the end."""


class Tables:
    """The tables in a file.

    Parameters
    ----------
    path : Path
        Made where it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self.written() as table:
            held = table.execute("pragma user_version").fetchone()[0]
            for statement in SCHEMA[held:]:
                table.execute(statement)
            table.execute(f"pragma user_version = {max(held, len(SCHEMA))}")

    @contextmanager
    def written(self) -> Iterator[sqlite3.Connection]:
        """Give the tables to change: all of it or nothing."""
        with self.opened() as table:
            table.execute("begin immediate")
            try:
                yield table
            except BaseException:
                table.execute("rollback")
                raise
            table.execute("commit")

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """Give the tables to read."""
        table = sqlite3.connect(self.path, timeout=30.0, isolation_level=None)
        try:
            table.execute("pragma journal_mode = wal")
            table.execute("pragma synchronous = normal")
            yield table
        finally:
            table.close()
