"""The next hours at a lane class after one reading: what will be posted, with its band, and the best hour of the day.

The quantiles of each hour, of holidays and of the memory from hour to hour are those that the hourly model left
(`merida.border.hourly.posted`). The normal score of the reading among the quantiles of its own hour is carried on with
the lane's own correlation; open lanes, where they are given, explain part of it, and that part fades as the supply of
booths does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from merida.border.crossings.sites import CLASSES, MODES, Site
from merida.border.hourly import posted
from merida.border.hourly.holidays import kind
from merida.border.hourly.lane import HOURS
from merida.border.hourly.paths import SUPPLY
from merida.distributions import Floats
from merida.errors import BorderError
from merida.facts import Facts

MOST_HOURS = 48  # ahead, for which a memory is kept


class Reading(NamedTuple):
    """What was posted at a lane class, local time of the crossing."""

    at: datetime
    wait_minutes: float
    lanes_open: float | None


class NextHours(NamedTuple):
    """Quantiles of what will be posted in the hours after a reading; NaN where the lanes are closed."""

    times: tuple[datetime, ...]  # the hours, H of them
    after: Floats  # (H, L) minutes, given the reading
    usual: Floats  # (H, L) minutes, of such an hour without it


def last_reading(facts: Facts, site: Site, lane: str, until: datetime | None = None) -> Reading:
    """Return the last reading of a lane class on record, up to a time.

    Raises
    ------
    BorderError
        If there is none.

    Examples
    --------
    >>> last_reading(Facts(), site, "general").at.year
    2025
    """
    upto = "" if until is None else f" and read_at <= '{until:%Y-%m-%d %H:%M}'"
    rows = facts.sql(
        "select read_at, wait_minutes, lanes_open from posted_waits where status <> 'closed' and not suspect "
        f"and crossing = '{site.crossing}' and lane_group = '{MODES[site.mode][1]}' "
        f"and lane_type = '{CLASSES[site.mode][lane]}'{upto} order by read_at desc limit 1"
    ).rows()
    if not rows:
        raise BorderError("border_no_posted_waits", where=f"{site.name}, {lane}")
    at, minutes, lanes = rows[0]
    return Reading(datetime.fromisoformat(at), float(minutes), None if lanes is None else float(lanes))


def next_hours(
    site: Site, lane: str, given: Reading, hours: int, held: posted.Kept | None = None
) -> NextHours:
    """Return what will be posted in the hours after a reading.

    Parameters
    ----------
    lane : str
        The class of lanes.
    given : Reading
        What was posted; its minutes of the hour are not used.
    hours : int
        How many hours ahead, at most `MOST_HOURS`.
    held : mapping or None
        What the fit left (`merida.border.hourly.posted`); None: what the package keeps.

    Raises
    ------
    BorderError
        If the lane class is not in the fit.

    Examples
    --------
    >>> next_hours(site, "general", Reading(datetime(2025, 10, 14, 8), 45.0, 6.0), 3).after.shape[0]
    3
    """
    held = posted.kept() if held is None else held
    key = (site.crossing, MODES[site.mode][1], CLASSES[site.mode][lane])
    names = zip(*(held[name].tolist() for name in ("crossing", "lane_group", "lane_type")), strict=True)
    row = next((place for place, name in enumerate(names) if name == key), None)
    if row is None:
        raise BorderError("border_no_posted_waits", where=f"{site.name}, {lane}")
    start = given.at.replace(minute=0, second=0, microsecond=0)
    times = [start + timedelta(hours=step) for step in range(hours + 1)]
    at = np.array([24 * time.weekday() + time.hour for time in times]) % HOURS
    months, days = np.array([time.month for time in times]), np.array([kind(time.date()) for time in times])
    usual = posted.predicted(np.full(len(at), row), at, months, days, np.full(len(at), np.nan), held)
    usual = np.where(held["is_open"][row, at][:, None] > 0, usual, np.nan)
    score = posted.reading_score(usual[:1], np.array([given.wait_minutes]))[0]
    step = np.arange(1, hours + 1)
    memory = held["ahead"][row, step].astype(np.float64)
    shift = memory * score
    if given.lanes_open is not None:
        mean, sd = held["lanes"][row, at[:1]].astype(np.float64).T
        by_lanes = held["lanes_effect"][row] * posted.lanes_score(np.array([given.lanes_open]), mean, sd)[0]
        shift = memory * (score - by_lanes) + SUPPLY**step * by_lanes
    after = posted.moved(usual[1:], np.asarray(shift), np.sqrt(1 - memory**2))
    return NextHours(tuple(times[1:]), after, usual[1:])


def best_hour(found: NextHours, middle: Floats) -> int | None:
    """Return the place of the hour of the first day with the least wait, the earliest of equals; None if it is over.

    Parameters
    ----------
    middle : array, shape (H,)
        The medians of ``found.after``; NaN where closed.

    Examples
    --------
    >>> hours = tuple(datetime(2025, 10, 14, hour) for hour in (9, 10, 11))
    >>> best_hour(NextHours(hours, np.zeros((3, 1)), np.zeros((3, 1))), np.array([30.0, 5.0, 5.0]))
    1
    """
    today = [place for place, time in enumerate(found.times) if time.date() == found.times[0].date()]
    is_open = [place for place in today if np.isfinite(middle[place])]
    return min(is_open, key=lambda place: (middle[place], place)) if is_open else None
