"""The joint fit of all lane classes, and its draws: the same weeks, drawn anew, fitted again from where the fit ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax
from jax import Array

from merida.border.crossings.sites import CLASSES as LANES_OF_MODE
from merida.border.crossings.sites import MODES
from merida.border.hourly.model import DAY, HOURS, Given, Parameters, Weeks, initial, loss
from merida.border.hourly.readings import CLASSES, Readings, holidays_of, months_of
from merida.border.priors import PRIORS
from merida.distributions import Floats

WEEK = DAY + HOURS + DAY  # hours: with the day before and the day after
BATCH, PATHS = 4, 8  # weeks a step, paths of each
STEP = 0.03  # of Adam, at the start
WEIGHT = 0.3  # of a score, beside a unit of log prior: hours that follow one another say little more than one
SMOOTH = np.exp(-0.5 * (np.arange(-2, 3) / 0.8) ** 2)
Progress = Callable[[int, int], None]


class Panel(NamedTuple):
    """All weeks of the readings, each with the day before and the day after, and what is known of the lanes."""

    given: Given
    wait: Floats  # (W, K, 216)
    booths: Floats  # (W, K, 216)
    month: Floats  # (W, 216)
    holiday: Floats  # (W, 216)


def smoothed(by_hour: Floats, weight: Floats) -> Floats:
    """Return weighted means by hour of the week, smoothed over neighbouring hours, shape (K, 168); NaN where none."""
    total, mass = (
        sum(factor * np.roll(values, by, axis=1) for factor, by in zip(SMOOTH, range(-2, 3), strict=True))
        for values in (by_hour * weight, weight)
    )
    with np.errstate(invalid="ignore"):
        return np.asarray(total / mass)


def by_hour_of_week(values: Floats) -> tuple[Floats, Floats]:
    """Return the mean of values by hour of the week and how many there are, shape (K, 168)."""
    table = values.reshape(len(values), -1, HOURS)
    count = np.isfinite(table).sum(axis=1)
    return np.nansum(table, axis=1) / np.maximum(count, 1), count.astype(np.float64)


def open_hours(read: Readings) -> Floats:
    """Return 1 where a lane class is open in most weeks, shape (K, 168)."""
    is_open = np.isfinite(read.wait).reshape(len(read.keys), -1, HOURS).sum(axis=1)
    closed = read.closed.reshape(len(read.keys), -1, HOURS).sum(axis=1)
    return np.asarray(is_open > closed, dtype=np.float64)


def service_of(lane_class: tuple[str, str]) -> float:
    """Return what a booth of a class serves in an hour, as the calibration assumes it."""
    group, kind = lane_class
    mode = next(mode for mode, (_, of) in MODES.items() if of == group)
    lane = next(name for name, of in LANES_OF_MODE[mode].items() if of == kind)
    return 60 / PRIORS.number(f"border.calibration.service_minutes.{mode}.{lane}")


def panel(read: Readings) -> Panel:
    """Return the readings as the fit takes them: the weeks, and where the search starts."""
    wait, wait_count = by_hour_of_week(read.updated)
    lanes, lane_count = by_hour_of_week(read.booths)
    is_open = open_hours(read)
    usual = np.where(is_open > 0, np.maximum(np.nan_to_num(smoothed(lanes, lane_count), nan=1.0), 1.0), 0.0)
    minutes = np.where(is_open > 0, np.nan_to_num(smoothed(wait, wait_count)), 0.0)
    line = minutes / 60 * usual
    busy = np.clip(0.35 + 0.06 * minutes, 0, 1.0)
    arrivals = np.maximum(np.roll(line, -1, axis=1) - line + busy * usual, 0.1 * np.maximum(usual, 1.0))
    arrivals *= np.exp(0.3 * minutes / 60)  # those who put the trip off
    most = np.maximum(np.nanmax(read.booths, axis=1), 1.0)
    served = np.array([service_of(CLASSES[one]) for one in read.lane_class])
    scale = np.maximum(np.nanstd(read.updated, axis=1), 1.0)
    single = partial(jnp.asarray, dtype=jnp.float32)
    given = Given(
        jnp.asarray(read.lane_class), single(usual), single(line), single(most), single(scale),
        single(np.maximum(np.nanstd(read.booths, axis=1), 0.5)), jnp.asarray(read.site), single(np.log(served)),
        single(np.log(read.volume)), single(np.log(arrivals)),
    )  # fmt: skip
    hours = read.wait.shape[1]
    starts = np.arange(HOURS - DAY, hours - HOURS, HOURS)
    past = np.pad(read.updated, ((0, 0), (0, DAY)), constant_values=np.nan)
    lanes_open = np.pad(read.booths, ((0, 0), (0, DAY)), constant_values=np.nan)
    month, holiday = (np.pad(of(hours), (0, DAY), mode="edge") for of in (months_of, holidays_of))

    def weeks(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.stack([values[..., start : start + WEEK] for start in starts])

    return Panel(
        given,
        weeks(past).astype(np.float32),
        weeks(lanes_open).astype(np.float32),
        weeks(month),
        weeks(holiday),
    )


@cache
def adam(step: float, steps: int) -> optax.GradientTransformation:
    """Return the optimiser; the same one for the same numbers, so that a step is compiled once."""
    return optax.adam(optax.cosine_decay_schedule(step, steps, 0.05))


@partial(jax.jit, static_argnames=("optimiser", "paths"))
def stepped(
    unknown: Parameters,
    state: optax.OptState,
    given: Given,
    weeks: Weeks,
    all_weeks: float,
    key: Array,
    optimiser: optax.GradientTransformation,
    paths: int,
) -> tuple[Parameters, optax.OptState, Array]:
    """Return the unknowns after one step down the gradient, and the score before it."""
    score, gradient = jax.value_and_grad(loss)(unknown, given, weeks, paths, all_weeks, key)
    change, state = optimiser.update(gradient, state, unknown)
    return optax.apply_updates(unknown, change), state, score


def search(
    known: Panel,
    unknown: Parameters,
    steps: int,
    seed: int,
    chance: Floats | None = None,
    step: float = STEP,
    progress: Progress = lambda *_: None,
) -> tuple[Parameters, list[float]]:
    """Minimise the score from where the unknowns are.

    Parameters
    ----------
    chance : array, shape (W,), or None
        How often each week is drawn; None: all alike.
    """
    count = len(known.wait)
    optimiser = adam(step, steps)
    state = optimiser.init(unknown)
    random = np.random.default_rng(seed)
    scores = []
    for number in range(steps):
        chosen = random.choice(count, min(BATCH, count), replace=chance is not None, p=chance)
        weeks = Weeks(
            jnp.asarray(np.moveaxis(known.wait[chosen], 0, 1)),
            jnp.asarray(np.moveaxis(known.booths[chosen], 0, 1)),
            jnp.asarray(known.month[chosen]),
            jnp.asarray(known.holiday[chosen]),
            jnp.ones(len(chosen), jnp.float32),
        )
        key = jax.random.key(int(random.integers(2**31)), impl="rbg")
        unknown, state, score = stepped(
            unknown, state, known.given, weeks, WEIGHT * count, key, optimiser, PATHS
        )
        scores.append(float(score))
        progress(number + 1, steps)
    return unknown, scores


def draws(
    known: Panel, best: Parameters, count: int, steps: int, seed: int, progress: Progress = lambda *_: None
) -> list[Parameters]:
    """Return the unknowns fitted again to weeks drawn with replacement, `count` times, from where the fit ended."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        weight = random.multinomial(len(known.wait), np.full(len(known.wait), 1 / len(known.wait)))
        chance = weight / weight.sum()
        moved, _ = search(known, best, steps, seed + 1 + number, chance, STEP / 2)
        found.append(moved)
        progress(number + 1, count)
    return found


def begin(known: Panel) -> Parameters:
    """Return where the search starts."""
    return initial(known.given, int(known.month.max()) + 1)
