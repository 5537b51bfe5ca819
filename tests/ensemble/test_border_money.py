"""Border money in runs of plans: the reference gives today's hours, homicides stay as they are, records reproduce."""

import dataclasses
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from merida.cache import kept
from merida.decide.worth.valuations import valued
from merida.decide.worth.welfare import changes, welfare, worth
from merida.ensemble import Simulation, simulate
from merida.ensemble import surrogate_cache as responses
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named
from merida.models.border_surrogate import DelaySurrogate
from merida.parameters.registry import CALIBRATION, settings
from tests.small_border import small

YEARS = 3
OFFICERS = PlanRow("customs_officers", "CBP", "US", "2013-01", "2017-12", 20e6)
THERE = dataclasses.replace(OFFICERS, place="2504", usd_per_year=5e6)
TEAMS = PlanRow("southbound_checks", "CBP", "US", "2013-01", "2017-12", 20e6)


@cache
def facts() -> Facts:
    return Facts("2012-12")


@cache
def framework() -> Framework:
    return Framework.load("merida")


@cache
def enacted() -> Plan:
    return plan_named("continuation", framework(), facts())


COUNTS = ("inspections", "cash_seized_usd", "arms_seized")


def plan(name: str, *rows: PlanRow) -> Plan:
    return Plan(name, "merida", (*enacted().rows, *rows))


def run(*plans: Plan, **settings: object) -> Simulation:
    settings = {"draws": 5, "years": YEARS, "places": False} | settings
    return simulate(framework(), facts(), {one.name: one for one in plans}, **settings)  # type: ignore[arg-type]


@cache
def main() -> Simulation:
    return run(
        plan("same"),
        plan("zero", dataclasses.replace(OFFICERS, usd_per_year=0.0)),
        plan("officers", OFFICERS),
        plan("twice", dataclasses.replace(OFFICERS, usd_per_year=40e6)),
        plan("there", THERE),
        plan("teams", TEAMS),
        plan("late", dataclasses.replace(OFFICERS, start="2030-01", end="2030-12")),
        plan_named("none", framework(), facts()),
    )


@pytest.mark.parametrize("name", ["same", "zero", "late"])
def test_without_more_dollars_the_hours_are_todays(name: str) -> None:
    found = main()
    theta = found.drawn.theta["border"]
    today = np.asarray(theta.hours).sum(axis=1)
    np.testing.assert_allclose(
        found.outcomes.value["border_delay"][name].sum(axis=1), np.tile(today, (YEARS, 1)).T, rtol=1e-12
    )
    assert not any(found.outcomes.value[what][name].any() for what in COUNTS)


@pytest.mark.parametrize("name", ["officers", "twice", "there"])
def test_homicides_do_not_hang_on_border_money_draw_by_draw(name: str) -> None:
    found = main().outcomes
    at_home = [found.value[what] for what in ("homicides", "us_overdose_deaths", "us_arrests")]
    for field in (*at_home, found.counts):
        assert np.array_equal(field[name], field["same"])
    delay = found.value["border_delay"]
    assert (delay[name].sum(axis=(1, 2)) < delay["same"].sum(axis=(1, 2))).all()


def test_asking_for_hours_changes_no_homicide() -> None:
    without = run(plan("officers", OFFICERS), border=False)
    assert "border_delay" not in without.outcomes.value
    assert np.array_equal(without.homicides("officers"), main().homicides("officers"))


def test_twice_the_dollars_save_at_most_twice_as_much() -> None:
    once, twice = (
        main().total("border_delay", "same") - main().total("border_delay", name)
        for name in ("officers", "twice")
    )
    assert (twice > once).all()
    assert (twice <= 2 * once * (1 + 1e-3)).all()  # capacity to deliver is a limit of its own


def test_money_for_a_port_shortens_its_queues_alone() -> None:
    found = main()
    trucks = found.outcomes.value["border_delay"]["there"][:, 0]
    np.testing.assert_allclose(trucks, found.outcomes.value["border_delay"]["same"][:, 0], rtol=1e-12)
    assert (
        found.outcomes.value["border_delay"]["there"][:, 1, -1]
        < found.outcomes.value["border_delay"]["same"][:, 1, -1]
    ).all()


