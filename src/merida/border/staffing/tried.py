"""A crossing with other lanes and officers than today's: the same simulated days, run again.

Officers are 40 booth-hours a week each, spread over classes and hours as today's are; lanes bound how many booths of a
class can be open at once. Booths answer the line around the new roster as they do around today's: the usual line by hour,
from which they depart, moves by as much as it does where both rosters are held whatever stands in line. Today's lanes and
officers give today's waits exactly, and what a roster changes is read on the same days (`merida.border.hourly.paths`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from merida.border.crossings.sites import CLASSES, MODES
from merida.border.hourly.lane import HourlyLane, LaneKey, lanes_kept
from merida.border.hourly.paths import Paths, Shock, shocks, simulate
from merida.border.staffing.roster import WEEKLY_HOURS
from merida.distributions import Floats
from merida.statistics import low_median_high

PATHS = 24  # of each draw of the fit, a week each; two of each month where the whole year is asked for
KEPT_CROSSINGS = 8  # of which the days stay in memory, 20 MB each


@dataclass(frozen=True, eq=False)
class Today:
    """Today's way of staffing the K lane classes of a crossing, with the days on which others are tried.

    Attributes
    ----------
    names : tuple of str
        Our names of the classes.
    lanes : tuple of HourlyLane
    days : tuple of Shock
    paths : Paths
        Those days under today's way.
    line : array, shape (K, 168)
        The mean work in line, booth-hours, with the usual booths whatever stands in line.
    """

    names: tuple[str, ...]
    lanes: tuple[HourlyLane, ...]
    days: tuple[Shock, ...]
    paths: Paths
    line: Floats

    @property
    def officers(self) -> float:
        """How many officers of 40 booth-hours a week the booths of the mean week take."""
        return float(self.paths.booths.sum(axis=(0, 3, 4)).mean()) / WEEKLY_HOURS

    @property
    def most(self) -> dict[str, int]:
        """The most booths that were seen open, by class."""
        return {name: lane.most_booths for name, lane in zip(self.names, self.lanes, strict=True)}


@lru_cache(maxsize=KEPT_CROSSINGS)
def today(crossing: str, mode: str, month: int | None, seed: int) -> Today | None:
    """Return today's way of staffing a crossing; None where the hourly model does not know it.

    Parameters
    ----------
    crossing : str
        CBP's number.
    mode : {"trucks", "cars", "pedestrians"}
    month : int or None
        The month of the year, 1 to 12; None: the whole year.
    seed : int

    Examples
    --------
    >>> sorted(today("250401", "cars", 10, 0).most)
    ['general', 'ready', 'sentri']
    """
    known = lanes_kept()
    keys: dict[str, LaneKey] = {
        name: (crossing, MODES[mode][1], kind) for name, kind in CLASSES[mode].items()
    }
    lanes = {name: known[key] for name, key in keys.items() if key in known and known[key].booths.any()}
    if not lanes:
        return None
    of_path = (np.arange(PATHS) % 12 + 1 if month is None else np.full(PATHS, month))[:, None]
    given = tuple(lanes.values())
    days = tuple(shocks(given, PATHS, months=of_path, seed=seed))
    return Today(
        tuple(lanes),
        given,
        days,
        simulate(given, PATHS, same=days),
        held_line(given, usual(given), days),
    )


def usual(lanes: tuple[HourlyLane, ...]) -> Floats:
    """Return the usual booths of lane classes by hour of the week, shape (K, 168)."""
    return np.stack([lane.booths.mean(axis=0) for lane in lanes])


def held_line(lanes: tuple[HourlyLane, ...], booths: Floats, days: tuple[Shock, ...]) -> Floats:
    """Return the mean work in line, booth-hours, where so many booths are open whatever stands in it, shape (K, 168)."""
    ran = simulate(lanes, PATHS, booths=booths, same=days)
    return np.asarray((ran.wait / 60 * ran.booths).mean(axis=(1, 2, 3)))


def tried(now: Today, most: Mapping[str, int], officers: float | None) -> Paths:
    """Return the days of a crossing under other lanes and officers.

    Parameters
    ----------
    now : Today
    most : mapping of str to int
        The most booths that can be open, by class; a class that is not in it keeps today's.
    officers : float or None
        Of 40 booth-hours a week each; None: today's.

    Examples
    --------
    >>> now = today("250401", "cars", 10, 0)
    >>> bool(tried(now, {}, 1.1 * now.officers).wait.mean() < now.paths.wait.mean())
    True
    """
    factor = 1.0 if officers is None else officers / now.officers
    bound = [most.get(name, lane.most_booths) for name, lane in zip(now.names, now.lanes, strict=True)]
    if factor == 1.0 and tuple(bound) == tuple(now.most.values()):
        return now.paths
    lanes = tuple(
        replace(lane, booths=np.minimum(lane.booths * factor, most_open), most_booths=most_open)
        for lane, most_open in zip(now.lanes, bound, strict=True)
    )
    moved = held_line(lanes, usual(lanes), now.days) - now.line
    around = tuple(
        replace(lane, usual_line=np.maximum(lane.usual_line + by, 0.0))
        for lane, by in zip(lanes, moved, strict=True)
    )
    return simulate(around, PATHS, same=now.days)


def by_hour(ran: Paths, row: int, days: list[int]) -> Floats:
    """Return the mean posted wait of a class by hour over some days of the week: low, median and high, shape (24, 3).

    Parameters
    ----------
    ran : Paths
    row : int
        The class, by its place.
    days : list of int
        Monday is 0.

    Returns
    -------
    array, shape (24, 3)
        Minutes, the ends those of the 90 % interval over draws of the fit; NaN where the class is closed on all of them.
    """
    posted, open_now = (
        values[row][..., 0, :].reshape(values.shape[1], values.shape[2], 7, 24)[:, :, days]
        for values in (ran.posted, ran.arrivals)
    )
    is_open = (open_now > 0).any(axis=(0, 1))
    count = is_open.sum(axis=0)
    mean = (posted.mean(axis=1) * is_open).sum(axis=1) / np.maximum(count, 1)
    return np.where(count[:, None] > 0, low_median_high(mean).T, np.nan)
