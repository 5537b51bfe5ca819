"""What is said of plans in many scenarios, of the core and of municipalities, on payloads made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from merida.answers import Answer, question
from merida.answers.context import Context
from merida.answers.plans.core import core_said
from merida.answers.plans.robust import Robust, Robustness
from merida.answers.plans.triage import PlaceLine, Places, Triage
from merida.decide.division.core import Core
from merida.decide.robustness import Scenario, table
from merida.decide.said.lines import CoreTable
from merida.decide.said.report import core_table
from merida.document.terminal import render
from merida.errors import PlanError
from merida.facts.schema import Text
from merida.framework import Framework
from merida.progress import Work
from merida.words import words

PLANS = ("memo", "continuation")
SCENARIOS = (
    Scenario("assumed", "assumed"),
    Scenario("wide_law", "structure"),
    Scenario("policing.elasticity.weight.mexican_subsidy", "reading"),
    Scenario("partner_stops", "partner"),
    Scenario("hammitt2006", "value", {}, "hammitt2006"),
)


def robust(turned: bool = True) -> Answer[Any, Any]:
    random = np.random.default_rng(0)
    found = []
    for number, scenario in enumerate(SCENARIOS):
        sign = -1.0 if turned and number == 1 else 1.0
        found.append((scenario, random.normal([50.0 * sign, 10.0], 5.0, (64, 2))))
    cells, plans, flipped = table(found, PLANS)
    payload = Robustness(cells, plans, flipped, len(found))
    return Answer(question("robust"), Robust(plans=PLANS), payload, Context("2012-12"))


def triage(apart: bool) -> Answer[Any, Any]:
    line = PlaceLine(
        "08037", Text(en="Juárez, Chihuahua", es="Juárez, Chihuahua"), 1, 0.9, 12.0, -1.0, 40.0, 14.0, 900.0
    )
    lines = tuple(replace(line, municipality=f"{8037 + at:05d}", group=1 + at * apart) for at in range(4))
    title = Text(en="Focused deterrence", es="Disuasión focalizada")
    groups = (1, 1, 1, 1) if apart else (4,)
    payload = Places("focused_deterrence", title, 4, 2, 64, groups, not apart, lines)
    return Answer(question("triage"), Triage(best=2), payload, Context("2012-12"))


def core() -> CoreTable:
    held = np.array([[0, 1, 2]] * 19 + [[1, 1, 2]])
    return core_table(
        Core(("vetting", "prisons", "aviation"), held, np.array([0.9, 1.0])), Framework.load("merida")
    )


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("language", ["en", "es"])
def test_tables_fit_the_terminal(language: str, width: int) -> None:
    for answer in (robust(), robust(turned=False), triage(True), triage(False)):
        shown = render(answer.blocks(assumptions=True), words(language), width)
        assert max(map(len, shown.splitlines())) <= width
        assert "{" not in shown
    assert max(map(len, render(core_said(core()), words(language), width).splitlines())) <= width


def test_the_first_sentence_says_what_holds() -> None:
    flipped, steady = robust().text("en", 200), robust(turned=False).text("en", 200)
    assert "flips in 1 of 5 scenarios" in flipped
    assert "Memo gains most on average in each of the 5 scenarios" in steady
    assert "As if every programme worked like its family" in flipped
    assert "only the reading «Mexican subsidy»" in flipped
    assert "Hammitt 2006" in flipped


def test_the_core_says_who_is_in_every_plan() -> None:
    said = render(core_said(core()), words("en"), 400)
    assert said.startswith("In every good plan: Vetting")
    assert "In none: Surveillance and transport aircraft" in said or "In none: " in said
    lines = {line.programme: line.verdict for line in core().lines}
    assert lines == {"vetting": "all", "prisons": "open", "aviation": "none"}


def test_municipalities_that_are_not_told_apart_are_said_first() -> None:
    assert triage(False).text("en", 200).startswith("Those that come first are not told apart")
    assert "4 groups are told apart. First: Juárez" in triage(True).text("en", 200)


@pytest.mark.parametrize("make", [robust, lambda: triage(True)])
def test_the_chart_is_drawn_in_both_languages(make: Any) -> None:
    for language in ("en", "es"):
        answer = make()
        draw = next(iter(answer.question.pictures.values()))
        spec = draw(answer, words(language))
        assert spec["title"]["text"]


def test_payloads_are_the_same_after_json() -> None:
    for answer in (robust(), triage(True)):
        adapter = answer.question.adapter
        assert adapter.validate_json(adapter.dump_json(answer.payload)) == answer.payload


def test_one_plan_is_nothing_to_compare() -> None:
    with pytest.raises(PlanError) as caught:
        question("robust").ask(Robust(plans=("memo",)), Context("2012-12"), Work())
    assert caught.value.key == "one_plan_to_compare"
