"""The forecast: what its draws depend on, what adds up, and each of its parts against closed forms."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from merida import Lab
from merida.errors import RequestError, ViolenceError
from merida.facts import Facts
from merida.violence.forecasting import Forecast, forecast, shares, trend
from merida.violence.forecasting.fitting import fitted
from merida.violence.forecasting.forecast import PRIORS
from merida.violence.forecasting.samples import checked
from merida.violence.forecasting.sampling import gamma, keyed, negative_binomial, normal, uniform
from merida.violence.panel import ENOUGH, Panel, month_lengths, panel
from tests.violence.forecasting.panels import small


@pytest.fixture(scope="module")
def made() -> Forecast:
    return fitted(small(), 100, seed=3)


@pytest.fixture(scope="module")
def real(facts_2012: Facts) -> Forecast:
    return forecast(facts_2012, 24, seed=1)


def with_panel(whole: Forecast, known: Panel) -> Forecast:
    """Return the same parameters on another panel."""
    return replace(whole, known=known)


def test_draws_depend_on_seed_and_number_and_months_only_cut(made: Forecast) -> None:
    once = made.log_rates(2)
    np.testing.assert_array_equal(once, fitted(small(), 100, seed=3).log_rates(2))
    np.testing.assert_array_equal(replace(made, months=30).log_rates(2), once[:, :30])
    assert not np.any(once == made.log_rates(3))
    assert not np.any(once[:, 1:] == replace(made, seed=4).log_rates(2)[:, 1:])
    assert np.isfinite(once).all()


def test_draws_are_the_same_in_every_process() -> None:
    code = (
        "from tests.violence.forecasting.panels import small\n"
        "from merida.violence.forecasting.fitting import fitted\nimport hashlib\n"
        "print(hashlib.sha256(fitted(small(), 24).samples(3).counts.tobytes()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(found) == 1


def test_order_of_municipalities_permutes_the_result(made: Forecast) -> None:
    known, at = made.known, np.array([1, 0, 3, 2, 5, 4])
    other = with_panel(
        made,
        replace(
            known,
            places=tuple(known.places[i] for i in at),
            population=known.population[at],
            deaths=known.deaths[at],
        ),
    )
    # sums over places depend on their order in the last digit
    np.testing.assert_allclose(other.log_rates(1)[:6], made.log_rates(1)[:6][at], rtol=1e-10, atol=1e-10)


def test_a_municipality_split_in_two_changes_no_total(made: Forecast) -> None:
    known = made.known
    part = np.random.default_rng(1).binomial(known.deaths[0], 0.6)
    split = with_panel(
        made,
        replace(
            known,
            places=("01001", "01901", *known.places[1:]),
            states=("01", *known.states),
            population=np.array([6e4, 4e4, *known.population[1:]]),
            deaths=np.vstack([part, known.deaths[0] - part, known.deaths[1:]]),
        ),
    )
    for draw in range(3):
        once, twice = np.exp(made.log_rates(draw)), np.exp(split.log_rates(draw))
        np.testing.assert_allclose(twice[:3].sum(axis=0), once[:2].sum(axis=0), rtol=1e-10)
        np.testing.assert_allclose(twice[3:], once[2:], rtol=1e-10)


def test_states_and_nation_are_the_sums(made: Forecast) -> None:
    rates = np.exp(made.log_rates(4))
    known = np.exp(made.nation(4)) * (1 - made.known.unknown[-1])
    np.testing.assert_allclose(rates[:6].sum(axis=0), known, rtol=1e-10)
    np.testing.assert_allclose(rates[6:].sum(axis=0), np.exp(made.nation(4)) * 0.02, rtol=1e-10)
    # three of the twelve unknown deaths lie in state 01
    np.testing.assert_allclose(rates[6] / rates[6:].sum(axis=0), 0.25, rtol=1e-10)
    sample = replace(made, months=24).samples(5)
    assert sample.counts.shape == (5, 6, 24)
    assert np.issubdtype(sample.counts.dtype, np.integer)
    states = sum(sample.of(state) for state in ("01", "02", "03"))
    np.testing.assert_array_equal(states, sample.of("MX"))
    np.testing.assert_array_equal(sample.of("02001"), sample.counts[:, 2])


def test_one_draw_of_many_is_that_draw(made: Forecast) -> None:
    short = replace(made, months=12)
    np.testing.assert_array_equal(short.samples(4).counts[2], short.counts(2))


def test_counts_have_the_spread_that_was_fitted(made: Forecast) -> None:
    """Given its rate, a month's count is negative binomial: mean r, variance r + r^2 / shape."""
    short = replace(made, months=1)
    short.__dict__["log_rates"] = lambda draw, back=0: np.log(np.full((8, 1), 6.0))
    counts = np.array([short.counts(k)[2, 0] for k in range(4000)])
    variance = 6 + 36 / short.noise_shape[2]
    assert abs(counts.mean() - 6) < 4 * np.sqrt(variance / 4000)
    # the standard error of a variance of such counts is below 5 %
    assert counts.var() == pytest.approx(variance, rel=0.2)


