"""The usual day of a port or crossing as the hourly model has it: arrivals, booths and service by class of lanes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from merida.border.crossings.sites import CLASSES, MODES, Place, sites
from merida.border.hourly.lane import HourlyLane, hourly_lanes
from merida.distributions import Floats
from merida.facts import Facts


class UsualDay(NamedTuple):
    """One class of lanes, all crossings of a place together, by hour of the day."""

    arrivals: Floats  # (24,) an hour, at the level of the fit
    booths: Floats  # (24,)
    service_minutes: float
    line: float  # vehicles (persons) in line at midnight


def usual_day(facts: Facts, place: Place, mode: str, weekday: int | None) -> dict[str, UsualDay]:
    """Return the usual day by class of lanes; empty where the hourly model knows none at the place.

    Parameters
    ----------
    weekday : int or None
        Monday is 1; None: the mean of the week.

    Examples
    --------
    >>> sorted(usual_day(Facts(), find_place(Facts(), "San Ysidro"), "cars", None))
    ['general', 'ready', 'sentri']
    """
    if mode not in CLASSES:
        return {}
    known = hourly_lanes(facts)
    found: dict[str, list[HourlyLane]] = {}
    for site in sites(facts, place, mode):
        for lane, kind in CLASSES[mode].items():
            one = known.get((site.crossing, MODES[mode][1], kind))
            if one is not None and one.booths.any():
                found.setdefault(lane, []).append(one)
    return {lane: together(of_lane, weekday) for lane, of_lane in found.items()}


def together(lanes: list[HourlyLane], weekday: int | None) -> UsualDay:
    """Return lanes of one class as one."""

    def of_day(week: Floats) -> Floats:
        days = week.reshape(7, 24)
        return np.asarray(days.mean(axis=0) if weekday is None else days[weekday - 1])

    arrivals, booths, line, work = np.zeros(24), np.zeros(24), 0.0, 0.0
    for lane in lanes:
        open_now = np.median(lane.booths, axis=0)
        stays = np.exp(-np.median(lane.put_off_per_hour) * lane.usual_line / np.maximum(open_now, 1.0))
        come = of_day(np.median(lane.arrivals_per_hour, axis=0) * stays)
        service = float(np.median(lane.service_per_booth_hour))
        arrivals, booths = arrivals + come, booths + of_day(open_now)
        line += float(of_day(lane.usual_line)[0]) * service
        work += float(come.sum()) / service
    return UsualDay(arrivals, booths, 60 * work / float(arrivals.sum()), line)
