"""What further money would do: a plan with the money simulated beside the plan without it, on the same draws.

The slope of an outcome by dollars, multiplied by a million, is not what a million does where the response is curved:
the first certificates of trusted traders save much and the next ones little. Here both plans run through the system as
they do in `merida.ensemble.run`, and the difference is taken draw by draw. For homicides all rows share a few such runs
(`lever_by_lever`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.decide.division.search import OUTCOME
from merida.decide.marginal import lever_by_lever
from merida.distributions import Floats
from merida.ensemble.parameter_draws import Drawn
from merida.ensemble.run import CHUNK, pasts, trajectories, yearly
from merida.framework import Plan, PlanRow
from merida.models.registry import outcomes
from merida.models.socket import system
from merida.models.socket.domain import Domain
from merida.models.socket.mechanism import Mechanism, Run
from merida.models.violence import HOMICIDES
from merida.progress import Counted, tell


@cache
def simulated(objective: str) -> Callable[..., jax.Array]:
    """Return the outcome under a plan with money added to a line, shape (draws, months), compiled for each shape."""
    outcome = outcomes()[OUTCOME[objective]]

    def chunk(
        money: jax.Array,
        added: tuple[int, jax.Array],
        mechanisms: tuple[Mechanism, ...],
        inputs: Any,
        draws: tuple[Any, Any, Any, Any],
        first: int,
    ) -> jax.Array:
        line, dollars = added
        together = money.at[:, line].add(dollars)

        def of_draw(draw: tuple[Any, Any, Any, Any]) -> jax.Array:
            theta, forecast, reference, memory = draw
            plan = system.trajectory(mechanisms, theta, inputs, together, first, memory)
            run = Run(theta, plan, reference, forecast)
            return jnp.sum(outcome.monthly(run), axis=1) / outcome.scale

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
    progress: Counted = lambda *_: None,
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
    progress : callable
        Called with (parts done, parts in all).

    Returns
    -------
    array, shape (objectives, draws, rows, years)
    """
    money, given = domain.money(*plans), domain.money(*reference)
    heard = {signal for objective in objectives for signal in outcomes()[OUTCOME[objective]].reads}
    if np.array_equal(money, given) and [OUTCOME[objective] for objective in objectives] == [HOMICIDES.name]:
        heard = set()  # money is added to the reference itself
    assert np.array_equal(
        money[: domain.first], given[: domain.first]
    )  # one past, so that it is computed once
    dollars = [
        row.usd_per_year / 12 * domain.running(row)[:, None] * domain.spread(row)[None] for row in rows
    ]
    start = domain.offset(domain.start) - domain.first
    size = min(CHUNK, len(bases))

    def prepared(begin: int) -> tuple[Any, Any, Any, Any]:
        numbers = np.minimum(np.arange(begin, begin + size), len(bases) - 1)  # the last chunk is padded
        theta = jax.tree.map(lambda values: np.asarray(values)[first + numbers], drawn.theta)
        memory = pasts(domain, theta, given)
        signals = trajectories(domain, theta, given, memory) if heard else {}
        return theta, bases[numbers], {name: signals[name] for name in heard}, memory

    def together(draws: Any) -> Floats:
        added, chosen = lever_by_lever.of_levers(domain, rows, dollars)
        call = lever_by_lever.compiled()
        by_month = call(money, added, chosen, domain.mechanisms, domain.inputs, draws, first=domain.first)
        return yearly(np.asarray(by_month)[:, : 1 + len(rows), start:])

    def alone(objective: str, draws: Any, extra: tuple[int, Floats]) -> Floats:
        call = simulated(objective)
        by_month = call(money, extra, domain.mechanisms, domain.inputs, draws, first=domain.first)
        return yearly(np.asarray(by_month)[:, None, start:])

    nothing = (0, np.zeros((domain.months, len(domain.places))))
    lines = [nothing, *((domain.line(row), more) for row, more in zip(rows, dollars, strict=True))]

    def begun(objective: str, draws: Any) -> list[Future[Floats]]:
        if OUTCOME[objective] == HOMICIDES.name:
            return [pool.submit(together, draws)]
        return [pool.submit(alone, objective, draws, extra) for extra in lines]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        chunks = pool.map(prepared, range(0, len(bases), size))
        tasks = [[begun(objective, draws) for objective in objectives] for draws in chunks]
        tell(pool, [task for of_chunk in tasks for parts in of_chunk for task in parts], progress)
    by_chunk = [
        [np.concatenate([task.result() for task in parts], axis=1) for parts in of_chunk]
        for of_chunk in tasks
    ]
    outcome = np.stack([np.concatenate(parts)[: len(bases)] for parts in zip(*by_chunk, strict=True)])
    return np.asarray(outcome[:, :, :1] - outcome[:, :, 1:], dtype=np.float64)
