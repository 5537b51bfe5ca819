"""Regret, enough and flips by hand; scenarios that an agency would recognise; triage told apart on made draws."""

import numpy as np
import pytest

from merida.decide.robustness import ASSUMED, FUTURES, PARTNER, Scenario, better, cut, every, flips, table
from merida.decide.triage import programmes, triage
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, plan_named

PLANS = ("a", "b", "c")
ONE, OTHER, MONEY = (
    Scenario(ASSUMED, "assumed"),
    Scenario("rival", "structure"),
    Scenario("v", "value", {}, "v"),
)


@pytest.fixture(scope="module")
def framework() -> Framework:
    return Framework.load("merida")


def test_regret_is_what_is_left_to_the_best_of_the_scenario() -> None:
    found = [
        (ONE, np.array([[10.0, 5.0, 0.0], [20.0, 5.0, 0.0]])),
        (OTHER, np.array([[2.0, 8.0, 0.0], [2.0, 8.0, -4.0]])),
        (MONEY, np.array([[-5.0, -1.0, -2.0], [-5.0, -1.0, -2.0]])),
    ]
    cells, plans, flipped = table(found, PLANS, enough=4.0)
    regret = {(cell.scenario, cell.plan): cell.regret for cell in cells}
    assert regret[ASSUMED, "a"] == 0.0
    assert regret[ASSUMED, "b"] == pytest.approx(1 - 5 / 15)
    assert regret["rival", "a"] == pytest.approx(1 - 2 / 8)
    assert regret["rival", "c"] == pytest.approx(1.25)
    assert regret["v", "a"] is None  # where no plan gains there is nothing to leave to the best
    by_plan = {line.plan: line for line in plans}
    assert (by_plan["a"].largest_regret, by_plan["a"].worst) == (pytest.approx(0.75), "rival")
    assert by_plan["b"].worst == ASSUMED
    assert by_plan["a"].enough == pytest.approx(
        1 / 3
    )  # above 4 homicides as assumed alone; in dollars above 0
    assert by_plan["b"].enough == pytest.approx(2 / 3)
    assert [(flip.scenario, flip.ahead, flip.behind) for flip in flipped] == [
        ("rival", "a", "b"), ("v", "a", "b"), ("v", "a", "c"),
    ]  # fmt: skip
    first = {(cell.scenario, cell.plan): cell.p_best for cell in cells}
    assert first[ASSUMED, "a"] == 1.0
    assert first["rival", "b"] == 1.0


def test_better_counts_a_tie_half_and_sums_to_one() -> None:
    values = np.random.default_rng(0).integers(0, 3, (50, 3)).astype(float)
    share = better(values)
    np.testing.assert_allclose(share + share.T, 1.0)
    np.testing.assert_allclose(np.diag(share), 0.5)
    assert not list(flips([(ONE, values), (OTHER, values)], PLANS))


def test_scenarios_are_those_of_the_house_and_keep_what_is_held(
    framework: Framework, facts_2012: Facts
) -> None:
    found = list(every(framework, facts_2012, {"violence.overlap": 0.2}))
    assert found[0].name == ASSUMED
    assert {one.kind for one in found} == {
        "assumed", "structure", "reading", "additionality", "delivery", "partner", "future", "value",
    }  # fmt: skip
    assert all(one.held["violence.overlap"] == 0.2 for one in found)
    assert {PARTNER, *FUTURES, "wide_law", "recruitment"} <= {one.name for one in found}
    slow = next(one for one in found if one.kind == "delivery")
    assert slow.held["delivery.foreign_capacity_usd_month"] == pytest.approx(10e6, rel=0.01)
    held = {"violence.wide_law": 1.0}
    assert "wide_law" not in {one.name for one in every(framework, facts_2012, held)}


def test_a_partner_who_stops_pays_two_years(framework: Framework, facts_2012: Facts) -> None:
    memo = plan_named("memo", framework, facts_2012)
    stopped = cut(memo, "2013-01")
    assert {row.end for row in stopped.rows} == {"2014-12"}
    assert {row.usd_per_year for row in stopped.rows} == {row.usd_per_year for row in memo.rows}


def test_triage_refuses_what_has_no_places(framework: Framework, facts_2012: Facts) -> None:
    assert "vetting" not in programmes(framework)
    with pytest.raises(PlanError, match="focused_deterrence") as caught:
        triage(framework, facts_2012, "vetting", best=3, usd_per_year=1e6, draws=2)
    assert caught.value.key == "triage_programme"
    with pytest.raises(PlanError, match="--best") as caught:
        triage(framework, facts_2012, "focused_deterrence", best=5000, usd_per_year=1e6, draws=2)
    assert caught.value.key == "triage_too_many"
