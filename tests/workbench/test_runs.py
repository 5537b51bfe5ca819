"""The table of runs outlives those who work on it: leases, heartbeats, cancels, fairness."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from merida.answers.registry import from_url, question
from merida.answers.request import Request
from merida.progress import Cancelled
from merida.workbench import runs as table_of_runs
from merida.workbench import worker
from merida.workbench.runs import MOST_TRIES, Runs


def asked(draws: int) -> Request:
    return from_url(f"/border/delay?draws={draws}")


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs.sqlite")


def test_one_request_is_one_run_while_it_is_live_and_one_lease_takes_it(runs: Runs) -> None:
    first, again = runs.ask(asked(12), "a"), runs.ask(asked(12), "b")
    assert first.id == again.id
    leased = runs.lease("one")
    assert leased is not None
    assert (leased.id, leased.state, leased.tries) == (first.id, "running", 1)
    assert runs.lease("two") is None
    runs.end(first.id, "one", "done")
    assert runs.ask(asked(12), "a").id != first.id


def test_two_workers_at_once_never_lease_the_same_run(runs: Runs) -> None:
    for draws in range(12, 32):
        runs.ask(asked(draws), "a")
    taken: list[str] = []

    def work(name: str) -> None:
        while run := runs.lease(name):
            taken.append(run.id)

    threads = [threading.Thread(target=work, args=(str(name),)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 20


def test_a_dead_workers_run_goes_to_the_next_and_is_given_up_after_three(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = runs.ask(asked(12), "a").id
    now = [1000.0]
    monkeypatch.setattr(table_of_runs.time, "time", lambda: now[0])
    for tries in range(MOST_TRIES):
        held = runs.lease(f"worker {tries}")
        assert held is not None
        assert held.id == identity
        assert not runs.beat(identity, "another", 1, 2, "draws")
        now[0] += table_of_runs.LEASE_SECONDS + 1
    assert runs.lease("last") is None
    lost = runs.of(identity)
    assert lost is not None
    assert (lost.state, lost.error) == ("failed", '{"key": "workbench_run_lost"}')


def test_who_asks_much_does_not_keep_waiting_who_asks_little(runs: Runs) -> None:
    for draws in range(12, 15):
        runs.ask(asked(draws), "much")
    late = runs.ask(asked(99), "little").id
    first, second = runs.lease("w"), runs.lease("w")
    assert first is not None
    assert second is not None
    assert second.id == late


def test_a_cancelled_run_stops_and_stays_cancelled(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = runs.ask(asked(12), "a").id
    run = runs.lease("w")
    assert run is not None
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.01)

    def long(_: object, __: object, tell: object, cancel: object) -> None:
        runs.cancel(identity)
        for _ in range(500):
            threading.Event().wait(0.01)
            cancel.check()  # type: ignore[attr-defined]
        raise AssertionError("nobody stopped it")

    monkeypatch.setattr(worker, "answer", long)
    worker.work(runs, run, "w")
    ended = runs.of(identity)
    assert ended is not None
    assert ended.state == "cancelled"


@pytest.mark.parametrize(("fault", "state"), [(Cancelled(), "cancelled"), (RuntimeError("x"), "failed")])
def test_a_fault_of_ours_ends_the_run_and_not_the_worker(
    runs: Runs,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    state: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    identity = runs.ask(asked(12), "a").id
    run = runs.lease("w")
    assert run is not None

    def breaks(*_: object) -> None:
        raise fault

    monkeypatch.setattr(worker, "answer", breaks)
    worker.work(runs, run, "w")
    ended = runs.of(identity)
    assert ended is not None
    assert ended.state == state
    assert question("border.delay").kept
