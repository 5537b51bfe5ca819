"""What a booth that opened did to the posted wait, over the matched changes of a class of lanes or of a crossing.

Openings and closings count alike, a closing with its sign turned: minutes are those of an opening. Days are the clusters
of the intervals (90 %, normal): what happens to one day's lines, all lane classes of all crossings share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from merida.border.staffing.matched_hours import AFTER, HOURS
from merida.distributions import Floats
from merida.statistics import Interval

NORMAL_90 = 1.6448536269514722
FEWEST_CHANGES = 20  # below which nothing is said


@dataclass(frozen=True)
class BoothEffect:
    """What one opening did on average; minutes of the posted wait with 90 % intervals, None where too little is known.

    Parameters
    ----------
    key : tuple of str
        The values of the columns by which changes were put together.
    opened, closed : int
        The changes of either kind.
    booths : float
        The mean number of booths by which a change changed.
    lanes_after : tuple of float
        By how many booths more were open than at the controls, 0 to 3 hours later.
    before : Interval or None
        The placebo: the difference three hours before, on which nothing was matched.
    after : tuple of Interval or None
        0 to 3 hours later.
    sharper : tuple of Interval or None
        The same where the wait in the hour of the change is matched as well.
    fluid : tuple of float or None
        What the fluid queue says of the same changes, 0 to 3 hours later.
    """

    key: tuple[str, ...]
    opened: int
    closed: int
    booths: float
    lanes_after: tuple[float | None, ...]
    before: Interval | None
    after: tuple[Interval | None, ...]
    sharper: tuple[Interval | None, ...]
    fluid: tuple[float | None, ...]


def booth_effects(
    changes: pl.DataFrame, by: Sequence[str], fewest: int = FEWEST_CHANGES
) -> list[BoothEffect]:
    """Return the effect of an opening by the values of some columns of `matched_changes`.

    Parameters
    ----------
    changes : DataFrame
        From `matched_changes`, perhaps only those from a wait on.
    by : sequence of str
        Columns; empty for all changes together.
    fewest : int
        Groups of fewer changes are left out.

    Examples
    --------
    >>> booth_effects(changes, ["lane_group"])[0].key
    ('commercial',)
    """
    if changes.is_empty():
        return []
    groups = [((), changes)] if not by else list(changes.sort(by).group_by(by, maintain_order=True))
    return [effect(tuple(map(str, key)), group) for key, group in groups if group.height >= fewest]


def effect(key: tuple[str, ...], group: pl.DataFrame) -> BoothEffect:
    """Return the effect of an opening over changes."""
    sign, day = np.sign(group["booths"].to_numpy()), group["day"].to_numpy()

    def mean(column: str, place: int) -> Interval | None:
        values = (
            sign
            * group[column].list.get(place, null_on_oob=True).cast(pl.Float64).fill_null(np.nan).to_numpy()
        )
        return clustered_mean(values, day)

    def middle(column: str, place: int) -> float | None:
        found = mean(column, place)
        return None if found is None else found.median

    at = [HOURS.index(step) for step in AFTER]
    return BoothEffect(
        key,
        int((sign > 0).sum()),
        int((sign < 0).sum()),
        float(np.abs(group["booths"].to_numpy()).mean()),
        tuple(middle("lanes", place) for place in at),
        mean("wait", HOURS.index(-3)),
        tuple(mean("wait", place) for place in at),
        tuple(mean("sharper_wait", place) for place in at),
        tuple(middle("fluid", place) for place in range(len(AFTER))),
    )


def clustered_mean(values: Floats, cluster: npt.NDArray[np.int64]) -> Interval | None:
    """Return the mean of values with its 90 % interval, errors alike within a cluster; None of fewer than two clusters.

    The variance is the sum over clusters of the squared sum of residuals over n squared, times C / (C - 1).

    Examples
    --------
    >>> clustered_mean(np.array([1.0, 3.0]), np.array([0, 1])).median
    2.0
    """
    known = np.isfinite(values)
    values, cluster = values[known], cluster[known]
    _, numbers = np.unique(cluster, return_inverse=True)
    count = int(numbers.max()) + 1 if len(values) else 0
    if count < 2:
        return None
    middle = float(values.mean())
    sums = np.bincount(numbers, values - middle)
    error = np.sqrt((sums**2).sum() * count / (count - 1)) / len(values)
    return Interval(middle - NORMAL_90 * error, middle, middle + NORMAL_90 * error)


def minutes_for_a_doubling(changes: pl.DataFrame, column: str) -> tuple[float, float] | None:
    """Return by how many minutes waits of the three hours after a change differ for twice the booths in one hour.

    It is the ratio of sums over the changes: of the waits 1, 2 and 3 hours later (added) over the lanes more of the hours
    before each, as a part of the lanes open before the change; with the error of a ratio and days as clusters. Where c
    booths are open one booth-hour does the c-th part of it: a queue's wait is work over booths.

    Parameters
    ----------
    changes : DataFrame
        From `matched_changes`.
    column : {"wait", "sharper_wait"}
        Beside which controls.

    Returns
    -------
    (float, float) or None
        Minutes and their standard error; None of fewer than two days.

    Examples
    --------
    >>> minutes_for_a_doubling(changes, "wait")[0] < 0
    True
    """
    waits, lanes = HOURS.index(1), HOURS.index(0)
    known = changes.filter(
        pl.col(column).list.slice(waits, 3).list.drop_nulls().list.len() == 3,
        pl.col("lanes").list.slice(lanes, 3).list.drop_nulls().list.len() == 3,
        pl.col("lanes_before") > 0,
    )
    _, day = np.unique(known["day"].to_numpy(), return_inverse=True)
    count = int(day.max()) + 1 if len(day) else 0
    if count < 2:
        return None
    sign = np.sign(known["booths"].to_numpy())
    minutes = sign * known[column].list.slice(waits, 3).list.sum().to_numpy()
    more = known["lanes"].list.slice(lanes, 3).list.sum().to_numpy() / known["lanes_before"].to_numpy()
    hours = sign * more
    ratio = float(minutes.sum() / hours.sum())
    sums = np.bincount(day, minutes - ratio * hours)
    return ratio, float(np.sqrt((sums**2).sum() * count / (count - 1)) / abs(hours.sum()))
