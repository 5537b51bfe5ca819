"""A query that a user typed, in a process of its own, with limits on memory and time that the system itself holds.

`Facts.sql` asks a query to stop when its time or memory is used up. One that does not hear, or that takes memory faster
than anybody looks, is ended here: its process may hold so much memory and no more, writes no file, and is killed with its
whole group on time-out, on Ctrl-C, and when whoever asked has died. The question comes on its standard input as JSON, and
the answer goes out on its standard output as an Arrow stream.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from merida.errors import FactsError
from merida.facts.running import GROWTH_GB
from merida.facts.warehouse import QUERY_SECONDS, Facts
from merida.limits import limit

if TYPE_CHECKING:
    import polars as pl

MOST_BYTES = 250_000_000  # of an answer: whoever shows it holds it several times over
LATE_SECONDS = 10.0  # beyond a query's own time: to start, to load its tables, to hand over the answer
HEARD_SECONDS = 0.2  # between two looks at whether the answer is still wanted
REFUSED = 3  # exit code of a process that answers with an error
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
NO_MEMORY = re.compile(r"bad_alloc|out of memory|failed to allocate", re.IGNORECASE)  # as libraries say it


def sql(
    as_of: str | None,
    query: str,
    seconds: float = QUERY_SECONDS,
    wanted: Callable[[], None] = lambda: None,
    own: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Return the answer to a query from a process of its own; see `Facts.sql`.

    Parameters
    ----------
    as_of, query, seconds
        As `Facts` and `Facts.sql` take them.
    wanted : callable
        Called several times a second; raises once the answer is no longer wanted.
    own : mapping of str to str, optional
        The rows of the user's own that the process is to see, as `Facts.seen` gives them; by default all there are.

    Raises
    ------
    FactsError
        As `Facts.sql`, or if the answer takes more than 250 MB or the process ends without one.

    Examples
    --------
    >>> sql(None, "select count(*) as states from states").item()
    32
    """
    import polars as pl

    with subprocess.Popen(
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "POLARS_MAX_THREADS": "1"},
    ) as process:  # fmt: skip
        try:
            answer, complaint = _heard(
                process, json.dumps([as_of, query, seconds, own, os.getpid()]).encode(), seconds, wanted
            )
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode == REFUSED:
        key, values = json.loads(answer)
        raise FactsError(key, **values)
    if process.returncode:
        raise FactsError("sql_ended", reason=_reason(process.returncode, complaint), memory=GROWTH_GB)
    return pl.read_ipc_stream(io.BytesIO(answer))


def _heard(
    process: subprocess.Popen[bytes], question: bytes, seconds: float, wanted: Callable[[], None]
) -> tuple[bytes, bytes]:
    """Ask a process and return what it answers and complains of, in time."""
    told: bytes | None = question
    for _ in range(int((seconds + LATE_SECONDS) / HEARD_SECONDS)):
        wanted()
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(told, timeout=HEARD_SECONDS)
        told = None  # what is left of it is still sent
    raise FactsError("sql_too_long", seconds=seconds)


def _reason(code: int, complaint: bytes) -> str:
    """Return in a few words why a process ended without an answer."""
    lines = complaint.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else signal.Signals(-code).name if code < 0 else f"exit {code}"


def _bound(seconds: float, asker: int) -> None:
    """Let this process have a bounded share of memory and time, write no file, and die with the one that asked."""
    held = 0
    with suppress(OSError):
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
        held = int(pages) * os.sysconf("SC_PAGE_SIZE")
    limit(
        {
            "RLIMIT_AS": held + int(GROWTH_GB * 1e9),
            "RLIMIT_CPU": int(seconds + LATE_SECONDS),
            "RLIMIT_FSIZE": 0,
            "RLIMIT_CORE": 0,
        }
    )
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != asker:  # which died while this one was starting
            os._exit(1)


def main() -> None:
    """Answer the question on standard input."""
    import duckdb  # noqa: F401  # both before the limit, which counts what comes after
    import polars  # noqa: F401

    as_of, query, seconds, own, asker = json.load(sys.stdin)
    _bound(seconds, asker)
    code, answer = 0, io.BytesIO()
    try:
        rows = Facts(as_of, True if own is None else own).sql(query, seconds)
        if rows.estimated_size() > MOST_BYTES:
            raise FactsError("sql_answer_too_large", found=rows.estimated_size() / 1e6, most=MOST_BYTES / 1e6)
        rows.write_ipc_stream(answer)
    except (FactsError, MemoryError) as error:
        refused = FactsError("sql_too_large", memory=GROWTH_GB)
        if isinstance(error, FactsError) and not NO_MEMORY.search(str(error.values.get("reason"))):
            refused = error
        code, answer = REFUSED, io.BytesIO(json.dumps([refused.key, refused.values], default=str).encode())
    sys.stdout.buffer.write(answer.getbuffer())
    sys.stdout.flush()
    os._exit(code)  # a thread of DuckDB that does not stop is not waited for


if __name__ == "__main__":
    main()
