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

from merida.models.socket.domain import MX, US
from merida.models.socket.mechanism import COVERAGE, ByLever, Draws, Fixed, Mechanism, Signal, Signals

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

UNITS_EVERYWHERE = Signal("units_at_work_everywhere", "units", ("programme",), kept=True)


class Inputs(NamedTuple):
    """What does not vary by draw. P programmes, Q places of money, C cells."""

    need: Fixed  # (P, Q) measure of need at each place of money; 0 where the programme serves nobody
    serves: Fixed  # (P, C) 1 where a cell is eligible
    state: Fixed  # (C,) place of the cell's state; Q where it has none
    own: Fixed  # (C,) place of the cell itself, where a plan names it; else Q
    pulls: ByLever  # (levers, P) 1 where a programme pulls a lever


class Theta(NamedTuple):
    """Parameters of one draw."""

    units_per_need: Array  # (P,)


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the units that each programme needs for one of its measure of need, with a leading axis of draws."""
    one_each = np.ones(draws.count)  # where units themselves count, not what they cover
    needs = [draws.values.get(f"programme.{name}.units_per_need", one_each) for name in domain.programmes]
    return Theta(jnp.array(np.stack(needs, axis=1)))


def prepare(domain: Domain) -> Inputs:
    """Return need, and where units of each programme may work."""
    place = {code: number for number, code in enumerate(domain.places)}
    nowhere = len(domain.places)
    count = int(domain.cells.max()) + 1
    state, own = np.full(count, nowhere), np.full(count, nowhere)
    serves = np.zeros((len(domain.programmes), count))
    for number, cell in enumerate(domain.cells):
        state[cell] = place.get(domain.forecast.states[number], nowhere)
        own[cell] = place.get(domain.forecast.places[number], nowhere)
        serves[:, cell] = domain.served[:, number]
    levers = tuple(
        lever
        for mechanism in domain.mechanisms
        if COVERAGE.name in mechanism.reads
        for lever in mechanism.levers
    )
    return Inputs(
        need=domain.need,
        serves=serves,
        state=state,
        own=own,
        pulls=ByLever(levers, np.stack([domain.pulls(lever) for lever in levers])),
    )


def step(
    theta: Theta, inputs: Inputs, state: None, signals: Signals, month: Array
) -> tuple[None, dict[str, Any]]:
    """Return the coverage of each lever in every cell."""
    working = signals["units_at_work"]
    need = theta.units_per_need[:, None] * inputs.need
    ratio = jnp.where(need > 0, working / jnp.where(need > 0, need, 1.0), 0.0)
    ratio = jnp.pad(ratio, ((0, 0), (0, 1)))  # a last place, always empty, for cells without one
    local = ratio[:, inputs.state] + ratio[:, inputs.own] + ratio[:, MX][:, None]
    reached = inputs.serves * local + ratio[:, US][:, None]
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
