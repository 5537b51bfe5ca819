"""Officers, rosters and the next hours: one answer under every face, and names that are taken or refused at once."""

from __future__ import annotations

import time
from typing import Any

import pytest

from merida.answers import Answer, from_command, from_json, from_python, from_url, question
from merida.answers.context import Context
from merida.document.terminal import render
from merida.errors import BorderError
from merida.progress import Work
from merida.words import words

OFFICERS = "merida border officers 'Paso del Norte'"
ROSTER = "merida border plan-lanes Tecate --mode cars --officers 30 --weeks 1"
NOW = "merida border now 0250401 --wait 45 --lanes 6 --at '2025-10-14 08:00'"
STAFF = "merida border staff Tecate --officers 12 --lanes general=4 --weekday 3"
LISTED = "merida border list --mode trucks"
COMMANDS = (OFFICERS, ROSTER, NOW, STAFF, LISTED)


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer[Any, Any]]:
    """Return the answers, made now and never of the store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("merida.border.staffing.weekly_plan.JUDGED_WEEKS", 1)
        patch.setattr("merida.border.staffing.weekly_plan.JUDGED_PATHS", 1)
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
    assert adapter.validate_json(adapter.dump_json(found.payload)) == found.payload


@pytest.mark.parametrize("command", COMMANDS)
def test_a_question_is_the_same_in_every_spelling(command: str) -> None:
    request = from_command(command)
    assert from_command(request.command()) == request
    assert from_python(request.python()) == request
    assert from_url(request.url()) == request
    assert from_json(request.json()) == request


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("command", COMMANDS)
def test_tables_fit_the_terminal(
    answers: dict[str, Answer[Any, Any]], command: str, language: str, width: int
) -> None:
    shown = render(answers[command].blocks(), words(language), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "{" not in shown


@pytest.mark.parametrize("command", [OFFICERS, NOW])
@pytest.mark.parametrize("language", ["en", "es"])
def test_pictures_are_drawn(answers: dict[str, Answer[Any, Any]], command: str, language: str) -> None:
    assert answers[command].chart("chart", language).to_dict()["title"]


def test_a_roster_has_its_officers_hours_and_its_bound(answers: dict[str, Answer[Any, Any]]) -> None:
    found = answers[ROSTER].payload
    assert found.booth_hours == 1200
    assert sum(sum(lane.booths) for lane in found.lanes) <= 1200
    assert found.bound <= found.loss
    assert [one.name for one in found.fares] == ["posted", "planned", "mean_week"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("merida border now 'San Isidroo' --lane general", "Nearest: San Ysidro"),
        ("merida border plan-lanes 'Otay Meza'", "Nearest: Otay Mesa"),
        ("merida border officers Laredoo", "Nearest: Laredo"),
        ("merida border now DeConcini --lane ready", "has no lanes of class 'ready'"),
        ("merida border plan-lanes Tecate --mode cars --officers 1", "1 officers"),
        ("merida border plan-lanes 'El Paso' --mode cars", "Give one of the numbers"),
    ],
)
def test_what_is_not_there_is_refused_at_once_with_the_nearest(command: str, said: str) -> None:
    request = from_command(command)
    began = time.process_time()
    with pytest.raises(BorderError, match=said):
        unkept(request, Context())
    assert time.process_time() - began < 5
