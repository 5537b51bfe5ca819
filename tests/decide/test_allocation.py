"""The allocation: walls to the dollar, the four rules, the report on fresh draws, and what it refuses."""

import numpy as np
import pytest

from merida.decide import allocate
from merida.decide.allocation import BEST, Allocation
from merida.decide.division.rules import RULES, choices, placement
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import prepared
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, places, plan_named
from merida.models.socket.domain import Domain

BUDGET = 275e6
ROW = PlanRow("vetting", "INCLE", "08", "2013-01", "2014-12", 1e6)
BESIDE = tuple(Plan(name, "merida", (ROW,)) for name in (BEST, "per_head", "mine"))
TINY = {
    "draws": 6,
    "training_draws": 4,
    "validation_draws": 4,
    "steps": 2,
    "starts": 3,
    "beliefs": 0,
    "years": 3,
}


@pytest.fixture(scope="module")
def framework() -> Framework:
    return Framework.load("merida")


@pytest.fixture(scope="module")
def found(framework: Framework, facts_2012: Facts) -> Allocation:
    return allocate(framework, facts_2012, budget_usd=BUDGET, beside=BESIDE, **TINY)  # type: ignore[arg-type]


def test_plans_beside_never_take_the_place_of_those_that_are_judged(found: Allocation) -> None:
    assert list(found.simulation.plans) == [
        REFERENCE, BEST, *RULES, *(f"{one.name} ({one.digest[:8]})" for one in BESIDE[:2]), "mine",
    ]  # fmt: skip
    assert [found.simulation.label(one) for one in BESIDE] == list(found.simulation.plans)[-3:]
    assert found.simulation.plans[BEST].rows == found.plan.rows
    assert len(repr(found)) <= 300


@pytest.fixture(scope="module")
def domain(framework: Framework, facts_2012: Facts) -> Domain:
    return prepared(framework, facts_2012, {}, draws=1, seed=0, years=3)[0]


def by_account(plan: Plan) -> dict[str, float]:
    sums: dict[str, float] = {}
    for row in plan.rows:
        sums[row.account] = sums.get(row.account, 0.0) + row.usd_per_year
    return sums


def test_walls_hold_to_the_cent(found: Allocation, framework: Framework, facts_2012: Facts) -> None:
    enacted = {
        account: usd
        for account, usd in by_account(plan_named("continuation", framework, facts_2012)).items()
        if framework.accounts[account].kind == "foreign_assistance"
    }
    expected = {account: BUDGET * usd / sum(enacted.values()) for account, usd in enacted.items()}
    spent = by_account(found.plan)
    assert spent.keys() == expected.keys()
    for account, usd in expected.items():
        assert spent[account] == pytest.approx(usd, abs=0.02)
    assert sum(spent.values()) == pytest.approx(BUDGET, abs=0.05)


def test_every_row_may_be_paid_by_its_account(
    found: Allocation, framework: Framework, facts_2012: Facts
) -> None:
    found.plan.check(framework, places(facts_2012))


def test_without_walls_one_purse_holds_the_budget(
    domain: Domain, framework: Framework, facts_2012: Facts
) -> None:
    continuation = plan_named("continuation", framework, facts_2012)
    one = choices(domain, continuation, BUDGET, walls=False)
    assert set(one.purse) == {0}
    plan = one.plan("even", "merida", one.normalised(np.ones(len(one.rows))))
    assert sum(row.usd_per_year for row in plan.rows) == pytest.approx(BUDGET, abs=0.05)


def test_what_is_reported_comes_from_fresh_draws_beside_four_rules(found: Allocation) -> None:
    assert set(found.beats) == set(RULES)
    fresh = found.simulation
    assert fresh.homicides(BEST).shape[0] == TINY["draws"]
    assert found.fresh == pytest.approx(float((fresh.homicides(REFERENCE) - fresh.homicides(BEST)).mean()))
    for rule, better in found.beats.items():
        if better is not None:
            fewer = fresh.homicides(BEST) < fresh.homicides(rule)
            assert better == pytest.approx(float(fewer.mean()), abs=0.5 / TINY["draws"] + 1e-9)
    assert found.best_rule == min(RULES, key=lambda rule: float(fresh.homicides(rule).mean()))


def test_evidence_that_does_not_separate_is_said(found: Allocation) -> None:
    gap = found.simulation.difference(BEST, found.best_rule).averted
    assert found.separated == (gap.low > 0 or gap.high < 0)
    if found.chosen in RULES and found.chosen == found.best_rule:
        assert not found.separated


def test_the_same_seed_gives_the_same_plan(
    found: Allocation, framework: Framework, facts_2012: Facts
) -> None:
    again = allocate(framework, facts_2012, budget_usd=BUDGET, **TINY)  # type: ignore[arg-type]
    assert again.plan.rows == found.plan.rows
    assert again.fresh == found.fresh


@pytest.mark.parametrize("budget", [0.0, -1.0, 0.5, 1e18, float("nan")])
def test_impossible_budgets(framework: Framework, facts_2012: Facts, budget: float) -> None:
    with pytest.raises(PlanError) as caught:
        allocate(framework, facts_2012, budget_usd=budget, **TINY)  # type: ignore[arg-type]
    assert caught.value.key == "budget_out_of_range"


def test_more_years_than_were_evaluated_are_refused(found: Allocation) -> None:
    run = found.simulation
    for years in (0, 4, 50):
        with pytest.raises(PlanError) as caught:
            run.difference(BEST, REFERENCE, years=years)
        assert caught.value.key == "window_out_of_range"
    with pytest.raises(PlanError):
        run.gain("border_delay", BEST, REFERENCE, years=50)
    assert run.difference(BEST, REFERENCE, years=3) == run.difference(BEST, REFERENCE)


def test_budgets_whose_unit_cannot_be_meant(framework: Framework, facts_2012: Facts) -> None:
    for budget in (275.0, 275e9):
        with pytest.raises(PlanError) as caught:
            allocate(framework, facts_2012, budget_usd=budget, **TINY)  # type: ignore[arg-type]
        assert caught.value.key == "budget_unlikely"
        assert "--budget 275e6" in str(caught.value)


def test_placement_in_proportion_is_nought(domain: Domain, framework: Framework, facts_2012: Facts) -> None:
    continuation = plan_named("continuation", framework, facts_2012)
    assert placement(domain, Plan("none", "merida", ())) is None
    chosen = choices(domain, continuation, BUDGET, walls=True)
    states = [place for place in domain.places if place.isdigit()]
    homicides = {
        state: domain.measures["homicides"][np.asarray(domain.forecast.states) == state].sum()
        for state in states
    }
    share = np.array([homicides.get(row.place, 0.0) for row in chosen.rows]) + 1e-15
    plan = chosen.plan("proportional", "merida", chosen.normalised(share))
    found = placement(domain, plan)
    assert found is not None
    assert found < 0.01  # rows below a thousand dollars are left out
