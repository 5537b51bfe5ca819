"""Who arrives when and how long each takes: the draws of one class of lanes, with a stream for each replication.

A draw depends on the seed, the class's name and the replication alone. Another class, another schedule of booths or
another chunking of the work leaves it as it was, so that two schedules are compared on the same vehicles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from merida.border.queueing.scenario import Baulking, Floats, LaneClass, Secondary
from merida.draws import stream
from merida.one_line import OneLine


@dataclass(frozen=True, eq=False, repr=False)
class Vehicles(OneLine):
    """The vehicles of one class. A row is a replication; its vehicles stand in order of arrival, padded to one length.

    Parameters
    ----------
    arrival : array, shape (rows, vehicles)
        The minutes from the beginning; ``inf`` marks padding.
    service : array, shape (rows, vehicles)
        The minutes that the booth would take without pressure.
    patience : array, shape (rows, vehicles), or None
        The wait beyond which the vehicle turns away; None if nobody does.
    inspection : array, shape (rows, vehicles), or None
        The minutes in secondary inspection, NaN for those who are not referred; None if nobody is.
    """

    arrival: Floats
    service: Floats
    patience: Floats | None
    inspection: Floats | None


def gamma(generator: np.random.Generator, mean: float, cv: float, count: int) -> Floats:
    """Return times of a gamma distribution by its mean and its coefficient of variation; cv 0 is a constant."""
    if cv == 0:
        return np.full(count, mean)
    if cv == 1:
        return generator.standard_exponential(count) * mean
    return generator.standard_gamma(cv**-2, count) * (mean * cv**2)


def arrival_times(generator: np.random.Generator, per_hour: Floats) -> Floats:
    """Return the sorted times of a Poisson process whose rate is constant within the hour, in minutes.

    Given the number of arrivals in an hour, their times are independent and uniform in it (Çinlar, 1975).
    """
    counts = generator.poisson(per_hour)
    hours = np.repeat(np.arange(len(per_hour), dtype=np.float64), counts)
    return np.sort((hours + generator.random(len(hours))) * 60)


def replication(
    lane: LaneClass, baulking: Baulking | None, secondary: Secondary | None, seed: int, number: int
) -> Vehicles:
    """Draw the vehicles of one class in replication `number`, as one row.

    The initial queue stands first, arrives at minute 0 and has already chosen to wait. Its draws come last in each
    stream, so that its length leaves the other vehicles' draws as they were.
    """

    def source(kind: str) -> np.random.Generator:
        return stream(seed, f"border.{kind}.{lane.name}", number)

    queue = int(lane.initial_queue)
    arrival = np.concatenate([np.zeros(queue), arrival_times(source("arrivals"), lane.arrivals_per_hour)])
    count = len(arrival)
    service = np.roll(gamma(source("service"), lane.service_minutes, lane.service_cv, count), queue)
    patience = inspection = None
    if baulking is not None:
        # 1 - exp(-(w - tolerance) / scale) is the law of tolerance + an exponential: draw how long each would wait
        beyond = source("patience").standard_exponential(count - queue) * baulking.scale_minutes
        patience = np.concatenate([np.full(queue, np.inf), baulking.tolerance_minutes + beyond])
    if secondary is not None and lane.referral_share > 0:
        referred = np.flatnonzero(source("referral").random(count) < lane.referral_share)
        inspection = np.full(count, np.nan)
        inspection[referred] = gamma(
            source("inspection"), secondary.service_minutes, secondary.service_cv, len(referred)
        )
        inspection = np.roll(inspection, queue)
    return Vehicles(arrival, service, patience, inspection)


def padded(rows: list[Floats], height: int, multiple: int, filler: float) -> Floats:
    """Stack rows of different lengths into a table of `height` rows, filled up with `filler`.

    The number of columns is a multiple of `multiple`.
    """
    longest = max((len(row) for row in rows), default=0)
    length = max(1, -(-longest // multiple)) * multiple
    table = np.full((height, length), filler)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return table


def chunk(
    lane: LaneClass,
    baulking: Baulking | None,
    secondary: Secondary | None,
    seed: int,
    numbers: range,
    height: int,
    multiple: int,
) -> Vehicles:
    """Draw some replications of one class, padded to `height` rows and to a multiple of vehicles."""
    drawn = [replication(lane, baulking, secondary, seed, number) for number in numbers]

    def table(rows: list[Floats | None], filler: float) -> Floats | None:
        present = [row for row in rows if row is not None]
        return padded(present, height, multiple, filler) if present else None

    return Vehicles(
        padded([each.arrival for each in drawn], height, multiple, np.inf),
        padded([each.service for each in drawn], height, multiple, 1.0),
        table([each.patience for each in drawn], np.inf),
        table([each.inspection for each in drawn], np.nan),
    )
