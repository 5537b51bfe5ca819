"""How long work tells what it has done, and how it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any

HEARD_SECONDS = 0.2  # between two looks at whether the work is to stop

Counted = Callable[[int, int], None]
Stages = Callable[[str], Counted]
"""Begins a stage of work by its name, and gives what is called with (done, total) between its steps."""


@dataclass(frozen=True)
class Progress:
    """So many of so many steps of a stage are done.

    Parameters
    ----------
    done, total : int
        Steps; `total` is 0 while it is not known.
    stage : str
        Key under ``steps`` in ``words/``.
    """

    done: int
    total: int
    stage: str


def unwatched(_: str) -> Counted:
    """Begin a stage of work of which nobody hears."""
    return lambda *_: None


class Cancelled(Exception):  # noqa: N818  # a wish, not an error
    """Whoever asked no longer wants the answer."""


@dataclass(frozen=True)
class Cancel:
    """A token by which another thread stops work between two of its steps.

    Examples
    --------
    >>> cancel = Cancel()
    >>> cancel.set()
    >>> cancel.check()
    Traceback (most recent call last):
    merida.progress.Cancelled
    """

    _asked: threading.Event = field(default_factory=threading.Event)

    def set(self) -> None:
        """Ask the work to stop."""
        self._asked.set()

    def check(self) -> None:
        """Raise `Cancelled` if the work is to stop."""
        if self._asked.is_set():
            raise Cancelled


@dataclass(frozen=True)
class Work:
    """What a question is given while it is answered: whom to tell, and who may stop it.

    Examples
    --------
    >>> told = []
    >>> step = Work(told.append).stage("draws")
    >>> step(1, 2)
    >>> told[-1]
    Progress(done=1, total=2, stage='draws')
    """

    tell: Callable[[Progress], None] = lambda _: None
    cancel: Cancel = field(default_factory=Cancel)

    def stage(self, name: str) -> Counted:
        """Begin a stage and return what its work calls with (done, total) between its steps."""

        def step(done: int, total: int) -> None:
            self.cancel.check()
            self.tell(Progress(done, total, name))

        step(0, 0)
        return step


def tell(pool: Executor, tasks: Iterable[Future[Any]], progress: Counted) -> None:
    """Tell how many tasks are done until all are; where one fails or nobody waits any more, the others do not begin.

    It tells several times a second, so that a wish to stop is heard while a task takes its time.
    """
    left, done = set(tasks), 0
    total = len(left)
    try:
        while left:
            ended, left = wait(left, HEARD_SECONDS, FIRST_COMPLETED)
            if not ended:
                progress(done, total)
            for task in ended:
                task.result()
                done += 1
                progress(done, total)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
