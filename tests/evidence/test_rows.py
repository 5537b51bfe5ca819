"""The rows of the register themselves, and what a law makes of rows that are no figure."""

import math

import polars as pl
import pytest

from merida.errors import EvidenceError
from merida.evidence import Reading, Register, conversions, effect_distribution, statuses
from merida.evidence.register import table
from merida.evidence.rows import OUTCOMES, Study, families, judged, kinds, unit
from merida.evidence.schema import checked

ROWS, PRIORS = table("register.csv"), Register().priors
RATIOS = ROWS.filter(pl.col("log_rate_ratio").is_not_null())


def of(*studies: str) -> tuple[Reading, ...]:
    return (Reading(label="studies", weight=1.0, studies=studies),)


def test_log_rate_ratios_are_those_of_the_published_figures() -> None:
    """To half a unit of the fourth decimal; where treatment was given as out against in, turned round."""
    for row in RATIOS.iter_rows(named=True):
        brought = {
            "rate_ratio": conversions.rate_ratio, "percent_change": conversions.percent_change, "log_ratio": float,
        }[row["scale"]](row["estimate"])  # fmt: skip
        assert abs(row["log_rate_ratio"]) == pytest.approx(abs(brought), abs=6e-5), row["study"]


def test_a_ratio_has_the_sign_of_what_the_study_says() -> None:
    said = RATIOS.filter(pl.col("direction").is_in(["benefit", "harm"]), pl.col("outcome_class") != "other")
    assert said.filter((pl.col("log_rate_ratio") > 0) != (pl.col("direction") == "harm")).is_empty()


def test_what_is_assumed_covers_every_design() -> None:
    errors, biases = (
        {path.rpartition(".")[2] for path in PRIORS.entries if path.startswith(f"evidence.{group}.")}
        for group in ("std_error", "bias_sd")
    )
    assert set(ROWS["design"]) <= errors <= biases
    assert set(ROWS["outcome_class"]) == {*OUTCOMES, "other"}


def test_every_number_assumed_has_its_range_and_its_reason_in_both_languages() -> None:
    for path, entry in PRIORS.entries.items():
        assert all(entry.note_in(language) for language in ("en", "es")), path
        if path.count(".") == 1:  # the others are by design, and stand together
            assert entry.ends is not None, path
            low, high = entry.ends
            assert low <= entry.number <= high > low, path


def test_every_programme_is_of_one_kind_or_of_none_for_a_reason() -> None:
    named = [programme for kind in kinds().values() for programme in kind.programmes]
    assert len(named) == len(set(named))
    assert set(named) <= set(ROWS["programme"])
    assert set(ROWS["programme"]) - set(named) == {
        "awb_expiry", "border_delay", "cannabis_legalisation_california", "cbp_staffing", "cocaine_supply_shock",
        "ctpat_fast", "delay", "drug_price", "inspection_intensity", "none",
        "border_plant_inspection", "customs_inspection", "gun_dealer_density", "reelection_accountability",
        "right_to_carry", "trusted_trader", "vehicle_scanning",
    }  # fmt: skip
    assert len(kinds()) == sum(len(family.kinds) for family in families().values())


@pytest.mark.parametrize(
    ("table_name", "column", "value", "expected"),
    [
        ("register.csv", "design", "guess", "rct"),
        ("register.csv", "std_error", -0.1, "> 0"),
        ("register.csv", "available_from", "1990-12", "year"),
        ("register.csv", "available_from", "2030-13", "YYYY-MM"),
        ("register.csv", "year", 202, "1900"),
        ("register.csv", "cluster", "", "text"),
        ("register.csv", "direction", None, "text"),
        ("register.csv", "study", "bam_viol", "unique"),
        ("register.csv", "outcome_class", "murder", "homicide"),
        ("costs.csv", "low", 1e12, "high"),
        ("costs.csv", "status", "checked", "verified"),
    ],
)
def test_mistakes_in_the_tables_are_named_by_row_and_column(
    table_name: str, column: str, value: object, expected: str
) -> None:
    rows = table(table_name)
    key = rows.columns[0]
    at = rows.filter(
        pl.col("high").is_not_null(), pl.col("low").is_not_null(), year=2021 if key == "cost" else 2017
    )
    study = at[key][0]
    changed = rows.with_columns(
        pl.when(pl.col(key) == study)
        .then(pl.lit(value, dtype=rows[column].dtype))
        .otherwise(column)
        .alias(column)
    )
    with pytest.raises(EvidenceError) as found:
        checked(table_name, changed)
    assert found.value.key == "register_row"
    assert found.value.values["column"] == column
    for language in ("en", "es"):
        said = found.value.message(language)
        assert expected in said
        assert (study in said) or column == key


