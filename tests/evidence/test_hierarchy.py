"""The model of the register against other computations of the same posterior, and the rules that it must hold."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from merida.errors import EvidenceError
from merida.evidence import (
    Register,
    effect_distribution,
    outcomes_of,
    pooled,
    programmes_of,
    terms,
)
from merida.evidence.effects import mixture
from merida.evidence.hierarchy import clusters_of, fit
from merida.evidence.posterior import Observed, Posterior, condition, observe, solve, solved
from merida.evidence.terms import grid, setting, weights_of
from tests.evidence.studies import SIGN, one, register

PRIORS = Register().priors
ROWS = (
    {"study": "a", "log_rate_ratio": -0.6, "std_error": None, "design": "quasi"},
    {"study": "b", "log_rate_ratio": 0.2, "std_error": 0.15, "country": "MX", "programme": "kingpin_removal"},
    {"study": "c", "log_rate_ratio": -0.3, "std_error": None, "outcome_class": "violence"},
    {"study": "d", **SIGN, "direction": "harm", "programme": "pan_crackdown", "country": "MX"},
)


def answered(rows: Register, target: np.ndarray) -> Posterior:
    """Return the posterior of one effect from all studies of a register."""
    return condition(solve(observe(clusters_of(rows).values(), PRIORS), PRIORS), target[None], PRIORS)[0]


def term_by_term(data: Observed, at: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the prior variances of all terms and biases, and each cluster's loadings on them, at a point of the grid."""
    fixed, spread = terms.prior_variances(PRIORS)
    variances = np.concatenate(
        [fixed + grid(PRIORS).programmes[at] ** 2 * spread, np.ones(data.bias.shape[1])]
    )
    return variances, np.concatenate([data.terms, data.bias], axis=1)


def test_posterior_is_that_of_a_regression_with_all_terms_written_out() -> None:
    """Given the spreads, the model is a ridge regression on its terms: the normal equations, term by term."""
    data = observe(clusters_of(register(*ROWS)).values(), PRIORS)
    target = weights_of("street_outreach", "mexico", "homicide")
    found = condition(solve(data, PRIORS), target[None], PRIORS)[0]
    log_weights = []
    for at in range(len(grid(PRIORS).settings)):
        variances, loadings = term_by_term(data, at)
        errors = np.where(data.assumed, grid(PRIORS).error[at], 1.0) * data.errors
        noise = data.setting * grid(PRIORS).settings[at] ** 2 + data.own + (data.member.T @ errors) ** 2
        used = variances > 0
        precision = (
            np.diag(1 / variances[used]) + loadings[:, used].T @ np.diag(1 / noise) @ loadings[:, used]
        )
        covariance = np.linalg.inv(precision)
        mean = covariance @ loadings[:, used].T @ (data.y / noise)
        wanted = np.concatenate([target, np.zeros(data.bias.shape[1])])[used]
        assert found.mean[at] == pytest.approx(wanted @ mean, rel=1e-8)
        assert found.variance[at] == pytest.approx(wanted @ covariance @ wanted, rel=1e-8)
        n = data.figures
        among = loadings[:n] * variances @ loadings[:n].T + np.diag(noise[:n])
        log_weights.append(
            grid(PRIORS).log_weight[at] + multivariate_normal(np.zeros(n), among).logpdf(data.y[:n])
        )
    weights = np.exp(log_weights - np.logaddexp.reduce(log_weights))
    np.testing.assert_allclose(found.weights, weights, rtol=1e-8)


def test_grid_is_fine_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against 3,969 points to three standard scores: quantiles to 0.008, a hundredth of an interval's width."""
    reading = (one("ceasefire_boston", "rand_highpoint", "altoalfuego_hom", "gryd2021"),)
    coarse = effect_distribution(Register(), reading)
    monkeypatch.setattr(terms, "NODES", np.linspace(-3, 3, 21))
    monkeypatch.setattr(terms, "FEW_NODES", np.linspace(-2.5, 2.5, 9))
    for kept in (terms.grid, mixture, solved):
        kept.cache_clear()
    try:
        fine = effect_distribution(Register(), reading)
    finally:
        for kept in (terms.grid, mixture, solved):
            kept.cache_clear()
    assert fine.quantile(0.5) != coarse.quantile(0.5)
    for q in (0.05, 0.5, 0.95):
        assert coarse.quantile(q) == pytest.approx(fine.quantile(q), abs=0.008)
    assert coarse.share_from_data == pytest.approx(fine.share_from_data, abs=0.008)


