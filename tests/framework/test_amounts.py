"""Amounts that cannot be meant: the measure is the record's, and the message says what was probably meant."""

import pytest

from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, places
from merida.framework.amounts import (
    ENACTED_ACCOUNT_USD,
    ENACTED_YEAR_USD,
    check_budget,
    check_row_amount,
    meant_millions,
)

ROW = "programme,account,place,start,end,usd_per_year\nvetting,INCLE,MX,2013-01,2017-12,{usd}\n"


def test_the_measure_is_what_was_enacted(facts: Facts) -> None:
    for by, expected in (("fiscal_year", ENACTED_YEAR_USD), ("fiscal_year, account", ENACTED_ACCOUNT_USD)):
        sums = f"select sum(usd) as usd from appropriations where status = 'verified' group by {by}"
        assert facts.sql(f"select min(usd), max(usd) from ({sums})").row(0) == expected


def test_budgets_far_outside_are_refused_with_what_was_meant() -> None:
    for usd in (10e6, 100e6, 275e6, 1.4e9, 5e9):
        check_budget(usd)
    for usd, meant in ((275.0, 275), (275e3, 275), (275e9, 275)):
        with pytest.raises(PlanError) as caught:
            check_budget(usd)
        assert caught.value.key == "budget_unlikely"
        assert caught.value.values["meant"] == pytest.approx(meant)
        for language in ("en", "es"):
            assert f"--budget {meant:g}e6" in caught.value.message(language)


def test_the_same_number_is_read_in_the_unit_nearest_to_the_record() -> None:
    assert meant_millions(20.0, ENACTED_ACCOUNT_USD) == pytest.approx(20)
    assert meant_millions(20e9, ENACTED_ACCOUNT_USD) == pytest.approx(20)
    assert meant_millions(45_000.0, ENACTED_YEAR_USD) == pytest.approx(45)


def test_rows_far_outside_are_refused_but_nothing_and_little_may_be_given() -> None:
    for usd in (0.0, 1000.0, 43_532.4, 20e6, 2e9):
        check_row_amount(usd, "row 1")
    for usd in (20.0, 999.0, 20e9):
        with pytest.raises(PlanError) as caught:
            check_row_amount(usd, "row 1")
        assert caught.value.key == "plan_usd_unlikely"
        assert "row 1" in str(caught.value)


def test_a_plan_is_read_with_its_unit_asked_for_unless_as_given(facts_2012: Facts, tmp_path) -> None:
    framework, known = Framework.load("merida"), places(facts_2012)
    for usd in ("20", "20000000000"):
        path = tmp_path / "plan.csv"
        path.write_text(ROW.format(usd=usd))
        with pytest.raises(PlanError) as caught:
            Plan.read(path, framework, known)
        assert caught.value.key == "plan_usd_unlikely"
        assert "20 million (20e6)" in str(caught.value)
        assert "plan.csv" in str(caught.value)
        assert Plan.read(path, framework, known, as_given=True).rows[0].usd_per_year == float(usd)
