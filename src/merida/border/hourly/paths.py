"""Simulated weeks of lane classes, many at once: arrivals, booths, lines and waits hour by hour, over midnight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

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


def simulate(
    lanes: Sequence[HourlyLane],
    paths: int,
    weeks: int = 1,
    months: Sequence[int] | None = None,
    level: float = 1.0,
    booths: Floats | None = None,
    seed: int = 0,
) -> Paths:
    """Return simulated weeks, after a week that is run to fill the lines and thrown away.

    Parameters
    ----------
    lanes : sequence of HourlyLane
        The lane classes; all have the same number of draws.
    paths, weeks : int
        Paths of each draw, and weeks of each path.
    months : sequence of int or None
        The month of the year, 1 to 12, of each week; None: the level of the last fitted months.
    level : float
        What multiplies arrivals besides.
    booths : array, shape (K, 168), or None
        A roster to hold instead of the usual booths and their response; None: as usual.
    seed : int
        The seed. Two rosters are compared on the same days.
    """

    def stacked(name: str) -> Floats:
        return np.stack([np.asarray(getattr(lane, name), dtype=np.float64) for lane in lanes])

    arrivals, usual = stacked("arrivals_per_hour") * level, stacked("booths")
    line = stacked("usual_line")
    service, response, put_off, uneven, day_sd, day_ar, noise_sd, supply_sd, estimate, least = (
        stacked(name)[..., None]
        for name in (
            "service_per_booth_hour", "response_booths_per_queue", "put_off_per_hour", "uneven_hours", "day_log_sd",
            "day_autocorrelation", "hour_log_sd", "supply_log_sd", "estimate_log_sd", "no_delay_minutes",
        )
    )  # fmt: skip
    most = np.array([lane.most_booths for lane in lanes], dtype=np.float64)[:, None, None]
    size = (*service.shape[:2], paths)
    factor = np.ones((*service.shape[:2], weeks + 1))
    if months is not None:
        factor = stacked("month_factor")[:, :, [months[0] - 1, *(month - 1 for month in months)]]
    random = stream(seed, "border.hourly.paths")
    work = np.broadcast_to(line[:, None, 0, None], size).copy()
    supply, day = random.standard_normal(size), random.standard_normal(size)
    kept = [np.empty((weeks * HOURS, *size)) for _ in range(4)]
    for hour in range((weeks + 1) * HOURS):
        at = hour % HOURS
        if hour % DAY == 0:
            day = day_ar * day + np.sqrt(1 - day_ar**2) * random.standard_normal(size)
        shocks = random.standard_normal((3, *size))
        supply = SUPPLY * supply + np.sqrt(1 - SUPPLY**2) * shocks[0]
        if booths is None:
            now = usual[:, :, at, None] * np.exp(supply_sd * supply) + response * (
                work - line[:, None, at, None]
            )
            now = np.clip(now, 1.0, most)
        else:
            now = np.broadcast_to(np.maximum(booths[:, None, at, None], 1.0), size)
        is_open = usual[:, :, at, None] > 0
        log_factor = (
            day_sd * day + noise_sd * shocks[1] - (day_sd**2 + noise_sd**2) / 2 - put_off * work / now
        )
        come = arrivals[:, :, at, None] * factor[:, :, hour // HOURS, None] * np.exp(log_factor)
        spread = uneven * now
        after = np.where(is_open, spread * np.logaddexp(0.0, (work + come / service - now) / spread), 0.0)
        wait = np.where(is_open, 30 * (work + after) / now, 0.0)
        if hour >= HOURS:
            read = np.maximum(wait * np.exp(estimate * shocks[2] - estimate**2 / 2) - least, 0.0)
            for values, value in zip(kept, (come * is_open, now * is_open, wait, read), strict=True):
                values[hour - HOURS] = value
        work = after
    shape = (weeks, HOURS, *size)
    return Paths(*(np.moveaxis(values.reshape(shape), (0, 1), (3, 4)) for values in kept))
