"""The invariances of the science's rules 1 and 9, on the record of December 2012 with a few draws."""

import dataclasses
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.decide.division import search
from merida.ensemble import Simulation, report, run_record, simulate
from merida.ensemble import run as runs
from merida.ensemble.parameter_draws import draw
from merida.ensemble.simulation import prepared
from merida.ensemble.summary import variance_shares
from merida.errors import PlanError
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named
from merida.lab import Lab
from merida.models import border, delivery
from merida.models.socket.domain import Domain
from merida.models.socket.mechanism import Run
from merida.models.violence import HOMICIDES
from merida.parameters.parameters import Parameters

DRAWS, YEARS = 6, 3  # as many years as the tests of `decide`: one compiled program serves them all
LOCAL = PlanRow("focused_deterrence", "INCLE", "08", "2013-01", "2017-12", 5e6)


@cache
def facts() -> Facts:
    return Facts("2012-12")


@cache
def framework() -> Framework:
    return Framework.load("merida")


def plan(name: str, *rows: PlanRow) -> Plan:
    return Plan(name, "merida", rows)


def run(*plans: Plan, draws: int = DRAWS, **settings: object) -> Simulation:
    return simulate(
        framework(), facts(), {one.name: one for one in plans}, draws=draws, years=YEARS, **settings
    )


@cache
def main() -> Simulation:
    memo = plan_named("memo", framework(), facts())
    return run(
        plan_named("continuation", framework(), facts()),
        plan("none"),
        plan("zero", dataclasses.replace(LOCAL, usd_per_year=0.0)),
        plan("local", LOCAL),
        plan("twice", dataclasses.replace(LOCAL, usd_per_year=10e6)),
        plan("late", dataclasses.replace(LOCAL, start="2030-01", end="2030-12")),
        memo,
        dataclasses.replace(memo.scaled("street_outreach", 2.0), name="doubled"),
    )


def test_the_reference_plan_is_the_forecast_draw_by_draw() -> None:
    found = main()
    assert np.array_equal(
        found.outcomes.value["homicides"]["continuation"], found.outcomes.value["homicides"]["reference"]
    )
    assert np.array_equal(found.outcomes.counts["continuation"], found.outcomes.counts["reference"])
    domain = found.domain
    after = domain.offset(domain.start) - domain.first
    for number in range(DRAWS):
        expected = (
            np.exp(domain.forecast.log_rates(number)[:, after:]).sum(axis=0).reshape(-1, 12).sum(axis=1)
        )
        np.testing.assert_allclose(
            found.outcomes.value["homicides"]["reference"][number].sum(axis=0), expected, rtol=1e-12
        )


@pytest.mark.parametrize("name", ["zero", "late"])
def test_no_dollars_in_the_window_change_nothing(name: str) -> None:
    found = main()
    assert np.array_equal(found.outcomes.value["homicides"][name], found.outcomes.value["homicides"]["none"])


def test_states_without_money_keep_their_draws() -> None:
    found = main()
    away = [at for at, state in enumerate(found.states) if state != "08"]
    here = found.states.index("08")
    for field in (found.outcomes.value["homicides"], found.outcomes.counts):
        local, none = field["local"], field["none"]
        assert np.array_equal(local[:, away], none[:, away])
    assert not np.array_equal(
        found.outcomes.value["homicides"]["local"][:, here],
        found.outcomes.value["homicides"]["none"][:, here],
    )


def test_twice_the_dollars_do_at_most_twice_as_much() -> None:
    found = main()
    once = found.homicides("none") - found.homicides("local")
    twice = found.homicides("none") - found.homicides("twice")
    assert np.all(np.abs(twice) <= 2 * np.abs(once) * (1 + 1e-3) + 1e-9)


def test_doubling_one_programme_delivers_more_of_it_alone() -> None:
    found = main()
    at = found.domain.programmes.index("street_outreach")
    lines = [number for number, (name, _) in enumerate(found.domain.lines) if name != "street_outreach"]
    memo, doubled = found.outcomes.delivered["memo"], found.outcomes.delivered["doubled"]
    assert np.array_equal(memo[:, lines], doubled[:, lines])
    assert np.all(found.outcomes.working["doubled"][:, at, 2:] > found.outcomes.working["memo"][:, at, 2:])