def test_without_studies_the_law_is_the_prior() -> None:
    distribution = effect_distribution(
        register({"study": "a", "status": "unverified"}), (one("a"),), "street_outreach"
    )
    low, high = PRIORS.entries["evidence.between_programmes"].ends or ()
    spread, between = grid(PRIORS).programmes, grid(PRIORS).settings
    before = (
        spread**2 + PRIORS.number("evidence.grand_mean_sd") ** 2 + PRIORS.number("evidence.region_sd") ** 2
    )
    np.testing.assert_allclose(distribution.parts[2, 0], np.sqrt(before + between**2))
    assert (distribution.labels, distribution.mean, distribution.share_from_data) == (("prior",), 0.0, 0.0)
    assert (
        low < np.exp(np.exp(grid(PRIORS).log_weight) @ np.log(spread)) == pytest.approx(np.sqrt(low * high))
    )


def test_one_before_after_study_moves_the_mean_by_a_quarter_at_most() -> None:
    for error, country, bias in product((0.001, 0.2, 2.0), ("MX", "US"), (True, False)):
        row = {"study": "a", "std_error": error, "log_rate_ratio": -0.8, "country": country}
        before_after = register(row | {"design": "before_after"})
        distribution = effect_distribution(before_after, (one("a"),), bias=bias)
        assert 0 < distribution.mean / -0.8 <= 0.25 + 1e-12, (error, country, bias)
        if error < 0.01:
            assert effect_distribution(register(row), (one("a"),), bias=bias).mean / -0.8 > 0.4


def test_no_before_after_study_of_the_register_moves_its_programme_by_more_than_a_quarter() -> None:
    now = Register()
    for row in now.rows.filter(design="before_after", direction="benefit").to_dicts():
        without = now
        for other in now.listed.filter(cluster=row["cluster"])["study"]:
            without = without.without(other)
        cluster = clusters_of(now)[row["cluster"]]
        target = setting(cluster, "mexico")
        found = [fit(known, named, frozenset(), target) for known, named in ((now, [cluster]), (without, []))]
        with_it, less = (float(one.weights @ one.mean) for one in found)
        estimate = max(abs(study.value) for study in cluster)
        assert abs(with_it - less) <= 0.25 * estimate, row["study"]


def test_families_lend_strength_and_kinds_more() -> None:
    def distribution(programme: str) -> float:
        rows = register({"study": "a", "programme": programme, "log_rate_ratio": -0.8, "std_error": 0.1})
        return effect_distribution(rows, (), "street_outreach").mean

    same_kind, same_family, another = (
        distribution("cure_violence"),
        distribution("focused_deterrence"),
        distribution("summer_jobs"),
    )
    assert same_kind < same_family < another < 0


def test_settings_and_outcomes_like_those_asked_for_tell_more() -> None:
    def distribution(**row: object) -> float:
        return effect_distribution(register({"study": "a", "std_error": 0.05} | row), (one("a"),)).mean

    assert distribution(country="MX") < distribution(country="US") < 0
    rows = register({"study": "a", "std_error": 0.05})
    alike = pooled(rows, "cure_violence")
    assert alike.new_mean > alike.mean  # a study abroad says less of Mexico than of places like its own


def test_bias_can_be_switched_off_and_then_weaker_designs_say_more() -> None:
    quasi = register({"study": "a", "design": "quasi", "std_error": 0.2})
    on, off = (effect_distribution(quasi, (one("a"),), bias=bias) for bias in (True, False))
    assert off.mean < on.mean < 0
    assert off.share_from_data > on.share_from_data


