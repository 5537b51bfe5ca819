"""The page of the memo's statements: each with its verdict, its figure and the query that gives it."""

from __future__ import annotations

import html

import pytest
from starlette.testclient import TestClient

from merida.answers import answer, store
from merida.answers.registry import from_url
from merida.words import words


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Answers as the worker would have left them."""
    made: dict[str, object] = {}
    monkeypatch.setattr(store, "load", lambda place, _: made.get(place.name))
    return made


def put(kept: dict[str, object], address: str) -> object:
    request = from_url(address)
    given = answer(request)
    kept[store.key(request, given.context).name] = given.payload
    return given.payload


def test_a_statement_stands_with_every_way_of_counting_it(
    visitor: TestClient, kept: dict[str, object]
) -> None:
    payload = put(kept, "/claims?claim=deaths_2011")
    claim = payload.claims[0]  # type: ignore[attr-defined]
    for language in ("en", "es"):
        page = visitor.get("/claims?claim=deaths_2011", headers={"accept-language": language})
        assert page.status_code == 200
        text = html.unescape(page.text)
        assert claim.said.to(language) in text
        assert words(language).text(f"claims.verdicts.{claim.verdict}") in text
        assert text.count("/facts/sql?query=") >= len(claim.definitions)
        assert all(one.about.to(language) in text for one in claim.definitions)


def test_checking_all_of_them_is_a_run_whose_progress_the_page_tells(visitor: TestClient) -> None:
    page = visitor.get("/claims")
    assert page.status_code == 202
    assert page.headers["refresh"] == "1"
    assert words("en").text("workbench.states.queued") in page.text
    assert visitor.get("/claims.json").json()["state"] == "queued"


@pytest.mark.parametrize("query", ["claim=nothing", "colour=red", "as_of=x"])
def test_what_cannot_be_asked_is_said_on_the_page(visitor: TestClient, query: str) -> None:
    shown = visitor.get(f"/claims?{query}")
    assert shown.status_code in (202, 400)
    if query != "claim=nothing":
        assert 'role="alert"' in shown.text
