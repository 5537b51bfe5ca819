"""The allocation of customs money for hours lost: walls, the rest as enacted, prices of the walls, what it refuses."""

import dataclasses

import numpy as np
import pytest

from merida.decide import allocate
from merida.decide.allocation import BEST, Allocation
from merida.decide.division import border_allocation
from merida.decide.division.search import base, goal_of, slopes, where, window
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import prepared
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, places, plan_named

BUDGET = 100e6
TINY = {"draws": 6, "training_draws": 4, "validation_draws": 4, "steps": 2, "years": 3}


@pytest.fixture(scope="module")
def framework() -> Framework:
    return Framework.load("merida")


@pytest.fixture(scope="module")
def found(framework: Framework, facts_2012: Facts) -> Allocation:
    return allocate(framework, facts_2012, objective="delay", budget_usd=BUDGET, **TINY)  # type: ignore[arg-type]


def customs(plan: Plan) -> list[PlanRow]:
    return [row for row in plan.rows if row.account in ("CBI", "CBP")]


def test_walls_hold_and_the_rest_goes_on_as_enacted(
    found: Allocation, framework: Framework, facts_2012: Facts
) -> None:
    own = border_allocation.own_rows(framework, facts_2012)
    total = sum(row.usd_per_year for row in own)
    for account in ("CBI", "CBP"):
        share = sum(row.usd_per_year for row in own if row.account == account) / total
        spent = sum(row.usd_per_year for row in customs(found.plan) if row.account == account)
        assert spent == pytest.approx(BUDGET * share, abs=0.05)
    rest = {row for row in found.plan.rows if row not in customs(found.plan)}
    assert rest == set(plan_named("continuation", framework, facts_2012).rows)
    found.plan.check(framework, places(facts_2012))


def test_homicides_stay_those_of_the_reference(found: Allocation) -> None:
    run = found.simulation
    np.testing.assert_array_equal(run.homicides(BEST), run.homicides(REFERENCE))
    assert found.fresh == pytest.approx(
        float((run.total("border_delay", REFERENCE) - run.total("border_delay", BEST)).mean())
    )
    assert found.fresh > 0


def test_it_stands_beside_four_rules(found: Allocation) -> None:
    assert set(found.beats) == {"own_plan", "by_crossings", "by_delay", "first_dollar"}
    for rule in found.beats:
        assert sum(row.usd_per_year for row in customs(found.simulation.plans[rule])) == pytest.approx(
            BUDGET, abs=0.05
        )


def test_the_walls_have_a_price_for_either_objective(found: Allocation) -> None:
    delay, homicides = found.marginal["delay"], found.marginal["homicides"]
    assert {"CBI", "CBP"} <= set(delay) <= {"CBI", "CBP", "INCLE"}  # INCLE by scanners, where they help
    assert delay["CBP"].mean > 0
    if "INCLE" in delay:
        assert delay["INCLE"].programme == "non_intrusive_inspection"
    # the other accounts pay for nothing that has a known way to homicide
    assert {"INCLE", "ESF"} <= set(homicides)
    assert "CBI" not in homicides


def test_the_slope_of_hours_is_that_of_finite_differences(framework: Framework, facts_2012: Facts) -> None:
    continuation = plan_named("continuation", framework, facts_2012)
    history = plan_named("history", framework, facts_2012)
    own = border_allocation.own_rows(framework, facts_2012)
    domain, _, drawn = prepared(framework, facts_2012, {}, draws=4, seed=3, years=3, border=True)
    goal = goal_of(domain, {"border_delay": 1.0})
    reference = domain.money(history, continuation)
    slope = slopes(domain, drawn, base(domain, 4), reference, goal, window(domain, continuation.rows[0]))
    rows = (
        *own,
        dataclasses.replace(own[0], programme="non_intrusive_inspection", account="INCLE", place="MX"),
    )
    line, place = where(domain, rows)
    _, gradient = slope(domain.money(history, continuation, Plan("own", "merida", own)))
    for at, row in enumerate(rows):
        ends = [
            slope(
                domain.money(
                    history,
                    continuation,
                    Plan("own", "merida", own),
                    Plan("more", "merida", (dataclasses.replace(row, usd_per_year=sign * 1e3),)),
                )
            )[0]
            for sign in (1, -1)
        ]
        np.testing.assert_allclose(
            gradient[:, 0, line[at], place[at]], (ends[0] - ends[1]) / 2e3, rtol=1e-4, atol=1e-13
        )


def test_what_cannot_be_asked_is_refused(framework: Framework, facts_2012: Facts) -> None:
    with pytest.raises(PlanError, match="delay") as caught:
        allocate(framework, facts_2012, objective="delays")
    assert caught.value.key == "objective_unknown"
    poor = framework.model_copy(
        update={
            "plans": {
                "memo": framework.plans["memo"].model_copy(
                    update={"lines": framework.plans["memo"].lines[:3]}
                )
            }
        }
    )
    with pytest.raises(PlanError) as caught:
        allocate(poor, facts_2012, objective="delay")
    assert caught.value.key == "no_border_money"
