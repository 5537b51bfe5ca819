"""The forecast given what is known after the panel: the conditioned law against closed forms, and what it may see."""

from dataclasses import replace

import numpy as np
import pytest

from merida.facts import Facts
from merida.violence.forecasting import Forecast, fitted, shares, sights, trend
from merida.violence.later import Later, later
from merida.violence.panel import panel, summed
from tests.violence.forecasting.panels import small

YEARS = 6


def known_since(years: int = 1, state_months: int = 4, victims: int = 20, seed: int = 2) -> Later:
    """Return later observations of the small panel, of deaths that go on as before."""
    random = np.random.default_rng(seed)
    means = np.array([3.0, 0.2, 8.0, 0.0, 1.0, 0.5])
    by_state = np.array([3.2, 8.0, 1.5])
    return Later(
        registered=random.poisson(np.repeat(12 * means[:, None], 5 + years, axis=1)),
        nowhere={"01999": np.full(5 + years, 1), "99999": np.full(5 + years, 2)},
        state_months=random.poisson(np.repeat(by_state[:, None], 36 + state_months, axis=1)),
        victims=random.poisson(np.repeat(0.9 * by_state[:, None], 48 + victims, axis=1)),
        overlaps=(5, 36, 48),
    )


@pytest.fixture(scope="module")
def made() -> Forecast:
    return fitted(small(YEARS), 30, seed=3, since=known_since())


def test_draws_follow_the_law_given_the_observations() -> None:
    """Mean and covariance against the joint normal law of path and observations, and draws against both."""
    random = np.random.default_rng(1)
    root, spans = random.standard_normal((1, 4, 6)), np.array([[1.0, 0, 0], [0, 0.5, 0.5]])
    basis, values = np.array([[[0.5, 0.2], [0.2, 0.7]]]), np.array([[1.0, -2.0]])
    centre = np.array([0.3, -0.2, 0.1, 0.5])
    law = sights.conditioned(sights.Sight(spans, values, basis), centre, root, np.array([0.3]))
    h = np.pad(spans, ((0, 0), (0, 1)))
    # the inverse of the covariance, and the mean, of prior and observations as two independent sources
    prior, noise = np.linalg.inv(root[0] @ root[0].T), np.linalg.inv(basis[0] + 0.3 * spans @ spans.T)
    covariance = np.linalg.inv(prior + h.T @ noise @ h)
    mean = covariance @ (prior @ centre + h.T @ noise @ values[0])
    np.testing.assert_allclose(law.mean[0], mean)
    np.testing.assert_allclose(law.root[0] @ law.root[0].T, covariance, atol=1e-9)
    draws = np.array([law.drawn(random.standard_normal((1, 4)))[0] for _ in range(20_000)])
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=4 * np.sqrt(covariance.max() / 20_000))
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.04 * covariance.max())


