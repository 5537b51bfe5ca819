"""Delay, waits, scores, the simulated port and the bare queue: one answer under every face."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from merida import Lab
from merida.answers import Answer, answer, from_command, from_json, from_python, question
from merida.answers.border.common import Mode
from merida.answers.context import Context
from merida.answers.store import key
from merida.border.crossings import find_place, one_site, sites
from merida.charts.theme import svg
from merida.document.terminal import render
from merida.errors import BorderError, MeridaError
from merida.facts import Facts
from merida.progress import Cancel, Cancelled, Progress, Work
from merida.words import words
from tests.runner import CliRunner, app

SAMPLE = Path(__file__).parents[2] / "docs" / "samples" / "waits.csv"
DELAY = "merida border delay --port 'El Paso' --draws 3 --period 2019"
WAITS = "merida border waits 'Bridge of the Americas' --draws 3"
SCORE = f"merida border score --file '{SAMPLE}'"
SIMULATE = "merida border simulate Laredo --lanes general=6,ready=8,sentri=2 --replications 8 --baulking 5,20"
QUEUE = "merida border queue --arrivals-per-hour 3 --service-per-hour 5 --servers 1 --customers 8000"
COMMANDS = (DELAY, WAITS, SCORE, SIMULATE, QUEUE)


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer[Any, Any]]:
    """Return the answers, made now and never of the store."""
    shared = Context()
    return {command: unkept(from_command(command), shared) for command in COMMANDS}


def unkept(request: Any, shared: Context) -> Answer[Any, Any]:
    """Return an answer made now."""
    asked = question(request.question)
    given = asked.ask(request, shared, Work())
    payload, held = given if isinstance(given, tuple) else (given, None)
    return Answer(asked, request, payload, shared, held)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_payload_is_the_same_after_json(answers: dict[str, Answer[Any, Any]], command: str) -> None:
    found = answers[command]
    adapter = found.question.adapter
    again = adapter.validate_json(adapter.dump_json(found.payload))
    assert type(again) is type(found.payload)
    assert again == found.payload


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("command", COMMANDS)
def test_tables_fit_the_terminal(
    answers: dict[str, Answer[Any, Any]], command: str, language: str, width: int
) -> None:
    shown = render(answers[command].blocks(assumptions=True), words(language), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "{" not in shown


def test_names_stand_where_codes_are(answers: dict[str, Answer[Any, Any]]) -> None:
    for command in (DELAY, WAITS, SCORE):
        shown = " ".join(answers[command].text("es", 140).split())
        assert "Bridge of the Americas" in shown
        assert ("Bridge of the Americas (240201)" in shown) == (command != SCORE)
        assert "automóviles" in shown


def test_what_is_displayed_is_accepted() -> None:
    facts = Facts()
    for site in sites(facts):
        for given in (site.name, site.name.upper(), site.crossing, f"0{site.crossing}"):
            assert one_site(facts, find_place(facts, given), site.mode).key == site.key
        for given in (site.port.name, f"0{site.port.code}"):
            assert find_place(facts, given).port == site.port
    for language in ("en", "es"):
        for mode in Mode.__origin__.__args__:  # type: ignore[attr-defined]
            said = words(language).text(f"border.modes.{mode}")
            assert from_command(f"merida border waits Tecate --mode {said}").model_dump()["mode"] == mode
    lanes = from_command("merida border simulate Laredo --lanes general=6,Ready=8,SENTRI=2")
    assert answer(lanes.with_options(replications=2)).payload.basis.lanes == {
        "general": 6,
        "ready": 8,
        "sentri": 2,
    }


def test_lanes_and_shares_are_given_in_python_as_such() -> None:
    by_class = from_python("merida.Lab().border.simulate(port='Laredo', lanes={'general': 6, 'ready': 8})")
    assert by_class == from_command("merida border simulate Laredo --lanes general=6,ready=8")
    shares = [0.05] * 20 + [0.0] * 4
    flat = from_python(f"merida.Lab().border.simulate(port='Laredo', lanes=9, profile={shares})")
    assert flat == from_command(
        f"merida border simulate Laredo --lanes 9 --profile {','.join(map(str, shares))}"
    )


def test_assumptions_are_listed_only_when_asked_for(answers: dict[str, Answer[Any, Any]]) -> None:
    for command, path in ((DELAY, "border.values.reliability"), (WAITS, "border.calibration.load")):
        assert path not in answers[command].text("en", 120)
        assert f"{path}:" in answers[command].text("en", 120, assumptions=True)
    assert "border.booth_load:" in answers[SIMULATE].text("es", 120, assumptions=True)


def test_a_simulation_says_before_its_numbers_what_it_rests_on(
    answers: dict[str, Answer[Any, Any]],
) -> None:
    for language in ("en", "es"):
        shown = " ".join(answers[SIMULATE].text(language, 120).split())
        assert shown.startswith(words(language).text("border.by_the_hour"))


def test_what_is_held_is_said_and_sets_the_fit_aside() -> None:
    held = unkept(from_command(f"{WAITS} --set border.calibration.load=0.8"), Context())
    shown = " ".join(held.text("en", 120).split())
    assert "border.calibration.load = 0.8" in shown
    assert words("en").text("border_delay.notes.fit_set_aside") in shown


def test_a_command_a_call_and_json_are_one_answer(answers: dict[str, Answer[Any, Any]]) -> None:
    for command in (DELAY, QUEUE):
        expected = answers[command].data()
        request = answers[command].request
        done = CliRunner().invoke(
            app, ["border", request.question.split(".")[1], *request.words(), "--format", "json"]
        )
        assert json.loads(done.stdout) == expected
        assert answer(from_json(request.json())).data() == expected
    assert Lab().border.delay(port="El Paso", draws=3, period="2019").data() == answers[DELAY].data()


def test_programs_find_the_keys_that_they_read(answers: dict[str, Answer[Any, Any]]) -> None:
    score = answers[SCORE].data()["scores"][0]
    known = "crossing mode lane count observed predicted mae crps coverage climatology_mae climatology_crps"
    assert list(score)[:11] == known.split()
    assert score["crossing"] == "240201"
    there = answers[DELAY].data()["crossings"][0]
    assert list(there["hours"]) == ["low", "median", "high"]
    assert set(there["chance_of_eight_hours_on_a_day"]) == {"wait", "line"}
    assert list(answers[WAITS].data()["waits"][0]) == ["lane", "hour", "low", "median", "high", "published"]


def test_the_costliest_crossings_come_first(answers: dict[str, Answer[Any, Any]]) -> None:
    found = answers[DELAY].payload
    usd = [one.usd.median for one in found.crossings]
    assert usd == sorted(usd, reverse=True)
    few = Answer(answers[DELAY].question, answers[DELAY].request.with_options(rows=1), found, Context())
    assert found.crossings[0].name in few.text("en", 140)
    assert words("en").text("border_delay.more", count=len(usd) - 1) in few.text("en", 140)
    shared = Context()
    assert key(few.request, shared) == key(answers[DELAY].request, shared)


def test_csv_holds_the_lines_and_markdown_the_table(answers: dict[str, Answer[Any, Any]]) -> None:
    request = answers[SIMULATE].request
    done = CliRunner().invoke(app, ["border", "simulate", *request.words(), "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 24 * 3
    assert float(rows[30]["mean_minutes"]) == answers[SIMULATE].payload.by_hour[30].mean_minutes
    done = CliRunner().invoke(app, ["border", "queue", *answers[QUEUE].request.words(), "--format", "csv"])
    assert done.exit_code == 0 or isinstance(done.exception, MeridaError)
    assert "| hora |" in answers[WAITS].markdown("es")


@pytest.mark.parametrize("language", ["en", "es"])
def test_pictures_say_place_period_and_source(answers: dict[str, Answer[Any, Any]], language: str) -> None:
    for command, name, place in (
        (DELAY, "map", words(language).text("charts.border")),
        (WAITS, "chart", "Bridge of the Americas"),
        (WAITS, "heat", "Bridge of the Americas"),
        (SIMULATE, "chart", "Laredo"),
    ):
        title = answers[command].specification(name, language)["title"]
        told = " ".join([*title["text"], *title["subtitle"]])
        assert place in told
        assert "20" in told  # the year or years
        assert "CBP" in told
    assert "Laredo" in svg(answers[SIMULATE].specification("chart", language))


@pytest.mark.parametrize(
    "command",
    [
        "border delay --period 2012-13",
        "border delay --period ２０１２",
        "border delay --mode boats",
        "border delay --draws 1",
        "border waits Tecate --weekday 8",
        "border score",
        "border score --file nowhere.csv",
        "border score --file nowhere.csv --separator slash",
        "border simulate Laredo --lanes general=1,general=2",
        "border simulate Laredo --profile 0.5,x",
        "border simulate Laredo --baulking 5",
        "border queue --arrivals-per-hour 8 --service-per-hour 1",
    ],
)
def test_what_cannot_be_meant_is_one_message(command: str) -> None:
    done = CliRunner().invoke(app, command.split())
    assert isinstance(done.exception, MeridaError)
    assert "\n" not in done.exception.message("en").strip()
    assert done.exception.message("es") != done.exception.message("en")


def test_a_simulation_counts_and_stops_when_asked_to() -> None:
    told: list[Progress] = []
    for command in (f"{SIMULATE} --seed 77", f"{QUEUE} --seed 77"):
        told.clear()
        unkept_steps(command, told.append)
        assert told[-1].done == told[-1].total > 0
        cancel = Cancel()
        cancel.set()
        with pytest.raises(Cancelled):
            unkept_steps(command, lambda _: None, cancel)


def unkept_steps(command: str, tell: Any, cancel: Cancel | None = None) -> None:
    """Ask a question outside the store and tell of its steps."""
    request = from_command(command)
    question(request.question).ask(request, Context(), Work(tell, cancel or Cancel()))


def test_a_queue_that_grows_for_ever_is_refused() -> None:
    with pytest.raises(BorderError, match="12 servers"):
        answer(from_command("merida border queue --arrivals-per-hour 11 --service-per-hour 1 --servers 10"))
