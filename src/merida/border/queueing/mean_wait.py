"""Mean waits of many queues at once: a light, differentiable form of the fluid approximation, for sets of schedules.

As in ``fluid.py`` the number present N of one class obeys dN/dt = lambda - mu c rho, where rho is the utilisation at
which a stationary queue holds N (Tipper & Sundareshan, 1990; Wang, Tipper & Banerjee, 1996):

    N = c rho + Q(rho, c),    Q = (1 + cv^2) / 2 * rho^sqrt(2 (c + 1)) / (1 - rho)

Q is Sakasegawa's (1977) closed form in place of Erlang C, exact for M/M/1, so that no table is needed and booths may
be any real number from row to row. Backward Euler, four steps an hour; each step is solved by Newton's method in the
logarithm of the odds rho / (1 - rho), and differentiated through the last of its steps (the implicit function
theorem). A wait is the time that the flow into the booths takes to work off the queue found.

The schedule is periodic (a day or a week). Each day is run by itself from three in the morning, when queues are
shortest, with the half day before it and the six hours after it, so that queues cross midnight. Days differ in volume
by a lognormal factor, independent from day to day, taken at three points (Gauss-Hermite).
"""

from __future__ import annotations

from functools import partial

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax import Array

Numbers = Array | npt.NDArray[np.float64]
STEPS_PER_HOUR = 4
BEFORE, AFTER = 12, 6  # hours run ahead of a day, and after it
DAY_STARTS = 3  # o'clock
NEWTON = 4
CLOSED = 1e-3  # booths where none is open: nothing leaves, and nothing divides by zero
POINTS = np.sqrt(3.0) * np.array([-1.0, 0.0, 1.0])  # Gauss-Hermite for the standard normal law
WEIGHTS = np.array([1.0, 4.0, 1.0]) / 6.0


