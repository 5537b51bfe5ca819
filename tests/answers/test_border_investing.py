"""What investments gain, the experiment and finance: one answer under every face."""

from __future__ import annotations

import csv
import io
import json
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from merida import Lab
from merida.answers import Answer, answer, from_command, from_json, question
from merida.answers.border.investing import GainLine, officer_readings
from merida.answers.context import Context
from merida.answers.store import key
from merida.charts.theme import svg
from merida.document.terminal import render
from merida.progress import Cancel, Cancelled
from merida.words import words
from tests.runner import CliRunner, app

COMMANDS = (
    "merida border invest --port Columbus --mode cars --draws 4",
    "merida border finance --port Columbus --mode cars --draws 4 --interest 0.05 --cost-usd 2e6",
    "merida border finance --kind cbi",
    "merida border finance --kind cbi --port 'San Ysidro'",
    "merida border create --draws 4",
)
INVEST, LOAN, *_, CREATE = COMMANDS


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer[Any, Any]]:
    """Return the answers; the experiment has one crossing of each mode here."""
    with pytest.MonkeyPatch.context() as patch:
        study = import_module("merida.border.investment.create_experiment")
        patch.setattr(study, "PASSENGER", 1)
        patch.setattr(study, "FREIGHT", 1)
        asked = {command: from_command(command) for command in COMMANDS}
        shared = Context()
        return {command: unkept(request, shared) for command, request in asked.items()}


def unkept(request: Any, shared: Context) -> Answer[Any, Any]:
    """Return an answer made now, never one of the store."""
    from merida.progress import Work

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
    assert adapter.dump_json(again) == adapter.dump_json(found.payload)


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("command", COMMANDS)
def test_tables_fit_the_terminal(
    answers: dict[str, Answer[Any, Any]], command: str, language: str, width: int
) -> None:
    shown = render(answers[command].blocks(assumptions=True), words(language), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "{" not in shown


def test_names_stand_with_their_numbers_and_are_accepted(answers: dict[str, Answer[Any, Any]]) -> None:
    shown = answers[INVEST].text("es", 140)
    best: GainLine = answers[INVEST].payload.gains[0]
    assert f"{best.name} ({best.crossing})" in shown
    for mode in ("automóviles", "Automoviles", "cars"):
        same = from_command(f"merida border invest --port '{best.name}' --mode {mode} --what 'un carril'")
        assert same.model_dump()["mode"] == "cars"
        assert same.model_dump()["what"] == "lane"


def test_amounts_say_whose_dollars_they_are(answers: dict[str, Answer[Any, Any]]) -> None:
    years = {
        COMMANDS[0]: "dollars of 2012",
        COMMANDS[1]: "dollars of 2012",
        COMMANDS[2]: "current dollars",
        COMMANDS[3]: "current dollars",
        COMMANDS[4]: "dollars of 2012",
    }
    for command, said in years.items():
        assert said in answers[command].text("en", 200), command


def test_assumptions_are_listed_only_when_asked_for(answers: dict[str, Answer[Any, Any]]) -> None:
    found = answers[INVEST]
    short, long = found.text("en", 120), found.text("en", 120, assumptions=True)
    assert "--assumptions" in short
    assert "border.invest.rate" not in short
    assert all(f"border.{path}:" in long for path in found.payload.assumptions)


def test_a_command_a_call_and_json_are_one_answer(answers: dict[str, Answer[Any, Any]]) -> None:
    expected = answers[LOAN].data()
    done = CliRunner().invoke(app, [*LOAN.split()[1:], "--format", "json"])
    assert json.loads(done.stdout) == expected
    called = Lab().border.finance(port="Columbus", mode="cars", draws=4, interest=0.05, cost_usd=2e6)
    assert called.data() == expected
    assert answer(from_json(answers[LOAN].request.json())).data() == expected


def test_the_other_formats_hold_the_lines(answers: dict[str, Answer[Any, Any]]) -> None:
    done = CliRunner().invoke(app, [*INVEST.split()[1:], "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    gains = answers[INVEST].payload.gains
    assert [row["investment"] for row in rows] == [one.investment for one in gains]
    assert float(rows[0]["usd_median"]) == gains[0].usd.median
    done = CliRunner().invoke(app, [*INVEST.split()[1:], "--format", "md", "--language", "es"])
    assert "| grupo |" in done.stdout


def test_how_many_lines_are_shown_is_no_part_of_what_is_kept() -> None:
    few = from_command("merida border invest --rows 3")
    shared = Context()
    assert key(few, shared) == key(few.with_options(rows=9), shared)
    assert key(few, shared) != key(few.with_options(draws=9), shared)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pictures_are_drawn_from_the_payload(answers: dict[str, Answer[Any, Any]], language: str) -> None:
    kept = Answer(answers[INVEST].question, answers[INVEST].request, answers[INVEST].payload, Context())
    for name in ("chart", "map"):
        drawn = svg(kept.specification(name, language))
        assert "Columbus" in drawn
        assert words(language).text("charts.border") in drawn  # it stands alone: place, period, source
        assert "2024" in drawn
        assert "CBP" in drawn
    assert kept.chart("chart", language).to_dict()["title"]


def test_the_experiment_stands_beside_what_was_published(answers: dict[str, Answer[Any, Any]]) -> None:
    found = answers[CREATE].payload
    assert [one.mode for one in found.sites] == ["cars", "trucks"]
    by_name = {one.name: one for one in found.checks}
    assert by_name["value_of_time"].published_high is None  # more than half a million
    assert by_name["value_of_time"].source == "KPBS 2013"
    ratio = found.their_ratios_to_value_of_time["jobs"]
    assert found.with_their_ratios["jobs"] == pytest.approx(by_name["value_of_time"].ours.median * ratio)


def test_who_stops_waits_for_no_crossing_that_is_not_begun() -> None:
    cancel = Cancel()
    seen = []

    def tell(progress: Any) -> None:
        seen.append(progress.done)
        if progress.done == 2:
            cancel.set()

    with pytest.raises(Cancelled):
        answer(from_command("merida border invest --draws 5 --seed 71"), progress=tell, cancel=cancel)
    assert max(seen) == 2


def test_invest_and_create_say_the_same_of_an_officer(answers: dict[str, Answer[Any, Any]]) -> None:
    create = next(one for one in answers.values() if one.question.name == "border.create")
    gains = create.result
    assert create.payload.officer == officer_readings(gains, create.context.facts)
    assert create.payload.officer is not None
    assert create.payload.officer.published == (500000.0, 642000.0)
    mean = float(np.median(np.mean([gain.time_usd for gain in gains], axis=0)))
    assert create.payload.officer.queue.median == pytest.approx(mean)
    said = " ".join(create.text("en", 140).split())
    assert ("take it as the upper end" in said) == (mean > 1.5 * 642000)


def test_a_ranking_says_first_what_is_told_apart(answers: dict[str, Answer[Any, Any]]) -> None:
    found = answers[INVEST]
    first = found.text("en", 140).splitlines()[0]
    assert first.startswith(
        "Not told apart" if len(found.payload.groups) == 1 else f"{len(found.payload.groups)} groups"
    )
    names = [name for group in found.payload.groups for name in group]
    assert sorted(names) == sorted(
        f"{one.crossing}.{one.mode}.{one.investment}" for one in found.payload.gains
    )
