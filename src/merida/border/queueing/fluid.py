"""The fluid approximation of a port: mean queues and waits in milliseconds, differentiable in real-valued booths.

The pointwise stationary fluid flow approximation (Tipper & Sundareshan 1990; Wang, Tipper & Banerjee 1996). The mean
number present L of a class with c booths of rate mu obeys::

    dL/dt = lambda(t) - mu c rho,    L = c rho + Q(rho, c)

where the utilisation rho is what a queue in steady state would have with L present. Q is the mean number waiting in
M/G/c: Erlang C times (1 + cv^2) / 2 (Lee & Longton 1959; exact for M/M/c and M/G/1). Erlang C is continued to a real
number of booths by its integral (Jagers & van Doorn 1986), so that half a booth lies between none and one.

Backward Euler in fixed steps: each step is one inversion of a rising table, stable and never negative for any step,
and what enters equals what leaves plus what stays, exactly. A vehicle's wait is the time that the flow out of the
booths takes to work off the queue it finds; later openings and closings thus count. Past the last hour the booths
follow their schedule again from hour 0, as busy as they were.

In mean form: the share that baulks, and service under pressure, follow the mean wait rather than each vehicle's own.
`benchmarks/fluid_error.py` reports the error against the exact engine.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.border.queueing.scenario import Scenario

NODES, WEIGHTS = np.polynomial.laguerre.laggauss(64)
# Odds rho / (1 - rho) at which the stationary relation is tabulated; beyond the last, queues are linear in the odds.
ODDS = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 200)])
NEVER = 1e9  # a wait, in minutes, that nobody reaches
TINY = 1e-9


class FluidPort(NamedTuple):
    """A scenario as real numbers that JAX can differentiate; times are in minutes, rates and booths by the hour."""

    arrivals: Array  # (classes, hours), vehicles an hour
    booths: Array  # (classes, hours)
    service: Array  # (classes,), minutes
    service_cv: Array  # (classes,)
    referral: Array  # (classes,), share
    initial_queue: Array  # (classes,), vehicles
    inspectors: Array  # (hours,)
    secondary_service: Array  # (), minutes
    secondary_cv: Array  # ()
    tolerance: Array  # (), minutes of wait before anyone baulks
    scale: Array  # (), minutes
    saving: Array  # (), share of the service time saved under pressure
    pressure_wait: Array  # (), minutes at which all of it is saved


class FluidFlow(NamedTuple):
    """Mean queues, waits and flows; waits in minutes by hour of arrival, counts in vehicles.

    The initial queue waits from minute 0 and counts in the waits of hour 0, as in the engine.
    """

    wait: Array  # (classes, hours), of those who join; in an hour without arrivals, of one behind the queue there is
    mean_wait: Array  # (classes,), over those who join
    waiting: Array  # (classes, hours), waiting at the hour's end
    present: Array  # (classes, hours), waiting or at a booth at the hour's end
    joined: Array  # (classes, hours), of the hour's arrivals
    baulked: Array  # (classes, hours)
    served: Array  # (classes, hours)
    utilisation: Array  # (classes, hours), busy share of the open booths
    secondary_wait: Array  # (hours,), by hour of leaving the booth
    secondary_mean_wait: Array  # ()
    secondary_waiting: Array  # (hours,)
    secondary_present: Array  # (hours,)
    secondary_served: Array  # (hours,)
    officer_hours: Array  # (), booths and inspectors


def port(scenario: Scenario) -> FluidPort:
    """Return a scenario as the real numbers that `flow` takes; what the scenario lacks gets values without effect.

    Examples
    --------
    >>> scenario = Scenario((LaneClass("general", [60.0] * 24, [2] * 24, 0.75),))
    >>> port(scenario).booths.shape
    (1, 24)
    """
    lanes, secondary = scenario.classes, scenario.secondary
    baulking, pressure = scenario.baulking, scenario.pressure
    values = (
        [lane.arrivals_per_hour for lane in lanes],
        [lane.booths_open for lane in lanes],
        [lane.service_minutes for lane in lanes],
        [lane.service_cv for lane in lanes],
        [lane.referral_share if secondary else 0.0 for lane in lanes],
        [lane.initial_queue for lane in lanes],
        secondary.inspectors if secondary else np.zeros(scenario.hours),
        secondary.service_minutes if secondary else 1.0,
        secondary.service_cv if secondary else 1.0,
        baulking.tolerance_minutes if baulking else NEVER,
        baulking.scale_minutes if baulking else 1.0,
        pressure.saving_share if pressure else 0.0,
        pressure.wait_minutes if pressure else 1.0,
    )
    return FluidPort(*(jnp.asarray(np.asarray(value, dtype=np.float64)) for value in values))


def move_share(given: FluidPort, giver: int, taker: int, share: Array | float) -> FluidPort:
    """Return the port after a share of one class's arrivals has moved to another, as when travellers enrol.

    Parameters
    ----------
    giver, taker : int
        The positions of the two classes.
    share : float
        The share of the giver's arrivals that moves, from 0 to 1.

    Examples
    --------
    >>> move_share(given, giver=0, taker=1, share=0.1).arrivals.sum() == given.arrivals.sum()
    Array(True, dtype=bool)
    """
    moved = given.arrivals[giver] * share
    return given._replace(arrivals=given.arrivals.at[giver].add(-moved).at[taker].add(moved))


def with_officers(given: FluidPort, officers: Array | float) -> FluidPort:
    """Return the port with at most so many officers at its booths, cut in proportion among the classes.

    Parameters
    ----------
    given : FluidPort
        A port whose booths are the lanes that could open.
    officers : float or array, shape (hours,)
        The officers at work, one to a booth.

    Examples
    --------
    >>> with_officers(given, 5.0).booths.sum(axis=0).max() <= 5
    Array(True, dtype=bool)
    """
    lanes = given.booths.sum(axis=0)
    return given._replace(booths=given.booths * jnp.minimum(1.0, officers / jnp.maximum(lanes, TINY)))


def erlang_c(servers: Array, load: Array) -> Array:
    """Return the probability of waiting in M/M/c for a real number of servers.

    By Jagers & van Doorn (1986), one over Erlang's loss probability is the integral of exp(-u) (1 + u / load)^servers. It
    is taken by Gauss-Laguerre quadrature, which is exact for whole numbers up to 127.

    Parameters
    ----------
    servers : array
        The servers, not negative.
    load : array of the same shape
        The arrival rate over the rate of one server, below `servers`.
    """
    safe = jnp.maximum(load, 1e-12)[..., None]
    log_inverse = jax.nn.logsumexp(servers[..., None] * jnp.log1p(NODES / safe) + np.log(WEIGHTS), axis=-1)
    inverse_loss = jnp.exp(jnp.minimum(log_inverse, 600.0))
    rho = load / jnp.maximum(servers, 1e-12)
    return 1 / ((1 - rho) * inverse_loss + rho)


def stationary_waiting(servers: Array, cv: Array) -> Array:
    """Return the mean number waiting in M/G/c at each of the tabulated odds of the utilisation.

    Parameters
    ----------
    servers, cv : array, shape (...)
        Servers, and the coefficient of variation of service.

    Returns
    -------
    array, shape (..., odds)
    """
    rho = ODDS / (1 + ODDS)
    chance = erlang_c(
        jnp.broadcast_to(servers[..., None], (*servers.shape, len(rho))), servers[..., None] * rho
    )
    return (1 + cv[..., None] ** 2) / 2 * chance * ODDS


def _step(
    inflow: Array,
    present: Array,
    servers: Array,
    service: Array,
    table: Array,
    log_table: Array,
    dt: float,
) -> tuple[Array, Array, Array]:
    """Return the number present, waiting and in service after one step of backward Euler, for one queue.

    Parameters
    ----------
    inflow : array, shape ()
        Arrivals in a minute.
    present : array, shape ()
        Who is there at the step's beginning.
    table, log_table : array, shape (odds,)
        The mean number waiting at each of the tabulated odds, and its logarithm.
    dt : float
        The step, minutes.
    """
    total = servers * ODDS / (1 + ODDS) * (1 + dt / service) + table
    odds = jnp.interp(present + inflow * dt, total, ODDS, right="extrapolate")
    busy = servers * odds / (1 + odds)
    # The number waiting rises as a high power of the odds: on logarithms it is nearly straight. Past the table it is
    # what is present less what is served.
    few = jnp.minimum(odds / ODDS[1], 1.0)
    smooth = few * jnp.exp(jnp.interp(jnp.log(jnp.maximum(odds, ODDS[1])), np.log(ODDS[1:]), log_table[1:]))
    present = present + dt * (inflow - busy / service)
    return present, jnp.where(odds < ODDS[-1], smooth, present - busy), busy


def _cumulated(per_hour: Array) -> Array:
    """Return the integral of a rate by the hour, at the hours; it rises, if barely, through hours without service."""
    return jnp.concatenate([jnp.zeros(1), jnp.cumsum(per_hour + TINY)])


def _reached(amount: Array, curve: Array, knots: Array) -> Array:
    """Return when cumulated service reaches an amount, its curve repeating for ever."""
    rounds = jax.lax.stop_gradient(jnp.floor(amount / curve[-1]))
    return rounds * knots[-1] + jnp.interp(amount - rounds * curve[-1], curve, knots)


class _Row(NamedTuple):
    """One queue over all steps: a class, or secondary inspection."""

    served: Array  # (steps,)
    waiting: Array  # (steps + 1,), from minute 0
    joined: Array  # (steps,)
    initial: Array  # (), vehicles at minute 0
    capacity: Array  # (hours + 1,), cumulated
    pace: Array  # (), rate at which servers work past the last hour over their capacity


def _waits(row: _Row, times: Array, knots: Array) -> tuple[Array, Array]:
    """Return the mean wait by hour of arrival and over all: until the flow out has worked off the queue found.

    Parameters
    ----------
    row : _Row
        The queue.
    times, knots : array
        Minutes of the steps' ends and of the hours'.
    """
    rising = jnp.concatenate([jnp.zeros(1), jnp.cumsum(row.served)]) + TINY * times

    def worked_off(target: Array) -> Array:
        left = jnp.maximum(target - rising[-1], 0.0)
        later = _reached(left / row.pace, row.capacity, knots)
        return jnp.interp(target, rising, times) + jnp.where(left > 0, later, 0.0)

    # At the steps' middles, for at the ends the booths may just be opening or closing.
    worked, now = ((ends[1:] + ends[:-1]) / 2 for ends in (rising + row.waiting, times))
    shape = (len(knots) - 1, -1)
    middle = (worked_off(worked) - now).reshape(shape)
    joined = row.joined.reshape(shape)
    # A vehicle that waits at minute 0 leaves the queue when all before it have; 64 of them stand for all.
    first = row.waiting[0] * worked_off(row.waiting[0] * (jnp.arange(64) + 0.5) / 64).mean()
    minutes = (middle * joined).sum(axis=1).at[0].add(first)
    vehicles = joined.sum(axis=1).at[0].add(row.initial)
    occupied = vehicles > 0
    by_hour = jnp.where(occupied, minutes / jnp.where(occupied, vehicles, 1.0), middle.mean(axis=1))
    return by_hour, minutes.sum() / jnp.maximum(vehicles.sum(), TINY)


class _Moment(NamedTuple):
    """The end of a step, by row: the classes, then secondary inspection. The flows are of the step."""

    present: Array
    waiting: Array
    busy: Array
    joined: Array
    served: Array
    slowness: Array  # service time over its plain mean


def _reaction(given: FluidPort, promised: Array) -> tuple[Array, Array]:
    """Return the share that joins and the service time over its plain mean, at the wait that plain service promises."""
    # The wait w = promised (1 - saving min(1, w / pressure_wait)), solved for w.
    eager = jnp.minimum(1.0, promised / (given.pressure_wait + given.saving * promised))
    slowness = 1 - given.saving * eager
    beyond = jnp.maximum(0.0, promised * slowness - given.tolerance)
    return jnp.exp(-beyond / given.scale), slowness


@partial(jax.jit, static_argnames="steps_per_hour")
def flow(given: FluidPort, steps_per_hour: int = 30) -> FluidFlow:
    """Return the mean queues and waits of a port.

    Parameters
    ----------
    given : FluidPort
        From `port`; booths, inspectors, arrivals and all else may be real numbers.
    steps_per_hour : int
        The fixed steps of the integration in an hour.

    Returns
    -------
    FluidFlow
        It is differentiable in every field of `given`.

    Examples
    --------
    >>> flow(port(scenario)).wait.shape
    (1, 24)
    """
    dt, (classes, hours) = 60.0 / steps_per_hour, given.booths.shape
    knots, times = 60.0 * jnp.arange(hours + 1), dt * jnp.arange(hours * steps_per_hour + 1)
    servers = jnp.concatenate([given.booths, given.inspectors[None]])
    service = jnp.append(given.service, given.secondary_service)
    cv = jnp.append(given.service_cv, given.secondary_cv)
    capacity = jax.vmap(_cumulated)(servers * 60 / service[:, None])
    tables = stationary_waiting(servers.T, jnp.broadcast_to(cv, (hours, classes + 1)))
    log_tables = jnp.log(jnp.maximum(tables, 1e-300))
    one_queue = partial(_step, dt=dt)

    def one_step(hour: tuple[Array, ...], before: _Moment, now: Array) -> tuple[_Moment, _Moment]:
        arrivals, servers, table, log_table = hour

        def promised(waiting: Array, capacity: Array) -> Array:
            return _reached(jnp.interp(now, knots, capacity) + waiting, capacity, knots) - now

        stay, slowness = _reaction(given, jax.vmap(promised)(before.waiting[:-1], capacity[:-1]))
        joined, minutes = arrivals / 60 * stay, service * jnp.append(slowness, 1.0)
        state = (before.present, servers, minutes, table, log_table)
        lanes, secondary = (tuple(x[:-1] for x in state), tuple(x[-1] for x in state))
        at_booths = jax.vmap(one_queue)(joined, *lanes)
        referred = (given.referral * at_booths[2] / minutes[:-1]).sum()
        inspected = one_queue(referred, *secondary)
        present, waiting, busy = map(jnp.append, at_booths, inspected)
        inflow = jnp.append(joined, referred)
        after = _Moment(present, waiting, busy, inflow * dt, busy / minutes * dt, minutes / service)
        return after, after

    # Recomputing an hour in the backward pass keeps the memory of a gradient at one hour's steps.
    @jax.checkpoint
    def one_hour(before: _Moment, hour: tuple[Array, ...]) -> tuple[_Moment, _Moment]:
        start, *constant = hour
        nows = start + dt * jnp.arange(steps_per_hour)
        return jax.lax.scan(partial(one_step, tuple(constant)), before, nows)

    initial = jnp.append(given.initial_queue, 0.0)
    none = jnp.zeros_like(initial)
    first = _Moment(initial, jnp.maximum(initial - servers[:, 0], 0.0), none, none, none, none + 1)
    last, traced = jax.lax.scan(
        one_hour, first, (knots[:-1], given.arrivals.T, servers.T, tables, log_tables)
    )
    path = _Moment(*(field.reshape(-1, classes + 1).T for field in traced))
    # Past the last hour the servers go on as busy as they are; with none, they will all be when they come.
    busy_share = jnp.where(servers[:, -1] > 0, last.busy / jnp.maximum(servers[:, -1], TINY), 1.0)
    rows = _Row(
        path.served,
        jnp.concatenate([first.waiting[:, None], path.waiting], axis=1),
        path.joined,
        initial,
        capacity,
        jnp.maximum(busy_share, TINY) / last.slowness,
    )
    wait, mean_wait = jax.vmap(_waits, in_axes=(0, None, None))(rows, times, knots)

    def sums(field: Array) -> Array:
        return field.reshape(classes + 1, hours, steps_per_hour).sum(axis=-1)

    at_end = slice(steps_per_hour - 1, None, steps_per_hour)
    joined, served = sums(path.joined), sums(path.served)
    return FluidFlow(
        wait=wait[:-1],
        mean_wait=mean_wait[:-1],
        waiting=path.waiting[:-1, at_end],
        present=path.present[:-1, at_end],
        joined=joined[:-1],
        baulked=given.arrivals - joined[:-1],
        served=served[:-1],
        utilisation=sums(path.busy)[:-1] / steps_per_hour / jnp.maximum(given.booths, TINY),
        secondary_wait=wait[-1],
        secondary_mean_wait=mean_wait[-1],
        secondary_waiting=path.waiting[-1, at_end],
        secondary_present=path.present[-1, at_end],
        secondary_served=served[-1],
        officer_hours=servers.sum(),
    )
