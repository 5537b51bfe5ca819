"""What studies say: one answer under every face; no name is refused that was shown, no label acted on."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from merida import Lab
from merida.answers import Answer, answer, from_command, from_json
from merida.charts.theme import svg
from merida.errors import EvidenceError
from merida.evidence.meta import Correct, Interval, Measure, Method, Prediction
from merida.framework import Framework
from merida.user_tables import DecimalSign, Separator
from merida.words import LANGUAGES, words
from tests.runner import CliRunner, app

SAMPLE = "docs/samples/studies.csv"
COMMANDS = (
    "merida evidence list --programme 'Street outreach' --all",
    "merida evidence list --as-of 1995-01",
    "merida evidence show bam_viol",
    "merida evidence show canales2020",
    "merida evidence show community_prevention --as-of 2012-12",
    "merida evidence show policing.elasticity --set policing.elasticity.weight.u_s_cities=0.9",
    "merida evidence show prisons",
    "merida evidence gaps",
    "merida evidence pool methadone --interval knapp-hartung",
    "merida evidence pool police_numbers homicide --no-bias",
    f"merida evidence pool --file {SAMPLE} --measure RR --bias",
    f"merida evidence pool --file {SAMPLE} --measure OR --moderators ablat --method ml",
)
TYPED = "[red]x[/red] <b>*y*</b> & `z` | $(ls)"
LABELS = (TYPED, "\x1b[31mred\x1b[0m", '=HYPERLINK("http://x")', "\u202eabc", "a" * 300, "two\nlines")


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer[Any, Any]]:
    return {command: answer(from_command(command)) for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_payload_is_the_same_after_json(answers: dict[str, Answer[Any, Any]], command: str) -> None:
    found = answers[command]
    adapter = found.question.adapter
    again = Answer(
        found.question,
        found.request,
        adapter.validate_json(adapter.dump_json(found.payload)),
        found.context,
    )
    assert again.json() == found.json()
    for language in LANGUAGES:
        assert again.text(language, 100) == found.text(language, 100)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_fits_the_terminal(
    answers: dict[str, Answer[Any, Any]], command: str, language: str
) -> None:
    found = answers[command]
    words_whole = set(found.text(language, 400).split())
    for width in (60, 80, 140):
        text = found.text(language, width)
        for line in text.splitlines():
            assert len(line) <= width or len(line.split()[-1]) > width / 2, (
                line
            )  # an address alone may be longer
        assert {word for word in text.split() if word.strip("─")} <= words_whole
    assert found.markdown(language)


@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[4], COMMANDS[8], COMMANDS[10]])
def test_command_python_and_json_are_one_question(answers: dict[str, Answer[Any, Any]], command: str) -> None:
    request = from_command(command)
    shown = CliRunner().invoke(app, [*command.split()[1:3], *request.words(), "--format", "json"])
    assert json.loads(shown.stdout) == json.loads(answers[command].json())
    assert answer(from_json(request.json())).json() == answers[command].json()
    lab = Lab(as_of=getattr(request, "as_of", None))
    options = {name: value for name, value in request.stated().items() if name != "as_of"}
    asked = getattr(lab.evidence, request.question.partition(".")[2])
    assert asked(**options).json() == answers[command].json()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_main_table_is_one_of_rows(answers: dict[str, Answer[Any, Any]], command: str) -> None:
    found = answers[command]
    rows = found.data()[
        next(name for name in ("rows", "programmes", "studies", "speaks_in") if name in found.tables())
    ]
    assert found.table().height == len(rows)


def test_ends_are_two_cells(answers: dict[str, Answer[Any, Any]]) -> None:
    table = answers[COMMANDS[10]].table()
    row = answers[COMMANDS[10]].payload.studies[0]
    assert (table["ci_low"][0], table["ci_high"][0]) == row.ci


def test_a_lab_takes_the_question_first() -> None:
    assert Lab().evidence.show("bam_viol").study == "bam_viol"
    assert Lab().evidence.pool("cure_violence").programme == "cure_violence"


def test_choices_are_those_of_the_rooms() -> None:
    from merida.answers.evidence import pool

    for choices, kind in (
        (pool.Measure, Measure), (pool.Correct, Correct), (pool.Method, Method), (pool.Interval, Interval),
        (pool.Prediction, Prediction), (pool.Separator, Separator), (pool.Decimal, DecimalSign),
    ):  # fmt: skip
        assert list(choices.__args__) == [one.value for one in kind]


@pytest.mark.parametrize("framework", ["merida", "bicentennial"])
def test_every_programme_that_is_shown_is_taken(framework: str) -> None:
    """Its code, its titles in both languages, and these without case and accents."""
    from merida.words import plain

    held = Framework.load(framework)
    for code, titles in held.programme_names.items():
        for name in (code, *titles, *map(plain, titles), *(title.upper() for title in titles)):
            assert held.programme_called(name) == code, name
    assert held.programme_called("nothing of the kind") is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Prevención comunitaria", "community_prevention"),
        ("PREVENCION COMUNITARIA", "community_prevention"),
        ("community prevention", "community_prevention"),
    ],
)
def test_a_programme_is_shown_by_its_title(name: str, code: str) -> None:
    assert Lab().evidence.show(name).name == code


@pytest.mark.parametrize(
    ("arguments", "key", "said"),
    [
        (("show", "Prevencion comunitari"), "unknown_evidence", "Prevención comunitaria"),
        (("show", "focused deterence"), "unknown_evidence", "focused_deterrence"),
        (("show", "Cure Violence"), "programme_of_register", "merida evidence pool cure_violence"),
        (("pool", "Combate a la corrupcion"), "programme_of_framework", "merida evidence show anti_corruption"),
        (("list", "--programme", "Drug treatment"), "programme_of_framework", "merida evidence show drug_treatment"),
        (("pool", "metadon"), "unknown_programme", "metadona"),
        (("pool", "Espacio público y alumbrado"), "unknown_programme", "street_lighting"),
    ],
)  # fmt: skip
def test_what_is_elsewhere_or_mistyped_is_named(arguments: tuple[str, ...], key: str, said: str) -> None:
    error = CliRunner().invoke(app, ["evidence", *arguments]).exception
    assert isinstance(error, EvidenceError), error
    assert error.key == key
    assert said in error.message("en")
    assert said in error.message("es")


def test_labels_of_the_user_are_shown_as_they_are(tmp_path: Path) -> None:
    """Terminal, Markdown, spreadsheet, JSON, notebook and chart: no label steers any of them."""
    path = tmp_path / "studies.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("study", "yi", "vi"), *((label, 0.1 * at, 0.02 + 0.01 * at) for at, label in enumerate(LABELS))]
        )
    found = answer(from_command(f"merida evidence pool --file {path}"))
    text, page, marked = found.text("en", 100), found._repr_html_(), found.markdown("en")
    drawn = svg(found.specification("chart", "es"))
    for shown in (text, page, marked, drawn):
        assert not {"\x1b", "\u202e"} & set(shown)
        assert r"\x1b" in shown
    assert " ".join(text.split()).count("[red]x[/red] <b>*y*</b>") == 1
    assert max(map(len, text.splitlines())) <= 100
    assert "<b>" not in page
    assert "<b>" not in drawn
    assert r"\[red\]x\[/red\] \<b\>\*y\*" in marked
    shown = CliRunner().invoke(app, ["evidence", "pool", "--file", str(path), "--format", "csv"]).stdout
    cells = [row["study"] for row in csv.DictReader(io.StringIO(shown))]
    assert cells[0] == TYPED
    assert cells[2] == "'" + LABELS[2]
    assert cells[4] == LABELS[4]  # whole where nothing is to be laid out


def test_gaps_say_all_in_the_readers_language(answers: dict[str, Answer[Any, Any]]) -> None:
    text = answers[COMMANDS[7]].text("es", 400)
    for one in answers[COMMANDS[7]].payload.programmes:
        assert one.title.es in text
        assert one.programme == one.title.es or one.programme not in text.partition("\n\n")[0]
    assert words("es").text("evidence.gaps.unused") in text
