"""Delivery against Erlang's law, conservation, finite differences, and other ways to the same posterior."""

from dataclasses import replace

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
    APART,
    CAPPED,
    COUNT,
    LAWS,
    NAMES,
    PRIOR,
    SCOPES,
    STAGES,
    Point,
    Record,
    by_law,
    conflicts,
    cumulative,
    expended,
    fit,
    mixed,
    predicted,
    record,
)

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
    monthly = np.pad(np.random.default_rng(1).uniform(0, 5e7, 48), (0, 48))
    _, flows = run(theta(10.0, 14.0, 4.0, 0.05, HUGE), monthly[:, None, None])
    values = np.array([10.0, 14.0, 4.0, 0.05])
    found = cumulative(values, monthly)
    for name in ("obligated", "expended", "delivered"):
        np.testing.assert_allclose(found[name], np.asarray(getattr(flows, name))[:, 0, 0].cumsum(), rtol=1e-9)
    obligated = np.asarray(flows.obligated)[:, 0, 0]
    np.testing.assert_allclose(
        expended(obligated, values), np.asarray(flows.expended)[:, 0, 0], rtol=1e-9, atol=1e-3
    )


YEARS = 14
TRUTH = {
    "incle": np.array([9.0, 22.0, 5.0, 0.1]),
    "esf": np.array([5.0, 14.0, 3.0, 0.05]),
    "fmf": np.array([9.0, 18.0, 4.0, 0.07]),
    "other": np.array([9.0, 18.0, 4.0, 0.07]),
}


def made_record() -> Record:
    """A record whose every point is what known lags make of it."""
    even = np.full(12 * YEARS, 2e7)
    appropriated = {law: even if law in ("incle", "esf") else 0 * even for law in LAWS}
    obligated = {law: np.tile([0.0] * 6 + [3e7] * 6, 2 * YEARS) for law in ("incle", "esf")}
    blank = [
        *(
            Point(f"{stage}{year}", stage, scope, scope, f"{year}-09", 1.0, 0.02)
            for stage, scope in (("obligated", "incle"), ("obligated", "esf"), ("delivered", "initiative"))
            for year in (2008, 2009, 2011)
        ),
        *(
            Point(f"paid{year}", "paid", scope, scope, f"{year}-09", 1.0, 0.02)
            for scope in ("usaid", "all_agencies")
            for year in range(1996, 2012)
        ),
    ]
    bare = Record(tuple(blank), appropriated, obligated)
    values = predicted(TRUTH, bare).tolist()
    return replace(bare, points=tuple(replace(p, value=v) for p, v in zip(blank, values, strict=True)))


def test_fit_recovers_the_lags_of_each_account() -> None:
    made = made_record()
    found = fit(made)
    drawn = found.at(np.random.default_rng(3).standard_normal((4000, COUNT)))
    for law in ("incle", "esf"):
        logs = np.log(drawn[law])
        assert np.all(np.abs(logs.mean(axis=0) - np.log(TRUTH[law])) < 2 * logs.std(axis=0))
        assert (
            logs.std(axis=0)[1] < 0.2
        )  # expending: what twenty yearly sums of 2 % and an unknown scope leave
    assert np.median(drawn["esf"][:, 1]) < np.median(drawn["incle"][:, 1]) - 4  # told apart: 14 and 22 months


def test_one_law_for_all_where_accounts_do_not_lie_apart() -> None:
    drawn = fit(made_record(), np.zeros(4)).at(np.random.default_rng(3).standard_normal((5, COUNT)))
    for law in LAWS[1:]:
        np.testing.assert_array_equal(drawn[law], drawn[LAWS[0]])


def test_a_paid_year_by_hand() -> None:
    """A dollar obligated in one month, one stage a month long: what a fiscal year pays is a sum of twelve terms."""
    money = np.zeros(36)
    money[0] = 100.0
    values = np.array([1.0, 2e-3, 1.0, 0.25])  # both stages pass on all they hold each month
    found = expended(money, values)
    assert found[2] == pytest.approx(75.0)
    assert found.sum() == pytest.approx(75.0)


def test_no_points_give_the_prior_back() -> None:
    found = fit(Record((), {}, {}))
    drawn = found.at(np.array([[-Z95] * 4 + [0.0] * 16, [Z95] * 4 + [0.0] * 16]))
    for law in LAWS:
        for number, name in enumerate(NAMES):
            np.testing.assert_allclose(drawn[law][:, number], PRIOR[name], rtol=1e-3)


