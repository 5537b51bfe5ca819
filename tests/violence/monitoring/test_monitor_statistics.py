"""The monitor's statistics against numerical integration, simulation, brute force and esda."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from merida.draws import stream
from merida.facts import Facts
from merida.violence.monitoring.breaks import find_breaks
from merida.violence.monitoring.change import change, fit_prior, overdispersion
from merida.violence.monitoring.concentration import gini, gini_by_chance, lorenz, share_of_worst
from merida.violence.monitoring.cross_section import CrossSection, cross_section_of
from merida.violence.monitoring.shrinkage import log_marginal, shrink
from merida.violence.monitoring.spatial import Adjacency, clusters, gi_star, local_moran, permuted_p

ESDA = json.loads((Path(__file__).parent / "esda.json").read_text())


@pytest.fixture(scope="module")
def board_2012(facts_2012: Facts) -> CrossSection:
    return cross_section_of(facts_2012)


# --- shrinkage ---


@pytest.mark.parametrize(
    ("deaths", "exposure", "mean", "strength"),
    [(0, 0.02, 28.0, 1.1), (1, 0.02, 28.0, 1.1), (7, 0.4, 5.0, 3.0)],
)
def test_the_marginal_likelihood_is_the_integral(
    deaths: int, exposure: float, mean: float, strength: float
) -> None:
    prior = stats.gamma(strength, scale=mean / strength)
    found, _ = integrate.quad(
        lambda rate: stats.poisson.pmf(deaths, rate * exposure) * prior.pdf(rate), 0, np.inf, limit=200
    )
    # 1e-6: what adaptive quadrature reaches beside an integrable spike at zero.
    assert np.exp(
        log_marginal(np.array([float(deaths)]), np.array([exposure]), mean, strength)
    ) == pytest.approx(found, rel=1e-6)


def test_a_shrunk_rate_and_its_interval_are_those_of_the_integrated_posterior() -> None:
    random = stream(1, "test.shrink")
    exposure = random.uniform(0.01, 3, 60)
    deaths = random.poisson(random.gamma(1.5, 20 / 1.5, 60) * exposure).astype(float)
    groups = ["a"] * 30 + ["b"] * 30
    found = shrink(deaths, exposure, groups)
    for at in (0, 17, 41):
        a, m = found.strength[at], found.prior_mean[at]
        rate = np.linspace(1e-9, 400, 400_001)
        density = stats.poisson.pmf(int(deaths[at]), rate * exposure[at]) * stats.gamma.pdf(
            rate, a, scale=m / a
        )
        below = integrate.cumulative_trapezoid(density, rate, initial=0)
        below /= below[-1]
        mean = np.trapezoid(density * rate, rate) / np.trapezoid(density, rate)
        # 1e-3: the grid's step, near zero where the density may have a pole.
        assert found.mean[at] == pytest.approx(mean, rel=1e-3)
        assert found.low[at] == pytest.approx(np.interp(0.05, below, rate), rel=1e-3, abs=2e-3)
        assert found.high[at] == pytest.approx(np.interp(0.95, below, rate), rel=1e-3)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = stream(2, "test.coverage")
    inside = []
    for _ in range(30):
        exposure = random.lognormal(-1.5, 1.2, 200)
        truth = random.gamma(1.2, 25 / 1.2, 200)
        found = shrink(random.poisson(truth * exposure).astype(float), exposure, ["a"] * 100 + ["b"] * 100)
        inside.append(np.mean((found.low <= truth) & (truth <= found.high)))
    # 6,000 intervals: standard error 0.4 %; empirical Bayes is a little too narrow, so 2 % either way.
    assert np.mean(inside) == pytest.approx(0.90, abs=0.02)


def test_small_places_move_to_their_group_and_large_ones_stay() -> None:
    deaths = np.array([1.0, 500.0, 20.0, 3.0, 0.0, 9.0])
    exposure = np.array([0.02, 10.0, 1.0, 0.3, 0.02, 0.5])
    found = shrink(deaths, exposure, ["a"] * 6)
    assert found.mean[1] == pytest.approx(50, rel=0.05)
    assert found.mean[0] < 50  # one death among 2,000 people is no rate of 50
    assert 0 < found.low[4] < found.mean[4] < found.high[4]


# --- change ---


def test_the_law_of_a_change_is_that_of_simulation() -> None:
    random = stream(3, "test.change")
    before, after, people, centre, spread = 6, 11, 1.1, -0.1, 0.6
    log_ratio = random.normal(centre, spread, 3_000_000)
    odds = np.exp(log_ratio) * people
    kept = log_ratio[random.binomial(before + after, odds / (1 + odds)) == after]
    distribution = change(before, after, people, centre, spread)
    # About 300,000 kept draws: quantiles to 0.5 %, the probability to 0.2 %.
    assert distribution.ratio == pytest.approx(np.exp(np.median(kept)), rel=0.005)
    assert distribution.low == pytest.approx(np.exp(np.quantile(kept, 0.05)), rel=0.01)
    assert distribution.high == pytest.approx(np.exp(np.quantile(kept, 0.95)), rel=0.01)
    assert distribution.probability_of_rise == pytest.approx(np.mean(kept > 0), abs=0.004)


@pytest.mark.parametrize(("before", "after"), [(0.0, 0.0), (0.0, 3.0), (2000.0, 1500.0)])
def test_the_law_of_a_change_is_the_integral(before: float, after: float) -> None:
    grid = np.linspace(-6, 6, 600_001)
    odds = grid + np.log(0.9)
    log_p = after * odds - (before + after) * np.logaddexp(0, odds) - 0.5 * ((grid - 0.05) / 0.4) ** 2
    p = np.exp(log_p - log_p.max())
    distribution = change(before, after, 0.9, 0.05, 0.4)
    assert distribution.probability_of_rise == pytest.approx(p[grid > 0].sum() / p.sum(), abs=1e-4)


def test_with_a_flat_prior_a_change_is_the_closed_form() -> None:
    # Given both counts, p ~ Beta(after, before) under a flat prior of the log odds, so R > 1 is p > 1/2.
    distribution = change(40.0, 60.0, 1.0, 0.0, 50.0)
    assert distribution.probability_of_rise == pytest.approx(stats.beta(60, 40).sf(0.5), abs=1e-4)


def test_the_prior_of_changes_is_found_again() -> None:
    random = stream(4, "test.prior")
    odds = np.exp(random.normal(-0.2, 0.5, 4000))
    both = random.poisson(random.lognormal(2.0, 1.0, 4000))
    after = random.binomial(both, odds / (1 + odds)).astype(float)
    before = both - after
    centre, spread = fit_prior(before, after, np.ones(4000))
    assert centre == pytest.approx(-0.2, abs=0.05)  # three standard errors of 4,000 places
    assert spread == pytest.approx(0.5, abs=0.06)


def test_overdispersion_is_one_for_poisson_and_found_for_clustered_deaths() -> None:
    random = stream(5, "test.phi")
    plain = random.poisson(8.0, (300, 120)).astype(float)
    clustered = 3.0 * random.poisson(2.0, (300, 120))  # three at a time: variance three times the mean
    assert overdispersion(plain).mean() == pytest.approx(1.03, abs=0.03)  # never below one, so a little above
    assert overdispersion(clustered).mean() == pytest.approx(3.0, abs=0.1)
    stepped = np.concatenate([random.poisson(5.0, 60), random.poisson(50.0, 60)]).astype(float)
    assert overdispersion(stepped[None, :])[0] < 2  # a change of level is no overdispersion


# --- breaks ---


def test_breaks_are_found_where_they_were_put() -> None:
    random = stream(6, "test.breaks")
    mean = np.repeat([10.0, 60.0, 25.0], [80, 50, 70])
    found = find_breaks(random.poisson(mean).astype(float), np.ones(200))
    assert [of.first for of in found.breaks] == pytest.approx([80, 130], abs=1)
    assert all(of.low <= of.first <= of.high for of in found.breaks)
    assert found.breaks[0].ratio == pytest.approx(6, rel=0.15)


def test_a_steady_series_has_no_break() -> None:
    random = stream(7, "test.steady")
    broken = [
        bool(find_breaks(random.poisson(20.0, 240).astype(float), np.ones(240)).breaks) for _ in range(100)
    ]
    assert np.mean(broken) <= 0.05


def test_breaks_are_those_of_trying_every_partition() -> None:
    random = stream(8, "test.brute")
    for case in range(10):
        counts = random.poisson(np.repeat([4.0, 15.0, 6.0], 5)).astype(float)
        exposure = random.uniform(0.8, 1.2, 15)
        found = find_breaks(counts, exposure, shortest=3)

        def cost(edges: tuple[int, ...], counts=counts, exposure=exposure, phi=found.overdispersion) -> float:
            total = 0.0
            for start, end in itertools.pairwise((0, *edges, 15)):
                rate = counts[start:end].sum() / exposure[start:end].sum()
                mean = rate * exposure[start:end]
                total -= 2 * stats.poisson.logpmf(counts[start:end].astype(int), mean).sum() / phi
            return total + 2 * np.log(15) * len(edges)

        every = [
            edges
            for number in range(5)
            for edges in itertools.combinations(range(3, 13), number)
            if all(b - a >= 3 for a, b in itertools.pairwise((0, *edges, 15)))
        ]
        assert min(every, key=cost) == tuple(of.first for of in found.breaks), case


def test_zeros_have_a_level_of_nought() -> None:
    found = find_breaks(np.zeros(48), np.ones(48))
    assert not found.breaks
    assert not found.rate.any()


# --- concentration ---


def test_concentration_is_that_of_a_direct_computation() -> None:
    random = stream(9, "test.gini")
    people = random.lognormal(0, 1, 40)
    deaths = random.poisson(5 * people * random.gamma(1, 1, 40)).astype(float)
    rate = deaths / people
    # Half the mean absolute difference of the rates of two people drawn at random, over the mean rate.
    weight = people / people.sum()
    direct = (weight[:, None] * weight * np.abs(rate[:, None] - rate)).sum() / (2 * (weight * rate).sum())
    assert gini(deaths, people) == pytest.approx(direct, abs=1e-12)
    assert share_of_worst(deaths, 3) == sum(sorted(deaths)[-3:]) / deaths.sum()
    curve = lorenz(deaths, people)
    assert (np.diff(curve[1] - curve[0], 2) > -1).all()
    assert curve[0][-1] == pytest.approx(1)
    assert curve[1][-1] == pytest.approx(1)


def test_the_same_rate_everywhere_is_no_concentration_but_chance_makes_some() -> None:
    people = np.arange(1.0, 101.0)
    assert gini(3 * people, people) == pytest.approx(0, abs=1e-12)
    assert gini_by_chance(np.ones(100), people).mean() > 0.3
    assert gini_by_chance(np.full(100, 1e4), people).mean() < 0.01


# --- clusters ---


@pytest.mark.parametrize("name", ["log_rate", "rate"])
def test_clusters_are_those_of_esda(board_2012: CrossSection, name: str) -> None:
    deaths, exposure = board_2012.units.at(2011, 3)
    x = np.log((deaths + 0.5) / exposure) if name == "log_rate" else deaths / exposure
    kept, near = ESDA["variables"][name], board_2012.adjacency
    at = kept["at"]
    assert x[at] == pytest.approx(kept["x"], rel=1e-14)
    assert local_moran(x, near)[at] == pytest.approx(kept["moran"], abs=1e-10)
    assert gi_star(x, near)[at] == pytest.approx(kept["gi_star"], abs=1e-10)
    assert local_moran(x, near).sum() == pytest.approx(kept["sum_moran"], abs=1e-8)
    assert gi_star(x, near).sum() == pytest.approx(kept["sum_gi_star"], abs=1e-8)
    p, theirs = permuted_p(x, near)[at], np.array(kept["p"])
    # Both are binomial proportions of 9,999: four standard errors of their difference.
    error = np.sqrt(2 * np.maximum(theirs * (1 - theirs), 1e-4) / ESDA["permutations"])
    assert (np.abs(p - theirs) < 4 * error).all()


def test_permutations_are_conditional_and_exact_on_a_small_map() -> None:
    # A ring of seven: every pair of the other six is equally likely to be a place's neighbours.
    first = np.repeat(np.arange(7), 2)
    second = np.array([[(at - 1) % 7, (at + 1) % 7] for at in range(7)]).ravel()
    near, x = Adjacency(first, second, 7), np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.3])
    found = permuted_p(x, near, permutations=20_000)
    for place in range(7):
        others = np.delete(x, place)
        sums = np.array([a + b for a, b in itertools.combinations(others, 2)])
        share = np.mean(sums >= near.sums(x)[place] - 1e-9)
        assert found[place] == pytest.approx(min(share, 1 - share), abs=4 * np.sqrt(0.25 / 20_000))


def test_the_correction_is_that_of_benjamini_and_hochberg() -> None:
    """q of a place is the least of p n / rank over the places whose p is no smaller (1995, theorem 1)."""
    places = 40
    first = np.repeat(np.arange(places), 2)
    second = np.array([[(at - 1) % places, (at + 1) % places] for at in range(places)]).ravel()
    x = np.sort(stream(10, "test.fdr").normal(size=places))  # a ring on which like lie beside like
    found = clusters(x, Adjacency(first, second, places))
    ranks = {p: int((found.p <= p).sum()) for p in found.p}
    for p, q in zip(found.p, found.q, strict=True):
        assert q == pytest.approx(
            min(1.0, *(other * places / ranks[other] for other in found.p if other >= p))
        )


def test_noise_on_the_real_map_has_no_clusters(board_2012: CrossSection) -> None:
    from merida.violence.monitoring.spatial import clusters

    x = stream(11, "test.noise").normal(size=board_2012.adjacency.count)
    found = clusters(x, board_2012.adjacency)
    assert sum(kind != "none" for kind in found.kinds()) <= 2
    assert 80 < (found.p < 0.05).sum() < 180  # uncorrected, a hundred and more would be "found"


def test_the_adjacency_is_that_of_the_table(facts: Facts) -> None:
    cross_section = cross_section_of(facts)
    near, codes = cross_section.adjacency, cross_section.units.codes
    assert near.count == 2443
    pairs = {(codes[a], codes[b]) for a, b in zip(near.first, near.second, strict=True)}
    assert all((b, a) in pairs and a != b for a, b in pairs)
    assert ("08037", "08001") in pairs
    # San Quintín was made of Ensenada in 2020: its borders are Ensenada's.
    assert not [pair for pair in pairs if "02006" in pair]
