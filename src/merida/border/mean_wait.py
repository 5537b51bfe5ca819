"""Mean waits of many queues at once: a light, differentiable form of the fluid approximation, for sets of schedules.

As in ``fluid.py`` the number present N of one class obeys dN/dt = lambda - mu c rho, where rho is the utilisation at
which a stationary queue holds N (Tipper & Sundareshan, 1990; Wang, Tipper & Banerjee, 1996):

    N = c rho + Q(rho, c),    Q = (1 + cv^2) / 2 * rho^sqrt(2 (c + 1)) / (1 - rho)

Q is Sakasegawa's (1977) closed form in place of Erlang C, exact for M/M/1, so that no table is needed and booths may
be any real number from row to row. Backward Euler, four steps an hour; each step is solved by Newton's method in the
logarithm of the odds rho / (1 - rho), and differentiated through the last of its steps (the implicit function
theorem). A wait is the time that the flow into the booths takes to work off the queue found.

The schedule is periodic (a day or a week): half a day before it is run first, and six hours after it follow, so that
queues cross midnight. Days differ in volume by a lognormal factor, taken at three points (Gauss-Hermite).
"""

from __future__ import annotations

from functools import partial

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

STEPS_PER_HOUR = 4
BEFORE, AFTER = 12, 6  # hours run ahead of the schedule, and after it
NEWTON = 7
CLOSED = 1e-3  # booths where none is open: nothing leaves, and nothing divides by zero
POINTS = np.sqrt(3.0) * np.array([-1.0, 0.0, 1.0])  # Gauss-Hermite for the standard normal law
WEIGHTS = np.array([1.0, 4.0, 1.0]) / 6.0


def utilisation(target: Array, capacity: Array, power: Array, spread: Array) -> tuple[Array, Array]:
    """Return rho and Q that solve ``capacity rho + Q(rho) = target``.

    Parameters
    ----------
    target : array
        Above 0.
    capacity, power, spread : arrays of the same shape
        Booths with what they serve in the step; the exponent sqrt(2 (c + 1)); (1 + cv^2) / 2.
    """

    def parts(y: Array) -> tuple[Array, Array, Array]:
        rho, idle = jax.nn.sigmoid(y), jax.nn.sigmoid(-y)
        queue = spread * jnp.exp(power * jax.nn.log_sigmoid(y) - jax.nn.log_sigmoid(-y))
        total = capacity * rho + queue
        slope = (capacity * rho * idle + queue * (power * idle + rho)) / total
        return jnp.log(total / target), slope, queue

    def newton(y: Array, _: None) -> tuple[Array, None]:
        off, slope, _queue = parts(y)
        return y - jnp.clip(off / slope, -3.0, 3.0), None

    ratio = jnp.clip(target / capacity, 1e-9, 0.97)
    start = jnp.log(jnp.maximum(ratio / (1 - ratio), (target - capacity) / spread))
    y, _ = jax.lax.scan(newton, jax.lax.stop_gradient(start), None, length=NEWTON)
    y = jax.lax.stop_gradient(y)
    off, slope, _queue = parts(y)
    y = y - off / jax.lax.stop_gradient(slope)
    return jax.nn.sigmoid(y), parts(y)[2]


@jax.jit
def mean_wait(arrivals: Array, booths: Array, service_minutes: Array, service_cv: Array) -> Array:
    """Return mean waits by hour of arrival.

    Parameters
    ----------
    arrivals, booths : array, shape (rows, hours)
        Vehicles an hour, and open booths (real numbers), over a day or a week that repeats.
    service_minutes, service_cv : array, shape (rows,)
        Mean time at a booth, and its coefficient of variation.

    Returns
    -------
    array, shape (rows, hours)
        Minutes before the booth.
    """
    hours = arrivals.shape[1]
    order = np.arange(-BEFORE, hours + AFTER) % hours
    inflow, servers = arrivals.T[order], jnp.maximum(booths.T[order], CLOSED)
    dt = 60.0 / STEPS_PER_HOUR
    pace = dt / service_minutes  # vehicles that a busy booth serves in a step
    spread = (1 + service_cv**2) / 2

    def one_step(present: Array, hour: tuple[Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        came, c = hour
        target = present + came * (dt / 60.0)
        power = jnp.sqrt(2 * (c + 1))
        rho, queue = utilisation(jnp.maximum(target, 1e-9), c * (1 + pace), power, spread)
        served = c * rho * pace
        return target - served, (served, queue)

    def one_hour(present: Array, hour: tuple[Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        def again(state: Array, _: None) -> tuple[Array, tuple[Array, Array]]:
            return one_step(state, hour)

        return jax.lax.scan(again, present, None, length=STEPS_PER_HOUR)

    _, (served, queue) = jax.lax.scan(one_hour, jnp.zeros_like(service_minutes), (inflow, servers))
    served, queue = (x.reshape(-1, x.shape[-1]).T for x in (served, queue))
    times = dt * jnp.arange(served.shape[1] + 1)
    risen = jnp.concatenate([jnp.zeros((len(served), 1)), jnp.cumsum(served + 1e-9, axis=1)], axis=1)
    place = slice(BEFORE * STEPS_PER_HOUR, (BEFORE + hours) * STEPS_PER_HOUR)
    last = jnp.maximum(served[:, -STEPS_PER_HOUR:].mean(axis=1), 1e-6) / dt

    def work_off(curve: Array, found: Array, pace: Array) -> Array:
        beyond = jnp.maximum(found - curve[-1], 0.0) / pace
        return jnp.interp(found, curve, times) + beyond

    found = (risen[:, 1:] + queue)[:, place]
    wait = jax.vmap(work_off)(risen, found, last) - times[1:][place]
    return jnp.maximum(wait, 0.0).reshape(len(served), hours, STEPS_PER_HOUR).mean(axis=2)


@partial(jax.jit, static_argnames="vehicles")
def _over_days(
    arrivals: Array, booths: Array, service_minutes: Array, service_cv: Array, day_sd: Array, vehicles: bool
) -> Array:
    factor = jnp.exp(day_sd * POINTS[:, None] - day_sd**2 / 2)  # (points, rows)
    rows = (len(POINTS) * arrivals.shape[0],)
    came = factor[:, :, None] * arrivals
    wait = mean_wait(
        came.reshape(*rows, -1),
        jnp.broadcast_to(booths, came.shape).reshape(*rows, -1),
        jnp.broadcast_to(service_minutes, factor.shape).reshape(rows),
        jnp.broadcast_to(service_cv, factor.shape).reshape(rows),
    ).reshape(came.shape)
    return jnp.einsum("p,prh->rh", WEIGHTS, came * wait if vehicles else wait)


def over_days(
    arrivals: Array, booths: Array, service_minutes: Array, service_cv: Array, day_sd: Array
) -> Array:
    """Return mean waits by hour of arrival, averaged over days as an agency averages them, minutes.

    Parameters
    ----------
    arrivals, booths, service_minutes, service_cv : arrays
        As of `mean_wait`; the arrivals are those of the mean day.
    day_sd : array, shape (rows,)
        Standard deviation of the logarithm of a day's volume.
    """
    return _over_days(arrivals, booths, service_minutes, service_cv, day_sd, vehicles=False)


def waited_minutes(
    arrivals: Array, booths: Array, service_minutes: Array, service_cv: Array, day_sd: Array
) -> Array:
    """Return the minutes that all who arrive in an hour wait together, averaged over days, shape (rows, hours)."""
    return _over_days(arrivals, booths, service_minutes, service_cv, day_sd, vehicles=True)
