"""What CBP will post of a lane class in an hour, as quantiles: of a day to come, with open lanes, or after a reading.

The quantiles by hour of the week, the effect of open lanes and the memory from hour to hour are kept from the fit in
``border/hourly/posted.npz``; `recalibrate` says how they are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from merida.border.hourly.lane import HOURS, LaneKey
from merida.distributions import Floats
from merida.shipped import content, whole

FILE = "border/hourly/posted.npz"
LEVELS = 40
PROBABILITIES = (np.arange(LEVELS) + 0.5) / LEVELS
SCORES = ndtri(PROBABILITIES)
LEAST_SD, MOST_SD = 0.5, 2.0  # of open lanes: the smallest spread, and how far from usual at most
Integers = npt.NDArray[np.int64]
Kept = Mapping[str, Floats]


@lru_cache(maxsize=1)
def kept() -> dict[str, Floats]:
    """Return what the fit left of posted waits, an array by name with a row for each lane class."""
    with whole(FILE), BytesIO(content(FILE)) as raw, np.load(raw) as file:
        return {name: file[name] for name in file.files}


def keys(held: Kept) -> list[LaneKey]:
    """Return the keys of the lane classes, in the order of their rows."""
    names = (held[name].tolist() for name in ("crossing", "lane_group", "lane_type"))
    return list(zip(*names, strict=True))


@lru_cache(maxsize=1)
def rows() -> dict[LaneKey, int]:
    """Return the row of each lane class in `kept`."""
    return {key: row for row, key in enumerate(keys(kept()))}


def of_neighbours(key: LaneKey, held: Kept | None = None) -> dict[str, Floats]:
    """Return, as `kept` does, one lane class that publishes nothing: the lanes of its class at other crossings, pooled.

    Those of its port count three times, those of its stretch of the border (the first two digits) twice.
    """
    held = kept() if held is None else held
    others = [(row, of) for row, of in enumerate(keys(held)) if of[1:] == key[1:] and of[0] != key[0]]
    place = np.array([row for row, _ in others])
    near = np.array(
        [3.0 if of[0][:4] == key[0][:4] else 2.0 if of[0][:2] == key[0][:2] else 1.0 for _, of in others]
    )
    values = np.moveaxis(held["quantiles"][place].astype(np.float64), 0, 1).reshape(HOURS, -1)
    mass = np.moveaxis(
        np.repeat((near[:, None] * held["is_open"][place])[:, :, None], LEVELS, axis=2), 0, 1
    ).reshape(HOURS, -1)
    mass += 1e-9
    order = np.argsort(values, axis=1)
    values, mass = np.take_along_axis(values, order, axis=1), np.take_along_axis(mass, order, axis=1)
    reached = np.cumsum(mass, axis=1) / mass.sum(axis=1, keepdims=True)
    at = np.stack([np.searchsorted(row, PROBABILITIES) for row in reached])
    mean_of = {name: held[name][place].mean(axis=0, keepdims=True) for name in ("ahead", "holiday", "lanes")}
    return mean_of | {
        "quantiles": np.take_along_axis(values, np.minimum(at, values.shape[1] - 1), axis=1)[None],
        "is_open": held["is_open"][place].any(axis=0, keepdims=True),
        "lanes_effect": np.zeros(1),
        "fitted_months": held["fitted_months"],
        "beyond": held["beyond"],
    }


def lanes_score(open_now: Floats, usual: Floats, sd: Floats) -> Floats:
    """Return how far open lanes are from the usual number, in standard deviations, at most two; 0 where not given."""
    apart = (open_now - usual) / np.maximum(sd, LEAST_SD)
    return np.asarray(np.nan_to_num(np.clip(apart, -MOST_SD, MOST_SD)))


def moved(quantiles: Floats, shift: Floats, widen: Floats) -> Floats:
    """Return quantiles whose normal scores are moved and spread, rows of `LEVELS`.

    Examples
    --------
    >>> rows = np.arange(40.0)[None]
    >>> bool(np.allclose(moved(rows, np.array([0.0]), np.array([1.0])), rows))
    True
    """
    at = ndtr(widen[:, None] * SCORES[None] + shift[:, None]) * LEVELS - 0.5
    low = np.clip(np.floor(at), 0, LEVELS - 2).astype(int)
    part = np.clip(at - low, 0.0, 1.0)
    found = np.take_along_axis(quantiles, low, axis=1) * (1 - part)
    return np.asarray(found + np.take_along_axis(quantiles, low + 1, axis=1) * part)


def predicted(
    lane: Integers,
    hour: Integers,
    month: Integers,
    holiday: Integers,
    lanes_open: Floats,
    held: Kept | None = None,
) -> Floats:
    """Return quantiles of the wait that will be posted, minutes, shape (n, LEVELS).

    Parameters
    ----------
    lane : array of int, shape (n,)
        The rows of the lane classes; see `rows`.
    hour : array of int
        The hours of the week, 0 is Monday midnight.
    month : array of int
        The months of the year, 1 to 12; 0 where none is known.
    holiday : array of int
        The kinds of holiday, an index of `holidays.KINDS`, or -1.
    lanes_open : array
        The open lanes of the hour; NaN where they are not known.
    held : mapping or None
        What the fit left; None: what the package keeps.
    """
    held = kept() if held is None else held
    base = np.asarray(held["quantiles"][lane, hour], dtype=np.float64)
    usual, sd = held["lanes"][lane, hour].astype(np.float64).T
    shift = held["lanes_effect"][lane] * lanes_score(lanes_open, usual, sd)
    effect = np.concatenate([held["holiday"], np.zeros((len(held["holiday"]), 1))], axis=1)
    shift = shift + effect[lane, holiday]
    widen = np.where(np.isin(month, held["fitted_months"]) | (month == 0), 1.0, held["beyond"])
    return moved(base, np.asarray(shift), np.asarray(widen))


def ahead(lane: int, hour: int, posted_minutes: float, hours: int, held: Kept | None = None) -> Floats:
    """Return quantiles of what will be posted in the next hours, after a reading, shape (hours, LEVELS).

    The normal score of a reading in its own hour is carried on with the lane's own correlation.

    Parameters
    ----------
    lane : int
        The row of the lane class.
    hour : int
        The hour of the week of the reading.
    posted_minutes : float
        What was posted.
    hours : int
        How many hours ahead, at most 48.
    """
    held = kept() if held is None else held
    now = np.asarray(held["quantiles"][lane, hour], dtype=np.float64)
    score = reading_score(now[None], np.array([posted_minutes]))[0]
    later = (hour + 1 + np.arange(hours)) % HOURS
    memory = held["ahead"][lane, 1 : hours + 1].astype(np.float64)
    return moved(
        np.asarray(held["quantiles"][lane, later], dtype=np.float64),
        memory * score,
        np.sqrt(1 - memory**2),
    )


def reading_score(quantiles: Floats, minutes: Floats) -> Floats:
    """Return the normal scores of readings among the quantiles of their hours, shape (n,)."""
    below = (quantiles < minutes[:, None] - 1e-6).mean(axis=1)
    above = (quantiles <= minutes[:, None] + 1e-6).mean(axis=1)
    return np.asarray(ndtri(np.clip((below + above) / 2, 0.01, 0.99)))
