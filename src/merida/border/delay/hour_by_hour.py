"""The waits of a crossing hour by hour, as an agency would publish them, beside those that one has published."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from merida.border.crossings.schedules import KEPT
from merida.border.crossings.sites import CLASSES, Site
from merida.border.delay.by_the_hour import (
    FIT_YEAR,
    LONG,
    Published,
    by_the_hour,
    lanes_of,
    posted_means,
    week_of,
)
from merida.border.delay.posted_waits import Predicted, climatology, predicted
from merida.border.hourly.lane import hourly_lanes
from merida.border.priors import MEAN_MONTH, PRIORS
from merida.facts import Facts
from merida.priors import Priors
from merida.statistics import low_median_high


class HourByHour(NamedTuple):
    """The waits of a crossing through the day, for which period, and the draws that they come from."""

    period: str | None  # None: the last year on record
    waits: pl.DataFrame
    predicted: Predicted
    often: (
        pl.DataFrame
    )  # lane, hour, over_1, over_2, over_3: how often over so many hours; empty if not by the hour


def hour_by_hour(
    facts: Facts,
    site: Site,
    period: str | None = None,
    weekday: int | None = None,
    draws: int = KEPT,
    seed: int = 0,
    priors: Priors = PRIORS,
) -> HourByHour:
    """Return the waits of a crossing by lane class and hour, beside those published.

    Parameters
    ----------
    period : str or None
        A year ``YYYY`` or a month ``YYYY-MM``. None: the years of the published means, where there are some, else the
        last year on record.
    weekday : int or None
        Monday is 1; None: the mean of the week.
    draws, seed, priors
        As in `predicted`.

    Returns
    -------
    HourByHour
        Its `waits` have lane, hour (0 to 23), low, median and high (minutes, the ends those of the 90 % interval; None
        where the lanes are closed) and published (the mean of the hour's published means; None where there are none).

    Raises
    ------
    BorderError
        If the period is not on record at the crossing.

    Examples
    --------
    >>> hour_by_hour(Facts(), site, "2019", draws=2).waits.columns
    ['lane', 'hour', 'low', 'median', 'high', 'published']
    """
    if by_the_hour(facts, priors) and lanes_of(site, hourly_lanes(facts)):
        return posted_hours(facts, site, period or str(FIT_YEAR), weekday, draws, seed, priors)
    published = {lane: climatology(facts, site, lane) for lane in CLASSES[site.mode]}
    if period is None and any(published.values()):
        period = MEAN_MONTH
    prediction = predicted(facts, site, period, draws, seed, priors)
    days = list(range(7)) if weekday is None else [weekday - 1]
    waits = [
        {"lane": lane, "hour": hour} | at_hour(prediction, place, hour, days, published[lane])
        for place, lane in enumerate(prediction.lanes)
        for hour in range(24)
    ]
    return HourByHour(period, pl.DataFrame(waits, infer_schema_length=None), prediction, pl.DataFrame())


def posted_hours(
    facts: Facts, site: Site, period: str, weekday: int | None, draws: int, seed: int, priors: Priors
) -> HourByHour:
    """Return the waits of a crossing that the hourly model knows, beside the mean of what was posted at each hour."""
    lanes, paths = week_of(facts, site, period, draws, seed, priors)
    posted = paths.posted.reshape(len(lanes), draws, -1, 7, 24)
    is_open = (paths.arrivals > 0).any(axis=(1, 2, 3)).reshape(len(lanes), 7, 24)
    prediction = Predicted(
        lanes,
        np.moveaxis(posted.mean(axis=2), 0, 1),
        np.moveaxis(posted.std(axis=2), 0, 1),
        is_open.astype(np.float64),
    )
    days = list(range(7)) if weekday is None else [weekday - 1]
    published = {lane: posted_means(facts, site, lane) for lane in lanes}
    waits = [
        {"lane": lane, "hour": hour} | at_hour(prediction, place, hour, days, published[lane])
        for place, lane in enumerate(lanes)
        for hour in range(24)
    ]
    long = [(posted[..., days, :] > minutes).mean(axis=(1, 2, 3)) for minutes in LONG]
    often = [
        {"lane": lane, "hour": hour}
        | {f"over_{n}": float(share[place, hour]) for n, share in enumerate(long, 1)}
        for place, lane in enumerate(lanes)
        for hour in range(24)
        if is_open[place, days, hour].any()
    ]
    table = pl.DataFrame(waits, infer_schema_length=None)
    return HourByHour(period, table, prediction, pl.DataFrame(often, infer_schema_length=None))


def at_hour(
    prediction: Predicted, lane: int, hour: int, days: list[int], published: Published
) -> dict[str, float | None]:
    """Return the mean wait of one lane class at one hour over some days of the week, those on which it is open."""
    is_open = [day for day in days if prediction.open_hours[lane, day, hour] > 0]
    known = [published[day, hour].mean() for day in is_open if (day, hour) in published]
    ends: list[float] | list[None] = [None] * 3
    if is_open:
        ends = low_median_high(prediction.mean[:, lane, is_open, hour].mean(axis=1)).tolist()
    shown: dict[str, float | None] = dict(zip(("low", "median", "high"), ends, strict=True))
    return shown | {"published": float(np.mean(known)) if known else None}


def over_week(prediction: Predicted) -> pl.DataFrame:
    """Return the median of the mean waits by hour of the week, for the hours in which the lanes are open.

    Returns
    -------
    DataFrame
        lane, weekday (0 is Monday), hour, minutes.

    Examples
    --------
    >>> over_week(predicted(Facts(), site, "2019", draws=2)).columns
    ['lane', 'weekday', 'hour', 'minutes']
    """
    middle = np.median(prediction.mean, axis=0)
    return pl.DataFrame(
        [
            {"lane": lane, "weekday": day, "hour": hour, "minutes": float(middle[lane_class, day, hour])}
            for lane_class, lane in enumerate(prediction.lanes)
            for day in range(7)
            for hour in range(24)
            if prediction.open_hours[lane_class, day, hour] > 0
        ]
    )
