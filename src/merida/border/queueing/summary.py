"""What a simulation tells of a port: waits, queues, throughput and utilisation, counted block by block.

Sums are kept by replication and hour, and waits in a histogram of whole numbers. Memory therefore does not grow with the
number of vehicles, and no result depends on how the replications were split.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merida.border.queueing.scenario import Floats, Integers, LaneClass, Scenario, Secondary
from merida.one_line import OneLine

LEVELS = (0.1, 0.5, 0.9)
LONG_WAIT = 60.0  # minutes
MANTISSA_BITS = 9  # of wait + 1 minute: a bin is 0.2 % wide
BINS = 14 << MANTISSA_BITS  # up to 2**14 minutes, eleven days; longer waits fall into the last


def wait_bin(wait: Floats) -> Integers:
    """Return the bin of each wait: the leading bits of wait + 1 as a single-precision number."""
    bits = (wait + 1).astype(np.float32).view(np.int32) >> (23 - MANTISSA_BITS)
    bins: Integers = np.minimum(bits - (127 << MANTISSA_BITS), BINS - 1).astype(np.int64)
    return bins


def wait_of(bins: Integers) -> Floats:
    """Return the wait in the middle of each bin, 0 for the first."""
    octave, step = np.divmod(bins, 1 << MANTISSA_BITS)
    middle = 2.0**octave * (1 + (step + 0.5) / (1 << MANTISSA_BITS)) - 1
    return np.where(bins == 0, 0.0, middle)


def histogram_quantiles(counts: Integers) -> Floats:
    """Return the quantiles at `LEVELS` of histograms, shape (levels, histograms); NaN where one is empty.

    Each lies within 0.1 % of (wait + 1 minute) of the sample's own.
    """
    reached = np.cumsum(counts, axis=1)
    total = reached[:, -1:]
    waits = [wait_of((reached < np.maximum(1, np.ceil(level * total))).sum(axis=1)) for level in LEVELS]
    return np.where(total[:, 0] > 0, np.stack(waits), np.nan)


def ratio(above: NDArray[Any], below: NDArray[Any]) -> Floats:
    """Return above / below, NaN where nothing is below."""
    empty: Floats = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=empty, where=below > 0)
    return empty


@dataclass(repr=False)
class Tally(OneLine):
    """The running counts of one class; the last column holds what happens after the last hour.

    Parameters
    ----------
    replications, hours : int
        What is simulated. Every array of sums has the shape (replications, hours + 1).
    """

    replications: int
    hours: int
    histogram: Integers = field(init=False)
    sums: dict[str, Floats] = field(init=False)
    lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Begin at zero."""
        self.histogram = np.zeros((self.hours + 1, BINS), dtype=np.int64)
        names = ("served", "wait", "long", "baulked", "starts", "start_minutes", "leaves", "leave_minutes")
        self.sums = {name: np.zeros((self.replications, self.hours + 1)) for name in names}

    def hour(self, minutes: Floats) -> Integers:
        """Return the hour of each time, the last column for all later times."""
        return np.minimum(minutes / 60, self.hours).astype(np.int64)

    def add(self, numbers: range, arrival: Floats, wait: Floats, leave: Floats) -> None:
        """Count a block of vehicles, arrays of shape (vehicles, rows), row r being replication ``numbers[r]``."""
        place = slice(numbers.start, numbers.stop)
        columns = self.hours + 1
        shape = (len(numbers), columns)
        row = np.broadcast_to(np.arange(arrival.shape[1]) * columns, arrival.shape)

        def count(name: str, key: Integers, weight: Floats | None = None) -> None:
            sums = np.bincount(key, weight, minlength=shape[0] * columns)
            self.sums[name][place] += sums.reshape(shape)

        served = np.isfinite(leave)
        turned = np.isfinite(arrival) & ~served
        if turned.any():
            count("baulked", row[turned] + self.hour(arrival[turned]))
        row, arrival, wait, leave = row[served], arrival[served], wait[served], leave[served]
        if not row.size:
            return
        hour = self.hour(arrival)
        count("served", row + hour)
        count("wait", row + hour, wait)
        count("long", (row + hour)[wait > LONG_WAIT])
        start = arrival + wait
        began, ended = row + self.hour(start), row + self.hour(leave)
        count("starts", began)
        count("start_minutes", began, start)
        count("leaves", ended)
        count("leave_minutes", ended, leave)
        first, last = int(hour.min()), int(hour.max()) + 1
        binned = np.bincount((hour - first) * BINS + wait_bin(wait), minlength=(last - first) * BINS)
        with self.lock:
            self.histogram[first:last] += binned.reshape(-1, BINS)