def test_common_bias_of_a_design_is_not_washed_out_by_more_studies() -> None:
    """Fifty exact quasi-experiments leave the design's common bias: at least its variance given all of them."""
    many = register(*({"study": f"s{n}", "design": "quasi", "std_error": 0.01} for n in range(50)))
    trials = register(*({"study": f"s{n}", "std_error": 0.01} for n in range(50)))
    found, sure = (pooled(rows, "cure_violence") for rows in (many, trials))
    assert found.high - found.low > sure.high - sure.low
    assert found.with_figure == 50
    assert not found.prior_driven


def test_a_synthesis_has_no_variance_between_settings_of_its_own() -> None:
    meta, trial = (
        pooled(register({"study": "a", "design": design, "std_error": 0.01}), "cure_violence")
        for design in ("meta_rct", "rct")
    )
    assert meta.share_from_data > trial.share_from_data


def test_missing_errors_are_integrated_over() -> None:
    """Figures far apart say that errors or spreads are large: the posterior gives such points more weight."""
    near, far = (
        register(
            *({"study": f"s{n}", "std_error": None, "log_rate_ratio": size * (-1) ** n} for n in range(8))
        )
        for size in (0.05, 1.5)
    )
    target = weights_of("street_outreach", "rich", "homicide")
    factors = [answered(rows, target).weights @ grid(PRIORS).error for rows in (near, far)]
    assert factors[0] < factors[1]


def test_signs_say_nothing_of_spreads() -> None:
    few = register(ROWS[0])
    with_signs = register(ROWS[0], *({"study": f"s{n}", **SIGN} for n in range(20)))
    target = weights_of("street_outreach", "rich", "homicide")
    weights = [answered(rows, target).weights for rows in (few, with_signs)]
    np.testing.assert_allclose(*weights, rtol=1e-9)


def test_pooled_effect_of_a_programme() -> None:
    found = pooled(Register(), "cure_violence")
    assert found.independent == 6
    assert found.with_figure == 4
    assert not found.prior_driven
    assert found.contested
    assert found.new_low < found.low < found.mean < found.high < found.new_high
    assert found.tau_low < found.tau < found.tau_high
    # a predictive interval is the mean's, wider by the spread between settings: to the width of the mixture
    assert found.probability_harm == pytest.approx(
        norm.sf(0, found.new_mean, (found.new_high - found.new_low) / 3.29), abs=0.02
    )
    shootings = pooled(Register(), "cure_violence", "shootings")
    assert {"cv_nyc2024", "henry2014_shootings", "truce2015_shootings"} < set(shootings.studies)
    assert set(pooled(Register("2015-12"), "cure_violence", "homicide").studies) == {
        "cv_nyc2015",
        "henry2014_homicide",
    }
    assert pooled(Register(), "cure_violence", bias=False).mean < found.mean


def test_police_is_pooled_per_log_unit() -> None:
    found = pooled(Register(), "police_numbers")
    assert found.scale == "elasticity"
    chalfin = {f"chalfin_mccrary2018_{kind}" for kind in ("murder", "violent", "property")}
    assert set(found.studies) == chalfin | {"lee2016_numbers"}


def test_nothing_later_than_the_date_is_pooled() -> None:
    then = Register("2012-12")
    assert set(programmes_of(then)) < set(programmes_of(Register()))
    for programme in programmes_of(then):
        for study in pooled(then, programme).studies:
            assert then.study(study) is not None
    assert outcomes_of(Register("2017-12"), "summer_jobs") == (
        "all_cause_mortality", "arrest", "death", "reincarceration", "violence", "violent_crime_arrests",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("programme", "outcome", "key", "said"),
    [
        ("cure_violense", None, "unknown_programme", "cure_violence"),
        ("drug_price", None, "programme_not_pooled", "drug_court"),
        ("cure_violence", "arrests", "unknown_study_outcome", "shootings"),
    ],
)
def test_what_cannot_be_pooled_is_said(programme: str, outcome: str | None, key: str, said: str) -> None:
    with pytest.raises(EvidenceError) as found:
        pooled(Register(), programme, outcome)
    assert found.value.key == key
    assert said in found.value.message("en")
    assert found.value.message("es") != found.value.message("en")