def test_first_year_of_a_state_has_the_spread_that_was_fitted(made: Forecast) -> None:
    """The log of a state's share over its first year has the variance that the strengths say, less its sum's."""
    share = made.shared[0]
    expected = 1 / made.state_strengths.year_shape(share * 12 * np.exp(made.level[0][0]))
    paths = np.array([np.log(made.state_shares(k)[:, :12]) for k in range(3000)])
    # the difference of two states' logs holds no sum over states; for small variances their means are alike
    yearly = (paths[:, 0] - paths[:, 2]).mean(axis=1)
    assert 0 < made.assumed("states.at_once") < 1
    assert yearly.var() == pytest.approx(expected[0] + expected[2], rel=0.15)  # heavy tails: error of 4 %


def test_the_long_run_goes_back_to_the_record(made: Forecast) -> None:
    far = replace(made, months=600)
    ends = np.array([far.nation(k)[-1] for k in range(300)])
    goal = made.long_run[0]
    assert abs(ends.mean() - goal) < 4 * ends.std() / np.sqrt(300) + 0.03  # the length of the month


def test_the_record_of_2012(real: Forecast, facts_2012: Facts) -> None:
    assert real.first_month == "2012-01"
    assert len(real.known.places) == 2443
    deaths = facts_2012.sql(
        "select sum(deaths) from homicides_month where basis = 'occurrence' and year = 2011"
    ).item()
    assert real.known.deaths[:, -12:].sum() == deaths
    assert (real.population[2443:] == 0).all()
    assert all(code.endswith("999") for code in real.nowhere)
    # the level is that of the last months, within the noise of one
    assert np.exp(real.level[0][0]) == pytest.approx(deaths / 12, rel=0.2)
    np.testing.assert_allclose(real.expected.sum(), np.exp(real.level[0][0]), rtol=1e-9)


def test_late_registration_is_put_back() -> None:
    now, then = panel(Facts()), panel(Facts(), 2011)
    # the states' file holds a year more of registrations: December 2021 lacks most
    assert now.complete[-1] < now.complete[-6] < 1.001
    assert 0.9 < now.complete[-1] < 0.97
    assert (then.complete > 0.985).all()
    assert then.last_year == 2011


def test_a_row_published_later_changes_nothing(facts_2012: Facts) -> None:
    assert panel(facts_2012).deaths.tobytes() == panel(Facts("2013-09"), 2011).deaths.tobytes()


@pytest.mark.parametrize(
    ("months", "draws", "key"), [(0, 10, "horizon"), (61, 10, "horizon"), (12, 0, "no_draws")]
)
def test_bad_horizons_and_draws(months: int, draws: int, key: str) -> None:
    with pytest.raises(ViolenceError) as caught:
        checked(months, draws)
    assert caught.value.key == key
    with pytest.raises(RequestError):
        Lab().violence.forecast(months=months, draws=draws)


def test_too_early_a_date() -> None:
    with pytest.raises(ViolenceError) as caught:
        panel(Facts("1992-01"))
    assert caught.value.key == "too_early"
    early = panel(Facts("2000-01"))  # by registration, where occurrence is too short
    assert early.first_year == 1990
    assert early.deaths.shape[1] >= ENOUGH


def test_months_have_their_length() -> None:
    lengths = month_lengths(2011, 16)[11:15] * 365.25 / 12
    np.testing.assert_allclose(lengths, [31, 31, 29, 31])


# --- the nation's trend ---------------------------------------------------------------------------------------------


def test_filter_equals_the_multivariate_normal() -> None:
    """The Kalman likelihood of a series is its joint normal density, built from the model's covariances."""
    model = trend.Trend(0.06, 0.04, 0.01, 0.9)
    random = np.random.default_rng(0)
    x = 7 + 0.1 * random.standard_normal(9)
    move = np.array([[1.0, 1.0], [0.0, 0.9]])
    shocks = np.diag([0.04**2, 0.01**2])
    state = np.diag([0.1, 0.002])
    steps = len(x) - 1
    powers = [np.linalg.matrix_power(move, k) for k in range(steps + 1)]
    cov = np.empty((steps, steps))
    for i in range(1, steps + 1):
        for j in range(i, steps + 1):
            joint = powers[i] @ state @ powers[j].T
            for k in range(1, i + 1):
                joint = joint + powers[i - k] @ shocks @ powers[j - k].T
            cov[i - 1, j - 1] = cov[j - 1, i - 1] = joint[0, 0]
    cov += 0.06**2 * np.eye(steps)
    exact = stats.multivariate_normal(np.full(steps, x[0]), cov).logpdf(x[1:])
    assert model.filtered(x)[2] == pytest.approx(exact, abs=1e-8)