def test_teams_seize_and_keep_no_queue_short() -> None:
    found = main()
    assert all((found.outcomes.value[what]["teams"][:, 0, -1] > 0).all() for what in COUNTS[1:])
    assert np.array_equal(
        found.outcomes.value["border_delay"]["teams"], found.outcomes.value["border_delay"]["same"]
    )
    assert found.gain("cash_seized_usd", "teams", "same").averted.value > 0


def test_teams_avert_homicides_by_the_firearms_they_seize_and_no_more() -> None:
    """Draw by draw: at most the part of the stock that was seized, times the response to it, of all homicides."""
    found, theta = main(), main().drawn.theta["flows"]
    averted = found.homicides("same") - found.homicides("teams")
    seized = found.outcomes.value["arms_seized"]["teams"].sum(axis=(1, 2))
    bound = seized / np.asarray(theta.in_use) * np.asarray(theta.response) * found.homicides("same")
    assert (averted > 0).all()
    assert (averted <= bound).all()


def test_a_withdrawal_takes_inspections_away() -> None:
    assert main().gain("inspections", "none", "same").averted.value < 0


def test_nothing_at_the_ports_is_computed_where_no_plan_touches_them() -> None:
    local = plan("local", PlanRow("youth_therapy", "ESF", "08", "2013-01", "2017-12", 1e6))
    found = run(local, draws=2)
    assert "border_delay" not in found.outcomes.value
    assert "border" not in found.drawn.theta


def test_trade_is_shown_only_once_published_and_ends_at_ten_minutes() -> None:
    assert main().trade("officers", "same") is None
    path, month = "border.trade.usd_month_per_ten_minutes", 26e6
    much = dataclasses.replace(OFFICERS, usd_per_year=2e9)
    found = run(plan("much", much), plan("same"), draws=5, held={path: month})
    trade = found.trade("much", "same")
    assert trade is not None
    assert 0 < trade.averted.value <= YEARS * 12 * month


def test_the_response_is_kept_by_record_and_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    computed, found = [], small(facts(), 2)

    def prepare(of: Facts, draws: int, of_site: object) -> DelaySurrogate:
        computed.append(of.as_of)
        return found

    monkeypatch.setattr(responses, "delay_surrogate", prepare)
    first, again = (responses.kept_response(facts(), 2) for _ in range(2))
    assert computed == ["2012-12"]
    assert first.ports == again.ports
    assert np.array_equal(first.power, again.power)
    assert responses.place(Facts(), 2) != responses.place(facts(), 2)
    held = settings({"border.calibration.load": 0.8}).within(CALIBRATION)
    assert responses.place(facts(), 2, held) != responses.place(facts(), 2)
    kept(responses.place(facts(), 2)).write_bytes(b"half")
    assert np.array_equal(responses.kept_response(facts(), 2).hours, first.hours)
    assert len(computed) == 2
    assert import_module("merida.ensemble.simulation").kept_response is small


def test_what_a_plan_is_worth_is_made_of_the_runs_hours_and_dollars() -> None:
    run, priors = main(), settings()
    found = changes(run, "officers", "same", priors)
    assert found.usd.sum() == pytest.approx(run.usd("officers") - run.usd("same"), rel=1e-12)
    assert found.hours is not None
    saved = run.total("border_delay", "same") - run.total("border_delay", "officers")
    np.testing.assert_allclose(found.hours.sum(axis=(1, 2)) / 1e6, saved, rtol=1e-9)
    assert not np.abs(found.mexican_lives).sum() > 1e-6  # officers at ports reach no homicide
    assert found.works == {"us": 0.0, "mexico": 0.0}  # nor are they works
    lives = valued("hammitt2006", facts(), Register("2012-12"), 2012)
    of = worth(run, lives, priors, seed=0)
    twice = welfare(changes(run, "twice", "same", priors), of, "both", 0.035)
    once = welfare(found, of, "both", 0.035)
    assert twice.cost == pytest.approx(2 * once.cost, rel=1e-9)
    assert np.all(once.perspectives["travellers"] > 0)
    assert np.all(twice.perspectives["travellers"] < 2 * once.perspectives["travellers"])
    same = welfare(changes(run, "same", "same", priors), of, "both", 0.035)
    assert not same.total.any()
    assert same.ratio is None
