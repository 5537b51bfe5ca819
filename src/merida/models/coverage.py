"""Coverage: working units over the units that give a study's dose to the whole target population of a place.

    c = units at work / (units per need * need)

A national programme covers every place it serves alike, once. Units of a state reach its eligible municipalities in
proportion to need; those of a place that a plan names stay there. Programmes that pull the same lever add up: each is in
units of its own study's dose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.models.socket.domain import US, Ground
from merida.models.socket.mechanism import COVERAGE, ByLever, Draws, Fixed, Mechanism, Signal, Signals

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

UNITS_EVERYWHERE = Signal("units_at_work_everywhere", "units", ("programme",), kept=True)


class Inputs(NamedTuple):
    """What does not vary by draw. P programmes whose levers hear coverage, Q places of money, C cells."""

    programmes: Fixed  # (P,) of all programmes of the framework
    need: Fixed  # (P, Q) measure of need at each place of money; 0 where the programme serves nobody
    serves: Fixed  # (P, C) 1 where a cell is eligible
    ground: Ground
    pulls: ByLever  # (levers, P) 1 where a programme pulls a lever


class Theta(NamedTuple):
    """Parameters of one draw."""

    units_per_need: Array  # of all programmes


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the units that each programme needs for one of its measure of need, with a leading axis of draws."""
    one_each = np.ones(draws.count)  # where units themselves count, not what they cover
    needs = [draws.values.get(f"programme.{name}.units_per_need", one_each) for name in domain.programmes]
    return Theta(jnp.asarray(np.stack(needs, axis=1)))


def prepare(domain: Domain) -> Inputs:
    """Return need, and where units of each programme may work."""
    levers = tuple(
        lever
        for mechanism in domain.mechanisms
        if COVERAGE.name in mechanism.reads
        for lever in mechanism.levers
    )
    pulls = np.stack([domain.pulls(lever) for lever in levers])
    at = np.flatnonzero(pulls.any(axis=0))
    serves = np.zeros((len(domain.programmes), int(domain.cells.max()) + 1))
    serves[:, domain.cells] = domain.served
    return Inputs(at, domain.need[at], serves[at], domain.ground, ByLever(levers, pulls[:, at]))


def step(
    theta: Theta, inputs: Inputs, state: None, signals: Signals, month: Array
) -> tuple[None, dict[str, Any]]:
    """Return the coverage of each lever in every cell."""
    working = signals["units_at_work"]
    need = theta.units_per_need[inputs.programmes][:, None] * inputs.need
    ratio = jnp.where(need > 0, working[inputs.programmes] / jnp.where(need > 0, need, 1.0), 0.0)
    reached = inputs.serves * inputs.ground.reached(ratio) + ratio[:, US][:, None]
    return None, {
        COVERAGE.name: ByLever(inputs.pulls.levers, inputs.pulls.values @ reached),
        UNITS_EVERYWHERE.name: jnp.sum(working, axis=1),
    }


MECHANISM = Mechanism(
    name="coverage",
    parameters=parameters,
    prepare=prepare,
    step=step,
    reads=("units_at_work",),
    writes=(COVERAGE, UNITS_EVERYWHERE),
)
