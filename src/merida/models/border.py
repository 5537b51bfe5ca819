"""The border: hours lost in queues at the ports, inspections and southbound seizures, by month.

`border/` is the micro-model, in minutes and vehicles; this is its monthly response to what programmes have at work.

**Delay.** In each draw a port and mode has a *set member*: schedules of arrivals, booths and service that fit what is
published (SCIENCE rule 19), from which `prepare` computes the hours waited in a year, and how they shrink:

    left over today's hours = (1 + x / c) ** -a

where x is what a lever adds, relative to what is there: booth-hours of officers, who work in shifts of eight hours laid
where most wait, up to the lanes; lanes, staffed as the others are; the share of the other trucks that becomes trusted,
a quarter at most, with booths that follow the work. a and c are read off the kernel (`border.mean_wait`) at two sizes of
each lever. Levers multiply. Trips that come back because waits are shorter take a part 1 - `retained` of what is saved,
so that of today's hours

    left = 1 - retained (1 - left_officers left_lanes left_trusted)

remain. This is concave in each lever and 1 at nought. Today's delay contains what runs: a plan's is today's times
left(plan) / left(reference), and the reference plan gives today's back.

**Inspection.** Trucks referred to agricultural inspection queue for the inspectors on duty, in steady state
(Sakasegawa, 1977); specialists add inspectors. A scanner scans so many trucks a year, no more than come, and each scan
saves minutes of an inspection by hand, or costs some.

**Southbound.** Seizures of cash are those published, times (teams / teams then) ** e. Arms are seized at the rate at
which cash is, times how much harder or easier they are to find. Homicides are another outcome, in `demand.py`.

Units of nation-wide money go to ports in proportion to the hours lost by the traffic that a lever serves (to trucks,
for specialists and scanners); those of a plan that names a port stay there.
"""

from __future__ import annotations

from typing import NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
from jax import Array

QUEUES = ("border.customs_officers", "border.lanes_roads", "border.trusted_traders")
INSPECTION = ("border.agricultural_specialists", "border.non_intrusive_inspection")
LEVERS = (*QUEUES, *INSPECTION)
SOUTHBOUND = "demand.southbound_checks"  # its teams are counted here, its homicides there
MODES = ("trucks", "cars", "pedestrians")
SERVES = (MODES, ("trucks", "cars"), ("trucks",), ("trucks",), ("trucks",))  # by lever
COUNTS = ("inspections", "cash_seized_usd", "arms_seized")
HOURS_A_YEAR = 8766.0
MOST_TRUSTED = 0.25  # of the trucks that are not: the largest share at which the curve is read off


class Places(NamedTuple):
    """Where units are at work. G ports and modes, P programmes, Q places of money."""

    lever: Array  # (levers, P) 1 where a programme pulls a lever
    teams: Array  # (P,) 1 where a programme's units check traffic to the south
    weight: Array  # (levers, G) share of nation-wide units; sums to 1 over G
    within: Array  # (levers, G) share of the units of a port that is named; sums to 1 over the port
    port: Array  # (G,) place of the port where a plan names it, else Q: always empty


class Theta(NamedTuple):
    """Parameters of one draw."""

    hours: Array  # (G,) waited before the booths in a year
    power: Array  # (3, G) a
    scale: Array  # (3, G) c
    per_unit: Array  # (3, G) x of one unit
    retained: Array  # scalar
    referred: Array  # (G,) trucks a year referred to agricultural inspection
    inspection_hours: Array  # scalar, of one truck
    load: Array  # scalar, of the inspectors on duty
    specialist_hours: Array  # scalar, inspecting in a year
    trucks: Array  # (G,) a year
    scans: Array  # scalar, of one scanner in a year
    scan_hours: Array  # scalar, saved by one
    cash: Array  # scalar, dollars seized a year with the teams at the time
    arms: Array  # scalar, seized a year
    teams: Array  # scalar, at the time
    marginal: Array  # scalar, e


class Monthly(NamedTuple):
    """What a plan does at the border, by month. Cumulative stocks of programmes that run in the reference count too.

    Attributes
    ----------
    log_left : array, shape (months, G)
        Log of the share of today's hours before the booths that is left.
    inspection : array, shape (months, G)
        Hours of trucks in inspection beside today's, in the month.
    counts : array, shape (months, 3)
        Inspections, dollars of cash and arms seized, beside today's, in the month.
    """

    log_left: Array
    inspection: Array
    counts: Array


def units(places: Places, working: Array) -> tuple[Array, Array]:
    """Return the units of each lever at each port and mode, (levers, G), and the teams that check southbound traffic.

    Parameters
    ----------
    working : array, shape (P, Q)
        Units at work; the first two places are Mexico and the United States.
    """
    by_lever = places.lever @ working
    everywhere = by_lever[:, 0] + by_lever[:, 1]
    named = jnp.pad(by_lever, ((0, 0), (0, 1)))[:, places.port]
    return places.weight * everywhere[:, None] + places.within * named, places.teams @ working.sum(axis=1)


def step(theta: Theta, at_work: Array, teams: Array) -> Monthly:
    """Return what a month's units do.

    Parameters
    ----------
    at_work : array, shape (levers, G)
        Units of each lever.
    teams : array, scalar
        Teams that check southbound traffic.
    """
    amount = at_work[:3] * theta.per_unit
    amount = amount.at[2].set(-MOST_TRUSTED * jnp.expm1(-amount[2] / MOST_TRUSTED))
    log_queues = -jnp.sum(theta.power * jnp.log1p(amount / theta.scale), axis=0)
    log_left = jnp.log1p(theta.retained * jnp.expm1(log_queues))
    duty = at_work[3] * theta.specialist_hours / HOURS_A_YEAR
    scanned = -theta.trucks * jnp.expm1(-at_work[4] * theta.scans / jnp.maximum(theta.trucks, 1.0))
    inspection = waiting(theta, duty) - waiting(theta, jnp.zeros_like(duty)) - scanned * theta.scan_hours
    by_hand = jnp.sum(duty) * HOURS_A_YEAR * theta.load / theta.inspection_hours
    more = jnp.expm1(theta.marginal * jnp.log1p(teams / theta.teams))
    counts = jnp.stack([by_hand + jnp.sum(scanned), theta.cash * more, theta.arms * more])
    return Monthly(log_left, inspection / 12, counts / 12)


def waiting(theta: Theta, more: Array) -> Array:
    """Return the hours that trucks wait for agricultural inspection in a year, with so many more inspectors, (G,)."""
    busy = theta.referred * theta.inspection_hours / HOURS_A_YEAR
    inspectors = busy / theta.load + more
    rho = jnp.where(busy > 0, busy / jnp.where(busy > 0, inspectors, 1.0), 0.0)
    power = jnp.sqrt(2 * (inspectors + 1))
    return jnp.where(rho > 0, jnp.where(rho > 0, rho, 1.0) ** power / (1 - rho), 0.0) * HOURS_A_YEAR


def hours(theta: Theta, plan: Monthly, reference: Monthly) -> Array:
    """Return the hours lost under a plan by port and mode, (months, G); the reference plan gives today's."""
    queues = theta.hours / 12 * jnp.exp(plan.log_left - reference.log_left)
    return queues + plan.inspection - reference.inspection
