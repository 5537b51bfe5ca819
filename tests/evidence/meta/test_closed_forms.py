"""The meta-analysis against closed forms, direct maximisation and numerical derivatives."""

import numpy as np
import pytest
from scipy import stats

from merida.errors import EvidenceError
from merida.evidence.meta.bias import Missing, egger, rank_test, trim_and_fill
from merida.evidence.meta.effect_sizes import Measure, two_by_two
from merida.evidence.meta.estimators import Method, estimate_tau2, log_likelihood
from merida.evidence.meta.pooling import Interval, Prediction, pool
from merida.evidence.meta.regression import regression
from merida.evidence.meta.selection import Likelihood, select
from merida.evidence.meta.three_level import fitted, three_level

EFFECTS = np.array([0.3, -0.2, 1.1, 0.7, 0.05, 0.9])
EXACT = 1e-10  # roots are found to 1e-13; sums lose a few digits more
MOMENTS = [Method.DL, Method.DL2, Method.HE, Method.HE2, Method.PM, Method.EB, Method.REML]


def test_equal_variances_make_estimators_agree() -> None:
    for method in MOMENTS:
        found = pool(EFFECTS, np.full(6, 0.05), method=method)
        assert found.heterogeneity.tau2 == pytest.approx(EFFECTS.var(ddof=1) - 0.05, rel=EXACT), method
        assert found.coefficients[0].estimate == pytest.approx(EFFECTS.mean(), rel=EXACT), method


def test_equal_variances_for_the_others() -> None:
    def tau2(method: Method) -> float:
        return pool(EFFECTS, np.full(6, 0.05), method=method).heterogeneity.tau2

    assert tau2(Method.ML) == pytest.approx(EFFECTS.var() - 0.05, rel=EXACT)
    assert tau2(Method.HS) == pytest.approx(EFFECTS.var(ddof=1) * 5 / 6 - 0.05, rel=EXACT)
    first = EFFECTS.var()
    assert tau2(Method.SJ) == pytest.approx(first * EFFECTS.var(ddof=1) / (first + 0.05), rel=EXACT)


def test_two_studies_by_hand() -> None:
    found = pool(np.array([1.0, 2.0]), np.array([0.1, 0.1]))
    seen = found.heterogeneity
    assert seen.tau2 == pytest.approx(0.5 - 0.1, rel=EXACT)
    assert (seen.q, seen.q_df, seen.i2, seen.h2) == pytest.approx((5.0, 1, 80.0, 5.0), rel=EXACT)
    assert found.coefficients[0].std_error == pytest.approx(0.5, rel=EXACT)
    higgins = pool(np.array([1.0, 2.0]), np.array([0.1, 0.1]), prediction=Prediction.HIGGINS)
    assert higgins.prediction is None  # no degree of freedom is left


def test_knapp_hartung_is_the_t_test_where_variances_are_equal() -> None:
    found = pool(EFFECTS, np.full(6, 0.001), interval=Interval.KNAPP_HARTUNG).coefficients[0]
    wanted = stats.ttest_1samp(EFFECTS, 0)
    assert (found.statistic, found.p) == pytest.approx((wanted.statistic, wanted.pvalue), rel=1e-9)
    assert found.ci == pytest.approx(tuple(wanted.confidence_interval()), rel=1e-9)


def test_the_ad_hoc_factor_never_narrows() -> None:
    homogeneous = np.array([0.1, 0.11, 0.09, 0.1])
    v = np.full(4, 0.5)
    factor, adhoc, wald = (
        pool(homogeneous, v, interval=kind).coefficients[0].std_error
        for kind in (Interval.KNAPP_HARTUNG, Interval.KNAPP_HARTUNG_ADHOC, Interval.WALD)
    )
    assert factor < adhoc == wald


