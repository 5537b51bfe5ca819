"""Allocation and ranking: one answer under every face, its stages counted, and its numbers those of the room."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from merida import Lab
from merida.answers import Answer, answer, from_command, from_json, question
from merida.answers.context import Context
from merida.answers.store import key
from merida.decide import allocate
from merida.document.terminal import render
from merida.ensemble.run import REFERENCE
from merida.framework import Framework, Plan, places
from merida.progress import Cancel, Cancelled, Progress, Work
from merida.words import words
from tests.runner import CliRunner, app

FEW = "--draws 6 --training-draws 4 --steps 2 --starts 3 --years 3 --as-of 2012-12"
COMMANDS = (
    f"merida allocate {FEW} --beside memo --nation-only --beliefs 3",
    f"merida allocate {FEW} --objective delay",
    f"merida allocate {FEW} --rows --no-walls --beliefs 0 --set violence.additionality=0.8",
    "merida rank --draws 4 --years 3 --as-of 2012-12",
)
BESIDE, DELAY, ROWS, RANK = COMMANDS
STAGES = ["preparing", "search", "choosing", "fresh", "shortlist", "next_million", "wall_prices", "core"]


@pytest.fixture(scope="module", autouse=True)
def few_of_validation() -> Iterator[None]:
    """Few draws choose among what the search found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "merida.decide.allocate", lambda *of, **more: allocate(*of, **{**more, "validation_draws": 4})
        )
        yield


@pytest.fixture(scope="module")
def told() -> list[Progress]:
    return []


@pytest.fixture(scope="module")
def answers(told: list[Progress]) -> dict[str, Answer[Any, Any]]:
    """Return the answers, made now and not taken from the store."""
    shared = Context("2012-12")
    found = {}
    for command in COMMANDS:
        request = from_command(command)
        asked = question(request.question)
        payload, held = asked.ask(request, shared, Work(told.append if command == BESIDE else lambda _: None))
        found[command] = Answer(asked, request, payload, shared, held)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_payload_is_the_same_after_json(answers: dict[str, Answer[Any, Any]], command: str) -> None:
    found = answers[command]
    adapter = found.question.adapter
    again = adapter.validate_json(adapter.dump_json(found.payload))
    assert again == found.payload
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


def test_the_money_stands_first_by_titles_and_rows_only_when_asked_for(
    answers: dict[str, Answer[Any, Any]],
) -> None:
    found, whole = answers[BESIDE], answers[ROWS]
    shown, listed = found.text("es", 200), whole.text("es", 200)
    first = found.payload.division[0]
    assert first.title.es in shown
    assert first.pillar_title.es in shown
    assert not any(f" {line.programme} " in shown for line in found.payload.division)
    assert len(found.payload.plan.rows) > 30
    assert len(shown.splitlines()) < 60
    assert len(listed.splitlines()) > len(whole.payload.plan.rows)
    assert "violence.additionality" in listed
    assert "Jalisco" in listed


def test_rows_are_shown_of_the_same_kept_answer() -> None:
    plain, rows = (from_command(f"merida allocate{more}") for more in ("", " --rows"))
    assert key(plain, Context()) == key(rows, Context())
    assert key(plain, Context()) != key(plain.with_options(draws=7), Context())


def test_the_payload_says_what_the_run_says(answers: dict[str, Answer[Any, Any]]) -> None:
    found = answers[BESIDE]
    run = found.result.simulation
    assert [line.plan for line in found.payload.plans] == [name for name in run.plans if name != REFERENCE]
    memo = next(line for line in found.payload.plans if line.plan == "memo")
    assert memo.digest == Lab(as_of="2012-12").plan("memo").digest
    assert [window.years for window in memo.windows] == [3]
    difference = run.difference("memo", REFERENCE, 3)
    assert memo.windows[0].averted == difference.averted.value
    assert memo.windows[0].p_harm == difference.worse
    assert memo.late_share == run.late_share("memo", REFERENCE)
    assert memo.cost_per_homicide_averted == run.cost_per_death("memo", REFERENCE)
    assert [(one.path, one.correlation) for one in memo.drivers] == [
        (one.path, one.correlation) for one in run.drivers("memo", REFERENCE, 6)
    ]
    assert memo.foreign_usd_year + memo.home_usd_year == pytest.approx(
        sum(row.usd_per_year for row in run.plans["memo"].rows)
    )
    assert memo.home_usd_year > 0
    best = found.payload.plans[0]
    assert (best.plan, best.home_usd_year) == ("best", 0.0)
    assert best.foreign_usd_year == pytest.approx(275e6)
    beats = {line.plan: line.p_best_beats for line in found.payload.rules}
    assert beats["memo"] is None
    assert all(line.hours_saved is None for line in found.payload.rules)


