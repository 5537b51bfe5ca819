"""Delivery: dollars appropriated, obligated, expended, delivered, or lapsed (SCIENCE rule 22).

Money passes through a chain of equal stages, two until it is obligated, two until it is expended, one until what it
bought is delivered, so that each phase has an Erlang lag (the linear chain trick; MacDonald, 1978). A share lapses
after it was obligated, instead of being expended. What a programme can expend in a month from one account is bounded:

    expended = K (1 - exp(-F / K)),    F what the lags alone would let through, K the capacity

so that twice the dollars deliver at most twice as much. Appropriated = delivered + pending + lapsed, exactly.

The lags of foreign assistance are fitted by account to what was published of it; the sums conflict and differ in scope,
and each carries an error of its scope. Capacity, and the lags of money at home, are assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.distributions import Floats
from merida.draws import stream
from merida.models.delivery_lags import LAWS, NAMES, STAGES, Posterior, lags
from merida.models.socket.mechanism import Draws, Fixed, Mechanism, Signal, Signals

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain


class Theta(NamedTuple):
    """Parameters of one draw, arrays of shape (lines, 1)."""

    obligate_months: Array
    expend_months: Array
    deliver_months: Array
    lapse_share: Array
    capacity_usd_month: Array


class State(NamedTuple):
    """Dollars pending in each stage, shape (stages, lines, places)."""

    pending: Array


class Flows(NamedTuple):
    """Dollars of one month by line and place."""

    obligated: Array
    expended: Array
    delivered: Array
    lapsed: Array


def delivered(theta: Theta, state: State, new: Array) -> tuple[State, Flows]:
    """Return the pipeline and the flows after one month.

    Parameters
    ----------
    new : array, shape (lines, places)
        Dollars appropriated this month.
    """
    a1, a2, e1, e2, d1 = state.pending
    obligate, expend, deliver = (
        -jnp.expm1(-stages / months)
        for stages, months in zip(
            STAGES, (theta.obligate_months, theta.expend_months, theta.deliver_months), strict=True
        )
    )
    from_a1, from_a2, from_e1 = obligate * a1, obligate * a2, expend * e1
    wanted = (1 - theta.lapse_share) * expend * e2
    total = jnp.sum(wanted, axis=-1, keepdims=True)
    load = total / theta.capacity_usd_month
    within = jnp.where(load > 1e-9, -jnp.expm1(-load) / jnp.where(load > 1e-9, load, 1.0), 1.0)
    expended = wanted * within
    lapsed = theta.lapse_share * expend * e2 * within  # what the bound holds back lapses later, not twice
    arrived = deliver * d1
    pending = jnp.stack(
        [
            a1 + new - from_a1,
            a2 + from_a1 - from_a2,
            e1 + from_a2 - from_e1,
            e2 + from_e1 - lapsed - expended,
            d1 + expended - arrived,
        ]
    )
    return State(pending), Flows(from_a2, expended, arrived, lapsed)


DELIVERED = Signal("delivered_usd", "usd", ("line", "place"))
LEDGER = Signal("ledger_usd", "usd", ("stage", "line"), kept=True)  # of the stages in `Flows`, all places


class Inputs(NamedTuple):
    """What does not vary by draw."""

    nothing: Fixed  # (stages, L, Q) zeros: dollars pending before the first month


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return lags and capacity by line, shape (draws, lines, 1): an account's own, or those of money at home."""

    def law(account: str) -> str:
        own = account.lower() if account.lower() in LAWS else "other"
        return own if domain.abroad(account) else "home"

    def by_line(name: str) -> Array:
        values = [draws.values[f"delivery.{law(account)}_{name}"] for _, account in domain.lines]
        return jnp.asarray(np.stack(values, axis=1)[:, :, None])

    def capacity() -> Array:
        places = ("foreign" if domain.abroad(account) else "home" for _, account in domain.lines)
        values = [draws.values[f"delivery.{place}_capacity_usd_month"] for place in places]
        return jnp.asarray(np.stack(values, axis=1)[:, :, None])

    return Theta(
        obligate_months=by_line("obligate_months"),
        expend_months=by_line("expend_months"),
        deliver_months=by_line("deliver_months"),
        lapse_share=by_line("lapse_share"),
        capacity_usd_month=capacity(),
    )


def prepare(domain: Domain) -> Inputs:
    """Return an empty pipeline."""
    return Inputs(np.zeros((sum(STAGES), len(domain.lines), len(domain.places))))


def initial(inputs: Inputs) -> State:
    """Return the pipeline before the first month, with nothing in it."""
    return State(inputs.nothing)


def step(
    theta: Theta, inputs: Inputs, state: State, signals: Signals, month: Array
) -> tuple[State, dict[str, Any]]:
    """Return the pipeline after one month, what it delivered by line and place, and the ledger of all stages."""
    state, flows = delivered(theta, state, signals["appropriated_usd"])
    ledger = jnp.stack([jnp.sum(flow, axis=1) for flow in flows])
    return state, {DELIVERED.name: flows.delivered, LEDGER.name: ledger}


def fitted_lags(domain: Domain, seed: int, count: int) -> dict[str, Floats]:
    """Return draws of the fitted lags of each law, by path."""
    scores = [
        stream(seed, f"delivery.{group}_{name}").standard_normal(count)
        for group in ("foreign", *LAWS)
        for name in NAMES
    ]
    posterior: Posterior = domain.tables["delivery_lags"]
    return {
        f"delivery.{law}_{name}": values[:, number]
        for law, values in posterior.at(np.stack(scores, axis=1)).items()
        for number, name in enumerate(NAMES)
    }


MECHANISM = Mechanism(
    name="delivery",
    parameters=parameters,
    prepare=prepare,
    initial=initial,
    step=step,
    reads=("appropriated_usd",),
    writes=(DELIVERED, LEDGER),
    tables={"delivery_lags": lags},
    fitted=fitted_lags,
)
