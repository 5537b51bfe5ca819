"""How the command line ends: Ctrl-C exits 130 and SIGTERM 143, within a second, and no worker outlives it.

An interrupt is an ordinary exception first, so that files being written are cleared away. A library at work in C may
not let it through, and the interpreter's own way out would abort while a thread of DuckDB is running. Hence a thread
that hears of the signal itself, ends the workers, and a moment later the process, whatever is going on.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # of our own: importing typing takes a moment in which Ctrl-C would print a traceback
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import NoReturn

GRACE_SECONDS = 0.7
WATCH = "merida-signals"


def _without_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End without a traceback when Ctrl-C comes while the commands are still being imported."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(130)
    sys.__excepthook__(kind, error, trace)


sys.excepthook = _without_traceback
_signals: list[int] = []  # those received


def watch() -> None:
    """Make SIGTERM end the process as Ctrl-C does, and end it soon after either, whatever is going on."""
    import signal
    import socket
    import threading
    import time

    if threading.current_thread() is not threading.main_thread():
        return
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    # What a stop breaks in a callback or a thread is not told: it is on its way out.
    sys.unraisablehook = lambda told: None if stopped() else sys.__unraisablehook__(told)
    threading.excepthook = lambda told: None if stopped() else threading.__excepthook__(told)
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)

    def wait() -> None:
        with reader, writer:
            while (number := reader.recv(1)[0]) not in (signal.SIGINT, signal.SIGTERM):
                pass
            _end_workers()
            time.sleep(GRACE_SECONDS)
            _end_now(128 + number)

    threading.Thread(target=wait, name=WATCH, daemon=True).start()


def leave(code: int) -> NoReturn:
    """End the process with a code, or that of the signal it got, without waiting for a thread that does not stop."""
    import threading

    if not stopped() and all(thread.name in ("MainThread", WATCH) for thread in threading.enumerate()):
        sys.exit(code)
    # The interpreter's own way out would fault under a thread of XLA that is still at work.
    _end_now(128 + _signals[0] if stopped() else code)


def _end_workers() -> None:
    import multiprocessing

    for worker in multiprocessing.active_children():
        worker.kill()


def _end_now(code: int) -> NoReturn:
    _end_workers()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(code)


def _stop(number: int, _: FrameType | None) -> NoReturn:
    import signal

    _signals.append(number)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def stopped() -> bool:
    """Say whether a signal to stop has come: what fails after it is not an error of the program."""
    return bool(_signals)
