"""The tables behind the monitor's charts."""

from __future__ import annotations

import numpy as np
import polars as pl

from merida.facts import Facts
from merida.facts.record import Answer
from merida.places import Place
from merida.statistics import HIGH, LOW
from merida.violence.deaths import onsets
from merida.violence.monitoring.concentration import lorenz
from merida.violence.monitoring.cross_section import CrossSection
from merida.violence.monitoring.monitor import Monitor
from merida.violence.monitoring.shrinkage import gamma_quantile

HIGHEST = 20  # places in the chart of rates


def series_table(monitored: Monitor) -> pl.DataFrame:
    """Return a place's months and the levels between break points: (month, deaths, level, low, high, piece).

    The interval of a level is that of its rate, gamma with the piece's deaths over their overdispersion.
    """
    rows, breaks = monitored.series.rows, monitored.breaks
    deaths = rows["deaths"].to_numpy().astype(float)
    people = rows["population"].to_numpy().astype(float) / 1e5
    piece = np.zeros(len(deaths), dtype=int)
    for step in breaks.breaks:
        piece[step.first :] += 1
    shape = np.bincount(piece, weights=deaths) / breaks.overdispersion + 0.5
    exposure = np.bincount(piece, weights=people) / breaks.overdispersion
    low, high = (gamma_quantile(share, shape, 1 / exposure)[piece] * people for share in (LOW, HIGH))
    return rows.select("month", pl.col("deaths").cast(pl.Float64)).with_columns(
        level=breaks.rate * people, low=low, high=high, piece=piece
    )


def rates_table(cross_section: CrossSection, place: Place, count: int = HIGHEST) -> pl.DataFrame:
    """Return the municipalities of the highest underlying rates, in the nation or a place's state.

    Columns: unit, name, deaths, recorded, rate, low, high (a year per 100,000).
    """
    deaths, exposure = cross_section.units.at(cross_section.year)
    rates = cross_section.rates
    table = pl.DataFrame(
        {
            "unit": cross_section.units.codes,
            "name": cross_section.units.names,
            "deaths": deaths.astype(int),
            "recorded": deaths / exposure,
            "rate": rates.mean,
            "low": rates.low,
            "high": np.maximum(rates.high, rates.mean),
        }
    )
    inside = pl.lit(True) if place.state is None else pl.col("unit").str.starts_with(place.state)
    return table.filter(inside).sort("rate", "unit", descending=[True, False]).head(count)


def of_children(values: pl.DataFrame) -> pl.DataFrame:
    """Return values by unit, its code in the first column, for every municipality: a younger one has its unit's."""
    children = Facts().sql("select municipality, unit_2000 as unit from municipalities order by municipality")
    unit, *rest = values.columns
    return children.join(values.rename({unit: "unit"}), on="unit").select("municipality", *rest)


def change_table(cross_section: CrossSection, months: int = 36) -> pl.DataFrame:
    """Return the change of every municipality's rate: (municipality, ratio, probability_of_rise)."""
    rows = cross_section.changes(months // 12)
    return of_children(pl.DataFrame(rows, schema=["unit", "ratio", "probability_of_rise"], orient="row"))


def cluster_table(cross_section: CrossSection) -> pl.DataFrame:
    """Return the kind of cluster of every municipality: (municipality, kind)."""
    return of_children(
        pl.DataFrame({"unit": cross_section.units.codes, "kind": cross_section.clusters.kinds()})
    )


def lorenz_table(cross_section: CrossSection, place: Place, years: tuple[int, ...]) -> pl.DataFrame:
    """Return Lorenz curves of the units of the nation or a place's state: (year, people_pct, deaths_pct)."""
    inside = np.array([place.state in (None, state) for state in cross_section.units.states])
    curves = []
    for year in years:
        people, dead = lorenz(*(values[inside] for values in cross_section.units.at(year)))
        curves.append(pl.DataFrame({"year": year, "people_pct": 100 * people, "deaths_pct": 100 * dead}))
    return pl.concat(curves)


def onset_table(facts: Facts, place: Place, level: float, first_month: str) -> Answer:
    """Return how many municipalities of each state passed the level in each year: (state, year, municipalities).

    Those that stood above it in the first month in which that can be known are left out.
    """
    onset = onsets(facts, level)
    inside = "" if place.state is None else f"and unit[1:2] = '{place.state}'"
    query = (
        "select s.name as state, cast(month[1:4] as bigint) as year, count(*) as municipalities "
        f"from ({onset.origin.query}) join states s on s.state = unit[1:2] where month > '{first_month}' {inside} "
        "group by all order by s.name, year"
    )
    return Answer(facts.sql(query), facts.origin(query, onset.origin.note))


def unit_shapes() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the polygons of harmonised municipalities, several of one code where it was divided since, and of states."""
    facts = Facts()  # at an earlier date those that were divided since would lack the parts taken from them
    municipal = facts.sql(
        "select unit_2000, geometry from map_municipalities join municipalities using (municipality) "
        "order by unit_2000, municipality"
    )
    return municipal.rows(), facts.sql("select state, geometry from map_states order by state").rows()


def shapes(facts: Facts, place: Place) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the polygons of municipalities and states, of the nation or a place's state."""
    inside = "" if place.state is None else f"where {{}}[1:2] = '{place.state}'"
    return (
        facts.sql(
            f"select municipality, geometry from map_municipalities {inside.format('municipality')} order by municipality"
        ),
        facts.sql(f"select state, geometry from map_states {inside.format('state')} order by state"),
    )
