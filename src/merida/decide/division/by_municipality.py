"""Gains of money that is divided among municipalities: those of `search.slopes`, by way of the domain at two levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.decide.division.constraints import MILLION
from merida.decide.division.search import Goal, chunks_of, counted_goal, over_chunks
from merida.distributions import Floats
from merida.ensemble.parameter_draws import Drawn
from merida.framework import Plan, PlanRow
from merida.models import two_levels
from merida.models.registry import outcomes
from merida.models.socket.mechanism import Mechanism, Run
from merida.models.two_levels import Arrays, Money, TwoLevels


@cache
def differentiated(names: tuple[str, ...]) -> Callable[..., Any]:
    """Return the goal and its slopes by wide and by municipal money, draw by draw, compiled for each shape."""
    chosen = [outcomes()[name] for name in names]

    def lost(
        money: Money, mechanisms: tuple[Mechanism, ...], arrays: Arrays, draw: Any, counted: Any, first: int
    ) -> Any:
        theta, forecast, reference, memory = draw
        plan = two_levels.trajectory(mechanisms, theta, arrays, money, first, memory)
        run = Run(theta, plan, reference, forecast)
        return counted_goal(chosen, run, counted)

    def chunk(
        money: Money,
        spent: jax.Array,
        counted: jax.Array,
        mechanisms: tuple[Mechanism, ...],
        arrays: Arrays,
        draws: Any,
        first: int,
    ) -> Any:
        def of_draw(draw: Any) -> Any:
            value, (wide, named) = jax.value_and_grad(lost)(money, mechanisms, arrays, draw, counted, first)
            return value, jnp.einsum("wt,tlq->wlq", spent, wide), named

        return jax.lax.map(of_draw, draws)

    return jax.jit(chunk, static_argnames=("mechanisms", "first"))


class Entries:
    """Rows of money as arrays: those of a named municipality and the others.

    Parameters
    ----------
    two : TwoLevels
    rows : sequence of PlanRow
        x is in millions of dollars a year of each.
    past : Plan
        Dollars that are not divided.
    """

    def __init__(self, two: TwoLevels, rows: Sequence[PlanRow], past: Sequence[Plan]) -> None:
        found = [two.entry(row) for row in rows]
        self.named = np.array([at is not None for at in found])
        self.at = tuple(np.array([at for at in found if at is not None], dtype=np.int64).reshape(-1, 3).T)
        others = [row for row, at in zip(rows, found, strict=True) if at is None]
        spans = sorted({(row.start, row.end) for row in others})
        first = {(row.start, row.end): row for row in reversed(others)}
        self.spent = np.stack([two.wide.running(first[span]) / 12.0 for span in spans])
        window = {span: at for at, span in enumerate(spans)}
        line = {one: at for at, one in enumerate(two.wide.lines)}
        place = {one: at for at, one in enumerate(two.wide.places)}
        self.wide_at = tuple(
            np.array(
                [
                    (window[row.start, row.end], line[row.programme, row.account], place[row.place])
                    for row in others
                ]
            ).T
        )
        self.past, self.nobody = two.money(*past)
        assert not self.nobody.any()

    def money(self, x: Floats) -> Money:
        """Return the dollars of a division."""
        by_window = np.zeros((len(self.spent), *self.past.shape[1:]))
        np.add.at(by_window, self.wide_at, x[~self.named] * MILLION)
        amounts = self.nobody.copy()
        np.add.at(amounts, self.at, x[self.named] * MILLION)
        return self.past + np.einsum("wt,wlq->tlq", self.spent, by_window), amounts

    def pulled(self, wide: Floats, named: Floats) -> Floats:
        """Return the slope by each row's millions, draw by draw, from those of `differentiated`."""
        slope = np.empty((len(wide), len(self.named)))
        (window, line, place), (bundle, programme, municipality) = self.wide_at, self.at
        slope[:, ~self.named] = wide[:, window, line, place] * MILLION
        slope[:, self.named] = named[:, bundle, programme, municipality] * MILLION
        return slope


def gains_by_municipality(
    two: TwoLevels,
    rows: Sequence[PlanRow],
    past: Sequence[Plan],
    reference: Sequence[Plan],
    drawn: Drawn,
    bases: Floats,
    goal: Goal,
) -> Callable[[Floats], tuple[Floats, Callable[[Floats], Floats]]]:
    """Return what gives the gain of a plan beside the reference in each draw; see `objectives.gains_of`.

    Parameters
    ----------
    rows : sequence of PlanRow
        Where money may go.
    past, reference : sequence of Plan
        What is not divided, and what the forecast is conditional on; history in both.
    """
    entries, domain = Entries(two, rows, past), two.domain
    given = two.money(*reference)
    chunks = chunks_of(two, drawn, bases, given[0], given, goal)

    def slope(money: Money) -> tuple[Floats, Floats]:
        call = differentiated(goal.outcomes)

        def one(draws: Any) -> tuple[Floats, Floats]:
            value, wide, named = call(
                money, entries.spent, goal.weights, domain.mechanisms, two.arrays, draws, first=domain.first
            )
            return np.asarray(value), entries.pulled(np.asarray(wide), np.asarray(named))

        return over_chunks(one, chunks, drawn.count)

    without, _ = slope(given)

    def gains(x: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
        lost, by_draw = slope(entries.money(x))
        return without - lost, lambda weights: -weights @ by_draw

    return gains
