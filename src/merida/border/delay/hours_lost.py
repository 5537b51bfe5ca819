"""What waiting at the border costs: hours and dollars a year by crossing, and the chance of an eight-hour queue.

Hours are those that vehicles, or people on foot, wait before the booths; they are counted against no wait at all. Dollars
are time, reliability and vehicle cost, and nothing else (SCIENCE rule 4).

Eight hours is a probability under a named law of how days differ (SCIENCE rule 20). A day's volume is lognormal around
its weekday's; on a few days part of the booths cannot work (a system down, an inspection, an emergency); and some of
those who would wait for hours turn away. The law is an assumption. Two readings are given: that someone waits eight
hours, and that a line of an hour or more stands for eight.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
from jax import Array
from scipy.special import ndtr

from merida.border.crossings.schedules import Schedules, schedules
from merida.border.crossings.sites import CLASSES, MODES, Site, last_full_year
from merida.border.crossings.weekly_waits import WEEKS_A_YEAR, waits, week
from merida.border.delay.by_the_hour import LONG, LaneDelay, by_the_hour, volume_of
from merida.border.delay.by_the_hour import delays as of_hours
from merida.border.delay.value_of_time import Values, values
from merida.border.priors import ASSUMED, PRIORS
from merida.border.queueing.mean_wait import days
from merida.distributions import Floats
from merida.draws import stream
from merida.facts import Facts
from merida.one_line import OneLine
from merida.priors import Priors

GRID = np.array(
    [1.0, 1.1, 1.25, 1.45, 1.7, 2.0, 2.5, 3.2]
)  # a day's volume over its booths, beside the usual one
EIGHT_HOURS, LONG_LINE = 480.0, 60.0  # minutes
DAYS = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])  # of each month
DAYS_DIFFER = ("incident_days", "incident_booths", "tolerance_minutes", "patience_minutes")


@dataclass(frozen=True)
class PostedLane:
    """Posted waits of a lane class, minutes: their mean, the longest, and what the model would post in the mean."""

    mean: float
    longest: float
    modelled: float


@dataclass(frozen=True, eq=False, repr=False)
class Delay(OneLine):
    """The delay at one crossing and mode in a year; D draws, C lane classes.

    Parameters
    ----------
    site : Site
        The crossing and its mode.
    period : str
        The year or month whose volume stands for the year.
    calibrated : bool
        Whether the crossing's own hourly waits were fitted.
    lanes : tuple of str
        The classes of lanes.
    crossings : array, shape (C,)
        The crossings in a year.
    hours : array, shape (D, C)
        The hours waited in a year.
    usd : array, shape (D,)
        What the delay of a year costs, dollars of 2012.
    eight_hours : dict of str to array, shape (D,)
        The chance, on a day, that the longest wait reaches eight hours (``wait``), or that a line of an hour or more
        stands for eight hours (``line``).
    by_the_hour : bool
        Whether it rests on the hourly model, fitted to the posted waits of the crossing.
    over : dict of int to array, shape (D,)
        The chance, on a day, that the longest wait is over one, two, three hours; by the hourly model alone.
    posted : dict of str to PostedLane
        What was posted by lane class in the period, beside what the model would post; by the hourly model alone.
    by_month : array, shape (D, 12), or None
        The hours waited in each month of a year; by the hourly model alone.
    """

    site: Site
    period: str
    calibrated: bool
    lanes: tuple[str, ...]
    crossings: Floats
    hours: Floats
    usd: Floats
    eight_hours: dict[str, Floats]
    by_the_hour: bool = False
    over: dict[int, Floats] = field(default_factory=dict)
    posted: dict[str, PostedLane] = field(default_factory=dict)
    by_month: Floats | None = None

    @property
    def minutes_each(self) -> Floats:
        """The mean wait of those who cross, minutes, shape (D,)."""
        return np.asarray(60 * self.hours.sum(axis=1) / self.crossings.sum())

    @property
    def minutes_by_lane(self) -> Floats:
        """The mean wait by lane class, minutes, shape (D, C)."""
        return 60 * self.hours / self.crossings


def delay(
    facts: Facts,
    chosen: Sequence[Site],
    period: str | None = None,
    draws: int = 24,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda *_: None,
    priors: Priors = PRIORS,
) -> list[Delay]:
    """Return the delay at crossings, in their order.

    Parameters
    ----------
    chosen : sequence of Site
        The crossings.
    period : str or None
        A year ``YYYY`` or a month ``YYYY-MM``; None means the last full year on record.
    draws, seed : int
        The draws of the schedules and values, and their seed.
    progress : callable
        It is told how many crossings are done, and of how many.
    priors : Priors
        What is assumed, with what a user holds of it.

    Raises
    ------
    BorderError
        If the period is not on record at a crossing, or there are no draws.

    Examples
    --------
    >>> facts = Facts()
    >>> delays = delay(facts, sites(facts, find_place(facts, "Tecate"), "cars"), "2019", draws=2)
    >>> delays[0].hours.shape
    (2, 1)
    """
    worth = {mode: values(facts, mode, draws, seed, priors) for mode in {site.mode for site in chosen}}
    period = period or last_full_year(facts)
    hourly: dict[str, list[LaneDelay]] = {}
    if by_the_hour(facts, priors):
        hourly = of_hours(facts, chosen, period, draws, seed, priors, progress)
    posted = posted_means(facts, period) if hourly else {}

    def at(site: Site) -> Delay:
        if site.key in hourly:
            return at_hours(facts, site, period, hourly[site.key], posted, worth[site.mode])
        return at_site(
            site, schedules(facts, site, period, draws, seed, priors), worth[site.mode], seed, priors
        )

    delays, done = [], len(hourly)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(at, site) for site in chosen]
        for site, task in zip(chosen, tasks, strict=True):
            delays.append(task.result())
            if site.key not in hourly:
                done += 1
                progress(done, len(tasks))
    return delays


def at_hours(
    facts: Facts,
    site: Site,
    period: str,
    lanes: list[LaneDelay],
    posted: dict[tuple[str, str, str], tuple[float, float]],
    worth: Values,
) -> Delay:
    """Return the delay of a crossing whose lane classes the hourly model knows."""
    per_day, _ = volume_of(facts, site, period)
    arrivals = np.stack([lane.arrivals for lane in lanes], axis=1)
    crossings = 365.25 * per_day * (arrivals / arrivals.sum(axis=1, keepdims=True)).mean(axis=0)
    hours = crossings * np.stack([lane.minutes for lane in lanes], axis=1) / 60
    spread = (crossings * np.stack([lane.spread for lane in lanes], axis=1) / 60).sum(axis=1)
    longest = np.max([lane.longest for lane in lanes], axis=0)
    in_line = np.max([lane.hours_in_line for lane in lanes], axis=0)
    of_lane = {}
    for lane in lanes:
        key = (site.crossing, MODES[site.mode][1], CLASSES[site.mode][lane.lane])
        if key in posted:
            of_lane[lane.lane] = PostedLane(*posted[key], float(lane.posted.mean()))
    return Delay(
        site=site,
        period=period,
        calibrated=True,
        lanes=tuple(lane.lane for lane in lanes),
        crossings=crossings,
        hours=hours,
        usd=worth.dollars(hours.sum(axis=1), spread),
        eight_hours={
            "wait": (longest >= EIGHT_HOURS).mean(axis=1),
            "line": (in_line >= EIGHT_HOURS / 60).mean(axis=1),
        },
        by_the_hour=True,
        over={int(minutes // 60): (longest >= minutes).mean(axis=1) for minutes in LONG},
        posted=of_lane,
        by_month=of_months(crossings, arrivals, lanes, hours.sum(axis=1)) if len(period) == 4 else None,
    )


def of_months(crossings: Floats, arrivals: Floats, lanes: list[LaneDelay], hours: Floats) -> Floats:
    """Return the hours of a year by month, shape (D, 12); they sum to the year's."""
    scale = crossings / arrivals.mean(axis=0)
    waited = sum(up * lane.by_month for up, lane in zip(scale, lanes, strict=True)) * DAYS
    return np.asarray(hours[:, None] * waited / waited.sum(axis=1, keepdims=True))


