"""The hindcast of December 2012 against the record, by hand for three states, and its scores by their definitions."""

from types import SimpleNamespace

import numpy as np
import pytest

from merida.answers import from_command, question
from merida.answers.context import Context
from merida.answers.plans.hindcast import NOT_TESTABLE, Hindcasted, blocks, plan_name, state_of
from merida.charts.hindcast import said_and_happened
from merida.charts.theme import specification
from merida.decide.hindcast import (
    ENACTED,
    best_then,
    delivered,
    hindcast,
    homicides,
    levels,
    reformed,
    volumes,
)
from merida.decide.said.hindcast_lines import ThenLine
from merida.decide.said.report import division
from merida.document.blocks import Sentence
from merida.document.terminal import render
from merida.errors import PlaceError, PlanError, ViolenceError
from merida.facts import Facts
from merida.framework import Framework, plan_named
from merida.parameters.parameters import entries
from merida.words import words

YEARS = range(2013, 2016)
DRAWS = 40
# Homicides by month of occurrence as INEGI has them in the record, and the first operation of the procedure.
BY_HAND = {"08": (2031, 1682, 1457), "05": (770, 463, 297), "26": (646, 656, 583)}
BEGAN = {"05": 2013, "01": 2014, "26": 2016}


def run() -> SimpleNamespace:
    """A run whose draws are known: state s has 100 (s + 1) + k homicides in draw k of every year."""
    states = (*(f"{code:02d}" for code in range(1, 33)), "99")
    base = 100.0 * np.arange(1, len(states) + 1)
    counts = np.arange(DRAWS)[:, None, None] + np.repeat(base[None, :, None], len(YEARS), axis=2)
    return SimpleNamespace(
        states=states,
        drawn=SimpleNamespace(count=DRAWS),
        outcomes=SimpleNamespace(counts={ENACTED: counts}),
    )


