"""The bare queue against Erlang, Pollaczek and Khinchine, Crommelin; priorities against Cobham."""

from __future__ import annotations

import math

import numpy as np
import pytest

from merida.border.queueing.bare_queue import queue
from merida.border.queueing.priority import priority_waits
from merida.errors import BorderError


def erlang_c(offered: float, servers: int) -> float:
    """Return the probability of waiting in M/M/c, by the recursion of Erlang's B."""
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = offered * blocked / (server + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


# As many customers as bring the standard error below a share of the mean: 0.5 % in one case, which is as sharp a test as
# any, and 1 % in the others, where a quarter of the customers suffices.
@pytest.mark.parametrize(
    ("load", "servers", "customers", "error"),
    [
        (0.8, 1, 2e6, 0.01),
        (0.5, 1, 1e6, 0.01),
        (0.7, 3, 1.5e6, 0.01),
        (0.8, 3, 12e6, 0.005),
        (0.6, 10, 6e6, 0.01),
        (0.8, 10, 6e6, 0.01),
    ],
)
def test_against_erlang_c(load, servers, customers, error):
    found = queue(load * servers * 40, 40, servers, customers=int(customers), seed=11)
    waiting = erlang_c(load * servers, servers)
    mean = waiting * 60 / (40 * servers * (1 - load))
    assert found.customers >= customers
    assert found.standard_error_minutes < error * mean
    assert abs(found.mean_wait_minutes - mean) < 3 * found.standard_error_minutes
    # the two shares have no reported error: theirs is relatively below the mean wait's
    assert found.probability_of_waiting == pytest.approx(waiting, rel=2 * error)
    assert found.utilisation == pytest.approx(load, rel=error)


@pytest.mark.parametrize(("cv", "customers"), [(0.0, 1e6), (0.5, 1.5e6), (2.0, 10e6)])
def test_against_pollaczek_and_khinchine(cv, customers):
    found = queue(42, 60, 1, service_cv=cv, customers=int(customers), seed=5)
    mean = 0.7 * (1 + cv**2) / 2 / (1 - 0.7)
    assert found.standard_error_minutes < 0.01 * mean
    assert abs(found.mean_wait_minutes - mean) < 3 * found.standard_error_minutes
    assert found.probability_of_waiting == pytest.approx(0.7, rel=0.02)


def crommelin(load: float, servers: int, places: int = 400) -> float:
    """Return the mean wait in M/D/c in service times: the chain of the number present, one service apart."""
    # the number present after one service time is what exceeded the servers, plus a Poisson number of arrivals
    offered = load * servers
    counts = np.arange(places)
    logs = counts * math.log(offered) - offered - np.array([math.lgamma(k + 1) for k in counts])
    poisson = np.exp(logs)
    distribution = np.zeros(places)
    distribution[0] = 1.0
    for _ in range(3000):
        left = np.concatenate([[distribution[: servers + 1].sum()], distribution[servers + 1 :]])
        distribution = np.convolve(left, poisson)[:places]
    return float(np.maximum(counts - servers, 0) @ distribution) / offered


def test_against_crommelin():
    found = queue(0.8 * 3 * 60, 60, 3, service_cv=0.0, customers=2_000_000, seed=2)
    mean = crommelin(0.8, 3)
    assert found.standard_error_minutes < 0.01 * mean
    assert abs(found.mean_wait_minutes - mean) < 3 * found.standard_error_minutes


def test_the_standard_error_is_honest_and_falls_as_one_over_the_root():
    small = [queue(30, 60, 1, customers=40_000, seed=seed) for seed in range(40)]
    large = queue(30, 60, 1, customers=4_000_000, seed=99)
    errors = np.mean([each.standard_error_minutes for each in small])
    spread = np.std([each.mean_wait_minutes for each in small], ddof=1)
    # 40 runs tell a standard deviation within 11 %, so three times that
    assert errors == pytest.approx(spread, rel=0.35)
    assert errors / large.standard_error_minutes == pytest.approx(10, rel=0.2)


def test_same_seed_same_queue():
    first, again, other = (queue(50, 60, 1, customers=50_000, seed=seed) for seed in (1, 1, 2))
    assert first.mean_wait_minutes == again.mean_wait_minutes
    assert first.mean_wait_minutes != other.mean_wait_minutes


def test_a_queue_that_grows_for_ever_names_the_servers_that_suffice():
    with pytest.raises(BorderError, match="4 servers would suffice"):
        queue(180, 60, 3)
    assert queue(179, 60, 4, customers=10_000).utilisation < 1


def test_too_few_customers():
    with pytest.raises(BorderError, match="At least"):
        queue(30, 60, 1, customers=100)
    with pytest.raises(BorderError, match="At least"):
        queue(59.9, 60, 1, customers=100_000)


@pytest.mark.parametrize("wrong", [(0, 60, 1), (-5, 60, 1), (30, math.nan, 1), (30, 60, 0)])
def test_wrong_rates(wrong):
    with pytest.raises(BorderError) as refused:
        queue(*wrong)
    assert refused.value.key in ("border_out_of_range", "border_too_small")


@pytest.mark.parametrize(("load", "servers"), [(0.7, 1), (0.75, 4)])
def test_two_classes_by_priority_against_cobham(load, servers):
    # Cobham (1954), for several servers with one law of service for all: W_k = W_0 / ((1 - s_(k-1)) (1 - s_k))
    shares, rows, count, warm_up = np.array([0.4, 0.6]), 128, 20_000, 600
    rng = np.random.default_rng(8)
    arrivals = []
    for share in shares:
        gaps = rng.exponential(1 / (share * load * servers), (int(share * count), rows))
        arrivals.append(np.cumsum(gaps, axis=0))
    longest = max(len(each) for each in arrivals)
    arrival = np.stack([np.vstack([each, np.full((longest - len(each), rows), np.inf)]) for each in arrivals])
    service = rng.exponential(1.0, arrival.shape)
    found = priority_waits(arrival, service, servers)
    assert np.array_equal(np.isnan(found), np.isinf(arrival))
    base = erlang_c(load * servers, servers) / servers
    busy = np.concatenate([[0.0], np.cumsum(shares * load)])
    # the warm-up is many relaxation times; the end is cut where either class may have run out of arrivals
    end = np.min([each[-1] for each in arrivals], axis=0) - 100
    inside = (arrival > warm_up / servers) & (arrival < end)
    for k in range(2):
        mean = base / ((1 - busy[k]) * (1 - busy[k + 1]))
        runs = np.array([found[k][inside[k][:, row], row].mean() for row in range(rows)])
        error = runs.std(ddof=1) / rows**0.5
        assert error < 0.01 * mean
        assert abs(runs.mean() - mean) < 3 * error


def test_priority_by_hand():
    # one booth: when it is free at 10 the first class goes, though the second came before it
    arrival = np.array([[5.0, 30.0], [0.0, 1.0]])[:, :, None]
    found = priority_waits(arrival, np.full((2, 2, 1), 10.0), 1)
    assert found[:, :, 0].tolist() == [[5, 0], [0, 19]]
