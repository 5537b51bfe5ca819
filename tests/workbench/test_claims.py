"""The page of the memo's statements: each with its verdict, its figure and the query that gives it."""

from __future__ import annotations

import html

import pytest
from starlette.testclient import TestClient

from merida.answers import answer
from merida.answers.registry import from_url
from merida.words import words


def test_a_statement_stands_with_every_way_of_counting_it_and_is_checked_at_once(visitor: TestClient) -> None:
    claim = answer(from_url("/claims?claim=deaths_2011")).claims[0]
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
    assert shown.status_code == 400
    assert 'role="alert"' in shown.text
