"""What CBP posts in an hour of the week, from the state model and from the readings of the same hours, pooled.

The state model knows lines, booths and days; officers' habits (5 minutes at every hour, whatever the line) it does not.
Its simulated readings are therefore pooled with those posted in the fitted months, which are smoothed over neighbouring
hours and over days of a kind and weighted towards recent weeks. The weight of the model in the pool is estimated by lane:
each reading is scored by what the other weeks alone would have said of it. Nothing later than the fitted months enters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from merida.border.hourly.lane import HOURS
from merida.border.hourly.posted import LEVELS, PROBABILITIES, lanes_score
from merida.border.hourly.readings import Integers, Readings, holidays_of
from merida.distributions import Floats
from merida.statistics import crps

MOST = 301  # minutes, 0 to 300
HALF_LIFE = 200.0  # days in which a reading loses half its weight
HOURS_SD = 0.6  # of the kernel over hours
SAME_KIND, OTHER_KIND = 0.3, 0.03  # weight of another day of the same kind, and of one of another
FOLDS = 4
KIND = np.array([0, 0, 0, 0, 1, 2, 3])  # Monday to Thursday are alike
RECENT, SHRINK = 28, 0.3  # days whose mean normal score moves the level, and how much of it (see the card)
WEIGHTS = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])  # of the model in the pool
LAGS = 49  # hours, 0 to 48
MOST_LANES = 60


class Posted(NamedTuple):
    """What is posted of K lane classes, as `predict` takes it."""

    quantiles: Floats  # (K, 168, LEVELS) minutes, at the last level; NaN where the lane is never open
    lanes: Floats  # (K, 168, 2) mean and standard deviation of open lanes
    lanes_effect: Floats  # (K,) normal score of the wait for one of the open lanes
    ahead: Floats  # (K, LAGS) correlation of normal scores with those of earlier hours
    model_weight: Floats  # (K,)


def counts(wait: Floats, hour: Integers, weight: Floats) -> Floats:
    """Return weighted counts of readings by hour of the week and minute, shape (168, MOST)."""
    table = np.zeros((HOURS, MOST))
    known = np.isfinite(wait)
    np.add.at(table, (hour[known], wait[known].astype(int)), weight[known])
    return table


def smooth(table: Floats) -> Floats:
    """Return counts with those of neighbouring hours and of days of a kind, each with less weight."""
    near = np.exp(-0.5 * (np.arange(-2, 3) / HOURS_SD) ** 2)
    by_hour = sum(near[by + 2] * np.roll(table, by, axis=0) for by in range(-2, 3))
    same = KIND[:, None] == KIND[None]
    days = np.where(np.eye(7) > 0, 1.0, np.where(same, SAME_KIND, OTHER_KIND))
    mixed = days @ np.reshape(by_hour, (7, 24 * MOST))
    return np.asarray(mixed.reshape(HOURS, MOST))


def distribution(table: Floats) -> Floats:
    """Return the distribution function of counts by minute; zeros where nothing was read."""
    return np.asarray(np.cumsum(table, axis=1) / np.maximum(table.sum(axis=1, keepdims=True), 1e-12))


def normal_score(function: Floats, hour: Integers, minutes: Floats) -> Floats:
    """Return normal scores of readings, at the middle of the step of the distribution function of their hour."""
    at = minutes.astype(int)
    above, below = function[hour, at], np.where(at > 0, function[hour, np.maximum(at - 1, 0)], 0.0)
    return np.asarray(ndtri(np.clip((above + below) / 2, 0.01, 0.99)))


def quantiles(function: Floats, shift: float = 0.0) -> Floats:
    """Return the minutes at `PROBABILITIES`, moved by a normal score, shape (168, LEVELS)."""
    wanted = ndtr(ndtri(PROBABILITIES) + shift)
    found = np.stack([np.searchsorted(row, wanted - 1e-9) for row in function]).astype(np.float64)
    found[function[:, -1] <= 0] = np.nan
    return np.minimum(found, MOST - 1)


def as_posted(minutes: Floats) -> Floats:
    """Return minutes as officers write them: to five minutes from ten on, to whole minutes below."""
    return np.where(minutes < 7.5, np.round(minutes), 5 * np.round(minutes / 5))


def pooled(posted: Floats, simulated: Floats, weight: float) -> Floats:
    """Return quantiles of the mixture of two samples of equal size, by rows of quantiles at `PROBABILITIES`."""
    both = np.concatenate([posted, simulated], axis=1)
    mass = np.concatenate([np.full(posted.shape, 1 - weight), np.full(simulated.shape, weight)], axis=1)
    order = np.argsort(both, axis=1, kind="stable")
    both, mass = np.take_along_axis(both, order, axis=1), np.take_along_axis(mass, order, axis=1)
    reached = np.cumsum(mass, axis=1) / LEVELS
    at = (reached[:, None, :] < PROBABILITIES[None, :, None] - 1e-9).sum(axis=2)
    return np.take_along_axis(both, np.minimum(at, both.shape[1] - 1), axis=1)


def posted(read: Readings, simulated: Floats) -> Posted:
    """Return what is posted of each lane, from readings and the quantiles that the state model simulates.

    Parameters
    ----------
    read : Readings
        The readings of the fitted months.
    simulated : array, shape (K, 168, LEVELS)
        Quantiles of simulated readings, minutes.
    """
    hours = read.wait.shape[1]
    hour = np.arange(hours) % HOURS
    last = np.flatnonzero(np.isfinite(read.wait).any(axis=0)).max()
    age = (last - np.arange(hours)) / 24
    recency = 0.5 ** (np.maximum(age, 0.0) / HALF_LIFE)
    plain = holidays_of(hours) < 0
    lanes = len(read.keys)
    found = np.full((lanes, HOURS, LEVELS), np.nan)
    open_lanes, effect = np.full((lanes, HOURS, 2), np.nan), np.zeros(lanes)
    ahead, weight = np.zeros((lanes, LAGS)), np.zeros(lanes)
    for lane in range(lanes):
        wait = read.wait[lane]
        known = np.isfinite(wait)
        all_weeks = counts(wait, hour, recency)
        model = as_posted(simulated[lane])
        weight[lane] = model_weight(wait, hour, recency, all_weeks, model)
        function = distribution(smooth(all_weeks))
        score = np.full(hours, np.nan)
        score[known] = normal_score(function, hour[known], wait[known])
        recent = known & (age < RECENT) & plain
        shift = SHRINK * score[recent].mean() if recent.any() else 0.0
        own = quantiles(function, shift)
        has = np.isfinite(own[:, 0])
        found[lane, has] = pooled(own[has], model[has], weight[lane])
        open_lanes[lane], effect[lane] = of_lanes(read.booths[lane], score, hour)
        ahead[lane] = autocorrelation(score)
    return Posted(found, open_lanes, effect, ahead, weight)


def model_weight(wait: Floats, hour: Integers, recency: Floats, all_weeks: Floats, model: Floats) -> float:
    """Return the weight of the model with which every fourth week is best told from the others."""
    week = np.arange(len(wait)) // HOURS
    off = np.zeros(len(WEIGHTS))
    for fold in range(FOLDS):
        out = week % FOLDS == fold
        rest = all_weeks - counts(np.where(out, wait, np.nan), hour, recency)
        test = out & np.isfinite(wait) & (rest.sum(axis=1) > 0)[hour]
        own = np.nan_to_num(quantiles(distribution(smooth(rest))))
        for number, weight in enumerate(WEIGHTS):
            rows = pooled(own, model, weight)
            off[number] += crps(rows[hour[test]].T, wait[test]).sum()
    return float(WEIGHTS[off.argmin()])


def of_lanes(booths: Floats, score: Floats, hour: Integers) -> tuple[Floats, float]:
    """Return mean and spread of open lanes by hour, and the slope of the wait's normal score on that of the lanes."""
    table = np.zeros((HOURS, MOST))
    known = np.isfinite(booths)
    np.add.at(table, (hour[known], np.minimum(booths[known], MOST_LANES).astype(int)), 1.0)
    table = smooth(table)
    mass = np.maximum(table.sum(axis=1), 1e-12)
    steps = np.arange(MOST)
    mean = table @ steps / mass
    sd = np.sqrt(np.maximum(table @ steps**2 / mass - mean**2, 0.0))
    both = known & np.isfinite(score)
    apart = lanes_score(booths[both], mean[hour[both]], sd[hour[both]])
    slope = (apart * score[both]).sum() / ((apart**2).sum() + 200.0)  # shrunk: 200 readings that say nothing
    return np.stack([mean, sd], axis=1), float(slope)


def autocorrelation(score: Floats) -> Floats:
    """Return the correlation of normal scores with those of earlier hours, by lag."""
    found = np.ones(LAGS)
    for lag in range(1, LAGS):
        now, before = score[lag:], score[:-lag]
        both = np.isfinite(now) & np.isfinite(before)
        spread = np.sqrt((now[both] ** 2).sum() * (before[both] ** 2).sum())
        found[lag] = (now[both] * before[both]).sum() / (spread + 1e-9) if both.sum() > 100 else 0.0
    return found
