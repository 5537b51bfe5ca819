"""A week before the booths of one lane class, as draws: waits, their spread, and what another booth-hour saves.

The kernel is `mean_wait`. Days vary in volume by a lognormal factor, taken at the three points of Gauss and Hermite that
`mean_wait.over_days` takes. Waits here are means over vehicles, so that waits times arrivals are the hours lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax import Array

from merida.border.queueing.mean_wait import WEIGHTS, day_factor, days
from merida.distributions import Floats

if TYPE_CHECKING:
    from merida.border.crossings.schedules import Schedules

HOURS = 168  # of a week, from Monday midnight
WEEKS_A_YEAR = 365.25 / 7
MULTIPLE = 8  # of the rows of one call, the last repeated: few shapes are compiled
Integers = npt.NDArray[np.int64]


class Week(NamedTuple):
    """One lane class over a week of 168 hours from Monday midnight; a row is one of D draws."""

    arrivals: Floats  # (D, 168), vehicles (people) an hour
    booths: Floats  # (D, 168)
    service_minutes: Floats  # (D,)
    service_cv: Floats  # (D,)
    day_sd: Floats  # (D,), of the logarithm of a day's volume


class Waits(NamedTuple):
    """What those who arrive in an hour of the week wait, minutes."""

    mean: Floats  # (D, 168), over vehicles
    spread: Floats  # (D, 168), standard deviation over days


class Slopes(NamedTuple):
    """How a week's waiting, in minutes of all vehicles, changes with one more of something in one hour."""

    arrivals: Floats  # (D, 168), minutes for one more vehicle
    booths: Floats  # (D, 168), minutes for one more booth-hour (negative: it saves)


def week(given: Schedules, lane: int) -> Week:
    """Return one lane class of a site's schedules.

    Parameters
    ----------
    given : Schedules
        The schedules of the site.
    lane : int
        The position of the class among ``given.lanes``.

    Examples
    --------
    >>> week(schedules(Facts(), site, draws=2), 0).arrivals.shape
    (2, 168)
    """
    draws = len(given.day_sd)

    def flat(table: Floats) -> Floats:
        return np.asarray(table, dtype=np.float64)[:, lane].reshape(draws, HOURS)

    return Week(
        flat(given.arrivals),
        flat(given.booths),
        np.asarray(given.service_minutes)[:, lane],
        np.asarray(given.service_cv)[:, lane],
        np.asarray(given.day_sd),
    )


def _by_day(arrivals: Array, booths: Array, week: Week) -> tuple[Array, Array]:
    """Return each kind of day's weight among vehicles, shape (points, D, 1), and its waits, (points, D, 168)."""
    factor = day_factor(jnp.asarray(week.day_sd))
    points, rows = factor.shape
    wait = days(
        jnp.tile(arrivals, (points, 1)),
        jnp.tile(booths, (points, 1)),
        jnp.tile(week.service_minutes, points),
        jnp.tile(week.service_cv, points),
        factor.reshape(1, points * rows),
        jnp.ones(1),
    )
    weight = jnp.asarray(WEIGHTS)[:, None] * factor
    return weight[:, :, None], wait.reshape(points, *arrivals.shape)


@jax.jit
def _waits(week: Week) -> tuple[Array, Array, Array]:
    weight, wait = _by_day(jnp.asarray(week.arrivals), jnp.asarray(week.booths), week)
    mean = (weight * wait).sum(axis=0) / weight.sum(axis=0)
    over_days = jnp.einsum("p,prh->rh", WEIGHTS, wait)
    return mean, jnp.sqrt(jnp.einsum("p,prh->rh", WEIGHTS, (wait - over_days) ** 2)), over_days


@jax.jit
def _slopes(week: Week) -> tuple[Array, Array]:
    def total(arrivals: Array, booths: Array) -> Array:
        weight, wait = _by_day(arrivals, booths, week)
        return jnp.sum(weight * arrivals * wait)

    gradient: tuple[Array, Array] = jax.grad(total, argnums=(0, 1))(
        jnp.asarray(week.arrivals), jnp.asarray(week.booths)
    )
    return gradient


def waits(week: Week) -> Waits:
    """Return the waits of a week, means over the days of a volume that varies.

    Examples
    --------
    >>> waits(week(schedules(Facts(), site, draws=2), 0)).mean.shape
    (2, 168)
    """
    mean, spread, _ = (np.asarray(minutes)[: len(week.day_sd)] for minutes in _waits(padded(week)))
    return Waits(mean, spread)


def waits_of_days(week: Week) -> Waits:
    """Return the waits of a week as agencies average them, over days, however many come on each.

    Examples
    --------
    >>> waits_of_days(week(schedules(Facts(), site, draws=2), 0)).mean.shape
    (2, 168)
    """
    _, spread, mean = (np.asarray(minutes)[: len(week.day_sd)] for minutes in _waits(padded(week)))
    return Waits(mean, spread)


def padded(week: Week) -> Week:
    """Return a week whose last draw is repeated up to a multiple of `MULTIPLE` rows, so that few shapes are compiled."""
    rows = len(week.day_sd)
    return of_draws(week, np.minimum(np.arange(-(-rows // MULTIPLE) * MULTIPLE), rows - 1))


def of_draws(week: Week, draws: Integers) -> Week:
    """Return some draws of a week, by their numbers."""
    return Week(*(np.asarray(field)[draws] for field in week))


def slopes(week: Week) -> Slopes:
    """Return what one more vehicle and one more booth-hour change in the week's waiting, by hour of the week.

    Examples
    --------
    >>> bool((slopes(week(schedules(Facts(), site, draws=2), 0)).booths <= 0).all())
    True
    """
    arrivals, booths = (np.asarray(minutes)[: len(week.day_sd)] for minutes in _slopes(padded(week)))
    return Slopes(arrivals, booths)
