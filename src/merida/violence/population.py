"""People at mid-year, by which every rate is taken."""

from __future__ import annotations

from merida.facts import Facts


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
