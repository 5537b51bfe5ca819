"""The system: money by month becomes delivered units, units become coverage, coverage changes the path of violence.

The order of one run, for one draw of the parameters and one plan:

1. money by month, line (a programme paid by one kind of account) and place enters delivery (`delivery.py`);
2. what is delivered buys units at the programme's unit cost; units mature and then wear out (one `lax.scan`);
3. working units over the need of a place are its coverage. A national programme enters once. A state's units reach its
   eligible municipalities in proportion to need, so that coverage is the same in each of them, and municipalities
   with the same state and the same eligibility form one *cell*. This is exact: need is extensive, so splitting a
   municipality in two, or listing municipalities in another order, changes nothing;
4. `policing`, `communities`, `institutions` and `demand` turn coverage into averted shares, and `log_survival`
   joins them;
5. units at work at the ports shorten queues, inspect, and seize what goes south (`border.py`), where that was asked
   for; no homicide hangs on it but by the lever of southbound checks in `demand`;
6. violence under the plan is `lambda_base * exp(log_survival(plan) - log_survival(reference))`: the reference plan gives
   the forecast back exactly (SCIENCE rule 1).

Everything is a function of arrays; `layout.py` builds them from the framework, the plans and the forecast.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
from jax import Array

from merida.models import border, communities, delivery, demand, institutions, policing, reduced_form

OF_HOMICIDE = (*policing.LEVERS, *communities.LEVERS, *institutions.LEVERS, *demand.LEVERS)
LEVERS = (*OF_HOMICIDE, *border.LEVERS)
MX, US = 0, 1  # the first two places: Mexico as a whole, the United States


class Layout(NamedTuple):
    """What does not vary by draw.

    P programmes, L lines, Q places of money (Mexico, the United States, states, municipalities and ports that
    plans name), C cells.
    """

    programme: Array  # (L,) index of a line's programme
    adds: Array  # (L,) 1 where additionality applies: foreign assistance
    need: Array  # (P, Q) measure of need at each place of money; 0 where the programme serves nobody
    serves: Array  # (P, C) 1 where a cell is eligible
    state: Array  # (C,) place of the cell's state; Q where it has none
    own: Array  # (C,) place of the cell itself, where a plan names it; else Q
    lever: Array  # (levers of homicide, P) 1 where a programme pulls a lever
    border: border.Places | None  # where units at the ports work; None where delay is not asked for


class Theta(NamedTuple):
    """The parameters of one draw; with a leading axis, of many."""

    delivery: Any  # delivery.Theta, arrays (L, 1)
    unit_cost: Array  # (L, 1) dollars of the base year
    life_months: Array  # (L, 1)
    ramp_months: Array  # (L, 1)
    units_per_need: Array  # (P,)
    additionality: Array  # scalar
    overlap: Array  # scalar
    policing: policing.Theta
    communities: communities.Theta
    institutions: institutions.Theta
    demand: demand.Theta
    border: border.Theta | None  # None where delay is not asked for


class Path(NamedTuple):
    """What one plan does in one draw.

    Attributes
    ----------
    log_survival : array, shape (months, C)
        Log of the share of homicides left by all programmes, of the months asked for.
    delivered : array, shape (months, L)
        Units delivered in the month, all places.
    working : array, shape (months, P)
        Units at work at the end of the month, all places.
    money : array, shape (months, 4, L)
        Dollars obligated, expended, delivered and lapsed in the month, all places.
    home : array, shape (months, 2)
        Overdose deaths and arrests averted in the United States, of the months asked for.
    border : border.Monthly or None
        What it does at the ports, of the months asked for.
    """

    log_survival: Array
    delivered: Array
    working: Array
    money: Array
    home: Array
    border: border.Monthly | None


def path(theta: Theta, layout: Layout, money: Array, first: int) -> Path:
    """Return what a plan does.

    Parameters
    ----------
    money : array, shape (months, L, Q)
        Dollars appropriated in each month.
    first : int
        The month from which effects are given; before it only stocks run.
    """
    programmes = layout.need.shape[0]
    adds = jnp.where(layout.adds > 0, theta.additionality, 1.0)[:, None]

    def month(state: Any, new: Array) -> tuple[Any, Any]:
        pipeline, maturing, working = state
        pipeline, flows = delivery.step(theta.delivery, pipeline, new)
        units = flows.delivered * adds / theta.unit_cost
        ready = maturing / theta.ramp_months
        maturing = maturing + units - ready
        working = working * jnp.exp(-1.0 / theta.life_months) + ready
        by_programme = jax.ops.segment_sum(working, layout.programme, num_segments=programmes)
        dollars = jnp.stack([jnp.sum(flow, axis=1) for flow in flows])
        return (pipeline, maturing, working), (by_programme, jnp.sum(units, axis=1), dollars)

    zero = jnp.zeros(money.shape[1:])
    start = (delivery.empty(money.shape[1:]), zero, zero)
    _, (working, units, dollars) = jax.lax.scan(month, start, money)

    at_work = working[first:]
    covered = coverage(theta, layout, at_work)
    log_survival = jax.vmap(lambda c: effects(theta, c))(covered)
    us_units = jnp.einsum("lp,tp->tl", layout.lever[-len(demand.LEVERS) :], at_work[:, :, US])
    home = jax.vmap(lambda n: demand.at_home(theta.demand, n))(us_units)
    ports = None if theta.border is None else at_ports(theta.border, layout.border, at_work)
    return Path(log_survival, units, jnp.sum(working, axis=2), dollars, home, ports)


def at_ports(theta: border.Theta, places: border.Places | None, working: Array) -> border.Monthly:
    """Return what units at work, (months, P, Q), do at the ports."""
    assert places is not None
    return jax.vmap(lambda units: border.step(theta, *border.units(places, units)))(working)


def coverage(theta: Theta, layout: Layout, working: Array) -> Array:
    """Return coverage by lever and cell: (months, P, Q) to (months, levers, C).

    Coverage of programmes that pull the same lever adds up: each is in units of its own study's dose.
    """
    need = theta.units_per_need[:, None] * layout.need
    ratio = jnp.where(need > 0, working / jnp.where(need > 0, need, 1.0), 0.0)
    ratio = jnp.pad(ratio, ((0, 0), (0, 0), (0, 1)))  # a last place, always empty, for cells without one
    local = ratio[:, :, layout.state] + ratio[:, :, layout.own] + ratio[:, :, MX][:, :, None]
    reached = layout.serves * local + ratio[:, :, US][:, :, None]
    return jnp.einsum("lp,tpc->tlc", layout.lever, reached)


def effects(theta: Theta, covered: Array) -> Array:
    """Return the log of the share of homicides left: (levers, C) to (C,)."""
    averted, at = [], 0
    for model in (policing, communities, institutions, demand):
        mine = covered[at : at + len(model.LEVERS)]
        averted.append(model.step(getattr(theta, model.__name__.rpartition(".")[2]), mine))
        at += len(model.LEVERS)
    return reduced_form.log_survival(jnp.concatenate(averted), theta.overlap)


def homicides(plan: Path, reference: Path, base: Array) -> Array:
    """Return expected homicides under a plan, (months, C), from those of the forecast, of the same shape."""
    return base * jnp.exp(plan.log_survival - reference.log_survival)
