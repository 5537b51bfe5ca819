"""Ctrl-C and SIGTERM, sent to a process of its own at several moments: its code, its last words and its workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="finds the workers of a process in /proc")
# Never ends: the join of three tables.
LONG = "select count(*) from homicides_year a, homicides_year b, homicides_year c where a.deaths + b.deaths = c.deaths"
# Says a dot when `merida.cli.leaving` is there, which is before the commands are imported, and then runs.
START = """
import sys, threading, time

def tell():
    while sys.excepthook is sys.__excepthook__:
        time.sleep(0.001)
    sys.stderr.write(".")
    sys.stderr.flush()

threading.Thread(target=tell, daemon=True).start()
from merida.cli import main
main()
"""


def alive(session: int) -> list[int]:
    """Return the processes of a session that are still at work."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def stopped(
    arguments: Sequence[str], sent: int, ready: Callable[[int], bool], first: str = "main"
) -> tuple[int, str]:
    """Return the code and last words of a command that got a signal when it was ready; nothing of it may be left."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "MERIDA_LANGUAGE": "en"},
    )  # fmt: skip
    assert process.stderr
    assert process.stderr.read(1) == "."
    deadline = time.monotonic() + 60
    while not ready(process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(sent)
    start = time.monotonic()
    said = process.communicate(timeout=30)[1]
    assert time.monotonic() - start < 5  # within a second on a quiet machine
    for _ in range(40):
        if not alive(process.pid):
            break
        time.sleep(0.05)
    assert not alive(process.pid)
    return process.returncode, said.strip()


STOPPED = "Stopped. Nothing was left half written."


def after(seconds: float) -> Callable[[int], bool]:
    start: list[float] = []

    def ready(_: int) -> bool:
        start.append(time.monotonic())
        return time.monotonic() - start[0] >= seconds

    return ready


def has_workers() -> Callable[[int], bool]:
    """Tell when two workers are at work: some time after they were begun beside Python's keeper of their semaphores."""
    begun: list[float] = []

    def ready(process: int) -> bool:
        if len(alive(process)) >= 4:
            begun.append(time.monotonic())
        return bool(begun) and time.monotonic() - begun[0] >= 3.0

    return ready


def test_a_long_query_is_stopped() -> None:
    assert stopped(("facts", "sql", LONG), signal.SIGINT, after(2.0)) == (130, STOPPED)
    assert stopped(("facts", "sql", LONG), signal.SIGTERM, after(1.8)) == (143, "")
    one_call = "select length(repeat(repeat('x', 1000000), 1000))"
    assert stopped(("facts", "sql", one_call), signal.SIGINT, after(2.0)) == (130, STOPPED)


def test_the_start_is_stopped() -> None:
    for seconds in (0.0, 0.1, 0.3):
        code, said = stopped(("facts", "list"), signal.SIGINT, after(seconds))
        assert (code, said) in ((130, ""), (130, STOPPED), (0, "")), seconds


def test_workers_are_stopped() -> None:
    for sent in (signal.SIGINT, signal.SIGTERM):
        code, said = stopped(("violence", "backtest", "--draws", "500"), sent, has_workers())
        assert code == 128 + sent
        assert "Traceback" not in said
        left = [
            line for line in said.splitlines() if line and not line.startswith("Forecasting from the past")
        ]
        assert left in ([], [STOPPED]), said
