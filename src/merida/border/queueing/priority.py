"""Booths that serve several classes by priority, simulated exactly; in the engine each class has booths of its own.

It tells what a trusted lane is worth where the lane has no booth of its own but goes first at shared booths. A
vehicle that has begun is never interrupted.
"""

from __future__ import annotations

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from merida.border.queueing.scenario import Floats


def priority_waits(arrival: Floats, service: Floats, booths: int) -> Floats:
    """Serve classes at shared booths, the first class first, and first come, first served within a class.

    Whenever a booth is free, the vehicle of the highest class that has arrived by then begins; if none has, the
    next to arrive does. This is the discipline of Cobham (1954), simulated start by start.

    Parameters
    ----------
    arrival : array, shape (classes, vehicles, rows)
        The minutes of arrival, sorted along the vehicles. A row is a replication; ``inf`` marks padding.
    service : array, shape (classes, vehicles, rows)
        The minutes at the booth.
    booths : int
        The booths, all open for ever.

    Returns
    -------
    array, shape (classes, vehicles, rows)
        The minutes before the booth; NaN for padding.

    Examples
    --------
    >>> arrival, service = np.zeros((2, 1, 1)), np.full((2, 1, 1), 5.0)
    >>> priority_waits(arrival, service, booths=1).ravel().tolist()
    [0.0, 5.0]
    """
    classes, vehicles, rows = arrival.shape
    which, order, wait = (np.asarray(each) for each in starts(arrival, service, np.zeros((booths, rows))))
    waits = np.full((classes, vehicles, rows), np.nan)
    step, row = np.nonzero(np.isfinite(wait))
    waits[which[step, row], order[step, row], row] = wait[step, row]
    return waits


@jax.jit
def starts(arrival: jax.Array, service: jax.Array, free: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return class, place in its class, and wait of each vehicle in order of start, shapes (starts, rows).

    Parameters
    ----------
    arrival, service : array, shape (classes, vehicles, rows)
        As in `priority_waits`.
    free : array, shape (booths, rows)
        When each booth is free, sorted.
    """
    classes, vehicles, rows = arrival.shape
    one_class, row = jnp.arange(classes)[:, None], jnp.arange(rows)
    last = jnp.full((1, rows), jnp.inf)

    def step(
        state: tuple[jax.Array, jax.Array], _: None
    ) -> tuple[tuple[jax.Array, jax.Array], tuple[jax.Array, jax.Array, jax.Array]]:
        free, head = state
        heads = arrival.at[one_class, head, row].get(mode="fill", fill_value=jnp.inf)
        arrived = heads <= free[0]
        chosen = jnp.where(arrived.any(axis=0), jnp.argmax(arrived, axis=0), jnp.argmin(heads, axis=0))
        place = head[chosen, row]
        came = heads[chosen, row]
        begin = jnp.maximum(free[0], came)
        # padding begins at inf: it takes no booth
        leave = begin + service.at[chosen, place, row].get(mode="fill", fill_value=0.0)
        moved = jnp.maximum(free, jnp.minimum(leave, jnp.concatenate([free[1:], last])))
        free = jnp.where(jnp.isfinite(came), moved, free)
        return (free, head + (one_class == chosen)), (chosen, place, begin - came)

    state = (free, jnp.zeros((classes, rows), dtype=jnp.int32))
    return lax.scan(step, state, None, length=classes * vehicles)[1]
