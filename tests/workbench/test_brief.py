"""The page of the brief: a run of the worker, files whole in the cache, and a page that loads nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import merida.brief
from merida.answers.context import Context
from merida.errors import RequestError
from merida.progress import Cancel, Cancelled, Progress
from merida.words import words
from merida.workbench import briefs, worker
from merida.workbench.briefs import WriteBrief
from merida.workbench.rooms.brief import policy
from merida.workbench.runs import Runs

HTML = "<html><style>p { color: red }</style><p>said</p></html>"


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A brief that is written at once, and what it was asked."""
    asked: list[Any] = []

    def write(self: Any, folder: Path, writings: tuple[str, ...], progress: Any) -> None:
        asked.append(self)
        progress(Progress(1, 2, "charts"))
        for writing in writings:
            (folder / f"brief.{self.languages[0]}.{writing}").write_text(HTML, encoding="utf-8")
        (folder / "brief.es.files").mkdir()
        (folder / "brief.es.files/table.csv").write_text("a,b\n", encoding="utf-8")

    monkeypatch.setattr(merida.brief.Brief, "write", write)
    return asked


def test_a_brief_is_a_run_and_then_four_writings(
    visitor: TestClient, quickly: list[Any], tmp_path: Path
) -> None:
    address = "language=es&reader=state:08&no_plans=true"
    page = visitor.get(f"/brief?{address}")
    assert (page.status_code, page.headers["refresh"]) == (202, "1")
    assert words("en").text("workbench.states.queued") in page.text
    assert visitor.get(f"/brief.json?{address}").json()["state"] == "queued"
    assert visitor.get(f"/brief/files/pdf?{address}").status_code == 404
    runs = Runs(tmp_path / "runs.sqlite")
    run = runs.lease("w")
    assert run is not None
    worker.work(runs, run, "w")
    assert (quickly[0].languages, quickly[0].reader, quickly[0].plans) == (("es",), "state:08", False)
    ready = visitor.get(f"/brief?{address}")
    assert ready.status_code == 200
    assert "merida brief --for state:08 --language es --no-plans --write html,pdf,docx,md" in ready.text
    for ending in ("html", "pdf", "docx", "md", "zip"):
        taken = visitor.get(f"/brief/files/{ending}?{address}")
        assert taken.headers["content-disposition"] == (f'attachment; filename="brief.es.{ending}"')
        assert taken.content == HTML.encode() or ending == "zip"
    assert "said" in visitor.get(f"/brief/read?{address}").text
    assert visitor.get(f"/brief/files/exe?{address}").status_code == 404
    assert runs.lease("w") is None, "what is written is not written again"


def test_the_pages_own_styles_are_known_by_their_hashes() -> None:
    held = policy(HTML.encode())
    digest = base64.b64encode(hashlib.sha256(b"p { color: red }").digest()).decode()
    assert f"style-src 'sha256-{digest}';" in held
    assert "unsafe" not in held
    assert "script" not in held


def test_a_real_brief_holds_nothing_that_its_policy_refuses() -> None:
    from merida.document.blocks import Document, Section, Sentence
    from merida.document.html import render

    document = Document("2026-11", None, (), (Section("gaps", (Sentence("brief.forecast.nothing"),)),))
    page = render(document, "en", ("en",), lambda _: None, {})
    assert page.count("<style") == 1
    assert not re.findall(r'<script|<link|\son\w+=|\sstyle="', page)


@pytest.mark.parametrize(
    "query", ["reader=plan:/etc/x.toml", "reader=plan:own.csv", "colour=red", "language=fr", "framework=/etc/hosts",
              "language=en&language=es", "as_of=1850-01"],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_and_begins_nothing(
    visitor: TestClient, tmp_path: Path, query: str
) -> None:
    for address in ("/brief", "/brief.json", "/brief/read"):
        assert visitor.get(f"{address}?{query}").status_code == 400
    assert Runs(tmp_path / "runs.sqlite").lease("w") is None


def test_another_sites_page_begins_no_brief(visitor: TestClient) -> None:
    page = visitor.get("/brief.json?language=en", headers={"sec-fetch-site": "cross-site"})
    assert (page.status_code, page.json()["state"]) == (409, "not begun")


def test_a_brief_is_read_back_from_its_json_and_stops_when_it_is_no_longer_wanted(
    quickly: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    request = WriteBrief(reader="state:08", as_of="2012-12", no_plans=True)
    assert briefs.read(request.json()) == request
    with pytest.raises(RequestError):
        briefs.read(json.dumps(request.data() | {"reader": "plan:x.csv"}))
    context, cancel = Context("2012-12"), Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        briefs.write(request, context, lambda _: None, cancel)
    assert briefs.written(request, context) is None
    briefs.write(request, context, lambda _: None, Cancel())
    first = briefs.written(request, context)
    briefs.write(request, context, lambda _: None, Cancel())
    assert briefs.written(request, context) == first, "the same brief is the same bytes"
    assert briefs.written(request.with_options(language="es"), context) is None


@pytest.mark.parametrize(
    "request_", [WriteBrief(), WriteBrief(language="es", reader="plan:memo", no_plans=True, as_of="2012-12")]
)
def test_the_same_brief_can_be_asked_for_on_the_command_line(request_: WriteBrief) -> None:
    import shlex

    from merida.cli.by_hand import WriteBrief as Command

    _, *words_ = shlex.split(request_.command())
    given = Command().make_context("brief", words_[1:]).params
    assert (given["language"], given["reader"], given["no_plans"]) == (
        request_.language,
        request_.reader,
        request_.no_plans,
    )
    assert given["write"] == "html,pdf,docx,md"
    compile(request_.python(), "python", "eval")
