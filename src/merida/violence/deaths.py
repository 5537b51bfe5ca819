"""Homicides and population of places, by year and by month, on the record's own basis.

Years are by registration, the basis that INEGI publishes and does not revise. Months are by occurrence, except as
of a date: counts by occurrence are of today's vintage and hold deaths registered since, so months are then by
registration for as long as such months exist (to 2015). `merida.violence.summaries` keeps the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from merida.facts import Facts
from merida.facts.record import Answer, answer
from merida.one_line import OneLine
from merida.places import Place
from merida.violence.population import population
from merida.violence.summaries import BY_UNIT

Floats = npt.NDArray[np.float64]


EMPTY = 1e-9  # of 100,000 people


@dataclass(frozen=True, repr=False)
class Units(OneLine):
    """The harmonised municipalities (those of 2000) and their yearly record.

    Parameters
    ----------
    codes : list of str
        Five-digit codes, in order; U of them.
    names, states : list of str
        Name with its state's, and two-digit state.
    years : list of int
        T years, in order.
    deaths : array (U, T)
        Homicides registered in the year; those of unknown place are in none.
    population : array (U, T)
        People at mid-year; NaN where none is on record.
    answer : Answer
        The rows and the query that gave them.
    """

    codes: list[str]
    names: list[str]
    states: list[str]
    years: list[int]
    deaths: Floats
    population: Floats
    answer: Answer

    def at(self, year: int, span: int = 1) -> tuple[Floats, Floats]:
        """Return deaths and person-years in 100,000 of each unit over the `span` years to `year` (both (U,)).

        A unit with no population on record, before its first census, has as good as none.
        """
        last = self.years.index(year) + 1
        first = max(0, last - span)
        people = np.nansum(self.population[:, first:last], axis=1) / 1e5
        return self.deaths[:, first:last].sum(axis=1), np.maximum(people, EMPTY)


def units(facts: Facts) -> Units:
    """Return the yearly record of every harmonised municipality."""
    people, note = population(facts)
    recorded = answer(
        facts,
        f"""with people as ({people}),
by_unit as (select unit_2000 as unit, year, sum(population) as population
  from people join municipalities using (municipality) group by all),
years as (select distinct year from homicides_year where basis = 'registration')
select m.municipality as unit, m.name || ', ' || s.name as name, m.state, y.year,
  coalesce(d.deaths, 0) as deaths, p.population
from municipalities m join states s using (state) cross join years y
left join ({BY_UNIT}) d on d.unit = m.municipality and d.year = y.year
left join by_unit p on p.unit = m.municipality and p.year = y.year
where m.municipality = m.unit_2000 order by m.municipality, y.year""",
        note,
    )
    years = sorted(recorded.rows["year"].unique().to_list())
    heads = recorded.rows[:: len(years)]
    shape = (heads.height, len(years))
    return Units(
        heads["unit"].to_list(),
        heads["name"].to_list(),
        heads["state"].to_list(),
        years,
        recorded.rows["deaths"].cast(pl.Float64).to_numpy().reshape(shape),
        recorded.rows["population"].cast(pl.Float64).fill_null(np.nan).to_numpy().reshape(shape),
        recorded,
    )


def yearly(facts: Facts, place: Place) -> Answer:
    """Homicides registered in a place by year: (year, deaths, population, rate_per_100k).

    Deaths of unknown municipality count in their state, those of unknown state in the nation.
    """
    people, note = population(facts)
    return answer(
        facts,
        f"""with people as (select year, sum(population) as population from ({people})
  where {place.where()} group by all),
dead as (select year, sum(deaths) as deaths from homicides_year where basis = 'registration' and {place.where()}
  group by all),
