"""Laws of effects: readings, mixtures, clusters, and how each law moves with its studies."""

from typing import Any

import numpy as np
import pytest

from merida.errors import EvidenceError
from merida.evidence import EffectDistribution, Register, effect_distribution, elasticity_distribution
from merida.parameters import entries
from merida.priors import Entry
from tests.evidence.studies import SIGN, one, register


def law_of(entry: Entry, known: Register) -> EffectDistribution:
    make = effect_distribution if entry.scale == "log_rate_ratio" else elasticity_distribution
    return make(known, entry.evidence or (), entry.kind)


def test_mixture_weights_and_quantiles_are_those_of_samples() -> None:
    rows = register({"study": "a", "log_rate_ratio": -0.9}, {"study": "b", "log_rate_ratio": 0.7})
    distribution = effect_distribution(
        rows, (one("a", weight=0.7, label="fell"), one("b", weight=0.3, label="rose"))
    )
    random = np.random.default_rng(3)
    drawn = distribution.at(random.standard_normal(400_000), random.random(400_000))
    # four standard errors of a sample quantile: sqrt(q (1 - q) / n) over the density there, above 0.2
    for q in (0.05, 0.5, 0.95):
        assert distribution.quantile(q) == pytest.approx(np.quantile(drawn, q), abs=0.016)
    assert distribution.mean == pytest.approx(drawn.mean(), abs=0.004)
    assert distribution.probability_harm == pytest.approx((drawn > 0).mean(), abs=0.004)
    for at, u in ((0, 0.69), (1, 0.71)):
        alone = distribution.at(random.standard_normal(100_000), np.full(100_000, u))
        assert alone.mean() == pytest.approx(distribution.means[at], abs=0.005)
        assert alone.std() == pytest.approx(distribution.sds[at], abs=0.004)
    assert distribution.contested


def test_draws_rise_with_the_score_and_move_smoothly_with_the_evidence() -> None:
    distribution = effect_distribution(Register(), (one("bam_viol", "jtdc"),))
    z = np.linspace(-3.5, 3.5, 200)
    drawn = distribution.at(z, np.zeros(200))
    assert np.all(np.diff(drawn) > 0)
    for elsewhere in ("oat_santo2021", "lighting_nyc", "carsi_cepr2016"):
        less = effect_distribution(Register().without(elsewhere), (one("bam_viol", "jtdc"),)).at(
            z, np.zeros(200)
        )
        assert 0 < np.abs(less - drawn).max() < 0.06


def test_readings_unknown_at_the_date_drop_out_and_weights_follow() -> None:
    studies = ({"study": "a"}, {"study": "b", "available_from": "2015-12"})
    then = register(*studies, as_of="2012-12")
    distribution = effect_distribution(
        then, (one("a", weight=0.4, label="p"), one("b", weight=0.6, label="q"))
    )
    assert (distribution.labels, distribution.weights.tolist(), distribution.studies) == (
        ("p",),
        [1.0],
        ("a",),
    )
    nothing = effect_distribution(then, (one("b"),), "street_outreach")
    assert (nothing.labels, nothing.independent, nothing.with_figure) == (("prior",), 0, 0)
    assert distribution.mean < nothing.mean < 0  # its kind is known to do good from another study
    assert effect_distribution(then, (), "southbound_checks").mean > nothing.mean


def test_what_one_reading_believes_the_other_does_not() -> None:
    rows = register({"study": "a", "log_rate_ratio": -0.9}, {"study": "b", "log_rate_ratio": 0.7})
    both = effect_distribution(rows, (one("a", weight=0.5, label="fell"), one("b", weight=0.5, label="rose")))
    for study, other, mean in (("a", "b", both.means[0]), ("b", "a", both.means[1])):
        alone = effect_distribution(rows.without(other), (one(study),))
        assert mean == pytest.approx(alone.mean)


@pytest.mark.parametrize(("direction", "sign"), [("benefit", -1), ("harm", 1), ("null", 0), ("mixed", 0)])
def test_row_without_a_figure_counts_by_its_direction(direction: str, sign: int) -> None:
    distribution = effect_distribution(register({"study": "a", **SIGN, "direction": direction}), (one("a"),))
    assert np.sign(round(distribution.mean, 12)) == sign
    assert abs(distribution.mean) < Register().priors.number("evidence.sign_only")
    assert distribution.independent == 1
    assert distribution.with_figure == 0


def test_a_sign_that_a_figure_of_its_cluster_gives_adds_nothing_and_another_does() -> None:
    same = {"cluster": "x", **SIGN}
    figure = {"study": "a", "cluster": "x"}
    alone = effect_distribution(register(figure), (one("a"),))
    agreed = effect_distribution(register(figure, {"study": "b", **same}), (one("a", "b"),))
    assert (agreed.mean, agreed.studies) == (alone.mean, ("a",))
    against = effect_distribution(
        register(figure, {"study": "b", **same, "direction": "null"}), (one("a", "b"),)
    )
    assert against.mean > alone.mean
    assert against.studies == ("a", "b")


