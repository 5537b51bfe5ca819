"""The framework as data: every indicator is whole, in both languages, and asks the record."""

import re
from pathlib import Path

import pytest

from merida.facts import Facts
from merida.framework import Framework
from merida.framework.indicators import MONEY, indicators, of_framework, periods
from merida.scorecard.series import actuals, state_actuals
from merida.words import words

NAMES = tuple(indicators())


def test_there_are_sixty_and_more_and_each_has_its_code() -> None:
    known = indicators().values()
    assert len(known) >= 60
    assert len({one.code for one in known}) == len(known)
    assert sum(one.gap is None for one in known) >= 60
    card = (Path(__file__).parent.parent.parent / "docs/models/scorecard.md").read_text(encoding="utf-8")
    assert f"{len(known)} indicators of two frameworks ({len(of_framework('merida'))} of" in card


@pytest.mark.parametrize("framework", ["merida", "bicentennial"])
def test_pillars_and_programmes_are_the_framework_s(framework: str) -> None:
    known = Framework.load(framework)
    for one in of_framework(framework).values():
        assert one.pillar[framework] in {MONEY, *known.pillars}, one.name
        if framework in one.programme:
            assert one.programme[framework] in known.programmes, one.name
            if one.pillar[framework] != MONEY:
                assert known.programmes[one.programme[framework]].pillar == one.pillar[framework], one.name
    assert {one.pillar[framework] for one in of_framework(framework).values()} == {MONEY, *known.pillars}
    assert framework in periods()


def test_every_unit_has_words_and_no_spanish_text_is_english() -> None:
    for one in indicators().values():
        for language in ("en", "es"):
            assert words(language).unit(one.unit, "2"), one.name
        for text in (one.title, one.counts, one.excludes, one.numerator, one.denominator, one.gap):
            if text is not None:
                assert text.en != text.es, one.name
                assert not re.search(r"\b(the|and|of the|with)\b", text.es), one.name


@pytest.mark.parametrize("name", NAMES)
def test_actuals_come_from_the_record_or_the_gap_is_said(facts: Facts, name: str) -> None:
    one = indicators()[name]
    if one.gap is not None:
        assert not one.query
        assert actuals(facts, one).actuals == ()
        return
    series = actuals(facts, one)
    assert series.actuals
    assert series.origin.tables
    months = [at.month for at in series.actuals]
    assert months == sorted(set(months))
    if one.unit == "percent":
        assert all(0 <= at.value <= 100 for at in series.actuals)
    if one.ceiling is not None:
        assert max(series.values) <= one.ceiling
    for at in series.actuals:
        if at.numerator is not None and at.denominator:
            scale = {"percent": 100.0, "per_100k": 1e5}[one.unit]
            assert at.value == pytest.approx(scale * at.numerator / at.denominator)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if indicators()[name].state_sql and indicators()[name].summable]
)
def test_states_never_add_up_to_more_than_the_nation(facts: Facts, name: str) -> None:
    one = indicators()[name]
    nation = {at.date: at.value for at in actuals(facts, one).actuals}
    if name == "states_operating":  # a state's value is 1 from its first year on
        assert len(state_actuals(facts, one)) == max(nation.values())
        return
    sums: dict[str, float] = {}
    for series in state_actuals(facts, one).values():
        for at in series.actuals:
            sums[at.date] = sums.get(at.date, 0.0) + at.value
    shared = nation.keys() & sums.keys()
    assert shared
    assert all(sums[date] <= nation[date] * 1.001 for date in shared), name


def test_a_target_names_its_source_and_gives_a_number(facts: Facts) -> None:
    for one in indicators().values():
        for target in one.targets:
            ((value,),) = facts.sql(target.sql).rows()
            assert float(value) > 0, one.name
            assert target.date is None or one.direction != "none"
