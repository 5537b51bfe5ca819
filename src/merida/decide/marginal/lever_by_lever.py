"""Homicides under a plan with money added to one row at a time, without a run of the system for each row.

Levers act apart until their averted shares join (`merida.models.reduced_form`): money, units and coverage of one say
nothing to another. One run with money added to a row of every lever at once therefore gives what each of them averts
with its own row added, and joining these, one at a time, with what the others avert without is what a run for that row
alone computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.distributions import Floats
from merida.framework import PlanRow
from merida.models.reduced_form import Terms, joined, terms
from merida.models.socket import system
from merida.models.socket.domain import Domain
from merida.models.socket.mechanism import AVERTED_SHARE, ByLever, Mechanism, Run
from merida.models.violence import HOMICIDES, LOG_SURVIVAL

MULTIPLE = 8  # of the rows of one call, the last of them empty: few shapes are compiled


@cache
def compiled() -> Callable[..., jax.Array]:
    """Return homicides by month without the money and with each row's, shape (draws, 1 + rows, months), compiled.

    The reference plan's signals, third of `draws`, may be empty: then it is the plan without the money.
    """

    def chunk(
        money: jax.Array,
        added: jax.Array,
        rows: tuple[ByLever, jax.Array],
        mechanisms: tuple[Mechanism, ...],
        inputs: Any,
        draws: tuple[Any, Any, Any, Any],
        first: int,
    ) -> jax.Array:
        def of_draw(draw: tuple[Any, Any, Any, Any]) -> jax.Array:
            theta, forecast, reference, memory = draw

            def shares(dollars: jax.Array) -> ByLever:
                path = system.trajectory(
                    mechanisms, theta, inputs, dollars, first, memory, (AVERTED_SHARE.name,)
                )
                averted: ByLever = path[AVERTED_SHARE.name]
                return averted

            def survival(each: Terms) -> dict[str, jax.Array]:
                left = jax.vmap(lambda month: joined(month, theta["violence"].overlap))(each)
                return {LOG_SURVIVAL.name: left}

            without = shares(money)
            before = terms(without.values)
            beside = reference or survival(before)

            def homicides(each: Terms) -> jax.Array:
                run = Run(theta, survival(each), beside, forecast)
                return jnp.sum(HOMICIDES.monthly(run), axis=1) / HOMICIDES.scale

            after = jax.lax.map(lambda more: terms(shares(money + more).values), added)

            def of_row(row: tuple[jax.Array, jax.Array]) -> jax.Array:
                pulled, call = row
                mine = pulled[:, None]  # (levers, 1)
                return homicides(
                    jax.tree.map(lambda there, here: jnp.where(mine, there[call], here), after, before)
                )

            levers, calls = rows
            each = jax.lax.map(of_row, (levers.of(without.levers).T, calls))
            return jnp.concatenate([homicides(before)[None], each])

        return jnp.asarray(jax.lax.map(of_draw, draws))

    return jax.jit(chunk, static_argnames=("mechanisms", "first"))


def of_levers(domain: Domain, rows: Sequence[PlanRow], dollars: Sequence[Floats]) -> tuple[Floats, Any]:
    """Return what is added in each run, shape (runs, months, lines, places), and by row its lever and its run.

    No run adds to two rows of one lever. A row without a lever that acts on homicides is added to none.

    Parameters
    ----------
    dollars : sequence of array, shape (months, places)
        What each row adds to its line.
    """
    levers = tuple(
        lever
        for mechanism in domain.mechanisms
        if AVERTED_SHARE in mechanism.writes
        for lever in mechanism.levers
    )
    pulled = np.zeros((len(levers), -(-len(rows) // MULTIPLE) * MULTIPLE), dtype=bool)
    calls = np.zeros(pulled.shape[1], dtype=np.int64)
    added: list[Floats] = [np.zeros((domain.months, len(domain.lines), len(domain.places)))]
    taken = dict.fromkeys(levers, 0)
    for number, (row, more) in enumerate(zip(rows, dollars, strict=True)):
        lever = domain.framework.programmes[row.programme].lever
        if lever not in taken:
            continue
        pulled[levers.index(lever), number] = True
        calls[number] = taken[lever]
        if taken[lever] == len(added):
            added.append(np.zeros_like(added[0]))
        added[taken[lever]][:, domain.line(row)] += more
        taken[lever] += 1
    return np.stack(added), (ByLever(levers, pulled), calls)
