"""Delivery against Erlang's law, conservation, finite differences, and other ways to the same posterior."""

import numpy as np
import pytest
from scipy.stats import gamma

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.distributions import Z95, Floats
from merida.facts import Facts
from merida.models import delivery
from merida.models.delivery import Theta
from merida.models.delivery_lags import (
    CAPPED,
    NAMES,
    PRIOR,
    STAGES,
    Point,
    conflicts,
    cumulative,
    fit,
    published_points,
)
from merida.units import month_number

HUGE = 1e30


def theta(
    obligate: float = 10.0,
    expend: float = 14.0,
    deliver: float = 4.0,
    lapse: float = 0.05,
    capacity: float = 5e6,
) -> Theta:
    return Theta(*(jnp.full((1, 1), value) for value in (obligate, expend, deliver, lapse, capacity)))


def empty(shape: tuple[int, ...]) -> delivery.State:
    return delivery.State(jnp.zeros((sum(STAGES), *shape)))


def run(chain: Theta, money: Floats) -> tuple[delivery.State, delivery.Flows]:
    """Return the last pipeline and the flows (months, lines, places) for money of that shape."""

    def month(state: delivery.State, new: jax.Array) -> tuple[delivery.State, delivery.Flows]:
        return delivery.delivered(chain, state, new)

    return jax.lax.scan(month, empty(money.shape[1:]), jnp.asarray(money))


def pulse(months: int, usd: float = 1e6) -> Floats:
    money = np.zeros((months, 1, 1))
    money[0] = usd
    return money


def test_every_dollar_is_delivered_pending_or_lapsed_in_every_month() -> None:
    random = np.random.default_rng(0)
    lines, places, months = 3, 4, 80
    chain = Theta(*(jnp.asarray(random.uniform(low, high, (lines, 1))) for low, high in (
        (2, 20), (2, 20), (1, 9), (0, 0.3), (1e5, 1e7)
    )))  # fmt: skip
    money = random.uniform(0, 3e6, (months, lines, places)) * (random.random((months, lines, places)) < 0.5)
    state, step = empty((lines, places)), jax.jit(delivery.delivered)
    out = np.zeros((lines, places))
    for month in range(months):
        state, flows = step(chain, state, jnp.asarray(money[month]))
        out += np.asarray(flows.delivered + flows.lapsed)
        np.testing.assert_allclose(
            money[: month + 1].sum(axis=0), out + state.pending.sum(axis=0), rtol=1e-12
        )
        assert np.all(state.pending >= 0)


@pytest.mark.parametrize(("flow", "stages"), [("obligated", 2), ("expended", 4), ("delivered", 5)])
def test_chain_is_erlangs(flow: str, stages: int) -> None:
    """Five equal stages of T / 2 months each.

    A dollar leaves each stage at the end of a month, so that n stages take sum(ceil(X_i)) months, X_i exponential:
    between the sum of the X_i and that plus n (the bounds, exact), and half a month for each stage after the first
    beyond it on average, to within the curvature of the distribution.
    """
    lag = 18.0
    _, flows = run(theta(lag, lag, lag / 2, 0.0, HUGE), pulse(121))
    found = np.cumsum(np.asarray(getattr(flows, flow))[:, 0, 0]) / 1e6
    months = np.arange(121.0)
    distribution = gamma(stages, scale=lag / 2)
    assert np.all(found <= distribution.cdf(months) + 1e-12)
    assert np.all(found >= distribution.cdf(months - stages) - 1e-12)
    np.testing.assert_allclose(found, distribution.cdf(months - (stages - 1) / 2), atol=0.003)


def test_one_stage_is_exponential_to_the_last_digit() -> None:
    _, flows = run(theta(1e-3, 1e-3, 9.0, 0.0, HUGE), pulse(60))
    found = np.cumsum(np.asarray(flows.delivered)[:, 0, 0])[5:] / 1e6
    np.testing.assert_allclose(found, 1 - np.exp(-np.arange(1, 56) / 9.0), rtol=1e-9)


