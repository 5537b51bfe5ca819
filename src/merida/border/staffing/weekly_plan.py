"""A roster for a crossing: made on some of the draws of the hourly model, judged on the others beside the posted one.

Work is what arrives today, those put off by the line left out, in booth-hours; each draw is brought to the booth-hours
that all use on average, for open booths are what is published and the rate of service is not. In judging, booths answer
the line around the roster as they do around the posted one (`merida.border.hourly`), and people answer the wait; both
rosters meet the same days. The gain is by the rule of a half, as in `merida.border.investment.gain`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any, NamedTuple

import numpy as np

from merida.border.hourly.lane import HourlyLane
from merida.border.hourly.paths import Paths, simulate
from merida.border.staffing.roster import WEEKLY_HOURS, Demand, Roster, fewest_officers, planned
from merida.distributions import Floats

JUDGED_WEEKS, JUDGED_PATHS = 4, 4


class Judged(NamedTuple):
    """A week under a roster on fresh draws; R runs."""

    hours: Floats  # (R,) weighted hours in line a week
    minutes: Floats  # (R,) mean wait of those who cross
    booth_hours: Floats  # (R,) that it used


@dataclass(frozen=True, eq=False)
class WeeklyPlan:
    """A roster with what it was made on and how it fares.

    Parameters
    ----------
    roster, mean_week : Roster
        Made on sampled weeks, and made on the mean week alone.
    booth_hours : float
        What its officers have in a week.
    posted_booths : array, shape (K, 168)
        The usual booths that are posted.
    posted, planned, on_mean_week : Judged
        Today's way of staffing, the roster, and that made on the mean week, on draws that made none of them.
    gain : array, shape (R,)
        Weighted hours a week that the roster gains beside today's, by the rule of a half.
    """

    roster: Roster
    mean_week: Roster
    booth_hours: float
    posted_booths: Floats
    posted: Judged
    planned: Judged
    on_mean_week: Judged
    gain: Floats


def some_draws(lanes: Sequence[HourlyLane], first: int) -> list[HourlyLane]:
    """Return lane classes with every second of their draws, from the first or the second on."""
    draws = len(lanes[0].day_log_sd)
    kept = slice(first % draws, None, 2) if draws > 1 else slice(None)

    def half(lane: HourlyLane) -> HourlyLane:
        fields: dict[str, Any] = {
            name: value[kept]
            for name, value in vars(lane).items()
            if isinstance(value, np.ndarray) and name != "usual_line"
        }
        return replace(lane, **fields)

    return [half(lane) for lane in lanes]


def demand_of(
    lanes: Sequence[HourlyLane], weights: Floats, weeks: int, months: Sequence[int] | None, seed: int
) -> tuple[Demand, Demand, float]:
    """Return what sampled weeks ask for, what their mean does, and the booth-hours that today's way uses in a week.

    Parameters
    ----------
    weights : array, shape (K,)
        What an hour of one vehicle or person in line is worth.
    weeks : int
        The weeks of the sample, the draws in turn.
    months : sequence of one int, or None
        The month of the year.
    """
    ran = simulate(lanes, paths=weeks, weeks=1, months=months, seed=seed)
    service = np.stack([lane.service_per_booth_hour for lane in lanes])
    work = ran.arrivals[:, :, :, 0] / service[:, :, None, None]  # (K, D, N, 168)
    used = ran.booths[:, :, :, 0].sum(axis=-1).mean(axis=2)  # (K, D)
    work = work * (used.mean(axis=1, keepdims=True) / np.maximum(used, 1e-9))[:, :, None, None]
    is_open = np.stack([lane.booths.mean(axis=0) > 0 for lane in lanes])
    most = np.array([lane.most_booths for lane in lanes], dtype=np.float64)
    worth, uneven = weights[:, None] * service, np.stack([lane.uneven_hours for lane in lanes])
    draw = np.arange(weeks) % work.shape[1]  # the draws in turn
    sampled = Demand(work[:, draw, np.arange(weeks)], is_open, most, worth[:, draw], uneven[:, draw])
    mean = Demand(
        work.mean(axis=(1, 2))[:, None],
        is_open,
        most,
        worth.mean(axis=1, keepdims=True),
        uneven.mean(axis=1, keepdims=True),
    )
    return sampled, mean, float(used.mean(axis=1).sum())


def under(
    lanes: Sequence[HourlyLane], booths: Floats | None, months: Sequence[int] | None, seed: int
) -> Paths:
    """Return weeks under a roster around which booths answer the line, or under today's way for None."""
    many = None if months is None else list(months) * JUDGED_WEEKS
    if booths is not None:
        fixed = simulate(lanes, JUDGED_PATHS, JUDGED_WEEKS, many, booths=booths, seed=seed)
        line = (fixed.wait / 60 * fixed.booths).mean(axis=(1, 2, 3))
        lanes = [
            replace(lane, booths=np.tile(row, (len(lane.day_log_sd), 1)), usual_line=usual)
            for lane, row, usual in zip(lanes, booths, line, strict=True)
        ]
    return simulate(lanes, JUDGED_PATHS, JUDGED_WEEKS, many, seed=seed)


