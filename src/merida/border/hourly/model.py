"""The state of a lane class by the hour, and what CBP posts of it, as paths that JAX differentiates.

Work is counted in booth-hours: a vehicle brings 1 / service of them. With q the work in line when hour t begins,

    arrivals   a = exp(level + profile[t] + month + holiday + day - elastic * q / c + noise)
    booths     c = usual[t] * exp(supply) + response * (q - usual line[t]), between 1 and the most that were seen open
    line       q' = tau c softplus((q + a - c) / (tau c))
    wait       w = 60 (q + q') / (2 c) minutes
    posted     y = max(w * exp(estimate) - least, 0)

``day`` is an autoregression over days and ``supply`` over hours; ``tau`` stands for what comes unevenly within the hour,
so that there is some wait before a booth is full; ``elastic`` for those who put the trip off. The line is carried from
hour to hour and over midnight; whoever is in line when the lane closes is served. The loss is a proper score of what was
posted: the energy score (Gneiting & Raftery, 2007) of the wait of an hour, of three hours later and of a day later with
the booths of the hour, and the CRPS of each alone; its gradient runs along the simulated paths.
"""

from __future__ import annotations

from typing import NamedTuple

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
from jax import Array

HOURS, DAY = 168, 24
WARM = 24  # hours run before the week that is scored
LATER = 3  # hours between the readings that are scored together
SUPPLY = 0.8  # correlation of the supply of booths from one hour to the next
Parameters = dict[str, Array]
# Prior mean and standard deviation, over classes and within a class, of each lane's own numbers.
PRIOR = {
    "elastic": (-1.0, 0.7, 0.5),  # log, a fall of log arrivals for an hour of wait
    "response": (-1.6, 0.7, 0.5),  # log, booths for a booth-hour in line
    "day_sd": (-1.8, 0.5, 0.4),  # log
    "day_ar": (0.4, 0.5, 0.4),  # logit of the correlation
    "noise_sd": (-1.6, 0.5, 0.4),  # log
    "tau": (-1.8, 0.5, 0.5),  # log, hours
    "estimate_sd": (-1.4, 0.4, 0.4),  # log
    "least": (0.3, 0.5, 0.5),  # log, minutes
    "supply_sd": (-1.6, 0.5, 0.4),  # log
}
HOLIDAYS = 4


class Given(NamedTuple):
    """What is known of K lanes, arrays of single precision."""

    lane_class: Array  # (K,)
    usual_booths: Array  # (K, 168), 0 where closed
    usual_line: Array  # (K, 168) booth-hours
    most: Array  # (K,)
    scale: Array  # (K,) minutes, the spread of posted waits
    booths_scale: Array  # (K,)
    site: Array  # (K,)
    log_service: Array  # (K,) of the prior: served by a booth in an hour
    log_volume: Array  # (sites,) an hour
    start: Array  # (K, 168) level of arrivals to begin with, log booth-hours an hour


class Weeks(NamedTuple):
    """Some weeks, each with the day before it and the day after it; B weeks of 216 hours."""

    wait: Array  # (K, B, 216) minutes at the update; NaN where none
    booths: Array  # (K, B, 216)
    month: Array  # (B, 216)
    holiday: Array  # (B, 216), -1 for none
    weight: Array  # (B,)


def initial(given: Given, months: int) -> Parameters:
    """Return the unknowns where the prior has its mean."""
    lanes = len(given.most)
    each = {name: jnp.full(7, mean, jnp.float32) for name, (mean, _, _) in PRIOR.items()}
    own = {f"{name}.own": jnp.zeros(lanes, jnp.float32) for name in PRIOR}
    return each | own | {
        "profile": jnp.zeros((lanes, HOURS), jnp.float32),
        "month": jnp.zeros((lanes, months), jnp.float32),
        "holiday": jnp.zeros((7, HOLIDAYS), jnp.float32),
        "service": jnp.zeros(lanes, jnp.float32),
    }  # fmt: skip


def of_lane(unknown: Parameters, lane_class: Array, name: str) -> Array:
    """Return a number of each lane: its class's and its own departure from it."""
    return unknown[name][lane_class] + PRIOR[name][2] * unknown[f"{name}.own"]


