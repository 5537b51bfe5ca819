"""The jump-to menu finds what is named, the nearest first, in both languages, and works without script as a page."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from merida.answers.context import Context
from merida.words import words
from merida.workbench.finding import Hit, distance, find


@pytest.mark.parametrize(
    ("typed", "rank"), [("san ysidro", 0), ("san", 1), ("ysi", 2), ("idro", 3), ("calif", 4), ("texas", None)]
)
def test_names_are_nearer_than_what_holds_them(typed: str, rank: int | None) -> None:
    assert distance(typed, Hit("crossing", "San Ysidro", "California", "/x")) == rank


def test_each_kind_is_found_in_the_readers_language() -> None:
    context = Context()
    english, spanish = words("en"), words("es")
    kinds = {"ciudad ju": "place", "otay": "crossing", "tablero": "page", "repartir": "question"}
    for typed, kind in kinds.items():
        assert kind in {one.kind for one in find(typed, spanish, context)}, typed
    programme = next(iter(context.framework.programmes.values()))
    assert "programme" in {one.kind for one in find(programme.title.en, english, context)}
    assert find("", english, context) == []
    assert find("zzzz", english, context) == []


def test_without_script_it_is_a_page_and_with_it_a_list(visitor: TestClient) -> None:
    page = visitor.get("/find?q=chihuahua").text
    part = visitor.get("/find?q=chihuahua", headers={"hx-request": "true"}).text
    assert "<html" in page
    assert "<html" not in part
    assert part.count("<small>") == page.count("<small>") > 1
    assert visitor.get("/find?q=x&colour=red").status_code == 400


@pytest.mark.parametrize(
    "address",
    ["/?x=1", "/questions?x=1", "/openapi.json?x=1", "/language/es?x=1", "/find.json?x=1", "/data?x=1"],
)
def test_an_option_that_an_address_does_not_take_is_refused(visitor: TestClient, address: str) -> None:
    shown = visitor.get(address, headers={"accept-language": "es"}, follow_redirects=False)
    assert shown.status_code == 400
    assert "x" in shown.text
