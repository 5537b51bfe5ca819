"""Counted progress on stderr, with the time that remains; nothing for work that ends at once."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

from merida.progress import Progress
from merida.words import Words

QUIET_SECONDS = 1.0  # work shorter than this shows nothing
PIPED_SECONDS = 10.0  # between two lines where stderr is no terminal
DRAWN_SECONDS = 0.1


class Meter:
    """Shows progress as it is told: one line that is drawn again on a terminal, a line now and then through a pipe."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.begun = self.shown = time.monotonic()
        self.stage, self.stage_begun = "", self.begun
        self.drawn = False
        self.terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __call__(self, progress: Progress) -> None:
        """Show progress, if it is time to."""
        now = time.monotonic()
        fresh = progress.stage != self.stage
        if fresh:
            self.stage, self.stage_begun = progress.stage, now
        wait = DRAWN_SECONDS if self.terminal else PIPED_SECONDS
        if now - self.begun < QUIET_SECONDS or (now - self.shown < wait and not (fresh and self.terminal)):
            return
        self.shown = now
        line = self.line(progress, now - self.stage_begun)
        with suppress(OSError, ValueError):
            if self.terminal:
                columns = os.get_terminal_size(sys.stderr.fileno()).columns
                sys.stderr.write(f"\r\x1b[K{line[: max(columns - 1, 10)]}")
            else:
                sys.stderr.write(line + "\n")
            sys.stderr.flush()
        self.drawn = True

    def line(self, progress: Progress, seconds: float) -> str:
        """Return what is done of a stage after so many seconds of it."""
        stage = self.words.text(f"steps.{progress.stage}")
        if not progress.total:
            return f"{stage} …"
        counted = f"{stage}: {progress.done}/{progress.total}"
        if not progress.done or progress.done >= progress.total:
            return counted
        left = seconds / progress.done * (progress.total - progress.done)
        return f"{counted}, {self.words.text('steps.left', seconds=round(left))}"

    def clear(self) -> None:
        """Take the line away."""
        if self.drawn and self.terminal:
            with suppress(OSError, ValueError):
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