@dataclass(frozen=True, eq=False, repr=False)
class LaneFlow(OneLine):
    """What one class of lanes met, or secondary inspection.

    Arrays over hours are means over replications; where they tell of waits, they are by hour of arrival. Waits are in
    minutes and of those who were served; they are NaN in hours in which nobody was. Quantiles are at 10, 50 and 90 %.

    Parameters
    ----------
    name : str
        The class, or ``secondary``.
    arrivals, served, baulked : int
        The vehicles in all replications. Every arrival is one of the two.
    mean_wait, standard_error : float
        The mean wait over all vehicles, and its standard error between replications (that of a ratio, by linearisation;
        Cochran, 1977). It is NaN with one replication.
    quantiles : array, shape (3,)
        Those of the waits of all vehicles.
    share_over_60 : float
        The share that waited longer than an hour.
    baulked_share : float
        The share of arrivals that turned away to another crossing.
    utilisation : float
        The minutes at work over the minutes open, within the hours simulated. Work past closing time counts as work, so
        that it can exceed 1.
    open_hours : float
        The booth hours, or inspector hours, in the schedule.
    arrivals_by_hour, baulked_by_hour : array, shape (hours,)
        The arrivals, and those who turned away, by hour of arrival.
    throughput_by_hour, utilisation_by_hour : array, shape (hours,)
        Those who left the booths, by hour of leaving; and the minutes at work over the minutes open.
    wait_by_hour, share_over_60_by_hour : array, shape (hours,)
        The mean wait, and the share of long waits, by hour of arrival.
    quantiles_by_hour : array, shape (3, hours)
        The quantiles of waits, pooled over replications.
    wait_band_by_hour : array, shape (2, hours)
        The 10 and 90 % quantiles of the hour's mean between replications.
    queue_by_hour : array, shape (hours,)
        The vehicles that wait an instant before the hour ends.
    queue_band_by_hour : array, shape (2, hours)
        Their 10 and 90 % quantiles between replications.
    """

    name: str
    arrivals: int
    served: int
    baulked: int
    mean_wait: float
    standard_error: float
    quantiles: Floats
    share_over_60: float
    baulked_share: float
    utilisation: float
    open_hours: float
    arrivals_by_hour: Floats
    baulked_by_hour: Floats
    throughput_by_hour: Floats
    utilisation_by_hour: Floats
    wait_by_hour: Floats
    share_over_60_by_hour: Floats
    quantiles_by_hour: Floats
    wait_band_by_hour: Floats
    queue_by_hour: Floats
    queue_band_by_hour: Floats


@dataclass(frozen=True, eq=False, repr=False)
class PortOutcome(OneLine):
    """What a simulation tells of a port.

    Parameters
    ----------
    classes : tuple of LaneFlow
        The classes of lanes, in the scenario's order.
    secondary : LaneFlow or None
        Secondary inspection. Those who are referred arrive there on leaving the booth.
    officer_hours : float
        The hours of open booths and of inspectors, over the hours simulated.
    hours, replications, seed : int
        What was simulated.
    """

    classes: tuple[LaneFlow, ...]
    secondary: LaneFlow | None
    officer_hours: float
    hours: int
    replications: int
    seed: int


