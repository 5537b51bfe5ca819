"""The usual day of a port or crossing as the hourly model has it: arrivals, booths and service by class of lanes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from merida.border.crossings.sites import CLASSES, MODES, Place, per_day, sites
from merida.border.hourly.lane import HourlyLane, hourly_lanes
from merida.distributions import Floats
from merida.facts import Facts


class UsualDay(NamedTuple):
    """One class of lanes, all crossings of a place together, by hour of the day."""

    arrivals: (
        Floats  # (24,) an hour, of those who cross after the usual wait; together the volume of the last year
    )
    wished: Floats  # (24,) an hour, of those who would cross if there were no wait
    booths: Floats  # (24,)
    service_minutes: float
    line: float  # vehicles (persons) in line at midnight
    put_off: float  # by how much the logarithm of arrivals falls for an hour of wait


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
    volume = sum(per_day(facts, site)[0] for site in sites(facts, place, mode))
    found = {lane: found[lane] for lane in CLASSES[mode] if lane in found}
    week = {lane: together(of_lane, None, 1.0) for lane, of_lane in found.items()}
    counted = volume / sum(float(day.arrivals.sum()) for day in week.values()) if week else 1.0
    return {lane: together(of_lane, weekday, counted) for lane, of_lane in found.items()}


def together(lanes: list[HourlyLane], weekday: int | None, counted: float) -> UsualDay:
    """Return lanes of one class as one; `counted` is the volume on record over that of the fit."""

    def of_day(week: Floats) -> Floats:
        days = week.reshape(7, 24)
        return np.asarray(days.mean(axis=0) if weekday is None else days[weekday - 1])

    arrivals, wished, booths, line, work, put_off = np.zeros(24), np.zeros(24), np.zeros(24), 0.0, 0.0, 0.0
    for lane in lanes:
        open_now = np.median(lane.booths, axis=0)
        stays = np.exp(-np.median(lane.put_off_per_hour) * lane.usual_line / np.maximum(open_now, 1.0))
        would = counted * np.median(lane.arrivals_per_hour, axis=0)
        come = of_day(would * stays)
        service = counted * float(np.median(lane.service_per_booth_hour))
        arrivals, wished, booths = arrivals + come, wished + of_day(would), booths + of_day(open_now)
        put_off += float(come.sum()) * float(np.median(lane.put_off_per_hour))
        line += float(of_day(lane.usual_line)[0]) * service
        work += float(come.sum()) / service
    total = float(arrivals.sum())
    return UsualDay(arrivals, wished, booths, 60 * work / total, line, put_off / total)
