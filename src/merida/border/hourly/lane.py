"""One lane class of a crossing by the hour, as the joint fit left it: its arrivals, booths, days and posted waits.

The unknowns are fitted together in `fit` to the waits and open lanes that CBP posts and to the volumes of the months;
their draws are kept in ``border/hourly/lanes.npz``, which ``scripts/fit_border_hours.py`` makes anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np

from merida.distributions import Floats
from merida.facts import Facts
from merida.shipped import content, whole

KEPT_FILE = "border/hourly/lanes.npz"
HOURS = 168  # of a week, from Monday midnight
LaneKey = tuple[str, str, str]  # crossing, lane_group, lane_type: the keys of table posted_waits


@dataclass(frozen=True, eq=False)
class HourlyLane:
    """One lane class of a crossing; D draws of the fit, 168 hours of the week from Monday 00:00, local time.

    In hour t of a month m, with q booth-hours of work in line when it begins (a vehicle is 1 / service of them),

        arrivals  = arrivals_per_hour[t] * month_factor[m] * day * noise * exp(-put_off_per_hour * q / open)
        open      = booths[t] * supply + response_booths_per_queue * (q - usual_line[t]), between 1 and most_booths
        q next    = u open softplus((q + arrivals / service - open) / (u open)), u = uneven_hours; 0 where closed
        wait      = 60 (q + q next) / (2 open), in minutes
        posted    = max(wait * estimate - no_delay_minutes, 0), written to five minutes

    where log(day) has the standard deviation `day_log_sd` and the correlation `day_autocorrelation` from one day to the
    next, and log(noise), log(supply) (from hour to hour 0.8) and log(estimate) have theirs. `paths.simulate` runs it.

    Parameters
    ----------
    crossing, lane_group, lane_type : str
        The keys of table posted_waits.
    arrivals_per_hour : array, shape (D, 168)
        Vehicles or persons an hour, at the level of the last fitted months; 0 where the lane is closed.
    month_factor : array, shape (D, 12)
        What a month of the year multiplies arrivals by, January first, of the same level.
    booths : array, shape (D, 168)
        The usual number of booths open; 0 where the lane is closed.
    most_booths : int
        The most booths that have been seen open.
    service_per_booth_hour : array, shape (D,)
        Vehicles or persons that a booth serves in an hour.
    response_booths_per_queue : array, shape (D,)
        How booths answer the queue: booths more for each booth-hour of work in line beyond the usual queue of the hour.
    day_log_sd, day_autocorrelation, hour_log_sd : array, shape (D,)
        How days and hours differ; see above.
    usual_line : array, shape (168,)
        The usual work in line by hour, booth-hours, from which booths respond.
    put_off_per_hour : array, shape (D,)
        By how much the logarithm of arrivals falls for an hour of wait: those who put the trip off or cross elsewhere.
    uneven_hours : array, shape (D,)
        How unevenly vehicles come within an hour: what stands in line before all booths are busy, in hours of work.
    supply_log_sd : array, shape (D,)
        Standard deviation of the logarithm of the booths open, for reasons other than the line.
    rounding_minutes : float
        The step to which waits are posted.
    estimate_log_sd : array, shape (D,)
        Standard deviation of the logarithm of an officer's estimate over the wait.
    no_delay_minutes : array, shape (D,)
        Waits below it are posted as "no delay".
    repeat_probability : float
        The chance that a reading repeats an update of an earlier hour.
    from_neighbours : bool
        Whether the lane publishes too little itself, so that its class and neighbours speak for it.
    """

    crossing: str
    lane_group: str
    lane_type: str
    arrivals_per_hour: Floats
    month_factor: Floats
    booths: Floats
    most_booths: int
    service_per_booth_hour: Floats
    response_booths_per_queue: Floats
    day_log_sd: Floats
    day_autocorrelation: Floats
    hour_log_sd: Floats
    usual_line: Floats
    put_off_per_hour: Floats
    uneven_hours: Floats
    supply_log_sd: Floats
    rounding_minutes: float
    estimate_log_sd: Floats
    no_delay_minutes: Floats
    repeat_probability: float
    from_neighbours: bool

    @property
    def key(self) -> LaneKey:
        """The keys of table posted_waits."""
        return self.crossing, self.lane_group, self.lane_type


@lru_cache(maxsize=1)
def kept() -> dict[str, Floats]:
    """Return the draws of the fit, an array by field with a row for each lane, read from ``lanes.npz``."""
    with whole(KEPT_FILE), BytesIO(content(KEPT_FILE)) as raw, np.load(raw) as file:
        return {name: file[name] for name in file.files}


def hourly_lanes(facts: Facts) -> dict[LaneKey, HourlyLane]:
    """Return every lane class of the fit by its keys in table posted_waits.

    Parameters
    ----------
    facts : Facts
        The record; as of a date before the posted waits were published there are no lanes.

    Raises
    ------
    InstallationError
        If the draws that the package holds are damaged.

    Examples
    --------
    >>> hourly_lanes(Facts())["250401", "passenger", "sentri"].arrivals_per_hour.shape[1]
    168
    """
    last = str(kept()["known_from"])
    return {} if facts.as_of is not None and facts.as_of < last else dict(lanes_kept())


@lru_cache(maxsize=1)
def lanes_kept() -> Mapping[LaneKey, HourlyLane]:
    """Return every lane class of the fit by its keys in table posted_waits, whatever the date of the record."""
    fields = {name: values for name, values in kept().items() if name != "known_from"}
    rows = ({name: values[row] for name, values in fields.items()} for row in range(len(fields["crossing"])))
    lanes = [HourlyLane(**{name: plain(value) for name, value in one.items()}) for one in rows]
    return {lane.key: lane for lane in lanes}


def plain(value: Floats) -> Any:
    """Return a kept value as the field holds it: draws in double precision, single values as Python's own."""
    return value.astype(np.float64) if value.ndim else value.item()
