"""What an officer saves in a year by the hours in which booths opened or closed, beside what a queue says of him.

An officer's booth-hours work where most readings are long: five shifts of eight hours. In those hours a booth-hour more
takes off the waits of the three hours after it, together, what the matched changes of its class of lanes say of twice the
booths (`merida.border.staffing`), over the booths open, for everybody who arrives in an hour:

    hours a year = hours at the booth x share of readings that are long x arrivals an hour x minutes / booths / 60

What a booth does to lines that go on for longer than three hours is not in it, and posted lanes and waits are rough,
which dilutes it: an estimate from below, where the queue with its own arrivals is one from above.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from merida.border.crossings.sites import CLASSES, MODES, Site
from merida.border.crossings.weekly_waits import HOURS
from merida.border.delay.by_the_hour import lanes_of
from merida.border.delay.value_of_time import values
from merida.border.hourly import hourly_lanes
from merida.border.investment.changes import SHIFT_HOURS, SHIFTS, best_shifts
from merida.border.investment.costs import officer_hours
from merida.border.staffing.booth_effect import minutes_for_a_doubling
from merida.border.staffing.matched_hours import PostedHours, every_change, posted_hours
from merida.distributions import Floats
from merida.draws import stream
from merida.facts import Facts

LONG_MINUTES = 15.0  # a wait from which on there is a line that a booth could shorten
FEWEST = 50  # changes of a class of lanes; of fewer, those of all lanes speak
MATCHES = ("wait", "sharper_wait")  # between which the truth lies; see `merida.border.staffing.matched_hours`
Effect = tuple[tuple[float, float], ...]  # minutes and their error, by match


@lru_cache(maxsize=2)
def record(facts: Facts) -> tuple[dict[tuple[str, str, str], PostedHours], pl.DataFrame]:
    """Return the posted hours by lane class, and the matched changes with a line before them."""
    changes = every_change(facts).filter(pl.col("wait_before") >= LONG_MINUTES)
    return {(one.crossing, one.lane_group, one.lane_type): one for one in posted_hours(facts)}, changes


def effect_of(changes: pl.DataFrame, group: str, kind: str) -> Effect | None:
    """Return what an hour of twice the booths does at a class of lanes, by match; None where nothing is known."""
    own = changes.filter(lane_group=group, lane_type=kind)
    found = [minutes_for_a_doubling(own if own.height >= FEWEST else changes, match) for match in MATCHES]
    return tuple(one for one in found if one is not None) if all(found) else None


def long_hours(one: PostedHours) -> tuple[Floats, float, float]:
    """Return the five shifts of eight hours in which most readings are long, and the share of those that are.

    Returns
    -------
    hours : array, shape (168,)
        1 in the hours of the week of the shifts.
    share : float
        Of the readings in them.
    booths : float
        The mean of the booths open in them.
    """
    weeks = len(one.wait_minutes) // HOURS
    table = one.wait_minutes[: weeks * HOURS].reshape(weeks, HOURS)
    known = np.isfinite(table).sum(axis=0)
    share = np.where(
        known > 0, (np.nan_to_num(table) >= LONG_MINUTES).sum(axis=0) / np.maximum(known, 1), 0.0
    )
    hours = best_shifts(share)
    lanes = one.lanes[: weeks * HOURS].reshape(weeks, HOURS)[:, hours > 0]
    return hours, float((share * hours).sum() / (SHIFTS * SHIFT_HOURS)), float(np.nanmean(lanes))


def hours_on_life(
    facts: Facts, site: Site, lane: str, arrivals: Floats, hours_worked: Floats, seed: int
) -> Floats | None:
    """Return the hours of delay that an officer saves in a year by matched hours, shape (D,); None where none are.

    Parameters
    ----------
    lane : str
        The class of lanes in which he works.
    arrivals : array, shape (D,)
        Vehicles or persons an hour there, in his hours.
    hours_worked : array, shape (D,)
        The hours that he stands at a booth in a year.
    seed : int
        The seed of the draws.

    Examples
    --------
    >>> hours_on_life(Facts("2012-12"), site, "general", np.ones(2), np.ones(2), 0) is None
    True
    """
    key = (site.crossing, MODES[site.mode][1], CLASSES[site.mode].get(lane, ""))
    series, changes = record(facts)
    effect = effect_of(changes, *key[1:]) if key in series else None
    if effect is None:
        return None
    source = stream(seed, f"border.officer_on_life.{key[1]}.{key[2]}")
    between, z = source.random(len(arrivals)), source.standard_normal(len(arrivals))
    (early, early_error), (late, late_error) = effect
    minutes = -(early + between * (late - early)) + z * (early_error + between * (late_error - early_error))
    _, share, booths = long_hours(series[key])
    return np.asarray(hours_worked * share * arrivals * minutes / booths / 60)


class OfficerHere(NamedTuple):
    """What one officer saves in a year by matched hours, in the class of lanes of a crossing where that is most."""

    site: Site
    lane: str
    hours: Floats  # (D,) of delay
    time_usd: Floats  # (D,) dollars of 2012, time alone


def officer_at(facts: Facts, site: Site, draws: int, seed: int) -> OfficerHere | None:
    """Return what one officer saves at a crossing, arrivals as the hourly model has them; None where it has none.

    Examples
    --------
    >>> officer_at(Facts("2012-12"), site, draws=4, seed=0) is None
    True
    """
    series, _ = record(facts)
    worked = officer_hours(draws, seed)
    found = []
    for lane, of_lane in lanes_of(site, hourly_lanes(facts)):
        if of_lane.key not in series:
            continue
        works = long_hours(series[of_lane.key])[0] > 0
        arrivals = of_lane.arrivals_per_hour[:, works].mean(axis=1)[
            np.arange(draws) % len(of_lane.day_log_sd)
        ]
        hours = hours_on_life(facts, site, lane, arrivals, worked, seed)
        if hours is not None:
            found.append(OfficerHere(site, lane, hours, values(facts, site.mode, draws, seed).time * hours))
    return max(found, key=lambda one: float(np.median(one.hours))) if found else None
