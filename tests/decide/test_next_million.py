"""A next million is what a million does: against simulating it, for every programme and account and both outcomes."""

import dataclasses

import numpy as np
import pytest

from merida.decide.division.search import OBJECTIVES, base
from merida.decide.marginal.next_million import gains
from merida.decide.marginal.wall_prices import best_rows, everywhere, shortlist, wall_prices
from merida.ensemble.simulation import prepared, simulate
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named

DRAWS, YEARS, SEED = 4, 3, 5  # as the other tests of `decide`: one compiled program serves them all
MILLION = 1e6


@pytest.fixture(scope="module")
def framework() -> Framework:
    return Framework.load("merida")


@pytest.fixture(scope="module")
def reference(framework: Framework, facts_2012: Facts) -> tuple[Plan, Plan]:
    return plan_named("history", framework, facts_2012), plan_named("continuation", framework, facts_2012)


@pytest.fixture(scope="module")
def own(framework: Framework, facts_2012: Facts) -> Plan:
    return plan_named("memo", framework, facts_2012)


@pytest.fixture(scope="module")
def rows(framework: Framework, reference: tuple[Plan, Plan]) -> list[PlanRow]:
    """A million a year for each programme and each account that may pay for it, and for one state and one port."""
    window = dataclasses.replace(reference[1].rows[0], account="", usd_per_year=MILLION)
    nationwide = [dataclasses.replace(row, usd_per_year=MILLION) for row in everywhere(framework, [window])]
    state = dataclasses.replace(window, programme="vetting", account="INCLE", place="06")  # the smallest
    return [*nationwide, state]


def test_it_is_what_simulating_it_gives(
    framework: Framework,
    facts_2012: Facts,
    own: Plan,
    reference: tuple[Plan, Plan],
    rows: list[PlanRow],
) -> None:
    paid = {(row.programme, row.account) for row in rows}
    for name, programme in framework.programmes.items():
        assert programme.lever is None or {(name, account) for account in programme.accounts} <= paid
    plans = {"without": own} | {
        str(number): Plan(str(number), own.framework, (*own.rows, row)) for number, row in enumerate(rows)
    }
    run = simulate(
        framework, facts_2012, plans, draws=DRAWS, years=YEARS, seed=SEED, places=False, border=True
    )
    domain, _, drawn = prepared(framework, facts_2012, {}, draws=DRAWS, years=YEARS, seed=SEED, border=True)
    bases = base(domain, DRAWS)
    found = gains(domain, drawn, bases, (reference[0], own), reference, rows, OBJECTIVES)
    assert found.shape == (2, DRAWS, len(rows), YEARS)
    for number, row in enumerate(rows):
        averted = run.homicides("without") - run.homicides(str(number))
        saved = run.total("border_delay", "without") - run.total("border_delay", str(number))
        # Differences of sums near 1e5 homicides and 1e3 million hours: rounding is below 1e-9 of either.
        np.testing.assert_allclose(found[0, :, number].sum(axis=1), averted, atol=1e-6, err_msg=str(row))
        np.testing.assert_allclose(found[1, :, number].sum(axis=1), saved, atol=1e-8, err_msg=str(row))
    later = gains(domain, drawn, bases[1:], (reference[0], own), reference, rows[:1], OBJECTIVES, first=1)
    np.testing.assert_array_equal(later[:, :, 0], found[:, 1:, 0])


def test_a_curved_response_is_not_its_slope(
    framework: Framework, facts_2012: Facts, reference: tuple[Plan, Plan], rows: list[PlanRow]
) -> None:
    domain, _, drawn = prepared(framework, facts_2012, {}, draws=DRAWS, years=YEARS, seed=SEED, border=True)
    bases = base(domain, DRAWS)
    traders = next(row for row in rows if row.programme == "trusted_traders")
    amounts = [dataclasses.replace(traders, usd_per_year=usd) for usd in (1.0, MILLION, 2 * MILLION)]
    found = gains(domain, drawn, bases, reference, reference, amounts, ("delay",))[0].sum(axis=2)
    hours = simulate(
        framework, facts_2012, {"none": reference[1]}, draws=DRAWS, years=YEARS, seed=SEED, border=True
    ).total("border_delay", "none")
    assert (found[:, 1] < hours).all()  # no more can be saved than is lost
    assert (found[:, 1] < MILLION * found[:, 0]).all()
    assert found[:, 1].mean() < 0.9 * MILLION * found[:, 0].mean()
    assert (found[:, 2] < 2 * found[:, 1]).all()


def test_where_the_million_goes_is_chosen_by_what_it_does(
    framework: Framework, facts_2012: Facts, own: Plan, reference: tuple[Plan, Plan]
) -> None:
    window = dataclasses.replace(reference[1].rows[0], usd_per_year=MILLION)
    states = [
        dataclasses.replace(window, programme=name, account=account, place=place)
        for name in ("prosecutors_courts", "youth_therapy")
        for account in framework.programmes[name].accounts
        for place in ("06", "08", "09", "25", "32")
    ]
    rows = [
        *states,
        *(dataclasses.replace(row, usd_per_year=MILLION) for row in everywhere(framework, states)),
    ]
    draws = []
    for seed in (SEED, SEED + 1):
        domain, _, drawn = prepared(
            framework, facts_2012, {}, draws=DRAWS, years=YEARS, seed=seed, border=True
        )
        draws.append((domain, drawn, base(domain, DRAWS)))
    plans = (reference[0], own)
    listed = shortlist(OBJECTIVES, rows, plans, reference, draws[0])
    kept = {(row.programme, row.place) for row in listed if row.place.isdigit()}
    assert len(kept) == 6  # three places of either programme, once though two accounts may pay
    prices = wall_prices(OBJECTIVES, rows, plans, reference, draws[0], draws[1])
    seen = gains(*draws[0], plans, reference, listed, OBJECTIVES).sum(axis=3).mean(axis=1)
    judged = gains(*draws[1], plans, reference, listed, OBJECTIVES).sum(axis=3)
    for number, objective in enumerate(OBJECTIVES):
        for account, best in best_rows(rows, listed, seen[number], draws[0][0]).items():
            at = next(
                at
                for at, row in enumerate(listed)
                if (draws[0][0].line(row), row.place) == (draws[0][0].line(best), best.place)
            )
            rivals = [
                seen[number, at]
                for at, row in enumerate(listed)
                if account in framework.programmes[row.programme].accounts and row.account == account
            ]
            assert seen[number, at] >= max(rivals, default=-np.inf)
            if judged[number, :, at].any():
                price = prices[objective][account]
                assert (price.programme, price.place) == (best.programme, best.place)
                assert price.mean == pytest.approx(judged[number, :, at].mean(), rel=1e-12)
    assert "FMF" not in prices["delay"]  # nothing that it may pay for shortens a queue
