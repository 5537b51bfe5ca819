"""The first page and the pages of places: map, cartogram and list say the same, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from merida.answers import Answer, answer
from merida.answers.registry import from_url
from merida.answers.violence.everywhere import AheadRequest, Places
from merida.charts.bands import MEASURES
from merida.charts.theme import RATE_SCALE
from merida.shipped import text
from merida.words import words
from merida.workbench import atlas, server
from merida.workbench.bench import Bench
from merida.workbench.rooms.places import NO_BAND, painted
from merida.workbench.runs import Runs

HERE = "http://127.0.0.1:8412"
SPANISH = {"accept-language": "es"}


@pytest.fixture(scope="module")
def record() -> Answer[Any, Any]:
    return answer(Places())


SMALL = {"violence.forecast": 40, "violence.missed": 40, "violence.ahead": 40}  # draws


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client to whom what takes long is answered at once, as if the worker had computed it."""

    def at_once(_: Bench, request: Any, owner: str, begin: bool, watched: bool) -> Answer[Any, Any] | None:
        if request.question in ("fit", "allocate"):
            return None
        if request.question in SMALL:
            request = request.with_options(draws=SMALL[request.question])
        return answer(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bench, "answered", at_once)
        runs = Runs(tmp_path_factory.mktemp("runs") / "runs.sqlite")
        with TestClient(server.application(runs), base_url=HERE, raise_server_exceptions=False) as made:
            yield made


def test_every_municipality_has_one_outline_and_one_link(
    client: TestClient, record: Answer[Any, Any]
) -> None:
    page = client.get("/places").text
    codes = {line.municipality for line in record.units}
    assert len(codes) == 2443
    drawn, circles = re.findall(r"<svg.*?</svg>", page, re.DOTALL)[-2:]
    links = re.findall(
        r'<a href="/places/(\d{5})" class="([\w-]+)" tabindex="-1"><title>([^<]+)</title>(<[^>]+>)', drawn
    )
    assert [code for code, *_ in links] == sorted(codes)
    assert all(shape.startswith('<path d="M') for *_, shape in links)
    assert set(re.findall(r'href="/places/(\d{5})"', circles)) == {
        line.municipality for line in record.units if line.people
    }


def test_classes_are_the_bands_of_the_values(record: Answer[Any, Any]) -> None:
    paint = painted(record, MEASURES["rate"], words("en"))
    edges = (1, 5, 10, 25, 50, 100)
    for line in record.units:
        band = sum(line.rate_per_100k >= edge for edge in edges)
        assert paint.classes[line.municipality] == f"rate-{band}"
    assert [name for name, _ in paint.legend] == [f"rate-{band}" for band in range(7)]
    change = painted(record, MEASURES["change"], words("en"))
    for line in record.units:
        if 0.1 < line.rose < 0.9:
            assert change.classes[line.municipality] == "change-2"
        else:
            assert (change.classes[line.municipality] in ("change-3", "change-4")) == (
                line.change_percent > 0
            )


def test_the_styles_know_every_class_and_the_house_scale() -> None:
    styles = text("workbench/static/places.css")
    for measure in MEASURES.values():
        for band in range(len(measure.colours)):
            assert f".{measure.scale}-{band} {{ fill: var(--{measure.scale}-{band})" in styles
    for band, colour in enumerate(RATE_SCALE):
        assert f"--rate-{band}: {colour}" in styles
    assert f".{NO_BAND} {{" in styles


def test_the_drawing_is_light_enough_for_a_telephone(record: Answer[Any, Any]) -> None:
    import gzip

    paint = painted(record, MEASURES["rate"], words("en"))
    drawn = atlas.municipal_map(paint.classes, paint.titles).encode()
    assert len(drawn) < 620_000
    assert len(gzip.compress(drawn, 6)) < 180_000


def test_the_list_is_searched_without_accents_and_ordered(client: TestClient) -> None:
    found = client.get("/places", params={"q": "merida", "state": "31"}, headers=SPANISH).text
    assert "Mérida, Yucatán" in found
    rows = re.findall(r'<th scope="row">', found)
    assert len(rows) == 1
    by_name = client.get("/places?sort=name&state=01").text
    names = re.findall(r'<tr><th scope="row"><i class="[\w-]+"></i><a href="[^"]+">([^<]+)<', by_name)
    assert names == sorted(names, key=lambda name: name.replace("é", "e").replace("í", "i"))
    assert 'aria-sort="ascending"' in by_name
    people = client.get("/places?sort=people&state=01").text
    assert people.index("Aguascalientes, Aguascalientes</a>") < people.index("Cosío, Aguascalientes</a>")


