"""Cash flows against closed forms, and the programme against what was published."""

import json

import numpy as np
import pytest

from merida.border import find_place, one_site
from merida.border.investment.costs import recovery
from merida.border.investment.finance import (
    apportioned,
    by_state,
    lasting,
    loan,
    net_present_value,
    present_value,
    programme_flow,
    public_cost,
)
from merida.border.investment.gain import Gain
from merida.border.investment.lane_loan import cash_flow, net_worth, terms
from merida.border.priors import PRIORS
from merida.errors import BorderError, MeridaError
from merida.facts import Facts
from merida.framework import Framework
from merida.parameters.registry import settings
from tests.runner import CliRunner, app

MERIDA = Framework.load("merida")
TERMS = {"loan_share": 0.85, "rate": 0.045, "draw_years": 2, "grace_years": 3, "tenor_years": 20}


@pytest.mark.parametrize(("rate", "years"), [(0.045, 17), (0.07, 1), (0.0, 10)])
def test_the_level_payment_is_that_of_the_annuity(rate: float, years: int) -> None:
    payment = float(recovery(rate, years, 1000.0))
    assert sum(payment * (1 + rate) ** -t for t in range(1, years + 1)) == pytest.approx(1000.0)


def test_a_loan_is_repaid_and_at_its_own_rate_worth_what_was_drawn() -> None:
    flow = loan(20e6, **TERMS)
    assert flow.repaid.sum() == pytest.approx(flow.drawn.sum()) == pytest.approx(17e6)
    assert flow.owed[-1] == pytest.approx(0, abs=1e-3)
    assert flow.debt_service[3:] == pytest.approx(float(recovery(0.045, 17, 17e6)))
    assert flow.interest[:3] == pytest.approx([0.045 * 8.5e6, 0.045 * 17e6, 0.045 * 17e6])
    # a loan moves money in time at its own rate: what is drawn is worth what is paid back
    assert present_value(0.045, flow.drawn, -flow.debt_service) == pytest.approx(0, abs=1e-3)
    assert public_cost(flow, 0.045) == pytest.approx(present_value(0.045, flow.works, np.zeros(20)))


def test_tolls_pay_first_and_money_is_conserved() -> None:
    flow = loan(20e6, **TERMS, tolls=1.2e6, growth=0.03)
    assert not flow.tolls[:2].any()
    assert flow.tolls[4] == pytest.approx(1.2e6 * 1.03**2)
    income = flow.drawn + flow.tolls + flow.appropriated
    assert income == pytest.approx(flow.works + flow.debt_service + flow.balance)
    assert (flow.balance > -1e-6).all()
    assert ((flow.balance < 1e-6) | (flow.tolls >= flow.debt_service)).all()
    assert flow.coverage[5] == pytest.approx(flow.tolls[5] / flow.debt_service[5])
    assert public_cost(flow, 0.07) < public_cost(loan(20e6, **TERMS), 0.07)


@pytest.mark.parametrize(
    "wrong",
    [{"grace_years": 1}, {"tenor_years": 3}, {"rate": -0.1}, {"loan_share": 1.2}, {"draw_years": 0}],
)
def test_terms_that_cannot_hold_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BorderError):
        loan(20e6, **(TERMS | wrong))  # type: ignore[arg-type]


def test_capital_recovery_and_what_lasts_are_two_sides_of_one_annuity() -> None:
    """Paying for 15 of 25 years and keeping the residual value costs as much as the capital."""
    rate = 0.07
    paid = sum(float(recovery(rate, 25.0)) * (1 + rate) ** -t for t in range(1, 16))
    assert paid + lasting(25.0, 15.0, rate) * (1 + rate) ** -15 == pytest.approx(1.0)
    assert float(recovery(0.0, 10.0)) == pytest.approx(0.1)
    assert lasting(10.0, 12.0, rate) == 0


def test_the_net_present_value_of_three_years_by_hand() -> None:
    # Works of 100 and 100 at the beginning of two years, half by a loan, which moves nothing: interest is a transfer.
    flow = loan(200.0, loan_share=0.5, rate=0.05, draw_years=2, grace_years=2, tenor_years=3)
    # Benefits of 0, 121 and 133.1 at the end of the years, at 10 percent: 121 / 1.21 + 133.1 / 1.331 - 100 - 100 / 1.1.
    worth = net_present_value(flow, 0.10, np.array([0.0, 121.0, 133.1]))
    assert worth == pytest.approx(100 + 100 - 100 - 1000 / 11)
    # Half of either year's works is appropriated at once; interest of 2.5 and 5, then 105, at the end of the years.
    assert public_cost(flow, 0.10) == pytest.approx(50 + 50 / 1.1 + 2.5 / 1.1 + 5 / 1.21 + 105 / 1.331)


def test_the_net_present_value_of_a_level_benefit_is_the_annuity_less_the_works() -> None:
    flow = loan(1e6, loan_share=0.5, rate=0.05, draw_years=1, grace_years=1, tenor_years=10)
    annuity = (1 - 1.03**-10) / 0.03
    assert net_present_value(flow, 0.03, np.full(10, 2e5)) == pytest.approx(2e5 * annuity - 1e6)


