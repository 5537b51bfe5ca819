"""Every municipality at once, as the monitor sees it: what a map or a list of all of them shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from merida.violence.deaths import EMPTY
from merida.violence.monitoring.cross_section import SPAN, CrossSection
from merida.violence.monitoring.disappearances import MISSING, by_span, spans

CHANGE_YEARS = 3


@dataclass(frozen=True)
class UnitLine:
    """One harmonised municipality.

    Attributes
    ----------
    municipality, name, state : str
        Five-digit code, name with its state's, two-digit state.
    deaths : int
        Registered in the year.
    people : float or None
        Residents of the year; None where none are on record.
    rate_per_100k, low, high : float
        The underlying rate a year with its 90 % interval, drawn towards the state's.
    change_percent, rose : float or None
        Change of the underlying rate since the year `Everywhere.change_since`, and the probability that it rose.
    cluster : str
        ``high``, ``high_among_low``, ``low``, ``low_among_high`` or ``none``, of the years since `clusters_since`.
    missing : int or None
        Persons registered as missing in the years `missing_years`, whatever became of them; None before the register.
    missing_per_100k : float or None
        The same, a year per 100,000 residents.
    """

    municipality: str
    name: str
    state: str
    deaths: int
    people: float | None
    rate_per_100k: float
    low: float
    high: float
    change_percent: float | None
    rose: float | None
    cluster: str
    missing: int | None
    missing_per_100k: float | None


@dataclass(frozen=True)
class Everywhere:
    """Every harmonised municipality, by code; `missing_years` are the first and the last year counted."""

    year: int
    change_since: int | None
    clusters_since: int
    missing_years: tuple[int, int] | None
    units: tuple[UnitLine, ...]


def everywhere(shared: CrossSection) -> Everywhere:
    """Return every municipality of a cross-section.

    Examples
    --------
    >>> len(everywhere(cross_section_of(Facts("2012-12"))).units)
    2443
    """
    units, year = shared.units, shared.year
    deaths, exposure = units.at(year)
    since = year - CHANGE_YEARS if year - CHANGE_YEARS in units.years else None
    moved = {code: (ratio, rose) for code, ratio, rose in shared.changes(CHANGE_YEARS)} if since else {}
    compared, missing = spans(shared.facts), {}
    if compared is not None:
        rows = shared.facts.sql(by_span(shared.facts, MISSING, "municipality", compared))
        missing = {code: (after, now) for code, _, after, _, now in rows.iter_rows()}
    lines = []
    for at, (code, kind) in enumerate(zip(units.codes, shared.clusters.kinds(), strict=True)):
        known = bool(exposure[at] > EMPTY)
        ratio, rose = moved.get(code, (None, None))
        gone, lived = missing.get(code, (0.0, exposure[at] * 1e5 * SPAN))
        lines.append(
            UnitLine(
                municipality=code,
                name=units.names[at],
                state=units.states[at],
                deaths=int(deaths[at]),
                people=float(round(exposure[at] * 1e5)) if known else None,
                rate_per_100k=float(shared.rates.mean[at]),
                low=float(shared.rates.low[at]),
                high=float(np.maximum(shared.rates.high[at], shared.rates.mean[at])),
                change_percent=None if ratio is None else 100 * (ratio - 1),
                rose=rose,
                cluster=kind,
                missing=None if compared is None else int(gone),
                missing_per_100k=None if compared is None or not known else 1e5 * gone / lived,
            )
        )
    return Everywhere(
        year=year,
        change_since=since,
        clusters_since=max(units.years[0], year - SPAN + 1),
        missing_years=None if compared is None else compared[1],
        units=tuple(lines),
    )
