"""Missing persons beside homicides: how many are registered, and where the two moved apart.

The two are never added: some of the missing are found dead and then stand among the deaths, and most are found alive.
Change is taken of all persons registered, whatever became of them: the number not located falls for old years as people
are found, so that it rises towards the present by itself. Both changes are those of `change.py` between two spans of
years, so that a place of few persons is drawn towards what places of its kind do on the whole. Where registrations
more than doubled or more than halved, the way in which a state registers is likelier to have changed than what
happened (Jalisco's fell by nine tenths in 2022), and nothing is said of moving apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from merida.facts import Facts
from merida.facts.record import Answer, answer
from merida.figure import Figure, Origin
from merida.one_line import OneLine
from merida.places import Place
from merida.violence.deaths import EMPTY
from merida.violence.monitoring.change import RateChange, change, fit_prior, overdispersion
from merida.violence.population import population

SPAN = 3  # years pooled on either side: one year is mostly noise in a small place
RECENT = 120  # months from which overdispersion is taken
BREAK = 2.0  # times as many, or as few, registrations: the register changed
SURE = 0.95  # that homicides moved one way, and as sure that registrations moved the other
GROUPS = {
    "state": ("municipality[1:2]", ""),
    "municipality": ("unit_2000", " join municipalities using (municipality)"),
}


Spans = tuple[tuple[int, int], tuple[int, int]]  # first and last year of each


class Counted(NamedTuple):
    """What is counted: the column that is summed, its table, and which rows."""

    column: str
    table: str
    rows: str


MISSING = Counted("persons", "missing_persons", "status = 'all'")
DEATHS = Counted("deaths", "homicides_year", "basis = 'registration'")
MONTHLY_DEATHS = Counted("deaths", "homicides_month", "basis = 'occurrence'")


@dataclass(frozen=True)
class MissingYear:
    """Persons registered as missing in a place by year of the event, beside the homicides registered in the year.

    Parameters
    ----------
    year : int
    deaths : Figure or None
        None where the year's deaths are not published yet.
    registered, not_located, found_dead : Figure
        All persons, those still missing, those found dead, at the date of the register.
    """

    year: int
    deaths: Figure | None
    registered: Figure
    not_located: Figure
    found_dead: Figure


@dataclass(frozen=True)
class Apart:
    """How homicides and registrations of a place moved between two spans of years.

    Parameters
    ----------
    code : str
    deaths, missing : Figure
        Change of the rate in percent, with its 90 % interval.
    deaths_rose, missing_rose : float
        Probabilities that the underlying rates rose.
    """

    code: str
    deaths: Figure
    missing: Figure
    deaths_rose: float
    missing_rose: float

    @property
    def way(self) -> str | None:
        """``missing_rose`` where registrations rose and homicides fell, ``missing_fell`` the other way, or neither.

        ``register`` where the register itself changed.
        """
        if not 1 / BREAK < 1 + self.missing.value / 100 < BREAK:
            return "register"
        if self.missing_rose >= SURE and self.deaths_rose <= 1 - SURE:
            return "missing_rose"
        if self.missing_rose <= 1 - SURE and self.deaths_rose >= SURE:
            return "missing_fell"
        return None


@dataclass(frozen=True, repr=False)
class Disappearances(OneLine):
    """Missing persons of a place beside its homicides.

    Parameters
    ----------
    years : tuple of MissingYear
    before, after : tuple of int
        First and last year of the two spans compared.
    moved : Apart or None
        None where the place has nobody on record in either span.
    """

    years: tuple[MissingYear, ...]
    before: tuple[int, int]
    after: tuple[int, int]
    moved: Apart | None


def spans(facts: Facts) -> Spans | None:
    """Return the two spans of years compared, or None where the register was not public or does not reach back."""
    last = facts.sql(
        "select least((select max(year) from homicides_year where basis = 'registration'), "
        "(select max(year) from (select year from missing_persons group by year having count(distinct month) = 12)))"
    ).item()
    first = facts.sql("select min(year) from missing_persons").item()
    if last is None or first is None or last - 2 * SPAN + 1 < first:
        return None
    return (last - 2 * SPAN + 1, last - SPAN), (last - SPAN + 1, last)


def by_year(facts: Facts, place: Place) -> Answer:
    """Persons missing in a place by year: (year, deaths, registered, not_located, found_dead)."""
    counts = ", ".join(
        f"coalesce(sum(persons) filter (status = '{status}'), 0) as {name}"
        for name, status in (
            ("registered", "all"),
            ("not_located", "not_located"),
            ("found_dead", "found_dead"),
        )
    )
    return answer(
        facts,
        f"""with missing as (select year, {counts} from missing_persons where {place.where()} group by all),
dead as (select year, sum(deaths) as deaths from homicides_year where basis = 'registration' and {place.where()}
  group by all),
known as (select distinct year from homicides_year where basis = 'registration')
select year, case when year in (from known) then coalesce(deaths, 0) end as deaths, coalesce(registered, 0) as registered,
  coalesce(not_located, 0) as not_located, coalesce(found_dead, 0) as found_dead
