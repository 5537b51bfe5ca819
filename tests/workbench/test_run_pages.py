"""How far a run is, as it goes: events, what they say, and that the worker's state is told."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from merida.answers import store
from merida.answers.context import Context
from merida.answers.registry import from_url
from merida.words import words
from merida.workbench import bench, server
from merida.workbench.runs import Runs

HERE = "http://127.0.0.1:8412"


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs.sqlite")


@pytest.fixture
def client(runs: Runs) -> Iterator[TestClient]:
    with TestClient(server.application(runs), base_url=HERE, raise_server_exceptions=False) as made:
        yield made


def test_events_count_the_steps_and_end_with_the_run(client: TestClient, runs: Runs) -> None:
    identity = runs.ask(from_url("/border/delay?draws=12"), "a").id

    def work() -> None:
        run = runs.lease("w")
        assert run is not None
        runs.beat(identity, "w", 3, 7, "draws")
        time.sleep(0.5)
        runs.end(identity, "w", "done")

    thread = threading.Timer(0.3, work)
    thread.start()
    told = client.get(f"/runs/{identity}/events", headers={"accept-language": "es"}).text
    thread.join()
    steps = re.findall(r"event: step\n((?:data: .*\n)+)\n", told)
    assert words("es").text("workbench.states.queued") in steps[0]
    assert '<progress value="3" max="7"' in steps[-1]
    assert "3 / 7" in steps[-1]
    assert told.endswith("event: ended\ndata: .\n\n")
    assert client.get("/runs/nobody/events").status_code == 404


def test_whoever_leaves_says_so_to_the_table(client: TestClient, runs: Runs) -> None:
    identity = runs.ask(from_url("/border/delay?draws=12"), "a", watched=True).id
    runs.cancel(identity)
    assert client.get(f"/runs/{identity}/events").text == "event: ended\ndata: .\n\n"


def test_pages_are_ready_before_the_worker_is_warm(client: TestClient, runs: Runs) -> None:
    assert client.get("/ready.json").json() == {"pages": True, "worker": False}
    runs.warmed("w")
    assert client.get("/ready.json").json() == {"pages": True, "worker": True}


def test_a_stopped_run_leads_back_to_its_page_and_nowhere_else(client: TestClient, runs: Runs) -> None:
    identity = runs.ask(from_url("/border/delay?draws=12"), "a").id
    for back, there in (("/plan?plan=memo", "/plan?plan=memo"), ("//evil.example", "/border/delay?draws=12")):
        moved = client.post(
            f"/runs/{identity}/cancel", data={"back": back}, headers={"origin": HERE}, follow_redirects=False
        )
        assert moved.headers["location"] == there


def test_an_answer_that_cannot_be_kept_is_said_and_not_asked_for_ever(
    client: TestClient, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "load", lambda *_: None)
    identity = runs.ask(from_url("/border/delay?draws=12"), "a").id
    assert runs.lease("w") is not None
    runs.end(identity, "w", "done")
    page = client.get("/border/delay?draws=12")
    assert page.status_code == 200
    assert words("en").text("errors.workbench_not_kept") in page.text
    monkeypatch.setattr(
        bench, "LOST_SECONDS", 0.0
    )  # later on, what was removed from the cache is asked again
    assert client.get("/border/delay?draws=12").status_code == 202


def test_a_watched_run_that_was_left_begins_anew_when_its_reader_returns(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "load", lambda *_: None)
    made, request = bench.Bench(runs), from_url("/simulate?plan=memo&draws=16")
    assert Context.of(request).as_of is None
    first = made.answered(request, "a", True, watched=True)
    runs.cancel(first.id)  # type: ignore[union-attr]
    again = made.answered(request, "a", True, watched=True)
    assert again.state == "queued"  # type: ignore[union-attr]
    runs.cancel(again.id)  # type: ignore[union-attr]
    assert made.answered(request, "a", True).state == "cancelled"  # type: ignore[union-attr]
