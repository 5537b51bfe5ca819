"""The pages of plans: the plan is in the address, a change is a new address, what is wrong is said by its row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from merida.answers.context import Context
from merida.errors import PlanError, RequestError
from merida.framework import Plan, PlanRow, plan_of
from merida.framework.plan_files import packed, unpacked
from merida.words import words
from merida.workbench import planning, server
from merida.workbench.planning import COLUMNS, Planned
from merida.workbench.rooms.risk import VIEWS, Risk
from merida.workbench.runs import Runs
from merida.workbench.saved import Saved

HERE = "http://127.0.0.1:8412"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    application = server.application(Runs(tmp_path / "runs.sqlite"))
    with TestClient(application, base_url=HERE, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def context() -> Context:
    return Context()


def form(plan: Plan) -> dict[str, list[str]]:
    """Return the form's fields as the page sends them for a plan."""
    fields = {name: [str(getattr(row, name)) for row in plan.rows] for name in COLUMNS}
    return fields | {"usd_million": [f"{row.usd_per_year / 1e6:.10g}" for row in plan.rows]}


def test_a_plan_in_few_letters_is_the_same_plan(context: Context) -> None:
    memo = context.plan("memo")
    short = memo.short()
    assert len(short) < len(memo.json()) / 3
    assert plan_of(short, context.framework, context.facts).digest == memo.digest
    for broken in (short[:-9], "plan:", "plan:%%%", packed("x" * 17_000_000)):
        with pytest.raises(PlanError):
            plan_of(broken, context.framework, context.facts)
    assert unpacked(packed("é")) == "é"


def test_draws_grow_and_the_last_is_what_was_asked() -> None:
    assert [one.draws for one in Planned().steps()] == [32, 200, 1000]
    assert [one.draws for one in Planned(draws=100).steps()] == [32, 100]
    compared = Planned(beside=("none", "history")).steps()[0]
    assert compared.url() == "/compare?draws=32&plans=memo&plans=continuation&plans=none&plans=history"
    with pytest.raises(RequestError):
        Planned(beside=("none", "history", "memo")).steps()


def test_a_change_of_the_form_is_a_new_address_that_holds_the_plan(
    client: TestClient, context: Context
) -> None:
    memo = context.plan("memo")
    fields = form(memo)
    assert (
        client.get("/plan/edit", params={"plan": "memo"} | fields, follow_redirects=False).headers["location"]
        == "/plan"
    )
    fields["usd_million"][0] = "123.5"
    moved = client.get(
        "/plan/edit", params={"plan": "memo", "remove": ["1"]} | fields, follow_redirects=False
    )
    assert moved.status_code == 303
    held = parse_qs(urlsplit(moved.headers["location"]).query)["plan"][0]
    plan = plan_of(held, context.framework, context.facts)
    assert plan.made_from == "memo"
    assert len(plan.rows) == len(memo.rows) - 1
    assert plan.rows[0] == PlanRow(*[fields[name][0] for name in COLUMNS], 123.5e6)
    shown = client.get(moved.headers["location"])
    assert shown.status_code == 202  # the first draws are queued
    assert 'value="123.5"' in shown.text
    assert "/cancel" not in shown.text  # to stop the first draws would leave nothing to look at


def test_what_is_wrong_is_said_by_its_row_and_what_was_typed_stays(
    client: TestClient, context: Context
) -> None:
    fields = form(context.plan("memo"))
    fields["account"][0], fields["place"][2], fields["usd_million"][3] = "FMF", "Narnia", "many"
    for language in ("en", "es"):
        refused = client.get(
            "/plan/edit", params={"plan": "memo"} | fields, headers={"accept-language": language}
        )
        text = unescape(refused.text)
        assert refused.status_code == 400
        assert refused.headers["hx-push-url"] == "false"
        for number in (1, 3, 4):
            assert re.search(rf"(Row|Renglón) {number},", text), number
        assert 'value="Narnia"' in text
        assert 'value="many"' in text


