"""Bounds, limits on errors and means of clusters: against closed forms, sampling, and published pooled figures."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm, truncnorm

from merida.evidence import Register, effect_distribution
from merida.evidence.hierarchy import clusters_of
from merida.evidence.meta.pooling import pool
from merida.evidence.posterior import condition, held, noise, observe, solve
from merida.evidence.register import table
from merida.evidence.rows import Study, judged
from merida.evidence.terms import grid, parts, weights_of
from tests.evidence.meta.meta_tables import COGNITIVE
from tests.evidence.studies import one, register

PRIORS = Register().priors
ROWS = {row["study"]: row for row in table("register.csv").to_dicts()}
BOUND = {"scale": "bound", "estimate": None, "log_rate_ratio": None, "std_error": None, "error_from": None}


def study(**row: Any) -> Study:
    """Return a made-up row as it counts."""
    found = judged(register({"study": "a"} | row).rows.row(0, named=True), PRIORS)
    assert isinstance(found, Study)
    return found


@pytest.mark.parametrize(("below", "limit"), [(True, -0.4), (False, 0.3), (True, 2.0), (False, -3.0)])
def test_a_normal_held_on_one_side_has_the_moments_of_a_truncated_normal(below: bool, limit: float) -> None:
    mean, joint = np.array([[0.1, -0.2]]), np.array([[[0.5, 0.3], [0.3, 0.4]]])
    chance, moved, left = held(mean, joint, 1, limit, below)
    sd = math.sqrt(0.4)
    ends = (-np.inf, (limit + 0.2) / sd) if below else ((limit + 0.2) / sd, np.inf)
    exact = truncnorm(*ends, loc=-0.2, scale=sd)
    assert moved[0, 1] == pytest.approx(exact.mean(), abs=1e-9)
    assert left[0, 1, 1] == pytest.approx(exact.var(), abs=1e-9)
    side = norm.cdf(ends[1]) if below else norm.sf(ends[0])
    assert chance[0] == pytest.approx(math.log(side))
    slope = 0.3 / 0.4  # the other moves by regression, and keeps what the first does not explain
    assert moved[0, 0] == pytest.approx(0.1 + slope * (exact.mean() + 0.2))
    assert left[0, 0, 0] == pytest.approx(0.5 - slope**2 * (0.4 - exact.var()))


def test_a_bound_alone_gives_the_posterior_of_a_cut_normal() -> None:
    """ "Less than half": at each point of the grid the mean effect is that of the prior, given y below log 0.5."""
    rows = register({"study": "a", **BOUND, "range_high": -50.0})
    data = observe(clusters_of(rows).values(), PRIORS)
    assert (data.figures, data.below) == (0, (True,))
    target = weights_of("street_outreach", "mexico", "homicide")
    found = condition(solve(data, PRIORS), target[None], PRIORS)[0]
    for at in (0, 40, 124):
        spread = grid(PRIORS).programmes[at]
        shared_ = (
            0.1**2 + 0.1**2 + spread**2 + 0.1**2
        )  # mean, studied, family and kind, outcome: all but the region
        whole = shared_ + 0.05**2 + (data.bias[0] ** 2).sum() + noise(data, PRIORS)[at, 0]
        z = math.log(0.5) / math.sqrt(whole)
        ratio = norm.pdf(z) / norm.cdf(z)
        assert found.mean[at] == pytest.approx(-shared_ / math.sqrt(whole) * ratio)
        assert found.variance[at] == pytest.approx(
            shared_ + 0.05**2 - shared_**2 / whole * ratio * (z + ratio)
        )
    every = 0.0325 + grid(PRIORS).programmes ** 2 + (data.bias[0] ** 2).sum() + noise(data, PRIORS)[:, 0]
    weights = np.exp(grid(PRIORS).log_weight) * norm.cdf(math.log(0.5) / np.sqrt(every))
    np.testing.assert_allclose(found.weights, weights / weights.sum())


def test_two_bounds_one_after_the_other_are_near_the_truth() -> None:
    """Against two million draws of three correlated normals of which two are held."""
    mean, joint = np.zeros(3), np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.3], [0.5, 0.3, 1.0]])
    drawn = np.random.default_rng(5).multivariate_normal(mean, joint, 2_000_000)
    kept = drawn[(drawn[:, 1] < -0.7) & (drawn[:, 2] > -0.5)]
    chance, moved, left = held(mean[None], joint[None], 1, -0.7, True)
    more, moved, left = held(moved, left, 2, -0.5, False)
    assert moved[0, 0] == pytest.approx(kept[:, 0].mean(), abs=0.01)
    assert left[0, 0, 0] == pytest.approx(kept[:, 0].var(), abs=0.01)
    assert math.exp(chance[0] + more[0]) == pytest.approx(len(kept) / len(drawn), abs=0.005)


def test_a_bound_moves_less_than_a_figure_at_it_and_a_wide_one_not_at_all() -> None:
    def mean(**row: Any) -> float:
        return effect_distribution(register({"study": "a"} | row), (one("a"),), "street_outreach").mean

    figure = mean(std_error=None, error_from=None, log_rate_ratio=0.2, direction="harm")
    above = mean(**BOUND, range_low=100 * math.expm1(0.2), direction="harm")
    assert above > figure > 0  # beyond the bound, so further than a figure at it
    assert abs(mean(**BOUND, range_low=-99.0, direction="null")) < 1e-3
    assert mean(**BOUND, range_low=-1.1, direction="null") > 0  # a fall of more than 1.1 percent is ruled out


@pytest.mark.parametrize(("limits", "a", "size"), [
    ({"error_most": 0.2}, 1.0, 0.2), ({"error_most": 0.3}, 1.0, 0.25), ({"error_least": 0.4}, 1.0, 0.4),
    ({"error_most": 0.3}, 2.0, 0.3), ({"error_least": 0.1}, 0.1, 0.1),
])  # fmt: skip
def test_an_error_known_within_limits_is_the_designs_held_there(
    limits: dict[str, float], a: float, size: float
) -> None:
    row = {"study": "a", "std_error": None, "error_from": None} | limits
    data = observe(clusters_of(register(row)).values(), PRIORS)
    assert np.clip(a * 0.25, data.least[0], data.most[0]) == pytest.approx(size)
    assert study(**row).source == "limited"
    points = grid(PRIORS)
    wanted = np.clip(points.error * 0.25, data.least[0], data.most[0]) ** 2 + points.settings**2 + data.own[0]
    np.testing.assert_allclose(noise(data, PRIORS)[:, 0], wanted)


def test_a_cluster_is_its_mean_by_precision_with_errors_that_are_one() -> None:
    """-0.2 (0.1) and -0.8 (0.3): weights 0.9 and 0.1, mean -0.26, error 0.12; a useless third row changes nothing."""
    both = [
        {"study": "a", "cluster": "x", "log_rate_ratio": -0.2, "std_error": 0.1},
        {"study": "b", "cluster": "x", "log_rate_ratio": -0.8, "std_error": 0.3},
    ]
    for rows in (both, [*both, {"study": "c", "cluster": "x", "log_rate_ratio": 1.5, "std_error": 300.0}]):
        data = observe(clusters_of(register(*rows)).values(), PRIORS)
        assert data.y[0] == pytest.approx(-0.26, abs=1e-4)
        assert (data.errors @ data.member)[0] == pytest.approx(0.12, abs=2e-4)
    (cluster,) = clusters_of(register(*both)).values()
    np.testing.assert_allclose(parts(cluster), [0.9, 0.1])


def test_an_odds_ratio_needs_its_base_and_its_error_follows() -> None:
    """0.37 (0.2251 on the logarithm) with 39 % without: RR 0.4905, and its error times 0.61 / 0.7543."""
    found = study(scale="odds_ratio", estimate=0.37, base=0.39, log_rate_ratio=None, std_error=0.2251)
    assert found.value == pytest.approx(math.log(0.37 / (0.61 + 0.39 * 0.37)))
    assert found.error == pytest.approx(0.2251 * 0.61 / 0.7543)
    assert study(scale="odds_ratio", estimate=0.37, log_rate_ratio=None).source == "sign"


def test_a_standardised_difference_counts_only_where_it_is_none() -> None:
    null = {
        "scale": "smd",
        "estimate": -0.016,
        "log_rate_ratio": None,
        "std_error": 0.032,
        "direction": "null",
    }
    found = study(**null)
    assert (found.value, found.error) == pytest.approx((-0.048, 0.096))  # three standard deviations to a mean
    assert (found.source, found.assumed) == ("difference", True)
    for other in ({"direction": "benefit"}, {"direction": "harm"}, {"std_error": None}):
        assert (
            judged(register({"study": "a"} | null | other).rows.row(0, named=True), PRIORS) == "excluded_smd"
        )


def test_what_was_computed_from_an_articles_data_enters_nothing() -> None:
    counted = set(Register().rows["study"])
    computed = {name for name, row in ROWS.items() if row["status"] == "computed"}
    assert len(computed) == 33
    assert not computed & counted
    for name in ("chalfin_mccrary2018_violent", "chalfin_mccrary2018_property"):
        found = judged(ROWS[name], PRIORS)
        assert ROWS[name]["error_from"] == "computed"
        assert isinstance(found, Study)
        assert found.source == "design"


def test_every_error_is_that_of_what_was_published() -> None:
    """Worked out anew from interval or p value; a level's at the treated level."""
    z, seen = norm.ppf(0.975), 0
    for row in ROWS.values():
        if row["error_from"] == "interval" and row["scale"] in ("rate_ratio", "percent_change"):
            low, high = (
                math.log(end if row["scale"] == "rate_ratio" else 1 + end / 100)
                for end in (row["low"], row["high"])
            )
            wide = 2 * norm.ppf(0.5 + row["level"] / 200)
            rough = 0.006 if abs(row["log_rate_ratio"] or 1) > 0.02 else 1.0  # intervals are rounded
            assert row["std_error"] == pytest.approx((high - low) / wide, rel=0.02, abs=rough), row["study"]
            seen += 1
    assert seen > 30
    court = ROWS["dc_judges_rearrest"]
    assert court["std_error"] == pytest.approx(0.134 / (0.534 + 0.248), abs=1e-4)
    cali = ROWS["villaveces2000_cali"]
    assert cali["std_error"] == pytest.approx(math.log(0.97 / 0.76) / (2 * z), abs=1e-4)
    assert ROWS["cali2023_crime_after"]["std_error"] == pytest.approx(
        math.log1p(0.11 / 0.16) / norm.isf(0.136 / 2), abs=1e-4
    )


def test_the_pooled_cognitive_behavioural_programmes_come_back_from_their_counts() -> None:
    """58 studies of Landenberger and Lipsey (2005), risk ratios by DerSimonian and Laird: -0.283 (0.0428)."""
    counts = np.genfromtxt(COGNITIVE.splitlines(), delimiter=",", skip_header=1)
    again, of = counts[:, [1, 3]], counts[:, [0, 2]] + counts[:, [1, 3]]
    y = np.log(again[:, 0] / of[:, 0]) - np.log(again[:, 1] / of[:, 1])
    v = (1 / again - 1 / of).sum(axis=1)
    found = pool(y, v, method="DL").coefficients[0]
    row = ROWS["landenberger2005_all"]
    assert (found.estimate, found.std_error) == pytest.approx(
        (row["log_rate_ratio"], row["std_error"]), abs=5e-4
    )


def test_a_repeal_and_longer_hours_are_turned_round() -> None:
    for name, ratio in (("webster2014_missouri", 1.23), ("sanchez2011_lax", 1.42)):
        assert ROWS[name]["log_rate_ratio"] == pytest.approx(-math.log(ratio), abs=1e-4)
        assert ROWS[name]["direction"] == "benefit"