def test_q_profile_in_closed_form() -> None:
    found = pool(EFFECTS, np.full(6, 0.05), level=0.9).heterogeneity.tau2_ci
    squares = 5 * EFFECTS.var(ddof=1)
    assert found == pytest.approx(squares / stats.chi2.ppf([0.95, 0.05], 5) - 0.05, rel=EXACT)


def test_prediction_as_higgins_thompson_and_spiegelhalter() -> None:
    found = pool(EFFECTS, np.full(6, 0.05), prediction=Prediction.HIGGINS)
    variance = EFFECTS.var(ddof=1)
    half = stats.t.ppf(0.975, 4) * np.sqrt(variance / 6 + variance - 0.05)
    assert found.prediction == pytest.approx((EFFECTS.mean() - half, EFFECTS.mean() + half), rel=EXACT)


def test_no_difference_between_studies_gives_zero() -> None:
    for method in Method:
        found = pool(np.full(5, 3.7), np.array([0.1, 0.2, 0.3, 0.1, 0.05]), method=method)
        assert found.heterogeneity.tau2 == 0, method
        assert found.coefficients[0].estimate == pytest.approx(3.7, rel=EXACT), method


def written_out(y: np.ndarray, v: np.ndarray, tau2: np.ndarray, restricted: bool) -> np.ndarray:
    """Return the log-likelihood of a mean at each tau² from its definition."""
    w = 1 / (v + tau2[:, None])
    total = w.sum(axis=1)
    mean = w @ y / total
    squares = (w * (y - mean[:, None]) ** 2).sum(axis=1)
    return np.asarray((np.log(w).sum(axis=1) - squares - restricted * np.log(total)) / 2)


def test_likelihood_is_the_greatest_anywhere() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        k = int(rng.integers(2, 30))
        v = np.exp(
            rng.normal(0, 2.5, k)
        )  # precisions that differ by orders of magnitude, where tops can be two
        y = rng.normal(0, np.sqrt(v + np.exp(rng.normal(0, 3))))
        for method in (Method.ML, Method.REML):
            found = estimate_tau2(regression(y, v), method).value
            grid = np.geomspace(1e-6 * v.min(), 1e4 * (v.max() + y.var()), 1000)
            tried = written_out(y, v, np.concatenate([[0.0, found], grid]), method is Method.REML)
            assert tried[1] >= tried.max() - 1e-9, (seed, method)


def test_likelihood_against_the_full_covariance() -> None:
    rng = np.random.default_rng(3)
    y, v = rng.normal(size=7), rng.uniform(0.1, 1, 7)
    x = np.column_stack([np.ones(7), rng.normal(2000, 10, 7)])
    data = regression(y, v, x, ("", "year"))

    def direct(tau2: float, restricted: bool) -> float:
        w = np.linalg.inv(np.diag(v + tau2))
        b = np.linalg.solve(x.T @ w @ x, x.T @ w @ y)
        value = np.linalg.slogdet(w)[1] - (y - x @ b) @ w @ (y - x @ b)
        return float(value - restricted * np.linalg.slogdet(x.T @ w @ x)[1]) / 2

    for restricted in (False, True):
        ours = log_likelihood(data, 2.0, restricted) - log_likelihood(data, 0.1, restricted)
        assert ours == pytest.approx(direct(2.0, restricted) - direct(0.1, restricted), abs=1e-8)


def test_a_category_gives_differences_of_means() -> None:
    group = np.array([0.0, 0, 0, 1, 1, 1])
    found = pool(EFFECTS, np.full(6, 0.05), np.column_stack([np.ones(6), group]), {"g": ("g=b",)})
    first, second = EFFECTS[:3].mean(), EFFECTS[3:].mean()
    assert [one.estimate for one in found.coefficients] == pytest.approx([first, second - first], rel=EXACT)
    assert found.heterogeneity.q_df == 4


