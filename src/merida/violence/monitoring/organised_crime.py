"""Who and what else: deaths attributed to organised crime, organisations reported present, other recorded crimes.

All three are contested or partial, and each answer carries the note that says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from merida.facts import Facts
from merida.facts.record import CRIMES
from merida.figure import Figure
from merida.places import Place
from merida.violence.deaths import monthly_basis

MONTHS_2011 = 9  # the series ends in September 2011


@dataclass(frozen=True)
class Attributed:
    """Deaths attributed to organised crime in the months of a year that were published.

    Parameters
    ----------
    year, months : int
        The year, and how many of its months the series holds.
    deaths : Figure
        Deaths attributed.
    share : Figure or None
        In percent of the homicides of the same months, above 100 where the sources disagree; None without any.
    """

    year: int
    months: int
    deaths: Figure
    share: Figure | None


def attributed(facts: Facts, place: Place) -> tuple[Attributed, ...]:
    """Return the deaths attributed to organised crime in a place by year, 2007 to September 2011."""
    basis, _ = monthly_basis(facts)
    published = facts.sql(
        "select year, count(distinct month) as months, max(month) as last from organised_crime_homicides "
        "where year >= 2007 group by year order by year"
    )
    rows = []
    for year, months, last in published.iter_rows():
        dead = f"select coalesce(sum(deaths), 0) from {{}} where year = {year} and month <= '{last}' and {place.where()}"
        ours = dead.format("organised_crime_homicides")
        whole = dead.format("homicides_month") + f" and basis = '{basis}'"
        count = facts.figure(ours, "deaths", "organised_crime")
        share = facts.figure(f"select 100.0 * ({ours}) / nullif(({whole}), 0)", "percent", "organised_crime")
        if count is not None:
            rows.append(Attributed(year, months, count, share))
    return tuple(rows)


def attributed_spread(facts: Facts, place: Place, threshold: int) -> tuple[tuple[int, Figure], ...]:
    """Return by year how many municipalities reached `threshold` deaths attributed to organised crime.

    Municipalities are those of the source; the nine months of 2011 count for a year, times twelve ninths.
    """
    years = facts.sql("select distinct year from organised_crime_homicides where year >= 2007 order by year")[
        "year"
    ].to_list()
    by_year = []
    for year in years:
        query = (
            "select count(*) from (select municipality, sum(deaths) * 12.0 / (select count(distinct month) "
            f"from organised_crime_homicides where year = {year}) as deaths from organised_crime_homicides "
            f"where year = {year} and municipality not like '%999' and {place.where()} group by all) "
            f"where deaths >= {threshold}"
        )
        figure = facts.figure(query, "municipalities", "organised_crime_year")
        if figure is not None:
            by_year.append((year, figure))
    return tuple(by_year)


@dataclass(frozen=True)
class Presence:
    """Criminal organisations that a source reports in a place.

    Parameters
    ----------
    year : int
        Of the report.
    table : str
        ``organisation_presence`` (newspapers, municipal) or ``organisation_presence_states`` (state level).
    names : tuple of (str, int)
        Each organisation with the number of its municipalities, or of its states where the source is not municipal,
        most first.
    count : Figure
        How many organisations.
    local : Figure or None
        How many of them the source reports in one state alone; None where it is municipal.
    """

    year: int
    table: str
    names: tuple[tuple[str, int], ...]
    count: Figure
    local: Figure | None = None


def presence(facts: Facts, place: Place) -> tuple[Presence, ...]:
    """Return the organisations reported in a place: by newspapers to 2010, by state in 2020.

    What the newspapers' source calls "Other" is no organisation and is left out.
    """
    reports = []
    year = facts.sql("select max(year) from organisation_presence").item()
    if year is not None:
        inside = (
            f"from organisation_presence where year = {year} and organisation <> 'Other' and {place.where()}"
        )
        names = facts.sql(
            f"select organisation, count(*) as places {inside} group by all order by places desc, organisation"
        )
        count = facts.figure(f"select count(distinct organisation) {inside}", "organisations", "presence")
        if count is not None:
            reports.append(Presence(year, "organisation_presence", tuple(names.iter_rows()), count))
    condition = "true" if place.state is None else f"state = '{place.state}'"
    inside = f"from organisation_presence_states where date like '2020-%' and {condition}"
    if facts.sql(f"select count(*) {inside}").item():
        names = facts.sql(
            f"select organisation, count(distinct state) as places {inside} "
            "group by all order by places desc, organisation"
        )
        count = facts.figure(f"select count(distinct organisation) {inside}", "organisations", "presence")
        spans = (
            "select organisation from organisation_presence_states where date like '2020-%' group by organisation "
            f"having count(distinct state) = 1 and bool_or({condition})"
        )
        local = facts.figure(f"select count(*) from ({spans})", "organisations", "presence")
        if count is not None:
            reports.append(
                Presence(2020, "organisation_presence_states", tuple(names.iter_rows()), count, local)
            )
    return tuple(reports)


@dataclass(frozen=True)
class Crime:
    """Victims of one crime in prosecutors' files in the first and last full year on record."""

    name: str
    first_year: int
    first: Figure
    last_year: int
    last: Figure


def other_crimes(facts: Facts, place: Place) -> tuple[Crime, ...]:
    """Return the victims of other crimes in a place's state (the record has no municipality), or the nation."""
    condition = "true" if place.state is None else f"state = '{place.state}'"
    years = facts.sql(
        "select year from crime_victims group by year having count(distinct month) = 12 order by year"
    )["year"].to_list()
    if not years:
        return ()
    victims = []
    for crime in CRIMES:
        query = (
            f"select sum(victims) from crime_victims where crime = '{crime}' and {condition} and year = {{}}"
        )
        first, last = (
            facts.figure(query.format(year), "victims", "recorded_crime") for year in (years[0], years[-1])
        )
        if first is not None and last is not None:
            victims.append(Crime(crime, years[0], first, years[-1], last))
    return tuple(victims)
