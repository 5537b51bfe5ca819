"""Mexico's own money and stock against the record's rows by hand, at two dates, in both languages."""

from __future__ import annotations

import json
from functools import cache

import pytest

from merida.facts import Facts
from merida.framework import Framework
from merida.lab import Lab
from merida.models.registry import levers
from merida.parameters import counterpart
from merida.parameters.counterpart import Held, Paid
from tests.runner import CliRunner, app

STATES = tuple(f"{number:02d}" for number in range(1, 33))


@cache
def of(as_of: str | None) -> tuple[tuple[Paid, ...], tuple[Held, ...]]:
    facts = Facts(as_of)
    return counterpart.money(facts, 2012), counterpart.holdings(facts)


def total(fund: str, year: int, as_of: str | None = None) -> float:
    return sum(one.usd or 0.0 for one in of(as_of)[0] if one.fund == fund and one.year == year)


def test_pesos_of_a_fund_by_hand() -> None:
    # FASP of 2012: 7,373.7 million pesos at 13.1539 a dollar. PRONAPRED: 771,145,021 dollars of 2016 in four years.
    assert total("fasp", 2012) == pytest.approx(7373.7e6 / 13.1539, rel=1e-4)
    cpi = dict(Facts().sql("select year, us_cpi from prices").rows())
    assert total("pronapred", 2014) == pytest.approx(771145021 / 4 * cpi[2012] / cpi[2016])
    assert total("fortaseg", 2019) > 0
    assert {one.place for one in of(None)[0] if one.fund == "todos_somos_juarez"} == {"08"}


def test_states_sum_to_the_nation_of_the_table() -> None:
    nation = (
        Facts()
        .sql("select fasp_mxn_million from state_security_funds where state = '00' and year = 2012")
        .item()
    )
    mine = [one for one in of(None)[0] if one.fund == "fasp" and one.year == 2012]
    assert {one.place for one in mine} == {*STATES}
    assert sum(one.amount for one in mine) == pytest.approx(nation * 1e6, rel=1e-4)


def test_only_what_had_been_published_is_known() -> None:
    paid, held = of("2012-12")
    assert {one.fund for one in paid} == {"fasp", "fortamun"}
    assert max(one.year for one in paid) == 2011
    assert {one.price_year for one in paid} == {2011}  # the last year of prices that was known
    assert len(held) == 12  # states whose courts worked under the new procedure
    assert {one.fund for one in of("2015-12")[0]} >= {"vetting_exams", "todos_somos_juarez"}


def test_every_fund_and_stock_names_levers_that_exist_and_both_languages() -> None:
    funds, stocks = counterpart.stated()
    for one in (*funds.values(), *stocks.values()):
        assert {*one.levers} <= {*levers()}
        assert one.title.en
        assert one.title.es


def test_gaps_are_counted_and_a_fund_for_all_purposes_fills_none() -> None:
    paid, held = of(None)
    known = {one.programme: one for one in counterpart.known(Framework.load("merida"), STATES, paid, held)}
    assert known["vetting"].gap == 0
    assert known["street_outreach"].gap == 32
    assert known["community_prevention"].gap == 31  # Chihuahua alone, by Todos Somos Juárez
    assert known["community_policing"].gap == 32
    assert known["community_policing"].nation
    assert known["aviation"].gap == 1
    assert "hope_probation" not in known


def test_the_share_of_merida_by_hand() -> None:
    facts, framework = Facts(), Framework.load("merida")
    found = {one.year: one for one in counterpart.efforts(facts, framework, of(None)[0])}
    assert max(found) == 2013  # FASP of 2014 is on no record
    year = found[2012]
    security = total("fasp", 2012) + total("subsemun", 2012)
    assert year.security_usd == pytest.approx(security)
    assert year.all_purposes_usd == pytest.approx(total("fortamun", 2012))
    low, high = year.share
    assert high == pytest.approx(year.merida_usd / (year.merida_usd + security))
    assert 0 < low < high < 0.5


def test_the_question_in_both_languages_and_as_data() -> None:
    for language, gap, word in (("en", "258 of 389", "counted gap"), ("es", "258 de 389", "vacío contado")):
        shown = CliRunner().invoke(app, ["counterpart", "--language", language])
        assert shown.exit_code == 0
        told = " ".join(shown.stdout.split())
        assert gap in told
        assert word in told
    given = CliRunner().invoke(app, ["counterpart", "--format", "json"])
    assert json.loads(given.stdout)["gap"] == 258
    early = Lab(as_of="2012-12").counterpart().payload
    assert early.gap > 258
    assert early.states[7].courts_since == 2007
    assert early.states[7].vetted is None
