"""What further money would do: a plan with the money simulated beside the plan without it, on the same draws.

The slope of an outcome by dollars, multiplied by a million, is not what a million does where the response is curved:
the first certificates of trusted traders save much and the next ones little. Here both plans run through the system as
they do in `merida.ensemble.run`, and the difference is taken draw by draw.
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

from merida.decide.search import OUTCOME
from merida.distributions import Floats
from merida.ensemble.parameter_draws import Drawn
from merida.ensemble.run import CHUNK, trajectories, yearly
from merida.framework import Plan, PlanRow
from merida.models.registry import outcomes
from merida.models.socket import system
from merida.models.socket.domain import Domain
from merida.models.socket.mechanism import Mechanism, Run


@cache
def simulated(objectives: tuple[str, ...]) -> Callable[..., jax.Array]:
    """Return the outcomes under a plan with money added, shape (draws, objectives, months), compiled for each shape."""
    chosen = [outcomes()[OUTCOME[objective]] for objective in objectives]

    def chunk(
        money: jax.Array,
        added: tuple[int, jax.Array],
        mechanisms: tuple[Mechanism, ...],
        inputs: Any,
        draws: tuple[Any, Any, Any],
        first: int,
    ) -> jax.Array:
        line, dollars = added
        together = money.at[:, line].add(dollars)

        def of_draw(draw: tuple[Any, Any, Any]) -> jax.Array:
            theta, forecast, reference = draw
            run = Run(
                theta, system.trajectory(mechanisms, theta, inputs, together, first), reference, forecast
            )
            return jnp.stack([jnp.sum(outcome.monthly(run), axis=1) / outcome.scale for outcome in chosen])

        return jnp.asarray(jax.lax.map(of_draw, draws))

    return jax.jit(chunk, static_argnames=("mechanisms", "first"))


def gains(
    domain: Domain,
    drawn: Drawn,
    bases: Floats,
    plans: tuple[Plan, ...],
    reference: tuple[Plan, ...],
    rows: Sequence[PlanRow],
    objectives: Sequence[str],
    first: int = 0,
) -> Floats:
    """Return what each of several rows of money would avert or save, added to a plan one at a time.

    Parameters
    ----------
    bases : array, shape (draws, months, cells)
        The forecast in the draws asked for, from `search.base`.
    plans : tuple of Plan
        What the money is added to: history, and the plan.
    reference : tuple of Plan
        What the forecast is conditional on: history, and the continuation.
    rows : sequence of PlanRow
        The money, each row by itself.
    objectives : sequence of {"homicides", "delay"}
        Homicides averted, or million hours saved at the ports.
    first : int
        The number of the first draw in `drawn` that is asked for.

    Returns
    -------
    array, shape (objectives, draws, rows, years)
    """
    call = simulated(tuple(objectives))
    heard = {signal for objective in objectives for signal in outcomes()[OUTCOME[objective]].reads}
    money, given = domain.money(*plans), domain.money(*reference)
    nothing = (0, np.zeros((domain.months, len(domain.places))))
    added = [nothing] + [
        (domain.line(row), row.usd_per_year / 12 * domain.running(row)[:, None] * domain.spread(row)[None])
        for row in rows
    ]
    start = domain.offset(domain.start) - domain.first
    size = min(CHUNK, len(bases))

    def prepared(begin: int) -> tuple[Any, Any, Any]:
        numbers = np.minimum(np.arange(begin, begin + size), len(bases) - 1)  # the last chunk is padded
        theta = jax.tree.map(lambda values: np.asarray(values)[first + numbers], drawn.theta)
        signals = trajectories(domain, theta, given)
        return theta, bases[numbers], {name: signals[name] for name in heard}

    def by_year(draws: tuple[Any, Any, Any], extra: tuple[int, Floats]) -> Floats:
        by_month = call(money, extra, domain.mechanisms, domain.inputs, draws, first=domain.first)
        return yearly(np.asarray(by_month)[:, :, start:])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [
            [pool.submit(by_year, draws, extra) for extra in added]
            for draws in pool.map(prepared, range(0, len(bases), size))
        ]
        by_chunk = [np.stack([future.result() for future in futures], axis=2) for futures in parts]
    outcome = np.moveaxis(np.concatenate(by_chunk)[: len(bases)], 1, 0)
    return np.asarray(outcome[:, :, :1] - outcome[:, :, 1:], dtype=np.float64)