def test_trend_is_recovered() -> None:
    random = np.random.default_rng(1)
    level, drift, x = 7.0, 0.0, []
    for _ in range(600):
        level, drift = (
            level + drift + 0.045 * random.standard_normal(),
            0.9 * drift + 0.007 * random.standard_normal(),
        )
        x.append(level + 0.05 * random.standard_normal())
    found = trend.fit(np.array(x), PRIORS)
    # 600 months leave the standard deviations an error of about a tenth; priors draw towards nearby values
    assert found.noise == pytest.approx(0.05, rel=0.25)
    assert found.level == pytest.approx(0.045, rel=0.25)


# --- shares ---------------------------------------------------------------------------------------------------------


def test_negative_binomial_is_scipys() -> None:
    count, mean, shape = np.array([0.0, 3.0, 40.0]), np.array([0.2, 4.0, 25.0]), np.array([0.5, 2.0, 8.0])
    np.testing.assert_allclose(
        shares.log_negative_binomial(count, mean, shape),
        stats.nbinom.logpmf(count, shape, shape / (shape + mean)),
        rtol=1e-10,
    )


def test_shares_sum_to_one_and_follow_what_is_remembered() -> None:
    known = small()
    groups = known.state_of
    memory = shares.remembered(known.deaths, groups, 3.0, 60.0)
    people = np.array([2 / 3, 1 / 3, 0.995, 0.005, 4 / 7, 3 / 7])
    loose = shares.Strengths(1e-9, 0.0, 1e-9, 0.0, 1.0, 0.0)
    tight = shares.Strengths(1e12, 0.0, 1e12, 0.0, 1.0, 0.0)
    at = known.deaths.shape[1] - 1
    np.testing.assert_allclose(memory.shares(tight, people, groups, at), people, rtol=1e-6)
    free = memory.shares(loose, people, groups, at)
    weights = 0.5 ** (np.arange(known.deaths.shape[1])[::-1] / 3.0)
    remembered = known.deaths @ weights
    expected = shares.normalised(np.maximum(remembered, 1e-12), groups)
    np.testing.assert_allclose(free[:3], expected[:3], rtol=1e-5)
    np.testing.assert_allclose(np.bincount(groups, free), 1.0)


def test_strengths_learn_how_much_shares_move() -> None:
    """Shares redrawn every year from a gamma law of a known shape."""
    random = np.random.default_rng(4)
    shape, places, years = 4.0, 400, 12
    factor = np.repeat(random.gamma(shape, 1 / shape, (places, years)), 12, axis=1)
    deaths = random.poisson(factor * 5.0).astype(np.int64)
    groups, people = np.zeros(places, dtype=np.int64), np.full(places, 1 / places)
    memory = shares.remembered(deaths, groups, 3.0, 60.0)
    found = shares.fit(deaths, groups, people, memory, PRIORS, "places")
    # the year's law holds what cannot be known of the level too: between the truth and the truth halved
    assert 0.5 * shape < float(found.year_shape(np.array(60.0))) < 1.2 * shape


def test_month_noise_is_recovered() -> None:
    random = np.random.default_rng(6)
    means = np.exp(random.uniform(np.log(0.5), np.log(30), 3000))[:, None]
    shape = 2.0 * (means + 0.05) ** 0.5
    deaths = random.poisson(means * random.gamma(shape, 1 / shape, (3000, 24))).astype(np.int64)
    f, g = shares.fit_month(deaths, PRIORS)
    # the year's own mean stands for the true one, which biases a little
    assert f * (10 + 0.05) ** g == pytest.approx(2.0 * 10.05**0.5, rel=0.25)


# --- random numbers -------------------------------------------------------------------------------------------------


def test_random_numbers_follow_their_laws_and_do_not_repeat() -> None:
    keys = keyed(tuple(f"{number:05}" for number in range(20000)))
    u, z = uniform(keys, 0, 7, 1), normal(keys, 0, 7, 1)
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert stats.kstest(z, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(u, uniform(keys, 0, 8, 1))[0, 1]) < 4 / np.sqrt(len(u))
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 4 / np.sqrt(len(u))


def test_gamma_numbers_follow_their_law() -> None:
    keys = keyed(tuple(f"{number:05}" for number in range(20000)))
    for shape in (0.3, 1.0, 7.5):
        drawn = gamma(keys, np.full(len(keys), shape), 0, 3)
        assert stats.kstest(drawn, "gamma", args=(shape,)).pvalue > 1e-3


@pytest.mark.parametrize(("mean", "shape"), [(0.05, 0.4), (2.0, 1.5), (2.9, 0.2), (60.0, 8.0)])
def test_counts_are_negative_binomial(mean: float, shape: float) -> None:
    drawn = negative_binomial(np.full(40000, mean), np.full(40000, shape), np.random.default_rng(8))
    distribution = stats.nbinom(shape, shape / (shape + mean))
    edges = np.unique(distribution.ppf(np.linspace(0, 1, 12)[1:-1]))
    cells = np.searchsorted(edges, drawn)
    expected = np.diff(np.concatenate([[0.0], distribution.cdf(edges), [1.0]])) * len(drawn)
    assert stats.chisquare(np.bincount(cells, minlength=len(expected)), expected).pvalue > 1e-3
