"""Level and change of a place: the recorded rate, the rate behind it, and how probable a change is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from merida.errors import ViolenceError
from merida.facts import Facts
from merida.facts.record import Answer
from merida.figure import Figure
from merida.places import Place
from merida.statistics import HIGH, LOW
from merida.violence.monitoring.change import change
from merida.violence.monitoring.cross_section import CrossSection
from merida.violence.monitoring.shrinkage import gamma_quantile

PRIOR_END = 1.6449  # standard deviations to the 95th percentile of a normal distribution


@dataclass(frozen=True)
class Level:
    """Deaths and rate of the last year.

    Parameters
    ----------
    deaths, people, rate : Figure
        As recorded.
    underlying : Figure
        The rate behind them: of a municipality drawn towards its state's; with its 90 % interval.
    towards : float or None
        The rate towards which a municipality's is drawn.
    """

    deaths: Figure
    people: Figure
    rate: Figure
    underlying: Figure
    towards: float | None


@dataclass(frozen=True)
class Moved:
    """The change of the underlying rate against an earlier year.

    Parameters
    ----------
    months : int
        How long before: 12 or 36.
    year : int
        The earlier year.
    before : Figure
        Its deaths.
    change : Figure
        Change of the underlying rate in percent, with its 90 % interval.
    real : Figure
        Probability in percent that the underlying rate moved in this direction; its range is that of half and
        twice the overdispersion.
    from_data : float
        Share of the prior's variance that the place's own deaths took away, from 0 to 1: near 0 the change says what
        municipalities did on the whole and hardly anything of this one.
    """

    months: int
    year: int
    before: Figure
    change: Figure
    real: Figure
    from_data: float


def level_of(cross_section: CrossSection, place: Place, years: Answer, phi: float) -> Level:
    """Return deaths, people and rates of the last year.

    Parameters
    ----------
    cross_section : CrossSection
        What places share.
    place : Place
        Of the record.
    years : Answer
        The place by year (`merida.violence.deaths.yearly`).
    phi : float
        Overdispersion of its monthly deaths.

    Raises
    ------
    ViolenceError
        If no population is on record for the year.
    """

    def fact(column: str, unit: str) -> Figure:
        query = f"select {column} from ({years.origin.query}) where year = {cross_section.year}"
        figure = cross_section.facts.figure(query, unit, years.origin.note)
        if figure is None:
            first = Facts().sql("select min(available_from) from population_census").item()
            raise ViolenceError("no_population", place=place.name, year=cross_section.year, first=first)
        return figure

    deaths, people, rate = (
        fact("deaths", "deaths"),
        fact("population", "people"),
        fact("rate_per_100k", "per_100k"),
    )
    if place.kind == "municipality":
        row, rates = cross_section.units.codes.index(place.code), cross_section.rates
        ends = (rates.mean[row], rates.low[row], rates.high[row])
        towards = float(rates.prior_mean[row])
        origin = replace(cross_section.units.answer.origin, note="shrunk_rate")
    else:
        shape, exposure = (
            deaths.value / phi + 0.5,
            people.value / 1e5 / phi,
        )  # the reference prior of Jeffreys
        ends = (
            shape / exposure,
            gamma_quantile(LOW, shape, 1 / exposure),
            gamma_quantile(HIGH, shape, 1 / exposure),
        )
        towards, origin = None, replace(rate.origin, note="underlying_rate")
    value, low, high = map(float, ends)
    # The mean of a very skew law may lie above its 95th percentile; the interval then ends at the mean.
    underlying = Figure(value, low, max(high, value), "per_100k", "estimate", origin)
    return Level(deaths, people, rate, underlying, towards)


def moved_of(cross_section: CrossSection, years: Answer, phi: float, months: int) -> Moved | None:
    """Return the change against the year `months` before, or None where the record does not reach back so far.

    Parameters
    ----------
    cross_section : CrossSection
        What places share.
    years : Answer
        The place by year (`merida.violence.deaths.yearly`).
    phi : float
        Overdispersion of its monthly deaths.
    months : int
        12 or a multiple.
    """
    lag, then = months // 12, cross_section.year - months // 12
    if then not in cross_section.units.years:
        return None
    rows = {row["year"]: row for row in years.rows.to_dicts()}
    now, past = rows[cross_section.year], rows[then]
    centre, spread = cross_section.prior(lag)
    before = cross_section.facts.figure(
        f"select deaths from ({years.origin.query}) where year = {then}", "deaths", years.origin.note
    )
    if before is None or not past["population"]:
        return None
    people = now["population"] / past["population"]
    half, distribution, twice = (
        change(past["deaths"] / spare, now["deaths"] / spare, people, centre, spread)
        for spare in (max(1.0, phi / 2), phi, 2 * phi)
    )
    query = f"select * from ({years.origin.query}) where year in ({then}, {cross_section.year})"
    origin = replace(years.origin, query=query, note="rate_change")
    chances = [100 * moved.probability_of_rise for moved in (half, distribution, twice)]
    if distribution.ratio < 1:
        chances = [100 - chance for chance in chances]
    ratio, low, high = (100 * (end - 1) for end in (distribution.ratio, distribution.low, distribution.high))
    width = np.log(distribution.high / distribution.low) / (
        2 * PRIOR_END * spread
    )  # of the interval, over the prior's
    return Moved(
        months,
        then,
        before,
        Figure(ratio, low, high, "percent", "estimate", origin),
        Figure(chances[1], min(chances), max(chances), "percent", "estimate", origin),
        float(max(0.0, 1 - width**2)),
    )
