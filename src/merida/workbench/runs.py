"""The table of runs: what was asked, who works on it, how far it is. It is the truth; a process may die at any time.

SQLite in write-ahead mode; every change is one transaction that begins by taking the right to write, so that two workers
never lease the same run. Times are seconds since 1970.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from merida.answers.request import Request

LEASE_SECONDS = 15.0  # without a heartbeat for so long, a worker is dead and its run is queued again
MOST_TRIES = 3  # of a run whose worker died
KEPT_SECONDS = 7 * 86_400.0
LIVE = ("queued", "running")
SCHEMA = (
    """create table if not exists runs (
        id text primary key, request text not null, owner text not null, state text not null, done integer not null,
        total integer not null, stage text not null, heartbeat double precision not null, tries integer not null,
        asked_at double precision not null, error text not null, worker text not null)""",
    "create index if not exists runs_by_state on runs (state, asked_at)",
)
VERSION = len(SCHEMA)


@dataclass(frozen=True)
class Run:
    """One run as the table holds it.

    Attributes
    ----------
    id : str
    request : str
        As JSON.
    owner : str
        Whose browser asked: runs of those who ask little are not kept waiting by one who asks much.
    state : {"queued", "running", "done", "failed", "cancelled"}
    done, total : int
        Steps of the stage.
    stage : str
    tries : int
    error : str
        Its key and values as JSON, said in the reader's language when it is shown.
    """

    id: str
    request: str
    owner: str
    state: str
    done: int
    total: int
    stage: str
    tries: int
    error: str


class Runs:
    """The table of runs in a file.

    Parameters
    ----------
    path : Path
        Made where it does not exist.

    Examples
    --------
    >>> runs = Runs(folder / "runs.sqlite")
    >>> run = runs.ask(Delay(draws=12), "a browser")
    >>> runs.lease("worker 1").id == run.id
    True
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._write() as table:
            held = table.execute("pragma user_version").fetchone()[0]
            for statement in SCHEMA[held:]:
                table.execute(statement)
            table.execute(f"pragma user_version = {VERSION}")

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._open() as table:
            table.execute("begin immediate")
            try:
                yield table
            except BaseException:
                table.execute("rollback")
                raise
            table.execute("commit")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        table = sqlite3.connect(self.path, timeout=30.0, isolation_level=None)
        try:
            table.execute("pragma journal_mode = wal")
            table.execute("pragma synchronous = normal")
            yield table
        finally:
            table.close()

    def ask(self, request: Request, owner: str) -> Run:
        """Queue a request, or return the run that already works on it."""
        text, now = request.json(), time.time()
        with self._write() as table:
            table.execute("delete from runs where asked_at < ?", (now - KEPT_SECONDS,))
            held = table.execute(
                "select id from runs where request = ? and state in ('queued', 'running')", (text,)
            ).fetchone()
            identity = held[0] if held else token_hex(8)
            if not held:
                table.execute(
                    "insert into runs values (?, ?, ?, 'queued', 0, 0, '', ?, 0, ?, '', '')",
                    (identity, text, owner, now, now),
                )
        found = self.of(identity)
        assert found is not None
        return found

    def of(self, identity: str) -> Run | None:
        """Return a run, or None."""
        columns = "id, request, owner, state, done, total, stage, tries, error"
        with self._open() as table:
            row = table.execute(f"select {columns} from runs where id = ?", (identity,)).fetchone()
        return Run(*row) if row else None

    def last(self, request: Request) -> Run | None:
        """Return the last run of a request, or None."""
        with self._open() as table:
            row = table.execute(
                "select id from runs where request = ? order by asked_at desc limit 1", (request.json(),)
            ).fetchone()
        return self.of(row[0]) if row else None

    def waiting(self, owner: str) -> int:
        """Return how many runs of an owner are queued or running."""
        with self._open() as table:
            count: int = table.execute(
                "select count(*) from runs where owner = ? and state in ('queued', 'running')", (owner,)
            ).fetchone()[0]
        return count

    def lease(self, worker: str) -> Run | None:
        """Return the next run, now this worker's: the oldest of the owner who had the fewest; None where none waits.

        A run whose worker was not heard of for `LEASE_SECONDS` is queued again, and given up after `MOST_TRIES`.
        """
        now = time.time()
        dead = now - LEASE_SECONDS
        with self._write() as table:
            table.execute(
                "update runs set state = 'failed', error = '{\"key\": \"workbench_run_lost\"}' "
                "where state = 'running' and heartbeat < ? and tries >= ?",
                (dead, MOST_TRIES),
            )
            table.execute(
                "update runs set state = 'queued', worker = '' where state = 'running' and heartbeat < ?",
                (dead,),
            )
            row = table.execute(
                "select id from runs as one where state = 'queued' order by (select count(*) from runs as other "
                "where other.owner = one.owner and other.state in ('running', 'done') and other.asked_at > ?), asked_at "
                "limit 1",
                (now - 600.0,),
            ).fetchone()
            if row is None:
                return None
            table.execute(
                "update runs set state = 'running', worker = ?, heartbeat = ?, tries = tries + 1 where id = ?",
                (worker, now, row[0]),
            )
        return self.of(row[0])

    def beat(self, identity: str, worker: str, done: int, total: int, stage: str) -> bool:
        """Say how far a run is, and return whether it is still wanted and still this worker's."""
        with self._write() as table:
            changed = table.execute(
                "update runs set done = ?, total = ?, stage = ?, heartbeat = ? "
                "where id = ? and worker = ? and state = 'running'",
                (done, total, stage, time.time(), identity, worker),
            ).rowcount
        return bool(changed)

    def end(self, identity: str, worker: str, state: str, error: str = "") -> None:
        """Say how a run of this worker's ended; one that was cancelled or leased anew stays as it is."""
        with self._write() as table:
            table.execute(
                "update runs set state = ?, error = ? where id = ? and worker = ? and state = 'running'",
                (state, error, identity, worker),
            )

    def cancel(self, identity: str) -> None:
        """Stop a run that is queued or running."""
        with self._write() as table:
            table.execute(
                "update runs set state = 'cancelled' where id = ? and state in ('queued', 'running')",
                (identity,),
            )
