"""The rows of the register themselves, and what a law makes of rows that are no figure."""

import math

import polars as pl
import pytest

from merida.errors import EvidenceError
from merida.evidence import Reading, Register, effect_law
from merida.evidence.laws import assumed, measure
from merida.evidence.register import table

ROWS = table("register.csv")
RATIOS = ROWS.filter(pl.col("log_rate_ratio").is_not_null())


def of(*studies: str) -> tuple[Reading, ...]:
    return (Reading(label="studies", weight=1.0, studies=studies),)


def test_log_rate_ratios_are_those_of_the_published_figures() -> None:
    """To half a unit of the fourth decimal; where treatment was given as out against in, turned round."""
    for row in RATIOS.iter_rows(named=True):
        ratio = row["estimate"] if row["scale"] == "rate_ratio" else 1 + row["estimate"] / 100
        assert abs(row["log_rate_ratio"]) == pytest.approx(abs(math.log(ratio)), abs=6e-5), row["study"]


def test_a_ratio_has_the_sign_of_what_the_study_says() -> None:
    assert RATIOS.filter((pl.col("log_rate_ratio") > 0) != (pl.col("direction") == "harm")).is_empty()


def test_scales_designs_and_directions_are_known() -> None:
    scales = {"percent_change", "rate_ratio", "elasticity", "smd", "level", "share", "bound", "direction"}
    assert set(ROWS["scale"]) <= scales
    assert set(ROWS["design"]) <= set(assumed()["std_error"]) <= set(assumed()["bias_sd"])
    assert set(ROWS["direction"]) <= {"harm", "benefit", "null", "mixed", "context"}


def test_money_without_a_price_year_is_not_verified() -> None:
    assert Register().costs.filter(pl.col("price_year").is_null()).is_empty()


def test_a_sign_never_weighs_more_than_a_figure_of_its_design() -> None:
    for row in Register().rows.iter_rows(named=True):
        measured = measure(row, "log_rate_ratio")
        if measured is not None and row["log_rate_ratio"] is None:
            assert measured[1] >= assumed()["std_error"][row["design"]]


def test_rows_that_cannot_count_are_not_listed_and_signs_make_no_interval() -> None:
    law = effect_law(Register(), of("tsj_juarez"))
    assert (law.labels, law.studies, law.with_figure) == (("prior",), (), 0)
    signs = effect_law(Register(), of("gryd2021", "blair2021", "gill2014", "cv_baltimore2021"))
    assert (signs.independent, signs.with_figure, signs.prior_driven) == (4, 0, True)


def test_estimates_from_the_same_deaths_are_one() -> None:
    assert effect_law(Register(), of("lindo2015_own", "calderon2015", "dickenson2014")).independent == 1


def test_a_row_published_later_changes_nothing() -> None:
    planted = ROWS.filter(study="ceasefire_boston").with_columns(
        pl.lit("2013-12").alias("available_from"), pl.lit(5.0).alias("log_rate_ratio")
    )
    later = planted.with_columns(pl.lit("later").alias("study"))
    then = Register("2012-12", pl.concat([ROWS, later]))
    assert then.digest == Register("2012-12").digest
    law, before = (
        effect_law(one, of(*names))
        for one, names in (
            (then, ("ceasefire_boston", "later")),
            (Register("2012-12"), ("ceasefire_boston",)),
        )
    )
    assert (law.mean, law.sds.tolist()) == (before.mean, before.sds.tolist())


@pytest.mark.parametrize("change", ["without", "flipped"])
def test_a_study_that_does_not_exist_cannot_be_changed(change: str) -> None:
    with pytest.raises(EvidenceError, match="bam_viol"):
        getattr(Register(), change)("bam_vio")
