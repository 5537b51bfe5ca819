"""What the record says, in summary: the queries behind the brief's charts and tables.

Deaths are counted by year of registration, the basis that INEGI publishes and does not revise, unless a
column says otherwise. Deaths at unknown places are in national sums, in state sums where the state is known,
and in no municipal figure. Municipal figures are by harmonised unit (municipalities of 2000), so that
boundary changes do not move them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from merida.figure import Origin

if TYPE_CHECKING:
    import polars as pl

    from merida.facts.warehouse import Facts

THRESHOLDS = (12, 50, 100)
WORST = (10, 50, 100)
MAP_YEARS = 3  # one year's rate is mostly noise in a small municipality
CRIMES = ("kidnapping", "extortion", "femicide", "human_trafficking")
MODES = ("trucks", "personal_vehicles", "pedestrians")

BY_UNIT = """
  select unit_2000 as unit, year, sum(deaths) as deaths
  from homicides_year join municipalities using (municipality)
  where basis = 'registration'
  group by all"""


@dataclass(frozen=True)
class Answer:
    """The rows that a query gives, with their origin."""

    rows: pl.DataFrame
    origin: Origin


def answer(facts: Facts, query: str, note: str = "") -> Answer:
    """Return the answer to a query with its origin."""
    return Answer(facts.sql(query), facts.origin(query, note))


def population(facts: Facts) -> tuple[str, str]:
    """Return the SQL of mid-year population (municipality, year, population) and the note that goes with it.

    CONAPO's series where it had been published; before that the censuses and counts, interpolated linearly
    between two and held after the last, which is an assumption that the note names.
    """
    if facts.sql("select count(*) from population").item():
        return "select municipality, year, population from population", "population_conapo"
    return (
        """
  select c.municipality, y.year, case when c.next_year is null then c.population
    else c.population + (c.next_population - c.population) * (y.year - c.year) / (c.next_year - c.year)
    end as population
  from (select *, lead(year) over w as next_year, lead(population) over w as next_population
        from population_census window w as (partition by municipality order by year)) c
  join (select unnest(range(1990, 2031)) as year) y
    on y.year >= c.year and (c.next_year is null or y.year < c.next_year)""",
        "population_census",
    )


def national(facts: Facts) -> Answer:
    """Homicides of the nation by year and basis: (year, basis, deaths).

    As of a date, by registration alone: counts by occurrence are of today's vintage and hold deaths that were
    registered since.
    """
    known = "where basis = 'registration' " if facts.as_of else ""
    return answer(
        facts,
        f"select year, basis, sum(deaths) as deaths from homicides_year {known}group by all order by basis, year",
        "national_sum",
    )


def organised_crime(facts: Facts) -> Answer:
    """Deaths attributed to organised crime, full years: (year, deaths)."""
    return answer(
        facts,
        "select year, sum(deaths) as deaths from organised_crime_homicides "
        "group by all having count(distinct month) = 12 order by year",
        "organised_crime",
    )


def states(facts: Facts) -> Answer:
    """Homicide rates by state and year: (state, name, year, deaths, population, rate_per_100k)."""
    people, note = population(facts)
    return answer(
        facts,
        f"""with people as ({people}),
by_state as (select municipality[1:2] as state, year, sum(population) as population from people group by all),
dead as (select municipality[1:2] as state, year, sum(deaths) as deaths
  from homicides_year where basis = 'registration' group by all)
select state, name, year, deaths, population, 100000.0 * deaths / population as rate_per_100k
from dead join by_state using (state, year) join states using (state) order by state, year""",
        note,
    )


def municipal_rates(facts: Facts, year: int) -> Answer:
    """Mean yearly homicide rate of each municipality's unit over the years to `year`.

    Columns: municipality, unit, deaths (in all the years), rate_per_100k (a year).
    """
    people, note = population(facts)
    return answer(
        facts,
        f"""with people as ({people}),
by_unit as (select unit_2000 as unit, sum(population) as person_years
  from people join municipalities using (municipality)
  where year between {year - MAP_YEARS + 1} and {year} group by all),
dead as (select unit, sum(deaths) as deaths from ({BY_UNIT})
  where year between {year - MAP_YEARS + 1} and {year} group by all)
select m.municipality, m.unit_2000 as unit, coalesce(deaths, 0) as deaths,
  100000.0 * coalesce(deaths, 0) / person_years as rate_per_100k
from municipalities m join by_unit b on b.unit = m.unit_2000 left join dead d on d.unit = m.unit_2000
order by municipality""",
        note,
    )


def spread(facts: Facts) -> Answer:
    """Harmonised municipalities with at least so many homicides in a year: (year, threshold, municipalities)."""
    thresholds = ", ".join(map(str, THRESHOLDS))
    return answer(
        facts,
        f"""select year, threshold, count(*) filter (deaths >= threshold) as municipalities
