"""The register of studies and costs: what counts at a date, and that models and frameworks name what exists."""

import polars as pl
import pytest

from merida.errors import EvidenceError
from merida.evidence import Register
from merida.evidence.register import table
from merida.framework import Framework
from merida.parameters.parameters import entries

STUDIES = sorted(
    {study for entry in entries().values() for reading in entry.evidence or () for study in reading.studies}
)
COSTS = sorted(
    {
        programme.unit_cost.cost
        for name in ("merida", "bicentennial")
        for programme in Framework.load(name).programmes.values()
        if programme.unit_cost.cost
    }
)


def test_studies_and_costs_that_models_and_frameworks_name_are_verified() -> None:
    now = Register()
    assert STUDIES
    assert COSTS
    assert not [study for study in STUDIES if now.study(study) is None]
    assert not [cost for cost in COSTS if now.cost(cost) is None]


def test_registers_with_the_same_rows_at_the_same_date_are_one() -> None:
    now = Register()
    assert len({now, Register(), Register(rows=table("register.csv").clone())}) == 1
    others = {now, Register("2012-12"), now.without("bam_viol"), now.flipped("bam_viol")}
    assert len(others) == 4
    assert now.without("bam_viol") == Register().without("bam_viol")
    assert now.flipped("bam_viol").flipped("bam_viol") == now


def test_ids_are_unique_and_statuses_known() -> None:
    for name, key in (("register.csv", "study"), ("costs.csv", "cost")):
        rows = table(name)
        assert rows[key].is_unique().all()
        assert set(rows["status"]) <= {"verified", "unverified", "computed", "unopened"}
        assert rows["available_from"].str.contains(r"^\d{4}-(0[1-9]|1[0-2])$").all()
        assert (rows["available_from"].str.slice(0, 4).cast(int) >= rows["year"]).all()
    assert not table("register.csv").filter(status="verified")["design"].is_null().any()


def test_nothing_later_than_the_date_counts() -> None:
    then, now = Register("2012-12"), Register()
    for early, late in ((then.rows, now.rows), (then.costs, now.costs)):
        assert 0 < early.height < late.height
        assert early["available_from"].max() <= "2012-12"
        assert late.filter(pl.col("available_from") <= "2012-12").equals(early)
    assert then.digest != now.digest
    assert then.digest == Register("2012-12").digest


def test_study_not_yet_published_is_none() -> None:
    assert Register("2012-12").study("chalfin_mccrary2018_murder") is None
    assert Register("2018-11").study("chalfin_mccrary2018_murder") is None
    found = Register("2018-12").study("chalfin_mccrary2018_murder")
    assert found is not None
    assert found["estimate"] == -0.67


def test_what_is_not_verified_never_counts() -> None:
    for name, key in (("register.csv", "study"), ("costs.csv", "cost")):
        rows = table(name).filter(pl.col("status") != "verified")
        counted = Register().rows if key == "study" else Register().costs
        assert not set(rows[key]) & set(counted[key])
    unverified = table("register.csv").filter(status="unverified")["study"][0]
    assert Register().study(unverified) is None


def test_unknown_ids_give_the_nearest() -> None:
    with pytest.raises(EvidenceError, match="hope2009_arrest") as found:
        Register().study("hope2009_arest")
    assert found.value.message("es") != found.value.message("en")
    with pytest.raises(EvidenceError, match="hope_cost"):
        Register().cost("hope_costs")


def test_without_and_flipped_change_one_study() -> None:
    register = Register()
    assert register.without("bam_viol").study("bam_viol") is None
    assert register.without("bam_viol").rows.height == register.rows.height - 1
    flipped = register.flipped("bam_viol")
    mine, before = flipped.study("bam_viol"), register.study("bam_viol")
    assert mine is not None
    assert before is not None
    assert (mine["log_rate_ratio"], mine["direction"]) == (-float(str(before["log_rate_ratio"])), "harm")
    others = pl.col("study") != "bam_viol"
    assert flipped.rows.filter(others).equals(register.rows.filter(others))
    assert flipped.flipped("bam_viol").rows.equals(register.rows)
    assert Register("2012-12").flipped("bam_viol").as_of == "2012-12"
