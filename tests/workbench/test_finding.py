"""The jump-to menu finds what is named, the nearest first, in both languages, and works without script as a page."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from merida.answers.context import Context
from merida.words import words
from merida.workbench.finding import Hit, distance, find
from merida.workbench.pages import PAGES


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


def test_what_is_found_is_there(visitor: TestClient) -> None:
    for typed in ("chihuahua", "otay", "policia", "brief"):
        for one in visitor.get("/find.json", params={"q": typed}).json()["found"][:3]:
            assert visitor.get(one["path"]).status_code in (200, 202, 429), one  # 429: many runs wait


@pytest.mark.parametrize("address", PAGES.values())
def test_no_page_ignores_an_option_that_it_does_not_take(visitor: TestClient, address: str) -> None:
    shown = visitor.get(f"{address}?colour=red", headers={"accept-language": "es"})
    assert shown.status_code == 400, address
    assert "colour" in shown.text


@pytest.mark.parametrize(
    "address",
    ["/?x=1", "/questions?x=1", "/openapi.json?x=1", "/language/es?x=1", "/find.json?x=1", "/data?x=1"],
)
def test_an_option_that_an_address_does_not_take_is_refused(visitor: TestClient, address: str) -> None:
    shown = visitor.get(address, headers={"accept-language": "es"}, follow_redirects=False)
    assert shown.status_code == 400
    assert "x" in shown.text


def test_what_is_no_page_has_the_same_sign_and_the_same_body(visitor: TestClient) -> None:
    assert visitor.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
    wrong = (
        "/nothing.json",
        "/data/sql.json?query=drop+table+x",
        "/brief.json?language=fr",
        "/data/own/x-1.json",
        "/find.json?x=1",
    )
    for address in wrong:
        error = visitor.get(address).json()["error"]
        assert set(error) == {"status", "message"}, address
    told = visitor.post("/data", headers={"accept": "application/json"})
    assert (told.status_code, told.json()["error"]["status"]) == (405, 405)
