"""The summaries against direct computation in Polars, and against what the texts of the brief say in words."""

import polars as pl
import pytest

from merida.brief.parts import BASE_YEAR
from merida.brief.sections.violence import TURNS, UNKNOWN_YEAR
from merida.facts import Facts
from merida.violence import summaries
from merida.violence.population import population


@pytest.fixture(scope="module")
def by_unit(facts: Facts) -> pl.DataFrame:
    deaths = facts.sql("select municipality, year, deaths from homicides_year where basis = 'registration'")
    units = facts.sql("select municipality, unit_2000 from municipalities")
    return deaths.join(units, on="municipality").group_by("unit_2000", "year").agg(pl.col("deaths").sum())


def test_spread_counts_units_at_or_above(facts: Facts, by_unit: pl.DataFrame) -> None:
    found = summaries.spread(facts).rows.filter((pl.col("year") == 2011) & (pl.col("threshold") == 12))
    assert (
        found["municipalities"].item()
        == by_unit.filter((pl.col("year") == 2011) & (pl.col("deaths") >= 12)).height
    )


def test_concentration_is_the_share_of_the_worst(facts: Facts, by_unit: pl.DataFrame) -> None:
    of_year = by_unit.filter(pl.col("year") == 2010)["deaths"].sort(descending=True)
    found = summaries.concentration(facts).rows.filter((pl.col("year") == 2010) & (pl.col("worst") == 50))
    assert found["share_pct"].item() == pytest.approx(100 * of_year.head(50).sum() / of_year.sum())


def test_half_of_the_deaths_fall_in_so_few(facts: Facts, by_unit: pl.DataFrame) -> None:
    of_year = by_unit.filter(pl.col("year") == 2010)["deaths"].sort(descending=True)
    few = summaries.half_of_deaths(facts, 2010).rows.item()
    assert of_year.head(few).sum() >= of_year.sum() / 2 > of_year.head(few - 1).sum()


def test_municipal_rates_sum_over_the_unit(facts: Facts, by_unit: pl.DataFrame) -> None:
    rates = summaries.municipal_rates(facts, 2010).rows
    people = facts.sql(
        "select unit_2000, sum(population) as person_years from population join municipalities using (municipality) "
        "where year between 2008 and 2010 group by all"
    )
    deaths = (
        by_unit.filter(pl.col("year").is_between(2008, 2010))
        .group_by("unit_2000")
        .agg(pl.col("deaths").sum())
    )
    expected = people.join(deaths, on="unit_2000", how="left").with_columns(
        rate=100_000 * pl.col("deaths").fill_null(0) / pl.col("person_years")
    )
    found = rates.join(expected, left_on="unit", right_on="unit_2000")
    assert found.height == rates.height
    assert (found["rate_per_100k"] - found["rate"]).abs().max() < 1e-9
    assert rates["unit"].n_unique() == 2443


def test_state_rates_use_deaths_of_unknown_municipality_too(facts: Facts) -> None:
    rows = summaries.states(facts).rows.filter(pl.col("year") == 2011)
    assert rows.height == 32
    nowhere = facts.sql(
        "select sum(deaths) from homicides_year where basis = 'registration' and year = 2011 "
        "and municipality[1:2] > '32'"
    ).item()
    assert rows["deaths"].sum() + (nowhere or 0) == 27213


def test_population_between_censuses_is_a_straight_line_and_then_stands_still(facts_2012: Facts) -> None:
    query, note = population(facts_2012)
    assert note == "population_census"
    census = dict(
        facts_2012.sql(
            "select year, population from population_census where municipality = '08037'"
        ).iter_rows()
    )
    found = dict(
        facts_2012.sql(f"select year, population from ({query}) where municipality = '08037'").iter_rows()
    )
    assert found[2005] == census[2005]
    assert found[2010] == census[2010]
    assert found[2007] == pytest.approx(census[2005] + (census[2010] - census[2005]) * 2 / 5)
    assert found[2012] == census[2010]


def test_the_turns_that_the_brief_names_are_in_the_record(facts: Facts) -> None:
    counts = dict(
        facts.sql(
            "select year, sum(deaths) from homicides_year where basis = 'registration' group by year"
        ).iter_rows()
    )
    up, down, top = TURNS
    assert counts[BASE_YEAR] == min(counts.values())
    assert counts[up] == max(n for year, n in counts.items() if year < down)
    assert counts[down] == min(n for year, n in counts.items() if up < year)
    assert counts[top] == max(counts.values())
    unknown = dict(
        facts.sql(
            "select year, sum(deaths) from homicides_year where basis = 'registration' and municipality like '%999' "
            "group by year"
        ).iter_rows()
    )
    assert unknown[UNKNOWN_YEAR] == max(unknown.values())
