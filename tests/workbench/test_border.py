"""The border's pages: the map and its list, a crossing's sliders with the question's own answer, what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from merida.answers import answer, from_command
from merida.words import words
from merida.workbench import server
from merida.workbench.border_map import FRAMES, at
from merida.workbench.hours import panel, runs
from merida.workbench.runs import Runs

HERE = "http://127.0.0.1:8412"
TECATE = "/border/at/250501"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    application = server.application(Runs(tmp_path / "runs.sqlite"))
    with TestClient(application, base_url=HERE, raise_server_exceptions=False) as made:
        yield made


def test_every_crossing_of_the_map_is_a_link_and_stands_in_the_list(client: TestClient) -> None:
    page = client.get("/border?mode=trucks").text
    listed = client.get("/border.json").json()["crossings"]["crossings"]
    trucks = [line["crossing"] for line in listed if line["mode"] == "trucks"]
    linked = re.findall(r'href="/border/at/(\w+)\?mode=trucks"', page)
    assert sorted(linked) == sorted([*trucks, *trucks]), "once on the map, once in the list"
    assert len(re.findall(r"<circle class=\"wait[^>]*><title>", page)) == len(trucks)


@pytest.mark.parametrize("part", FRAMES)
def test_a_part_of_the_border_is_in_its_frame(client: TestClient, part: str) -> None:
    page = client.get(f"/border?part={part}").text
    west, east, south, north = FRAMES[part]
    (left, top), (right, bottom) = at(west, north), at(east, south)
    assert f'viewBox="{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}"' in page


def test_sliders_show_what_the_question_answers(client: TestClient) -> None:
    made = answer(from_command("merida border staff 250501 --officers 12 --lanes general=3 --month 10"))
    found = client.get(f"{TECATE}.json?mode=cars&officers=12&general=3&month=10").json()
    assert found == {"staff": json.loads(made.json())}
    page = client.get(f"{TECATE}?mode=cars&officers=12&general=3&month=10").text
    assert "merida border staff 250501 --lanes general=3 --officers 12.0 --month 10" in page
    assert 'id="s-officers" name="officers"' in page
    assert 'value="12"' in page


def test_a_slider_gets_the_answer_alone_and_todays_place_is_todays_question(client: TestClient) -> None:
    whole = client.get(TECATE).text
    part = client.get(TECATE, headers={"hx-target": "tried"}).text
    assert "<html" in whole
    assert "<html" not in part
    assert part.strip() in whole
    officers = int(re.findall(r'name="officers" min="\d+" max="\d+" step="1" value="(\d+)"', whole)[0])
    same = client.get(f"{TECATE}?officers={officers}").text
    assert "--officers" not in same


@pytest.mark.parametrize(
    "address",
    [
        "/border?mode=boats",
        "/border?nothing=1",
        f"{TECATE}?officers=0",
        f"{TECATE}?officers=many",
        f"{TECATE}?height=3",
        f"{TECATE}/nothing",
        f"{TECATE}/now?height=3",
        "/border/at/nowhere",
    ],
)
def test_what_is_not_known_is_refused_in_words(client: TestClient, address: str) -> None:
    found = client.get(address, headers={"accept-language": "es", "accept": "text/html"})
    assert found.status_code == 400
    assert words("es").text("workbench.error") in found.text or 'role="alert"' in found.text


def test_the_next_hours_stand_on_a_page_and_as_json(client: TestClient) -> None:
    page = client.get(f"{TECATE}/now?mode=cars")
    assert page.status_code == 200
    assert "merida border now 250501" in page.text
    assert client.get(f"{TECATE}/now.json?mode=cars").json()["now"]["crossing"] == "250501"


def test_what_takes_long_is_a_run(client: TestClient) -> None:
    found = client.get(f"{TECATE}/roster?mode=cars")
    assert found.status_code == 202
    assert 'class="run"' in found.text
    assert client.get(f"{TECATE}/roster.json?mode=cars").status_code == 202


def test_a_line_breaks_where_lanes_are_closed() -> None:
    assert runs([None, 1.0, 2.0, None, 3.0]) == [[(1, 1.0), (2, 2.0)], [(4, 3.0)]]
    drawn = panel([None, 1.0], [None, 2.0], [None, 3.0], [4.0, 5.0], [None, None], labels=["0", "1"])
    assert drawn.line.count("M") == 1
    assert drawn.levels[-1][1] == 6.0
    assert drawn.points == ()
