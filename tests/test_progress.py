"""Work that is done by several threads: counted to its end, and left within a moment where nobody waits for it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from merida.progress import Cancel, Cancelled, Work, tell


def test_every_task_is_counted() -> None:
    told: list[tuple[int, int]] = []
    with ThreadPoolExecutor(2) as pool:
        tell(pool, [pool.submit(int) for _ in range(5)], lambda *of: told.append(of))
    assert [done for done, _ in told if done] == [1, 2, 3, 4, 5]
    assert {total for _, total in told} == {5}


def test_a_wish_to_stop_is_heard_while_a_task_goes_on() -> None:
    cancel, free = Cancel(), threading.Event()
    begun: list[int] = []

    def slow(number: int) -> None:
        begun.append(number)
        free.wait(60)

    threading.Timer(0.1, cancel.set).start()
    with ThreadPoolExecutor(1) as pool:
        tasks = [pool.submit(slow, number) for number in range(3)]
        now = time.monotonic()
        with pytest.raises(Cancelled):
            tell(pool, tasks, Work(cancel=cancel).stage("draws"))
        assert time.monotonic() - now < 30  # the first task alone would take a minute
        free.set()
    assert begun == [0]


def test_a_task_that_fails_fails_the_work() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        tell(pool, [pool.submit(lambda: 1 / 0)], lambda *_: None)
