"""A page is made once while nothing on it can have changed, and anew as soon as something has."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from fastapi.responses import HTMLResponse, Response
from starlette.requests import Request
from starlette.testclient import TestClient

from merida import cache
from merida.answers import Answer, answer, from_url
from merida.workbench import kept_pages, server
from merida.workbench.kept_pages import KeptPages, note_change, note_missing
from merida.workbench.runs import Run, Runs


def call(path: str = "/a", **headers: str) -> Request:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    about = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": given}
    return Request(about | {"server": ("127.0.0.1", 80), "scheme": "http"})


class Made:
    """Makes a page and counts how often."""

    def __init__(self, *noted: object) -> None:
        self.count, self.noted = 0, noted

    def __call__(self) -> Response:
        self.count += 1
        for one in self.noted:
            note_change() if one is None else note_missing(one)  # type: ignore[arg-type]
        time.sleep(0.02)
        return HTMLResponse(f"<p>{self.count}</p>")


def asked(pages: KeptPages, make: Made, times: int = 2, **headers: str) -> list[bytes]:
    async def go() -> list[bytes]:
        return [bytes((await pages.page(call(**headers), "en", make)).body) for _ in range(times)]

    return asyncio.run(go())


def test_a_page_is_made_once() -> None:
    pages, make = KeptPages(lambda _: True), Made()
    assert asked(pages, make) == [b"<p>1</p>", b"<p>1</p>"]
    assert asked(pages, make, hx_target="part") == [b"<p>2</p>", b"<p>2</p>"]  # a part of it is another


def test_a_page_that_changes_is_made_each_time() -> None:
    pages, make = KeptPages(lambda _: True), Made(None)
    assert asked(pages, make) == [b"<p>1</p>", b"<p>2</p>"]


def test_a_page_is_made_anew_once_what_it_missed_is_there() -> None:
    there: set[str] = set()
    pages, make = KeptPages(lambda request: request.question not in there), Made(from_url("/claims"))
    assert asked(pages, make) == [b"<p>1</p>", b"<p>1</p>"]
    there.add("claims")
    assert asked(pages, make, 1) == [b"<p>2</p>"]


def test_who_asks_meanwhile_waits_for_the_page() -> None:
    pages, make = KeptPages(lambda _: True), Made()

    async def go() -> None:
        await asyncio.gather(*(pages.page(call(), "en", make) for _ in range(20)))

    asyncio.run(go())
    assert make.count == 1


def test_what_was_not_asked_for_longest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    pages, make = KeptPages(lambda _: True), Made()
    monkeypatch.setattr(kept_pages, "MOST_BYTES", 120)  # bodies of a few letters take some thirty bytes

    async def go() -> None:
        for path in "abcdefg":
            await pages.page(call(f"/{path}"), "en", make)

    asyncio.run(go())
    assert 0 < pages.size <= 120
    assert [key[0] for key in pages.pages][-1] == "/g"  # type: ignore[index]


def test_languages_browsers_and_compression_do_not_mix(visitor: TestClient) -> None:
    first = visitor.get("/questions")
    again = visitor.get("/questions", headers={"accept-encoding": "identity"})
    assert first.text == again.text
    assert "gzip" in first.headers["content-encoding"]
    assert "content-encoding" not in again.headers
    assert 'lang="es"' in visitor.get("/questions", headers={"accept-language": "es"}).text
    assert first.headers["content-security-policy"] == again.headers["content-security-policy"]
    visitor.post("/plan/save", data={"name": "Only mine", "address": "/plan?plan=memo"})
    assert "Only mine" in visitor.get("/plan").text
    visitor.cookies.clear()
    assert "Only mine" not in visitor.get("/plan").text


def test_a_run_that_ends_between_two_looks_is_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    bench = server.application(Runs(tmp_path / "runs.sqlite")).state.bench
    request = from_url("/evidence/show?name=leadership_targeting")
    run = bench.runs.ask(request, "a browser")
    look = bench.runs.last

    def ends(asked_for: object) -> Run | None:  # the worker is done just after the store was looked at
        answer(request)
        bench.runs.lease("worker")
        bench.runs.end(run.id, "worker", "done")
        return look(asked_for)  # type: ignore[no-any-return]

    monkeypatch.setattr(bench.runs, "last", ends)
    assert isinstance(bench.answered(request, "a browser", False), Answer)


def test_a_file_that_is_written_in_this_moment_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    place = cache.folder() / "example"
    look = Path.stat

    def late(path: Path, **how: bool) -> os.stat_result:
        try:
            return look(path, **how)
        finally:
            monkeypatch.setattr(Path, "stat", look)
            cache.save_bytes(place, b"whole")

    monkeypatch.setattr(Path, "stat", late)
    assert cache.load_bytes(place) is None
    assert cache.load_bytes(place) == b"whole"
    assert capsys.readouterr().err == ""
