"""The value of information: closed forms of normal laws, a published model, and what must hold of any table."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.stats import norm

from merida.decide.value_of_information import Value, evpi, evppi, evsi
from merida.distributions import Floats
from tests.decide import chemotherapy

DRAWS, FEWER = 10_000, 2_500


def unit_loss(mean: float, deviation: float) -> float:
    """Return E max(N(mean, deviation), 0) - max(mean, 0)."""
    m, s = mean, deviation
    return float(m * norm.cdf(m / s) + s * norm.pdf(m / s) - max(m, 0.0))


def against_nothing(benefit: Floats) -> Floats:
    return np.stack([np.zeros_like(benefit), benefit], axis=1)


def close(found: Value, truth: float, errors: float = 3.0) -> bool:
    return bool(abs(found.value - truth) < errors * found.standard_error)


@pytest.mark.parametrize(
    ("factor", "all_of_it", "first", "second"),
    [
        (1, 0.4798107, 0.0833155, 0.3955931),
        (2, 0.3992825, 0.1666309, 0.1666309),
        (3, 0.4094634, 0.2499464, 0.0586136),
    ],
)
def test_normal_laws(factor: int, all_of_it: float, first: float, second: float) -> None:
    assert unit_loss(factor, (factor**2 + 4) ** 0.5) == pytest.approx(all_of_it, abs=5e-8)
    random = np.random.default_rng(1)
    one, two = random.normal(1, 1, DRAWS), random.normal(0, 2, DRAWS)
    benefits = against_nothing(factor * one - two)
    assert close(evpi(benefits), all_of_it)
    each = evppi(benefits, np.stack([one, two], axis=1))
    for at, truth in enumerate((first, second)):
        assert close(Value(each.value[at], each.standard_error[at]), truth)  # type: ignore[index]
    both = np.stack([one, two], axis=1)[:FEWER]
    assert close(evppi(benefits[:FEWER], both, together=True), all_of_it)


def test_normal_laws_that_leave_the_choice_open_and_one_that_rests_on_another() -> None:
    random = np.random.default_rng(2)
    one, two = random.normal(0, 1, DRAWS), random.normal(0, 2, DRAWS)
    benefits = against_nothing(one + two)
    assert close(evpi(benefits), 0.8920621)
    assert close(evppi(benefits, one), 0.3989423)
    assert close(evppi(benefits, two), 0.7978846)
    first = random.normal(1, 1, DRAWS)
    assert close(evppi(against_nothing(first + random.normal(first, 2)), first), 0.1666309)


def test_estimates_are_right_on_average_and_their_errors_are_of_the_right_size() -> None:
    found = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        one, two = random.normal(1, 1, 1000), random.normal(0, 2, 1000)
        found.append(evppi(against_nothing(one - two), one))
    values = np.array([one.value for one in found])
    assert abs(values.mean() - 0.0833155) < 3 * values.std() / 40**0.5
    assert 0.5 < np.mean([one.standard_error for one in found]) / values.std() < 2


def test_chemotherapy_model_as_published() -> None:
    drawn = chemotherapy.parameters(10_000, seed=2)
    benefits = chemotherapy.net_benefit(drawn)
    second, odds = drawn["p_side_effects_t2"], drawn["logor_side_effects"]
    # Published: from 10,000 draws of its own, so that both sides have an error.
    for found, published in (
        (evpi(benefits), 368.6051),
        (evppi(benefits, second), 262.11),
        (evppi(benefits, np.stack([second, odds], axis=1), together=True), 333.45),
    ):
        assert abs(found.value - published) < 3 * 2**0.5 * found.standard_error
        assert found.standard_error < 0.03 * published
    random = np.random.default_rng(3)
    shares = np.stack([drawn["p_side_effects_t1"], second], axis=1)
    assert abs(evsi(benefits, random.binomial(100, shares)).value - 242.13) < 20


@pytest.mark.parametrize("error", [0.5, 1.0, 3.0])
def test_a_trial_is_worth_what_its_size_gives(error: float) -> None:
    random = np.random.default_rng(4)
    effect = random.normal(0.3, 1, DRAWS)
    reported = effect + random.normal(0, error, DRAWS)
    truth = unit_loss(0.3, 1 / (1 + error**2) ** 0.5)
    found = evsi(against_nothing(effect), reported)
    assert close(found, truth)
    assert found.value <= evppi(against_nothing(effect), effect).value
    twice = np.stack([reported, effect + random.normal(0, error, DRAWS)], axis=1)[:FEWER]
    assert close(evsi(against_nothing(effect[:FEWER]), twice), unit_loss(0.3, 1 / (1 + error**2 / 2) ** 0.5))


def test_several_options() -> None:
    random = np.random.default_rng(5)
    means = random.normal(0, 1, (FEWER, 3))
    truth = 3 / (2 * np.pi**0.5)  # the expected largest of three standard normal draws
    assert close(evpi(means), truth)
    assert close(evppi(means, means, together=True), truth)


def test_interactions_count_in_a_group() -> None:
    random = np.random.default_rng(6)
    columns = random.normal(0, 1, (FEWER, 14))
    expected = columns[:, 0] * columns[:, 1] + 0.3 * columns[:, 2] - 0.3
    found = evppi(against_nothing(expected + random.normal(0, 1, FEWER)), columns, together=True)
    assert close(found, float(np.maximum(expected, 0).mean()))


def test_what_says_nothing_is_worth_nothing() -> None:
    random = np.random.default_rng(7)
    benefits = against_nothing(random.normal(0.1, 1, DRAWS))
    noise = random.normal(0, 1, (DRAWS, 10))
    each = evppi(benefits, np.c_[noise, np.full(DRAWS, 3.0), random.integers(0, 3, DRAWS)])
    value, error = np.asarray(each.value), np.asarray(each.standard_error)
    assert value[10] == 0.0
    assert error[10] == 0.0
    assert (value <= 3 * error).all()
    assert value.mean() < 0.01 * float(evpi(benefits).value)
    together = evppi(benefits[:FEWER], noise[:FEWER, :5], together=True)
    assert together.value < 0.05 * float(evpi(benefits).value)
    assert evppi(benefits, np.ones((DRAWS, 2)), together=True) == Value(0.0, 0.0)
    assert evppi(benefits[:, :1], noise[:, 0]) == Value(0.0, 0.0)


def test_values_lie_between_nothing_and_all_of_it_and_few_values_are_means() -> None:
    random = np.random.default_rng(8)
    state = random.integers(0, 2, DRAWS)
    benefits = against_nothing(np.where(state == 1, 1.0, -1.0))
    assert evppi(benefits, state).value == pytest.approx(float(evpi(benefits).value))
    heavy = against_nothing(random.standard_t(2, DRAWS))
    each = np.asarray(evppi(heavy, random.normal(0, 1, (DRAWS, 5))).value)
    assert (each >= 0).all()
    assert (each <= float(evpi(heavy).value)).all()


def test_values_scale_with_money_and_do_not_change_with_a_constant_or_a_monotone_parameter() -> None:
    random = np.random.default_rng(9)
    one = random.normal(0.2, 1, 2000)
    benefits = against_nothing(one + random.normal(0, 1, 2000))
    base = evppi(benefits, one)
    assert evppi(1e9 * benefits, one).value == pytest.approx(1e9 * float(base.value))
    assert evppi(benefits + 7.0, np.exp(one)).value == pytest.approx(float(base.value))


def test_a_table_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="draws by options"):
        evpi([1.0, 2.0])
    with pytest.raises(ValueError, match="finite"):
        evpi([[np.nan, 1.0]] * 8)
    with pytest.raises(ValueError, match="one row for each draw"):
        evppi(np.ones((8, 2)), np.ones((7, 2)))


def test_all_parameters_of_ten_thousand_draws_take_less_than_ten_seconds_of_a_processor() -> None:
    random = np.random.default_rng(10)
    benefits, drawn = random.normal(0, 1, (DRAWS, 2)), random.normal(0, 1, (DRAWS, 230))
    begun = time.process_time()
    evppi(benefits, drawn)
    assert time.process_time() - begun < 10