def test_missing_columns_and_text_in_numbers_are_named() -> None:
    with pytest.raises(EvidenceError, match="base"):
        checked("register.csv", ROWS.drop("base"))
    with pytest.raises(EvidenceError, match="std_error"):
        checked("register.csv", ROWS.with_columns(pl.lit("about 0.2").alias("std_error")))


def test_money_without_a_price_year_is_not_verified() -> None:
    assert Register().costs.filter(pl.col("price_year").is_null()).is_empty()


def test_a_sign_never_weighs_more_than_a_figure_of_its_design() -> None:
    for row in Register().rows.iter_rows(named=True):
        study = judged(row, PRIORS)
        if isinstance(study, Study) and study.source == "sign":
            usual = max(
                PRIORS.number(f"evidence.std_error.{row['design']}"),
                PRIORS.number("evidence.sign_only_error"),
            )
            assert study.error == pytest.approx(usual * unit(study.kind, PRIORS))


def test_status_of_every_row_is_known() -> None:
    status = statuses(Register())
    assert status.keys() == set(ROWS["study"])
    by_status = {
        one: {study for study, is_one in status.items() if is_one == one} for one in set(status.values())
    }
    assert set(by_status) == {
        "counted", "said_by_figure", "excluded_not_known", "excluded_programme", "excluded_outcome", "excluded_context",
        "excluded_part", "excluded_smd",
    }  # fmt: skip
    assert "tsj_juarez" in by_status["excluded_context"]
    assert {"metaketa2021_ug_admin", "nicosia2016_women"} <= by_status["excluded_part"]
    assert {"cali2023_witness", "hotspots_d2022"} <= by_status["excluded_smd"]
    assert by_status["excluded_not_known"] == set(ROWS.filter(pl.col("status") != "verified")["study"])
    assert {"carsi_trust", "canales2020", "torture2020"} <= by_status["excluded_outcome"]
    assert {"castillo2020", "dube2012_deaths", "sandag2021"} <= by_status["excluded_programme"]


def test_standardised_differences_of_rates_do_not_count() -> None:
    smd = ROWS.filter(study="braga2018_all").to_dicts()[0]
    assert judged(smd | {"status": "verified"}, PRIORS) == "excluded_smd"


def test_before_after_rows_count_and_trends_do_not() -> None:
    by_name = {row["study"]: judged(row, PRIORS) for row in ROWS.to_dicts()}
    fallen = by_name["altoalfuego_hom"]
    assert isinstance(fallen, Study)
    assert (fallen.before_after, fallen.source, fallen.owner) == (True, "design", True)
    assert fallen.value == pytest.approx(math.log(0.42), abs=6e-5)
    assert by_name["tsj_juarez"] == "excluded_context"


def test_figures_are_converted_with_base_and_dose() -> None:
    by_name = {row["study"]: judged(row, PRIORS) for row in ROWS.to_dicts()}
    court, grant = by_name["drugcourt2012"], by_name["mello2019_crime"]
    assert isinstance(court, Study)
    assert isinstance(grant, Study)
    assert court.value == pytest.approx(math.log(0.38 / 0.5))
    assert grant.value == pytest.approx(math.log(0.965) / math.log(1.032), abs=2e-3)


def test_rows_that_cannot_count_are_not_listed_and_signs_make_no_interval() -> None:
    distribution = effect_distribution(Register(), of("tsj_juarez"), "community_prevention")
    assert (distribution.labels, distribution.studies, distribution.with_figure) == (("prior",), (), 0)
    signs = effect_distribution(Register(), of("gryd2021", "readi_index", "gill2014", "cv_baltimore2021"))
    assert (signs.independent, signs.with_figure, signs.prior_driven) == (4, 0, True)


def test_estimates_from_the_same_deaths_are_one() -> None:
    assert (
        effect_distribution(Register(), of("lindo2015_own", "calderon2015", "dickenson2014")).independent == 1
    )


def test_a_row_published_later_changes_nothing() -> None:
    planted = ROWS.filter(study="ceasefire_boston").with_columns(
        pl.lit("2013-12").alias("available_from"), pl.lit(5.0).alias("log_rate_ratio")
    )
    later = planted.with_columns(pl.lit("later").alias("study"))
    then = Register("2012-12", pl.concat([ROWS, later]))
    assert then.digest == Register("2012-12").digest
    distribution, before = (
        effect_distribution(one, of(*names))
        for one, names in (
            (then, ("ceasefire_boston", "later")),
            (Register("2012-12"), ("ceasefire_boston",)),
        )
    )
    assert (distribution.mean, distribution.sds.tolist()) == (before.mean, before.sds.tolist())


@pytest.mark.parametrize("change", ["without", "flipped"])
def test_a_study_that_does_not_exist_cannot_be_changed(change: str) -> None:
    with pytest.raises(EvidenceError, match="bam_viol"):
        getattr(Register(), change)("bam_vio")
