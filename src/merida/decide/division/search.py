"""Slopes of a goal by dollars, through the whole system and draw by draw.

A goal is a weighted set of registered outcomes, month by month. The slope is taken draw by draw (one draw's gradient fits
in memory, that of a mean over draws does not), in chunks of one fixed shape on a thread per core, so that the number of
threads changes no byte.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.distributions import Floats
from merida.ensemble.parameter_draws import Drawn
from merida.ensemble.run import CHUNK, by_cell, of_chunk, pasts, trajectories
from merida.framework import PlanRow
from merida.models.registry import outcomes
from merida.models.socket import system
from merida.models.socket.domain import Domain
from merida.models.socket.mechanism import Mechanism, Outcome, Run
from merida.models.two_levels import TwoLevels

OUTCOME = {
    "homicides": "homicides",
    "delay": "border_delay",
}  # the outcome of each objective that has a name of its own
OBJECTIVES = tuple(OUTCOME)

Slopes = Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Goal:
    """What is to be small.

    Parameters
    ----------
    outcomes : tuple of str
        Registered outcomes.
    weights : array, shape (outcomes, months)
        What one of an outcome's unit in a month of the forecast counts; below 0 where more of it is good.
    """

    outcomes: tuple[str, ...]
    weights: Floats


def goal_of(
    domain: Domain, weights: Mapping[str, float], years: int | None = None, rate: float = 0.0
) -> Goal:
    """Return the goal of weights by outcome.

    Parameters
    ----------
    weights : mapping of str to float
        How much one of the outcome's unit counts, above 0; its sign is the outcome's own.
    years : int or None
        Years from the plans' start that count (None: all).
    rate : float
        Discount rate a year, from the plans' start.
    """
    start = domain.offset(domain.start) - domain.first
    counted = np.zeros(domain.months - domain.first)
    counted[start : None if years is None else start + 12 * years] = 1.0
    counted *= (1 + rate) ** -np.floor(np.maximum(np.arange(len(counted)) - start, 0) / 12)
    signs = [
        weight * (1.0 if outcomes()[name].good == "less" else -1.0) / outcomes()[name].scale
        for name, weight in weights.items()
    ]
    return Goal(tuple(weights), np.array(signs)[:, None] * counted)


def base(domain: Domain, draws: int, first: int = 0) -> Floats:
    """Return the forecast by draw, month and cell, of the draws from `first` up to `draws`."""
    rates = (np.exp(domain.forecast.log_rates(draw)) for draw in range(first, draws))
    return np.stack([by_cell(domain, by_place).T for by_place in rates])


def counted_goal(chosen: Sequence[Outcome], run: Run, counted: Any) -> Any:
    """Return the goal in one draw: chosen outcomes by month, as they count."""
    return sum(
        jnp.sum(weights[:, None] * one.monthly(run)) for one, weights in zip(chosen, counted, strict=True)
    )


def chunks_of(
    on: Domain | TwoLevels, drawn: Drawn, bases: Floats, past: Floats, reference: Any, goal: Goal
) -> list[tuple[Any, Floats, Any, Any]]:
    """Return what a value with its slopes takes of each chunk of draws: parameters, forecast, reference and past.

    Parameters
    ----------
    bases : array, shape (draws, months, cells)
        The forecast, from `base`.
    past, reference : array
        The dollars of the reference as `pasts` and as `trajectories` take them.
    """
    chunks = []
    for first in range(0, drawn.count, CHUNK):
        numbers = np.minimum(np.arange(first, first + CHUNK), drawn.count - 1)  # the last chunk is padded
        _, theta = of_chunk(drawn, first)
        memory = pasts(on, theta, past)
        path = trajectories(on, theta, reference, memory)
        heard = {name: path[name] for one in goal.outcomes for name in outcomes()[one].reads}
        chunks.append((theta, bases[numbers], heard, memory))
    return chunks


def over_chunks(
    one: Callable[[Any], tuple[Floats, Floats]], chunks: Sequence[Any], count: int
) -> tuple[Floats, Floats]:
    """Return values and slopes by draw, chunks on a thread per core, without what pads the last one."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(one, chunks))
    values, slopes = (np.concatenate(parts)[:count] for parts in zip(*found, strict=True))
    return values, slopes


@cache
def differentiated(names: tuple[str, ...] = OBJECTIVES[:1]) -> Callable[..., tuple[jax.Array, jax.Array]]:
    """Return the goal and its slope by window, line and place, draw by draw, compiled once for each shape."""
    chosen = [outcomes()[name] for name in names]

    def lost(
        money: jax.Array, mechanisms: tuple[Mechanism, ...], inputs: Any, draw: Any, counted: Any, first: int
    ) -> Any:
        theta, forecast, reference, memory = draw
        plan = system.trajectory(mechanisms, theta, inputs, money, first, memory)
        run = Run(theta, plan, reference, forecast)
        return counted_goal(chosen, run, counted)

    def chunk(
        money: jax.Array,
        spent: jax.Array,
        counted: jax.Array,
        mechanisms: tuple[Mechanism, ...],
        inputs: Any,
        draws: tuple[Any, jax.Array, Any, Any],
        first: int,
    ) -> tuple[jax.Array, jax.Array]:
        def of_draw(draw: tuple[Any, jax.Array, Any, Any]) -> tuple[jax.Array, jax.Array]:
            value, gradient = jax.value_and_grad(lost)(money, mechanisms, inputs, draw, counted, first)
            return value, jnp.einsum("wt,tlq->wlq", spent, gradient)

        found: tuple[jax.Array, jax.Array] = jax.lax.map(of_draw, draws)
        return found

    return jax.jit(chunk, static_argnames=("mechanisms", "first"))


def slopes(
    domain: Domain,
    drawn: Drawn,
    bases: Floats,
    reference: Floats,
    goal: Goal,
    spent: Floats,
) -> Slopes:
    """Return a function of money: the goal by draw, and its slope by dollars a year to each window, line and place.

    The function takes dollars as `Domain.money` gives them, with the reference's history. It returns arrays of shape
    (draws,) and (draws, windows, lines, places).

    Parameters
    ----------
    bases : array, shape (draws, months, cells)
        The forecast, from `base`.
    reference : array, shape (months, lines, places)
        The dollars that the forecast is conditional on.
    spent : array, shape (windows, months)
        The part of a dollar a year that falls in each month, by window of spending.
    """
    chunks = chunks_of(domain, drawn, bases, reference, reference, goal)

    def slope(money: Floats) -> tuple[Floats, Floats]:
        assert np.array_equal(money[: domain.first], reference[: domain.first])  # `memory` is of this past
        call = differentiated(goal.outcomes)

        def one(draws: Any) -> tuple[Floats, Floats]:
            found = call(
                money, spent, goal.weights, domain.mechanisms, domain.inputs, draws, first=domain.first
            )
            return np.asarray(found[0]), np.asarray(found[1])

        return over_chunks(one, chunks, drawn.count)

    return slope


def where(domain: Domain, rows: Sequence[PlanRow]) -> tuple[Any, Any]:
    """Return line and place of each row that money can go to."""
    line = np.array([domain.line(row) for row in rows])
    return line, np.array([domain.places.index(row.place) for row in rows])


def window(domain: Domain, row: PlanRow) -> Floats:
    """Return the part of a dollar a year that a row gives in each month, shape (1, months)."""
    return domain.running(row)[None] / 12.0


def now(slope: Slopes, money: Floats) -> Floats:
    """Return the mean slope over draws in the one window asked for, shape (lines, places)."""
    return np.asarray(slope(money)[1].mean(axis=0)[0], dtype=np.float64)
