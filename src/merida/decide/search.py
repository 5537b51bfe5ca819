"""The search: slopes of an objective by dollars, and exponentiated gradient descent along them.

The objective is expected homicides, or hours lost at the ports. The slope is taken draw by draw (one draw's gradient
fits in memory, that of a mean over draws does not), in chunks of one fixed shape on a thread per core, so that the
number of threads changes no byte. The descent is that of Kivinen and Warmuth (1997): shares of a purse, multiplied by
the exponential of their slopes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.decide.rules import Choices
from merida.distributions import Floats
from merida.ensemble.parameter_draws import Drawn
from merida.ensemble.run import CHUNK, by_cell, pasts, trajectories
from merida.framework import Plan, PlanRow
from merida.models.registry import outcomes
from merida.models.socket import system
from merida.models.socket.domain import Domain
from merida.models.socket.mechanism import Mechanism, Run

OUTCOME = {"homicides": "homicides", "delay": "border_delay"}  # the outcome of each objective
OBJECTIVES = tuple(OUTCOME)

Slopes = Callable[[Floats, int | None], tuple[Floats, Floats]]


def base(domain: Domain, draws: int, first: int = 0) -> Floats:
    """Return the forecast by draw, month and cell, of the draws from `first` up to `draws`."""
    rates = (np.exp(domain.forecast.log_rates(draw)) for draw in range(first, draws))
    return np.stack([by_cell(domain, by_place).T for by_place in rates])


@cache
def differentiated(objective: str = OBJECTIVES[0]) -> Callable[..., tuple[jax.Array, jax.Array]]:
    """Return the objective and its slope by line and place, draw by draw, compiled once for each shape."""
    outcome = outcomes()[OUTCOME[objective]]

    def lost(
        money: jax.Array, mechanisms: tuple[Mechanism, ...], inputs: Any, draw: Any, counted: Any, first: int
    ) -> Any:
        theta, forecast, reference, memory = draw
        plan = system.trajectory(mechanisms, theta, inputs, money, first, memory)
        monthly = outcome.monthly(Run(theta, plan, reference, forecast))
        return jnp.sum(counted[:, None] * monthly) / outcome.scale

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
            return value, jnp.einsum("t,tlq->lq", spent, gradient)

        found: tuple[jax.Array, jax.Array] = jax.lax.map(of_draw, draws)
        return found

    return jax.jit(chunk, static_argnames=("mechanisms", "first"))


def slopes(
    domain: Domain,
    drawn: Drawn,
    bases: Floats,
    history: Plan,
    continuation: Plan,
    objective: str = OBJECTIVES[0],
) -> Slopes:
    """Return a function of money: the objective by draw, and its slope by dollars a year to each line and place.

    The function takes dollars as `Domain.money` gives them, with the continuation's history, and the years from the
    plans' start in which it is counted (None: all). It returns arrays of shape (draws,) and (draws, lines, places). A
    dollar a year is one in every year in which the continuation spends.

    Parameters
    ----------
    bases : array, shape (draws, months, cells)
        The forecast, from `base`.
    history, continuation : Plan
        What the forecast is conditional on.
    objective : {"homicides", "delay"}
        Expected homicides, or million hours lost at the ports.
    """
    row = continuation.rows[0]
    spent = domain.running(row) / 12.0
    start = domain.offset(domain.start) - domain.first
    reference = domain.money(history, continuation)
    chunks = []
    for first in range(0, drawn.count, CHUNK):
        numbers = np.minimum(np.arange(first, first + CHUNK), drawn.count - 1)  # the last chunk is padded
        theta = jax.tree.map(lambda values, numbers=numbers: np.asarray(values)[numbers], drawn.theta)
        memory = pasts(domain, theta, reference)
        path = trajectories(domain, theta, reference, memory)
        heard = {name: path[name] for name in outcomes()[OUTCOME[objective]].reads}
        chunks.append((theta, bases[numbers], heard, memory))

    def slope(money: Floats, years: int | None = None) -> tuple[Floats, Floats]:
        counted = np.zeros(bases.shape[1])
        counted[start : None if years is None else start + 12 * years] = 1.0
        assert np.array_equal(money[: domain.first], reference[: domain.first])  # `memory` is of this past
        call = differentiated(objective)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(
                pool.map(
                    lambda one: jax.tree.map(
                        np.asarray,
                        call(
                            money, spent, counted, domain.mechanisms, domain.inputs, one, first=domain.first
                        ),
                    ),
                    chunks,
                )
            )
        values, gradients = (np.concatenate(parts)[: drawn.count] for parts in zip(*found, strict=True))
        return values, gradients

    return slope


def descent(
    slope: Slopes,
    domain: Domain,
    past: Floats,
    chosen: Choices,
    share: Floats,
    steps: int,
    step_done: Callable[[], None],
) -> Floats:
    """Return the shares to which the slopes lead from others, in so many steps."""
    months = np.flatnonzero(domain.running(chosen.rows[0]))[:, None]
    line, place = where(domain, chosen.rows)
    for step in range(steps):
        money = past.copy()
        np.add.at(money, (months, line, place), share * chosen.pool / 12)
        _, gradients = slope(money, None)
        gradient = gradients.mean(axis=0)[line, place] * chosen.pool
        share = descend(share, gradient, chosen, 1.0 / np.sqrt(1 + step / 4))
        step_done()
    return share


def where(domain: Domain, rows: Sequence[PlanRow]) -> tuple[Any, Any]:
    """Return line and place of each row that money can go to."""
    line = np.array([domain.line(row) for row in rows])
    return line, np.array([domain.places.index(row.place) for row in rows])


def descend(share: Floats, gradient: Floats, chosen: Choices, rate: float) -> Floats:
    """Return shares after one exponentiated step: the best row of each purse gains most."""
    change = np.zeros_like(share)
    for purse in np.unique(chosen.purse):
        mine = chosen.purse == purse
        slope = gradient[mine] - gradient[mine].min()
        change[mine] = -rate * slope / max(float(slope.std()), 1e-300)
    return chosen.normalised(share * np.exp(np.maximum(change, -20.0)) + 1e-12)
