"""The light kernel against closed forms, the exact engine and finite differences."""

import numpy as np
import pytest

from merida.border.queueing.engine import simulate
from merida.border.queueing.mean_wait import STEPS_PER_HOUR, days, mean_wait, over_days, waited_minutes
from merida.border.queueing.scenario import LaneClass, Scenario

HOURS = 24


def erlang_c_wait(servers: int, load: float) -> float:
    """Mean wait of M/M/c in service times, by the recursion of Erlang's loss formula."""
    loss = 1.0
    for n in range(1, servers + 1):
        loss = load * loss / (n + load * loss)
    rho = load / servers
    waiting = loss / (1 - rho + rho * loss)
    return waiting / (servers * (1 - rho))


def one(arrivals: float, booths: float, service: float = 1.0, cv: float = 1.0) -> float:
    day = np.full((1, HOURS), arrivals)
    return float(mean_wait(day, np.full((1, HOURS), booths), np.array([service]), np.array([cv]))[0, 12])


def test_one_booth_is_pollaczek_and_khinchine() -> None:
    # Sakasegawa's form is exact for one server; the rest is the steady state reached to the solver's tolerance
    for rho, cv in ((0.5, 1.0), (0.8, 1.0), (0.8, 0.5)):
        expected = (1 + cv**2) / 2 * rho / (1 - rho)
        assert one(60 * rho, 1.0, cv=cv) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("servers", "rho"), [(3, 0.9), (10, 0.9), (20, 0.95)])
def test_many_booths_are_erlang_c(servers: int, rho: float) -> None:
    # Sakasegawa (1977) states errors of a few per cent at high load
    assert one(60 * servers * rho, servers) == pytest.approx(erlang_c_wait(servers, servers * rho), rel=0.05)


def test_overload_grows_as_the_backlog_over_capacity() -> None:
    arrivals = np.full((1, HOURS), 30.0)
    arrivals[0, 8:12] = 120.0
    found = np.asarray(mean_wait(arrivals, np.full((1, HOURS), 1.0), np.array([1.0]), np.array([0.0])))[0]
    # 60 an hour are served: after h hours of overload 60 h wait, an hour each 60; an hour's mean is that at its middle
    np.testing.assert_allclose(found[9:12] - found[8:11], 60.0, atol=3.0)
    assert found[11] == pytest.approx(60 * 3.5, rel=0.05)


def test_queues_cross_midnight() -> None:
    arrivals = np.full((1, HOURS), 10.0)
    arrivals[0, 20:24] = 120.0
    found = np.asarray(mean_wait(arrivals, np.full((1, HOURS), 1.0), np.array([1.0]), np.array([1.0])))[0]
    assert found[0] > 100
    assert found[0] > found[2]


def test_gradients_are_those_of_finite_differences() -> None:
    import jax

    rng = np.random.default_rng(0)
    arrivals, booths = rng.uniform(60, 160, (1, HOURS)), rng.uniform(1.5, 3, (1, HOURS))
    service, cv, sd = np.array([1.0]), np.array([0.8]), np.array([0.15])

    def total(a: np.ndarray, b: np.ndarray) -> float:
        return over_days(a, b, service, cv, sd).sum()

    of_arrivals, of_booths = jax.grad(total, argnums=(0, 1))(arrivals, booths)
    for hour in (4, 11, 18):
        step = np.zeros((1, HOURS))
        step[0, hour] = 1e-5
        for gradient, differences in (
            (of_arrivals, total(arrivals + step, booths) - total(arrivals - step, booths)),
            (of_booths, total(arrivals, booths + step) - total(arrivals, booths - step)),
        ):
            assert float(gradient[0, hour]) == pytest.approx(float(differences) / 2e-5, rel=1e-3, abs=1e-3)


def test_more_arrivals_wait_longer_and_more_booths_shorter() -> None:
    rng = np.random.default_rng(1)
    arrivals, booths = rng.uniform(20, 150, (8, HOURS)), rng.uniform(1, 3, (8, HOURS))
    service, cv = np.ones(8), np.full(8, 0.8)
    before = np.asarray(mean_wait(arrivals, booths, service, cv))
    assert (np.asarray(mean_wait(1.1 * arrivals, booths, service, cv)) >= before - 1e-9).all()
    assert (np.asarray(mean_wait(arrivals, 1.1 * booths, service, cv)) <= before + 1e-9).all()


def test_days_that_vary_wait_longer_in_the_mean() -> None:
    arrivals = np.full((1, HOURS), 57.0)
    given = (arrivals, np.ones((1, HOURS)), np.ones(1), np.ones(1))
    alike, varied = mean_wait(*given), over_days(*given, np.array([0.2]))
    assert (np.asarray(varied) > np.asarray(alike)).all()
    np.testing.assert_allclose(over_days(*given, np.zeros(1)), alike)
    np.testing.assert_allclose(waited_minutes(*given, np.zeros(1)), arrivals * np.asarray(alike))


def test_the_impatient_keep_the_line_short() -> None:
    arrivals = np.full((1, HOURS), 120.0)
    given = (arrivals, np.ones((1, HOURS)), np.ones(1), np.ones(1), np.ones((1, 1)), np.ones(1))
    patient = np.asarray(days(*given))
    hurried = np.asarray(days(*given, patience=(np.array([30.0]), np.array([30.0]))))
    # half of those who come must turn away: exp(-(w - 30) / 30) = 1/2 at w = 51 minutes
    assert patient.max() > 500
    np.testing.assert_allclose(hurried[0, 14:20], 30 + 30 * np.log(2), atol=6.0)


def test_the_exact_engine_agrees_on_a_day_with_a_rush() -> None:
    shape = np.array([0.4] * 5 + [1.2, 1.6, 1.6, 1.4] + [1.0] * 8 + [1.3, 1.3] + [0.6] * 5)
    arrivals, booths = 95 * shape, np.array([2] * 5 + [3] * 15 + [2] * 4)
    lane = LaneClass("general", arrivals, booths, 1.5, 0.8, 0.0, 0)
    exact = simulate(Scenario((lane,), None, None, None), replications=400, seed=0, workers=1).classes[0]
    light = np.asarray(
        mean_wait(arrivals[None], booths[None].astype(float), np.array([1.5]), np.array([0.8]))
    )[0]
    # near capacity a queue that comes and goes is 10 to 20 % too long in the pointwise stationary approximation
    ours, theirs = (arrivals * light).sum() / arrivals.sum(), exact.mean_wait
    assert ours == pytest.approx(theirs, rel=0.2)
    assert np.corrcoef(light, exact.wait_by_hour[:HOURS])[0, 1] > 0.97
    assert STEPS_PER_HOUR == 4
