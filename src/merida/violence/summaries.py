"""What the record says of homicides in summary: counts, rates, spread and concentration of the nation and its places.

Deaths are counted by year of registration, the basis that INEGI publishes and does not revise, unless a name says
otherwise. Deaths at unknown places are in national sums, in state sums where the state is known, and in no municipal
figure. Municipal figures are by harmonised unit (municipalities of 2000), so that boundary changes do not move them.
Each answer carries the query that gave it, which the brief shows as its origin.
"""

from __future__ import annotations

from merida.facts import Facts
from merida.facts.record import Answer, answer
from merida.figure import Figure
from merida.violence.population import population

THRESHOLDS = (12, 50, 100)
WORST = (10, 50, 100)
MAP_YEARS = 3  # one year's rate is mostly noise in a small municipality

BY_UNIT = """
  select unit_2000 as unit, year, sum(deaths) as deaths
  from homicides_year join municipalities using (municipality)
  where basis = 'registration'
  group by all"""

OCCURRED = """
select year, sum(deaths) as deaths from homicides_month join municipalities using (municipality)
where basis = 'occurrence' group by all order by year"""

OCCURRED_BY_STATE = """
select name, year, sum(deaths) as deaths from homicides_month join states on state = municipality[1:2]
where basis = 'occurrence' and municipality not like '%999' group by all order by name, year"""

REGISTERED = "select sum(deaths) from homicides_year where basis = 'registration' and year = {year}"


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


def years_by_deaths(facts: Facts) -> list[int]:
    """Return the years whose deaths had been published, the one with the fewest first."""
    return [
        int(year)
        for year in facts.sql(
            "select year from homicides_year where basis = 'registration' group by year order by sum(deaths), year"
        )["year"]
    ]


def registered(facts: Facts, year: int | None) -> Figure | None:
    """Return the homicides registered in a year."""
    return facts.figure(REGISTERED.format(year=year), "deaths", "national_sum") if year else None


def reaching(facts: Facts, year: int | None, threshold: int, where: str = "") -> Figure | None:
    """Return how many harmonised municipalities reached a number of homicides in a year.

    Parameters
    ----------
    where : str
        A further condition on `unit`, beginning with ``and``; empty for the nation.
    """
    query = f"select count(*) from ({BY_UNIT}) where year = {year} and deaths >= {threshold}{where}"
    return facts.figure(query, "municipalities", "harmonised") if year else None


def unknown_place(facts: Facts, year: int) -> tuple[Figure | None, Figure | None]:
    """Return the deaths of a year whose municipality is unknown, and their share in percent."""
    unknown = (
        f"from homicides_year where basis = 'registration' and municipality like '%999' and year = {year}"
    )
    share = f"select 100.0 * sum(deaths) / ({REGISTERED.format(year=year)}) {unknown}"
    return facts.figure(f"select sum(deaths) {unknown}", "deaths"), facts.figure(share, "percent")


def attributed(facts: Facts, year: int) -> Figure | None:
    """Return the deaths attributed to organised crime in a year."""
    query = f"select sum(deaths) from organised_crime_homicides where year = {year}"
    return facts.figure(query, "deaths", "organised_crime")


def attributed_reaching(facts: Facts, year: int, threshold: int) -> Figure | None:
    """Return how many municipalities reached a number of deaths attributed to organised crime."""
    query = (
        "select nullif(count(*), 0) from (select municipality, sum(deaths) as deaths "
        f"from organised_crime_homicides where year = {year} and municipality not like '%999' "
        f"group by all) where deaths >= {threshold}"
    )
    return facts.figure(query, "municipalities", "organised_crime")


def unit_deaths(facts: Facts, unit: str, year: int) -> Figure | None:
    """Return the homicides of a harmonised municipality in a year."""
    query = f"select coalesce(sum(deaths), 0) from ({BY_UNIT}) where unit = '{unit}' and year = {year}"
    return facts.figure(query, "deaths", "harmonised")


def unit_rate(facts: Facts, unit: str, year: int) -> Figure | None:
    """Return the homicides of a harmonised municipality in a year per 100,000 people."""
    people, note = population(facts)
    query = (
        f"select 100000.0 * (select sum(deaths) from ({BY_UNIT}) where unit = '{unit}' "
        f"and year = {year}) / sum(population) from ({people}) join municipalities using (municipality) "
        f"where unit_2000 = '{unit}' and year = {year}"
    )
    return facts.figure(query, "per_100k", note)


def occurred(facts: Facts) -> Answer:
    """Homicides of known municipality by year of occurrence: (year, deaths)."""
    return answer(facts, OCCURRED)


def occurred_by_state(facts: Facts) -> Answer:
    """Homicides of known municipality by state and year of occurrence: (name, year, deaths)."""
    return answer(facts, OCCURRED_BY_STATE)


def registered_by_state(facts: Facts, after: int) -> Answer:
    """Homicides of known municipality by state and year of registration, of years after one: (name, year, deaths)."""
    return answer(
        facts,
        "select name, year, sum(deaths) as deaths from homicides_year join states on state = municipality[1:2] "
        f"where basis = 'registration' and municipality not like '%999' and year > {after} "
        "group by all order by name, year",
    )


def registered_in(facts: Facts, year: int, state: str = "__") -> Figure | None:
    """Return the deaths of known municipalities registered in a year, of the nation or of a state (two digits)."""
    return facts.figure(
        "select sum(deaths) from homicides_year where basis = 'registration' and municipality not like '%999' "
        f"and year = {year} and municipality like '{state}%'",
        "deaths",
    )


def occurred_in(facts: Facts, year: int, state: str = "__") -> Figure | None:
    """Return the deaths of known municipalities that occurred in a year, of the nation or of a state (two digits)."""
    return facts.figure(
        "select sum(deaths) from homicides_month join municipalities using (municipality) where basis = 'occurrence' "
        f"and year = {year} and municipality like '{state}%'",
        "deaths",
    )