def test_a_plan_of_many_rows_changes_by_programme(client: TestClient, context: Context) -> None:
    history = context.plan("history")
    assert len(history.rows) > planning.MOST_ROWS
    page = client.get("/plan?plan=history&versus=none").text
    names = re.findall(r'name="programme" value="(\w+)"', page)
    shown = re.findall(r'name="usd_million"[^>]* value="([\d.e+-]+)"', page)
    values = [str(2 * float(shown[0])), *shown[1:]]
    sent = {"plan": "history", "versus": "none", "whole": "true", "programme": names, "usd_million": values}
    moved = client.get("/plan/edit", params=sent, follow_redirects=False).headers["location"]
    plan = context.plan(parse_qs(urlsplit(moved).query)["plan"][0])

    def total(of: Plan, programme: str) -> float:
        return sum(usd for (name, *_), usd in of.by_year().items() if name == programme)

    assert total(plan, names[0]) == pytest.approx(2 * total(history, names[0]), rel=1e-6)
    assert total(plan, names[1]) == pytest.approx(total(history, names[1]), rel=1e-6)
    refused = client.get("/plan/edit", params=sent | {"usd_million": ["-1", *values[1:]]})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "address",
    ["/plan?nothing=1", "/plan?plan=nobody", "/plan?plan=plan:zz", "/plan?plan=/etc/passwd.toml", "/plan?draws=x",
     "/plan?beside=none&beside=none&beside=none", "/plan/improve?x=1", "/risk?view=all", "/risk?plan=nobody",
     "/plan/edit?programme=vetting", "/plan.json?x=1", "/risk.json?x=1", "/plan/improve.json?plan=nobody",
     "/ready.json?x=1"],
)  # fmt: skip
def test_what_an_address_cannot_mean_is_refused(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 400


def test_the_plan_is_a_file_too(client: TestClient, context: Context, tmp_path: Path) -> None:
    for ending in ("toml", "csv"):
        got = client.get(f"/plan/plan.{ending}?plan=memo")
        path = tmp_path / f"memo.{ending}"
        path.write_bytes(got.content)
        assert context.plan(str(path)).digest == context.plan("memo").digest
    assert client.get("/plan/plan.exe?plan=memo").status_code == 404


def test_plans_are_kept_for_the_browser_that_saved_them(client: TestClient, tmp_path: Path) -> None:
    there = {"origin": HERE}
    client.get("/plan")
    for address, name in (
        ("/plan?plan=memo&versus=none", "<Mine>"),
        ("//evil.example", "x"),
        ("/facts/list", "y"),
    ):
        client.post(
            "/plan/save", data={"address": address, "name": name}, headers=there, follow_redirects=False
        )
    page = client.get("/plan").text
    assert '<a href="/plan?plan=memo&amp;versus=none">&lt;Mine&gt;</a>' in page
    assert "evil.example" not in page
    saved = Saved(tmp_path / "runs.sqlite")
    assert saved.of("somebody else") == []
    identity = re.findall(r'name="id" value="(\w+)"', page)
    assert len(identity) == 1
    client.post("/plan/forget", data={"id": identity[0], "address": "/plan"}, headers=there)
    assert "&lt;Mine&gt;" not in client.get("/plan").text


def test_a_spanish_page_names_plans_in_spanish(client: TestClient) -> None:
    page = client.get("/plan", headers={"accept-language": "es"}).text
    said = words("es")
    assert said.text("workbench_plan.does", plan="Memorando", others="Continuación") in page
    assert not re.search(r">\s*(memo|continuation|history)\s*<", page)


def test_each_view_of_risk_is_a_question_of_its_own(client: TestClient) -> None:
    for view, kind in VIEWS.items():
        asked = Risk(view=view, plan="memo", draws=64).asked()
        assert type(asked) is kind
        page = client.get(f"/risk?view={view}&draws=16")
        assert page.status_code in (200, 202), view
    assert client.get("/risk").status_code == 200  # nothing was asked, and nothing began


def test_json_says_how_far_the_run_is(client: TestClient) -> None:
    client.get("/plan?plan=memo&versus=none&draws=17")
    told = client.get("/plan.json?plan=memo&versus=none&draws=17")
    assert told.status_code in (200, 202)
    assert told.status_code == 200 or json.loads(told.text)["state"] == "queued"
