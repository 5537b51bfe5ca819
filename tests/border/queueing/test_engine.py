"""The engine against hand-computed days, an independent event loop, Kolmogorov's equations and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from merida.border.queueing import engine
from merida.border.queueing.engine import simulate, waits
from merida.border.queueing.scenario import Baulking, LaneClass, Pressure, Scenario, Secondary
from merida.border.queueing.summary import PortOutcome, histogram_quantiles, wait_bin
from merida.errors import BorderError
from tests.border.queueing.kolmogorov import solve


def lane(name="general", rates=(60.0,), booths=(2,), minutes=1.5, **others) -> LaneClass:
    return LaneClass(name, np.array(rates), np.array(booths), minutes, **others)


def port(**others) -> Scenario:
    """A small port over six hours with everything in it."""
    lanes = (
        lane(
            "general", [40, 80, 90, 60, 30, 20], [1, 3, 2, 3, 3, 1], 1.5, service_cv=0.7, referral_share=0.2
        ),
        lane("sentri", [20, 30, 10, 0, 5, 10], [1, 1, 0, 1, 1, 1], 0.8, initial_queue=7, referral_share=0.1),
    )
    return Scenario(
        others.pop("classes", lanes),
        Secondary(np.array([1, 3, 2, 3, 3, 2]), 6.0, 0.5),
        Baulking(10.0, 20.0),
        Pressure(0.3, 15.0),
    )


def same(left: PortOutcome, right: PortOutcome) -> bool:
    """Say whether two outcomes hold the same numbers, bit by bit."""
    flows = [*zip(left.classes, right.classes, strict=True), (left.secondary, right.secondary)]
    return left.officer_hours == right.officer_hours and all(
        np.array_equal(np.asarray(value), np.asarray(getattr(b, name)), equal_nan=name != "name")
        for a, b in flows
        for name, value in vars(a).items()
    )


# ------------------------------------------------------------------------------------------- by hand


def test_a_booth_that_closes_finishes_the_vehicle_in_it():
    # booth 1 closes at minute 60 with a vehicle from 55 to 75; the fourth waits for booth 0, though 1 is free at 75
    wait, leave = waits([50, 55, 56, 57], [30, 20, 5, 5], [2, 1])
    assert wait.tolist() == [0, 0, 80 - 56, 85 - 57]
    assert leave.tolist() == [80, 75, 85, 90]


def test_an_idle_booth_that_has_closed_takes_nobody():
    wait, _ = waits([10, 70, 71], [1, 20, 20], [2, 1])
    assert wait.tolist() == [0, 0, 19]


def test_a_booth_that_opens_takes_who_waits():
    wait, _ = waits([0, 1, 2], [100, 10, 10], [1, 2])
    assert wait.tolist() == [0, 59, 68]


def test_no_booth_open_until_six():
    wait, leave = waits([0, 200, 359, 400], [2, 2, 2, 2], [0] * 6 + [1] * 18)
    assert wait.tolist() == [360, 162, 5, 0]
    assert leave.tolist() == [362, 364, 366, 402]


def test_the_schedule_begins_again_after_the_last_hour():
    # one booth in hour 0 only: who is left at 60 waits for minute 120
    wait, leave = waits([30, 59, 61], [40, 5, 5], [1, 0])
    assert wait.tolist() == [0, 61, 64]
    assert leave.tolist() == [70, 125, 130]


def test_an_initial_queue_of_500():
    day = [5] * 24
    wait, leave = waits(np.zeros(500), 2.0, day)
    assert np.array_equal(wait, np.repeat(np.arange(100) * 2.0, 5))
    outcome = simulate(
        Scenario((lane(rates=[0.0] * 24, booths=day, minutes=2.0, service_cv=0.0, initial_queue=500),)), 3
    )
    (flow,) = outcome.classes
    assert (flow.arrivals, flow.served, flow.baulked) == (1500, 1500, 0)
    assert flow.mean_wait == pytest.approx(99.0)
    assert flow.queue_by_hour[:4].tolist() == [350, 200, 50, 0]  # 150 begin an hour, from minute 0
    assert flow.throughput_by_hour[:4].tolist() == [
        145,
        150,
        150,
        55,
    ]  # the thirtieth five leave at minute 60
    assert flow.utilisation_by_hour[:4].tolist() == pytest.approx([1, 1, 1, 1 / 3])
    assert flow.share_over_60 == pytest.approx(69 / 100)
    assert flow.quantiles == pytest.approx([18, 98, 178], rel=2e-3)  # the histogram's resolution
    assert leave.max() == 200


def test_a_day_with_no_arrivals():
    outcome = simulate(Scenario((lane(rates=[0.0] * 24, booths=[2] * 24),)), 4)
    (flow,) = outcome.classes
    assert flow.arrivals == 0
    assert np.isnan(flow.mean_wait)
    assert np.isnan(flow.wait_by_hour).all()
    assert np.isnan(flow.quantiles_by_hour).all()
    assert not flow.queue_by_hour.any()
    assert flow.utilisation == 0
    assert outcome.officer_hours == 48


def test_who_turns_away_leaves_the_booths_as_they_were():
    wait, leave = waits([0, 1, 2, 3], 10.0, [1], patience_minutes=[np.inf, 5, 9, 5])
    assert wait.tolist() == [0, 9, 8, 17]
    assert np.isnan(leave).tolist() == [False, True, False, True]
    assert leave[[0, 2]].tolist() == [10, 20]


def test_pressure_shortens_the_service_by_the_wait():
    wait, leave = waits([0, 0, 0], 10.0, [1], pressure=Pressure(0.5, 20.0))
    assert wait.tolist() == [0, 10, 17.5]  # at a wait of 10, half of the saving of a half
    assert leave[-1] == pytest.approx(17.5 + 10 * (1 - 0.5 * 17.5 / 20))


def test_secondary_takes_in_order_of_leaving_and_holds_up_no_booth():
    # two booths take 6 minutes each: pairs leave at 6, 12, 18 to one inspector of 5 minutes
    classes = (
        lane(rates=[0, 0], booths=[2, 2], minutes=6.0, service_cv=0.0, referral_share=1.0, initial_queue=6),
    )
    outcome = simulate(Scenario(classes, Secondary(np.array([1, 1]), 5.0, 0.0)), 2)
    assert outcome.classes[0].mean_wait == 6
    assert outcome.secondary is not None
    assert outcome.secondary.served == 12
    assert outcome.secondary.mean_wait == pytest.approx((0 + 5 + 4 + 9 + 8 + 13) / 6)
    assert outcome.officer_hours == 6


# ------------------------------------------------------------------------- against an independent event loop


def by_candidates(arrival, service, booths_open, patience, pressure):
    """Serve one by one: try every instant at which something changes until a booth is open and free.

    Unlike the engine it keeps what each booth has done, not when it can next begin.
    """
    done = [[] for _ in range(max(booths_open))]
    last, wait, leave = 0.0, [], []
    boundaries = [60.0 * hour for hour in range(50 * len(booths_open))]
    for came, takes, accepts in zip(arrival, service, patience, strict=True):
        instants = sorted({max(came, last), *boundaries, *(end for spells in done for _, end in spells)})
        for now in (instant for instant in instants if instant >= max(came, last)):
            opened = booths_open[int(now // 60) % len(booths_open)]
            free = [b for b in range(opened) if not any(s <= now < e for s, e in done[b])]
            if free:
                break
        wait.append(now - came)
        if now - came > accepts:
            leave.append(np.nan)
            continue
        saving = pressure.saving_share * min(1, (now - came) / pressure.wait_minutes) if pressure else 0
        done[free[0]].append((now, now + takes * (1 - saving)))
        last = now
        leave.append(now + takes * (1 - saving))
    return np.array(wait), np.array(leave)


@pytest.mark.parametrize("case", range(60))
def test_against_an_independent_event_loop(case):
    rng = np.random.default_rng(case)
    hours = int(rng.integers(1, 6))
    booths = rng.integers(0, 5, hours)
    booths[rng.integers(hours)] += 1
    count = int(rng.integers(1, 60))
    arrival = np.sort(np.round(rng.uniform(0, 60 * hours, count), case % 3))  # rounded: ties happen
    service = np.round(rng.gamma(2, 5, count), case % 3) + 0.25
    patience = rng.exponential(40, count) if case % 2 else np.full(count, np.inf)
    pressure = Pressure(0.4, 30.0) if case % 5 == 0 else None
    expected = by_candidates(arrival, service, booths.tolist(), patience, pressure)
    found = waits(arrival, service, booths, patience, pressure)
    # sums in another order differ in their last bits
    np.testing.assert_allclose(found[0], expected[0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found[1], expected[1], rtol=0, atol=1e-9)


# ---------------------------------------------------------------------------------- against exact solutions


def scores(found: list, expected) -> np.ndarray:
    """Return the distance of the mean of independent runs from what is expected, in standard errors."""
    runs = np.array(found)
    error = runs.std(axis=0, ddof=1) / len(runs) ** 0.5
    # the floor is the exact solution's own error, for what all but never varies between runs
    return np.abs(runs.mean(axis=0) - expected) / np.maximum(error, 1e-5)


@pytest.mark.parametrize(
    ("rates", "booths", "queue"),
    [
        ([20, 50, 70, 80, 40, 20, 30, 50], [1, 2, 3, 3, 2, 1, 2, 3], 4),
        ([20, 50, 70, 40, 20, 0, 30, 50], [2, 3, 1, 0, 3, 2, 1, 2], 0),
    ],
)
def test_against_kolmogorov_equations(rates, booths, queue):
    exact = solve(rates, booths, 2.0, queue, most=110)
    scenario = Scenario((lane(rates=rates, booths=booths, minutes=2.0, initial_queue=queue),))
    runs = [simulate(scenario, 200, seed).classes[0] for seed in range(25)]
    open_hours = np.array(booths) > 0
    # 33 comparisons of 25 runs: Student's t with 24 degrees of freedom exceeds 4 in 2 % of such families
    assert scores([run.queue_by_hour for run in runs], exact["queue"]).max() < 4
    assert scores([run.throughput_by_hour for run in runs], exact["throughput"]).max() < 4
    busy = [run.utilisation_by_hour[open_hours] for run in runs]
    assert scores(busy, exact["utilisation"][open_hours]).max() < 4
    assert scores([run.mean_wait for run in runs], exact["wait"]).max() < 4


def test_baulking_against_the_erlang_a_formula():
    # who knows the wait and leaves at once is, for the others, like who loses patience in the queue (Baccelli &
    # Hebuterne, 1981): with no tolerance the share that turns away is Palm's
    rate, booths, minutes, scale, hours = 70.0, 2, 2.0, 10.0, 60
    scenario = Scenario(
        (lane(rates=[rate] * hours, booths=[booths] * hours, minutes=minutes),), None, Baulking(0.0, scale)
    )
    deaths = [min(n, booths) / minutes + max(0, n - booths) / scale for n in range(1, 200)]
    weights = np.concatenate([[1.0], np.cumprod(rate / 60 / np.array(deaths))])
    waiting = np.maximum(np.arange(200) - booths, 0)
    share = (weights @ waiting) / weights.sum() / scale / (rate / 60)
    late = slice(5, None)  # the queue forgets its empty start within minutes
    found = [
        run.baulked_by_hour[late].sum() / run.arrivals_by_hour[late].sum()
        for run in (simulate(scenario, 50, seed).classes[0] for seed in range(20))
    ]
    assert scores(found, share).max() < 3


def test_secondary_against_burke():
    # M/M/2 leaves a Poisson process behind (Burke, 1956), a third of which is one for M/M/1 secondary inspection
    hours, load = 120, 0.7
    rate = 90.0
    minutes = 60 * load / (rate / 3)
    scenario = Scenario(
        (lane(rates=[rate] * hours, booths=[2] * hours, minutes=1.0, referral_share=1 / 3),),
        Secondary(np.full(hours, 1), minutes),
    )
    found = []
    for seed in range(20):
        secondary = simulate(scenario, 40, seed).secondary
        assert secondary is not None
        found.append(secondary.wait_by_hour[20:].mean())
    assert scores(found, minutes * load / (1 - load)).max() < 3


# ------------------------------------------------------------------------------------------- invariants


def test_every_arrival_leaves_once():
    outcome = simulate(port(), 30, 1)
    for flow in outcome.classes:
        assert flow.arrivals == flow.served + flow.baulked
        assert flow.baulked > 0
        assert flow.arrivals_by_hour.sum() * 30 == pytest.approx(flow.arrivals)
        assert flow.baulked_by_hour.sum() * 30 == pytest.approx(flow.baulked)
        assert (flow.queue_by_hour >= 0).all()
    assert outcome.secondary is not None
    assert outcome.secondary.baulked == 0
    assert 0 < outcome.secondary.served < sum(flow.served for flow in outcome.classes)


def test_the_split_of_the_work_changes_no_bit(monkeypatch):
    whole = simulate(port(), 50, 3, workers=1)
    assert same(whole, simulate(port(), 50, 3, workers=3))
    monkeypatch.setattr(engine, "WIDEST", 8)
    assert same(whole, simulate(port(), 50, 3, workers=2))
    for rows in (1, 3):
        monkeypatch.setattr(engine, "CHUNK_VEHICLES", rows * 320)  # the busiest class has 320 arrivals
        assert same(whole, simulate(port(), 50, 3, workers=2))
    assert not same(whole, simulate(port(), 50, 4, workers=2))


def test_another_class_leaves_the_draws_of_the_others():
    first, second = port().classes
    extra = lane("ready", [50] * 6, [2] * 6)
    alone = simulate(port(classes=(first, second)), 20, 5)
    joined = simulate(port(classes=(extra, first, second)), 20, 5)
    for before, after in zip(alone.classes, joined.classes[1:], strict=True):
        assert np.array_equal(before.arrivals_by_hour, after.arrivals_by_hour)
        assert before.mean_wait == after.mean_wait
        assert np.array_equal(before.wait_by_hour, after.wait_by_hour, equal_nan=True)


def test_an_initial_queue_leaves_the_draws_of_the_others():
    rates, booths = [30.0] * 4, [1] * 4
    with_queue = simulate(Scenario((lane(rates=rates, booths=booths, initial_queue=3),)), 10)
    without = simulate(Scenario((lane(rates=rates, booths=booths),)), 10)
    more = with_queue.classes[0].arrivals_by_hour - without.classes[0].arrivals_by_hour
    assert more.tolist() == [3, 0, 0, 0]


def test_many_vehicles_of_one_hour_cross_block_boundaries():
    scenario = Scenario((lane(rates=[3.0 * engine.STEPS], booths=[80], minutes=1.0),))
    (flow,) = simulate(scenario, 10).classes
    assert flow.served == flow.arrivals > 20 * engine.STEPS


def test_quantiles_of_the_histogram_are_those_of_the_sample():
    rng = np.random.default_rng(0)
    sample = rng.exponential(40, 20_000) * (rng.random(20_000) < 0.7)
    counts = np.bincount(wait_bin(sample), minlength=14 << 9)[None, :]
    expected = np.quantile(sample, [0.1, 0.5, 0.9], method="inverted_cdf")
    np.testing.assert_allclose(histogram_quantiles(counts)[:, 0] + 1, expected + 1, rtol=1e-3)


def test_one_replication_has_no_standard_error():
    (flow,) = simulate(Scenario((lane(rates=[20.0] * 3, booths=[1] * 3),)), 1).classes
    assert np.isnan(flow.standard_error)
    assert flow.mean_wait > 0


def test_nobody_to_inspect_and_nobody_to_serve_are_refused():
    with pytest.raises(BorderError, match="secondary"):
        Scenario(
            (lane(rates=[20.0], booths=[1], minutes=1.0, referral_share=0.5),), Secondary(np.array([0]), 5.0)
        )
    with pytest.raises(BorderError, match="general"):
        Scenario((lane(rates=[0.0], booths=[0], initial_queue=5),), None, Baulking(5.0, 5.0))