class Path(NamedTuple):
    """Simulated paths: hours first, then lanes, weeks and paths."""

    posted: Array
    booths: Array
    served: Array


def simulate(unknown: Parameters, given: Given, month: Array, holiday: Array, paths: int, key: Array) -> Path:
    """Return paths of weeks that begin on a Sunday at midnight, of as many hours as `month` has, shape (T, K, B, S).

    Parameters
    ----------
    unknown : dict of str to Array
        The unknowns, as `initial` names them.
    given : Given
        What is known of the lanes.
    month, holiday : Array, shape (B, T)
        The month, an index of ``unknown["month"]``, and the kind of holiday or -1, of each hour.
    paths : int
        The number of paths of each week.
    key : Array
        The random key.
    """
    (weeks, hours), lanes = month.shape, len(given.most)
    size = (lanes, weeks, paths)
    elastic, response, day_sd, noise_sd, tau, estimate, least, supply_sd = (
        jnp.exp(of_lane(unknown, given.lane_class, name))[:, None, None]
        for name in ("elastic", "response", "day_sd", "noise_sd", "tau", "estimate_sd", "least", "supply_sd")
    )
    ar = jax.nn.sigmoid(of_lane(unknown, given.lane_class, "day_ar"))[:, None, None]
    keys = jax.random.split(key, 4)
    z_day = jax.random.normal(keys[0], (hours // DAY + 1, *size), jnp.float32)

    def next_day(before: Array, z: Array) -> tuple[Array, Array]:
        now = ar * before + jnp.sqrt(1 - ar**2) * z
        return now, now

    _, days = jax.lax.scan(next_day, z_day[0], z_day[1:])
    hour_of_week = (jnp.arange(hours) + HOURS - DAY) % HOURS
    base = (given.start + unknown["profile"])[:, hour_of_week]  # (K, T)
    effect = jnp.concatenate([unknown["holiday"], jnp.zeros((7, 1), jnp.float32)], axis=1)
    log_arrivals = (
        base[:, None]
        + unknown["month"][:, month]
        + effect[given.lane_class][:, holiday]  # index -1 is the column of zeros
    )
    usual = given.usual_booths[:, hour_of_week]
    line = given.usual_line[:, hour_of_week]
    z = jax.random.normal(keys[1], (hours, 3, *size), jnp.float32)

    def step(state: tuple[Array, Array], at: tuple[Array, ...]) -> tuple[tuple[Array, Array], Path]:
        work, supply = state
        log_a, open_usual, usual_line, day, shock = at
        is_open = open_usual[:, None, None] > 0
        supply = SUPPLY * supply + jnp.sqrt(1 - SUPPLY**2) * shock[0]
        wish = open_usual[:, None, None] * jnp.exp(supply_sd * supply) + response * (
            work - usual_line[:, None, None]
        )
        booths = jnp.clip(wish, 1.0, given.most[:, None, None])
        hours_waited = work / booths
        arrivals = jnp.exp(
            log_a[:, :, None]
            + day_sd * day
            + noise_sd * shock[1]
            - elastic * hours_waited
            - (day_sd**2 + noise_sd**2) / 2
        )
        after = tau * booths * jax.nn.softplus((work + arrivals - booths) / (tau * booths))
        after = jnp.where(is_open, after, 0.0)
        wait = 30 * (work + after) / booths
        read = jnp.maximum(wait * jnp.exp(estimate * shock[2] - estimate**2 / 2) - least, 0.0)
        served = jnp.where(is_open, work + arrivals - after, 0.0)
        return (after, supply), Path(read, booths, served)

    first = (
        line[:, 0, None, None] * jnp.ones(size, jnp.float32),
        jax.random.normal(keys[2], size, jnp.float32),
    )
    inputs = (jnp.moveaxis(log_arrivals, 2, 0), usual.T, line.T, jnp.repeat(days, DAY, axis=0)[:hours], z)
    _, path = jax.lax.scan(step, first, inputs)
    return path


def crps(sample: Array, seen: Array) -> Array:
    """Return the CRPS of samples, unbiased over pairs of neighbours, shape (T, K, B); the paths are the last axis.

    Parameters
    ----------
    sample : Array, shape (T, K, B, S)
    seen : Array, shape (T, K, B)
    """
    off = jnp.abs(sample - seen[..., None]).mean(axis=-1)
    apart = sum(jnp.abs(sample - jnp.roll(sample, by, axis=-1)).mean(axis=-1) for by in (1, 3)) / 2
    return off - apart / 2


def energy(parts: list[tuple[Array, Array]]) -> Array:
    """Return the energy score of several things read together, each in units of its own spread."""

    def length(apart: list[Array]) -> Array:
        return jnp.sqrt(sum(one**2 for one in apart) + 1e-6)

    off = length([sample - seen[..., None] for sample, seen in parts]).mean(axis=-1)
    between = length([sample - jnp.roll(sample, 2, axis=-1) for sample, _ in parts]).mean(axis=-1)
    return off - between / 2


def loss(unknown: Parameters, given: Given, weeks: Weeks, paths: int, all_weeks: float, key: Array) -> Array:
    """Return the score of the weeks, as of all of them, less the logarithm of the prior."""
    path = simulate(unknown, given, weeks.month, weeks.holiday, paths, key)
    scale, booths_scale = given.scale[:, None], given.booths_scale[:, None]

    def seen(values: Array, first: int) -> tuple[Array, Array]:
        window = jnp.moveaxis(values[:, :, first : first + HOURS], 2, 0)
        return jnp.nan_to_num(window), jnp.isfinite(window)

    posted = path.posted / scale[..., None]
    booths = path.booths[WARM : WARM + HOURS] / booths_scale[..., None]
    now, later, day_later = (posted[first : first + HOURS] for first in (WARM, WARM + LATER, WARM + DAY))
    (y, known), (y3, known3), (y24, known24) = (
        seen(weeks.wait / scale[..., None], first) for first in (WARM, WARM + LATER, WARM + DAY)
    )
    c, known_c = seen(weeks.booths / booths_scale[..., None], WARM)
    alone = jnp.where(known, crps(now, y), 0.0) + 0.5 * jnp.where(known_c, crps(booths, c), 0.0)
    joint = known & known3 & known24 & known_c
    together = jnp.where(joint, energy([(now, y), (later, y3), (day_later, y24), (booths, c)]), 0.0)
    score = ((alone + 0.5 * together).sum(axis=0) * weeks.weight).sum() * all_weeks / weeks.weight.sum()
    return score + penalty(unknown, given, path)


def penalty(unknown: Parameters, given: Given, path: Path) -> Array:
    """Return minus the logarithm of the prior, and of the volumes that the lanes of a crossing serve together."""
    total = jnp.asarray(0.0, jnp.float32)
    for name, (mean, sd, _) in PRIOR.items():
        total += (((unknown[name] - mean) / sd) ** 2).sum() / 2 + (unknown[f"{name}.own"] ** 2).sum() / 2
    is_open = given.usual_booths > 0
    profile = jnp.where(is_open, unknown["profile"], 0.0)
    bend = profile - (jnp.roll(profile, 1, axis=1) + jnp.roll(profile, -1, axis=1)) / 2
    by_day = profile.reshape(-1, 7, DAY)
    apart = by_day - by_day.mean(axis=1, keepdims=True)
    total += (
        (bend**2).sum() / (2 * 0.15**2) + (profile**2).sum() / (2 * 0.6**2) + (apart**2).sum() / (2 * 0.3**2)
    )
    month = unknown["month"]
    total += (month**2).sum() / (2 * 0.15**2) + (jnp.diff(month, axis=1) ** 2).sum() / (2 * 0.08**2)
    total += (month.mean(axis=1) ** 2).sum() / (2 * 0.01**2)
    total += (unknown["holiday"] ** 2).sum() / (2 * 0.3**2) + (unknown["service"] ** 2).sum() / (2 * 0.3**2)
    crossed = path.served[WARM:].mean(axis=(0, 2, 3)) * jnp.exp(given.log_service + unknown["service"])
    known = given.site >= 0
    of_site = jax.ops.segment_sum(
        jnp.where(known, crossed, 0.0), jnp.where(known, given.site, 0), len(given.log_volume)
    )
    off = jnp.log(jnp.maximum(of_site, 1e-6)) - given.log_volume
    return total + (off**2).sum() / (2 * 0.2**2)
