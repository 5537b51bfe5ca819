"""The monitor on the record: places, levels, spread, what is known as of a date."""

import json
import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from merida.answers import Context
from merida.answers.violence.monitor import Monitor as Request
from merida.answers.violence.monitor import monitor_blocks, payload_of
from merida.brief import Portrait
from merida.brief.sections.monitor import monitor as section
from merida.document.blocks import Block, Grid, Picture
from merida.document.html import Page
from merida.document.terminal import render
from merida.errors import RequestError, ViolenceError
from merida.facts import Facts
from merida.figure import Figure
from merida.places import Place
from merida.violence.deaths import monthly_units, onsets
from merida.violence.monitoring.cross_section import CrossSection, cross_section_of
from merida.violence.monitoring.monitor import Monitor, monitor
from merida.words import words
from tests.runner import CliRunner, app


@pytest.fixture(scope="module")
def facts_2010() -> Facts:
    return Facts("2010-12")


@pytest.fixture(scope="module")
def cross_section(facts: Facts) -> CrossSection:
    return cross_section_of(facts)


@pytest.fixture(scope="module")
def board_2010(facts_2010: Facts) -> CrossSection:
    return cross_section_of(facts_2010)


Watch = Callable[[str], Monitor]


@pytest.fixture(scope="module")
def watched(facts: Facts, cross_section: CrossSection) -> Watch:
    """Return the monitor of a place, computed once."""
    return cache(lambda place: monitor(facts, place, cross_section=cross_section))


# --- the record ---


def test_the_memos_spread_is_found_again(watched: Watch) -> None:
    found = dict(watched("nation").spread.attributed)
    assert found[2007].value == 53
    assert found[2011].value == 227


@pytest.mark.parametrize("threshold", [1, 50])
def test_any_threshold_counts_as_a_direct_count(
    facts: Facts, cross_section: CrossSection, threshold: int
) -> None:
    found = dict(monitor(facts, "state:08", threshold=threshold, cross_section=cross_section).spread.by_year)
    deaths, _ = cross_section.units.at(2010)
    expected = sum(
        dead >= threshold
        for dead, state in zip(deaths, cross_section.units.states, strict=True)
        if state == "08"
    )
    assert found[2010].value == expected


def test_the_nation_counts_unknown_places(facts: Facts, cross_section: CrossSection, watched: Watch) -> None:
    found = watched("nation")
    year = found.year
    assert (
        found.level.deaths.value
        == facts.sql(
            f"select sum(deaths) from homicides_year where basis = 'registration' and year = {year}"
        ).item()
    )
    assert found.level.deaths.value > cross_section.units.at(year)[0].sum()


def test_juarez(facts: Facts, watched: Watch) -> None:
    found = watched("municipality:08037")
    registered = facts.sql(
        "select year, deaths from homicides_year where basis = 'registration' and municipality = '08037'"
    )
    deaths = dict(registered.iter_rows())
    assert found.level.deaths.value == deaths[2024]
    assert [(of.months, of.before.value) for of in found.moved] == [(12, deaths[2023]), (36, deaths[2021])]
    year = found.moved[1]
    assert year.change.high is not None
    assert year.change.high < 0  # 1,504 to 1,266 is no accident
    assert year.real.value > 99
    assert year.from_data > 0.9
    assert found.onset.month == "2008-03"
    assert found.series.rows["month"][found.breaks.breaks[0].first] == "2008-03"
    assert found.breaks.breaks[0].ratio > 5
    # A place of 1.5 million keeps its own rate.
    assert found.level.underlying.value == pytest.approx(found.level.rate.value, rel=0.01)
    assert {of.year for of in found.attributed} == {2007, 2008, 2009, 2010, 2011}
    assert found.attributed[-1].months == 9


def test_a_municipality_of_two_thousand_people(watched: Watch) -> None:
    found = watched("municipality:14034")
    level = found.level
    assert 1900 < level.people.value < 2200
    assert level.deaths.value == 1
    assert level.rate.value > 45  # one death
    assert level.underlying.value < 25  # and no rate
    assert level.underlying.low is not None
    assert level.underlying.high is not None
    assert 0 < level.underlying.low < 10
    assert 25 < level.underlying.high < 60
    assert 30 < found.moved[0].real.value < 70  # one death more says nothing
    assert found.moved[0].from_data < 0.05
    nobody = watched("municipality:20047").level
    assert nobody.deaths.value == 0
    assert nobody.underlying.low is not None
    assert nobody.underlying.low > 0


