"""The fluid approximation against closed forms, finite differences and the exact engine."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from merida.border.queueing import fluid
from merida.border.queueing.engine import simulate
from merida.border.queueing.scenario import Baulking, LaneClass, Pressure, Scenario, Secondary

DAY = 60 * 8 / 1.5 * np.r_[np.full(6, 0.3), np.full(3, 1.4), np.full(9, 0.7), np.full(6, 0.4)]


def erlang(servers: int, rho: float) -> float:
    """Erlang C by the recursion of Erlang B."""
    blocked, load = 1.0, servers * rho
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1 - rho * (1 - blocked))


def one_class(arrivals: Any, booths: Any, minutes: float = 1.0, cv: float = 1.0, **more: Any) -> LaneClass:
    """A class over a day at least, one length for one compilation: nobody comes later, the last booths stay open."""
    missing = max(0, 24 - len(booths))
    arrivals, booths = np.pad(arrivals, (0, missing)), np.pad(booths, (0, missing), mode="edge")
    return LaneClass("general", arrivals, booths, minutes, cv, **more)


def three_classes() -> Scenario:
    return Scenario(
        (
            LaneClass("general", DAY, np.full(24, 8), 1.5, 0.8, 0.05, 40),
            LaneClass("ready", DAY / 2, np.full(24, 4), 1.4, 0.8, 0.04),
            LaneClass("sentri", DAY / 4, np.r_[np.full(6, 0), np.full(18, 3)], 1.2, 0.6, 0.02),
        ),
        Secondary(np.full(24, 6), 20.0),
        Baulking(45.0, 60.0),
        Pressure(0.2, 30.0),
    )


def run(scenario: Scenario, steps_per_hour: int = 30) -> fluid.FluidFlow:
    return jax.tree.map(np.asarray, fluid.flow(fluid.port(scenario), steps_per_hour))


@pytest.mark.parametrize("servers", [1, 3, 10, 40, 100])
def test_erlang_c_of_whole_servers(servers: int) -> None:
    for rho in (0.3, 0.8, 0.99):
        found = fluid.erlang_c(jnp.array(float(servers)), jnp.array(servers * rho))
        assert_allclose(found, erlang(servers, rho), rtol=1e-8)


def test_erlang_c_of_part_servers_lies_between() -> None:
    servers = jnp.linspace(2.0, 4.0, 41)
    assert np.all(np.diff(fluid.erlang_c(servers, jnp.full(41, 1.5))) < 0)


@pytest.mark.parametrize("servers", [1, 3, 10, 40])
@pytest.mark.parametrize("rho", [0.5, 0.8, 0.95])
def test_steady_state_is_erlang_c(servers: int, rho: float) -> None:
    steady = run(Scenario((one_class(np.full(150, 60 * servers * rho), np.full(150, servers)),)))
    # The table of the stationary relation is interpolated: 0.2 % of a wait, 1.5 % of one below a millisecond.
    assert_allclose(steady.wait[0, -1], erlang(servers, rho) / (servers * (1 - rho)), rtol=3e-3, atol=1e-6)
    assert_allclose(steady.utilisation[0, -1], rho, rtol=1e-3)


@pytest.mark.parametrize("cv", [0.0, 0.5, 2.0])
def test_steady_state_of_one_booth_is_pollaczek_khinchine(cv: float) -> None:
    steady = run(Scenario((one_class(np.full(150, 48), np.full(150, 1), cv=cv),)))
    assert_allclose(steady.wait[0, -1], 0.8 * (1 + cv**2) / 2 / 0.2, rtol=2e-3)


def test_what_enters_leaves_or_stays() -> None:
    scenario = three_classes()
    means = run(scenario)
    initial = np.array([lane.initial_queue for lane in scenario.classes])
    arrivals = np.array([lane.arrivals_per_hour for lane in scenario.classes])
    shares = np.array([lane.referral_share for lane in scenario.classes])
    assert means.baulked.sum() > 1
    assert_allclose(means.joined + means.baulked, arrivals, atol=1e-9)
    entered = initial[:, None] + np.cumsum(means.joined, axis=1)
    assert_allclose(entered, np.cumsum(means.served, axis=1) + means.present, rtol=1e-9)
    referred = np.cumsum((shares[:, None] * means.served).sum(axis=0))
    assert_allclose(referred, np.cumsum(means.secondary_served) + means.secondary_present, rtol=1e-9)
    assert all(np.all(np.asarray(field) >= -1e-9) for field in means)


def test_overload_waits_for_the_backlog() -> None:
    # Twice the capacity for two hours: at t the backlog over the capacity is t, later it falls as t - 240.
    arrivals = np.r_[1200.0, 1200, 0, 0, 0, 0]
    means = run(Scenario((one_class(arrivals, np.full(6, 10), cv=0.0),)))
    # The first vehicles fill the booths, which a queue that is only a backlog neglects: one service time.
    assert_allclose(means.wait[0, :2], [30, 90], atol=1.0)
    assert_allclose(means.waiting[0, 1:3], [1200, 600], atol=10)
    assert_allclose(means.served[0, :4], 600, rtol=0.01)


def test_closed_booths_count_in_the_wait() -> None:
    arrivals = np.r_[np.full(6, 100.0), np.zeros(6)]
    means = run(Scenario((one_class(arrivals, np.r_[np.zeros(6), np.full(6, 10)]),)))
    # Whoever comes at t waits until 6 am, then for the 100 t before it at 600 an hour.
    middle = np.arange(6) + 0.5
    assert_allclose(means.wait[0, :6], 60 * (6 - middle + 100 * middle / 600), atol=1.0)
    assert np.all(means.served[0, :6] == 0)


def test_past_the_last_hour_the_schedule_repeats() -> None:
    # 450 come in the last hour to shut booths; 300 are served an hour after midnight, the others a day later.
    lane = LaneClass("general", np.r_[np.zeros(23), 450], np.r_[0, 5, np.zeros(22, int)], 1.0, 0.0)
    means = run(Scenario((lane,), baulking=Baulking(1e6, 1)))
    # In minutes after 11 pm, vehicle x comes at 60 x / 450 and begins at 120 + x / 5, or 1440 + 120 + (x - 300) / 5.
    first = 120 + 150 / 5 - 60 * 150 / 450
    second = 1440 + 120 + 75 / 5 - 60 * 375 / 450
    assert_allclose(means.wait[0, -1], (300 * first + 150 * second) / 450, rtol=1e-3)


def test_initial_queue_waits_its_turn() -> None:
    means = run(Scenario((one_class(np.zeros(4), np.full(4, 5), initial_queue=500),)))
    # Mean place 250 at 300 an hour; that the last are served below full use costs about one service time.
    assert_allclose(means.mean_wait[0], 49.5, atol=1.0)
    assert_allclose(means.served[0].sum(), 500, rtol=1e-3)


def test_baulking_settles_where_those_who_stay_can_be_served() -> None:
    scenario = Scenario((one_class(np.full(24, 1200), np.full(24, 10)),), None, Baulking(20.0, 40.0))
    # exp(-(w - 20) / 40) = 600 / 1200; the stationary relation leaves the booths idle 0.2 % of the time.
    assert_allclose(run(scenario).wait[0, -4], 20 + 40 * np.log(2), rtol=0.01)


def test_pressure_speeds_service_up() -> None:
    arrivals = [1100.0, 1100, 0, 0]
    scenario = Scenario(
        (one_class(arrivals, np.full(4, 10), initial_queue=1500),), pressure=Pressure(0.5, 20)
    )
    # More than 20 minutes of work waits for two hours, so that service takes half its time.
    assert_allclose(run(scenario).served[0, :2], 1200, rtol=0.01)


def test_part_booths_give_waits_between() -> None:
    given = fluid.port(Scenario((one_class(DAY, np.full(24, 8), 1.5),)))
    waits = [
        float(fluid.flow(given._replace(booths=jnp.full((1, 24), booths))).mean_wait[0])
        for booths in (8.0, 8.25, 8.5, 8.9, 9.0)
    ]
    assert np.all(np.diff(waits) < 0)


def test_arrivals_move_between_classes() -> None:
    given = fluid.port(three_classes())
    moved = fluid.move_share(given, 0, 2, 0.25)
    assert_allclose(moved.arrivals.sum(axis=0), given.arrivals.sum(axis=0))
    assert_allclose(moved.arrivals[0], 0.75 * given.arrivals[0])


def test_officers_bind_lanes() -> None:
    given = fluid.port(three_classes())
    assert_allclose(fluid.with_officers(given, 10.0).booths.sum(axis=0)[6:], 10)
    assert_allclose(fluid.with_officers(given, 99.0).booths, given.booths)


def loss(given: fluid.FluidPort, officers: jax.Array, trusted: jax.Array) -> jax.Array:
    means = fluid.flow(fluid.with_officers(fluid.move_share(given, 0, 2, trusted), officers))
    return (means.wait * means.joined).sum() / 1000 + means.secondary_mean_wait


gradient = jax.jit(jax.grad(loss, argnums=(0, 1, 2)))


def test_no_arrivals_no_queue_and_finite_slopes() -> None:
    given = fluid.port(three_classes())
    empty = given._replace(arrivals=0 * given.arrivals, initial_queue=0 * given.initial_queue)
    means = fluid.flow(empty)
    assert float(jnp.abs(means.waiting).max()) == 0
    assert float(jnp.abs(means.mean_wait).max()) == 0
    assert all(np.isfinite(slope).all() for slope in jax.tree.leaves(gradient(empty, jnp.full(24, 9.0), 0.0)))


def test_gradient_is_the_finite_difference() -> None:
    given = fluid.port(three_classes())
    officers, trusted = jnp.full(24, 14.3), jnp.asarray(0.07)
    slope = gradient(given, officers, trusted)
    generator = np.random.default_rng(3)
    for name in (*fluid.FluidPort._fields, "officers", "trusted"):
        along = {"officers": officers, "trusted": trusted}.get(name, getattr(given, name, None))
        assert along is not None
        # Away from a booth that is shut, where the value has no slope to the left.
        way = jnp.asarray(generator.uniform(0.5, 1, along.shape)) * along
        size = 1e-6

        def shifted(by: float, name: str = name, way: jax.Array = way) -> float:
            if name == "officers":
                return float(loss(given, officers + by * way, trusted))
            if name == "trusted":
                return float(loss(given, officers, trusted + by * way))
            return float(loss(given._replace(**{name: getattr(given, name) + by * way}), officers, trusted))

        by_hand = (shifted(size) - shifted(-size)) / (2 * size)
        exact = {"officers": slope[1], "trusted": slope[2]}.get(name, getattr(slope[0], name, None))
        # The differences carry rounding of 1e-16 / 1e-6 of the value, and kinks of the interpolated table.
        assert_allclose(float(jnp.vdot(exact, way)), by_hand, rtol=1e-4, atol=1e-6, err_msg=name)


def test_close_to_the_engine() -> None:
    scenario = Scenario((one_class(DAY, np.full(24, 8), 1.5, 0.8),))
    exact = simulate(scenario, replications=100, seed=4).classes[0]
    # The card reports errors up to a sixth where a queue comes and goes within hours, and its standard error is 2 %.
    assert_allclose(run(scenario).mean_wait[0], exact.mean_wait, rtol=0.2)