from ({BY_UNIT}), (select unnest([{thresholds}]) as threshold) group by all order by threshold, year""",
        "harmonised",
    )


def concentration(facts: Facts) -> Answer:
    """Share of the deaths of known place in the worst municipalities of each year: (year, worst, share_pct)."""
    worst = ", ".join(map(str, WORST))
    return answer(
        facts,
        f"""with ranked as (select year, deaths, row_number() over (partition by year order by deaths desc, unit) as rank
  from ({BY_UNIT}))
select year, worst, 100.0 * sum(deaths) filter (rank <= worst) / sum(deaths) as share_pct
from ranked, (select unnest([{worst}]) as worst) group by all order by worst, year""",
        "harmonised",
    )


def half_of_deaths(facts: Facts, year: int) -> Answer:
    """How few harmonised municipalities hold half of a year's deaths of known place: (municipalities)."""
    return answer(
        facts,
        f"""with running as (select sum(deaths) over (order by deaths desc, unit) as reached, sum(deaths) over () as total
  from ({BY_UNIT}) where year = {year})
select count(*) + 1 as municipalities from running where reached < total / 2.0""",
        "harmonised",
    )


def worst_municipalities(facts: Facts, year: int, count: int = 10) -> Answer:
    """The harmonised municipalities with the most homicides in a year: (unit, name, state, deaths)."""
    return answer(
        facts,
        f"""select unit, m.name, s.name as state, deaths
from ({BY_UNIT}) join municipalities m on m.municipality = unit join states s using (state)
where year = {year} order by deaths desc, unit limit {count}""",
        "harmonised",
    )


def other_crimes(facts: Facts) -> Answer:
    """Victims of other crimes recorded by prosecutors, full years: (year, crime, victims)."""
    crimes = ", ".join(f"'{crime}'" for crime in CRIMES)
    return answer(
        facts,
        f"""select year, crime, sum(victims) as victims from crime_victims
where crime in ({crimes}) group by all having count(distinct month) = 12 order by crime, year""",
        "recorded_crime",
    )


def dark_figure(facts: Facts) -> Answer:
    """Crimes with no investigation file, in percent: the nation and the range of the states, by year."""
    return answer(
        facts,
        """select year, max(dark_figure_pct) filter (state = '00') as nation_pct,
  min(dark_figure_pct) filter (state <> '00') as lowest_pct, max(dark_figure_pct) filter (state <> '00') as highest_pct
from envipe where dark_figure_pct is not null group by year order by year""",
    )


def reform(facts: Facts) -> Answer:
    """States whose first court of the new system opened in each year, where the year has a source: (year, states)."""
    return answer(
        facts,
        "select first_operation_year as year, count(*) as states from judicial_reform where status = 'verified' "
        "group by all order by year",
        "reform",
    )


def leaders(facts: Facts) -> Answer:
    """Leaders of the list of 37 removed, with a source and a month: (month, organisation, event, leader)."""
    return answer(
        facts,
        "select month, organisation, event, leader from leaders_removed where status = 'verified' "
        "and month is not null order by month, leader",
        "leaders",
    )


def appropriations(facts: Facts) -> Answer:
    """Mérida appropriations by fiscal year and account: (fiscal_year, account, scope, usd)."""
    return answer(
        facts,
        "select fiscal_year, account, scope, sum(usd) as usd from appropriations group by all "
        "order by fiscal_year, account",
        "appropriations",
    )


def stages(facts: Facts) -> Answer:
    """All U.S. assistance to Mexico by stage, newest vintage, years that had ended: (fiscal_year, stage, usd)."""
    return answer(
        facts,
        """select fiscal_year, stage, arg_max(usd, vintage) as usd from foreign_assistance
where stage in ('appropriated', 'obligated', 'disbursed') and fiscal_year >= 2006
  and vintage > fiscal_year || '-09'
group by all order by stage, fiscal_year""",
        "all_assistance",
    )


def crossings(facts: Facts) -> Answer:
    """Crossings from Mexico by mode, full years: (year, measure, crossings).

    Cars begin in 1998: San Ysidro, the busiest port, reports none before March 1997.
    """
    modes = ", ".join(f"'{mode}'" for mode in MODES)
    return answer(
        facts,
        f"""select year, measure, sum(crossings) as crossings from border_crossings
where measure in ({modes}) and not (measure = 'personal_vehicles' and month < '1998-01')
group by all having count(distinct month) = 12 order by measure, year""",
    )


def busiest_ports(facts: Facts, year: int, count: int = 10) -> Answer:
    """The ports with the most truck crossings in a year, El Paso with Ysleta: (port, name)."""
    return answer(
        facts,
        f"""select series_port as port, any_value(n.name) as name, sum(crossings) as trucks
from border_crossings join ports using (port) join (select port as series_port, name from ports) n using (series_port)
where measure = 'trucks' and year = {year} group by all order by trucks desc, port limit {count}""",
    )


def span(answered: Answer, column: str = "year") -> tuple[int, int] | tuple[None, None]:
    """Return the least and greatest value of a column of years, or nothing where there are no rows."""
    if not answered.rows.height:
        return None, None
    years = answered.rows[column].to_list()
    return int(min(years)), int(max(years))
