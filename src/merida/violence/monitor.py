"""The monitor: where violence is in a place and how it moved, each number with its interval and its origin.

Levels and changes are of full years of registration; onset and breaks are of months (see `merida.violence.deaths`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from merida.errors import ViolenceError
from merida.facts import Facts, record
from merida.facts.record import Answer
from merida.figure import Figure, Origin
from merida.violence import actors
from merida.violence.board import RECENT, SPAN, Board
from merida.violence.breaks import Breaks, find_breaks
from merida.violence.change import change, overdispersion
from merida.violence.concentration import gini_by_chance
from merida.violence.deaths import monthly, monthly_basis, onsets, yearly
from merida.violence.places import Place, find_place
from merida.violence.shrinkage import HIGH, LOW, gamma_quantile
from merida.violence.spatial import FALSE_DISCOVERY

THRESHOLD = 12  # deaths a year: one a month
LEVEL = 25.0  # deaths a year per 100,000 that an onset must pass
LAGS = (12, 36)  # months
TABLES = (  # loaded at once: each query for a new one would load them all again
    "crime_victims",
    "homicides_month",
    "homicides_year",
    "municipalities",
    "municipality_adjacency",
    "organisation_presence",
    "organisation_presence_states",
    "organised_crime_homicides",
    "population",
    "population_census",
    "states",
)
WORST = (5, 10, 50)
KINDS = ("high", "low", "high_among_low", "low_among_high")


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
    """

    months: int
    year: int
    before: Figure
    change: Figure
    real: Figure


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
class Clustered:
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


@dataclass(frozen=True)
class Monitor:
    """What the monitor says of a place."""

    place: Place
    as_of: str | None
    year: int
    months: list[str]
    basis: str
    overdispersion: float
    level: Level
    moved: tuple[Moved, ...]
    spread: Spread
    concentration: Concentration | None
    clusters: Clustered
    onset: Onset
    breaks: Breaks
    series: Answer
    attributed: tuple[actors.Attributed, ...]
    presence: tuple[actors.Presence, ...]
    crimes: tuple[actors.Crime, ...]


def monitor(
    facts: Facts,
    place: Place | str | None = None,
    threshold: int = THRESHOLD,
    level: float = LEVEL,
    seed: int = 0,
    board: Board | None = None,
) -> Monitor:
    """Return where violence is in a place, and how it moved.

    Parameters
    ----------
    facts : Facts
        The record as of its date.
    place : Place, str or None
        A place or how a user names it (see `find_place`); None for the nation.
    threshold : int
        Deaths a year at which a municipality counts as reached.
    level : float
        Deaths a year per 100,000 whose passing is an onset.
    seed : int
        Of the permutations.
    board : Board or None
        Of the same facts, to compute what places share once.

    Raises
    ------
    ViolenceError
        If there is no such place, it has no population on record, or threshold or level is not above 0.
    """
    for name, given in (("threshold", threshold), ("level", level)):
        if not given > 0:
            raise ViolenceError("monitor_not_positive", what=name, found=given)
    facts.connect(TABLES)
    if not isinstance(place, Place):
        place = find_place(facts, place)
    board = board or Board(facts, seed)
    series = monthly(facts, place)
    counts = series.rows["deaths"].to_numpy().astype(float)
    if place.kind == "municipality":
        phi = float(board.overdispersion[board.units.codes.index(place.code)])
    else:
        phi = float(overdispersion(counts[None, -RECENT:])[0])
    record_years = yearly(facts, place)
    return Monitor(
        place, facts.as_of, board.year, board.months, monthly_basis(facts)[0], phi,
        _level(board, place, record_years, phi),
        tuple(moved for lag in LAGS for moved in _moved(board, place, record_years, phi, lag)),
        _spread(board, place, threshold),
        _concentration(board, place),
        _clustered(board, place),
        _onset(board, place, level),
        find_breaks(counts, series.rows["population"].to_numpy().astype(float) / 1e5),
        series,
        actors.attributed(facts, place),
        actors.presence(facts, place),
        actors.other_crimes(facts, place),
    )  # fmt: skip


def _level(board: Board, place: Place, years: Answer, phi: float) -> Level:
    def fact(column: str, unit: str) -> Figure:
        query = f"select {column} from ({years.origin.query}) where year = {board.year}"
        found = board.facts.figure(query, unit, years.origin.note)
        if found is None:
            raise ViolenceError("no_population", place=place.name, year=board.year)
        return found

    deaths, people, rate = (
        fact("deaths", "deaths"),
        fact("population", "people"),
        fact("rate_per_100k", "per_100k"),
    )
    if place.kind == "municipality":
        at = board.units.codes.index(place.code)
        ends = (board.rates.mean[at], board.rates.low[at], board.rates.high[at])
        towards = float(board.rates.prior_mean[at])
        origin = Origin(board.units.answer.origin.tables, board.units.answer.origin.query, "shrunk_rate")
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
        towards, origin = None, Origin(rate.origin.tables, rate.origin.query, "underlying_rate")
    value, low, high = map(float, ends)
    # The mean of a very skew law may lie above its 95th percentile; the interval then ends at the mean.
    underlying = Figure(value, low, max(high, value), "per_100k", "estimate", origin)
    return Level(deaths, people, rate, underlying, towards)


