"""The first model of violence: what its draws depend on, and what they keep."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from merida.facts import Facts
from merida.violence.recent import Forecast, Shocks, exposure, forecast, keyed, normal, uniform

SHOCKS = Shocks(0.15, 0.2, 0.2, -0.5, 0.3)


def small(months: int = 120) -> Forecast:
    return Forecast(
        places=("01001", "01002", "02001", "02002", "01999", "99999"),
        states=("01", "01", "02", "02", "01", "99"),
        population=np.array([1e5, 5e4, 2e5, 1e3, 0.0, 0.0]),
        recent_deaths=np.array([30.0, 2.0, 90.0, 0.0, 4.0, 7.0]),
        exposure=0.2,
        shocks=SHOCKS,
        first_month="2012-01",
        months=months,
        seed=3,
    )


def chosen(whole: Forecast, at: npt.NDArray[np.int64]) -> Forecast:
    return replace(
        whole,
        places=tuple(whole.places[i] for i in at),
        states=tuple(whole.states[i] for i in at),
        population=whole.population[at],
        recent_deaths=whole.recent_deaths[at],
    )


@pytest.fixture(scope="module")
def real(facts_2012: Facts) -> Forecast:
    return forecast(facts_2012, 180, seed=1)


def test_order_of_places_permutes_the_result() -> None:
    whole, at = small(), np.array([5, 2, 0, 4, 1, 3])
    for draw in range(3):
        # rates of states are sums, whose last digit depends on the order
        np.testing.assert_allclose(chosen(whole, at).log_rates(draw), whole.log_rates(draw)[at], rtol=1e-12)


def test_another_state_or_unknown_place_leaves_the_others() -> None:
    whole = small()
    for missing in ([2, 3], [4], [5]):
        at = np.setdiff1d(np.arange(6), missing)
        np.testing.assert_array_equal(chosen(whole, at).log_rates(4), whole.log_rates(4)[at])


def test_draws_depend_on_seed_and_number_and_months_only_cut() -> None:
    whole = small()
    np.testing.assert_array_equal(whole.log_rates(2), small().log_rates(2))
    np.testing.assert_array_equal(small(30).log_rates(2), whole.log_rates(2)[:, :30])
    assert not np.any(whole.log_rates(2) == whole.log_rates(3))
    assert not np.any(whole.log_rates(2) == replace(whole, seed=4).log_rates(2))
    assert np.isfinite(whole.log_rates(2)).all()


def test_draws_are_the_same_in_every_process() -> None:
    code = (
        "from tests.violence.test_recent import small; import hashlib; "
        "print(hashlib.sha256(small().log_rates(7).tobytes()).hexdigest())"
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


def test_splitting_a_place_keeps_its_expected_total() -> None:
    whole = small(12)
    split = replace(
        whole,
        places=("01001", "01901", *whole.places[1:]),
        states=("01", *whole.states),
        population=np.array([7e4, 3e4, *whole.population[1:]]),
        recent_deaths=np.array([26.0, 4.0, *whole.recent_deaths[1:]]),
    )
    np.testing.assert_allclose(split.shape[:2].sum(), whole.shape[0], rtol=1e-6)
    np.testing.assert_allclose(split.shape[2:], whole.shape[1:], rtol=1e-9)
    once = np.array([np.exp(whole.log_rates(k)[:, 0] - whole.nation(k, 1)[0]) for k in range(4000)])
    twice = np.array([np.exp(split.log_rates(k)[:, 0] - split.nation(k, 1)[0]) for k in range(4000)])
    total, parts = once[:, 0], twice[:, :2].sum(axis=1)
    error = np.hypot(total.std(), parts.std()) / np.sqrt(4000)
    assert abs(total.mean() - parts.mean()) < 4 * error
    # and both are the level that was asked for: shape / (1 + c) deaths a year
    assert abs(12 * total.mean() - whole.shape[0] / 1.2) < 4 * 12 * total.std() / np.sqrt(4000)


def test_exposure_recovers_the_pseudo_count_of_synthetic_places() -> None:
    random = np.random.default_rng(2)
    people = np.full(6000, 1e5)
    for true in (0.1, 0.5):
        levels = random.gamma(true * 10.0, 1 / true, 6000)
        deaths = random.poisson(levels).astype(float)
        found = exposure(np.array(["01"] * 6000), people, deaths)
        # the variance ratio of 6000 gamma-Poisson counts has a relative error below 5 %
        assert found == pytest.approx(true, rel=0.15)


def test_base_of_the_nation_is_the_record(real: Forecast, facts_2012: Facts) -> None:
    deaths = facts_2012.sql(
        "select sum(deaths) from homicides_year where basis = 'registration' and municipality[1:2] != '33' "
        "and year = (select max(year) from homicides_year)"
    ).item()
    assert real.recent_deaths.sum() == deaths
    people = np.array(real.population) > 0
    assert people.sum() == 2443
    assert len(set(real.places)) == len(real.places)


def test_unknown_places_have_deaths_and_no_people(real: Forecast) -> None:
    unknown = [at for at, people in enumerate(real.population) if people == 0]
    assert unknown
    assert all(real.places[at].endswith("999") for at in unknown)
    assert {real.states[at] for at in unknown if real.places[at][:2] > "32"} <= {"99"}
    assert sum(real.recent_deaths[at] for at in unknown) > 0
    assert set(real.states) >= {f"{state:02}" for state in range(1, 33)}


def test_first_year_is_at_the_level_of_the_last(real: Forecast) -> None:
    """Less the nation's shock: sums over 2,400 places, 60 draws, within four standard errors."""
    totals = np.array(
        [np.exp(real.log_rates(k)[:, :12]).sum() / np.exp(real.nation(k, 1)[0]) for k in range(60)]
    )
    people = real.population > 0
    level = (real.shape / np.where(people, 1 + real.exposure, 1.0)).sum()
    assert level == pytest.approx(real.recent_deaths.sum(), rel=1e-6)
    assert abs(totals.mean() - level) < 4 * totals.std() / np.sqrt(60)