def test_lapse_is_its_share_of_what_was_appropriated() -> None:
    _, flows = run(theta(lapse=0.2), pulse(1000))
    np.testing.assert_allclose(flows.lapsed.sum(), 0.2 * 1e6, rtol=1e-6)
    np.testing.assert_allclose(flows.delivered.sum(), 0.8 * 1e6, rtol=1e-6)


@pytest.mark.parametrize("usd", [1e5, 1e7, 1e9])
def test_twice_the_dollars_deliver_at_most_twice(usd: float) -> None:
    money = np.full((60, 1, 1), usd)
    once, twice = (np.asarray(run(theta(), m)[1].delivered).cumsum(axis=0) for m in (money, 2 * money))
    assert np.all(twice <= 2 * once * (1 + 1e-12))
    assert np.all(twice >= once)


def test_later_money_never_changes_earlier_deliveries() -> None:
    money = np.random.default_rng(2).uniform(0, 4e6, (60, 2, 3))
    more = money.copy()
    more[30:] *= 5
    once, again = (run(theta(), m)[1] for m in (money, more))
    for flow, changed in zip(once, again, strict=True):
        np.testing.assert_array_equal(flow[:31], changed[:31])
    # Of a line as a whole: its places share one capacity, so that money for one may delay another's.
    less, greater = (np.asarray(f.delivered).sum(axis=2).cumsum(axis=0) for f in (once, again))
    assert np.all(greater >= less * (1 - 1e-12))


def test_capacity_bounds_what_all_places_of_a_line_expend() -> None:
    _, flows = run(theta(capacity=3e6), np.full((60, 1, 5), 1e8))
    spent = np.asarray(flows.expended).sum(axis=2)
    assert spent.max() <= 3e6 * (1 + 1e-12)
    assert spent.max() == pytest.approx(3e6, rel=1e-3)


def test_nothing_in_nothing_out_with_a_finite_slope() -> None:
    state, flows = run(theta(), np.zeros((30, 1, 2)))
    assert all(np.all(np.asarray(flow) == 0) for flow in (*flows, state.pending))
    slope = jax.grad(lambda usd: run(theta(), usd * jnp.ones((30, 1, 1)))[1].delivered.sum())(0.0)
    assert np.isfinite(slope)
    assert slope > 0


@pytest.mark.parametrize("at", range(6))
def test_gradient_is_that_of_differences(at: int) -> None:
    values = np.array([10.0, 14.0, 4.0, 0.05, 2e6, 1e6])

    def total(scaled: jax.Array) -> jax.Array:
        numbers = values * scaled
        chain = Theta(*(numbers[i].reshape(1, 1) for i in range(5)))
        return run(chain, numbers[5] * jnp.ones((48, 1, 1)))[1].delivered.sum() / 1e6

    total = jax.jit(total)
    slope = jax.grad(total)(jnp.ones(6))[at]
    step = 1e-4 * np.eye(6)[at]
    difference = (total(1 + step) - total(1 - step)) / 2e-4
    np.testing.assert_allclose(slope, difference, rtol=1e-5)


def test_numpy_chain_is_the_jax_chain_without_the_bound() -> None:
    monthly = np.random.default_rng(1).uniform(0, 5e7, 48)
    money = np.zeros((96, 1, 1))
    money[:48, 0, 0] = monthly
    _, flows = run(theta(10.0, 14.0, 4.0, 0.05, HUGE), money)
    found = cumulative(np.array([10.0, 14.0, 4.0, 0.05]), monthly, 96)
    for name in ("obligated", "expended", "delivered"):
        sums = np.asarray(getattr(flows, name))[:, 0, 0].cumsum()
        np.testing.assert_allclose(found[name], sums / money[:, 0, 0].cumsum(), rtol=1e-9)


def log_posterior(logs: Floats, points: list[Point], monthly: Floats, first: str) -> float:
    """The density that `fit` approximates, written out again."""
    low, high = np.log(np.array([PRIOR[name] for name in NAMES])).T
    score = ((logs - (low + high) / 2) / ((high - low) / (2 * Z95))) ** 2
    shares = cumulative(
        np.minimum(np.exp(logs), CAPPED),
        monthly,
        1 + max(month_number(p.month) for p in points) - month_number(first),
    )
    misses = [
        (np.log(shares[p.stage][month_number(p.month) - month_number(first)]) - np.log(p.share)) / p.error
        for p in points
    ]
    return float(-(score.sum() + np.square(misses).sum()) / 2)


