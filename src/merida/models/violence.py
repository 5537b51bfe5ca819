"""Violence under a plan: what programmes together leave of the forecast (SCIENCE rules 1 and 8).

    homicides = forecast * exp(log survival under the plan - log survival under the reference plan)

The reference plan gives the forecast back draw by draw. How averted shares join is `reduced_form.log_survival`: together
programmes do less than their sum. Deaths are computed by cell and shared out among the municipalities of the cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.models.reduced_form import Terms, folded, joined, terms
from merida.models.socket.mechanism import (
    AVERTED_SHARE,
    ByLever,
    Draws,
    Fixed,
    Groups,
    Mechanism,
    Outcome,
    Run,
    Signal,
    Signals,
    Together,
)

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

LOG_SURVIVAL = Signal("log_survival", "log of the share of homicides left", ("cell",))
# What each lever takes away by itself, for where a difference between plans comes from.
TAKEN_BY_LEVER = Signal("taken_by_lever", "share of the nation's homicides", ("lever",), kept=True)


class Theta(NamedTuple):
    """Parameters of one draw."""

    overlap: Array  # scalar


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the overlap of programmes, with a leading axis of draws."""
    return Theta(jnp.asarray(draws.values["violence.overlap"]))


class Inputs(NamedTuple):
    """What does not vary by draw."""

    weight: Fixed  # (cells,) each cell's share of the nation's recent homicides


def prepare(domain: Domain) -> Inputs:
    """Return where homicides are, to weigh what a lever takes away in a cell."""
    deaths = np.bincount(domain.cells, weights=np.asarray(domain.forecast.recent_deaths, dtype=np.float64))
    return Inputs(deaths / max(float(deaths.sum()), 1.0))


def acting(levers: Iterable[str]) -> tuple[str, ...]:
    """Return the levers of `TAKEN_BY_LEVER`, in its order."""
    return tuple(sorted(levers))


def step(
    theta: Theta, inputs: Inputs, state: None, signals: Signals, month: Array
) -> tuple[None, dict[str, Any]]:
    """Return the log of the share of homicides that all programmes leave in each cell, and what each takes by itself."""
    averted: ByLever | Together = signals[AVERTED_SHARE.name]
    each = [folded(terms(part.values)) for part in averted.parts]
    together = Terms(*(jnp.stack(one) for one in zip(*each, strict=True)))
    alone = jnp.concatenate([-jnp.log1p(-part.values) @ inputs.weight for part in averted.parts])
    return None, {
        LOG_SURVIVAL.name: joined(together, theta.overlap),
        TAKEN_BY_LEVER.name: ByLever(averted.levers, alone).of(acting(averted.levers)),
    }


def homicides(run: Run) -> Any:
    """Return expected homicides under a plan, shape (months, cells), with the arrays' own library."""
    change = run.plan[LOG_SURVIVAL.name] - run.reference[LOG_SURVIVAL.name]
    return run.forecast * change.__array_namespace__().exp(change)


def by_state(domain: Domain) -> Groups:
    """Return the state of each cell; ``99`` is unknown."""
    state = np.empty(int(domain.cells.max()) + 1, dtype=object)
    state[domain.cells] = domain.forecast.states
    names = tuple(sorted(set(domain.forecast.states)))
    return Groups(names, np.array([names.index(code) for code in state]))


HOMICIDES = Outcome(
    name="homicides",
    unit="homicides",
    level="municipality",
    good="less",
    reads=(LOG_SURVIVAL.name,),
    monthly=homicides,
    groups=by_state,
    steers=True,
)
MECHANISM = Mechanism(
    name="violence",
    parameters=parameters,
    prepare=prepare,
    step=step,
    reads=(AVERTED_SHARE.name,),
    writes=(LOG_SURVIVAL, TAKEN_BY_LEVER),
    outcomes=(HOMICIDES,),
)
