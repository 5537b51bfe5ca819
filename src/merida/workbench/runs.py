"""The table of runs: what was asked, who works on it, how far it is. It is the truth; a process may die at any time.

A run goes on whether or not its reader stays, unless it was asked `watched`: then it ends when nobody looked at it for
`WATCHED_SECONDS`, as a reader who moves on to another plan leaves the last one behind.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from secrets import token_hex

from merida.answers.request import Request
from merida.workbench.table import Tables

LEASE_SECONDS = 15.0  # without a heartbeat for so long, a worker is dead and its run is queued again
WATCHED_SECONDS = 10.0  # a page without script looks every second or two
LEFT_SECONDS = 1.0  # after its reader left, in which a page that is loaded again finds it
MOST_TRIES = 3  # of a run whose worker died
KEPT_SECONDS = 7 * 86_400.0
LIVE = ("queued", "running")
UNSAID = 1000  # draws of what does not say how many it takes, such as a brief
SEARCHES = {"allocate": 50, "hindcast": 50, "rank": 20}  # so many simulations of as many draws, about
FEW_DRAWS = 500  # of plans, together: answered in seconds
UNWATCHED = (
    "update runs set state = 'cancelled' where state in ('queued', 'running') and watched > 0 and watched < ?"
)


def draws_of(request: Request) -> int:
    """Return how many draws of a plan a request takes, about: what is short goes before what is long.

    Examples
    --------
    >>> draws_of(Compare(plans=("memo", "none"), draws=32))
    64
    """
    plans = max(2, len(getattr(request, "plans", ())))
    return int(getattr(request, "draws", UNSAID)) * plans * SEARCHES.get(request.question, 1)


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
    heard : float
        When its worker was last heard of.
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
    heard: float


class Runs(Tables):
    """The table of runs in a file.

    Examples
    --------
    >>> runs = Runs(folder / "runs.sqlite")
    >>> run = runs.ask(Delay(draws=12), "a browser")
    >>> runs.lease("worker 1").id == run.id
    True
    """

    def ask(self, request: Request, owner: str, watched: bool = False) -> Run:
        """Queue a request, or return the run that already works on it.

        One that anybody asks for without watching goes on whether or not somebody looks.
        """
        text, now = request.json(), time.time()
        with self.written() as table:
            table.execute("delete from runs where asked_at < ?", (now - KEPT_SECONDS,))
            held = table.execute(
                "select id from runs where request = ? and state in ('queued', 'running')", (text,)
            ).fetchone()
            identity = held[0] if held else token_hex(8)
            if held and not watched:
                table.execute("update runs set watched = 0 where id = ?", (identity,))
            if not held:
                table.execute(
                    "insert into runs (id, request, owner, state, done, total, stage, heartbeat, tries, asked_at, error, "
                    "worker, draws, watched) values (?, ?, ?, 'queued', 0, 0, '', ?, 0, ?, '', '', ?, ?)",
                    (identity, text, owner, now, now, draws_of(request), now if watched else 0.0),
                )
        found = self.of(identity)
        assert found is not None
        return found

    def watch(self, identity: str, left: bool = False) -> None:
        """Say that somebody looks at a run, or that its reader just left."""
        seen = time.time() - (WATCHED_SECONDS - LEFT_SECONDS if left else 0.0)
        with self.written() as table:
            table.execute(
                "update runs set watched = ? where id = ? and watched > 0 and state in ('queued', 'running')",
                (seen, identity),
            )

    def of(self, identity: str) -> Run | None:
        """Return a run, or None."""
        columns = "id, request, owner, state, done, total, stage, tries, error, heartbeat"
        with self.opened() as table:
            row = table.execute(f"select {columns} from runs where id = ?", (identity,)).fetchone()
        return Run(*row) if row else None

    def last(self, request: Request) -> Run | None:
        """Return the last run of a request, or None."""
        with self.opened() as table:
            row = table.execute(
                "select id from runs where request = ? order by asked_at desc limit 1", (request.json(),)
            ).fetchone()
        return self.of(row[0]) if row else None

    def waiting(self, owner: str) -> int:
        """Return how many runs of an owner are queued or running."""
        with self.opened() as table:
            count: int = table.execute(
                "select count(*) from runs where owner = ? and state in ('queued', 'running')", (owner,)
            ).fetchone()[0]
        return count

    def lease(self, worker: str, most_draws: int | None = None) -> Run | None:
        """Return the next run, now this worker's; None where none waits.

        It is one of the owner who had the fewest, of those the shortest, of those the oldest. A run whose worker was not
        heard of for `LEASE_SECONDS` is queued again, and given up after `MOST_TRIES`.

        Parameters
        ----------
        most_draws : int or None
            Leave alone what takes more (`draws_of`).
        """
        now = time.time()
        dead = now - LEASE_SECONDS
        with self.written() as table:
            table.execute(
                "update runs set state = 'failed', error = '{\"key\": \"workbench_run_lost\"}' "
                "where state = 'running' and heartbeat < ? and tries >= ?",
                (dead, MOST_TRIES),
            )
            table.execute(
                "update runs set state = 'queued', worker = '' where state = 'running' and heartbeat < ?",
                (dead,),
            )
            table.execute(UNWATCHED, (now - WATCHED_SECONDS,))
            row = table.execute(
                "select id from runs as one where state = 'queued' and draws <= ? order by "
                "(select count(*) from runs as other where other.owner = one.owner "
                "and other.state in ('running', 'done') and other.asked_at > ?), draws, asked_at limit 1",
                (2**62 if most_draws is None else most_draws, now - 600.0),
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
        now = time.time()
        with self.written() as table:
            table.execute(UNWATCHED, (now - WATCHED_SECONDS,))
            changed = table.execute(
                "update runs set done = ?, total = ?, stage = ?, heartbeat = ? "
                "where id = ? and worker = ? and state = 'running'",
                (done, total, stage, now, identity, worker),
            ).rowcount
        return bool(changed)

    def end(self, identity: str, worker: str, state: str, error: str = "") -> None:
        """Say how a run of this worker's ended; one that was cancelled or leased anew stays as it is."""
        with self.written() as table:
            table.execute(
                "update runs set state = ?, error = ?, heartbeat = ? where id = ? and worker = ? and state = 'running'",
                (state, error, time.time(), identity, worker),
            )

    def cancel(self, identity: str) -> None:
        """Stop a run that is queued or running."""
        with self.written() as table:
            table.execute(
                "update runs set state = 'cancelled' where id = ? and state in ('queued', 'running')",
                (identity,),
            )

    def warmed(self, worker: str) -> None:
        """Say that a worker has compiled what plans run on."""
        with self.written() as table:
            table.execute("delete from warm")
            table.execute("insert into warm (worker, since) values (?, ?)", (worker, time.time()))

    def cold(self) -> None:
        """Say that no worker has compiled anything yet."""
        with self.written() as table:
            table.execute("delete from warm")

    def is_warm(self) -> bool:
        """Tell whether a worker has compiled what plans run on, so that a short run takes seconds."""
        with self.opened() as table:
            return table.execute("select 1 from warm").fetchone() is not None