def _moved(board: Board, place: Place, years: Answer, phi: float, months: int) -> list[Moved]:
    lag, then = months // 12, board.year - months // 12
    if then not in board.units.years:
        return []
    rows = {row["year"]: row for row in years.rows.to_dicts()}
    now, past = rows[board.year], rows[then]
    centre, spread = board.prior(lag)
    before = board.facts.figure(
        f"select deaths from ({years.origin.query}) where year = {then}", "deaths", years.origin.note
    )
    if before is None or not past["population"]:
        return []
    people = now["population"] / past["population"]
    half, law, twice = (
        change(past["deaths"] / spare, now["deaths"] / spare, people, centre, spread)
        for spare in (max(1.0, phi / 2), phi, 2 * phi)
    )
    query = f"select * from ({years.origin.query}) where year in ({then}, {board.year})"
    origin = Origin(years.origin.tables, query, "rate_change")
    chances = [100 * of.probability_of_rise for of in (half, law, twice)]
    if law.ratio < 1:
        chances = [100 - chance for chance in chances]
    ratio, low, high = (100 * (of - 1) for of in (law.ratio, law.low, law.high))
    return [
        Moved(
            months,
            then,
            before,
            Figure(ratio, low, high, "percent", "estimate", origin),
            Figure(chances[1], min(chances), max(chances), "percent", "estimate", origin),
        )
    ]


def _within(place: Place) -> str:
    """Return the SQL condition on `unit` of the units that a place's spread and concentration count: its state's."""
    return "true" if place.state is None else f"unit[1:2] = '{place.state}'"


def _spread(board: Board, place: Place, threshold: int) -> Spread:
    found = []
    for year in board.units.years:
        query = (
            f"select count(*) from ({record.BY_UNIT}) "
            f"where year = {year} and deaths >= {threshold} and {_within(place)}"
        )
        figure = board.facts.figure(query, "municipalities", "harmonised")
        if figure is not None:
            found.append((year, figure))
    state = Place("state", place.state, place.name) if place.state else place
    return Spread(threshold, tuple(found), actors.attributed_spread(board.facts, state, threshold))


def _concentration(board: Board, place: Place) -> Concentration | None:
    """Return how concentrated the last year's deaths are among the units of the nation or the place's state."""
    inside = np.array([place.state in (None, state) for state in board.units.states])
    deaths, exposure = (of[inside] for of in board.units.at(board.year))
    if deaths.sum() == 0:
        return None
    rows = (
        f"select unit, deaths, population from ({board.units.answer.origin.query}) "
        f"where year = {board.year} and {_within(place)}"
    )
    worst = []
    for count in WORST:
        query = (
            f"select 100.0 * sum(deaths) filter (place <= {count}) / sum(deaths) from (select deaths, "
            f"row_number() over (order by deaths desc) as place from ({rows}))"
        )
        figure = board.facts.figure(query, "percent", "harmonised")
        if figure is not None and count < len(deaths):
            worst.append((count, figure))
    query = (
        "select 100 - 100 * sum(population * (2 * reached - deaths)) / (sum(population) * sum(deaths)) "
        "from (select deaths, population, sum(deaths) over (order by deaths / population, unit) as reached "
        f"from ({rows}))"
    )
    gini = board.facts.figure(query, "percent", "gini")
    if gini is None:
        return None
    by_chance = 100 * gini_by_chance(deaths, exposure, board.seed)
    low, high = (float(np.quantile(by_chance, at)) for at in (LOW, HIGH))
    origin = Origin(board.units.answer.origin.tables, rows, "gini_by_chance")
    return Concentration(
        tuple(worst),
        gini,
        Figure(float(np.mean(by_chance)), low, high, "percent", "estimate", origin),
    )


def _clustered(board: Board, place: Place) -> Clustered:
    found, codes = board.clusters, board.units.codes
    inside = [at for at, state in enumerate(board.units.states) if place.state in (None, state)]
    years = f"select * from ({board.units.answer.origin.query}) where year > {board.year - SPAN}"
    origin = Origin((*board.units.answer.origin.tables, "municipality_adjacency"), years, "clusters")
    by_rate = [found.kinds(rate) for rate in (0.01, FALSE_DISCOVERY, 0.10)]
    counts = {}
    for kind in KINDS:
        low, value, high = (sum(kinds[at] == kind for at in inside) for kinds in by_rate)
        counts[kind] = Figure(value, low, high, "municipalities", "estimate", origin)
    worst = sorted(
        (at for at in inside if by_rate[1][at] == "high"), key=lambda at: (-found.gi_star[at], codes[at])
    )
    names = tuple(board.units.names[at] for at in worst)
    first = max(board.units.years[0], board.year - SPAN + 1)
    if place.kind != "municipality":
        return Clustered(first, board.year, None, None, None, None, None, counts, names)
    at = codes.index(place.code)
    moran, star, p, q = (float(of[at]) for of in (found.moran, found.gi_star, found.p, found.q))
    return Clustered(first, board.year, by_rate[1][at], moran, star, p, q, counts, names)


def _onset(board: Board, place: Place, level: float) -> Onset:
    found = onsets(board.facts, level)
    first = board.months[11]

    def count(number: int, condition: str) -> Figure:
        query = f"select count(*) from ({found.origin.query}) where {condition} and {_within(place)}"
        return Figure(number, None, None, "municipalities", "fact", board.facts.origin(query, "onset"))

    rows = dict(found.rows.iter_rows())
    months = [month for unit, month in rows.items() if place.state in (None, unit[:2])]
    years = [int(month[:4]) for month in months if month > first]
    by_year = {year: years.count(year) for year in range(int(first[:4]), board.year + 1)}
    own = rows.get(place.code) if place.kind == "municipality" else None
    before = count(months.count(first), f"month = '{first}'")
    return Onset(level, own, before, count(len(years), f"month > '{first}'"), by_year, first)
