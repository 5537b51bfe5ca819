"""Jobs in processes of their own: counted as they end, and stopped with whoever waits for them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import wait as some_done
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from typing import TypeVar

from merida.progress import Counted

TICK_SECONDS = 0.25  # between two looks at whether the work is to stop
Answer = TypeVar("Answer")


def in_processes(
    job: Callable[..., Answer], arguments: Sequence[tuple[object, ...]], progress: Counted
) -> list[Answer]:
    """Return what a job gives for each tuple of arguments, in their order, from two processes at a time.

    Parameters
    ----------
    job : callable
        A function of a module.
    progress : callable
        Called with how many jobs are done, and of how many, several times a second; what it raises ends the processes.
    """
    others = set(active_children())
    # spawned, because a fork of a process with DuckDB's threads may never end
    with ProcessPoolExecutor(
        min(2, os.cpu_count() or 1), get_context("spawn"), initializer=end_with_parent
    ) as pool:
        try:
            with uninterrupted():
                jobs = [pool.submit(job, *given) for given in arguments]
            waiting = set(jobs)
            while waiting:
                done, waiting = some_done(waiting, TICK_SECONDS)
                for one in done:
                    one.result()  # raises what the job raised
                progress(len(jobs) - len(waiting), len(jobs))
        except BaseException:
            for worker in set(active_children()) - others:
                worker.kill()
            raise
    return [one.result() for one in jobs]


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C for a moment: processes started meanwhile ignore it for ever, and leave it to their parent.

    A wish to end (SIGTERM) waits for that moment: a process whose parent ends before it has told it all fails in words.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def end_with_parent() -> None:
    """End this worker when its parent ends, however that ends: killed parents tell their workers nothing."""
    parent = parent_process()
    if parent is None:
        return

    def follow(sentinel: int) -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=follow, args=(parent.sentinel,), daemon=True).start()
