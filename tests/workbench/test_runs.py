"""The table of runs outlives those who work on it: leases, heartbeats, cancels, fairness."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

import pytest

from merida.answers.registry import from_url, question
from merida.answers.request import Request
from merida.progress import Cancelled
from merida.words import words
from merida.workbench import pages, worker
from merida.workbench import runs as table_of_runs
from merida.workbench.runs import FEW_DRAWS, MOST_TRIES, Runs, draws_of
from merida.workbench.serving import Plain
from merida.workbench.table import SCHEMA


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


def test_what_a_reader_typed_steers_no_terminal(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("\x1b[31m\nmerida serve: all is well")

    monkeypatch.setattr(worker, "answer", breaks)
    runs.ask(asked(12), "a")
    run = runs.lease("w")
    assert run is not None
    worker.work(runs, run, "w")
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "\x1b" not in told
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "typed \x1b[2J", (), None)
    assert Plain().format(record) == r"typed \x1b[2J"


def test_short_runs_go_first_and_have_a_thread_of_their_own(runs: Runs) -> None:
    search = runs.ask(from_url("/allocate?draws=64"), "a").id
    long = runs.ask(from_url("/simulate?plan=memo&draws=1000"), "a").id
    short = runs.ask(from_url("/simulate?plan=memo&draws=32"), "a").id
    assert draws_of(from_url("/compare?plans=memo&plans=none&plans=history&draws=32")) == 96
    taken = [runs.lease("w", FEW_DRAWS), runs.lease("w", FEW_DRAWS), runs.lease("w"), runs.lease("w")]
    assert [run and run.id for run in taken] == [short, None, long, search]


def test_what_nobody_watches_ends_unless_somebody_asked_to_keep_it(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(table_of_runs.time, "time", lambda: now[0])
    watched, kept = runs.ask(asked(12), "a", watched=True), runs.ask(asked(13), "a", watched=True)
    runs.ask(asked(13), "b")
    assert runs.lease("w") is not None
    now[0] += 5
    runs.watch(watched.id)
    now[0] += 6
    assert runs.beat(watched.id, "w", 1, 2, "draws")  # looked at six seconds ago
    runs.watch(watched.id, left=True)
    now[0] += 0.5
    assert runs.beat(watched.id, "w", 1, 2, "draws")  # its page may be on its way back
    now[0] += 1
    assert not runs.beat(watched.id, "w", 1, 2, "draws")
    now[0] += 100
    last = runs.lease("w")
    assert last is not None
    assert last.id == kept.id


def test_the_worker_says_when_it_is_warm(runs: Runs) -> None:
    assert not runs.is_warm()
    runs.warmed("w")
    assert runs.is_warm()
    runs.cold()
    assert not runs.is_warm()


def test_a_file_of_an_older_workbench_gets_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    with sqlite3.connect(path) as table:
        for statement in SCHEMA[:2]:
            table.execute(statement)
        table.execute("pragma user_version = 2")
    table.close()
    assert Runs(path).ask(asked(12), "a").state == "queued"


def test_a_run_that_was_stopped_says_so_wherever_it_stood(runs: Runs) -> None:
    run = runs.ask(asked(12), "a")
    assert runs.lease("w")
    runs.beat(run.id, "w", 3, 7, "draws")
    runs.cancel(run.id)
    ended = runs.of(run.id)
    assert ended is not None
    for language in ("en", "es"):
        said = words(language)
        told = pages.step(ended, said)
        assert told.startswith(said.text("workbench.states.cancelled"))
        assert "3 / 7" in told