def utilisation(target: Array, capacity: Array, power: Array, spread: Array) -> tuple[Array, Array]:
    """Return rho and Q that solve ``capacity rho + Q(rho) = target``.

    Parameters
    ----------
    target : array
        Who is to be present, above 0.
    capacity : array of the same shape
        The booths with what they serve in the step.
    power, spread : arrays of the same shape
        The exponent sqrt(2 (c + 1)) of Sakasegawa's form, and its factor (1 + cv^2) / 2.
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
    y, _ = jax.lax.scan(newton, jax.lax.stop_gradient(start), None, length=NEWTON, unroll=True)
    y = jax.lax.stop_gradient(y)
    off, slope, _queue = parts(y)
    y = y - off / jax.lax.stop_gradient(slope)
    return jax.nn.sigmoid(y), parts(y)[2]


def run(
    arrivals: Array,
    booths: Array,
    service_minutes: Array,
    service_cv: Array,
    patience: tuple[Array, Array] | None = None,
) -> Array:
    """Return mean waits by hour of arrival in the day of a window, which begins with an empty port.

    Parameters
    ----------
    arrivals, booths : array, shape (rows, BEFORE + 24 + AFTER)
        The vehicles in an hour and the open booths, over the window.
    service_minutes, service_cv : array, shape (rows,)
        The mean time at a booth, minutes, and its coefficient of variation.
    patience : (tolerance, scale), arrays of shape (rows,), or None
        In minutes: of those who would wait w, a share ``1 - exp(-max(0, w - tolerance) / scale)`` turns away, as in the
        engine. None means that nobody does.

    Returns
    -------
    array, shape (rows, 24)
        Minutes.
    """
    dt = 60.0 / STEPS_PER_HOUR
    pace = dt / service_minutes  # vehicles that a busy booth serves in a step
    spread = (1 + service_cv**2) / 2

    def one_step(
        state: tuple[Array, Array], hour: tuple[Array, Array]
    ) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        (present, waiting), (came, c) = state, hour
        if patience is not None:
            beyond = jnp.maximum(0.0, waiting * service_minutes / c - patience[0])
            came = came * jnp.exp(-beyond / patience[1])
        target = jnp.maximum(present + came * (dt / 60.0), 1e-9)
        rho, queue = utilisation(target, c * (1 + pace), jnp.sqrt(2 * (c + 1)), spread)
        served = c * rho * pace
        return (target - served, queue), (served, queue)

    def one_hour(
        present: tuple[Array, Array], hour: tuple[Array, Array]
    ) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        return jax.lax.scan(
            lambda state, _: one_step(state, hour), present, None, length=STEPS_PER_HOUR, unroll=True
        )

    zero = jnp.zeros_like(service_minutes)
    hours = (arrivals.T, jnp.maximum(booths.T, CLOSED))
    _, (served, queue) = jax.lax.scan(one_hour, (zero, zero), hours)
    served, queue = (x.reshape(-1, x.shape[-1]).T for x in (served, queue))
    times = dt * jnp.arange(served.shape[1] + 1)
    risen = jnp.concatenate([jnp.zeros((len(served), 1)), jnp.cumsum(served + 1e-9, axis=1)], axis=1)
    place = slice(BEFORE * STEPS_PER_HOUR, (BEFORE + 24) * STEPS_PER_HOUR)
    last = jnp.maximum(served[:, -STEPS_PER_HOUR:].mean(axis=1), 1e-6) / dt

    def work_off(curve: Array, ahead: Array, pace: Array) -> Array:
        return jnp.interp(ahead, curve, times) + jnp.maximum(ahead - curve[-1], 0.0) / pace

    ahead = (risen[:, 1:] + queue)[:, place]
    wait = jax.vmap(work_off)(risen, ahead, last) - times[1:][place]
    return jnp.maximum(wait, 0.0).reshape(len(served), 24, STEPS_PER_HOUR).mean(axis=2)


@partial(jax.jit, static_argnames="vehicles")
def days(
    arrivals: Numbers,
    booths: Numbers,
    service_minutes: Numbers,
    service_cv: Numbers,
    factor: Numbers,
    weights: Numbers,
    vehicles: bool = False,
    patience: tuple[Numbers, Numbers] | None = None,
) -> Array:
    """Return mean waits by hour of arrival over days whose volume is a factor of the mean day's.

    Parameters
    ----------
    arrivals, booths : array, shape (rows, hours)
        Over a day or a week that repeats.
    service_minutes, service_cv : array, shape (rows,)
        As in `run`.
    factor : array, shape (points, rows)
        The volumes of the day and of what follows it over those of the mean day; the hours before it are the mean day's.
    weights : array, shape (points,)
        The weights of the points.
    vehicles : bool
        Whether to return the minutes that all who arrive in an hour wait together, instead of the mean wait.
    patience : (tolerance, scale), arrays of shape (rows,), or None
        As in `run`.

    Returns
    -------
    array, shape (rows, hours)
        Minutes.
    """
    rows, hours = arrivals.shape
    window = np.arange(DAY_STARTS - BEFORE, DAY_STARTS + 24 + AFTER)
    order = (window + 24 * np.arange(hours // 24)[:, None]) % hours  # (days, hours of the window)
    on_the_day = np.arange(len(window)) >= BEFORE
    came = arrivals[:, order] * jnp.where(on_the_day, factor[:, :, None, None], 1.0)
    lead = came.shape[:3]
    wait = run(
        jnp.asarray(came).reshape(-1, len(window)),
        jnp.broadcast_to(booths[:, order], came.shape).reshape(-1, len(window)),
        jnp.broadcast_to(service_minutes[:, None], lead).reshape(-1),
        jnp.broadcast_to(service_cv[:, None], lead).reshape(-1),
        None
        if patience is None
        else (
            jnp.broadcast_to(patience[0][:, None], lead).reshape(-1),
            jnp.broadcast_to(patience[1][:, None], lead).reshape(-1),
        ),
    ).reshape(*lead, 24)
    counted = came[..., BEFORE : BEFORE + 24] * wait if vehicles else wait
    return jnp.roll(jnp.einsum("p,prdh->rdh", weights, counted).reshape(rows, hours), DAY_STARTS, axis=1)


def mean_wait(arrivals: Numbers, booths: Numbers, service_minutes: Numbers, service_cv: Numbers) -> Array:
    """Return mean waits by hour of arrival on days that are all alike, minutes.

    Parameters
    ----------
    arrivals, booths : array, shape (rows, hours)
        The vehicles in an hour and the open booths (real numbers), over a day or a week that repeats.
    service_minutes, service_cv : array, shape (rows,)
        The mean time at a booth, minutes, and its coefficient of variation.

    Returns
    -------
    array, shape (rows, hours)

    Examples
    --------
    >>> waits = mean_wait(np.full((1, 24), 60.0), np.full((1, 24), 2.0), np.array([0.75]), np.array([0.8]))
    >>> waits.shape
    (1, 24)
    """
    usual_day = jnp.ones((1, len(service_minutes)))
    minutes: Array = days(arrivals, booths, service_minutes, service_cv, usual_day, jnp.ones(1))
    return minutes


def over_days(
    arrivals: Numbers, booths: Numbers, service_minutes: Numbers, service_cv: Numbers, day_sd: Numbers
) -> Array:
    """Return mean waits by hour of arrival, averaged over days as an agency averages them, minutes.

    Parameters
    ----------
    arrivals, booths, service_minutes, service_cv : arrays
        As in `mean_wait`; the arrivals are those of the mean day.
    day_sd : array, shape (rows,)
        The standard deviation of the logarithm of a day's volume.

    Returns
    -------
    array, shape (rows, hours)
    """
    minutes: Array = days(arrivals, booths, service_minutes, service_cv, day_factor(day_sd), WEIGHTS)
    return minutes


def waited_minutes(
    arrivals: Numbers, booths: Numbers, service_minutes: Numbers, service_cv: Numbers, day_sd: Numbers
) -> Array:
    """Return the minutes that all who arrive in an hour wait together, averaged over days, shape (rows, hours)."""
    minutes: Array = days(
        arrivals, booths, service_minutes, service_cv, day_factor(day_sd), WEIGHTS, vehicles=True
    )
    return minutes


def day_factor(day_sd: Numbers) -> Array:
    """Return the volume of a day over the mean day's at the three points, shape (points, rows)."""
    return jnp.asarray(jnp.exp(day_sd * POINTS[:, None] - day_sd**2 / 2))
