"""Where violence is: municipalities over a threshold, concentration, clusters on the map, onset."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from merida.figure import Figure
from merida.places import Place
from merida.statistics import low_median_high
from merida.violence.deaths import onsets
from merida.violence.monitoring import organised_crime
from merida.violence.monitoring.concentration import gini_by_chance
from merida.violence.monitoring.cross_section import SPAN, CrossSection
from merida.violence.monitoring.spatial import FALSE_DISCOVERY
from merida.violence.summaries import reaching

WORST = (5, 10, 50)
KINDS = ("high", "low", "high_among_low", "low_among_high")


@dataclass(frozen=True)
class Spread:
    """How many municipalities reached the threshold by year, of all homicides and of those attributed."""

    threshold: int
    by_year: tuple[tuple[int, Figure], ...]
    attributed: tuple[tuple[int, Figure], ...]


@dataclass(frozen=True)
class Concentration:
    """Share of the deaths in the worst n municipalities; Gini over people, and what chance would give; in percent."""

    worst: tuple[tuple[int, Figure], ...]
    gini: Figure
    gini_by_chance: Figure


@dataclass(frozen=True)
class ClusterStanding:
    """Clusters of the last years' rates in the place, or in the state of a municipality.

    Parameters
    ----------
    first, last : int
        The years.
    kind : str or None
        Of a municipality: ``high``, ``low``, ``high_among_low``, ``low_among_high`` or ``none``.
    moran, gi_star, p, q : float or None
        Of a municipality: local Moran, Gi*, two-sided p-value, least false discovery rate.
    counts : dict of str to Figure
        Municipalities of each kind at a false discovery rate of 5 %, its range that of 1 and 10 %.
    high : tuple of str
        The municipalities in high clusters, the highest Gi* first.
    """

    first: int
    last: int
    kind: str | None
    moran: float | None
    gi_star: float | None
    p: float | None
    q: float | None
    counts: dict[str, Figure]
    high: tuple[str, ...]


@dataclass(frozen=True)
class Onset:
    """When rates passed a level and stayed: a municipality's month, or how many units by year.

    Parameters
    ----------
    level : float
        Deaths a year per 100,000.
    month : str or None
        Of a municipality.
    since_start : Figure
        Units that were above it when the months begin.
    later : Figure
        Units that passed it since.
    by_year : dict
        Units by year of onset.
    first_month : str
        The first month in which an onset could show.
    """

    level: float
    month: str | None
    since_start: Figure
    later: Figure
    by_year: dict[int, int]
    first_month: str


def _within(place: Place) -> str:
    """Return the SQL condition on `unit` of the units that a place's spread and concentration count: its state's."""
    return "true" if place.state is None else f"unit[1:2] = '{place.state}'"


def spread_in(cross_section: CrossSection, place: Place, threshold: int) -> Spread:
    """Return how many municipalities of the nation, or of the place's state, reached `threshold` deaths in each year."""
    by_year = []
    for year in cross_section.units.years:
        figure = reaching(cross_section.facts, year, threshold, f" and {_within(place)}")
        if figure is not None:
            by_year.append((year, figure))
    state = Place("state", place.state, place.name) if place.state else place
    return Spread(
        threshold, tuple(by_year), organised_crime.attributed_spread(cross_section.facts, state, threshold)
    )


def concentration_in(cross_section: CrossSection, place: Place) -> Concentration | None:
    """Return how concentrated the last year's deaths are among the units of the nation or the place's state."""
    inside = np.array([place.state in (None, state) for state in cross_section.units.states])
    deaths, exposure = (values[inside] for values in cross_section.units.at(cross_section.year))
    if deaths.sum() == 0:
        return None
    rows = (
        f"select unit, deaths, population from ({cross_section.units.answer.origin.query}) "
        f"where year = {cross_section.year} and {_within(place)}"
    )
    worst = []
    for count in WORST:
        query = (
            f"select 100.0 * sum(deaths) filter (place <= {count}) / sum(deaths) from (select deaths, "
            f"row_number() over (order by deaths desc) as place from ({rows}))"
        )
        figure = cross_section.facts.figure(query, "percent", "harmonised")
        if figure is not None and count < len(deaths):
            worst.append((count, figure))
    query = (
        "select 100 - 100 * sum(population * (2 * reached - deaths)) / (sum(population) * sum(deaths)) "
        "from (select deaths, population, sum(deaths) over (order by deaths / population, unit) as reached "
        f"from ({rows}))"
    )
    gini = cross_section.facts.figure(query, "percent", "gini")
    if gini is None:
        return None
    by_chance = 100 * gini_by_chance(deaths, exposure, cross_section.seed)
    low, _, high = map(float, low_median_high(by_chance))
    origin = replace(cross_section.units.answer.origin, query=rows, note="gini_by_chance")
    return Concentration(
        tuple(worst),
        gini,
        Figure(float(np.mean(by_chance)), low, high, "percent", "estimate", origin),
    )


def clustered_in(cross_section: CrossSection, place: Place) -> ClusterStanding:
    """Return the clusters of the nation or the place's state, and where a municipality stands among them."""
    mapped, codes = cross_section.clusters, cross_section.units.codes
    inside = [row for row, state in enumerate(cross_section.units.states) if place.state in (None, state)]
    years = (
        f"select * from ({cross_section.units.answer.origin.query}) where year > {cross_section.year - SPAN}"
    )
    units = cross_section.units.answer.origin
    origin = replace(units, tables=(*units.tables, "municipality_adjacency"), query=years, note="clusters")
    by_rate = [mapped.kinds(rate) for rate in (0.01, FALSE_DISCOVERY, 0.10)]
    counts = {}
    for kind in KINDS:
        low, value, high = (sum(kinds[row] == kind for row in inside) for kinds in by_rate)
        counts[kind] = Figure(value, low, high, "municipalities", "estimate", origin)
    worst = sorted(
        (row for row in inside if by_rate[1][row] == "high"),
        key=lambda row: (-mapped.gi_star[row], codes[row]),
    )
    names = tuple(cross_section.units.names[row] for row in worst)
    first = max(cross_section.units.years[0], cross_section.year - SPAN + 1)
    if place.kind != "municipality":
        return ClusterStanding(first, cross_section.year, None, None, None, None, None, counts, names)
    row = codes.index(place.code)
    moran, star, p, q = (float(of[row]) for of in (mapped.moran, mapped.gi_star, mapped.p, mapped.q))
    return ClusterStanding(first, cross_section.year, by_rate[1][row], moran, star, p, q, counts, names)


def onset_in(cross_section: CrossSection, place: Place, level: float) -> Onset:
    """Return when rates passed `level` deaths a year per 100,000 in the nation or the place's state, and stayed."""
    onset = onsets(cross_section.facts, level)
    first = cross_section.months[11]

    def count(number: int, condition: str) -> Figure:
        query = f"select count(*) from ({onset.origin.query}) where {condition} and {_within(place)}"
        return Figure(
            number, None, None, "municipalities", "fact", cross_section.facts.origin(query, "onset")
        )

    rows = dict(onset.rows.iter_rows())
    months = [month for unit, month in rows.items() if place.state in (None, unit[:2])]
    years = [int(month[:4]) for month in months if month > first]
    by_year = {year: years.count(year) for year in range(int(first[:4]), cross_section.year + 1)}
    own = rows.get(place.code) if place.kind == "municipality" else None
    before = count(months.count(first), f"month = '{first}'")
    return Onset(level, own, before, count(len(years), f"month > '{first}'"), by_year, first)