def log_posterior(values: Floats, made: Record) -> float:
    """The density that `fit` approximates, written out again."""
    low, high = np.log(np.array([PRIOR[name] for name in NAMES])).T
    score = np.square((values[:4] - (low + high) / 2) / ((high - low) / (2 * Z95))).sum()
    score += np.square(values[4:COUNT]).sum()
    scopes = sorted({p.scope for p in made.points})
    score += sum((values[COUNT + at] / SCOPES[name]) ** 2 for at, name in enumerate(scopes))
    expected = np.log(predicted(by_law(values, APART), made))
    for p, value in zip(made.points, expected, strict=True):
        alike = sum((q.stage, q.scope) == (p.stage, p.scope) for q in made.points)
        error = p.error * (1 if p.stage == "paid" else max(1, alike / 3) ** 0.5)
        score += ((value + values[COUNT + scopes.index(p.scope)] - np.log(p.value)) / error) ** 2
    return float(-score / 2)


def test_laplace_is_close_to_importance_sampling(facts_2012: Facts) -> None:
    """The normal law is close: a third of a standard deviation in the mean, a quarter in the spread."""
    made = record(facts_2012)
    found = fit(made)
    sds = np.sqrt(np.diag(found.root @ found.root.T))
    random = np.random.default_rng(5)
    size = len(found.mean)
    t = random.standard_normal((3000, size)) / np.sqrt(random.chisquare(12, (3000, 1)) / 12)
    logs = found.mean + 1.05 * t @ found.root.T
    proposal = -(12 + size) / 2 * np.log1p((t**2).sum(axis=1) / 12)
    weights = np.array([log_posterior(one, made) for one in logs]) - proposal
    weights = np.exp(weights - weights.max())
    weights /= weights.sum()
    assert 1 / (weights**2).sum() > 400
    mean = weights @ logs
    spread = np.sqrt(weights @ (logs - mean) ** 2)
    np.testing.assert_allclose(((found.mean - mean) / sds)[:COUNT], 0, atol=1 / 3)
    np.testing.assert_allclose((sds / spread)[:COUNT], 1, atol=0.25)


def test_draws_are_bounded() -> None:
    found = fit(Record((), {}, {})).at(np.full((1, COUNT), 40.0))
    for values in found.values():
        assert tuple(values[0]) == CAPPED


def test_points_known_in_2012(facts: Facts, facts_2012: Facts) -> None:
    then, now = record(facts_2012), record(facts)
    ids = {point.id for point in then.points}
    assert {"P033", "P034", "P036", "P037", "P039", "paid_usaid_2011", "paid_all_agencies_2011"} <= ids
    assert not ids & {"P041", "paid_usaid_2012", "paid_all_agencies_2012", "obligated_incle_2012"}
    assert ids < {point.id for point in now.points}
    known = facts_2012.sql("select sum(usd) from appropriations where status = 'verified'").item()
    assert sum(float(money.sum()) for money in then.appropriated.values()) == pytest.approx(known)
    whole = facts.sql(
        """select sum(usd) from foreign_assistance where stage = 'obligated' and latest and fiscal_year >= 1995"""
    ).item()
    assert sum(float(money.sum()) for money in now.obligated.values()) == pytest.approx(whole)


def test_checks_fire_when_obligations_fall_or_scopes_mix(facts: Facts, facts_2012: Facts) -> None:
    assert ("P033", "P036") in conflicts(facts_2012)
    fell = conflicts(facts)
    assert ("P033", "P036") in fell
    assert ("Development Assistance, 2019", "Development Assistance, 2020") in fell
    # P033 and P034 are of Mexico and Central America over Mexico's money; by 2017 the base is of all accounts.
    assert mixed(record(facts).points) == ["P033", "P034", "P043"]


@pytest.mark.parametrize("as_of", ["2008-06", "2009-12", "2010-06", "2010-12", "2011-06", "2014-01"])
def test_points_and_conflicts_at_any_date(as_of: str) -> None:
    facts = Facts(as_of)
    conflicts(facts)
    found = fit(record(facts))
    assert np.isfinite(found.mean).all()
    assert np.isfinite(found.root).all()


def test_each_account_has_its_own_lags(facts_2012: Facts) -> None:
    """A dollar of aid by one account arrives by that account's law, and the ledger keeps every dollar."""
    drawn = fit(record(facts_2012)).at(np.zeros((1, COUNT)))
    incle, esf = (
        np.asarray(
            run(theta(*drawn[law][0].tolist(), HUGE), pulse(48))[1].obligated  # type: ignore[arg-type]
        )[:, 0, 0].cumsum()
        for law in ("incle", "esf")
    )
    assert np.all(esf[3:] > incle[3:])  # USAID's account is obligated sooner
