"""Violence and the memo's claims under every face: what is said, what is drawn, what programs read, and stopping."""

import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from merida import Lab
from merida.answers import Answer, answer, from_command, from_json
from merida.document.terminal import render
from merida.errors import MeridaError, ViolenceError
from merida.progress import Cancel, Cancelled, Progress
from merida.words import words
from tests.runner import merida

COMMANDS = (
    "violence monitor --place 08037",
    "violence monitor --place Yucatán --as-of 2012-12",
    "violence forecast --place 08037 --draws 40",
    "violence forecast --months 7 --draws 40 --set forecast.places.later_sd=0.5",
    "violence backtest --origin 2010-12 --draws 20",
    "violence backtest --origin 2011-12 --draws 10 --actuals FILE",
    "claims",
    "claims deaths_2011 --as-of 2012-12",
    "claims gang_models",
)
DEATHS = "municipality,month,deaths,basis\n" + "".join(
    f"08037,2012-{month:02},{60 + month},occurrence\n" for month in range(1, 13)
)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer[Any, Any]]:
    path = tmp_path_factory.mktemp("deaths") / "deaths.csv"
    path.write_text(DEATHS)
    return {
        command: answer(from_command("merida " + command.replace("FILE", str(path)))) for command in COMMANDS
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_payload_is_the_same_after_json(answers: dict[str, Answer[Any, Any]], command: str) -> None:
    given = answers[command]
    adapter = given.question.adapter
    again = adapter.validate_json(adapter.dump_json(given.payload))
    assert type(again) is type(given.payload)
    assert adapter.dump_json(again) == adapter.dump_json(given.payload)
    assert list(given.question.blocks(given.request, again)) == list(given.blocks())


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("command", COMMANDS)
def test_tables_fit_the_terminal(
    answers: dict[str, Answer[Any, Any]], command: str, language: str, width: int
) -> None:
    text = render(answers[command].blocks(), words(language), width)
    assert "{" not in text
    wide = [line for line in text.splitlines() if len(line) > width]
    assert not [line for line in wide if " " in line.strip()]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_other_formats_hold_the_answer(answers: dict[str, Answer[Any, Any]], command: str) -> None:
    given = answers[command]
    data = json.loads(given.json())
    assert list(data)[:3] == ["question", "version", "request"]
    assert "seconds" not in given.json()
    assert given.markdown("es") != given.markdown("en")
    assert given.table().height or command == "claims gang_models"


def test_names_stand_where_codes_are(answers: dict[str, Answer[Any, Any]]) -> None:
    told = answers["violence forecast --place 08037 --draws 40"].text("es", 200)
    assert "Juárez, Chihuahua" in told
    assert "08037" not in told
    months = answers["violence forecast --months 7 --draws 40 --set forecast.places.later_sd=0.5"].text(
        "es", 200
    )
    assert "agosto de 2025" in months
    assert "2025-08" not in months
    assert "forecast.places.later_sd = 0.5" in months
    advised = answers["claims gang_models"].text("es", 200)
    assert "Disuasión focalizada" in advised
    assert "focused_deterrence" not in advised


def test_a_command_a_call_and_json_are_one_answer(answers: dict[str, Answer[Any, Any]]) -> None:
    said = answers["violence forecast --place 08037 --draws 40"]
    called = Lab().violence.forecast("Ciudad Juárez", draws=40)
    asked = answer(from_json(said.request.json()))
    assert called.payload == said.payload == asked.payload
    assert called.of("08037").shape == (
        40,
        42,
    )  # 36 months and six of the year estimated; also from the store
    assert called.of("08037")[:, :12].sum(axis=1).mean() == pytest.approx(called.years[0].mean)


def test_the_forecast_says_what_it_was_told_from(answers: dict[str, Answer[Any, Any]]) -> None:
    """The deaths recorded that the picture shows are those by which the chances are said."""
    found = answers["violence forecast --place 08037 --draws 40"].payload
    assert found.registered[-1].deaths == found.deaths_last_year
    assert found.registered[-1].period == str(found.last_year)
    assert found.estimated[0].period == "2022-01" > found.recorded[-1].period
    assert (found.estimated[-1].period, found.first_month) == ("2025-06", "2025-07")
    then = Lab(as_of="2012-12").violence.forecast("Ciudad Juárez", draws=2).payload
    assert sum(of.deaths for of in then.recorded[-12:]) == then.deaths_last_year
    assert (then.recorded[-1].period, then.first_month) == (f"{then.last_year}-12", "2012-01")
    assert (then.registered, then.estimated, then.rests_on) == ((), (), {})


@pytest.mark.parametrize("language", ["en", "es"])
def test_pictures_are_drawn_with_title_and_source(
    answers: dict[str, Answer[Any, Any]], language: str
) -> None:
    drawn = {
        (command, name): answers[command].specification(name, language)
        for command in COMMANDS[:4]
        for name in answers[command].question.pictures
    }
    assert {name for _, name in drawn} == {
        "chart", "rates", "change", "clusters", "lorenz", "onset", "monthly",
    }  # fmt: skip
    for spec in drawn.values():
        assert any("INEGI" in line for line in spec["title"]["subtitle"])
    months = drawn[COMMANDS[3], "chart"]  # of less than a year there is no year to draw
    assert months["layer"][0]["encoding"]["x"]["type"] == "temporal"


def test_a_file_is_either_whole_or_in_parts(tmp_path: Path) -> None:
    request = from_command("merida violence backtest --origin 2011-12 --actuals x.csv --complete --partial")
    with pytest.raises(ViolenceError) as refused:
        answer(request)
    assert refused.value.key == "actuals_both"


def test_a_claim_is_given_as_the_record_gives_it(answers: dict[str, Answer[Any, Any]]) -> None:
    one = answers["claims deaths_2011 --as-of 2012-12"]
    assert {row.definition: row.value for row in one.claims[0].definitions}["as_published"] == 12903
    assert "12,903" in one.text("en", 100)


@pytest.mark.parametrize(
    "command",
    [
        "violence forecast --draws 1000",
        "violence backtest --origin 2010-12 --draws 100",
        "violence backtest --origin 2010-12 --origin 2015-12 --draws 100",
        "violence monitor --place Jalisco --seed 7",
        "claims --as-of 2013-05",
    ],
)
def test_work_is_counted_and_stops_when_it_is_told_to(command: str) -> None:
    cancel, told = Cancel(), []

    def hear(progress: Progress) -> None:
        told.append(progress)
        if progress.total:
            cancel.set()

    with pytest.raises(Cancelled):
        answer(from_command(f"merida {command}"), progress=hear, cancel=cancel)
    assert told[-1].total > 1
    assert told[-1].done < told[-1].total
    assert not multiprocessing.active_children()
    for language in ("en", "es"):
        assert all(words(language).has(f"steps.{progress.stage}") for progress in told)


@pytest.mark.parametrize(
    "command",
    ["violence monitor --place 99", "violence forecast --place Springfield", "violence monitor --as-of 12"],
)
def test_what_is_no_place_or_date_is_refused(command: str) -> None:
    done = merida(*command.split())
    assert isinstance(done.exception, MeridaError)
    assert done.stdout == ""
