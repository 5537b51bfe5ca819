"""Laws of effects against numerical integration, sampling and their own definition."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

from merida.errors import EvidenceError
from merida.evidence import Reading, Register, effect_law, elasticity_law
from merida.evidence.laws import assumed, posterior
from merida.models.parameters import entries

PRIOR = assumed()["log_rate_ratio"]


def register(*rows: dict[str, Any]) -> Register:
    """Return a register of studies made up for a test."""
    usual = {
        "year": 2010, "available_from": "2010-12", "design": "rct", "scale": "rate_ratio", "estimate": 0.8,
        "log_rate_ratio": -0.4, "std_error": 0.2, "direction": "benefit", "reported_by_owner": False,
        "status": "verified",
    }  # fmt: skip
    full = [usual | {"cluster": row["study"]} | row for row in rows]
    return Register(
        rows=pl.DataFrame(
            full, schema_overrides={"log_rate_ratio": float, "std_error": float, "direction": str}
        )
    )


def one(*studies: str, weight: float = 1.0, label: str = "studies") -> Reading:
    return Reading(label=label, weight=weight, studies=studies)


def test_posterior_is_that_of_direct_integration() -> None:
    clusters = [(-0.6, 0.3**2, False), (0.1, 0.2**2, False), (-0.3, 0.5**2, False)]
    m = np.linspace(-3, 3, 60_001)
    density = norm.pdf(m, PRIOR["prior_mean"], PRIOR["prior_sd"])
    for value, variance, _ in clusters:
        density = density * norm.pdf(value, m, np.sqrt(variance + PRIOR["between_settings_sd"] ** 2))
    density /= density.sum()
    mean = (density * m).sum()
    sd = np.sqrt((density * (m - mean) ** 2).sum())
    np.testing.assert_allclose(posterior(clusters, "log_rate_ratio"), (mean, sd), rtol=1e-6)


def test_law_of_a_new_setting_is_wider_by_the_variance_between_settings() -> None:
    law = effect_law(register({"study": "a"}), (one("a"),))
    bias = assumed()["bias_sd"]["rct"]
    mean, sd = posterior([(-0.4, 0.2**2 + bias**2, False)], "log_rate_ratio")
    np.testing.assert_allclose(law.means, mean)
    np.testing.assert_allclose(law.sds**2, sd**2 + PRIOR["between_settings_sd"] ** 2)
    np.testing.assert_allclose(law.share_from_data, 1 - sd**2 / PRIOR["prior_sd"] ** 2)


@pytest.mark.parametrize("error", [0.001, 0.2, 2.0])
def test_one_before_after_study_moves_the_mean_by_a_quarter_at_most(error: float) -> None:
    rows = register({"study": "a", "design": "before_after", "std_error": error, "log_rate_ratio": -0.8})
    moved = effect_law(rows, (one("a"),)).mean / -0.8
    assert 0 < moved <= 0.25 + 1e-12
    if error < 0.01:
        trial = effect_law(register({"study": "a", "std_error": error, "log_rate_ratio": -0.8}), (one("a"),))
        assert trial.mean / -0.8 > 0.5


def test_studies_of_one_cluster_count_as_one_at_their_average() -> None:
    rows = register(
        {"study": "a", "cluster": "x", "log_rate_ratio": -0.2},
        {"study": "b", "cluster": "x", "log_rate_ratio": -0.6},
    )
    together, average = effect_law(rows, (one("a", "b"),)), effect_law(register({"study": "c"}), (one("c"),))
    np.testing.assert_allclose((together.mean, together.sds[0]), (average.mean, average.sds[0]))
    assert together.independent == 1
    assert together.prior_driven


def test_a_cluster_in_two_readings_is_one_cluster() -> None:
    rows = register({"study": "a", "cluster": "x"}, {"study": "b", "cluster": "x"}, {"study": "c"})
    law = effect_law(rows, (one("a", "c", weight=0.5, label="p"), one("b", weight=0.5, label="q")))
    assert law.independent == 2
    assert law.prior_driven


def test_mixture_weights_and_quantiles_are_those_of_samples() -> None:
    rows = register({"study": "a", "log_rate_ratio": -0.9}, {"study": "b", "log_rate_ratio": 0.7})
    law = effect_law(rows, (one("a", weight=0.7, label="fell"), one("b", weight=0.3, label="rose")))
    random = np.random.default_rng(3)
    drawn = law.at(random.standard_normal(400_000), random.random(400_000))
    # four standard errors of a sample quantile: sqrt(q (1 - q) / n) over the density there, above 0.2
    for q in (0.05, 0.5, 0.95):
        assert law.quantile(q) == pytest.approx(np.quantile(drawn, q), abs=0.016)
    assert law.mean == pytest.approx(drawn.mean(), abs=0.004)
    assert law.probability_harm == pytest.approx((drawn > 0).mean(), abs=0.004)
    picked = law.at(np.zeros(400_000), random.random(400_000))
    assert (picked < 0).mean() == pytest.approx(0.7, abs=0.004)
    assert law.contested


def test_readings_unknown_at_the_date_drop_out_and_weights_follow() -> None:
    late = {"study": "b", "available_from": "2015-12"}
    rows = register({"study": "a"}, late)
    then = Register("2012-12", rows.rows)
    law = effect_law(then, (one("a", weight=0.4, label="p"), one("b", weight=0.6, label="q")))
    assert (law.labels, law.weights.tolist(), law.studies) == (("p",), [1.0], ("a",))
    nothing = effect_law(then, (one("b"),))
    assert (nothing.labels, nothing.independent, nothing.share_from_data) == (("prior",), 0, 0.0)
    assert nothing.mean == 0
    np.testing.assert_allclose(
        nothing.sds[0] ** 2, PRIOR["prior_sd"] ** 2 + PRIOR["between_settings_sd"] ** 2
    )


def test_unverified_rows_never_count() -> None:
    rows = register({"study": "a"}, {"study": "b", "status": "unverified", "log_rate_ratio": 3.0})
    assert effect_law(rows, (one("a", "b"),)).mean == effect_law(rows, (one("a"),)).mean


@pytest.mark.parametrize(("direction", "sign"), [("benefit", -1), ("harm", 1), ("null", 0), ("mixed", 0)])
def test_row_without_a_figure_counts_by_its_direction(direction: str, sign: int) -> None:
    rows = register(
        {
            "study": "a",
            "scale": "direction",
            "log_rate_ratio": None,
            "std_error": None,
            "direction": direction,
        }
    )
    law = effect_law(rows, (one("a"),))
    assert np.sign(law.mean) == sign
    assert abs(law.mean) < PRIOR["direction_only"]
    assert law.independent == 1


def test_null_results_of_the_register_count() -> None:
    """The failed replication stands in the register as a null: it is a reading, not an absence."""
    law = effect_law(Register(), entries()["demand.hope_probation.arrests_effect"].evidence or ())
    assert law.labels == ("Honolulu", "replication")
    assert law.means[0] < law.means[1] == 0


def test_owners_and_weaker_designs_move_less() -> None:
    def moved(**row: Any) -> float:
        return -effect_law(register({"study": "a"} | row), (one("a"),)).mean

    assert moved() > moved(design="quasi") > moved(design="quasi", reported_by_owner=True)
    assert moved() > moved(design="review", std_error=None)


def test_elasticities_have_their_own_scale() -> None:
    row = {"study": "a", "scale": "elasticity", "estimate": -0.67, "log_rate_ratio": None, "std_error": 0.24}
    law = elasticity_law(register(row), (one("a"),))
    prior, bias = assumed()["elasticity"], assumed()["bias_sd"]["rct"]
    total = 0.24**2 + bias**2 + prior["between_settings_sd"] ** 2
    expected = -0.67 / total / (1 / total + 1 / prior["prior_sd"] ** 2)
    assert law.mean == pytest.approx(expected)
    by_direction = elasticity_law(register({"study": "a"}), (one("a"),))
    total = prior["direction_only_std_error"] ** 2 + bias**2 + prior["between_settings_sd"] ** 2
    assert by_direction.mean == pytest.approx(-prior["direction_only"] / (1 + total / prior["prior_sd"] ** 2))


@pytest.mark.parametrize("path", [path for path, entry in entries().items() if entry.evidence])
def test_every_law_moves_with_its_studies(path: str) -> None:
    entry, now = entries()[path], Register()
    make = effect_law if entry.scale == "log_rate_ratio" else elasticity_law
    law = make(now, entry.evidence or ())
    assert law.weights.sum() == pytest.approx(1)
    assert 0 <= law.share_from_data < 1
    for study in law.studies:
        without = make(now.without(study), entry.evidence or ())
        flipped = make(now.flipped(study), entry.evidence or ())
        row = now.study(study)
        assert row is not None
        assert (without.mean, *without.sds) != (law.mean, *law.sds)
        if row["direction"] in ("benefit", "harm"):
            assert (flipped.mean > law.mean) == (row["direction"] == "benefit")


def test_study_that_no_register_holds_is_refused() -> None:
    with pytest.raises(EvidenceError):
        effect_law(Register(), (one("nobody2020"),))
