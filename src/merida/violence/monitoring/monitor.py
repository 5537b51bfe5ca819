"""The monitor: where violence is in a place and how it moved, each number with its interval and its origin.

Levels and changes are of full years of registration; onset and breaks are of months (see `merida.violence.deaths`).
"""

from __future__ import annotations

from dataclasses import dataclass

from merida.errors import ViolenceError
from merida.facts import Facts
from merida.facts.record import Answer
from merida.one_line import OneLine
from merida.places import Place, find_place
from merida.violence.deaths import monthly, monthly_basis, yearly
from merida.violence.monitoring import organised_crime
from merida.violence.monitoring.breaks import Breaks, find_breaks
from merida.violence.monitoring.change import overdispersion
from merida.violence.monitoring.cross_section import RECENT, CrossSection, cross_section_of
from merida.violence.monitoring.disappearances import Disappearances, disappearances
from merida.violence.monitoring.levels import Level, Moved, level_of, moved_of
from merida.violence.monitoring.spread import (
    ClusterStanding,
    Concentration,
    Onset,
    Spread,
    clustered_in,
    concentration_in,
    onset_in,
    spread_in,
)

THRESHOLD = 12  # deaths a year: one a month
LEVEL = 25.0  # deaths a year per 100,000 that an onset must pass
LAGS = (12, 36)  # months
MOST_DEATHS = 10**6  # a year in a municipality: more cannot be meant
MOST_LEVEL = 10**5  # everybody, each year
TABLES = (  # loaded at once: each query for a new one would load them all again
    "crime_victims",
    "homicides_month",
    "homicides_year",
    "missing_persons",
    "municipalities",
    "municipality_adjacency",
    "organisation_presence",
    "organisation_presence_states",
    "organised_crime_homicides",
    "population",
    "population_census",
    "states",
)


@dataclass(frozen=True, repr=False)
class Monitor(OneLine):
    """Where violence is in a place, and how it moved.

    Parameters
    ----------
    place : Place
    as_of : str or None
        Month of the record.
    year : int
        The last year whose deaths had been published.
    months : list of str
        Every month on record.
    basis : {"occurrence", "registration"}
        Of the monthly deaths.
    overdispersion : float
        Variance of the place's monthly deaths over their mean.
    level : Level
        Deaths and rates of the last year.
    moved : tuple of Moved
        Changes of the rate against one and three years before.
    spread, concentration, clusters, onset
        How many municipalities are reached, how unevenly, where they cluster, since when.
    breaks : Breaks
        Changes of level of the monthly series.
    series : Answer
        Deaths and population by month.
    attributed, presence, crimes : tuple
        Deaths attributed to organised crime, organisations reported, other recorded crimes.
    missing : Disappearances or None
        Missing persons beside homicides; None where the register was not public.
    """

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
    clusters: ClusterStanding
    onset: Onset
    breaks: Breaks
    series: Answer
    attributed: tuple[organised_crime.Attributed, ...]
    presence: tuple[organised_crime.Presence, ...]
    crimes: tuple[organised_crime.Crime, ...]
    missing: Disappearances | None


def monitor(
    facts: Facts,
    place: Place | str | None = None,
    threshold: int = THRESHOLD,
    level: float = LEVEL,
    seed: int = 0,
    cross_section: CrossSection | None = None,
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
    cross_section : CrossSection or None
        Of the same facts, to compute what places share once.

    Raises
    ------
    ViolenceError
        If the place has no population on record, or threshold or level is not above 0 or cannot be meant.
    PlaceError
        If there is no such place.

    Examples
    --------
    >>> juarez = monitor(Facts("2012-12"), "Ciudad Juárez")
    >>> juarez.year, int(juarez.level.deaths.value)
    (2011, 2282)
    """
    for name, given, most in (("threshold", threshold, MOST_DEATHS), ("level", level, MOST_LEVEL)):
        if not 0 < given <= most:
            raise ViolenceError(
                "monitor_outside", what=name, found=f"{min(max(given, -1e300), 1e300):.6g}", most=most
            )
    facts.connect(TABLES)
    if not isinstance(place, Place):
        place = find_place(facts, place)
    cross_section = cross_section or cross_section_of(facts, seed)
    series = monthly(facts, place)
    counts = series.rows["deaths"].to_numpy().astype(float)
    if place.kind == "municipality":
        phi = float(cross_section.overdispersion[cross_section.units.codes.index(place.code)])
    else:
        phi = float(overdispersion(counts[None, -RECENT:])[0])
    record_years = yearly(facts, place)
    return Monitor(
        place, facts.as_of, cross_section.year, cross_section.months, monthly_basis(facts)[0], phi,
        level_of(cross_section, place, record_years, phi),
        tuple(moved for lag in LAGS if (moved := moved_of(cross_section, record_years, phi, lag)) is not None),
        spread_in(cross_section, place, threshold),
        concentration_in(cross_section, place),
        clustered_in(cross_section, place),
        onset_in(cross_section, place, level),
        find_breaks(counts, series.rows["population"].to_numpy().astype(float) / 1e5),
        series,
        organised_crime.attributed(facts, place),
        organised_crime.presence(facts, place),
        organised_crime.other_crimes(facts, place),
        disappearances(facts, place),
    )  # fmt: skip
