"""What a plan is worth: identities of benefit-cost accounts, closed forms, published rows, values with their sources."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from scipy.stats import norm

from merida.answers.plans.welfare import PlanWelfare, Valuation, ValueOf, blocks
from merida.decide.said.lines import LivesLine, PerspectiveLine, WelfareLine
from merida.decide.worth.valuations import published, sets, valued
from merida.decide.worth.welfare import (
    RATES,
    Changes,
    Standing,
    Welfare,
    Worth,
    cases,
    discounted,
    told,
    welfare,
)
from merida.distributions import Floats
from merida.document.terminal import render
from merida.ensemble.lines import CostPerDeath
from merida.errors import ModelError, PlanError
from merida.evidence import Register
from merida.evidence.register import table
from merida.facts import Facts
from merida.parameters.registry import settings
from merida.statistics import Interval
from merida.words import words
from tests.runner import CliRunner, app

DRAWS, YEARS = 400, 15
EVERYONE: tuple[Standing, ...] = ("us", "mexico", "both")


def changes(lives: Floats | None = None, usd: float = 1e6, hours: bool = True) -> Changes:
    random = np.random.default_rng(7)
    found = random.normal(3, 20, (DRAWS, YEARS)) if lives is None else lives
    return Changes(
        mexican_lives=found,
        us_lives=random.gamma(2, 3, found.shape),
        hours=random.normal(1e4, 4e3, (len(found), 3, YEARS)) if hours else None,
        usd=np.where(np.arange(found.shape[1]) < 5, usd, 0.0),
        works={"us": 2e5, "mexico": 3e4},
    )


def worth(draws: int = DRAWS, deadweight: float | None = None) -> Worth:
    random = np.random.default_rng(3)
    burden = random.uniform(0.2, 0.8, draws) if deadweight is None else np.full(draws, deadweight)
    return Worth(3e5, 9e6, random.uniform(5, 50, (draws, 3)), burden, random.uniform(0.3, 0.7, draws))


@pytest.mark.parametrize("standing", EVERYONE)
@pytest.mark.parametrize("rate", RATES)
def test_totals_are_the_sum_of_perspectives_and_the_net_value_is_total_less_cost(
    standing: Standing, rate: float
) -> None:
    found = welfare(changes(), worth(), standing, rate)
    by_hand = np.zeros(DRAWS)
    for usd in found.perspectives.values():
        by_hand += usd
    assert np.allclose(found.total, by_hand, rtol=1e-12)
    assert np.allclose(found.net + found.cost, found.total, rtol=1e-12)


def test_what_both_gain_is_what_each_country_gains() -> None:
    us, mexico, both = (welfare(changes(), worth(), standing, 0.035) for standing in EVERYONE)
    assert np.allclose(us.net + mexico.net, both.net, rtol=1e-12)
    assert mexico.cost == 0.0
    assert set(us.perspectives) == {"us_taxpayers", "us_people", "travellers", "works"}
    assert set(mexico.perspectives) == {"mexico_people", "travellers", "works"}


@pytest.mark.parametrize(("standing", "usd"), [("mexico", 1e6), ("us", 0.0), ("both", -1e6)])
def test_no_ratio_where_nothing_is_paid(standing: Standing, usd: float) -> None:
    assert welfare(changes(usd=usd), worth(), standing, 0.035).ratio is None


def nothing(usd_by_year: Floats, deadweight: float) -> Welfare:
    none = np.zeros((4, len(usd_by_year)))
    idle = Changes(none, none, None, usd_by_year, {"us": 0.0, "mexico": 0.0})
    return welfare(idle, worth(4, deadweight), "both", 0.035)


@pytest.mark.parametrize(("cost", "indirect"), [(609, -305), (266, -133)])  # pages 977 and 360 of WSIPP
def test_without_effect_the_total_is_the_deadweight_alone_as_wsipp_prints_it(
    cost: int, indirect: int
) -> None:
    found = nothing(np.array([float(cost)]), 0.5)
    assert math.ceil(-found.total[0] - 1e-9) == -indirect  # 304.5 is printed as 305
    assert set(found.total) == {-0.5 * cost}
    assert found.positive == 0.0


def test_the_ratio_is_that_of_wsipps_drug_courts() -> None:
    found = Welfare({"everyone": np.array([13_926.0])}, 4_924.0)
    assert found.ratio is not None
    assert round(float(found.ratio[0]), 2) == 2.83
    assert found.net[0] == 13_926 - 4_924


def test_the_chance_is_that_of_the_normal_law_where_only_the_effect_is_random() -> None:
    draws, mean, sd, life, usd = 200_000, 4.0, 10.0, 3e5, 1e6
    lives = np.random.default_rng(11).normal(mean, sd, (draws, 1))
    none = np.zeros((draws, 1))
    one = Changes(lives, none, None, np.array([usd]), {"us": 0.0, "mexico": 0.0})
    value = Worth(life, 0.0, None, np.full(draws, 0.5), np.zeros(draws))
    expected = norm.sf((1.5 * usd / life - mean) / sd)
    error = math.sqrt(expected * (1 - expected) / draws)
    assert abs(welfare(one, value, "both", 0.035).positive - expected) < 4 * error


@pytest.mark.parametrize(("lives", "chance"), [(4.9, 0.0), (5.1, 1.0)])
def test_without_chance_the_answer_is_no_or_yes(lives: float, chance: float) -> None:
    none = np.zeros((9, 1))
    one = Changes(none + lives, none, None, np.array([1e6]), {"us": 0.0, "mexico": 0.0})
    value = Worth(3e5, 0.0, None, np.full(9, 0.5), np.zeros(9))  # 1.5 million buys five lives
    assert welfare(one, value, "both", 0.05).positive == chance


def test_discounting_is_that_of_an_annuity_and_the_rates_bracket_the_mode() -> None:
    for rate in RATES:
        annuity = (1 - (1 + rate) ** -YEARS) / rate * (1 + rate)  # first payment at once
        assert float(discounted(np.ones(YEARS), rate)) == pytest.approx(annuity, rel=1e-12)
    assert float(discounted(np.ones(YEARS), 0.0)) == YEARS
    flat = changes(np.full((DRAWS, YEARS), 50.0))
    low, mode, high = (float(welfare(flat, worth(), "both", rate).net.mean()) for rate in RATES)
    assert high < mode < low


def test_lives_may_be_left_undiscounted_alone() -> None:
    asked = welfare(changes(), worth(), "both", 0.05)
    plain = welfare(changes(), worth(), "both", 0.05, lives_rate=0.0)
    assert np.allclose(plain.perspectives["mexico_people"], 3e5 * changes().mexican_lives.sum(axis=1))
    assert np.array_equal(plain.perspectives["travellers"], asked.perspectives["travellers"])
    assert plain.cost == asked.cost


def test_one_choice_is_changed_at_a_time_and_sets_are_never_averaged() -> None:
    dear = Worth(2e6, 9e6, worth().hour, worth().deadweight, worth().travellers_us)
    lines = cases(changes(), {"cheap": worth(), "dear": dear}, "cheap", "both", 0.035)
    asked = ("cheap", "both", 0.035, 0.035)
    shown = [(line.valuation, line.standing, line.discount_rate, line.lives_rate) for line in lines]
    assert shown[0] == asked
    assert len(set(shown)) == len(shown) == 1 + 2 + 1 + 1 + 2
    differ = [sum(a != b for a, b in zip(one[:3], asked[:3], strict=True)) for one in shown]
    assert max(differ) == 1


def test_every_value_shown_has_a_source_and_a_price_year() -> None:
    facts, register = Facts(), Register()
    for lines in published(facts, register, 2012).values():
        assert {line.country for line in lines} == {"mexico", "united_states"}
        for line in lines:
            assert line.citation
            assert line.locator
            assert 1990 < line.price_year < 2026
            now, then = line.prices
            assert line.usd == pytest.approx(line.amount * now / then, rel=1e-12)


def test_a_value_is_moved_by_the_records_prices() -> None:
    facts = Facts()
    mexico, us = valued("hammitt2006", facts, Register(), 2012)
    index = dict(facts.sql("select year, us_cpi from prices").rows())
    assert mexico.usd == pytest.approx(280_000 * index[2012] / index[2002], rel=1e-9)
    assert us.usd == pytest.approx(8_982_907 * index[2012] / index[2008], rel=1e-9)


def test_sets_are_refused_without_a_price_year_and_before_they_were_published() -> None:
    early, known_then = Facts("2012-12"), Register("2012-12")
    with pytest.raises(PlanError, match="price year"):
        valued("sp2019", Facts(), Register(), 2012)
    with pytest.raises(PlanError, match="2024-12"):
        valued("oecd2021", early, known_then, 2012)
    with pytest.raises(PlanError, match="hammitt2006"):
        valued("hammit2006", Facts(), Register(), 2012)
    assert set(published(early, known_then, 2012)) == {"hammitt2006"}
    assert set(published(Facts(), Register(), 2012)) == {"hammitt2006", "oecd2021"}
    assert valued("hammitt2006", early, known_then, 2012)[0].usd_year == 2011  # prices of 2012 were not out


def test_the_sets_are_those_that_can_be_asked_for_and_their_rows_exist() -> None:
    assert set(get_args(get_args(Valuation)[0])) == set(sets())
    rows = set(table("costs.csv")["cost"])
    assert all(cost in rows for one in sets().values() for cost in one.values())
    country = dict(table("costs.csv").select("cost", "country").rows())
    assert {country[one["mexico"]] for one in sets().values()} == {"MX"}
    assert {country[one["united_states"]] for one in sets().values()} == {"US"}


@pytest.mark.parametrize(
    ("words_given", "error"),
    [("--valuation sp2019", PlanError), ("--set welfare.deadweight=1", ModelError)],
)
def test_what_cannot_be_valued_is_refused_before_anything_runs(
    words_given: str, error: type[Exception]
) -> None:
    done = CliRunner().invoke(app, ["welfare", "memo", *words_given.split()])
    assert isinstance(done.exception, error), done.output


def test_what_is_held_of_values_is_no_part_of_the_run() -> None:
    held = {"welfare.deadweight_us": 0.25, "violence.additionality": 0.8, "border.values.other_trips": 0.5}
    assert ValueOf(plan="memo", held=held).numbers == {"violence.additionality": 0.8}
    assert settings(held).drawn("welfare.deadweight_us", 3, 0).tolist() == [0.25] * 3


def answer(standing: Standing = "both") -> PlanWelfare:
    found = welfare(changes(), worth(), standing, 0.035)
    return PlanWelfare(
        plan="memo",
        versus="continuation",
        valuation="hammitt2006",
        standing=standing,
        discount_rate=0.035,
        first_year=2026,
        last_year=2040,
        usd_year=2012,
        perspectives=tuple(PerspectiveLine(name, told(usd)) for name, usd in found.perspectives.items()),
        total_usd=told(found.total),
        cost_usd=found.cost,
        net_usd=told(found.net),
        p_positive=found.positive,
        largest=found.largest,
        net_without_largest_usd=told(found.net),
        benefit_cost_ratio=None if found.ratio is None else told(found.ratio, 2),
        deadweight_per_usd=told(worth().deadweight, 2),
        travellers_us_share=told(worth().travellers_us, 2),
        usd_more=5e6,
        cost_per_homicide_averted=CostPerDeath(5e6, 2e6, 1e6, None),
        lives=(LivesLine("homicides", Interval(-1.0, 2.0, 3.0), Interval(-1.0, 1.5, 2.5)),),
        cases=(WelfareLine("hammitt2006", standing, 0.035, 0.0, told(found.net), 0.5),),
        valuations=valued("hammitt2006", Facts(), Register(), 2012),
        hours_valued=False,
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_answer_fits_a_terminal_and_says_what_is_not_valued(language: str) -> None:
    said = words(language)
    text = render(blocks(ValueOf(plan="memo"), answer()), said, 80)
    assert max(len(line) for line in text.splitlines()) <= 80
    flat = " ".join(text.split())
    for name in ("hours", "crimes", "trade", "mexico_money"):
        assert said.text(f"welfare.not_valued.{name}") in flat
    for line in answer().valuations:
        assert line.cost in flat
        assert str(line.price_year) in flat


def test_cost_per_homicide_stands_beside_whether_there_is_a_ratio_or_not() -> None:
    for standing in EVERYONE:
        text = " ".join(render(blocks(ValueOf(plan="memo"), answer(standing)), words("en"), 200).split())
        assert "Million dollars per homicide averted: 2.00" in text
        assert ("No ratio" in text) == (standing == "mexico")
