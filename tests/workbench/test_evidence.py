"""The pages of the evidence: forests, weights as sliders, studies with their sources, a reader's own table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from merida.answers import answer, from_command
from merida.evidence.register import table
from merida.words import words
from merida.workbench import forests, server
from merida.workbench.runs import Runs

HERE = "http://127.0.0.1:8412"
SPANISH = {"origin": HERE, "accept-language": "es", "accept": "text/html"}
PATH = "networks.leadership_targeting.effect.weight.violence_rises"
SAMPLE = Path("docs/samples/studies.csv").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def known() -> None:
    """The answer that the page of a contested effect rests on stands in the store."""
    answer(from_command("merida evidence show leadership_targeting"))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    application = server.application(Runs(tmp_path / "runs.sqlite"))
    with TestClient(application, base_url=HERE, raise_server_exceptions=False) as made:
        yield made


def test_weights_move_the_law_as_a_run_with_set_has_it(known: None) -> None:
    moved = answer(from_command(f"merida evidence weigh leadership_targeting --set {PATH}=0.4")).payload
    fitted = answer(from_command(f"merida evidence show leadership_targeting --set {PATH}=0.4")).payload
    stated = answer(from_command("merida evidence weigh leadership_targeting")).payload
    for name in ("median", "low", "high", "probability_harm"):
        assert getattr(moved.law, name) == pytest.approx(getattr(fitted.law, name), abs=1e-9)
        assert getattr(stated.law, name) == pytest.approx(getattr(stated.stated, name), abs=1e-9)
    assert [one.weight for one in moved.readings] == pytest.approx([0.4, 0.6])
    step = moved.curve[1].effect - moved.curve[0].effect
    beyond = sum(one.density for one in moved.curve if one.effect > 0) * step
    assert beyond == pytest.approx(moved.law.probability_harm, abs=0.05)


def test_sliders_ask_the_question_and_get_the_law_alone(client: TestClient, known: None) -> None:
    address = "/evidence/of/leadership_targeting"
    made = answer(from_command(f"merida evidence weigh leadership_targeting --set {PATH}=0.4000"))
    found = client.get(f"{address}.json?violence_rises=40&mixed_over_time=60").json()
    assert found["weighed"] == json.loads(made.json())
    whole = client.get(f"{address}?violence_rises=40&mixed_over_time=60").text
    part = client.get(f"{address}?violence_rises=40&mixed_over_time=60", headers={"hx-target": "law"}).text
    assert "<html" not in part
    assert part.strip() in whole
    assert "--set" not in client.get(address, headers={"hx-target": "law"}).text.split("<details")[1]


def test_a_forest_has_a_row_for_each_study_with_a_link(client: TestClient, known: None) -> None:
    page = client.get("/evidence/of/leadership_targeting").text
    found = client.get("/evidence/of/leadership_targeting.json").json()["effect"]
    for row in found["studies"]:
        assert (f'href="/evidence/of/{row["study"]}"' in page) == (row["status"] == "counted")


@pytest.mark.parametrize(
    "query", ["violence_rises=0", "violence_rises=100", "violence_rises=x", "nothing=1", "violence_rises=٣"]
)
def test_a_weight_that_is_none_is_refused(client: TestClient, known: None, query: str) -> None:
    found = client.get(f"/evidence/of/leadership_targeting?{query}", headers=SPANISH)
    assert found.status_code == 400
    assert words("es").text("workbench.error") in found.text


def test_studies_lead_to_their_sources(client: TestClient) -> None:
    page = client.get("/evidence/studies?programme=cure_violence").text
    rows = client.get("/evidence/studies.json?programme=cure_violence").json()["studies"]["rows"]
    assert len(rows) == page.count('<th scope="row">')
    register = dict(table("register.csv").select("study", "locator").iter_rows())
    for row in rows:
        link = next(part for part in register[row["study"]].split(" ") if part.startswith("http"))
        assert f'href="{link}" rel="noreferrer noopener"' in page.replace("&amp;", "&")
    assert client.get("/evidence/studies?country=Atlantis").status_code == 400
    assert client.get("/evidence/studies?colour=red").status_code == 400


def test_a_pasted_table_is_pooled_as_the_command_does(client: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text(SAMPLE, encoding="utf-8")
    made = json.loads(answer(from_command(f"merida evidence pool --file {file} --measure RR")).json())
    sent = {"table": SAMPLE, "measure": "RR"}
    found = client.post("/evidence/table.json", data=sent, headers={"origin": HERE}).json()
    assert found["estimate"] == made["estimate"]
    assert found["studies"] == made["studies"]
    assert found["file"] == "table.csv"
    page = client.post("/evidence/table", data=sent, headers={"origin": HERE})
    assert page.status_code == 200
    assert 'id="pooled"' in page.text
    assert "/tmp" not in page.text


def test_faults_stand_beside_their_lines(client: TestClient) -> None:
    sent = {"table": "study,estimate,variance\na,0.1,0.02\nb,<b>x</b>,0.03\nc,0.2,-1\n"}
    page = client.post("/evidence/table", data=sent, headers=SPANISH)
    assert page.status_code == 400
    rows = page.text.split("<tr")
    assert [row.split('<th scope="row">')[1][0] for row in rows if 'class="bad"' in row] == ["3", "4"]
    assert "&lt;b&gt;x" in page.text
    assert "<b>x" not in page.text
    assert "/tmp" not in page.text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"table": ""}, 400),
        ({"table": "x"}, 400),
        ({"table": "study,estimate,variance\n" + "a,1,1\n" * 3000}, 400),
        ({"table": SAMPLE, "measure": "XX"}, 400),
        ({"table": "%PDF-1.4"}, 400),
        ({"table": "a" * 1_100_000}, 413),
    ],
)
def test_what_cannot_be_pooled_is_refused_in_words(
    client: TestClient, sent: dict[str, str], status: int
) -> None:
    found = client.post("/evidence/table", data=sent, headers=SPANISH)
    assert found.status_code == status
    assert 'role="alert"' in found.text


@pytest.mark.parametrize("name", ["../../etc/studies.csv", "studies.csv"])
def test_an_uploaded_file_is_pooled_and_named_without_a_path(client: TestClient, name: str) -> None:
    sent = {"file": (name, SAMPLE.encode())}
    page = client.post("/evidence/table", files=sent, data={"measure": "RR"}, headers=SPANISH)
    assert page.status_code == 200
    assert "--file studies.csv --measure RR" in page.text
    assert "/tmp" not in page.text


def test_another_site_cannot_send_a_table(client: TestClient) -> None:
    found = client.post("/evidence/table", data={"table": SAMPLE}, headers={"origin": "http://evil.example"})
    assert found.status_code == 403


def test_bars_lie_on_the_axis_of_their_table() -> None:
    drawn = forests.bar(0.0, -2.0, 1.0, (-1.0, 1.0))
    assert (drawn.low, drawn.middle, drawn.high, drawn.none) == (5.0, 120.0, 235.0, 120.0)
    assert drawn.cut == (True, False)
    assert [number for _, number in forests.marks((-0.3, 0.5), elasticity=False)] == [-20.0, 0.0, 25.0, 50.0]