def band(values: Floats) -> Floats:
    """Return the 10 and 90 % quantiles between replications by hour, shape (2, hours); NaN where there is none."""
    ends = np.full((2, values.shape[1]), np.nan)
    present = ~np.isnan(values).all(axis=0)
    if present.any():
        ends[:, present] = np.nanquantile(values[:, present], (0.1, 0.9), axis=0)
    return ends


def flow(name: str, tally: Tally, on_duty: Integers) -> LaneFlow:
    """Turn the counts of a class into what is reported of it.

    Parameters
    ----------
    on_duty : array of int, shape (hours,)
        The booths, or inspectors, on duty in each hour.
    """
    sums, hours = tally.sums, tally.hours
    served, wait = sums["served"], sums["wait"]
    by_replication = served.sum(axis=1)
    total, baulked = by_replication.sum(), sums["baulked"].sum()
    mean = float(ratio(wait.sum(), total))
    deviation = wait.sum(axis=1) - mean * by_replication
    error = float("nan")
    if tally.replications > 1 and total:
        spread = float(deviation.std(ddof=1))
        error = spread / float(by_replication.mean()) / tally.replications**0.5
    ends = 60.0 * np.arange(1, hours + 1)
    pooled = {key: np.cumsum(values.sum(axis=0))[:hours] for key, values in sums.items()}
    at_work = (
        pooled["leave_minutes"] - pooled["start_minutes"] + ends * (pooled["starts"] - pooled["leaves"])
    ) / tally.replications
    queue = np.cumsum(served - sums["starts"], axis=1)[:, :hours]
    open_minutes = 60.0 * on_duty
    return LaneFlow(
        name=name,
        arrivals=int(total + baulked),
        served=int(total),
        baulked=int(baulked),
        mean_wait=mean,
        standard_error=error,
        quantiles=histogram_quantiles(tally.histogram.sum(axis=0, keepdims=True))[:, 0],
        share_over_60=float(ratio(sums["long"].sum(), total)),
        baulked_share=float(ratio(baulked, total + baulked)),
        utilisation=float(ratio(at_work[-1], open_minutes.sum())),
        open_hours=float(on_duty.sum()),
        arrivals_by_hour=(served + sums["baulked"]).mean(axis=0)[:hours],
        baulked_by_hour=sums["baulked"].mean(axis=0)[:hours],
        throughput_by_hour=sums["leaves"].mean(axis=0)[:hours],
        utilisation_by_hour=ratio(np.diff(at_work, prepend=0.0), open_minutes),
        wait_by_hour=ratio(wait.sum(axis=0), served.sum(axis=0))[:hours],
        share_over_60_by_hour=ratio(sums["long"].sum(axis=0), served.sum(axis=0))[:hours],
        quantiles_by_hour=histogram_quantiles(tally.histogram)[:, :hours],
        wait_band_by_hour=band(ratio(wait, served)[:, :hours]),
        queue_by_hour=queue.mean(axis=0),
        queue_band_by_hour=np.quantile(queue, (0.1, 0.9), axis=0),
    )


def outcome(scenario: Scenario, tallies: list[Tally], secondary: Tally | None, seed: int) -> PortOutcome:
    """Turn the counts of all classes into the outcome."""

    def duty(part: LaneClass | Secondary) -> Integers:
        return part.booths_open if isinstance(part, LaneClass) else part.inspectors

    flows = [
        flow(lane.name, tally, duty(lane)) for lane, tally in zip(scenario.classes, tallies, strict=True)
    ]
    inspected = None
    if scenario.secondary is not None and secondary is not None:
        inspected = flow("secondary", secondary, duty(scenario.secondary))
    everyone = [*flows, *([inspected] if inspected is not None else [])]
    return PortOutcome(
        classes=tuple(flows),
        secondary=inspected,
        officer_hours=sum(each.open_hours for each in everyone),
        hours=scenario.hours,
        replications=tallies[0].replications,
        seed=seed,
    )