def test_a_part_of_the_page_colours_the_map_anew(client: TestClient) -> None:
    part = client.get("/places?by=missing&q=&as_of=", headers={"hx-request": "true"})
    assert part.headers["hx-push-url"] == "/places?by=missing"
    assert "<path" not in part.text
    classes = re.findall(r'data-classes="([^"]+)"', part.text)[0].split(" ")
    values = re.findall(r'data-values="([^"]+)"', part.text)[0].split("|")
    assert len(classes) == len(values) == 2443


def test_what_a_view_does_not_know_is_refused_in_words(client: TestClient) -> None:
    for query in ("colour=red", "by=nothing", "by=rate&by=change", "sort=up", "as_of=2012-13"):
        for ending in ("", ".json"):
            refused = client.get(f"/places{ending}?{query}", headers=SPANISH)
            assert refused.status_code == 400, query
            assert "Traceback" not in refused.text


def test_the_page_is_also_json(client: TestClient) -> None:
    held = client.get("/places.json?by=change").json()
    assert held["places"]["question"] == "violence.places"
    assert len(held["places"]["units"]) == 2443


def test_probabilities_are_those_of_the_forecast() -> None:
    ahead = answer(AheadRequest(draws=40)).payload
    assert len(ahead.units) == 2443
    for line in ahead.units:
        assert line.low <= line.median <= line.high
        assert 0 <= line.bad_year <= 1
    national = sum(line.mean for line in ahead.units)
    assert 10_000 < national < 60_000


def test_a_place_has_its_figures_each_with_its_question(client: TestClient) -> None:
    page = client.get("/places/08037", headers={"accept-language": "en"}).text
    watched = answer(from_url("/violence/monitor?place=municipality:08037")).payload
    deaths = f"{watched.level.deaths.value:,.0f}"
    assert f'<a href="/violence/monitor?place=municipality%3A08037">{deaths}</a>' in page
    assert re.findall(r'href="/places/(MX|08)"', page) == ["MX", "08"], "nation and state stand above it"
    drawn = re.findall(r'<figure class="map".*?</figure>', page, re.DOTALL)[0]
    assert len(re.findall(r'href="/places/08\d{3}"', drawn)) == 67, "the municipalities of Chihuahua"
    assert 'class="rate-5 here own"' in drawn
    assert 'id="fit-08037"' in page


def test_two_places_stand_side_by_side(client: TestClient) -> None:
    led = client.get("/places/juarez, chihuahua?beside=nuevo leon", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, "/places/08037?beside=19")
    page = client.get("/places/08037?beside=19", headers=SPANISH).text
    glance = re.findall(r'<table class="glance">.*?</table>', page, re.DOTALL)[0]
    assert "Juárez, Chihuahua" in glance
    assert "Nuevo León" in glance
    assert all(row.count("<td") == 2 for row in re.findall(r"<tr><th.*?</tr>", glance))
    far = client.get("/places/08037.json?beside=19")  # what fits them is not there
    assert (far.status_code, far.json()["state"]) == (409, "not begun")


def test_a_place_that_is_none_is_said_in_words(client: TestClient) -> None:
    for address in (
        "/places/nowhere",
        "/places/08037?beside=nowhere",
        "/places/juarez",
        "/places/08037?more=1",
    ):
        refused = client.get(address, headers=SPANISH)
        assert refused.status_code == 400
        assert "Traceback" not in refused.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_first_page_shows_what_is_at_hand(client: TestClient, language: str) -> None:
    said = words(language)
    page = client.get("/", headers={"accept-language": language}).text
    for name in ("ahead", "missed", "record", "targets", "plan"):
        assert f"<h2>{said.text(f'workbench_today.parts.{name}')}</h2>" in page
    assert page.count("<dt>") >= 4
    assert said.text("workbench_today.newest") not in page, (
        "what the record answers comes after the first paint"
    )
    part = client.get(
        "/", headers={"accept-language": language, "hx-request": "true", "hx-target": "record"}
    ).text
    assert said.text("workbench_today.newest") in part
    assert 'id="ahead"' not in part
    assert not re.findall(r' style="|<script>', page)


def test_the_first_page_is_also_json(client: TestClient) -> None:
    assert set(client.get("/today.json").json()) == {"ahead", "missed", "record", "targets"}
    assert client.get("/?more=1", headers=SPANISH).status_code == 400