def test_of_ports_hours_come_first(answers: dict[str, Answer[Any, Any]]) -> None:
    found = answers[DELAY].data()
    assert list(found["rules"][0]) == [
        "plan", "hours_saved", "low", "high", "p_better", "p_harm", "averted", "p_best_beats",
    ]  # fmt: skip
    assert found["marginal_per_million_usd_year"] == found["wall_prices"]["delay"]
    assert {row["place"] for row in found["plan"]} > {"MX"}


def test_the_plan_is_a_plan_and_its_file_is_the_same(
    tmp_path: Path, answers: dict[str, Answer[Any, Any]]
) -> None:
    found = answers[BESIDE]
    framework = Framework.load("merida")
    assert isinstance(found.plan, Plan)
    for name in ("found.toml", "found.csv"):
        path = tmp_path / name
        path.write_text(str(found.question.files["plan"](found, path)), encoding="utf-8")
        assert Plan.read(path, framework, places(found.context.facts)).digest == found.plan.digest


def test_a_command_a_call_and_json_are_one_answer(
    answers: dict[str, Answer[Any, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "found.toml"
    for command in (BESIDE, RANK):
        done = CliRunner().invoke(
            app,
            [*command.split()[1:], "--format", "json", *(["--plan", str(file)] if command == BESIDE else [])],
        )
        assert done.exit_code == 0, done.exception
        assert json.loads(done.stdout) == json.loads(answers[command].json())
        assert answer(from_json(answers[command].request.json())).data() == answers[command].data()
    assert file.read_text(encoding="utf-8").startswith('name = "found"')
    lab = Lab(as_of="2012-12")
    called = lab.allocate(
        draws=6, training_draws=4, steps=2, starts=3, beliefs=3, years=3, beside=["memo"], nation_only=True
    )
    assert called.data() == answers[BESIDE].data()
    assert called.held is None  # it is the kept one
    assert called.plan.digest == answers[BESIDE].plan.digest
    assert lab.rank(draws=4, years=3).data() == answers[RANK].data()


def test_the_other_formats_hold_codes_or_titles(answers: dict[str, Answer[Any, Any]]) -> None:
    found = answers[BESIDE]
    done = CliRunner().invoke(app, [*BESIDE.split()[1:], "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["programme"] for row in rows] == [line.programme for line in found.payload.division]
    assert found.payload.division[0].title.es in found.markdown("es")
    assert answers[RANK].table()["programme"].to_list() == [
        line.programme for line in answers[RANK].payload.programmes
    ]


def test_every_stage_is_counted_and_has_its_words(
    answers: dict[str, Answer[Any, Any]], told: list[Progress]
) -> None:
    assert answers
    assert list(dict.fromkeys(one.stage for one in told)) == STAGES
    for stage in STAGES[1:]:
        done = [one.done for one in told if one.stage == stage]
        assert done == sorted(done)
        assert stage == "shortlist" or done[-1] == max(one.total for one in told if one.stage == stage)
    assert all(words(language).has(f"steps.{stage}") for stage in STAGES for language in ("en", "es"))


@pytest.mark.parametrize("stage", ["search", "fresh", "wall_prices", "ranking"])
def test_work_ends_where_it_is_cancelled(stage: str) -> None:
    cancel = Cancel()
    request = from_command(RANK if stage == "ranking" else BESIDE)

    def hear(progress: Progress) -> None:
        if progress.stage == stage:
            cancel.set()

    with pytest.raises(Cancelled):
        question(request.question).ask(request, Context("2012-12"), Work(hear, cancel))
