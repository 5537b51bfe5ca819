"""How long work tells what it has done, and how it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

Counted = Callable[[int, int], None]


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