def judged(ran: Paths, weights: Floats) -> Judged:
    """Return how simulated weeks fare, a run for each draw, path and week."""
    in_line = (ran.arrivals * ran.wait / 60).sum(axis=-1)
    hours = np.einsum("k,kdnw->dnw", weights, in_line).ravel()
    crossed = ran.arrivals.sum(axis=(0, -1)).ravel()
    minutes = 60 * in_line.sum(axis=0).ravel() / np.maximum(crossed, 1e-9)
    return Judged(hours, minutes, ran.booths.sum(axis=(0, -1)).ravel())


def gained(before: Paths, after: Paths, weights: Floats) -> Floats:
    """Return the weighted hours a week that are gained by the rule of a half, a run for each draw, path and week."""
    each = (before.arrivals + after.arrivals) / 2 * (before.wait - after.wait) / 60
    return np.asarray(np.einsum("k,kdnw->dnw", weights, each.sum(axis=-1)).ravel())


def weekly_plan(
    lanes: Sequence[HourlyLane],
    weights: Floats,
    officers: int | None = None,
    shifts: bool = False,
    weeks: int = 8,
    month: int | None = None,
    seed: int = 0,
    seconds: float = 20.0,
) -> WeeklyPlan:
    """Return the roster of a crossing that loses the fewest weighted hours in line.

    Parameters
    ----------
    lanes : sequence of HourlyLane
        The lane classes among which officers move; at least two draws.
    weights : array, shape (K,)
        What an hour of one vehicle or person in line is worth in each.
    officers : int or None
        Officers of 40 booth-hours a week; None: as many whole ones as today's way uses.
    shifts : bool
        Whether they come in shifts of eight hours.
    weeks : int
        The weeks on which the roster is made.
    month : int or None
        The month of the year, 1 to 12; None: the level of the last fitted months.
    seconds : float
        How long whole booths are looked for.

    Raises
    ------
    BorderError
        If the officers are too few.

    Examples
    --------
    >>> weekly_plan(lanes, np.ones(len(lanes)), officers=40).roster.booths.shape[1]
    168
    """
    months = None if month is None else [month]
    made_on, judged_on = some_draws(lanes, 0), some_draws(lanes, 1)
    sampled, mean, used = demand_of(made_on, weights, weeks, months, seed)
    if officers is None:
        officers = max(floor(used / WEEKLY_HOURS), *fewest_officers(sampled))
    booth_hours = float(officers * WEEKLY_HOURS)
    roster = planned(sampled, booth_hours, shifts, seconds)
    on_mean = planned(mean, booth_hours, shifts, seconds)
    today = under(judged_on, None, months, seed + 1)
    then = under(judged_on, roster.booths, months, seed + 1)
    return WeeklyPlan(
        roster,
        on_mean,
        booth_hours,
        np.stack([lane.booths.mean(axis=0) for lane in lanes]),
        judged(today, weights),
        judged(then, weights),
        judged(under(judged_on, on_mean.booths, months, seed + 1), weights),
        gained(today, then, weights),
    )
