"""Simulated weeks of lane classes, many at once: arrivals, booths, lines and waits hour by hour, over midnight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from merida.border.hourly.lane import HOURS, HourlyLane
from merida.distributions import Floats
from merida.draws import stream

DAY = 24
SUPPLY = 0.8  # correlation of the supply of booths from one hour to the next, as in the fit


class Paths(NamedTuple):
    """Simulated hours of K lane classes: D draws of the fit, N paths of each, W weeks."""

    arrivals: Floats  # (K, D, N, W, 168) vehicles or persons
    booths: Floats  # (K, D, N, W, 168)
    wait: Floats  # (K, D, N, W, 168) minutes of those who arrive in the hour
    posted: Floats  # (K, D, N, W, 168) minutes as an officer would post them, before rounding


class Shock(NamedTuple):
    """What an hour brings of itself, whatever stands in line; arrays of shape (K, D, N)."""

    wished: Floats  # vehicles or persons who would come if nobody waited
    supply: Floats  # factor of the usual booths
    estimate: Floats  # factor of the wait as an officer reads it


def stacked(lanes: Sequence[HourlyLane], name: str) -> Floats:
    """Return a field of lane classes as one array, lanes first."""
    return np.stack([np.asarray(getattr(lane, name), dtype=np.float64) for lane in lanes])


def shocks(
    lanes: Sequence[HourlyLane],
    paths: int,
    weeks: int = 1,
    months: ArrayLike | None = None,
    level: float = 1.0,
    seed: int = 0,
) -> Iterator[Shock]:
    """Yield what each hour brings of itself, a week first that fills the lines; the arguments are those of `simulate`.

    They depend on nothing that a roster changes: kept, they let many rosters meet the same days at a third of the time.
    """
    arrivals = stacked(lanes, "arrivals_per_hour") * level
    day_sd, day_ar, noise_sd, supply_sd, estimate = (
        stacked(lanes, name)[..., None]
        for name in (
            "day_log_sd",
            "day_autocorrelation",
            "hour_log_sd",
            "supply_log_sd",
            "estimate_log_sd",
        )
    )
    size = (*day_sd.shape[:2], paths)
    factor = np.ones((*size, weeks + 1))
    if months is not None:
        of_path = np.broadcast_to(np.asarray(months) - 1, (paths, weeks))
        factor = stacked(lanes, "month_factor")[:, :, np.concatenate([of_path[:, :1], of_path], axis=1)]
    random = stream(seed, "border.hourly.paths")
    supply, day = random.standard_normal(size), random.standard_normal(size)
    for hour in range((weeks + 1) * HOURS):
        if hour % DAY == 0:
            day = day_ar * day + np.sqrt(1 - day_ar**2) * random.standard_normal(size)
        drawn = random.standard_normal((3, *size))
        supply = SUPPLY * supply + np.sqrt(1 - SUPPLY**2) * drawn[0]
        log_factor = day_sd * day + noise_sd * drawn[1] - (day_sd**2 + noise_sd**2) / 2
        yield Shock(
            arrivals[:, :, hour % HOURS, None] * factor[..., hour // HOURS] * np.exp(log_factor),
            np.exp(supply_sd * supply),
            np.exp(estimate * drawn[2] - estimate**2 / 2),
        )


def simulate(
    lanes: Sequence[HourlyLane],
    paths: int,
    weeks: int = 1,
    months: ArrayLike | None = None,
    level: float = 1.0,
    booths: Floats | None = None,
    seed: int = 0,
    same: Sequence[Shock] | None = None,
) -> Paths:
    """Return simulated weeks, after a week that is run to fill the lines and thrown away.

    Parameters
    ----------
    lanes : sequence of HourlyLane
        The lane classes; all have the same number of draws.
    paths, weeks : int
        Paths of each draw, and weeks of each path.
    months : array-like of int, shape (weeks,) or (paths, weeks), or None
        The month of the year, 1 to 12, of each week; None: the level of the last fitted months.
    level : float
        What multiplies arrivals besides.
    booths : array, shape (K, 168), or None
        A roster to hold instead of the usual booths and their response; None: as usual.
    seed : int
        The seed. Two rosters are compared on the same days.
    same : sequence of Shock or None
        What `shocks` gave for the same lanes, paths, weeks, months, level and seed; None: they are drawn.
    """
    usual, line = stacked(lanes, "booths"), stacked(lanes, "usual_line")
    service, response, put_off, uneven, least = (
        stacked(lanes, name)[..., None]
        for name in (
            "service_per_booth_hour",
            "response_booths_per_queue",
            "put_off_per_hour",
            "uneven_hours",
            "no_delay_minutes",
        )
    )
    most = np.array([lane.most_booths for lane in lanes], dtype=np.float64)[:, None, None]
    size = (*service.shape[:2], paths)
    work = np.broadcast_to(line[:, None, 0, None], size).copy()
    kept = [np.empty((weeks * HOURS, *size)) for _ in range(4)]
    given = shocks(lanes, paths, weeks, months, level, seed) if same is None else same
    for hour, shock in enumerate(given):
        at = hour % HOURS
        if booths is None:
            now = usual[:, :, at, None] * shock.supply + response * (work - line[:, None, at, None])
            now = np.clip(now, 1.0, most)
        else:
            now = np.broadcast_to(np.maximum(booths[:, None, at, None], 1.0), size)
        is_open = usual[:, :, at, None] > 0
        come = shock.wished * np.exp(-put_off * work / now)
        spread = uneven * now
        after = np.where(is_open, spread * np.logaddexp(0.0, (work + come / service - now) / spread), 0.0)
        if hour >= HOURS:
            wait = np.where(is_open, 30 * (work + after) / now, 0.0)
            read = np.maximum(wait * shock.estimate - least, 0.0)
            for values, value in zip(kept, (come * is_open, now * is_open, wait, read), strict=True):
                values[hour - HOURS] = value
        work = after
    shape = (weeks, HOURS, *size)
    return Paths(*(np.moveaxis(values.reshape(shape), (0, 1), (3, 4)) for values in kept))