def test_null_results_of_the_register_count() -> None:
    """The failed replication stands in the register as a null: it is a reading, not an absence."""
    distribution = law_of(entries()["demand.hope_probation.arrests_effect"], Register())
    assert distribution.labels == ("Honolulu", "replication")
    without = law_of(
        entries()["demand.hope_probation.arrests_effect"],
        Register().without("hope_dfe2016").without("dyt_delaware"),
    )
    assert without.labels == ("Honolulu",)
    assert distribution.means[0] == pytest.approx(without.mean)
    assert distribution.means[0] < distribution.means[1] < 0.1


def test_owners_and_weaker_designs_move_less() -> None:
    def moved(**row: Any) -> float:
        return -effect_distribution(register({"study": "a"} | row), (one("a"),)).mean

    assert moved() > moved(design="quasi") > moved(design="quasi", reported_by_owner=True)
    assert moved() > moved(design="review", std_error=None)


def test_elasticities_have_their_own_scale() -> None:
    """An elasticity of so many units is an effect of one at a study's dose, in its own units."""
    many = Register().priors.number("evidence.elasticity_unit")
    police = {"study": "a", "programme": "police_numbers", "scale": "elasticity", "log_rate_ratio": None}
    distribution = elasticity_distribution(
        register(police | {"estimate": -0.4 * many, "std_error": 0.2 * many}), (one("a"),)
    )
    ratio = effect_distribution(register({"study": "a", "programme": "hot_spots_policing"}), (one("a"),))
    assert distribution.mean == pytest.approx(many * ratio.mean)
    by_direction = elasticity_distribution(
        register({"study": "a", "programme": "police_numbers"}), (one("a"),)
    )
    assert (by_direction.with_figure, by_direction.mean < 0) == (0, True)
    dosed = {"study": "a", "programme": "police_numbers_cops_grants", "dose_ratio": 1.1, "std_error": None}
    assert elasticity_distribution(register(dosed | {"log_rate_ratio": -0.05}), (one("a"),)).with_figure == 1


@pytest.mark.parametrize("path", [path for path, entry in entries().items() if entry.evidence])
def test_every_law_moves_with_its_studies(path: str) -> None:
    entry, now = entries()[path], Register()
    distribution = law_of(entry, now)
    assert distribution.weights.sum() == pytest.approx(1)
    assert 0 <= distribution.share_from_data < 1
    for study in distribution.studies[
        :: 1 + len(distribution.studies) // 5
    ]:  # each costs two models of all studies
        without, flipped = law_of(entry, now.without(study)), law_of(entry, now.flipped(study))
        row = now.study(study)
        assert row is not None
        assert (without.mean, *without.sds) != (distribution.mean, *distribution.sds)
        if row["direction"] in ("benefit", "harm"):
            assert (flipped.mean > distribution.mean) == (row["direction"] == "benefit")


@pytest.mark.parametrize("path", [path for path, entry in entries().items() if entry.evidence == ()])
def test_a_lever_without_studies_has_the_law_of_its_family(path: str) -> None:
    distribution = law_of(entries()[path], Register())
    assert (distribution.labels, distribution.studies, distribution.prior_driven) == (("prior",), (), True)
    assert distribution.quantile(0.05) < 0 < distribution.quantile(0.95)
    weight, mean, sd = distribution.parts[:, 0]
    for link, near in (
        (0.55, 0.04),
        (1.0, 0.1),
    ):  # the rate ratio to expect presumes neither good nor much harm
        assert weight @ np.exp(link * mean + (link * sd) ** 2 / 2) == pytest.approx(1.0, abs=near)


def test_studies_of_one_cluster_count_as_one_at_their_average() -> None:
    rows = register(
        {"study": "a", "cluster": "x", "log_rate_ratio": -0.2},
        {"study": "b", "cluster": "x", "log_rate_ratio": -0.6},
    )
    together, average = (
        effect_distribution(rows, (one("a", "b"),)),
        effect_distribution(register({"study": "c"}), (one("c"),)),
    )
    np.testing.assert_allclose((together.mean, together.sds[0]), (average.mean, average.sds[0]))
    assert together.independent == 1
    assert together.prior_driven


def test_a_cluster_in_two_readings_is_one_cluster() -> None:
    rows = register({"study": "a", "cluster": "x"}, {"study": "b", "cluster": "x"}, {"study": "c"})
    distribution = effect_distribution(
        rows, (one("a", "c", weight=0.5, label="p"), one("b", weight=0.5, label="q"))
    )
    assert distribution.independent == 2
    assert distribution.prior_driven


def test_unverified_rows_never_count() -> None:
    rows = register({"study": "a"}, {"study": "b", "status": "unverified", "log_rate_ratio": 3.0})
    assert effect_distribution(rows, (one("a", "b"),)).mean == effect_distribution(rows, (one("a"),)).mean


def test_study_that_no_register_holds_is_refused() -> None:
    with pytest.raises(EvidenceError):
        effect_distribution(Register(), (one("nobody2020"),))
