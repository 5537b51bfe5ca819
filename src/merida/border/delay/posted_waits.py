"""Waits as an agency would publish them, at a crossing, month, weekday and hour; and how they score.

A published mean is the true mean of such days times the factor of the agency's estimates. A dated reading is of one
day: it varies with the day's volume and is read roughly besides. Climatology, the published means themselves, stands
beside the fitted set in every score: where the set does not beat it, the card says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl

from merida.border.crossings.find import find_place, one_site
from merida.border.crossings.schedules import KEPT, Schedules, schedules
from merida.border.crossings.sites import CLASSES, MODES, Site, volumes
from merida.border.crossings.weekly_waits import waits_of_days, week
from merida.border.delay.by_the_hour import by_the_hour
from merida.border.priors import ASSUMED, MEAN_MONTH, PRIORS
from merida.distributions import Floats
from merida.draws import stream
from merida.errors import BorderError
from merida.facts import Facts
from merida.priors import Priors
from merida.statistics import low_median_high

PER_DRAW = 20  # readings drawn for each schedule
PUBLISHED_FROM = 30  # cells that a climatology needs


class Predicted(NamedTuple):
    """The waits by lane class, weekday (Monday first) and hour, minutes; D draws, C classes."""

    lanes: tuple[str, ...]
    mean: Floats  # (D, C, 7, 24), as published: mean of such days times the agencies' factor
    spread: Floats  # (D, C, 7, 24), standard deviation between days
    open_hours: Floats  # (C, 7, 24), 1 where vehicles arrive


@dataclass(frozen=True)
class Score:
    """How predictions of one lane class fare against waits that were given.

    Parameters
    ----------
    crossing, mode, lane : str
        What was predicted.
    count : int
        The waits that were scored.
    observed, predicted : float
        The mean minutes.
    mae, crps : float
        The mean absolute error of the median, and the continuous ranked probability score, minutes.
    coverage : float
        The share of waits inside the 90 % interval.
    climatology_mae, climatology_crps : float or None
        The same of what was published of the lane at the same weekday and hour: for dated readings the posted waits to
        which the hourly model was fitted, for means the means of all months; None where nothing is published.
    r2, climatology_r2 : float or None
        The explained variance of the mean; None below three waits or without variance.
    """

    crossing: str
    mode: str
    lane: str
    count: int
    observed: float
    predicted: float
    mae: float
    crps: float
    coverage: float
    climatology_mae: float | None
    climatology_crps: float | None
    r2: float | None
    climatology_r2: float | None


def predicted(
    facts: Facts,
    site: Site,
    month: str | None = None,
    draws: int = KEPT,
    seed: int = 0,
    priors: Priors = PRIORS,
) -> Predicted:
    """Return the waits of a crossing in a month or year as they would be published.

    Parameters
    ----------
    month : str or None
        As in `schedules`.
    draws, seed : int
        As in `schedules`.
    priors : Priors
        What is assumed, with what a user holds of it.

    Raises
    ------
    BorderError
        If the period is not on record at the crossing.

    Examples
    --------
    >>> predicted(Facts(), site, "2024", draws=2).mean.shape
    (2, 2, 7, 24)
    """
    return as_published(schedules(facts, site, month, draws, seed, priors))


def as_published(given: Schedules, lane: str | None = None) -> Predicted:
    """Return the waits of schedules as they would be published, of one class of lanes or of all.

    Raises
    ------
    BorderError
        If there are no lanes of that class.
    """
    if lane is not None and lane not in given.lanes:
        raise BorderError("border_unknown_class", found=lane, known=", ".join(given.lanes))
    lanes = given.lanes if lane is None else (lane,)
    chosen = [given.lanes.index(name) for name in lanes]
    factor = given.published_factor[:, None, None]
    weeks = [waits_of_days(week(given, number)) for number in chosen]
    mean, spread = (
        np.stack([factor * minutes.reshape(-1, 7, 24) for minutes in of_lanes], axis=1)
        for of_lanes in zip(*weeks, strict=True)
    )
    return Predicted(lanes, mean, spread, arrives(given)[chosen])


def arrives(given: Schedules) -> Floats:
    """Return 1 where vehicles arrive, shape (C, 7, 24)."""
    return np.asarray((given.arrivals > 0).any(axis=0), dtype=np.float64)


def readings(
    given: Predicted,
    lane: int,
    weekday: int,
    hour: int,
    dated: bool,
    seed: int,
    name: str,
    priors: Priors = PRIORS,
) -> Floats:
    """Return draws of what would be published: a mean of such days, or one dated reading.

    Parameters
    ----------
    lane : int
        The position of the lane class.
    weekday, hour : int
        0 is Monday; 0 to 23.
    dated : bool
        Whether the reading is of one day. It then has the spread between days (a gamma distribution) and the error of a
        rough reading.
    name : str
        The name of the random stream.

    Returns
    -------
    array, shape (D * PER_DRAW,)
        Minutes.
    """
    minutes, share, log = (
        priors.number(f"{ASSUMED}.errors.{error}") for error in ("cell_minutes", "cell_share", "dated_log")
    )
    mean = np.repeat(given.mean[:, lane, weekday, hour], PER_DRAW)
    source = stream(seed, f"border.readings.{name}")
    if not dated:
        sd = np.hypot(minutes, share * mean)
        return np.asarray(np.maximum(mean + sd * source.standard_normal(len(mean)), 0.0))
    spread = np.repeat(given.spread[:, lane, weekday, hour], PER_DRAW)
    shape = (np.maximum(mean, 1e-3) / np.maximum(spread, 0.05 * mean + 0.1)) ** 2
    day = source.standard_gamma(shape) * np.maximum(mean, 1e-3) / shape
    return np.asarray(day * np.exp(log * source.standard_normal(len(mean))))


def crps(sample: Floats, observed: float) -> float:
    """Return the continuous ranked probability score of a sample (Gneiting & Raftery, 2007), in its unit."""
    ordered = np.sort(sample)
    n = len(ordered)
    spread = 2 * ((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / n**2
    return float(np.abs(ordered - observed).mean() - spread / 2)


def nearest_month(known: Iterable[str], month: str | None) -> str | None:
    """Return the month, or the same month of the nearest year among those known.

    Parameters
    ----------
    month : str or None
        ``YYYY-MM``; ``MM`` is returned as it is; for None it is the mean of the reference years.
    """
    if month is None:
        return MEAN_MONTH
    if len(month) == 2:
        return month
    same = [other for other in known if other[5:] == month[5:]]
    return min(same, key=lambda other: abs(int(other[:4]) - int(month[:4]))) if same else None


def climatology(facts: Facts, site: Site, lane: str) -> dict[tuple[int, int], Floats]:
    """Return the published means of a lane by (weekday, hour), one for each month of the year.

    It is empty where fewer than `PUBLISHED_FROM` are published. 0 is Monday.

    Examples
    --------
    >>> len(climatology(Facts(), site, "general"))
    168
    """
    rows = facts.sql(
        f"select weekday, hour, wait_minutes from border_waits where crossing = '{site.crossing}' "
        f"and lane_group = '{MODES[site.mode][1]}' and lane_type = '{CLASSES[site.mode][lane]}'"
    ).rows()
    if len(rows) < PUBLISHED_FROM:
        return {}
    published: dict[tuple[int, int], list[float]] = {}
    for weekday, hour, minutes in rows:
        published.setdefault((weekday - 1, hour), []).append(float(minutes))
    return {hour_of_week: np.array(values) for hour_of_week, values in published.items()}


def score(facts: Facts, given: pl.DataFrame, seed: int = 0, priors: Priors = PRIORS) -> list[Score]:
    """Score the fitted set on waits of a user's own, with climatology beside it, by crossing and lane class.

    Parameters
    ----------
    given : DataFrame
        From `waits_table.read_waits`: crossing, mode, lane, month, weekday (0 is Monday), hour, dated, wait_minutes.
    seed : int
        The seed of the draws of readings.
    priors : Priors
        What is assumed, with what a user holds of it.

    Raises
    ------
    BorderError
        If a crossing has no lanes of a class that was given.

    Examples
    --------
    >>> facts = Facts()
    >>> rows, _ = read_waits(facts, Path("docs/samples/waits.csv"))
    >>> score(facts, rows)[0].crossing
    '240201'
    """
    if given["dated"].all() and by_the_hour(facts, priors):
        from merida.border.delay.posted_hours import score_dated  # it takes Score from here

        return score_dated(facts, given)
    scores, scheduled = [], dict[tuple[str, str | None], Schedules]()

    def of_month(site: Site, lane: str, month: str | None) -> Predicted:
        if (site.key, month) not in scheduled:
            scheduled[site.key, month] = schedules(facts, site, month, KEPT, seed, priors)
        return as_published(scheduled[site.key, month], lane)

    for (crossing, mode, lane), rows in given.group_by("crossing", "mode", "lane", maintain_order=True):
        site, name = one_site(facts, find_place(facts, str(crossing)), str(mode)), str(lane)
        published = climatology(facts, site, name)
        known = volumes(facts, site)
        months = [nearest_month(known, month) for month in rows["month"]]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            each = dict.fromkeys(months)
            by_month = dict(zip(each, pool.map(partial(of_month, site, name), each), strict=True))
        observed, samples, usual = [], [], []
        for number, (month, row) in enumerate(zip(months, rows.iter_rows(named=True), strict=True)):
            hour_of_week = (row["weekday"], row["hour"])
            stream_name = f"{site.key}.{name}.{number}"
            samples.append(
                readings(by_month[month], 0, *hour_of_week, row["dated"], seed, stream_name, priors)
            )
            observed.append(float(row["wait_minutes"]))
            usual.append(published.get(hour_of_week))
        scores.append(scored(site, name, np.array(observed), samples, usual))
    return scores


def scored(
    site: Site, lane: str, observed: Floats, samples: list[Floats], usual: list[Floats | None]
) -> Score:
    """Return the score of one lane class.

    Parameters
    ----------
    observed : array, shape (n,)
        The waits that were given, minutes.
    samples : list of array
        Draws of what would be published, for each wait.
    usual : list of array or None
        The published means at the same weekday and hour, for each wait; None where there are none.
    """
    middle = np.array([np.median(sample) for sample in samples])
    mean = np.array([sample.mean() for sample in samples])
    ends = np.array([low_median_high(sample)[[0, 2]] for sample in samples])
    known = [(sample, value) for sample, value in zip(usual, observed, strict=True) if sample is not None]
    complete = len(known) == len(observed)
    medians = np.array([np.median(sample) for sample, _ in known])
    return Score(
        site.crossing,
        site.mode,
        lane,
        len(observed),
        float(observed.mean()),
        float(mean.mean()),
        float(np.abs(middle - observed).mean()),
        float(np.mean([crps(sample, value) for sample, value in zip(samples, observed, strict=True)])),
        float(((ends[:, 0] <= observed) & (observed <= ends[:, 1])).mean()),
        float(np.abs(medians - observed).mean()) if complete else None,
        float(np.mean([crps(sample, value) for sample, value in known])) if complete else None,
        explained(observed, mean),
        explained(observed, np.array([sample.mean() for sample, _ in known])) if complete else None,
    )


def explained(observed: Floats, mean: Floats) -> float | None:
    """Return one minus the share of variance that is left, or None where there is none to explain."""
    if len(observed) < 3 or observed.var() == 0:
        return None
    return float(1 - ((observed - mean) ** 2).mean() / observed.var())