from (select distinct year from missing_persons) left join missing using (year) left join dead using (year)
order by year""",
        "missing",
    )


def disappearances(facts: Facts, place: Place) -> Disappearances | None:
    """Return the missing persons of a place beside its homicides, or None where the register was not yet public.

    Parameters
    ----------
    facts : Facts
        The record as of its date.
    place : Place
        The nation, a state or a municipality.
    """
    compared = spans(facts)
    if compared is None:
        return None
    recorded = by_year(facts, place)

    def figure(year: int, column: str, unit: str) -> Figure | None:
        query = f"select {column} from ({recorded.origin.query}) where year = {year}"
        return facts.figure(query, unit, "missing")

    years = []
    for year in recorded.rows["year"].to_list():
        counts = [figure(year, name, "persons") for name in ("registered", "not_located", "found_dead")]
        registered, not_located, found_dead = (count for count in counts if count is not None)
        years.append(MissingYear(year, figure(year, "deaths", "deaths"), registered, not_located, found_dead))
    level = "municipality" if place.kind == "municipality" else "state"
    moved = {apart.code: apart for apart in aparts(facts, level, place)}
    return Disappearances(tuple(years), *compared, moved.get(place.code))


def aparts(facts: Facts, level: str, place: Place | None = None) -> tuple[Apart, ...]:
    """Return how homicides and registrations moved in the places of a level, or in one of them or the nation.

    Parameters
    ----------
    level : {"state", "municipality"}
    place : Place or None
        One place of the level, or the nation; None for all.
    """
    compared = spans(facts)
    if compared is None:
        return ()
    dead = movement(facts, DEATHS, MONTHLY_DEATHS, level, compared, place)
    gone = movement(facts, MISSING, MISSING, level, compared, place)

    of_deaths, of_missing = (
        facts.origin(by_span(facts, counted, level, compared), "missing_change")
        for counted in (DEATHS, MISSING)
    )

    def shown(moved: RateChange, origin: Origin) -> Figure:
        ratio, low, high = (100 * (end - 1) for end in (moved.ratio, moved.low, moved.high))
        return Figure(ratio, low, high, "percent", "estimate", origin)

    return tuple(
        Apart(
            code,
            shown(dead[code], of_deaths),
            shown(gone[code], of_missing),
            dead[code].probability_of_rise,
            gone[code].probability_of_rise,
        )
        for code in dead
        if code in gone
    )


def by_span(facts: Facts, counted: Counted, level: str, compared: Spans) -> str:
    """Return the query of counts and person-years in both spans: (place, before, after, then, now)."""
    group, joined = GROUPS[level]

    def sums(column: str, *names: str) -> str:
        return ", ".join(
            f'coalesce(sum({column}) filter (year between {first} and {last}), 0)::double as "{name}"'
            for name, (first, last) in zip(names, compared, strict=True)
        )

    return f"""with counted as (select {group} as place, {sums(counted.column, "before", "after")}
  from {counted.table}{joined} where {counted.rows} group by all),
people as (select {group} as place, {sums("population", "then", "now")}
  from ({population(facts)[0]}){joined} group by all)
select * from counted join people using (place) where "then" > 0 and now > 0 order by place"""


def movement(
    facts: Facts,
    counted: Counted,
    monthly: Counted,
    level: str,
    compared: Spans,
    place: Place | None,
) -> dict[str, RateChange]:
    """Return the change of a rate between two spans of years, by place.

    Parameters
    ----------
    counted, monthly : Counted
        By year, and by month for the overdispersion.
    """
    group, joined = GROUPS[level]
    rows = facts.sql(by_span(facts, counted, level, compared))
    phi = dispersions(facts, monthly, group, joined, rows["place"].to_list())
    before, after, then, now = (rows[name].to_numpy() for name in ("before", "after", "then", "now"))
    alive = (then > EMPTY) & (now > EMPTY)
    centre, spread = fit_prior((before / phi)[alive], (after / phi)[alive], (now / then)[alive])
    if place is not None and place.kind == "nation":
        # Places move together: the nation's overdispersion is no less than theirs.
        whole = float(np.average(phi, weights=before + after))
        moved = change(before.sum() / whole, after.sum() / whole, now.sum() / then.sum(), centre, spread)
        return {place.code: moved}
    return {
        code: change(before[at] / phi[at], after[at] / phi[at], now[at] / then[at], centre, spread)
        for at, code in enumerate(rows["place"].to_list())
        if place is None or code == place.code
    }


def dispersions(facts: Facts, monthly: Counted, group: str, joined: str, codes: list[str]) -> np.ndarray:
    """Return the variance of monthly counts over their mean, by place."""
    rows = facts.sql(
        f"select {group} as place, month, sum({monthly.column}) as counted from {monthly.table}{joined} "
        f"where {monthly.rows} group by all"
    )
    months = sorted(rows["month"].unique().to_list())[-RECENT:]
    kept = rows.filter(pl.col("month").is_in(months) & pl.col("place").is_in(codes))
    series = np.zeros((len(codes), len(months)))
    at = {code: row for row, code in enumerate(codes)}
    column = {month: number for number, month in enumerate(months)}
    for code, month, count in kept.iter_rows():
        series[at[code], column[month]] = count
    return overdispersion(series)
