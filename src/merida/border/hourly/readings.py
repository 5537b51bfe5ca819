"""The posted waits and open lanes as arrays by lane class and hour, and what else the fit is told of each lane."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from merida.border.crossings.sites import MODES, per_day, sites
from merida.border.hourly.holidays import kind
from merida.border.hourly.lane import HOURS, LaneKey
from merida.distributions import Floats
from merida.facts import Facts

FIRST = date(2025, 3, 24)  # the Monday of the week in which the readings begin
LEAST = 300  # readings with a wait that a lane needs to be fitted
LONGEST = 300.0  # minutes; what is above is a typing error (defect typing_error of the table)
OLDEST = 3  # hours; an update older than that says nothing of its own hour
CLASSES = (
    ("commercial", "standard"), ("commercial", "fast"), ("passenger", "standard"), ("passenger", "ready"),
    ("passenger", "sentri"), ("pedestrian", "standard"), ("pedestrian", "ready"),
)  # fmt: skip
Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


class Readings(NamedTuple):
    """What is published of K lane classes over T hours, whole weeks from Monday 24 March 2025, local time."""

    keys: list[LaneKey]
    lane_class: Integers  # (K,), an index of `CLASSES`
    wait: Floats  # (K, T) minutes as posted in the hour; NaN where closed or not read
    booths: Floats  # (K, T) lanes open, likewise
    updated: Floats  # (K, T) minutes at the hour of CBP's own update, each update once
    closed: Bools  # (K, T)
    site: Integers  # (K,), a number for each crossing and mode; -1 where no volume is on record
    volume: Floats  # (sites,) crossings an hour, mean of the last year on record
    fresh: float  # the share of readings that are not repeats


def day_of(hour: int) -> date:
    """Return the date of an hour of the arrays.

    Examples
    --------
    >>> day_of(24 * 7)
    datetime.date(2025, 3, 31)
    """
    return FIRST + timedelta(hour // 24)


def months_of(hours: int) -> Integers:
    """Return the month of each hour, 0 for March 2025."""
    return np.repeat(
        [(day_of(24 * day).year - 2025) * 12 + day_of(24 * day).month - 3 for day in range(hours // 24)], 24
    )


def holidays_of(hours: int) -> Integers:
    """Return the kind of holiday of each hour, -1 for none."""
    return np.repeat([kind(day_of(24 * day)) for day in range(hours // 24)], 24)


def readings(facts: Facts, until: date) -> Readings:
    """Return the readings before a date, in whole weeks; hours after the date hold nothing.

    Parameters
    ----------
    facts : Facts
        The record.
    until : date
        The first day that is not read.

    Examples
    --------
    >>> readings(Facts(), date(2025, 9, 1)).wait.shape[1] % 168
    0
    """
    rows = facts.sql(
        "select crossing, lane_group, lane_type, read_at, status = 'closed' as closed, wait_minutes, lanes_open, "
        f"coalesce(update_age_hours, 0) as age from posted_waits where not suspect and read_at < '{until}' "
        "order by crossing, lane_group, lane_type, read_at"
    )
    total = -(-(until - FIRST).days // 7) * HOURS
    open_rows = rows.filter(~rows["closed"]).group_by("crossing", "lane_group", "lane_type").len()
    keys = sorted(row[:3] for row in open_rows.rows() if row[3] >= LEAST)
    place = {key: number for number, key in enumerate(keys)}
    wait, booths, updated = (np.full((len(keys), total), np.nan) for _ in range(3))
    closed = np.zeros((len(keys), total), dtype=bool)
    read_at = rows["read_at"].str.to_datetime("%Y-%m-%d %H:%M")
    hour = (read_at - datetime.combine(FIRST, time())).dt.total_hours()
    fresh = 0
    for row, at in zip(rows.rows(), hour, strict=True):
        lane = place.get(row[:3])
        if lane is None:
            continue
        _, _, _, _, shut, minutes, lanes, age = row
        closed[lane, at] = shut
        if shut or minutes is None:
            continue
        wait[lane, at], booths[lane, at] = minutes, np.nan if lanes is None else lanes
        if age <= OLDEST and at >= age:
            updated[lane, at - age] = minutes
        fresh += age == 0
    volume_of = {}
    for site in sites(facts):
        flow, _ = per_day(facts, site, None)
        volume_of[site.crossing, MODES[site.mode][1]] = flow / 24
    served = [of for of in volume_of if any(key[:2] == of for key in keys)]
    return Readings(
        keys,
        np.array([CLASSES.index(key[1:]) for key in keys]),
        np.minimum(wait, LONGEST),
        booths,
        np.minimum(updated, LONGEST),
        closed & np.isnan(wait),
        np.array([served.index(key[:2]) if key[:2] in served else -1 for key in keys]),
        np.array([volume_of[of] for of in served]),
        fresh / int(np.isfinite(wait).sum()),
    )