def test_forecast_starts_where_the_record_of_the_date_ends(real: Forecast, facts: Facts) -> None:
    assert real.first_month == "2012-01"
    whole = forecast(facts, 12)
    assert whole.first_month > real.first_month
    assert whole.recent_deaths.sum() != real.recent_deaths.sum()
    earlier = forecast(Facts("2009-06"), 12)
    assert earlier.first_month < real.first_month


def test_shocks_are_positive_and_no_larger_than_the_record_allows(real: Forecast, facts: Facts) -> None:
    for shocks in (real.shocks, forecast(facts, 12).shocks):
        for sd in (shocks.nation, shocks.state, shocks.place, shocks.long_run_sd):
            assert 0.02 < sd < 1
    assert real.exposure > 0


KEYS = keyed(tuple(f"{number:05}" for number in range(20_000)))


def test_uniform_and_normal_follow_their_laws() -> None:
    numbers = uniform(KEYS, 0, 0, 0)
    assert numbers.min() > 0
    assert numbers.max() < 1
    assert stats.kstest(numbers, "uniform").pvalue > 1e-3
    assert stats.kstest(normal(KEYS, 0, 5, 2), "norm").pvalue > 1e-3
    one_key = np.array([uniform(KEYS[:1], 0, draw, 1)[0] for draw in range(5000)])
    assert stats.kstest(one_key, "uniform").pvalue > 1e-3


def test_numbers_are_uncorrelated_over_draws_seeds_and_keys() -> None:
    """Five standard errors of a correlation of independent pairs."""
    base = normal(KEYS, 0, 0, 1)
    others = [normal(KEYS, 0, 0, 2), normal(KEYS, 0, 1, 1), normal(KEYS, 1, 0, 1), np.roll(base, 1)]
    for other in others:
        assert abs(np.corrcoef(base, other)[0, 1]) < 5 / np.sqrt(len(KEYS))
        assert abs(np.corrcoef(base**2, other**2)[0, 1]) < 5 / np.sqrt(len(KEYS))
    near = np.array(
        [[uniform(np.array([key], dtype=np.uint64), 0, draw, 1)[0] for draw in range(1500)] for key in (8, 9)]
    )
    assert abs(np.corrcoef(near)[0, 1]) < 5 / np.sqrt(1500)


def test_walk_keeps_the_mean_and_in_the_long_run_its_spread() -> None:
    """20,000 independent walks: the mean of a lognormal with sd s has a standard error of sqrt(exp(s^2) - 1) / 141."""
    sd = 0.2
    path = small().walk(KEYS, 0, 15, sd)
    for year in range(15):
        spread = sd * np.sqrt(min(year + 1, 5))
        error = np.sqrt(np.expm1(spread**2) / len(KEYS))
        assert np.exp(path[:, year]).mean() == pytest.approx(1, abs=4 * error)
        assert path[:, year].std() == pytest.approx(spread, rel=4 / np.sqrt(2 * len(KEYS)))


def test_nation_goes_to_the_record_in_the_long_run() -> None:
    paths = np.array([small().nation(k, 60)[-1] for k in range(2000)])
    assert paths.mean() == pytest.approx(SHOCKS.long_run_mean, abs=4 * paths.std() / np.sqrt(2000))
    quiet = replace(small(), shocks=replace(SHOCKS, nation=0.0))
    late = np.array([quiet.nation(k, 60)[-1] for k in range(2000)])
    assert late.std() == pytest.approx(SHOCKS.long_run_sd, rel=0.08)