def test_the_programme_gives_texas_what_was_published(facts: Facts) -> None:
    states = {row["us_state"]: row for row in by_state(facts).to_dicts()}
    assert states["Texas"]["usd"] == pytest.approx(211.8e6)
    assert sum(row["share"] for row in states.values()) == pytest.approx(1)
    authorised = 123 + 145 + 165 + 190 + 210
    assert sum(row["usd"] for row in states.values()) < authorised * 1e6  # the northern border has a part
    assert sum(row["grants_2002_usd"] for row in states.values()) == pytest.approx(54.0e6)


def test_a_ports_share_follows_the_published_weights(facts: Facts) -> None:
    """Laredo by hand: 45 % by trucks (with cargo), 30 % by cars and buses, 25 % one port in so many."""
    found = apportioned(facts)
    rows = facts.sql(
        "select port, sum(crossings) filter (where measure = 'trucks') as trucks, "
        "sum(crossings) filter (where measure in ('personal_vehicles', 'buses')) as cars "
        "from border_crossings where year = 2004 group by port"
    ).filter(__import__("polars").col("port").is_in(found["port"].to_list()))
    laredo = rows.filter(rows["port"] == "2304")
    expected = (
        0.45 * laredo["trucks"].item() / rows["trucks"].sum()
        + 0.30 * laredo["cars"].item() / rows["cars"].sum()
        + 0.25 / found.height
    )
    assert found.filter(found["port"] == "2304")["share"].item() == pytest.approx(float(expected))


def test_what_is_authorised_is_spent(facts: Facts) -> None:
    flow = programme_flow(facts, find_place(facts, "Laredo").port, 4)
    assert flow["spent"].sum() == pytest.approx(flow["authorised"].sum())
    assert flow["unspent"][-1] == pytest.approx(0, abs=1e-6)
    assert (flow["unspent"] > -1e-6).all()


def test_before_the_programme_was_published_it_is_unknown() -> None:
    with pytest.raises(BorderError, match="2004-01"):
        apportioned(Facts("2004-01"))


def test_the_command_prints_both_kinds_and_refuses_what_is_wrong() -> None:
    run = CliRunner()
    for language in ("en", "es"):
        result = run.invoke(app, ["border", "finance", "--kind", "cbi", "--language", language])
        assert result.exit_code == 0, result.output
        assert "Laredo" in result.stdout
    by_year = run.invoke(app, ["border", "finance", "--kind", "cbi", "--port", "Laredo", "--format", "json"])
    assert sum(row["authorised"] for row in json.loads(by_year.stdout)["years"]) > 0
    asked = ["border", "finance", "--port", "Columbus", "--mode", "cars", "--draws", "4", "--cost-usd", "2e6"]
    found = json.loads(run.invoke(app, [*asked, "--format", "json"]).stdout)
    assert len(found["years"]) == found["terms"]["tenor_years"]
    assert found["years"][-1]["owed"] == pytest.approx(0, abs=1e-3)
    for wrong in (["--kind", "bonds"], [], ["--port", "Larredo"], ["--port", "Laredo", "--tenor-years", "2"]):
        result = run.invoke(app, ["border", "finance", *wrong, "--draws", "4"])
        assert isinstance(result.exception, MeridaError)


def test_terms_are_as_stated_then_as_reckoned_then_as_assumed() -> None:
    agreed = terms(PRIORS, {"cost": 3e6, "tolls": 1e5}, {"tolls": 0.0, "grace_years": 4})
    assert agreed.cost == 3e6
    assert agreed.tolls == 0.0
    assert agreed.grace_years == 4
    assert agreed.loan_share == PRIORS.number("border.finance.loan_share")
    with pytest.raises(BorderError):
        cash_flow(agreed._replace(tenor_years=4), PRIORS)


def test_a_lane_whose_works_alone_count_is_worth_less_than_nothing_by_them(facts: Facts) -> None:
    """Without delay saved, officers, upkeep and an end value, the worth is that of the works: each draw by its own."""
    nothing = np.zeros(3)
    site = one_site(facts, find_place(facts, "Columbus"), "cars")
    lane = Gain(site, "lane", "2019", False, *(nothing,) * 4, np.ones(3), np.ones(3), {}, 0.0)
    held = settings({"border.invest.lane_upkeep": 0.0, "programme.lanes_roads.life_years": 1.0}, MERIDA)
    agreed = terms(held, {"cost": 2e6, "tolls": 0.0}, {})
    flow = cash_flow(agreed, held)
    worth = net_worth(MERIDA, facts, lane, flow, np.array([1e6, 2e6, 4e6]), 0.05, 0, held)
    works = (1 + 1 / 1.05) / 2  # in two equal parts, at the beginning of two years
    assert worth == pytest.approx([-1e6 * works, -2e6 * works, -4e6 * works])