@pytest.fixture(scope="module")
def scored(facts: Facts, facts_2012: Facts) -> tuple[tuple, tuple]:  # type: ignore[type-arg]
    return homicides(run(), facts_2012, facts, YEARS, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", BY_HAND)
def test_three_states_by_hand(state: str, scored: tuple) -> None:  # type: ignore[type-arg]
    lines = [line for line in scored[1] if line.place == state]
    assert [line.year for line in lines] == list(YEARS)
    assert tuple(line.happened for line in lines) == BY_HAND[state]
    drawn = 100.0 * int(state) + np.arange(DRAWS)
    for line in lines:
        assert line.median == pytest.approx(np.median(drawn))
        assert line.inside == (np.quantile(drawn, 0.05) <= line.happened <= np.quantile(drawn, 0.95))
        pairs = np.abs(drawn[:, None] - drawn[None, :]).mean() / 2  # CRPS by its definition
        assert line.crps == pytest.approx(np.abs(drawn - line.happened).mean() - pairs, abs=0.01)


def test_the_nation_is_the_sum_of_the_states(scored: tuple) -> None:  # type: ignore[type-arg]
    nation, states = scored
    for line in nation:
        assert line.happened == sum(one.happened for one in states if one.year == line.year)
    assert {one.place for one in states} == {f"{code:02d}" for code in range(1, 33)}
    first = levels(nation, states)[0], levels(nation, states)[3]
    assert [one.level for one in first] == ["nation", "states"]
    mine = [one for one in states if one.year == 2013]
    assert first[1].crps == pytest.approx(np.mean([one.crps for one in mine]), abs=0.01)
    assert first[1].inside == sum(one.inside for one in mine)


def test_the_reform_is_scored_on_when_states_began(facts: Facts, facts_2012: Facts) -> None:
    stated = SimpleNamespace(priors=SimpleNamespace(number=lambda path: entries()[path].number))
    operating, states, brier = reformed(stated, facts_2012, facts, "2012-12", DRAWS, 0)  # type: ignore[arg-type]
    assert [(line.year, line.happened) for line in operating] == [
        (2013, 16),
        (2014, 28),
        (2015, 30),
        (2016, 32),
    ]
    waiting = {line.state: line for line in states}
    assert "08" not in waiting  # Chihuahua was the first
    for state, year in BEGAN.items():
        assert waiting[state].began == year
        chances = [waiting[state].chances[str(year)] for year in range(2013, 2017)]
        assert chances == sorted(chances)
    by_hand = np.mean(
        [
            (chance - (line.began <= int(year))) ** 2
            for line in states
            for year, chance in line.chances.items()
            if line.began is not None
        ]
    )
    assert brier == pytest.approx(by_hand, abs=0.001)
    assert reformed(stated, facts, facts, "2016-12", DRAWS, 0) == ((), (), None)  # type: ignore[arg-type]


def test_volumes_are_those_of_the_last_year_known(facts: Facts, facts_2012: Facts) -> None:
    lines = {(line.mode, line.year): line for line in volumes(facts_2012, facts)}
    trucks = lines["trucks", 2013]
    whole = """select sum(crossings) from border_crossings where measure = 'trucks' and month[1:4] = '{}'"""
    assert trucks.said == facts.sql(whole.format(2011)).item()
    assert trucks.happened == facts.sql(whole.format(2013)).item()
    assert trucks.low < trucks.said < trucks.high
    assert lines["trucks", 2012].low > trucks.low  # wider the further away


def test_money_is_scored_on_points_published_later(facts: Facts, facts_2012: Facts) -> None:
    lines = {line.point: line for line in delivered(facts_2012, facts, 200, 0)}
    assert {"P041", "P042", "P043"} <= lines.keys()
    assert "P039" not in lines
    assert lines["P041"].median > lines["P041"].published  # too high, as the model card says


def test_the_best_plan_of_then_is_a_division_of_the_memos_money(
    facts_2012: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    framework = Framework.load("merida")
    memo = plan_named("memo", framework, facts_2012)
    asked = {}

    def search(*given: object, **options: object) -> SimpleNamespace:
        asked.update(options, given=given)
        return SimpleNamespace(plan=memo)

    monkeypatch.setattr("merida.decide.hindcast.allocate", search)
    assert best_then(framework, facts_2012, memo, 3, {"violence.overlap": 0.5}) is memo
    assert asked["given"] == (framework, facts_2012)  # the record of then, and no later one
    abroad = [row for row in memo.rows if framework.accounts[row.account].kind == "foreign_assistance"]
    assert asked["budget_usd"] == pytest.approx(sum(row.usd_per_year for row in abroad))
    assert asked["held"] == {"violence.overlap": 0.5}
    assert (asked["seed"], asked["years"], asked["priced"]) == (3, 5, False)


def test_a_date_too_late_or_too_early_is_refused() -> None:
    with pytest.raises(ViolenceError) as caught:
        hindcast(Framework.load("merida"), "2024-06")
    assert caught.value.key == "hindcast_nothing_after"
    with pytest.raises(PlanError) as nothing:
        hindcast(Framework.load("merida"), "2008-03")
    assert nothing.value.key == "no_enacted_money"


def test_only_states_are_asked_for() -> None:
    context = Context("2012-12")
    assert state_of("Chihuahua", context) == state_of("08", context) == "08"
    with pytest.raises(PlaceError) as caught:
        state_of("Ciudad Juárez", context)
    assert caught.value.key == "place_not_state"


PLANS = tuple(
    ThenLine(plan, 5, 3.0e9, 130.0, -30.0, 900.0, 0.87, 0.13, best)
    for plan, best in (("memo", False), (ENACTED, False), ("per_head", False), ("need_evidence", True))
)


def test_plans_are_labelled_not_testable() -> None:
    assert plan_name(PLANS[0]) == "memo"
    assert plan_name(PLANS[1]) == Sentence("hindcast.enacted")
    assert plan_name(PLANS[2]) == Sentence("rule_names.per_head")
    assert plan_name(PLANS[3]) == Sentence(
        "hindcast.best_rule", {"rule": Sentence("rule_names.need_evidence")}
    )


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("command", ["merida hindcast --as-of 2012-12", "merida hindcast --state 08"])
def test_it_fits_the_terminal_in_both_languages(
    command: str,
    language: str,
    scored: tuple,
    facts: Facts,
    facts_2012: Facts,  # type: ignore[type-arg]
) -> None:
    request = from_command(command)
    assert from_command(request.command()) == request
    stated = SimpleNamespace(priors=SimpleNamespace(number=lambda path: entries()[path].number))
    operating, reform, brier = reformed(stated, facts_2012, facts, "2012-12", DRAWS, 0)  # type: ignore[arg-type]
    state = "08" if "--state" in command else None
    payload = Hindcasted(
        PLANS, division(Framework.load("merida"), plan_named("memo", Framework.load("merida"), facts_2012)),
        *scored, levels(*scored), operating, reform, brier, volumes(facts_2012, facts),
        delivered(facts_2012, facts, 50, 0), "2012-12", DRAWS, state, NOT_TESTABLE,
    )  # fmt: skip
    asked = question("hindcast")
    adapter = asked.adapter
    assert adapter.validate_json(adapter.dump_json(payload)) == payload
    shown = list(blocks(request, payload))  # type: ignore[arg-type]
    for width in (60, 80, 140):
        lines = render(shown, words(language), width=width).splitlines()
        assert max(map(len, lines)) <= width
    text = " ".join(render(shown, words(language), width=140).split())
    assert words(language).text("hindcast.no_test") in text
    assert "2,031" in text  # Chihuahua in 2013
    assert specification(said_and_happened(scored[0], words(language)))["layer"]
