"""Scores of the hourly model on dated readings, with climatology beside it: the posted waits that it was fitted to."""

from __future__ import annotations

import numpy as np
import polars as pl

from merida.border.crossings.sites import CLASSES, MODES
from merida.border.delay.posted_waits import Score, explained
from merida.border.hourly.holidays import kind
from merida.border.hourly.posted import LEVELS, kept, of_neighbours, predicted
from merida.border.hourly.posted import rows as rows_of_lanes
from merida.distributions import Floats
from merida.facts import Facts
from merida.statistics import crps

ANY_HOUR = -1
ENDS = (1.5, LEVELS - 2.5)  # where the 5th and the 95th percentile lie among the quantiles


def score_dated(facts: Facts, given: pl.DataFrame) -> list[Score]:
    """Score dated readings, by crossing and lane class, in the order in which these first appear.

    Parameters
    ----------
    given : DataFrame
        From `waits_table.read_waits`: crossing, mode, lane, date, weekday (0 is Monday), hour, lanes_open, wait_minutes.

    Examples
    --------
    >>> from datetime import date
    >>> day, where = {"date": [date(2025, 5, 5)], "weekday": [0], "hour": [8]}, {"crossing": ["240201"], "mode": ["cars"]}
    >>> given = pl.DataFrame(where | day | {"lane": ["general"], "lanes_open": [3.0], "wait_minutes": [45.0]})
    >>> score_dated(Facts(), given)[0].count
    1
    """
    usual = climatology_of_hours(facts, given["crossing"].unique().to_list())
    return [
        scored(str(crossing), str(mode), str(lane), of_lane, usual)
        for (crossing, mode, lane), of_lane in given.group_by("crossing", "mode", "lane", maintain_order=True)
    ]


def climatology_of_hours(facts: Facts, crossings: list[str]) -> dict[tuple[str, str, str, int], Floats]:
    """Return all posted waits of the fitted months by crossing, lane_group, lane_type and hour of the week.

    Under `ANY_HOUR` are those of all hours, for hours in which the lane was never open.
    """
    chosen = ", ".join(f"'{crossing}'" for crossing in crossings)
    table = facts.sql(
        "select crossing, lane_group, lane_type, (isodow(read_at::timestamp) - 1) * 24 + hour(read_at::timestamp) as "
        f"hour, list(wait_minutes order by wait_minutes) as minutes from posted_waits where crossing in ({chosen}) and "
        "not suspect and wait_minutes is not null group by all"
    )
    found = {row[:4]: np.array(row[4], dtype=np.float64) for row in table.rows()}
    lanes: dict[tuple[str, str, str], list[Floats]] = {}
    for (*lane, _), sample in found.items():
        lanes.setdefault((lane[0], lane[1], lane[2]), []).append(sample)
    return found | {(*lane, ANY_HOUR): np.sort(np.concatenate(parts)) for lane, parts in lanes.items()}


def quantiles_of(crossing: str, mode: str, lane: str, given: pl.DataFrame) -> Floats:
    """Return quantiles of what would be posted in each row, minutes, shape (n, LEVELS), in order."""
    key = (crossing, MODES[mode][1], CLASSES[mode][lane])
    hour = given["weekday"].to_numpy() * 24 + given["hour"].to_numpy()
    month = given["date"].dt.month().to_numpy().astype(np.int64)
    holiday = np.array([kind(day) for day in given["date"]])
    lanes_open = given["lanes_open"].fill_null(np.nan).to_numpy()
    held = kept() if key in rows_of_lanes() else of_neighbours(key)
    row = np.full(len(hour), rows_of_lanes().get(key, 0))
    return np.sort(predicted(row, hour, month, holiday, lanes_open, held), axis=1)


def scored(
    crossing: str,
    mode: str,
    lane: str,
    given: pl.DataFrame,
    usual: dict[tuple[str, str, str, int], Floats],
) -> Score:
    """Return the score of one lane class."""
    observed = given["wait_minutes"].to_numpy().astype(np.float64)
    samples = quantiles_of(crossing, mode, lane, given)
    hour = given["weekday"].to_numpy() * 24 + given["hour"].to_numpy()
    key = (crossing, MODES[mode][1], CLASSES[mode][lane])
    of_hour = [usual.get((*key, int(at)), usual.get((*key, ANY_HOUR))) for at in hour]
    known = [(sample, value) for sample, value in zip(of_hour, observed, strict=True) if sample is not None]
    complete = len(known) == len(observed)
    low, high = (samples[:, int(end) : int(end) + 2].mean(axis=1) for end in ENDS)
    mean = samples.mean(axis=1)
    return Score(
        crossing,
        mode,
        lane,
        len(observed),
        float(observed.mean()),
        float(mean.mean()),
        float(np.abs(np.median(samples, axis=1) - observed).mean()),
        float(crps(samples.T, observed).mean()),
        float(((low - 1e-6 <= observed) & (observed <= high + 1e-6)).mean()),
        float(np.mean([abs(np.median(sample) - value) for sample, value in known])) if complete else None,
        float(np.mean([crps(sample[:, None], np.array([value]))[0] for sample, value in known]))
        if complete
        else None,
        explained(observed, mean),
        explained(observed, np.array([sample.mean() for sample, _ in known])) if complete else None,
    )