def test_scale_and_shift() -> None:
    v = np.array([0.02, 0.1, 0.05, 0.2, 0.01, 0.3])
    plain, moved = pool(EFFECTS, v), pool(1e6 + 1000 * EFFECTS, 1e6 * v)
    assert moved.heterogeneity.tau2 == pytest.approx(1e6 * plain.heterogeneity.tau2, rel=1e-8)
    assert moved.coefficients[0].estimate == pytest.approx(
        1e6 + 1000 * plain.coefficients[0].estimate, rel=1e-12
    )
    assert moved.heterogeneity.i2 == pytest.approx(plain.heterogeneity.i2, rel=1e-8)


def test_huge_heterogeneity() -> None:
    y = np.array([-1e6, 0, 1e6, 3e6])
    found = pool(y, np.full(4, 1e-6))
    assert found.heterogeneity.tau2 == pytest.approx(y.var(ddof=1), rel=1e-9)
    assert found.heterogeneity.i2 == pytest.approx(100, abs=1e-9)


def test_balanced_clusters_are_an_analysis_of_variance() -> None:
    rng = np.random.default_rng(5)
    clusters, each, v = 8, 4, 0.05
    y = (rng.normal(0, 0.8, (clusters, 1)) + rng.normal(0, 0.5, (clusters, each))).ravel()
    names = np.repeat([f"c{i}" for i in range(clusters)], each)
    found = three_level(y, np.full(y.size, v), names.tolist())
    table = y.reshape(clusters, each)
    within = table.var(axis=1, ddof=1).mean()
    between = each * table.mean(axis=1).var(ddof=1)
    # REML of balanced data is the analysis of variance (Searle et al., 1992); the optimiser stops at 1e-8.
    assert found.within == pytest.approx(within - v, rel=1e-5)
    assert found.between == pytest.approx((between - within) / each, rel=1e-5)
    assert found.coefficients[0].std_error == pytest.approx(np.sqrt(between / y.size), rel=1e-5)
    # The robust error of balanced clusters is that of the means of clusters, with the factor m/(m - 1).
    assert found.robust[0].std_error == pytest.approx(
        np.sqrt(table.mean(axis=1).var(ddof=1) / clusters), rel=1e-8
    )


def test_three_levels_against_the_full_covariance() -> None:
    rng = np.random.default_rng(6)
    y, v = rng.normal(size=9), rng.uniform(0.1, 1, 9)
    codes = np.array([0, 0, 1, 1, 1, 2, 3, 3, 3])
    x = np.column_stack([np.ones(9), rng.normal(size=9)])
    data = regression(y, v, x, ("", "z"))
    same = (codes[:, None] == codes).astype(float)

    def direct(between: float, within: float) -> float:
        covariance = np.diag(v + within) + between * same
        w = np.linalg.inv(covariance)
        b = np.linalg.solve(x.T @ w @ x, x.T @ w @ y)
        determinants = np.linalg.slogdet(w)[1] - np.linalg.slogdet(x.T @ w @ x)[1]
        return float(determinants - (y - x @ b) @ w @ (y - x @ b)) / 2

    at = (0.3, 0.2)
    ours = fitted(data, codes, *at, restricted=True)
    difference = ours.log_likelihood - fitted(data, codes, 0.1, 0.9, restricted=True).log_likelihood
    assert difference == pytest.approx(direct(*at) - direct(0.1, 0.9), abs=1e-9)
    step = 1e-5
    slopes = [
        (direct(0.3 + step, 0.2) - direct(0.3 - step, 0.2)) / (2 * step),
        (direct(0.3, 0.2 + step) - direct(0.3, 0.2 - step)) / (2 * step),
    ]
    assert ours.gradient == pytest.approx(slopes, abs=1e-7)


def test_clusters_that_do_not_differ_give_two_levels() -> None:
    y, v = np.array([0.0, 1.0, 0.1, 1.1, -0.1, 0.9]), np.array([0.02, 0.03, 0.02, 0.03, 0.02, 0.03])
    found, two = three_level(y, v, list("aabbcc")), pool(y, v)
    assert found.between == 0
    assert found.between_ci[0] == 0
    assert found.within == pytest.approx(two.heterogeneity.tau2, rel=1e-5)  # the optimiser stops at 1e-8
    assert found.coefficients[0].estimate == pytest.approx(two.coefficients[0].estimate, rel=1e-5)


