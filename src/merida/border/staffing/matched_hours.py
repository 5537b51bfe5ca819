"""Hours in which booths opened or closed, each beside hours alike in which they stayed.

A change is an hour h whose update by U.S. Customs and Border Protection names another number of open lanes than the
update of hour h - 1. Its controls are hours of the same lane class and crossing, the same hour of the day, the same kind
of day (working day, Saturday, Sunday), at most `SEASON_DAYS` apart, with as many lanes open in h - 1, none of which
opened or closed, with the same wait in h - 1 and the same rise to it from h - 2, both within `caliper`. Booths are opened
because the line grows; hence a second set, `sharper`, whose wait in hour h agrees as well. It leaves out what the new
booth did within its first hour and so errs towards too little, while the first errs towards growing lines.

Beside each change stands what a fluid queue says of it. With the work in line x = wait x lanes / 60, in booth-hours,

    work that came in an hour = x' - x + lanes, along the mean path of the controls,
    x' = max(x + work that came - lanes, 0), along the lanes of the hour that changed,

the service rate falls out, so that nothing is fitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from merida.distributions import Floats
from merida.facts import Facts

HOURS = tuple(range(-4, 4))  # from an hour before its change, of what is kept of each
BEFORE, CHANGE = HOURS.index(-1), HOURS.index(0)
AFTER = tuple(range(4))  # the hours after the change for which the fluid queue speaks
SEASON_DAYS = 42
CALIPER_MINUTES, CALIPER_SHARE = 5.0, 0.1
FEWEST_CONTROLS = 2
OLDEST_UPDATE_HOURS = 3
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PostedHours:
    """What was posted of one lane class by the hour of the update, from a Monday midnight; NaN where nothing was.

    Parameters
    ----------
    crossing, lane_group, lane_type : str
        The keys of table posted_waits.
    wait_minutes, lanes : array, shape (T,)
        The wait and the lanes open in each hour.
    """

    crossing: str
    lane_group: str
    lane_type: str
    wait_minutes: Floats
    lanes: Floats


def posted_hours(
    facts: Facts, crossings: tuple[str, ...] = (), lane_group: str | None = None
) -> list[PostedHours]:
    """Return the posted waits and open lanes by hour, one series a lane class.

    Parameters
    ----------
    crossings : tuple of str
        CBP's numbers; empty for all.
    lane_group : str or None
        ``commercial``, ``passenger`` or ``pedestrian``; None for all.

    Examples
    --------
    >>> posted_hours(Facts(), ("250401",), "passenger")[0].lane_type
    'ready'
    """
    numbers = ", ".join(f"'{number}'" for number in crossings)
    where = (f" and crossing in ({numbers})" if crossings else "") + (
        f" and lane_group = '{lane_group}'" if lane_group else ""
    )
    rows = facts.sql(
        "select crossing, lane_group, lane_type, (epoch(date_trunc('hour', read_at::timestamp)) // 3600)::bigint "
        "- update_age_hours as hour, last(wait_minutes order by read_at) as wait, "
        "last(lanes_open order by read_at) as lanes from posted_waits where status <> 'closed' and not suspect "
        f"and update_age_hours <= {OLDEST_UPDATE_HOURS}{where} group by all order by all"
    )
    if rows.is_empty():
        return []
    monday = monday_before(int(rows["hour"].min()))  # type: ignore[arg-type]
    found = []
    for (crossing, group, kind), of_lane in rows.group_by(
        "crossing", "lane_group", "lane_type", maintain_order=True
    ):
        hours = of_lane["hour"].to_numpy() - monday
        wait, lanes = (np.full(int(hours[-1]) + 1, np.nan) for _ in range(2))
        wait[hours], lanes[hours] = of_lane["wait"].to_numpy(), of_lane["lanes"].to_numpy()
        found.append(PostedHours(str(crossing), str(group), str(kind), wait, lanes))
    return found


def monday_before(hour: int) -> int:
    """Return the last Monday midnight up to an hour, both in hours since 1970, which began on a Thursday."""
    return hour - (hour + 3 * 24) % 168


def caliper(minutes: Floats | float) -> Floats:
    """Return how far apart two waits may be that count as the same, minutes."""
    return np.maximum(CALIPER_MINUTES, CALIPER_SHARE * np.asarray(minutes))


def matched_changes(series: list[PostedHours]) -> pl.DataFrame:
    """Return the changes that have controls, a row each.

    Returns
    -------
    DataFrame
        crossing, lane_group, lane_type; day (number), hour; booths (opened, or closed if below 0); whether that
        lasted for two hours; wait_before and
        lanes_before; controls; wait and lanes: lists over `HOURS` of the change from hour -1 there less that of the
        controls (None where nothing was posted); sharper_wait, the same beside the controls whose wait in hour 0 agrees
        (None without such), and fluid: a list over `AFTER` of what the fluid queue says in place of wait.

    Examples
    --------
    >>> matched_changes(posted_hours(Facts(), ("250401",), "passenger")).height > 100
    True
    """
    rows = [row for one in series for row in changes_of(one)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@lru_cache(maxsize=2)
def every_change(facts: Facts) -> pl.DataFrame:
    """Return the matched changes of all crossings; the answer is kept for the last few records that were asked.

    Examples
    --------
    >>> every_change(Facts("2012-12")).height
    0
    """
    return matched_changes(posted_hours(facts))


SCHEMA: dict[str, type[pl.DataType] | pl.DataType] = {
    "crossing": pl.String,
    "lane_group": pl.String,
    "lane_type": pl.String,
    "day": pl.Int64,
    "hour": pl.Int64,
    "booths": pl.Float64,
    "lasted": pl.Boolean,
    "wait_before": pl.Float64,
    "lanes_before": pl.Float64,
    "controls": pl.Int64,
    "wait": pl.List(pl.Float64),
    "lanes": pl.List(pl.Float64),
    "sharper_wait": pl.List(pl.Float64),
    "fluid": pl.List(pl.Float64),
}


def changes_of(one: PostedHours) -> Iterator[tuple[object, ...]]:
    """Yield the rows of `matched_changes` of one lane class."""
    first, last = -HOURS[0], len(one.lanes) - HOURS[-1]
    if last <= first:
        return
    hours = np.arange(first, last)
    wait, lanes = (
        np.stack([values[hours + step] for step in HOURS], axis=1) for values in (one.wait_minutes, one.lanes)
    )
    known = np.isfinite(wait[:, BEFORE - 1 : CHANGE + 2]).all(axis=1) & np.isfinite(
        lanes[:, BEFORE : CHANGE + 1]
    ).all(axis=1)
    hours, wait, lanes = hours[known], wait[known], lanes[known]
    opened = lanes[:, CHANGE] - lanes[:, BEFORE]
    day = hours // 24
    kind = hours % 24 * 8 + np.maximum(day % 7, 4)  # Monday to Friday are alike
    for alike in np.unique(kind):
        here = np.flatnonzero(kind == alike)
        changed, stayed = here[opened[here] != 0], here[opened[here] == 0]
        match = alike_before(changed, stayed, day, wait, lanes)
        for place in np.flatnonzero(match.sum(axis=1) >= FEWEST_CONTROLS):
            event, controls = changed[place], stayed[match[place]]
            sharper = controls[
                np.abs(wait[controls, CHANGE] - wait[event, CHANGE]) <= caliper(wait[event, CHANGE])
            ]
            yield (
                one.crossing,
                one.lane_group,
                one.lane_type,
                int(day[event]),
                int(hours[event] % 24),
                float(opened[event]),
                bool(lanes[event, CHANGE + 1] == lanes[event, CHANGE]),
                float(wait[event, BEFORE]),
                float(lanes[event, BEFORE]),
                len(controls),
                listed(apart(wait, event, controls)),
                listed(apart(lanes, event, controls)),
                listed(apart(wait, event, sharper)) if len(sharper) >= FEWEST_CONTROLS else None,
                listed(fluid(wait, lanes, event, controls)),
            )


def alike_before(
    changed: Whole, stayed: Whole, day: Whole, wait: Floats, lanes: Floats
) -> npt.NDArray[np.bool_]:
    """Return which hours without a change are alike each hour with one in what went before, shape (changed, stayed)."""
    before, rise = wait[:, BEFORE], wait[:, BEFORE] - wait[:, BEFORE - 1]
    near = caliper(before[changed])[:, None]
    days = np.abs(day[stayed][None] - day[changed][:, None])
    return np.asarray(
        (days <= SEASON_DAYS)
        & (days > 0)
        & (lanes[stayed, BEFORE][None] == lanes[changed, BEFORE][:, None])
        & (np.abs(before[stayed][None] - before[changed][:, None]) <= near)
        & (np.abs(rise[stayed][None] - rise[changed][:, None]) <= near)
    )


def apart(values: Floats, event: int, controls: Whole) -> Floats:
    """Return by how much more values changed from hour -1 at a change than at its controls, shape (H,)."""
    moved = values - values[:, [BEFORE]]
    return np.asarray(moved[event] - mean_of(moved[controls]))


def mean_of(paths: Floats) -> Floats:
    """Return the mean of paths hour by hour over those that have a value, NaN where none has."""
    known = np.isfinite(paths)
    count = known.sum(axis=0)
    total = np.where(known, paths, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def fluid(wait: Floats, lanes: Floats, event: int, controls: Whole) -> Floats:
    """Return by how much the wait differs at a change by the fluid queue, over the hours `AFTER`, minutes."""
    usual_wait, usual_lanes = mean_of(wait[controls]), mean_of(lanes[controls])
    usual = usual_wait * usual_lanes / 60
    work, differs = usual[CHANGE], []
    for step in range(CHANGE, CHANGE + len(AFTER)):
        open_now = lanes[event, step]
        differs.append(60 * work / max(open_now, 1.0) - usual_wait[step])
        if step + 1 < len(usual):
            came = max(usual[step + 1] - usual[step] + usual_lanes[step], 0.0)
            work = max(work + came - open_now, 0.0)
    return np.array(differs)


def listed(values: Floats) -> list[float | None]:
    """Return numbers as a list with None for NaN."""
    return [float(value) if np.isfinite(value) else None for value in values]
