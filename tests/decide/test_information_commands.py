"""What is said of information, boxes and frontiers: asked of hand-made tables and payloads, in both languages."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from merida.answers.context import Context
from merida.answers.plans.discover import Discover, Discovery, LimitLine
from merida.answers.plans.discover import blocks as discovered
from merida.answers.plans.frontier import Frontier, found_of, mixtures
from merida.answers.plans.frontier import blocks as efficient
from merida.answers.plans.voi import Information, OptionLine, TrialLine, Voi, asked_trial, voi
from merida.answers.plans.voi import Worth as Line
from merida.answers.plans.voi import blocks as valued
from merida.decide.information.naming import clause, parameter_name, unit_of
from merida.decide.worth.options import Options
from merida.document.terminal import render
from merida.errors import MeridaError
from merida.facts import Facts
from merida.facts.schema import Text
from merida.framework import Framework, plan_named
from merida.parameters.registry import entries, programme_entries
from merida.progress import Work
from merida.statistics import Interval
from merida.words import words

MERIDA = Framework.load("merida")
NAMED = Text(en="the effect", es="el efecto")


def information(told: bool = True, evpi: float = 5e7) -> Information:
    line = Line("a.b", NAMED, "share", Interval(0.1, 0.2, 0.3), 1, 2e7, 2e6, told)
    trial = TrialLine(
        "focused_deterrence", NAMED, 12, 24, 900.0, Interval(-9, -4, 1), 18.0, 1e6, 1e5,
        Interval(1e6, 2e6, 4e6), 2e6, -1e6,
    )  # fmt: skip
    options = (
        OptionLine("memo", 3e7, Interval(1e6, 2e7, 9e7), 0.7),
        OptionLine("none", 0.0, Interval(0, 0, 0), 0.3),
    )
    return Information("usd", None, "oecd2021", options, "memo", evpi, 1e6, (line,), (line,), trial)


def said(request: Any, blocks: Any, language: str, width: int = 200) -> str:
    return render(tuple(blocks), words(language), width)


def test_the_first_sentence_says_what_to_find_out_first() -> None:
    request = Voi(plans=("memo", "none"))
    text = said(request, valued(request, information()), "en")
    assert text.startswith(
        "Find out first: the effect. To know it before spending would be worth 20.0 ± 2.0 (million dollars)"
    )
    assert "The trial is not worth doing" in text
    assert "1.0 million more than it is worth" in text
    assert said(request, valued(request, information(told=False)), "en").startswith("No single number")
    assert said(request, valued(request, information(evpi=1e6)), "en").startswith("Find out nothing first")
    assert said(request, valued(request, information()), "es").startswith("Averiguar primero: el efecto.")


@pytest.mark.parametrize(
    ("net", "key"), [(5e6, "The trial is worth doing"), (1e5, "cannot be told"), (None, "With --valuation")]
)
def test_a_trial_is_judged_by_its_net_value(net: float | None, key: str) -> None:
    found = information()
    assert found.trial is not None
    request = Voi(plans=("memo", "none"))
    text = said(request, valued(request, replace(found, trial=replace(found.trial, net_usd=net))), "en")
    assert key in text


@pytest.mark.parametrize(
    "text",
    [
        "focused_deterrence in 12 municipalities for 24 months",
        "Focused deterrence in 12 municipalities for 24 months",
        "Disuasión focalizada en 12 municipios durante 24 meses",
    ],
)
def test_a_trial_is_read_in_both_languages(text: str) -> None:
    assert asked_trial(text, MERIDA) == ("focused_deterrence", 12, 24)
    assert asked_trial("", MERIDA) is None


@pytest.mark.parametrize(
    "text", ["focused_deterrence", "x in twelve municipalities for 24 months", "x in -3 municipalities"]
)
def test_a_trial_that_cannot_be_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(MeridaError, match="for example"):
        asked_trial(text, MERIDA)


@pytest.mark.parametrize(
    ("request_", "match"),
    [
        (Voi(plans=("memo",)), "Two plans"),
        (Voi(plans=("memo", "none"), valuation="oecd2021", outcome="homicides"), "not by both"),
        (Voi(plans=("memo", "none"), trial="what?"), "for example"),
    ],
)
def test_bad_questions_are_refused_before_any_work(request_: Voi, match: str) -> None:
    with pytest.raises(MeridaError, match=match):
        voi(request_, Context(), Work())


def test_every_parameter_has_a_name_and_a_unit() -> None:
    for path in [*entries(), *programme_entries(MERIDA)]:
        name = parameter_name(path, MERIDA)
        assert 3 < len(name.en) < 260, path
        assert name.en != path
        assert unit_of(path)
    assert clause("Share of U.S. deaths by firearm; none before.") == "Share of U.S. deaths by firearm"


def test_a_box_is_one_sentence_in_each_language() -> None:
    limits = (
        LimitLine("a", NAMED, "usd", "low", 0.25, 1e-6),
        LimitLine("b", NAMED, "no_unit", "high", 120.0, 1e-3),
    )
    found = Discovery("memo", "none", "homicides", "homicides", None, 0.3, limits, 0.8, 0.9, 0.27, (), ())
    request = Discover(plan="memo")
    text = said(request, discovered(request, found), "en")
    assert (
        "Memo does worse than No new money mostly where “the effect” is at least 0.25 (U.S. dollars)" in text
    )
    assert "; “the effect” is at most 120." in text
    assert (
        "covers 80 % of the draws in which it does worse; of the draws there, 90 % are such, against 30 % of all"
        in text
    )
    assert "«el efecto» es al menos 0.25" in said(request, discovered(request, found), "es")
    none = replace(found, limits=())
    assert "No parameter tells when" in said(request, discovered(request, none), "en")


def test_frontiers_of_a_hand_made_run() -> None:
    gains = {
        "homicides": {"a": 10.0, "b": 5.0, "c": 4.0},
        "us_overdose_deaths": {"a": 1.0, "b": 3.0, "c": 2.0},
    }
    dollars = {"reference": 0.0, "a": 30.0, "b": 10.0, "c": 20.0}

    def total(outcome: str, plan: str, years: int | None = None) -> np.ndarray:
        return np.full(4, -gains[outcome].get(plan, 0.0))

    run: Any = SimpleNamespace(
        total=total,
        outcome=lambda name: SimpleNamespace(good="less", unit="deaths"),
        homicides=lambda plan: total("homicides", plan),
        usd=lambda plan: dollars[plan],
        drawn=SimpleNamespace(scalars={}),
        plans=dict.fromkeys(dollars),
    )
    found = found_of(run, ("a", "b", "c"), ("homicides", "us_overdose_deaths"))
    assert [point.efficient for point in found.plans] == [True, True, False]
    assert [point.cost_standing for point in found.plans] == ["efficient", "efficient", "dominated"]
    assert found.plans[0].usd_per_unit == pytest.approx(20 / 5)
    # Within the unit square a is at (0, 1), b at (5/6, 0): what they dominate is what lies beyond b.
    assert found.hypervolume == pytest.approx(1 / 6, abs=1e-9)
    request = Frontier(plans=("a", "b", "c"))
    assert said(request, efficient(request, found), "en").startswith("Efficient on average: a, b.")
    assert said(request, efficient(request, found), "es").startswith("Eficientes en promedio: a, b.")


def test_mixtures_conserve_dollars() -> None:
    facts = Facts("2012-12")
    plans = [plan_named(name, MERIDA, facts) for name in ("memo", "continuation")]
    whole = [sum(row.usd_per_year for row in plan.rows) for plan in plans]
    made = mixtures(plans, 3)
    assert len(made) == 3
    for step, plan in enumerate(made, 1):
        mixed = sum(row.usd_per_year for row in plan.rows)
        assert mixed == pytest.approx(whole[0] * (1 - step / 4) + whole[1] * step / 4)


def test_a_table_of_one_option_decides_nothing() -> None:
    table = Options(("a",), np.ones((8, 1)), (), np.empty((8, 0)), "usd")
    assert table.group("x").shape == (8, 0)
