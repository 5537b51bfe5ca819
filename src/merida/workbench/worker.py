"""The worker: one process that leases runs from the table and answers them; what it had done outlives it in the store.

A thread a core works, two at least: compiled work lets the others run beside it. The first takes short runs alone, so
that a long one never holds them up; the others yield to it. Meanwhile one more compiles what plans run on, and says when
it is done.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from merida.answers.asking import answer
from merida.answers.registry import from_url, question
from merida.errors import MeridaError
from merida.progress import Cancel, Cancelled, Progress, Work
from merida.user_tables.text import one_line
from merida.workbench import briefs
from merida.workbench.contexts import context_of
from merida.workbench.runs import FEW_DRAWS, Run, Runs

LOOK_SECONDS = 0.1  # between two looks at the table
YIELDING = 10  # by how much the system prefers the thread of short runs
BEAT_SECONDS = 0.4  # between two heartbeats: a wish to stop is heard within a second


class Watch:
    """What a run tells of itself, sent to the table by a thread of its own so that long steps do not look dead."""

    def __init__(self, runs: Runs, run: Run, worker: str) -> None:
        self.runs, self.run, self.worker = runs, run, worker
        self.now = Progress(0, 0, "")
        self.cancel, self.over = Cancel(), threading.Event()
        self.thread = threading.Thread(target=self.beats, daemon=True)

    def tell(self, progress: Progress) -> None:
        """Take what the work says."""
        self.now = progress

    def beats(self) -> None:
        """Send heartbeats until the work is over, and stop it where it is no longer wanted."""
        while not self.over.wait(BEAT_SECONDS):
            now = self.now
            if not self.runs.beat(self.run.id, self.worker, now.done, now.total, now.stage):
                self.cancel.set()


def work(runs: Runs, run: Run, worker: str) -> None:
    """Answer one run; its answer stands in the store, where the page finds it."""
    watch = Watch(runs, run, worker)
    watch.thread.start()
    state, error = "done", ""
    try:
        request = briefs.read(run.request)
        context = context_of(getattr(request, "as_of", None), getattr(request, "framework", "merida"))
        if isinstance(request, briefs.WriteBrief):
            briefs.write(request, context, watch.tell, watch.cancel)
        else:
            answer(request, context, watch.tell, watch.cancel)
    except Cancelled:
        state = "cancelled"
    except MeridaError as failed:
        state = "failed"
        error = json.dumps(
            {language: failed.message(language) for language in ("en", "es")}, ensure_ascii=False
        )
    except Exception as failed:  # a fault of ours: the run ends, the worker goes on
        state, error = "failed", json.dumps({"key": "workbench_fault"})
        print(one_line(f"merida serve: {type(failed).__name__}: {failed}"), file=sys.stderr)
    finally:
        watch.over.set()
        watch.thread.join()
    runs.end(run.id, worker, state, error)


def warm() -> None:
    """Compile what plans run on: one chunk of draws of a plan of the framework, answered beside the store."""
    request = from_url("/simulate?plan=memo&draws=1")
    question(request.question).ask(request, context_of(None, "merida"), Work())


def lane(runs: Runs, worker: str, short: bool) -> None:
    """Lease runs and work on them for good.

    Parameters
    ----------
    short : bool
        Take short runs alone.
    """
    if not short and sys.platform == "linux":  # where a thread, and those that it begins, can be less urgent
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), YIELDING)
    while True:
        run = runs.lease(worker, FEW_DRAWS if short else None)
        if run is None:
            time.sleep(LOOK_SECONDS)
        else:
            work(runs, run, worker)


def main(path: str, parent: int) -> None:
    """Work until the server that began this process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    runs, worker = Runs(Path(path)), f"{os.getpid()}-{time.time():.3f}"

    def compiling() -> None:
        try:
            warm()
        except MeridaError as failed:  # a record or cache that cannot be read is told to who asks
            print(f"merida serve: {failed}", file=sys.stderr)
        runs.warmed(worker)

    threading.Thread(target=compiling, daemon=True).start()
    for number in range(min(8, max(2, os.cpu_count() or 2))):  # most of what pages ask needs nothing compiled
        named = (runs, f"{worker}-{number}", number == 0)
        threading.Thread(target=lane, args=named, daemon=True).start()
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(0)  # threads at work are not waited for: their runs are leased again


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