def test_a_symmetric_funnel_lacks_nothing() -> None:
    v = np.array([0.01, 0.04, 0.04, 0.09, 0.09])
    y = np.array([0.5, 0.3, 0.7, 0.1, 0.9])
    for estimator in Missing:
        assert trim_and_fill(y, v, estimator).missing == 0
    assert egger(y, v).slope.estimate == pytest.approx(0, abs=1e-9)
    assert rank_test(y, v).p == 1
    with pytest.raises(EvidenceError, match="same error"):
        egger(y, np.full(5, 0.1))


def test_equal_weights_select_nothing() -> None:
    rng = np.random.default_rng(8)
    v = rng.uniform(0.02, 0.4, 30)
    y = rng.normal(0.1, np.sqrt(v + 0.05))
    model = Likelihood(
        y, v, (stats.norm.sf(y / np.sqrt(v)) > 0.3).astype(int), np.sqrt(v)[:, None] * stats.norm.isf([0.3])
    )
    plain = stats.norm.logpdf(y, 0.2, np.sqrt(v + 0.1)).sum() + 15 * np.log(2 * np.pi)
    assert model.at(0.2, 0.1, np.ones(2))[0] == pytest.approx(plain, rel=EXACT)
    here = np.array([0.2, 0.1, 0.4])
    value, gradient = model.at(0.2, 0.1, np.array([1.0, 0.4]))
    for index, slope in enumerate(gradient):
        moved = here.copy()
        moved[index] += 1e-6
        assert (model.at(moved[0], moved[1], np.array([1.0, moved[2]]))[0] - value) / 1e-6 == pytest.approx(
            slope, abs=1e-3
        )


def test_selection_recovers_what_was_hidden() -> None:
    rng = np.random.default_rng(9)
    v = rng.uniform(0.02, 0.2, 6000)
    y = rng.normal(0.15, np.sqrt(v + 0.04))
    published = (stats.norm.sf(y / np.sqrt(v)) < 0.025) | (rng.random(6000) < 0.25)
    found = select(y[published], v[published])
    assert found.effect.estimate == pytest.approx(0.15, abs=3 * found.effect.std_error)
    assert found.steps[1].weight == pytest.approx(0.25, abs=3 * found.steps[1].std_error)  # type: ignore[operator]
    assert pool(y[published], v[published]).coefficients[0].estimate > 0.2
    turned = select(-y[published], v[published])
    assert (turned.alternative, turned.effect.estimate) == (
        "less",
        pytest.approx(-found.effect.estimate, abs=1e-6),
    )


def test_cells_by_hand() -> None:
    cells = [np.array([cell]) for cell in (8.0, 12.0, 4.0, 16.0)]
    wanted = {
        Measure.RR: (np.log(2), 1 / 8 - 1 / 20 + 1 / 4 - 1 / 20),
        Measure.OR: (np.log(8 * 16 / (12 * 4)), 1 / 8 + 1 / 12 + 1 / 4 + 1 / 16),
        Measure.RD: (0.2, 0.4 * 0.6 / 20 + 0.2 * 0.8 / 20),
        Measure.AS: (np.arcsin(np.sqrt(0.4)) - np.arcsin(np.sqrt(0.2)), 2 / 80),
        Measure.PETO: ((8 - 6) / (12 * 28 * 0.25 / 39), 39 / (12 * 28 * 0.25)),
    }
    for measure, (effect, variance) in wanted.items():
        found = two_by_two(*cells, measure)
        assert (found.y[0], found.v[0]) == pytest.approx((effect, variance), rel=EXACT)
        assert not found.corrected[0]