def test_without_observations_it_is_the_law() -> None:
    nothing = sights.Sight(np.zeros((0, 3)), np.zeros((1, 0)), np.zeros((1, 0, 0)))
    root = np.tril(np.ones((1, 3, 3)))
    law = sights.conditioned(nothing, np.array([1.0, 2.0, 3.0]), root, np.array([0.1]))
    np.testing.assert_array_equal(law.mean, [[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(law.root, root, atol=1e-9)


def test_the_root_is_the_recursion_s() -> None:
    """A A' against the covariance of levels and drift worked by the matrices of the trend."""
    path = trend.Trend(0.05, 0.04, 0.01, 0.9)
    start, step = np.array([[0.2, 0.0], [0.1, 0.3]]), np.array([[1.0, 1.0], [0.0, 0.9]])
    shock, root = np.diag([0.04**2, 0.01**2]), path.root(start, 3)
    covariance = start @ start.T
    for month in range(3):
        covariance = step @ covariance @ step.T + shock
        np.testing.assert_allclose(root[month] @ root[month], covariance[0, 0])
    np.testing.assert_allclose(root[3] @ root[3], covariance[1, 1])
    np.testing.assert_allclose(root[2] @ root[3], covariance[0, 1])


def test_a_ratio_is_a_local_level() -> None:
    """The filter of ratios against the normal law of level and observations, by matrices."""
    random = np.random.default_rng(4)
    x, noise, step = random.standard_normal((1, 5)), np.array([[0.3, 0.2, 0.5, 0.4, 0.3]]), 0.15
    mean, variance, likelihood = sights.filtered(x, step, noise)
    at = np.arange(5)
    # given the first, the level starts at it with the variance of its noise
    prior = noise[0, 0] + step * np.minimum(at[1:, None], at[1:])
    total = prior + np.diag(noise[0, 1:])
    apart = x[0, 1:] - x[0, 0]
    assert mean[0] == pytest.approx(x[0, 0] + prior[-1] @ np.linalg.solve(total, apart))
    assert variance[0] == pytest.approx(prior[-1, -1] - prior[-1] @ np.linalg.solve(total, prior[-1]))
    density = -0.5 * (np.linalg.slogdet(2 * np.pi * total)[1] + apart @ np.linalg.solve(total, apart))
    assert likelihood == pytest.approx(density)


def test_factors_are_gamma_poisson() -> None:
    """One place of two, worked by hand: shape 4, 30 of 100 deaths where 20 were expected, no noise of basis."""
    found = shares.factors(
        np.array([[30.0], [70.0]]), np.array([0.2, 0.8]), np.array([0, 0]), lambda _: np.full(2, 4.0),
        np.array([1.0, 1.0]), 0.0,
    )  # fmt: skip
    (mean, shape), (after, wider) = found
    assert mean[0] == pytest.approx((4 + 30) / (4 + 20))
    assert shape[0] == 4 + 30
    np.testing.assert_array_equal(after, mean)
    assert 1 / wider[0] == pytest.approx(1 / 34 + 1 / 4)
    halved = shares.factors(
        np.array([[30.0], [70.0]]), np.array([0.2, 0.8]), np.array([0, 0]), lambda _: np.full(2, 4.0),
        np.array([1.0, 1.0]), 1.0,
    )  # fmt: skip
    assert halved[0][0][0] == pytest.approx((4 + 15) / (4 + 10))  # a death of another basis counts half


def test_the_season_is_recovered() -> None:
    random, months = np.random.default_rng(3), np.arange(120)
    wave = 0.1 * np.sin(2 * np.pi * months / 12)
    found = trend.season(5 + 0.001 * months + wave + 0.01 * random.standard_normal(120))
    np.testing.assert_allclose(found, wave[:12], atol=0.02)
    assert abs(trend.season(5 + 0.1 * random.standard_normal(120))).max() < 0.06
    assert found.sum() == pytest.approx(0, abs=1e-9)


def test_what_is_estimated_adds_up_and_months_only_cut(made: Forecast) -> None:
    assert (made.estimated, made.years_since, made.first_month, made.last_year) == (20, 1, "2013-09", 2012)
    once = made.log_rates(2, back=20)
    np.testing.assert_array_equal(made.log_rates(2), once[:, 20:])
    np.testing.assert_array_equal(made.log_rates(2, back=5), once[:, 15:])
    np.testing.assert_array_equal(replace(made, months=4).log_rates(2, back=20), once[:, :24])
    nation = made.nation(2)
    np.testing.assert_allclose(np.exp(once).sum(axis=0), np.exp(nation))
    known = made.known
    by_state = summed(np.exp(once[:6]), known.state_of, 3)
    np.testing.assert_allclose(by_state / by_state.sum(axis=0), made.state_shares(2))


def test_the_paths_go_where_the_observations_are() -> None:
    """Twice the victims and registered deaths in the first state move its estimate; the others' shares give way."""
    since, at = known_since(), np.array([0])
    more = replace(
        since,
        victims=np.where(np.arange(68) >= 48, since.victims * np.array([[4], [1], [1]]), since.victims),
        registered=np.where(
            np.arange(6) >= 5, since.registered * np.array([[4], [4], [1], [1], [1], [1]]), since.registered
        ),
    )
    low, high = (fitted(small(YEARS), 1, since=one) for one in (since, more))
    share = [np.mean([path.state_shares(k)[at, 12] for k in range(40)]) for path in (low, high)]
    assert 0.15 < share[0] < 0.4
    assert share[1] > 1.6 * share[0]
    spread = np.std([low.nation(k)[12] for k in range(200)])
    blind = np.std([fitted(small(YEARS), 20).nation(k)[12] for k in range(200)])
    assert spread < 0.6 * blind


def test_estimates_of_a_place_are_those_of_the_rates(made: Forecast) -> None:
    for place, rows in (("MX", slice(0, 6)), ("02", slice(2, 4)), ("02001", slice(2, 3))):
        drawn = made.estimates(place, 300)
        mean = np.mean([np.exp(made.log_rates(k, 20)[rows, :20]).sum(axis=0) for k in range(300)], axis=0)
        assert drawn.mean() == pytest.approx(mean.mean(), rel=0.05)


def test_later_rows_change_nothing_before_they_are_published() -> None:
    """As of a date no row published after it is seen; what is cut in a test of the forecast is not used either."""
    then = Facts("2019-12")
    known = panel(then)
    seen = later(then, known)
    assert (known.last_year, seen.years, seen.ends(known)) == (2018, 0, {"victims": "2019-11"})
    assert later(Facts("2012-12"), panel(Facts("2012-12"))).months == 0
    whole = later(Facts(), panel(Facts(), 2018))
    cut = whole.until(3, 12, 42)
    planted = replace(
        whole,
        registered=np.where(np.arange(whole.registered.shape[1]) >= 13, 10_000, whole.registered),
        victims=np.where(np.arange(whole.victims.shape[1]) >= 48 + 42, 10_000, whole.victims),
        state_months=np.where(np.arange(whole.state_months.shape[1]) >= 36 + 12, 10_000, whole.state_months),
    ).until(3, 12, 42)
    for one, other in zip(
        (cut.registered, cut.victims, cut.state_months),
        (planted.registered, planted.victims, planted.state_months),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    assert cut.ends(panel(Facts(), 2018)) == {
        "registered": "2021",
        "state_months": "2019-12",
        "victims": "2022-06",
    }


def test_the_record_s_end() -> None:
    facts = Facts()
    known = panel(facts)
    since = later(facts, known)
    assert since.ends(known) == {"registered": "2024", "state_months": "2022-12", "victims": "2025-06"}
    placed = since.registered[:, 10:].sum(axis=0) + sum(deaths[10:] for deaths in since.nowhere.values())
    assert placed.tolist() == [33287, 32252, 33550]  # INEGI, less deaths abroad