def test_the_gini_of_the_query_is_that_of_the_function(
    facts: Facts, cross_section: CrossSection, watched: Watch
) -> None:
    from merida.violence.monitoring.concentration import gini

    found = watched("nation").concentration
    assert found is not None
    assert found.gini.value == pytest.approx(
        100 * gini(*cross_section.units.at(cross_section.year)), abs=1e-9
    )
    assert found.gini.value == facts.sql(found.gini.origin.query).item()


def test_the_onset_is_that_of_counting_by_hand(facts: Facts, cross_section: CrossSection) -> None:
    months, deaths, _ = monthly_units(facts, cross_section.units.codes)
    found = dict(onsets(facts, 30.0).rows.iter_rows())
    years = [cross_section.units.years.index(int(month[:4])) for month in months]
    for at in range(0, len(cross_section.units.codes), 40):
        reached = [
            deaths[at, end - 11 : end + 1].sum()
            >= 30.0 * cross_section.units.population[at, years[end]] / 1e5
            for end in range(11, len(months))
        ]
        first = next((n for n in range(len(reached) - 23) if all(reached[n : n + 24])), None)
        assert found.get(cross_section.units.codes[at]) == (None if first is None else months[first + 11])


@pytest.mark.parametrize("place", ["nation", "state:08", "municipality:08037"])
def test_as_of_2010_nothing_later_shows(facts_2010: Facts, board_2010: CrossSection, place: str) -> None:
    found = monitor(facts_2010, place, cross_section=board_2010)
    assert found.year == 2009
    assert found.months[-1] == "2009-12"
    assert found.basis == "registration"
    assert not found.attributed
    assert not found.presence
    assert not found.crimes
    said = CliRunner().invoke(
        app, ["violence", "monitor", "--place", place, "--as-of", "2010-12", "--format", "json"]
    )
    assert said.exit_code == 0
    assert not [year for year in range(2011, 2025) if f'"{year}' in said.output]
    assert "CONAPO" not in said.output


def test_before_any_census_there_is_no_rate() -> None:
    with pytest.raises(ViolenceError, match="no population of México for 1990"):
        monitor(Facts("1991-10"))


@pytest.mark.parametrize("as_of", ["1992-01", "1993-12", "2001-10", "2016-10", "2022-10"])
def test_every_date_has_a_monitor(as_of: str) -> None:
    found = monitor(Facts(as_of), "state:12")
    assert found.level.underlying.value > 0
    assert len(found.moved) == (0 if as_of == "1992-01" else 1 if as_of == "1993-12" else 2)


@pytest.mark.parametrize(
    "given",
    [{"threshold": 0}, {"threshold": -3}, {"level": -1.0}, {"level": float("inf")}, {"level": float("nan")}],
)
def test_a_threshold_must_be_above_nought(facts: Facts, given: dict[str, float]) -> None:
    with pytest.raises(ViolenceError, match="must be above 0 and at most"):
        monitor(facts, **given)  # type: ignore[arg-type]


def test_a_threshold_that_is_no_number_is_refused() -> None:
    for wrong in ("twelve", "2.5"):
        refused = CliRunner().invoke(app, ["violence", "monitor", "--threshold", wrong])
        assert isinstance(refused.exception, RequestError)
        assert "--threshold" in refused.exception.message("es")


def printed(found: Monitor, language: str) -> str:
    return render(monitor_blocks(Request(), payload_of(found)), words(language), 10_000)


def test_a_change_without_deaths_is_said_to_be_the_prior(watched: Watch) -> None:
    nobody = watched("municipality:20047")
    assert all(of.from_data == pytest.approx(0, abs=0.01) for of in nobody.moved)
    assert "own deaths settle only 0 percent" in printed(nobody, "en")
    assert "solo determinan 0 por ciento" in printed(nobody, "es")


def test_the_share_of_a_change_that_is_data_is_that_of_the_variances() -> None:
    # With a flat likelihood the law is the prior; with ten thousand deaths next to nothing of it is left.
    from merida.violence.monitoring.change import change
    from merida.violence.monitoring.levels import PRIOR_END

    distribution = change(0.0, 0.0, 1.0, 0.1, 0.5)
    # 1e-3: the grid on which the law is integrated.
    assert np.log(distribution.high / distribution.low) / (2 * PRIOR_END * 0.5) == pytest.approx(1, abs=1e-3)