def test_dollars_are_conserved() -> None:
    found = main()
    domain, theta = found.domain, jax.tree.map(lambda values: jnp.asarray(values)[0], found.drawn.theta)
    money = domain.money(found.plans["memo"])
    state = delivery.initial(domain.inputs["delivery"])
    gone = 0.0
    for month in money:
        state, flows = delivery.delivered(theta["delivery"], state, jnp.asarray(month))
        gone += float(flows.delivered.sum() + flows.lapsed.sum())
    assert gone + float(state.pending.sum()) == pytest.approx(money.sum(), rel=1e-9)


def changed(order: np.ndarray | None = None, split: str | None = None) -> tuple[Domain, np.ndarray, Domain]:
    """Return the ground, and the same with places in another order or one of them in two halves."""
    domain = main().domain
    forecast = domain.forecast
    places, states = list(forecast.places), list(forecast.states)
    people, deaths = list(forecast.population), list(forecast.recent_deaths)
    if split:
        at = places.index(split)
        people[at], deaths[at] = people[at] / 2, deaths[at] / 2
        for values, value in (
            (places, "08998"),
            (states, states[at]),
            (people, people[at]),
            (deaths, deaths[at]),
        ):
            values.append(value)
    order = np.arange(len(places)) if order is None else order
    other = SimpleNamespace(
        first_month=forecast.first_month,
        places=tuple(places[i] for i in order),
        states=tuple(states[i] for i in order),
        population=np.array(people)[order],
        recent_deaths=np.array(deaths)[order],
    )
    return domain, order, dataclasses.replace(domain, forecast=other)


def survival(domain: Domain) -> np.ndarray:
    """Return the log of the share left at each place of the forecast, in a late month of one draw."""
    found = main()
    _, theta = runs.of_chunk(found.drawn, 0)
    money = domain.money(found.plans["memo"])
    path = runs.trajectories(domain, theta, money, runs.pasts(domain, theta, money))
    return path["log_survival"][0, 40][domain.cells]


def test_permuting_municipalities_permutes_the_results() -> None:
    order = np.random.default_rng(3).permutation(len(main().domain.forecast.places))
    domain, order, permuted = changed(order)
    np.testing.assert_allclose(survival(permuted), survival(domain)[order], rtol=1e-12, atol=1e-15)


def test_a_municipality_split_in_two_changes_no_other() -> None:
    domain, _, split = changed(split="08037")
    found, whole = survival(split), survival(domain)
    np.testing.assert_allclose(found[:-1], whole, rtol=1e-9, atol=1e-15)
    assert found[-1] == pytest.approx(whole[domain.forecast.places.index("08037")], rel=1e-9)


@pytest.mark.parametrize("name", ["merida", pytest.param("bicentennial", marks=pytest.mark.end_to_end)])
def test_the_gradient_of_every_programme_is_that_of_finite_differences(name: str) -> None:
    chosen = Framework.load(name)
    domain, _, drawn = prepared(chosen, facts(), {}, draws=1, seed=0, years=YEARS, border=True)
    history, continuation = (plan_named(one, chosen, facts()) for one in ("history", "continuation"))
    rows = []
    for programme, one in chosen.programmes.items():
        place = {"state": "08", "municipality": "08", "nation": "MX"}.get(one.level, "US")
        rows.append(PlanRow(programme, one.accounts[0], place, "2013-01", "2017-12", 2e6))
    reference, bases = domain.money(history, continuation), search.base(domain, 1)
    goal = search.goal_of(domain, {"homicides": 1.0})
    slope = search.slopes(domain, drawn, bases, reference, goal, search.window(domain, rows[0]))
    gradient = slope(domain.money(history, Plan("entries", name, tuple(rows))))[1][0, 0]

    _, theta = runs.of_chunk(drawn, 0)
    memory = runs.pasts(domain, theta, reference)
    first = jax.tree.map(lambda values: values[0], theta)
    before = {name: values[0] for name, values in runs.trajectories(domain, theta, reference, memory).items()}

    def homicides(plan: Plan) -> np.ndarray:
        """Return homicides by month and cell: what a step changes is summed, so that no sum rounds it away."""
        path = runs.trajectories(domain, theta, domain.money(history, plan), memory)
        mine = {name: values[0] for name, values in path.items()}
        return goal.weights[0][:, None] * HOMICIDES.monthly(Run(first, mine, before, bases[0]))

    for row in rows:
        ends = []
        for sign in (1, -1):
            more = dataclasses.replace(row, usd_per_year=row.usd_per_year + sign * 2e3)
            ends.append(homicides(Plan("x", name, tuple(more if one is row else one for one in rows))))
        difference = float((ends[0] - ends[1]).sum()) / 4e3
        found = float(gradient[domain.line(row)] @ domain.spread(row))
        assert found == pytest.approx(difference, rel=1e-4, abs=1e-14), row.programme
        if chosen.programmes[row.programme].lever in border.LEVERS:
            assert found == 0


