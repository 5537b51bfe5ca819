"""The pure optimiser against closed forms, exhaustive search and cases that are not concave."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from merida.decide.allocation import water_filling
from merida.decide.division.candidates import certified
from merida.decide.division.objectives import objective_of
from merida.decide.optimiser.feasible import AllOrNothing, Feasible, Row
from merida.decide.optimiser.frank_wolfe import (
    Objective,
    Point,
    all_or_nothing,
    concavity,
    maximise,
    random_plans,
    search,
)
from merida.distributions import Floats
from merida.errors import PlanError


def purse(size: int, budget: float) -> Row:
    return Row("budget", np.arange(size), np.ones(size), budget, budget)


def logs(weights: Floats) -> Objective:
    return lambda x: (float((weights * np.log1p(x)).sum()), weights / (1 + x))


@pytest.mark.parametrize(
    ("weights", "budget", "x", "price", "value"),
    [
        ((3, 2, 1), 6, (3.5, 2, 0.5), 2 / 3, 7.1149219),
        ((3, 2, 1), 3, (2, 1, 0), 1, 4.6821312),
        ((5, 2, 0.5), 2, (1.8571429, 0.1428571, 0), 1.75, 5.5161734),
    ],
)
def test_water_filling_and_the_search_meet_the_closed_form(
    weights: tuple[float, ...], budget: float, x: tuple[float, ...], price: float, value: float
) -> None:
    w = np.array(weights, dtype=float)
    filled, found_price = water_filling(w, budget)
    np.testing.assert_allclose(filled, x, atol=1e-6)
    assert found_price == pytest.approx(price, abs=1e-9)
    assert float((w * np.log1p(filled)).sum()) == pytest.approx(value, abs=1e-6)
    found = maximise(logs(w), Feasible(3, (purse(3, budget),)), np.full(3, budget / 3), steps=100)
    assert found.value == pytest.approx(value, abs=1e-6)
    assert found.value <= value + 1e-7 <= found.bound + 2e-7
    assert found.gap < 1e-5


def test_many_entries_from_a_corner_in_few_evaluations() -> None:
    w = np.random.default_rng(0).lognormal(size=300)
    start = np.zeros(300)
    start[7] = 275.0
    found = maximise(logs(w), Feasible(300, (purse(300, 275.0),)), start, steps=50)
    best = float((w * np.log1p(water_filling(w, 275.0)[0])).sum())
    assert best - 1e-4 * best < found.value <= best + 1e-9
    assert found.bound >= best
    assert found.evaluations <= 100


def test_the_gap_is_never_less_than_what_is_missing() -> None:
    w = np.array([3.0, 2.0, 1.0, 0.5])
    best = float((w * np.log1p(water_filling(w, 4.0)[0])).sum())
    for steps in (1, 2, 4, 8):
        found = maximise(logs(w), Feasible(4, (purse(4, 4.0),)), np.array([0.0, 0, 0, 4]), steps=steps)
        assert found.bound >= best - 1e-9


def test_constraints_bind_as_in_the_closed_form() -> None:
    w = np.array([3.0, 2.0, 1.0])
    rows = (purse(3, 6.0), Row("floor", np.array([2]), np.ones(1), 2.0, np.inf))
    found = maximise(logs(w), Feasible(3, rows), np.array([2.0, 2.0, 2.0]), steps=100)
    rest = water_filling(w[:2], 4.0)[0]  # the third keeps its floor, the others share what is left
    np.testing.assert_allclose(found.x, [*rest, 2.0], atol=1e-3)
    assert found.value == pytest.approx(float((w * np.log1p(np.array([*rest, 2.0]))).sum()), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_all_or_nothing_agrees_with_exhaustive_search(seed: int) -> None:
    random = np.random.default_rng(seed)
    size, budget = 4, 6.0
    w, least = random.uniform(0.5, 3.0, size), random.uniform(1.0, 3.0, size)
    switches = tuple(AllOrNothing(f"least {at}", np.array([at]), least[at], budget) for at in range(size))
    may_be = Feasible(size, (purse(size, budget),), switches)
    even = np.full(size, budget / size)
    found = all_or_nothing(logs(w), may_be, even, steps=60)
    every = [
        maximise(logs(w), may_be, may_be.nearest(even, pattern), steps=80, pattern=pattern).value
        for pattern in itertools.product((False, True), repeat=size)
        if may_be.solved(np.zeros(2 * size), pattern=pattern) is not None
    ]
    assert found.value == pytest.approx(max(every), abs=1e-6)
    assert may_be.holds(found.x)
    assert found.bound >= max(every) - 1e-9


def test_a_convex_objective_has_no_certificate_and_is_followed_from_every_start() -> None:
    may_be = Feasible(3, (purse(3, 6.0),))
    starts = [np.full(3, 2.0), *random_plans(may_be, np.full(3, 2.0), 20, np.random.default_rng(0))]
    found = search(lambda x: (float((x**2).sum()), 2 * x), may_be, starts, steps=20)
    assert found.gap is None
    assert found.starts == 21
    assert found.found.value == pytest.approx(36.0)  # all on one entry


def test_a_concave_objective_is_certified_on_a_thousand_segments() -> None:
    w = np.array([3.0, 2.5, 2.0, 1.5])
    may_be = Feasible(4, (purse(4, 6.0),))
    starts = [np.full(4, 1.5), *random_plans(may_be, np.full(4, 1.5), 50, np.random.default_rng(1))]
    found = search(logs(w), may_be, starts, steps=30)
    assert found.concavity.segments >= 1000
    assert found.gap is not None
    assert found.gap < 1e-4


def test_one_convex_piece_is_seen() -> None:
    def bent(x: float) -> Point:
        return Point(np.array([x]), x - 0.01 * max(0.0, 1 - abs(x - 2)), np.array([1.0 + 0.01 * (1 < x < 2)]))

    assert not concavity([bent(at) for at in (0.0, 1.5, 2.5, 4.0)]).holds
    assert concavity([Point(np.array([x]), -x * x, np.array([-2 * x])) for x in (0.0, 1.0, 3.0)]).holds


def test_noise_alone_is_no_gain() -> None:
    """The best of pure noise looks good on the draws that chose it, and is nought on fresh ones."""
    random = np.random.default_rng(3)
    seen, fresh = random.standard_normal((32, 60)), random.standard_normal((5000, 60))
    may_be = Feasible(60, (purse(60, 1.0),))
    found = maximise(
        lambda x: (float((seen @ x).mean()), seen.mean(axis=0)), may_be, np.full(60, 1 / 60), steps=60
    )
    assert found.value > 0.3
    judged = fresh @ found.x
    assert abs(judged.mean()) < 3 * judged.std() / np.sqrt(len(judged))


def test_the_smallest_conflict_is_named() -> None:
    rows = (
        purse(3, 6.0),
        Row("floor a", np.array([0]), np.ones(1), 5.0, np.inf),
        Row("floor b", np.array([1]), np.ones(1), 4.0, np.inf),
        Row("ceiling c", np.array([2]), np.ones(1), -np.inf, 1.0),
    )
    may_be = Feasible(3, rows)
    assert may_be.conflicting() == ("budget", "floor a", "floor b")
    with pytest.raises(PlanError, match="floor b") as caught:
        may_be.best(np.ones(3))
    assert caught.value.key == "constraints_conflict"
    assert Feasible(3, rows[:2]).conflicting() == ()


@pytest.mark.parametrize("seed", range(5))
def test_purses_alone_need_no_linear_programme(seed: int) -> None:
    random = np.random.default_rng(seed)
    row_of = random.permutation(np.arange(30) % 3)
    rows = tuple(
        Row(f"purse {at}", np.flatnonzero(row_of == at), np.ones(10), float(at + 1), float(at + 1))
        for at in range(3)
    )
    may_be = Feasible(30, rows)
    assert may_be.purses is not None
    slope, low = random.normal(size=30), random.uniform(0, 0.05, 30)
    for ends in ((np.zeros(30), np.full(30, np.inf)), (low, low + random.uniform(0.2, 0.5, 30))):
        quick, whole = may_be.best(slope, within=ends), may_be.solved(-slope, ends)
        if whole is None:
            continue
        assert may_be.holds(quick)
        assert slope @ quick == pytest.approx(slope @ whole, abs=1e-9)
    wanted = random.uniform(0.01, 1.0, 30)
    assert may_be.holds(may_be.nearest(wanted))


def test_a_start_is_moved_no_further_than_it_must() -> None:
    may_be = Feasible(3, (purse(3, 6.0), Row("floor", np.array([2]), np.ones(1), 3.0, np.inf)))
    np.testing.assert_allclose(may_be.nearest(np.array([2.0, 1.0, 3.0])), [2.0, 1.0, 3.0])
    moved = may_be.nearest(np.array([4.0, 1.0, 1.0]))
    assert may_be.holds(moved)
    assert np.abs(moved - [4.0, 1.0, 1.0]).sum() == pytest.approx(4.0)


@pytest.mark.parametrize(("bend", "bounded"), [(0.5, True), (2.0, False)])
def test_a_bound_is_given_only_where_responses_bend_downwards(bend: float, bounded: bool) -> None:
    may_be = Feasible(2, (purse(2, 2.0),))

    def gains(x: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
        by_draw = np.stack([((1 + x) ** bend).sum() - 2, -x.sum()])
        slopes = np.stack([bend * (1 + x) ** (bend - 1), -np.ones(2)])
        return by_draw, lambda weights: weights @ slopes

    found = search(objective_of(gains, "mean"), may_be, [np.ones(2), np.array([2.0, 0.0])], steps=5)
    said = certified(found, gains, may_be, 2, bounded=True)
    assert (said.bound is not None) == bounded
    if said.bound is not None:
        assert said.bound >= said.gained
