"""Missing persons beside homicides: never added, compared only where the register did not change."""

import pytest

from merida.facts import Facts
from merida.places import NATION, find_place
from merida.violence.monitoring.disappearances import BREAK, Apart, aparts, disappearances


@pytest.fixture(scope="module")
def facts() -> Facts:
    return Facts()


@pytest.fixture(scope="module")
def states(facts: Facts) -> dict[str, Apart]:
    return {apart.code: apart for apart in aparts(facts, "state")}


def test_the_years_of_the_nation_add_up_to_the_published_totals(facts: Facts) -> None:
    found = disappearances(facts, NATION)
    assert found is not None
    assert sum(of.registered.value for of in found.years) == 269_507
    assert sum(of.not_located.value for of in found.years) == 89_631
    assert sum(of.found_dead.value for of in found.years) == 15_438
    deaths = {of.year: of.deaths and of.deaths.value for of in found.years}
    assert (deaths[2022], deaths[2023], deaths[2024], deaths[2025]) == (33_287, 32_252, 33_550, None)
    assert (found.before, found.after) == ((2019, 2021), (2022, 2024))


def test_nothing_is_shown_before_the_register_was_public() -> None:
    for month in ("2012-12", "2022-12"):
        assert disappearances(Facts(month), NATION) is None
        assert aparts(Facts(month), "state") == ()


def test_the_change_of_a_place_of_many_is_the_ratio_of_its_rates(
    facts: Facts, states: dict[str, Apart]
) -> None:
    # Veracruz by hand: deaths of the two spans over the people of the two.
    sums = (
        "sum({0}) filter (year between 2022 and 2024) / sum({0}) filter (year between 2019 and 2021) as ratio"
    )
    ratio = facts.sql(
        f"""with dead as (select {sums.format("deaths")} from homicides_year
  where basis = 'registration' and municipality like '30%'),
people as (select {sums.format("population")} from population where municipality like '30%')
select dead.ratio / people.ratio from dead, people"""
    ).item()
    assert 1 + states["30"].deaths.value / 100 == pytest.approx(
        ratio, rel=0.02
    )  # the prior draws it a little
    assert states["30"].way == "missing_rose"


def test_where_registering_changed_nothing_is_said_of_moving_apart(states: dict[str, Apart]) -> None:
    jalisco = states["14"]  # 12,266 persons registered of 2019-2021 and 1,320 of 2022-2024
    assert jalisco.missing.value < -85
    assert jalisco.way == "register"
    for apart in states.values():
        ratio = 1 + apart.missing.value / 100
        assert (apart.way == "register") == (not 1 / BREAK < ratio < BREAK)


def test_a_place_alone_has_the_figures_it_has_among_all(facts: Facts, states: dict[str, Apart]) -> None:
    found = disappearances(facts, find_place(facts, "state:25"))
    assert found is not None
    assert found.moved == states["25"]


def test_a_municipality_of_few_says_hardly_anything(facts: Facts) -> None:
    nobody = disappearances(facts, find_place(facts, "municipality:20047"))
    assert nobody is not None
    assert nobody.moved is None
    found = disappearances(facts, find_place(facts, "municipality:19043"))
    assert found is not None
    assert found.moved is not None
    assert found.moved.deaths.low is not None
    assert found.moved.deaths.high is not None
    assert found.moved.deaths.low < -20 < 20 < found.moved.deaths.high
    assert found.moved.way is None