def test_chunks_threads_and_places_change_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    memo = plan_named("memo", framework(), facts())
    first = run_record.digest(run(memo, draws=7, places=False))
    monkeypatch.setattr(runs, "CHUNK", 1)
    monkeypatch.setattr(runs.os, "cpu_count", lambda: 1)
    assert run_record.digest(run(memo, draws=7)) == first


def test_a_run_that_is_stopped_goes_on(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    memo = plan_named("memo", framework(), facts())
    whole = run_record.digest(run(memo, draws=5, places=False))
    monkeypatch.setattr(runs, "CHUNK", 1)
    monkeypatch.setattr(runs, "FEW_DRAWS", 2)

    def stop(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(memo, draws=5, places=False, keep=tmp_path / "kept", progress=stop)
    assert list((tmp_path / "kept").glob("*.kept"))
    again = run(memo, draws=5, places=False, keep=tmp_path / "kept")
    assert run_record.digest(again) == whole
    assert not (tmp_path / "kept").exists()


def test_a_run_of_more_draws_goes_on_from_one_of_few(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    memo = plan_named("memo", framework(), facts())
    whole = run_record.digest(run(memo, draws=20))
    computed: list[int] = []
    chunk = runs.chunk

    def counted(*args, **options):
        computed.append(args[5].start)
        return chunk(*args, **options)

    monkeypatch.setattr(runs, "chunk", counted)
    run(memo, draws=18, keep=tmp_path / "kept")
    assert run_record.digest(run(memo, draws=20, keep=tmp_path / "kept")) == whole
    assert sorted(computed) == [0, 16, 16]  # the first sixteen draws are not computed again


def test_a_study_published_later_changes_nothing() -> None:
    register = Register("2012-12")
    later = Register(
        "2012-12", register._all.with_columns(log_rate_ratio=register._all["log_rate_ratio"] * 1.0)
    )
    planted = later.flipped("lindo2015_own")  # of 2015
    memo = plan_named("memo", framework(), facts())
    first = run(memo, draws=3, places=False)
    second = run(memo, draws=3, places=False, register=planted)
    assert run_record.digest(first) == run_record.digest(second)


def test_a_study_left_out_moves_laws_outcomes_and_the_record() -> None:
    path, memo = "communities.focused_deterrence.effect", plan_named("memo", framework(), facts())
    now, without = Register("2012-12"), Register("2012-12").without("ceasefire_boston")
    assert Parameters(facts(), now, {}).effect(path).mean < Parameters(facts(), without, {}).effect(path).mean
    runs_of = [run(memo, draws=3, places=False, register=register) for register in (now, without)]
    records = [run_record.record(one) for one in runs_of]
    assert records[0].register_digest != records[1].register_digest
    assert records[0].parameters_digest == records[1].parameters_digest
    assert records[0].outputs_digest != records[1].outputs_digest


def test_weights_of_readings_are_in_the_record_and_move_the_plan() -> None:
    memo = plan_named("memo", framework(), facts())
    held = {"communities.prevention.effect.weight.re_analyses": 0.9}
    found = run_record.record(run(memo, draws=3, places=False, held=held))
    assert found.held == held
    assert found.parameters_digest != run_record.record(run(memo, draws=3, places=False)).parameters_digest


def averted(of: Facts, one: PlanRow, register: Register) -> float:
    """Return what one row averts on average, in draws enough to tell."""
    plans = {"row": plan("row", one), "none": plan("none")}
    found = simulate(framework(), of, plans, draws=40, years=YEARS, places=False, register=register)
    return found.difference("row", "none").mean


def test_a_study_turned_round_moves_the_plan() -> None:
    then = Register("2012-12")
    assert averted(facts(), LOCAL, then.flipped("ceasefire_boston")) < averted(facts(), LOCAL, then)


@pytest.mark.end_to_end
def test_studies_of_today_turned_round_move_the_plan() -> None:
    outreach = PlanRow("street_outreach", "ESF", "MX", "2026-01", "2030-12", 50e6)
    turned = Register().flipped("cv_nyc2015").flipped("cv_nyc2024").flipped("cv_trinidad")
    assert averted(Facts(), outreach, turned) < averted(Facts(), outreach, Register())


def test_additionality_held_at_one_number_is_in_every_draw() -> None:
    parameters = Parameters(facts(), Register("2012-12"), {"violence.additionality": 0.6})
    drawn = draw(main().domain, parameters, 0, 4)
    np.testing.assert_array_equal(np.asarray(drawn.theta["programme_units"].additionality), 0.6)


def test_a_run_keeps_its_reference_and_prints_in_a_line() -> None:
    other = plan("reference", LOCAL)
    with pytest.raises(PlanError, match="'reference'"):
        run(other, draws=2)
    lab = Lab("2012-12")
    found = lab.compare([other, plan("mine", LOCAL)], draws=2, years=YEARS).result
    label = f"reference ({other.digest[:8]})"
    assert list(found.plans) == ["reference", label, "mine"]
    assert found.label(other) == label
    assert found.label(dataclasses.replace(other, name="yours")) == label  # known by what it is
    with pytest.raises(PlanError, match="Nearest"):
        found.label(plan("mine"))
    assert repr(found) == f"Simulation({label}, mine; draws=2, years=2013-2015, as_of='2012-12')"
    for part in (
        found.outcomes,
        found.drawn,
        found.domain,
        found.domain.forecast,
        found.domain.forecast.known,
    ):
        assert len(repr(part)) <= 300
        assert "\n" not in repr(part)


def test_what_levers_take_adds_to_the_difference_of_plans() -> None:
    found = main()
    taken = found.taken("memo", "none", 2)
    whole = found.homicides("none", 2) - found.homicides("memo", 2)
    np.testing.assert_allclose(sum(taken.values()), whole, rtol=1e-9)
    alone = found.taken("local", "none")  # one programme in one state beside no programme at all
    lever = framework().programmes[LOCAL.programme].lever
    assert not any(np.any(values) for name, values in alone.items() if name not in (lever, ""))
    # What moves to neighbours cancels most of the difference: the part of second order is held against the lever's own.
    assert np.all(np.abs(alone[""]) < np.abs(alone[lever]))


def test_a_lever_alone_makes_all_the_variance() -> None:
    first, rest = report.by_lever(main(), "local", "none")
    assert first.programmes == (LOCAL.programme,)
    assert first.share + rest.share == pytest.approx(1.0, abs=1e-3)
    assert report.by_lever(main(), "zero", "none") == ()
    assert report.without_study(()) is None
    lines = report.by_lever(main(), "memo", "none")
    assert sum(line.share for line in lines) == pytest.approx(1.0, abs=1e-3)
    assert {line.grounds for line in lines} <= {"study", "chain", "none", "together"}
    without = sum(
        line.share for line in lines if line.grounds == "none"
    )  # as of 2012-12, leaders before their studies
    assert report.without_study(lines) == pytest.approx(without, abs=1e-3)
    assert lines[-1].grounds == "together"


def test_shares_of_variance_are_those_of_the_closed_form() -> None:
    """Independent parts: each one's own variance over the sum's; a part against the others is negative."""
    random = np.random.default_rng(1)
    parts = np.array([[3.0], [2.0], [1.0]]) * random.standard_normal((3, 40_000))
    low, shares, high = variance_shares(parts, parts.sum(axis=0), resamples=50)
    np.testing.assert_allclose(shares, np.array([9, 4, 1]) / 14, atol=0.01)
    assert shares.sum() == pytest.approx(1.0)
    assert np.all((low < shares) & (shares < high))
    against = np.stack([2 * parts[0], -parts[0]])
    np.testing.assert_allclose(variance_shares(against, against.sum(axis=0), resamples=2)[1], [2.0, -1.0])
    assert np.isnan(variance_shares(np.zeros((2, 5)), np.zeros(5))[1]).all()