def test_fit_recovers_what_made_the_points() -> None:
    monthly, first, truth = np.full(72, 2e7), "2007-10", np.array([9.0, 22.0, 5.0, 0.05])
    shares = cumulative(truth, monthly, 120)
    points = [
        Point(f"{stage}{year}", stage, f"{year}-09", float(shares[stage][12 * (year - 2007) - 1]), 0.02)
        for stage in ("obligated", "expended", "delivered")
        for year in (2008, 2009, 2011, 2015)
    ]
    found = fit(points, monthly, first)
    sds = np.sqrt(np.diag(found.root @ found.root.T))
    assert np.all(np.abs(found.mean - np.log(truth)) < 2 * sds)
    assert np.all(sds[:2] < 0.15)  # what twelve points of 2 % leave of the two long lags


def test_no_points_give_the_prior_back() -> None:
    found = fit([], np.full(12, 1e6), "2007-10")
    drawn = found.at(np.array([[-Z95] * 4, [Z95] * 4]) @ np.eye(4))
    for name in NAMES:
        np.testing.assert_allclose(drawn[name], PRIOR[name], rtol=1e-3)


def test_laplace_is_close_to_importance_sampling(facts_2012: Facts) -> None:
    """The normal law is close, and errs on the wide side.

    Tolerances: a third of a standard deviation in the mean; a third in the spread, of which the sample's own error
    is a tenth (effective size above 500). The lag of delivery, of which the points of 2012 say least, comes out a
    quarter too wide.
    """
    points, monthly, first = published_points(facts_2012)
    found = fit(points, monthly, first)
    sds = np.sqrt(np.diag(found.root @ found.root.T))
    random = np.random.default_rng(5)
    t = random.standard_normal((2500, 4)) / np.sqrt(random.chisquare(7, (2500, 1)) / 7)
    logs = found.mean + 1.2 * t @ found.root.T
    proposal = -(7 + 4) / 2 * np.log1p((t**2).sum(axis=1) / 7)
    weights = np.array([log_posterior(one, points, monthly, first) for one in logs]) - proposal
    weights = np.exp(weights - weights.max())
    weights /= weights.sum()
    assert 1 / (weights**2).sum() > 500
    mean = weights @ logs
    spread = np.sqrt(weights @ (logs - mean) ** 2)
    np.testing.assert_allclose((found.mean - mean) / sds, 0, atol=1 / 3)
    np.testing.assert_allclose(sds / spread, 1, atol=0.35)


def test_draws_are_bounded() -> None:
    found = fit([], np.full(12, 1e6), "2007-10").at(np.full((1, 4), 40.0))
    assert tuple(values[0] for values in found.values()) == CAPPED


def test_points_known_in_2012_and_the_published_conflict(facts: Facts, facts_2012: Facts) -> None:
    then, monthly, first = published_points(facts_2012)
    now, _, _ = published_points(facts)
    assert [point.id for point in then] == ["P033", "P034", "P036", "P037", "P039"]
    assert {point.id for point in now} > {point.id for point in then}
    assert max(point.month for point in then) <= "2012-12"
    assert first == "2007-10"
    known = facts_2012.sql("select sum(usd) from appropriations where status = 'verified'").item()
    assert monthly.sum() == pytest.approx(known)
    assert ("P033", "P036") in conflicts(then, facts_2012)
    assert ("P033", "P036") in conflicts(now, facts)


@pytest.mark.parametrize("as_of", ["2009-12", "2010-06", "2010-12", "2011-06", "2014-01"])
def test_points_and_conflicts_at_any_date(as_of: str) -> None:
    facts = Facts(as_of)
    points, monthly, first = published_points(facts)
    conflicts(points, facts)
    found = fit(points, monthly, first)
    assert np.isfinite(found.mean).all()
    assert np.isfinite(found.root).all()
