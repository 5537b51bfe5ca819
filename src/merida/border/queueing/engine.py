"""The event-exact simulation of a port of entry: every vehicle, first come, first served, in continuous time.

Rules
-----
- A class has its own queue and booths. A vehicle goes to the booth that can take it first, the lowest number among
  equals (the recursion of Kiefer & Wolfowitz, 1955, with one free time for each booth).
- Booth b is open in hour h if ``b < booths_open[h]``. A booth that closes finishes the vehicle that it has begun
  and begins no other; whoever waits goes to the first booth that is open and free. A vehicle may begin in the
  last instant of an open hour.
- After the last hour the schedule begins again at hour 0, and nobody else arrives, so that every vehicle leaves.
- The initial queue stands before the booths at minute 0, ahead of all arrivals, and does not turn away.
- The wait that a vehicle would have is known when it arrives. It decides who turns away, which leaves the booths
  as they were, and how much pressure shortens the service.
- Whoever is referred joins the queue for secondary inspection on leaving the booth, in that order. Inspectors come
  and go as booths do, and their queue holds up no booth.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import ArrayLike

from merida.border.queueing.sampling import chunk, padded
from merida.border.queueing.scenario import Floats, Integers, Pressure, Scenario, number, whole
from merida.border.queueing.sizes import BOOTHS_A_SECOND, FIXED_BOOTHS, refuse_too_large
from merida.border.queueing.summary import BINS, PortOutcome, Tally, outcome

STEPS = 1024  # vehicles of each replication in one call of the compiled scan: long enough to hide the call
WIDEST = 256  # replications in lock step: wide enough to hide a step's overhead, narrow enough for the cache
CHUNK_VEHICLES = 4_000_000  # drawn at once by one thread, 100 MB


def openings(booths_open: Integers) -> Floats:
    """Return when each booth next opens, in minutes from the schedule's beginning.

    Parameters
    ----------
    booths_open : array of int, shape (hours,)
        The booths open in each hour.

    Returns
    -------
    array, shape (hours, booths)
        It is ``-inf`` where the booth is open in that hour, and ``inf`` where the booth never opens. Past the last hour
        the schedule repeats. The number of booths is rounded up to four, so that few shapes are compiled.
    """
    hours = len(booths_open)
    booths = max(1, -(-int(booths_open.max()) // 4)) * 4
    is_open = np.arange(booths) < booths_open[:, None]
    table = np.full((hours, booths), np.inf)
    following = np.full(booths, np.inf)
    for hour in range(2 * hours - 1, -1, -1):
        following = np.where(is_open[hour % hours], hour * 60.0, following)
        if hour < hours:
            table[hour] = np.where(is_open[hour], -np.inf, following)
    return table


def hour_of(minutes: jax.Array, hours: int) -> tuple[jax.Array, jax.Array]:
    """Return the hour of the repeating schedule that holds an instant, and when that round of the schedule began."""
    hour = jnp.floor(minutes / 60)
    begun = jnp.floor((hour + 0.5) / hours)  # the half keeps the quotient of whole numbers exact
    return (hour - begun * hours).astype(jnp.int32), begun * (60.0 * hours)


@jax.jit
def serve(
    free: jax.Array,
    arrival: jax.Array,
    service: jax.Array,
    patience: jax.Array | None,
    pressure: tuple[float, float] | None,
    opens: jax.Array,
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    """Serve the next vehicles of several replications in lock step.

    Parameters
    ----------
    free : array, shape (booths, rows)
        When each booth can take its next vehicle, as far as its own work goes.
    arrival, service : array, shape (rows, vehicles)
        Minutes; padding has the arrival ``inf`` and changes nothing.
    patience : array, shape (rows, vehicles), or None
        The longest wait that a vehicle accepts.
    pressure : (saving_share, wait_minutes), or None
        How service speeds up.
    opens : array, shape (hours, booths)
        From `openings`.

    Returns
    -------
    free : array, shape (booths, rows)
        The booths after the last vehicle.
    (wait, leave) : arrays, shape (vehicles, rows)
        The wait that each met, and when it left the booth: NaN for who turned away, for padding and for who can
        never be served.
    """
    hours, booths = opens.shape
    by_booth, flat = opens.T, opens.ravel()
    booth = jnp.arange(booths, dtype=jnp.int32)[:, None]

    def step(
        free: jax.Array, vehicle: tuple[jax.Array, jax.Array, jax.Array | None]
    ) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        arrival, service, patience = vehicle
        hour, begun = hour_of(arrival, hours)
        # a booth whose free time lies ahead was sent to an open hour when it was set; one that idles may have closed
        next_open = begun + by_booth.at[:, hour].get(mode="clip")
        can_take = jnp.maximum(jnp.maximum(free, arrival), next_open)
        start = can_take.min(axis=0)
        chosen = jnp.where(can_take == start, booth, booths).min(axis=0)
        wait = start - arrival
        served = jnp.isfinite(wait)
        if patience is not None:
            served &= wait <= patience
        if pressure is not None:
            service = service * (1 - pressure[0] * jnp.minimum(1, wait / pressure[1]))
        leave = start + service
        hour, begun = hour_of(leave, hours)
        again = jnp.maximum(leave, begun + flat.at[hour * booths + chosen].get(mode="clip"))
        free = jnp.where((booth == chosen) & served, again, free)
        return free, (wait, jnp.where(served, leave, jnp.nan))

    vehicles = (arrival.T, service.T, None if patience is None else patience.T)
    return lax.scan(step, free, vehicles)


def blocks(
    arrival: Floats,
    service: Floats,
    patience: Floats | None,
    pressure: Pressure | None,
    booths_open: Integers,
) -> Iterator[tuple[slice, Floats, Floats]]:
    """Serve rows of vehicles block by block of `STEPS`, and yield each block's place, waits and leaving times.

    Parameters
    ----------
    arrival, service, patience : array, shape (rows, vehicles)
        As in `Vehicles`.
    pressure : Pressure or None
        How service speeds up.
    booths_open : array of int, shape (hours,)
        The schedule.
    """
    opens = openings(booths_open)
    under = None if pressure is None else (pressure.saving_share, pressure.wait_minutes)
    free = jnp.zeros((opens.shape[1], len(arrival)))
    for first in range(0, arrival.shape[1], STEPS):
        place = slice(first, first + STEPS)
        patient = None if patience is None else patience[:, place]
        free, (wait, leave) = serve(free, arrival[:, place], service[:, place], patient, under, opens)
        yield place, np.asarray(wait), np.asarray(leave)


def waits(
    arrival_minutes: ArrayLike,
    service_minutes: ArrayLike,
    booths_open: ArrayLike,
    patience_minutes: ArrayLike | None = None,
    pressure: Pressure | None = None,
) -> tuple[Floats, Floats]:
    """Serve given vehicles at given booths, by the engine's rules.

    Parameters
    ----------
    arrival_minutes : array, shape (vehicles,)
        The arrivals in order, from minute 0; an initial queue arrives at 0.
    service_minutes : array, shape (vehicles,)
        The time of each at the booth.
    booths_open : array of int, shape (hours,)
        The booths open in each hour; the schedule repeats.
    patience_minutes : array, shape (vehicles,), optional
        The longest wait that each accepts.
    pressure : Pressure, optional
        How service speeds up with the wait.

    Returns
    -------
    wait : array, shape (vehicles,)
        The minutes before the booth; for those who turned away, the wait that they would have had.
    leave : array, shape (vehicles,)
        The minute of leaving the booth; NaN for those who turned away or can never be served.

    Examples
    --------
    >>> wait, leave = waits([0.0, 0.0], [5.0, 5.0], [1])
    >>> wait.tolist(), leave.tolist()
    ([0.0, 5.0], [5.0, 10.0])
    """
    arrival = np.asarray(arrival_minutes, dtype=np.float64)
    service = np.broadcast_to(np.asarray(service_minutes, dtype=np.float64), arrival.shape)
    patience = None
    if patience_minutes is not None:
        accepted = np.broadcast_to(np.asarray(patience_minutes, dtype=np.float64), arrival.shape)
        patience = padded([accepted], 1, STEPS, np.inf)
    served = list(
        blocks(
            padded([arrival], 1, STEPS, np.inf),
            padded([service], 1, STEPS, 1.0),
            patience,
            pressure,
            whole("booths_open", booths_open),
        )
    )
    count = len(arrival)
    wait = np.concatenate([block[:, 0] for _, block, _ in served])[:count]
    leave = np.concatenate([block[:, 0] for _, _, block in served])[:count]
    return wait, leave


def simulate_chunk(
    scenario: Scenario,
    seed: int,
    numbers: range,
    height: int,
    tallies: list[Tally],
    secondary: Tally | None,
    step: Callable[[], None],
) -> None:
    """Simulate some replications in lock step and count them in their rows of the tallies.

    Parameters
    ----------
    numbers : range
        The numbers of the replications.
    height : int
        The rows of the chunk, to which fewer replications are filled up.
    tallies : list of Tally
        One for each class.
    secondary : Tally or None
        That of secondary inspection.
    step : callable
        Called between blocks of vehicles; it may raise to stop.
    """
    referred: list[tuple[Integers, Floats, Floats]] = []
    for lane, tally in zip(scenario.classes, tallies, strict=True):
        drawn = chunk(lane, scenario.baulking, scenario.secondary, seed, numbers, height, STEPS)
        for place, wait, leave in blocks(
            drawn.arrival, drawn.service, drawn.patience, scenario.pressure, lane.booths_open
        ):
            step()
            tally.add(numbers, drawn.arrival[:, place].T, wait, leave)
            if drawn.inspection is not None:
                inspection = drawn.inspection[:, place].T
                sent = np.isfinite(inspection) & np.isfinite(leave)
                referred.append((np.nonzero(sent)[1], leave[sent], inspection[sent]))
    if secondary is None or scenario.secondary is None or not referred:
        return
    row, ready, inspection = (np.concatenate(parts) for parts in zip(*referred, strict=True))
    order = np.lexsort((ready, row))  # stable: of two that leave together, the earlier class goes first
    ends = np.cumsum(np.bincount(row, minlength=len(numbers)))[:-1]
    arrival = padded(np.split(ready[order], ends), height, STEPS, np.inf)
    service = padded(np.split(inspection[order], ends), height, STEPS, 1.0)
    for place, wait, leave in blocks(arrival, service, None, None, scenario.secondary.inspectors):
        step()
        secondary.add(numbers, arrival[:, place].T, wait, leave)


def plan_chunks(scenario: Scenario, replications: int, workers: int) -> tuple[list[range], int]:
    """Split the replications for the workers; return each chunk's numbers, and the rows of a chunk.

    Rows are independent, so the split changes no result; it bounds memory and uses the processors. Rows are a
    multiple of eight, a register's width, unless there are fewer.
    """
    busiest = max(float(lane.arrivals_per_hour.sum()) + lane.initial_queue for lane in scenario.classes)
    most = int(max(1, min(WIDEST, CHUNK_VEHICLES / max(busiest, 1))))
    count = max(min(workers, -(-replications // 8)), -(-replications // most))
    size = -(-replications // count)
    rows = -(-size // 8) * 8 if size > 8 else size
    return [range(first, min(first + rows, replications)) for first in range(0, replications, rows)], rows


def size(scenario: Scenario, replications: int, workers: int) -> tuple[float, float]:
    """Return the seconds and the gigabytes that a simulation would take, roughly."""
    vehicles = [float(lane.arrivals_per_hour.sum()) + lane.initial_queue for lane in scenario.classes]
    booths = [int(lane.booths_open.max()) + FIXED_BOOTHS for lane in scenario.classes]
    work = sum(count * looked_at for count, looked_at in zip(vehicles, booths, strict=True))
    parts = len(scenario.classes) + (scenario.secondary is not None)
    counts = (scenario.hours + 1) * ((parts + 2) * BINS + 8 * parts * replications) * 8
    drawn = workers * max(CHUNK_VEHICLES, *vehicles) * 6 * 8
    opens = max(booths) * scenario.hours * 8
    return replications * work / BOOTHS_A_SECOND, (counts + drawn + opens) / 1e9


def simulate(
    scenario: Scenario,
    replications: int = 200,
    seed: int = 0,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> PortOutcome:
    """Simulate a port of entry, event by event.

    Parameters
    ----------
    scenario : Scenario
        The port.
    replications : int
        The independent repetitions; a standard error needs two at least.
    seed : int
        The seed of the random streams. The same seed gives the same outcome, whatever the number of workers.
    workers : int, optional
        The threads; by default one for each processor.
    progress : callable
        It is told, by any of the threads, how many replications are done, and of how many; it may raise to stop.

    Returns
    -------
    PortOutcome
        Waits, queues, throughput, utilisation and officer hours.

    Raises
    ------
    BorderError
        If the simulation would take too long or too much memory; the message says how much.

    Examples
    --------
    >>> scenario = Scenario((LaneClass("general", [60.0] * 24, [2] * 24, 0.75),))
    >>> simulate(scenario, replications=20).classes[0].mean_wait < 5
    True
    """
    number("replications", replications, 1)
    workers = workers or os.cpu_count() or 1
    refuse_too_large("--replications, --days, --lanes", *size(scenario, replications, workers))
    tallies = [Tally(replications, scenario.hours) for _ in scenario.classes]
    secondary = Tally(replications, scenario.hours) if scenario.secondary is not None else None
    ranges, height = plan_chunks(scenario, replications, workers)
    done = 0

    def step() -> None:
        progress(done, replications)

    with ThreadPoolExecutor(workers) as pool:
        tasks = [
            pool.submit(simulate_chunk, scenario, seed, numbers, height, tallies, secondary, step)
            for numbers in ranges
        ]
        for numbers, task in zip(ranges, tasks, strict=True):
            task.result()
            done += len(numbers)
            step()
    return outcome(scenario, tallies, secondary, seed)
