"""The set of schedules that fit what is published of a crossing: arrivals, booths and service, as draws.

A crossing's volume, a few open lanes and mean waits leave its schedule open: many shapes of the day with many
staffings give the same waits. The set is drawn by randomised maximum likelihood (Kitanidis, 1995; Oliver, He &
Reynolds, 1996): draw the unknowns from the prior, draw what was published with its error, and move the first as
little as fits the second,

    minimise  |xi - xi_drawn|^2 + |(published + error - waits(xi)) / sd|^2

which is exact sampling where waits are linear in the unknowns, and a good approximation near it. ``xi`` are standard
normal scores of:

    arrivals    weekly volume * share of the class * a distribution over the 168 hours of the week, whose logarithm is a
                Gaussian process, periodic in the hour, with parts common to all days, to kinds of day, to each day
    booths      the mean load over a target load, following arrivals in part (eta), times a second such process; at
                least one where open, all classes together at most the lanes
    service     minutes at a booth by class, variation of service, variation of days' volumes
    published   factor between published waits and true ones: agencies estimate them roughly (GAO, 2013)

The mathematics is here and takes arrays only; ``schedules.py`` prepares them from the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax
from jax import Array

from merida.border.queueing.mean_wait import CLOSED, Numbers, over_days

K, DAYS, HOURS = 3, 7, 24  # classes (padded), days, hours
SHIFT = 5.0  # minutes added to waits before their logarithm is taken
KIND_OF_DAY = np.array([0, 0, 0, 0, 0, 1, 2])
Floats = npt.NDArray[np.float64]
Profiles = dict[tuple[str, int], Floats]  # by mode and class


class CrossingPanel(NamedTuple):
    """What is known of S crossings; NaN where nothing is."""

    volume: Numbers  # (S,) crossings a day
    served: Numbers  # (S, K) 1 where the crossing has the class
    open_hours: Numbers  # (S, 7, 24) 1 where open
    lanes: Numbers  # (S,) most lanes; infinite where not known
    wait: Numbers  # (S, K, 7, 24) published mean waits, minutes
    seen_wait: Numbers  # (S, K, 7, 24) waits read at single instants, minutes
    seen_booths: Numbers  # (S, K, 7, 24) open lanes read at single instants


class SchedulePrior(NamedTuple):
    """What is believed before: means and standard deviations, of logarithms where nothing else is said."""

    profile: Numbers  # (S, K, 7, 24) mean log profile of arrivals
    profile_sd: Numbers  # (3,) common to all days, of a kind of day, of a day
    profile_scale: float  # of the periodic kernel, in radians of half a day's turn
    booths_sd: Numbers  # (3,)
    booths_scale: float
    share: Numbers  # (S, K) logits of the classes' shares
    share_sd: float
    service: Numbers  # (S, K) minutes
    service_sd: Numbers  # (S, K)
    load: Numbers  # (S, K) logit of the booths' mean load
    load_sd: Numbers  # (S,)
    follow: Numbers  # (S, 2) mean and sd, plain
    cv: tuple[float, float]
    day_sd: tuple[float, float]
    factor: tuple[float, float]  # of a published mean wait over the true one
    volume_sd: Numbers  # (S,)
    wait_sd: tuple[float, float]  # of a published mean: minutes, and a share of it
    seen_wait_sd: float  # of the logarithm of (wait + 5 minutes) of one instant
    seen_booths_sd: float
    longest: tuple[float, float]  # minutes that a mean wait seldom exceeds, and how sharply, as a logarithm


class Scores(NamedTuple):
    """Standard normal scores of the unknowns; their leading axes are S crossings and D draws."""

    profile: Numbers  # (K, 7, 24)
    booths: Numbers  # (K, 7, 24)
    share: Numbers  # (K,)
    service: Numbers  # (K,)
    load: Numbers  # (K,)
    follow: Numbers  # ()
    cv: Numbers  # (K,)
    day_sd: Numbers  # ()
    factor: Numbers  # ()
    volume: Numbers  # ()


class DrawnSchedules(NamedTuple):
    """Schedules; their leading axes are S crossings and D draws."""

    arrivals: Numbers  # (K, 7, 24) an hour
    booths: Numbers  # (K, 7, 24)
    service_minutes: Numbers  # (K,)
    service_cv: Numbers  # (K,)
    day_sd: Numbers  # ()
    published_factor: Numbers  # ()


SHAPES = Scores((K, DAYS, HOURS), (K, DAYS, HOURS), (K,), (K,), (K,), (), (K,), (), (), ())  # type: ignore[arg-type]


def roots(sd: Numbers, scale: float) -> tuple[Array, Array]:
    """Return the Cholesky factors of the process over days and over hours.

    Parameters
    ----------
    sd : array, shape (3,)
        The standard deviations of the parts common to all days, to a kind of day, and of a single day.
    scale : float
        The length scale of the periodic kernel over hours.
    """
    same_kind = KIND_OF_DAY[:, None] == KIND_OF_DAY[None, :]
    days = sd[0] ** 2 + sd[1] ** 2 * same_kind + sd[2] ** 2 * np.eye(DAYS)
    turn = np.pi * (np.arange(HOURS)[:, None] - np.arange(HOURS)[None, :]) / HOURS
    hours = jnp.exp(-2 * np.sin(turn) ** 2 / scale**2) + 1e-6 * np.eye(HOURS)
    return jnp.linalg.cholesky(days), jnp.linalg.cholesky(hours)


def process(scores: Numbers, sd: Numbers, scale: float) -> Array:
    """Return draws of the process over the week from standard normal scores, shape (..., 7, 24)."""
    days, hours = roots(sd, scale)
    return jnp.einsum("de,...eh,gh->...dg", days, scores, hours)


def staffed(open_hours: Numbers) -> Array:
    """Return 1 where booths may be open: in open hours and for three hours more, in which those in line are served."""
    week = jnp.asarray(open_hours).reshape(-1, DAYS * HOURS)
    after = jnp.stack([jnp.roll(week, later, axis=1) for later in range(4)]).max(axis=0)
    return after.reshape(-1, DAYS, HOURS)


def schedules(panel: CrossingPanel, prior: SchedulePrior, xi: Scores) -> DrawnSchedules:
    """Return the schedules that scores stand for, with the leading axes (S, D).

    Parameters
    ----------
    panel : CrossingPanel
        What is known of the crossings.
    prior : SchedulePrior
        What is believed of them.
    xi : Scores
        The standard normal scores.
    """
    open_now = (panel.open_hours[:, None] * panel.served[:, :, None, None])[:, None]
    logits = prior.profile[:, None] + process(xi.profile, prior.profile_sd, prior.profile_scale)
    logits = jnp.where(open_now > 0, logits, -jnp.inf)
    flat = logits.reshape(*logits.shape[:3], -1)
    flat = jnp.where(panel.served[:, None, :, None] > 0, flat, 0.0)
    shape = jax.nn.softmax(flat, axis=-1).reshape(logits.shape)
    share = prior.share[:, None] + prior.share_sd * xi.share
    share = jax.nn.softmax(jnp.where(panel.served[:, None] > 0, share, -jnp.inf), axis=-1)
    volume = panel.volume[:, None] * jnp.exp(prior.volume_sd[:, None] * xi.volume)
    weekly = 7 * volume[:, :, None] * share
    arrivals = weekly[..., None, None] * shape

    service = prior.service[:, None] * jnp.exp(prior.service_sd[:, None] * xi.service)
    open_share = panel.open_hours.mean(axis=(1, 2))[:, None, None]
    mean_arrivals = weekly / (DAYS * HOURS * open_share)
    load = jax.nn.sigmoid(prior.load[:, None] + prior.load_sd[:, None, None] * xi.load)
    needed = mean_arrivals * service / 60 / load
    follow = prior.follow[:, None, 0] + prior.follow[:, None, 1] * xi.follow
    relative = jnp.log(jnp.maximum(arrivals, 1e-9) / jnp.maximum(mean_arrivals, 1e-9)[..., None, None])
    wish = jnp.log(jnp.maximum(needed, 1e-9))[..., None, None] + follow[..., None, None, None] * relative
    wish = wish + process(xi.booths, prior.booths_sd, prior.booths_scale)
    booths = jnp.exp(jnp.logaddexp(0.0, 4 * jnp.clip(wish, -10.0, 6.0)) / 4)  # one at least
    booths = booths * staffed(panel.open_hours)[:, None, None] * panel.served[:, None, :, None, None]
    crowded = booths.sum(axis=2, keepdims=True) / panel.lanes[:, None, None, None, None]
    booths = booths * (1 + crowded**8) ** -0.125  # all classes together at most the lanes
    return DrawnSchedules(
        arrivals=jnp.where(open_now > 0, arrivals, 0.0),
        booths=jnp.maximum(booths, CLOSED),
        service_minutes=service,
        service_cv=prior.cv[0] * jnp.exp(prior.cv[1] * xi.cv),
        day_sd=prior.day_sd[0] * jnp.exp(prior.day_sd[1] * xi.day_sd),
        published_factor=prior.factor[0] * jnp.exp(prior.factor[1] * xi.factor),
    )


def waits(given: DrawnSchedules) -> Array:
    """Return mean waits by weekday and hour, averaged over days, shape (S, D, K, 7, 24), minutes."""
    lead = given.arrivals.shape[:3]

    def rows(x: Numbers) -> Array:
        return jnp.broadcast_to(x, lead).reshape(-1)

    minutes = over_days(
        given.arrivals.reshape(-1, DAYS * HOURS),
        given.booths.reshape(-1, DAYS * HOURS),
        rows(given.service_minutes),
        rows(given.service_cv),
        rows(given.day_sd[..., None]),
    )
    return minutes.reshape(given.arrivals.shape)


class Published(NamedTuple):
    """What was published with a draw of its error, and its standard deviation, which is infinite where nothing was.

    All is in logarithms, waits as that of (minutes + 5): an hour too long then pulls about as hard as an hour too short.
    """

    wait: Numbers  # (S, D, K, 7, 24)
    wait_sd: Numbers  # (S, 1, K, 7, 24), as the others
    seen_wait: Numbers
    seen_wait_sd: Numbers
    seen_booths: Numbers
    seen_booths_sd: Numbers


def published(
    panel: CrossingPanel, prior: SchedulePrior, errors: tuple[Numbers, Numbers, Numbers]
) -> Published:
    """Return what was published with a draw of its errors.

    Parameters
    ----------
    errors : three arrays, shape (S, D, K, 7, 24)
        Standard normal errors of mean waits, of waits at an instant, and of open lanes at an instant.
    """

    def with_error(value: Numbers, sd: Numbers, error: Numbers) -> tuple[Numbers, Numbers]:
        known = np.isfinite(value)[:, None]
        value, sd = np.where(known, value[:, None], 0.0), np.where(known, sd[:, None], 0.0)
        return value + sd * error, jnp.where(known, sd, np.inf)

    constant = np.ones_like(panel.wait)
    minutes = np.hypot(prior.wait_sd[0], prior.wait_sd[1] * panel.wait)
    return Published(
        *with_error(np.log(panel.wait + SHIFT), minutes / (panel.wait + SHIFT), errors[0]),
        *with_error(np.log(panel.seen_wait + SHIFT), prior.seen_wait_sd * constant, errors[1]),
        *with_error(np.log(panel.seen_booths), prior.seen_booths_sd * constant, errors[2]),
    )


def too_long(longest: tuple[float, float], mean: Numbers, by_class: bool = False) -> Array:
    """Return minus the logarithm of the chance that waits so long are let stand, shape (S, D) or (S, D, K).

    Travellers who would wait for hours put the trip off or go elsewhere, and booths are opened for a long line. So a mean
    wait far above the longest that agencies publish, for many hours of the week, is not believed. It is counted in days.

    Parameters
    ----------
    longest : (float, float)
        The minutes that a mean wait seldom exceeds, and how sharply, as a standard deviation of the logarithm.
    mean : array, shape (S, D, K, 7, 24)
        The mean waits, minutes.
    by_class : bool
        Whether the classes are kept apart.
    """
    beyond = jnp.log((mean + SHIFT) / (longest[0] + SHIFT)) / longest[1]
    lost = (jnp.maximum(beyond, 0.0) ** 2).sum(axis=(3, 4)) / (2 * HOURS)
    return jnp.asarray(lost if by_class else lost.sum(axis=2))


def misfit(panel: CrossingPanel, prior: SchedulePrior, given: Published, xi: Scores) -> Array:
    """Return half the squared distance from what was published, with what is not believed, shape (S, D)."""
    drawn = schedules(panel, prior, xi)
    mean = waits(drawn)
    shown = drawn.published_factor[..., None, None, None] * mean

    def distance(drawn_logs: Array, published_logs: Numbers, sd: Numbers) -> Array:
        return (((drawn_logs - published_logs) / sd) ** 2).sum(axis=(2, 3, 4)) / 2

    return (
        distance(jnp.log(shown + SHIFT), given.wait, given.wait_sd)
        + distance(jnp.log(shown + SHIFT), given.seen_wait, given.seen_wait_sd)
        + distance(jnp.log(drawn.booths), given.seen_booths, given.seen_booths_sd)
        + too_long(prior.longest, mean)
    )


@partial(jax.jit, static_argnames="steps")
def fit(
    panel: CrossingPanel, prior: SchedulePrior, start: Scores, given: Published, steps: int, rate: float = 0.1
) -> Scores:
    """Return the scores that fit each draw of what was published, by Adam (Kingma and Ba, 2015).

    Parameters
    ----------
    start : Scores
        The draws from the prior, from which the search begins and to which it stays near.
    given : Published
        What was published, with draws of its errors.
    steps : int
        The steps of the search.
    rate : float
        The length of a step at first; it falls to a hundredth along a cosine.
    """

    def objective(xi: Scores, weight: Array) -> Array:
        away = sum(((a - b) ** 2).sum() for a, b in zip(xi, start, strict=True)) / 2
        return away + weight * misfit(panel, prior, given, xi).sum()

    rule = optax.adam(optax.cosine_decay_schedule(rate, steps, alpha=0.01), b1=0.9, b2=0.99)

    def step(state: tuple[Scores, optax.OptState], t: Array) -> tuple[tuple[Scores, optax.OptState], None]:
        xi, moments = state
        gradient = jax.grad(objective)(xi, jnp.minimum(1.0, 10.0 ** (4 * t / steps - 2)))
        gradient = jax.tree.map(lambda g: jnp.nan_to_num(jnp.clip(g, -1e4, 1e4)), gradient)
        change, moments = rule.update(gradient, moments)
        return (optax.apply_updates(xi, change), moments), None

    (fitted, _), _ = jax.lax.scan(step, (start, rule.init(start)), jnp.arange(steps))
    return fitted


def month_staffing(given: DrawnSchedules, grown: Floats, wanted: Floats, halvings: int = 12) -> Array:
    """Return the factor of booths with which a month's mean waits come out as published.

    Parameters
    ----------
    given : DrawnSchedules
        The schedules of the mean month, with the leading axes (S, D).
    grown : array, shape (S,)
        The month's volume over that of the mean month.
    wanted : array, shape (S, K)
        The month's published mean wait over that of the year; NaN where it is not known.
    halvings : int
        The steps of the bisection.

    Returns
    -------
    array, shape (S, D, K)
        Between a half and two; 1 where `wanted` is not known.
    """
    known = np.isfinite(wanted)
    target = jnp.where(known, wanted, 1.0)[:, None] * waits(given).mean(axis=(3, 4))
    came = given.arrivals * jnp.asarray(grown)[:, None, None, None, None]

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = jnp.sqrt(low * high)
        tried = given._replace(arrivals=came, booths=given.booths * middle[..., None, None])
        longer = waits(tried).mean(axis=(3, 4)) > target
        return jnp.where(longer, middle, low), jnp.where(longer, high, middle)

    ends = (jnp.full(target.shape, 0.5), jnp.full(target.shape, 2.0))
    low, high = jax.lax.fori_loop(0, halvings, halve, ends)
    return jnp.where(known[:, None], jnp.sqrt(low * high), 1.0)


def calibrate(
    known: CrossingPanel,
    before: SchedulePrior,
    start: Scores,
    errors: tuple[Numbers, Numbers, Numbers],
    steps: int,
) -> tuple[DrawnSchedules, Floats]:
    """Return the fitted schedules with the leading axes (S, D), and half the squared misfit of each.

    Parameters
    ----------
    known : CrossingPanel
        What the record says of the crossings.
    before : SchedulePrior
        What is believed of them.
    start : Scores
        Draws of the prior.
    errors : three arrays, shape (S, D, K, 7, 24)
        Standard normal draws of the errors of published means, of waits and of open lanes of an instant.
    steps : int
        The steps of the fit.
    """
    given = published(known, before, errors)
    fitted = fit(known, before, start, given, steps)
    drawn = schedules(known, before, fitted)
    return DrawnSchedules(*map(np.asarray, drawn)), np.asarray(misfit(known, before, given, fitted))


def mean_profiles(modes: Sequence[str], known: CrossingPanel, drawn: DrawnSchedules) -> Profiles:
    """Return the mean log profile of the week by mode and class, over draws and over crossings with published waits.

    A class without any such crossing takes the profile of the mode's first class. Hours in which none was open take the
    mean of the week.
    """
    profiles: Profiles = {}
    for mode in dict.fromkeys(modes):
        for k in range(K):
            logs = []
            for crossing in np.flatnonzero([other == mode for other in modes]):
                if np.isfinite(known.wait[crossing, k]).any():
                    arrivals = np.asarray(drawn.arrivals[crossing, :, k])
                    is_open = (arrivals > 0).all(axis=0)
                    mean = arrivals.sum(axis=(1, 2), keepdims=True) / is_open.sum()
                    logs.append(
                        np.where(is_open, np.log(np.where(is_open, arrivals, 1.0) / mean), np.nan).mean(
                            axis=0
                        )
                    )
            if logs:
                there = np.isfinite(logs)
                profiles[mode, k] = np.where(there, logs, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
            else:
                profiles[mode, k] = profiles[mode, 0]
    return profiles
