"""What is likely next in one place, with its intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from merida.facts import Facts
from merida.one_line import OneLine
from merida.places import Place, find_place
from merida.priors import Priors
from merida.progress import Counted
from merida.units import month_range
from merida.violence.forecasting.fitting import forecast
from merida.violence.forecasting.forecast import PRIORS, Forecast
from merida.violence.forecasting.samples import Samples, checked

QUANTILES = (5, 10, 25, 50, 75, 90, 95)
MANY = 12  # deaths in the twelve months that follow: one a month
RISE = 1.2
FEW = 200  # draws of the months that are estimated: of them only bands are shown


@dataclass(frozen=True)
class Event:
    """An event of the next twelve months, its probability, and what its sentence names."""

    name: str
    probability: float
    values: dict[str, int]


@dataclass(frozen=True, repr=False)
class Outlook(OneLine):
    """Deaths expected in a place by year and by month.

    Parameters
    ----------
    place : Place
    last_year, recent : int
        The last year whose deaths are known, by month of occurrence or registered, and how many there were.
    recorded : tuple of (str, int)
        Deaths by month of occurrence, ``YYYY-MM``, as the forecast counts them.
    first_month : str
        The first month of which nothing is known.
    rests_on : dict of str to str
        Of the months between: the last year or month of each basis that is known, by its name (`Later.ends`).
    registered : tuple of (str, int)
        Deaths by year of registration, of the years after these months.
    estimated : tuple of dict
        The months after them of which something is known, as `months`.
    years, months : tuple of dict
        ``period``, ``mean`` and quantiles ``q05`` to ``q95`` of deaths: of whole years after the last one known, some of
        whose months may be estimated, and of months from the first of which nothing is known.
    events : tuple of Event
        Of the next twelve months; none where the horizon is shorter.
    samples : Samples
        The draws of every place.
    """

    place: Place
    last_year: int
    recent: int
    recorded: tuple[tuple[str, int], ...]
    first_month: str
    rests_on: dict[str, str]
    registered: tuple[tuple[str, int], ...]
    estimated: tuple[dict[str, Any], ...]
    years: tuple[dict[str, Any], ...]
    months: tuple[dict[str, Any], ...]
    events: tuple[Event, ...]
    samples: Samples


def outlook(
    facts: Facts,
    where: str | None,
    months: int,
    draws: int,
    seed: int = 0,
    priors: Priors = PRIORS,
    progress: Counted = lambda *_: None,
) -> Outlook:
    """Return what is likely next in a place that a user names.

    Parameters
    ----------
    facts : Facts
        The record as of its date.
    where : str or None
        As `merida.places.find_place` takes it; None for the nation.
    months, draws, seed : int
        The horizon from the first month of which nothing is known, and the draws.
    progress : callable
        Called with how many draws are made, and of how many.

    Raises
    ------
    PlaceError
        If there is no such place, or several.
    ViolenceError
        If the horizon or the draws are beyond what is computed.

    Examples
    --------
    >>> ahead = outlook(Facts("2012-12"), "Ciudad Juárez", months=12, draws=100)
    >>> ahead.last_year, ahead.years[0]["period"]
    (2011, '2012')
    """
    checked(months, draws)
    place = find_place(facts, where)
    path = forecast(facts, months, seed, priors)
    back = path.estimated - 12 * path.years_since  # months of the first year forecast that are estimated
    samples = path.samples(draws, progress, back)
    drawn = samples.of(place.code)
    inside = np.array([place.kind == "nation" or code.startswith(place.code) for code in path.known.places])
    known = path.known.deaths[inside].sum(axis=0)
    since = path.registered[0][inside].sum(axis=0).astype(int)
    recent, first = int(since[-1] if since.size else known[-12:].sum()), path.last_year + 1
    whole = (back + months) // 12 if months >= 12 else 0
    years = tuple(
        summary(str(first + year), drawn[:, 12 * year : 12 * year + 12].sum(axis=1)) for year in range(whole)
    )
    events: tuple[Event, ...] = ()
    if whole:
        next_year = drawn[:, back : back + 12].sum(axis=1)
        events = (
            Event("rise", float((next_year > RISE * recent).mean()), {"recent": recent}),
            Event("fall", float((next_year < recent).mean()), {"recent": recent}),
        )
        if place.kind == "municipality":
            events = (Event("many", float((next_year >= MANY).mean()), {"deaths": MANY}), *events)
    return Outlook(
        place=place,
        last_year=path.last_year,
        recent=recent,
        recorded=tuple(
            zip(month_range(f"{path.known.first_year}-01", len(known)), map(int, known), strict=True)
        ),
        first_month=path.first_month,
        rests_on=path.since.ends(path.known) if path.since else {},
        registered=tuple((str(first - len(since) + at), int(deaths)) for at, deaths in enumerate(since)),
        estimated=of_months(f"{path.known.last_year + 1}-01", path.estimates(place.code, min(draws, FEW))),
        years=years,
        months=of_months(path.first_month, drawn[:, back:]),
        events=events,
        samples=samples,
    )


def of_months(first: str, drawn: np.ndarray[Any, Any]) -> tuple[dict[str, Any], ...]:
    """Return the summaries of months from draws, shape (draws, months)."""
    return tuple(summary(month, drawn[:, at]) for at, month in enumerate(month_range(first, drawn.shape[1])))


@dataclass(frozen=True)
class StateAhead:
    """Deaths expected in a state by whole year.

    Parameters
    ----------
    state, name : str
    recent : int
        Deaths of the last year that is known, as the forecast counts them.
    rise : float
        Probability of more than `RISE` times as many in the twelve months that follow.
    years : tuple of dict
        As those of `Outlook`.
    """

    state: str
    name: str
    recent: int
    rise: float
    years: tuple[dict[str, Any], ...]


def states_ahead(facts: Facts, ahead: Outlook, path: Forecast) -> tuple[StateAhead, ...]:
    """Return what is likely next in each state, on the draws of the nation; none where no whole year is ahead."""
    names = dict(facts.sql("select state, name from states").rows())
    whole, back = len(ahead.years), path.estimated - 12 * path.years_since
    found = []
    for code in sorted(set(ahead.samples.states)) if whole else ():
        drawn = ahead.samples.of(code)
        inside = np.array([place.startswith(code) for place in path.known.places])
        last = path.registered[0][:, -1:] if path.years_since else path.known.deaths[:, -12:]
        recent = int(last[inside].sum())
        years = tuple(
            summary(str(ahead.last_year + 1 + year), drawn[:, 12 * year : 12 * year + 12].sum(axis=1))
            for year in range(whole)
        )
        rise = float((drawn[:, back : back + 12].sum(axis=1) > RISE * recent).mean())
        found.append(StateAhead(code, names[code], recent, rise, years))
    return tuple(found)


def summary(period: str, drawn: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return the mean and quantiles of draws; quantiles are whole deaths."""
    values = np.quantile(drawn, [q / 100 for q in QUANTILES], method="inverted_cdf")
    return {
        "period": period,
        "mean": float(drawn.mean()),
        **{f"q{q:02}": int(value) for q, value in zip(QUANTILES, values, strict=True)},
    }
