"""The worker: one process that leases runs from the table and answers them; what it had done outlives it in the store."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from merida.answers.asking import answer
from merida.errors import MeridaError
from merida.progress import Cancel, Cancelled, Progress
from merida.workbench import briefs
from merida.workbench.contexts import context_of
from merida.workbench.runs import Run, Runs

LOOK_SECONDS = 0.1  # between two looks at the table
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
        print(f"merida serve: {type(failed).__name__}: {failed}", file=sys.stderr)
    finally:
        watch.over.set()
        watch.thread.join()
    runs.end(run.id, worker, state, error)


def main(path: str, parent: int) -> None:
    """Work until the server that began this process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    runs, worker = Runs(Path(path)), f"{os.getpid()}-{time.time():.3f}"
    while os.getppid() == parent:
        run = runs.lease(worker)
        if run is None:
            time.sleep(LOOK_SECONDS)
        else:
            work(runs, run, worker)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
