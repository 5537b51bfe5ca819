"""Units of work: what delivered dollars buy, how long it takes to be at work, and how it wears out.

    units bought   = dollars delivered * additionality / unit cost
    becoming ready = maturing / ramp,          each month
    at work        = at work * exp(-1 / life) + becoming ready

Additionality is the part of a foreign dollar that adds to what Mexico would have spent (SCIENCE rule 5); money at home
adds in full. Costs, lives and ramps are those that the framework states of each programme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.distributions import Floats
from merida.models.socket.mechanism import Draws, Fixed, Mechanism, Signal, Signals

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

UNITS_DELIVERED = Signal("units_delivered", "units", ("line",), kept=True)
UNITS_AT_WORK = Signal("units_at_work", "units", ("programme", "place"))


class Inputs(NamedTuple):
    """What does not vary by draw. L lines, P programmes, Q places of money."""

    programme: Fixed  # (L,) index of a line's programme
    adds: Fixed  # (L,) 1 where additionality applies: foreign assistance
    nothing: Fixed  # (L, Q) zeros: units before the first month
    programmes: Fixed  # (P,) zeros, one for each programme


class Theta(NamedTuple):
    """Parameters of one draw."""

    unit_cost_usd: Array  # (L, 1) dollars of the base year
    life_months: Array  # (L, 1)
    ramp_months: Array  # (L, 1)
    additionality: Array  # scalar


class State(NamedTuple):
    """Units by line and place, shape (L, Q)."""

    maturing: Array
    at_work: Array


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return costs, lives and ramps by line, and additionality, with a leading axis of draws."""

    def by_line(name: str) -> Floats:
        values = [draws.values[f"programme.{programme}.{name}"] for programme, _ in domain.lines]
        return np.stack(values, axis=1)[:, :, None]

    return Theta(
        unit_cost_usd=jnp.asarray(by_line("unit_cost")),
        life_months=jnp.asarray(12 * by_line("life_years")),
        ramp_months=jnp.asarray(np.maximum(by_line("ramp_months"), 1.0)),
        additionality=jnp.asarray(draws.values["violence.additionality"]),
    )


def prepare(domain: Domain) -> Inputs:
    """Return which programme each line pays for, and to which lines additionality applies."""
    index = {name: number for number, name in enumerate(domain.programmes)}
    return Inputs(
        programme=np.asarray([index[name] for name, _ in domain.lines]),
        adds=np.asarray([float(domain.abroad(account)) for _, account in domain.lines]),
        nothing=np.zeros((len(domain.lines), len(domain.places))),
        programmes=np.zeros(len(domain.programmes)),
    )


def initial(inputs: Inputs) -> State:
    """Return no units."""
    return State(inputs.nothing, inputs.nothing)


def step(
    theta: Theta, inputs: Inputs, state: State, signals: Signals, month: Array
) -> tuple[State, dict[str, Any]]:
    """Return the units of the next month and what they are by programme and place."""
    adds = jnp.where(inputs.adds > 0, theta.additionality, 1.0)[:, None]
    bought = signals["delivered_usd"] * adds / theta.unit_cost_usd
    ready = state.maturing / theta.ramp_months
    maturing = state.maturing + bought - ready
    at_work = state.at_work * jnp.exp(-1.0 / theta.life_months) + ready
    by_programme = jax.ops.segment_sum(at_work, inputs.programme, num_segments=inputs.programmes.shape[0])
    return State(maturing, at_work), {
        UNITS_DELIVERED.name: jnp.sum(bought, axis=1),
        UNITS_AT_WORK.name: by_programme,
    }


MECHANISM = Mechanism(
    name="programme_units",
    parameters=parameters,
    prepare=prepare,
    initial=initial,
    step=step,
    reads=("delivered_usd",),
    writes=(UNITS_DELIVERED, UNITS_AT_WORK),
)