def posted_means(facts: Facts, period: str) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Return mean and longest posted wait of each lane class in a period; empty where it was not read."""
    rows = facts.sql(
        "select crossing, lane_group, lane_type, avg(wait_minutes) as mean, max(wait_minutes) as longest "
        "from posted_waits where not suspect and wait_minutes is not null "
        f"and starts_with(read_at, '{period}') group by all"
    ).rows()
    return {row[:3]: (float(row[3]), float(row[4])) for row in rows}


def national(every_delay: Iterable[Delay]) -> dict[str, dict[str, Floats]]:
    """Return the delay of all crossings together, by mode.

    Returns
    -------
    dict of mode to dict
        ``hours``, ``usd`` and ``minutes_each``, each an array of shape (D,).

    Examples
    --------
    >>> sorted(national(delays)["cars"])
    ['hours', 'minutes_each', 'usd']
    """
    modes: dict[str, list[Delay]] = {}
    for delay_there in every_delay:
        modes.setdefault(delay_there.site.mode, []).append(delay_there)
    totals = {}
    for mode, delays in sorted(modes.items()):
        hours = np.sum([delay_there.hours.sum(axis=1) for delay_there in delays], axis=0)
        crossed = sum(float(delay_there.crossings.sum()) for delay_there in delays)
        usd = np.sum([delay_there.usd for delay_there in delays], axis=0)
        totals[mode] = {"hours": hours, "usd": usd, "minutes_each": 60 * hours / crossed}
    return totals


def by_port(crossings: pl.DataFrame) -> pl.DataFrame:
    """Return what the delay at the crossings of each port costs together, all modes, and the minutes of one crossing.

    Parameters
    ----------
    crossings : DataFrame
        port (code), usd and hours (of a year), crossings (of a year).

    Returns
    -------
    DataFrame
        port, usd_million, minutes_each.

    Examples
    --------
    >>> two = {"port": ["2504", "2504"], "usd": [1e6, 2e6], "hours": [1.0, 2.0], "crossings": [60.0, 120.0]}
    >>> by_port(pl.DataFrame(two)).row(0)
    ('2504', 3.0, 1.0)
    """
    return crossings.group_by("port", maintain_order=True).agg(
        usd_million=pl.col("usd").sum() / 1e6,
        minutes_each=60 * pl.col("hours").sum() / pl.col("crossings").sum(),
    )


def at_site(site: Site, given: Schedules, worth: Values, seed: int, priors: Priors = PRIORS) -> Delay:
    """Return the delay that a crossing's schedules give."""
    hours, spread = [], []
    for lane in range(len(given.lanes)):
        lane_week = week(given, lane)
        shown = waits(lane_week)
        yearly = lane_week.arrivals * WEEKS_A_YEAR / 60
        hours.append((yearly * shown.mean).sum(axis=1))
        spread.append((yearly * shown.spread).sum(axis=1))
    lost = np.stack(hours, axis=1)
    return Delay(
        site=site,
        period=given.month,
        calibrated=given.calibrated,
        lanes=given.lanes,
        crossings=given.arrivals.sum(axis=(2, 3)).mean(axis=0) * WEEKS_A_YEAR,
        hours=lost,
        usd=worth.dollars(lost.sum(axis=1), np.sum(spread, axis=0)),
        eight_hours=eight_hours(site, given, seed, priors),
    )