# --- who and what else ---


def test_organisations_are_counted_by_hand(facts: Facts, watched: Watch) -> None:
    found = {of.table: of for of in watched("nation").presence}
    news = facts.sql("select municipality, organisation from organisation_presence where year = 2010")
    named = {name for name in news["organisation"] if name != "Other"}  # the source's rest is no organisation
    assert found["organisation_presence"].count.value == len(named) == 9
    assert "Other" not in dict(found["organisation_presence"].names)
    survey = facts.sql(
        "select state, organisation from organisation_presence_states where date like '2020-%'"
    )
    states: dict[str, set[str]] = {}
    for state, name in survey.iter_rows():
        states.setdefault(name, set()).add(state)
    groups = found["organisation_presence_states"]
    assert groups.count.value == len(states)
    assert groups.local is not None
    assert groups.local.value == sum(len(of) == 1 for of in states.values()) == 114
    assert dict(groups.names) == {name: len(of) for name, of in states.items()}
    chihuahua = {of.table: of for of in watched("state:08").presence}
    alone = chihuahua["organisation_presence_states"].local
    assert alone is not None
    assert alone.value == sum(of == {"08"} for of in states.values())


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_contested_is_said_beside_it(watched: Watch, language: str) -> None:
    said = printed(watched("state:08"), language)
    for note in ("organised_crime", "organised_crime_year", "presence", "recorded_crime", "clusters"):
        assert words(language).text(f"notes.{note}") in said
    assert words(language).text("organisations.sinaloa_cartel") in said
    assert ("splinters" in said) == (language == "en")
    assert "{" not in said


def test_one_municipality_is_no_plural(facts_2010: Facts, board_2010: CrossSection) -> None:
    found = monitor(facts_2010, "19027", cross_section=board_2010)
    assert found.onset.later.value == 1
    plurals = r"\b1 (?:municipalities|municipios|deaths|muertes|homicides|homicidios)\b"
    assert not re.findall(plurals, printed(found, "en") + printed(found, "es"))


def test_a_vintage_later_than_the_months_of_registration_says_so() -> None:
    assert monitor(Facts("2018-12"), "state:08").series.origin.note == "monthly_vintage"


# --- what users see ---


def test_json_is_whole_and_the_same_each_time() -> None:
    command = ["violence", "monitor", "--place", "juárez, chihuahua", "--format", "json"]
    first, second = (CliRunner().invoke(app, command).output for _ in range(2))
    assert first == second
    found = json.loads(first)
    assert found["place"]["text"] == "municipality:08037"
    assert found["level"]["underlying"]["low"] < found["level"]["underlying"]["value"]
    assert found["level"]["rate"]["origin"]["query"]


@pytest.fixture(scope="module")
def blocks_2012(facts_2012: Facts) -> list[Block]:
    return list(section(Portrait(Context.around(facts_2012))))


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_section_holds_only_figures_with_an_origin(
    facts_2012: Facts, blocks_2012: list[Block], language: str
) -> None:
    page, blocks = Page(words(language), "2012-12"), blocks_2012
    names = {block.name for block in blocks if isinstance(block, Picture)}
    assert names == {
        "monitor_series",
        "monitor_change",
        "monitor_clusters",
        "monitor_rates",
        "lorenz",
        "onset",
    }
    for block in blocks:
        for sentence in getattr(block, "sentences", ()):
            assert page.sentence(sentence)
        if isinstance(block, Picture):
            assert page.plain(f"charts.{block.name}.title", block.values)
            assert page.plain(f"charts.{block.name}.alt", block.values)
        if isinstance(block, Grid):
            for row in block.rows:
                assert [page.value(value) for value in row]
    assert page.opened
    for figure, origin in page.opened:
        assert origin.query or origin.request
        if figure is not None and figure.kind == "fact":
            assert facts_2012.sql(origin.query).item() == pytest.approx(figure.value)


def test_the_section_before_any_census() -> None:
    assert [type(block).__name__ for block in section(Portrait(Context("1991-10")))] == ["Paragraph"]


def test_a_place_can_be_given_as_such(facts: Facts, cross_section: CrossSection) -> None:
    place = Place("state", "08", "Chihuahua")
    level = monitor(facts, place, cross_section=cross_section).level
    assert isinstance(level.underlying, Figure)
    assert level.towards is None
