"""Pages of the workbench: every question has one, in both languages; what must not be asked is refused in words."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from merida.answers import Answer, answer, store
from merida.answers.registry import from_url, question
from merida.words import words
from merida.workbench import asked, pages, server
from merida.workbench.asked import open_questions
from merida.workbench.described import described
from merida.workbench.runs import Runs
from merida.workbench.safety import Rate, Refused

HERE = "http://127.0.0.1:8412"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    application = server.application(Runs(tmp_path / "runs.sqlite"))
    with TestClient(application, base_url=HERE, raise_server_exceptions=False) as made:
        yield made


def test_every_question_has_a_name_and_a_form_in_both_languages() -> None:
    for language in ("en", "es"):
        said = words(language)
        for path in open_questions():
            assert said.text(f"workbench.names.{path}")
            page = pages.asked_page(path, said, "/", {})
            assert page.count("<form") >= 2
            for name, field in question(path).request.options().items():
                if not (path == "evidence.pool" and name == "file") and name != "actuals":
                    assert f'name="{name}"' in page, (path, field)


def test_the_list_leads_to_every_question_and_speaks_the_readers_language(client: TestClient) -> None:
    english = client.get("/questions", headers={"accept-language": "en"}).text
    spanish = client.get("/questions", headers={"accept-language": "es-MX,es;q=0.9"}).text
    for path in open_questions():
        assert f'href="/{path.replace(".", "/")}"' in english
    assert words("es").text("workbench.title") in spanish
    kept = client.get("/language/es?back=/facts/list", follow_redirects=False)
    assert (kept.status_code, kept.headers["location"]) == (303, "/facts/list")
    assert (
        words("es").text("workbench.title")
        in client.get("/questions", headers={"accept-language": "en"}).text
    )
    away = client.get("/language/es?back=//evil.example", follow_redirects=False)
    assert away.headers["location"] == "/"


def test_a_page_and_its_json_and_its_table_are_the_same_answer(client: TestClient) -> None:
    made = answer(from_url("/plan/show?plan=memo"))
    page = client.get("/plan/show?plan=memo")
    assert page.status_code == 200
    assert "merida plan show memo" in page.text
    assert client.get("/plan/show.json?plan=memo").json() == json.loads(made.json())
    csv = client.get("/plan/show.csv?plan=memo")
    assert csv.headers["content-disposition"] == 'attachment; filename="plan-show.csv"'
    assert csv.text.count("\n") == made.table().height + 1


def test_what_loads_is_ours_and_nothing_unsafe_is_allowed(client: TestClient) -> None:
    page = client.get("/facts/list")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert not re.findall(r' style="|<style|<script>', page.text), "the policy would refuse it"
    for place in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        assert client.get(place).headers["cache-control"].endswith("immutable")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nothing/here", 404),
        ("/facts/add?file=/etc/passwd", 400),
        ("/cache/clear", 400),
        ("/plan/show?plan=/etc/passwd.toml", 400),
        ("/framework/show?framework=/etc/hosts", 400),
        ("/evidence/pool?file=/etc/passwd", 400),
        ("/violence/backtest?actuals=/etc/passwd", 400),
        ("/facts/show?table=nothing", 400),
        ("/facts/show?table=ports&depth=3", 400),
        ("/facts/show?table=%00", 400),
        ("/static/0123/../../etc/passwd", 404),
        ("/static/0000000000000000/bench.css", 404),
        ("/find?q=" + "x" * 20000, 414),
        ("/facts/sql?query=select+*+from+read_csv('/etc/passwd')", 400),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(client: TestClient, address: str, status: int) -> None:
    for form in ("", ".json"):
        path, _, query = address.partition("?")
        answered = client.get(path + form + ("?" + query if query else ""), headers={"accept-language": "es"})
        assert answered.status_code == status
        assert "Traceback" not in answered.text
        if form and status != 414:
            assert answered.json()["error"]["status"] == status


def test_other_hosts_and_other_sites_are_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    body = {"request": from_url("/border/delay?draws=12").json()}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {}):
        assert client.post("/runs", data=body, headers=headers).status_code == 403
    assert client.request("DELETE", "/").status_code == 405
    lone = client.get("/border/delay.json?draws=12", headers={"sec-fetch-site": "cross-site"})
    assert (lone.status_code, lone.json()["state"]) == (409, "not begun"), "a foreign page starts no work"
    big = client.post("/runs", content=b"x" * 1_000_001, headers={"origin": HERE})
    assert big.status_code == 413


def test_what_takes_long_is_a_run_that_can_be_stopped_and_asked_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "load", lambda *_: None)
    begun = client.get("/border/delay?draws=12", headers={"accept-language": "es"})
    assert begun.status_code == 202
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in begun.text
    assert words("es").text("workbench.states.queued") in begun.text
    assert client.get("/border/delay.json?draws=12").json()["state"] == "queued"
    identity = re.findall(r'action="/runs/(\w+)/cancel"', begun.text)[0]
    stopped = client.post(f"/runs/{identity}/cancel", headers={"origin": HERE}, follow_redirects=False)
    assert (stopped.status_code, stopped.headers["location"]) == (303, "/border/delay?draws=12")
    ended = client.get("/border/delay?draws=12", headers={"accept-language": "es"})
    assert ended.status_code == 200, "a page that is looked at again does not begin again what was stopped"
    assert words("es").text("workbench.states.cancelled") in ended.text
    request = html.unescape(re.findall(r'name="request" value="([^"]+)"', ended.text)[0])
    again = client.post("/runs", data={"request": request}, headers={"origin": HERE}, follow_redirects=False)
    assert again.headers["location"] == "/border/delay?draws=12"
    assert client.get("/border/delay.json?draws=12").status_code == 202


def test_a_finished_run_is_found_in_the_store(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(question("facts.status").__dict__, "kept", True)
    request = from_url("/facts/status?today=2026-11")
    made = answer(request)
    monkeypatch.setattr(store, "load", lambda *_: made.payload)
    shown = client.get(request.url())
    assert shown.status_code == 200
    assert isinstance(made, Answer)
    assert client.get("/facts/status.json?today=2026-11").json() == json.loads(made.json())


def test_blank_fields_of_a_form_are_not_given_and_lines_are_several_values(client: TestClient) -> None:
    assert client.get("/plan/show.json?plan=memo&as_of=&framework=").status_code == 200
    request: Any = asked.read("facts.why", "table=ports&key=a%3Db%0D%0Ac%3Dd%0D%0A&as_of=")
    assert request.key == ("a=b", "c=d")


def test_a_place_is_found_with_and_without_accents(client: TestClient) -> None:
    for name in ("Cancún", "cancun"):
        found = client.get("/find.json", params={"q": name}).json()["found"]
        assert ("place", "Benito Juárez", "Quintana Roo") in [
            (one["kind"], one["name"], one["about"]) for one in found
        ]
    assert (
        words("en").text("workbench.found_nothing")
        in client.get("/find?q=zzzz", headers={"accept-language": "en"}).text
    )


def test_the_description_lists_every_question() -> None:
    paths = described()["paths"]
    assert {f"/{path.replace('.', '/')}.json" for path in open_questions()} < paths.keys()
    assert paths["/border/delay.json"]["get"]["responses"].keys() >= {"200", "202", "400", "409", "429"}


def test_every_reference_of_the_description_is_found() -> None:
    held = described()
    wanted = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(held)))
    assert wanted
    assert wanted <= held["components"]["schemas"].keys()
    assert "$defs" not in json.dumps(held)


def test_an_asker_that_asks_too_often_waits() -> None:
    rate = Rate(calls=2, seconds=60.0)
    rate.take("a")
    rate.take("a")
    rate.take("b")
    with pytest.raises(Refused):
        rate.take("a")