@jax.jit
def _on_grid(
    arrivals: Array, booths: Array, service: Array, cv: Array, patience: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Return the longest wait of each day, and how many hours have a line of an hour, at each point of the grid."""

    def at(factor: Array) -> tuple[Array, Array]:
        rows = jnp.full((1, len(service)), factor)
        wait = days(arrivals, booths, service, cv, rows, jnp.ones(1), patience=patience).reshape(
            len(service), 7, 24
        )
        return wait.max(axis=2), (wait >= LONG_LINE).sum(axis=2)

    reached: tuple[Array, Array] = jax.lax.map(at, jnp.asarray(GRID))
    return reached


def until_served(booths: Floats) -> Floats:
    """Return booths that stay open after closing, since whoever stands in line on a bad day is served."""
    staffed = booths.copy()
    for _ in range(2):  # the second round carries Sunday night into Monday
        for hour in range(staffed.shape[1]):
            shut = staffed[:, hour] < 0.5
            staffed[shut, hour] = staffed[shut, hour - 1]
    return staffed


def eight_hours(site: Site, given: Schedules, seed: int, priors: Priors = PRIORS) -> dict[str, Floats]:
    """Return the chance of eight hours on a day of the year in the worst class of lanes, shape (D,), for each reading."""
    count, classes = len(given.day_sd), len(given.lanes)
    z = stream(seed, f"border.incidents.{site.key}").standard_normal((4, count))
    share, left, tolerance, scale = (
        priors.distribution(f"{ASSUMED}.{name}").at(z[row]) for row, name in enumerate(DAYS_DIFFER)
    )
    longest, line = _on_grid(
        given.arrivals.reshape(count * classes, -1),
        until_served(given.booths.reshape(count * classes, -1)),
        given.service_minutes.reshape(-1),
        given.service_cv.reshape(-1),
        (np.repeat(tolerance, classes), np.repeat(scale, classes)),
    )
    chances = {}
    for reading, reached in (("wait", np.asarray(longest) >= EIGHT_HOURS), ("line", np.asarray(line) >= 8)):
        # The least point of the grid at which the day reaches it, to half a step; never is beyond the grid.
        edges = np.concatenate([[GRID[0] * 0.95], np.sqrt(GRID[1:] * GRID[:-1])])
        first = np.where(reached.any(axis=0), edges[reached.argmax(axis=0)], np.inf)
        first = first.reshape(count, classes, 7)

        def beyond(needed: Floats) -> Floats:
            sd = given.day_sd[:, None, None]
            return np.asarray(ndtr(-(np.log(needed) + sd**2 / 2) / sd))

        usual, hurt = beyond(first), beyond(np.maximum(first * left[:, None, None], 1e-9))
        day = (1 - share[:, None, None]) * usual + share[:, None, None] * hurt
        chances[reading] = day.max(axis=1).mean(axis=1)
    return chances
