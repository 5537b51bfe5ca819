"""The delay at crossings from the hourly model: simulated weeks of every month, their lines carried over midnight.

Minutes are the model's, means over those who arrive; volumes are those on record. Another year has its own volume, and
the booths follow volume in part and drift with the years, as the schedules' do; lines, days and those who put the trip
off are the fit's. The chance of a long line is the share of simulated days, from the law of days that was estimated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from merida.border.crossings.sites import CLASSES, MODES, Site, per_day, volumes
from merida.border.hourly.lane import HourlyLane, LaneKey, hourly_lanes, kept
from merida.border.hourly.paths import Paths, simulate
from merida.border.priors import ASSUMED, shaped_fit
from merida.distributions import Floats
from merida.draws import stream
from merida.facts import Facts
from merida.priors import Priors

FIT_YEAR = 2025
PATHS = 6  # of each draw; with twelve months and seven days, 504 days a draw
TOGETHER = 24  # lane classes simulated at once: bounds memory
Published = dict[tuple[int, int], Floats]  # means by (weekday, hour); 0 is Monday
LONG = (60.0, 120.0, 180.0)  # minutes


class LaneDelay(NamedTuple):
    """What one lane class waits in the months of a period; D draws."""

    lane: str
    arrivals: Floats  # (D,) an hour, mean of the week
    minutes: Floats  # (D,) mean over those who arrive
    by_month: Floats  # (D, 12) minutes waited by all who arrive in the week that stands for a month
    spread: Floats  # (D,) standard deviation between days of the same hour, mean over those who arrive
    posted: Floats  # (D,) mean of what would be posted, over open hours
    longest: Floats  # (D, days) the longest wait of a day
    hours_in_line: Floats  # (D, days) hours of a day with a wait of an hour or more


def by_the_hour(facts: Facts, priors: Priors) -> bool:
    """Return whether dated readings rest on the hourly model: known at the date, and nothing held shapes a fit."""
    known_from = str(kept()["known_from"])
    return (facts.as_of is None or facts.as_of >= known_from) and not shaped_fit(priors)


def lanes_of(site: Site, known: dict[LaneKey, HourlyLane]) -> list[tuple[str, HourlyLane]]:
    """Return the hourly lane classes of a crossing, by our names of the classes."""
    keys = ((lane, (site.crossing, MODES[site.mode][1], kind)) for lane, kind in CLASSES[site.mode].items())
    return [(lane, known[key]) for lane, key in keys if key in known and known[key].booths.any()]


def of_draws(lane: HourlyLane, draws: int) -> HourlyLane:
    """Return a lane class with as many draws, those of the fit in turn."""
    own = len(lane.day_log_sd)
    order = np.arange(draws) % own
    fields: dict[str, Any] = {
        name: value[order]
        for name, value in vars(lane).items()
        if isinstance(value, np.ndarray) and len(value) == own and name != "usual_line"
    }
    return replace(lane, **fields)


def volume_of(facts: Facts, site: Site, period: str) -> tuple[float, bool]:
    """Return the crossings a day of a period, and whether they are on record.

    Where the year of the fit is not on record at a port, its last recorded year stands for it, month by month.
    """
    known = volumes(facts, site)
    if any(month.startswith(period) for month in known) and (len(period) > 4 or f"{period}-12" in known):
        return per_day(facts, site, period)[0], True
    last = max(known)
    year = int(last[:4]) - (last[5:] < "12")
    return per_day(facts, site, f"{year}{period[4:]}")[0], False


def delays(
    facts: Facts,
    chosen: Sequence[Site],
    period: str,
    draws: int,
    seed: int,
    priors: Priors,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, list[LaneDelay]]:
    """Return the lane classes of each crossing that the hourly model knows, by the key of the site.

    Parameters
    ----------
    chosen : sequence of Site
        The crossings; those without hourly lanes are passed over.
    period : str
        A year ``YYYY`` or a month ``YYYY-MM``.
    """
    known = hourly_lanes(facts)
    wanted = [(site, lane, one) for site in chosen for lane, one in lanes_of(site, known)]
    months = list(range(1, 13)) if len(period) == 4 else [int(period[5:])] * 12
    found: dict[str, list[LaneDelay]] = {}
    for start in range(0, len(wanted), TOGETHER):
        part = wanted[start : start + TOGETHER]
        level, staffing = zip(
            *(of_year(facts, site, period, draws, seed, priors) for site, _, _ in part), strict=True
        )
        ready = [
            raised(of_draws(lane, draws), up, more)
            for (_, _, lane), up, more in zip(part, level, staffing, strict=True)
        ]
        paths = simulate(ready, PATHS, len(months), months, seed=seed)
        for row, (site, lane, _) in enumerate(part):
            z = stream(seed, f"border.published_factor.{site.key}").standard_normal(draws)
            factor = priors.distribution(f"{ASSUMED}.published_factor").at(z)
            found.setdefault(site.key, []).append(measured(lane, paths, row, factor))
        progress(len(found), len(chosen))
    return found


def week_of(
    facts: Facts, site: Site, period: str, draws: int, seed: int, priors: Priors
) -> tuple[tuple[str, ...], Paths]:
    """Return the lane classes of a crossing that the hourly model knows, and their simulated weeks in a period."""
    lanes = lanes_of(site, hourly_lanes(facts))
    months = list(range(1, 13)) if len(period) == 4 else [int(period[5:])] * 12
    level, staffing = of_year(facts, site, period, draws, seed, priors)
    ready = [raised(of_draws(lane, draws), level, staffing) for _, lane in lanes]
    return tuple(name for name, _ in lanes), simulate(ready, PATHS, len(months), months, seed=seed)


def raised(lane: HourlyLane, level: Floats, staffing: Floats) -> HourlyLane:
    """Return a lane class with more arrivals and booths, factors of shape (D,)."""
    return replace(
        lane,
        arrivals_per_hour=lane.arrivals_per_hour * level[:, None],
        booths=lane.booths * staffing[:, None],
    )


def of_year(
    facts: Facts, site: Site, period: str, draws: int, seed: int, priors: Priors
) -> tuple[Floats, Floats]:
    """Return the factors of arrivals and of booths of a period over those of the fit, shape (D,)."""
    year = int(period[:4])
    if year == FIT_YEAR:
        return np.ones(draws), np.ones(draws)
    now, _ = volume_of(facts, site, period)
    then, _ = volume_of(facts, site, f"{FIT_YEAR}{period[4:]}")
    z = np.stack([stream(seed, f"border.staffing.{site.key}", d).standard_normal(2) for d in range(draws)])
    path = f"{ASSUMED}.staffing_follows_volume"
    follows = priors.number(path) + priors.sd(path) * z[:, 0]
    drift = priors.number(f"{ASSUMED}.staffing_drift") * np.sqrt(abs(year - FIT_YEAR) / 10) * z[:, 1]
    grown = now / then
    return np.full(draws, grown), np.exp(follows * np.log(grown) + drift)


def measured(lane: str, paths: Paths, row: int, factor: Floats) -> LaneDelay:
    """Return what one lane class of simulated paths waits.

    Parameters
    ----------
    factor : array, shape (D,)
        What agencies publish over the wait that there is.
    """
    arrivals, posted = paths.arrivals[row], paths.posted[row]
    wait = paths.wait[row] / factor[:, None, None, None]
    draws = len(arrivals)
    mass = arrivals.sum(axis=(1, 2, 3))
    spread = wait.std(axis=(1, 2))
    by_hour = arrivals.mean(axis=(1, 2))
    is_open = arrivals > 0
    by_day = wait.reshape(draws, -1, 24)
    return LaneDelay(
        lane,
        arrivals.mean(axis=(1, 2, 3)),
        (arrivals * wait).sum(axis=(1, 2, 3)) / mass,
        (arrivals * wait).mean(axis=1).sum(axis=2),
        (spread * by_hour).sum(axis=1) / by_hour.sum(axis=1),
        (posted * is_open).sum(axis=(1, 2, 3)) / np.maximum(is_open.sum(axis=(1, 2, 3)), 1),
        by_day.max(axis=2),
        (by_day >= LONG[0]).sum(axis=2).astype(np.float64),
    )


@lru_cache(maxsize=64)
def posted_means(facts: Facts, site: Site, lane: str) -> Published:
    """Return the mean posted wait of a lane class by (weekday, hour), all fitted months; 0 is Monday."""
    rows = facts.sql(
        "select isodow(read_at::timestamp) - 1 as weekday, hour(read_at::timestamp) as hour, avg(wait_minutes) as mean "
        f"from posted_waits where crossing = '{site.crossing}' and lane_group = '{MODES[site.mode][1]}' and "
        f"lane_type = '{CLASSES[site.mode][lane]}' and not suspect and wait_minutes is not null group by all"
    ).rows()
    return {(weekday, hour): np.array([mean]) for weekday, hour, mean in rows}


@lru_cache(maxsize=4)
def posted_overall(facts: Facts) -> dict[tuple[str, str], tuple[float, int]]:
    """Return the mean of all posted waits and their number, by crossing and lane_group.

    Examples
    --------
    >>> mean, readings = posted_overall(Facts())["250401", "passenger"]
    >>> mean > 30, readings > 1000
    (True, True)
    """
    rows = facts.sql(
        "select crossing, lane_group, avg(wait_minutes), count(wait_minutes) from posted_waits "
        "where not suspect and wait_minutes is not null group by all"
    ).rows()
    return {(crossing, group): (mean, count) for crossing, group, mean, count in rows}