years as (select distinct year from homicides_year where basis = 'registration')
select year, coalesce(deaths, 0) as deaths, population, 100000.0 * coalesce(deaths, 0) / population as rate_per_100k
from years left join dead using (year) left join people using (year) order by year""",
        note,
    )


def monthly_basis(facts: Facts) -> tuple[str, str]:
    """Return the basis of monthly deaths at the record's date, and the note that goes with it."""
    if facts.as_of is None:
        return "occurrence", "monthly_occurrence"
    last = facts.sql("select max(year) from homicides_year where basis = 'registration'").item()
    months = facts.sql("select max(year) from homicides_month where basis = 'registration'").item()
    return ("registration", "monthly_registration") if last == months else ("occurrence", "monthly_vintage")


def monthly(facts: Facts, place: Place) -> Answer:
    """Homicides of a place by month, months without deaths as zero: (month, deaths, population)."""
    basis, note = monthly_basis(facts)
    people, _ = population(facts)
    return answer(
        facts,
        f"""with months as (select distinct month, year from homicides_month where basis = '{basis}'),
dead as (select month, sum(deaths) as deaths from homicides_month
  where basis = '{basis}' and {place.where()} group by all),
people as (select year, sum(population) as population from ({people}) where {place.where()} group by all)
select month, coalesce(deaths, 0) as deaths, population
from months left join dead using (month) left join people using (year) order by month""",
        note,
    )


def monthly_units(
    facts: Facts, codes: list[str], years: int | None = None
) -> tuple[list[str], Floats, Answer]:
    """Return the months, the deaths (units, months) of the units `codes`, and the answer behind them.

    Parameters
    ----------
    years : int or None
        Only so many of the last years; None for all.
    """
    basis, note = monthly_basis(facts)
    since = (
        f"and year > (select max(year) from homicides_month where basis = '{basis}') - {years}"
        if years
        else ""
    )
    recorded = answer(
        facts,
        f"""select unit_2000 as unit, month, sum(deaths) as deaths
from homicides_month join municipalities using (municipality) where basis = '{basis}' {since}
group by all order by month, unit""",
        note,
    )
    months = sorted(recorded.rows["month"].unique().to_list())
    row_of = {code: row for row, code in enumerate(codes)}
    column = {month: number for number, month in enumerate(months)}
    dead = np.zeros((len(codes), len(months)))
    rows = recorded.rows["unit"].replace_strict(row_of, return_dtype=pl.Int64).to_numpy()
    columns = recorded.rows["month"].replace_strict(column, return_dtype=pl.Int64).to_numpy()
    dead[rows, columns] = recorded.rows["deaths"].to_numpy()
    return months, dead, recorded


def onsets(facts: Facts, level: float, stays: int = 24) -> Answer:
    """Municipalities by the first month in which their rate reached a level and stayed there: (unit, month).

    Parameters
    ----------
    level : float
        Deaths per 100,000 over the twelve months to date.
    stays : int
        For so many months, the first counted, the twelve months to date must reach the level; twice twelve, so
        that one bad month never makes an onset. It may fall below later.
    """
    basis, _ = monthly_basis(facts)
    people, _ = population(facts)
    return answer(
        facts,
        f"""with people as ({people}),
months as (select distinct month, year from homicides_month where basis = '{basis}'),
dead as (select unit_2000 as unit, month, sum(deaths) as deaths from homicides_month
  join municipalities using (municipality) where basis = '{basis}' group by all),
lived as (select unit_2000 as unit, year, sum(population) as population
  from people join municipalities using (municipality) group by all),
rolled as (select unit, month, sum(coalesce(deaths, 0)) over w as deaths, count(*) over w as months, population
  from (select distinct unit_2000 as unit from municipalities) cross join months
  left join dead using (unit, month) left join lived using (unit, year)
  window w as (partition by unit order by month rows between 11 preceding and current row)),
reached as (select unit, month, count(*) over w as ahead,
    min(coalesce(deaths >= {level} * population / 100000, false)) over w as keeps
  from rolled where months = 12
  window w as (partition by unit order by month rows between current row and {stays - 1} following))
select unit, min(month) as month from reached where keeps and ahead = {stays} group by unit order by unit""",
        "onset",
    )
