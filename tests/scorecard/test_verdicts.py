"""Verdicts against the record by hand: each figure is read from its table here, by other means than its own query."""

from collections.abc import Mapping

import polars as pl
import pytest

from merida.facts import Facts
from merida.framework.indicators import indicators, of_framework
from merida.scorecard import scoring
from merida.scorecard.card import Entry, scorecard
from merida.scorecard.series import Series


@pytest.fixture(scope="module")
def now(facts: Facts) -> dict[str, Entry]:
    return {one.indicator.code: one for one in scorecard(facts, "merida")}


@pytest.fixture(scope="module")
def then(facts_2012: Facts) -> dict[str, Entry]:
    return {one.indicator.code: one for one in scorecard(facts_2012, "merida")}


def table(facts: Facts, name: str) -> pl.DataFrame:
    return facts.sql(f"select * from {name}")


def published(facts: Facts, name: str) -> float:
    value: float = table(facts, "published_facts").filter(pl.col("id") == name)["value"].item()
    return value


def test_ten_verdicts_by_hand(facts: Facts, now: Mapping[str, Entry]) -> None:
    enacted = table(facts, "appropriations").filter(status="verified", scope="merida")
    in_2013 = enacted.filter(fiscal_year=2013)["usd"].sum() / 1e6
    assert in_2013 == pytest.approx(227.144)  # ESF 32.067, INCLE 195.077, below the memo's 250
    assert now["M-01"].verdict == "missed"

    until_2010 = enacted.filter(pl.col("fiscal_year") <= 2010)["usd"].sum()
    assert until_2010 > published(facts, "P032")  # 1,505 million for Mexico alone, of 1,400 promised
    assert now["M-02"].verdict == "met"

    assert published(facts, "P039") == 9e8  # expected by the end of 2011; the next sum on record is of 2015
    assert now["M-14"].verdict == "due_unknown"

    assert published(facts, "P117") == 33 < published(facts, "P111") == 37
    assert now["D-01"].verdict == "no_date"
    assert published(facts, "T043") == 109  # of 122
    assert now["D-02"].verdict == "no_date"

    first = table(facts, "judicial_reform").filter(status="verified")["state"].to_list()
    seen = table(facts, "judicial_reform_status").filter(pl.col("operation") != "none")
    operating = {*first, *seen.filter(pl.col("operation") != "pending")["state"].to_list()}
    assert len(operating) == 32
    assert now["R-01"].verdict == "met"

    early_2016 = table(facts, "judicial_reform_status").filter(month="2016-01", operation="full")
    assert early_2016.height == 4  # of 32, half a year before the deadline; no later count is on record
    assert now["R-02"].verdict == "due_unknown"

    assert published(facts, "T174") < published(facts, "T173")  # 71,000 of 81,500 exams
    assert now["R-25"].verdict == "missed"
    assert published(facts, "T047") < published(facts, "T048")  # 23,147 of 24,475 officers
    assert now["B-08"].verdict == "missed"

    assert now["D-06"].verdict == "no_target"
    deaths = table(facts, "homicides_national").filter(year=2021)["deaths_registration"].item()
    assert now["D-06"].actual is not None
    assert now["D-06"].actual.value == deaths == 35700
    assert now["M-20"].verdict == "gap"
    assert now["M-20"].actual is None


def test_on_the_memo_s_day_only_what_was_known_then(facts_2012: Facts, then: Mapping[str, Entry]) -> None:
    """As of December 2012 no value is of a later month, and each table's own column says that it was public."""
    for one in then.values():
        assert all(at.month <= "2012-12" for at in one.series.actuals), one.indicator.name
        for name in one.series.origin.tables:
            latest = facts_2012.sql(f"select max(available_from) as month from {name}").item()
            assert latest is None or latest <= "2012-12"
        if one.due is not None:
            assert one.due.target.known <= "2012-12"
    deaths = then["D-06"].actual
    assert deaths is not None
    assert deaths.date == "2011"  # INEGI's deaths of 2012 came in October 2013
    assert then["R-25"].due is None  # INEGI published the exams due in 2018
    assert then["B-08"].verdict == "gap"
    assert then["S-09"].verdict == "no_target"


def test_the_courts_as_they_could_be_judged_in_2012(
    then: Mapping[str, Entry], now: Mapping[str, Entry]
) -> None:
    """Twelve states of 32 in December 2012: the walk called it off track, the growth ratio on track; it was met."""
    one = then["R-01"]
    assert one.actual is not None
    assert one.actual.value == 12  # P060: twelve, at least partially
    assert one.due is not None
    assert one.due.probability is not None
    assert one.verdict == "off_track"
    assert one.due.growth_says is True
    assert now["R-01"].verdict == "met"


def test_a_planted_later_row_changes_nothing(facts_2012: Facts) -> None:
    """The same record a month later in which nothing was published gives the same entries of old tables."""
    one = indicators()["homicides"]
    later = Facts("2013-09")  # deaths of 2012 come in October 2013
    assert [at.value for at in series(later, one)] == [at.value for at in series(facts_2012, one)]
    assert len(series(Facts("2013-10"), one)) == len(series(facts_2012, one)) + 1


def series(facts: Facts, one: object) -> tuple[object, ...]:
    from merida.scorecard.series import actuals

    return actuals(facts, one).actuals  # type: ignore[arg-type]


def test_the_methods_are_scored_on_the_same_targets(now: Mapping[str, Entry]) -> None:
    held: dict[str, Series] = {
        one.indicator.name: one.series
        for one in now.values()
        if one.indicator.code in ("D-06", "B-01", "S-02")
    }
    cases = list(scoring.rolling(of_framework("merida"), held))
    found = {one.method: one for one in scoring.scores(cases)}
    assert {one.cases for one in found.values()} == {len(cases)}
    assert len(cases) > 100
    assert found["walk"].brier < found["base_rate"].brier
    for name in ("regression", "growth"):
        assert found[name].brier_hedged <= found[name].brier  # the best constants cannot do worse
    assert sum(one.cases for one in scoring.reliability(cases)) == len(cases)
    first = cases[0]
    came = held[first.indicator].at(f"{round(first.due) - 1}")
    assert came is not None
    assert first.met == ((came.value >= first.target) == (indicators()[first.indicator].direction == "up"))


def test_real_targets_are_judged_by_what_was_published_when_they_were_set(
    facts: Facts, now: Mapping[str, Entry]
) -> None:
    held = {one.indicator.name: one.series for one in now.values()}
    found = {one.indicator: one for one in scoring.real_cases(facts, of_framework("merida"), held)}
    assert found.keys() == {"appropriated", "states_operating"}
    assert (found["appropriated"].met, found["states_operating"].met) == (False, True)
    assert all(one.origin <= 2013.0 < one.due for one in found.values())
