"""The border: hours lost in queues at the ports, and inspections, by month.

`border/` is the micro-model, in minutes and vehicles; this is its monthly response to what programmes have at work.

**Delay.** In each draw a port and mode has a *set member*: schedules of arrivals, booths and service that fit what is
published (SCIENCE rule 19), from which `border_surrogate` computes the hours waited in a year, and how they shrink:

    left over today's hours = (1 + x / c) ** -a

where x is what a lever adds, relative to what is there: booth-hours of officers, who work in shifts of eight hours laid
where most wait, up to the lanes; lanes, staffed as the others are; the share of the other trucks that becomes trusted,
a quarter at most, with booths that follow the work. a and c are read off the kernel (`border_surrogate`) at two sizes
of each lever. Levers multiply. Trips that come back because waits are shorter take a part 1 - `retained` of what is
saved, so that of today's hours

    left = 1 - retained (1 - left_officers left_lanes left_trusted)

remain. This is concave in each lever and 1 at nought. Today's delay contains what runs: a plan's is today's times
left(plan) / left(reference), and the reference plan gives today's back.

**Inspection.** Trucks referred to agricultural inspection queue for the inspectors on duty, in steady state
(Sakasegawa, 1977); specialists add inspectors. A scanner scans so many trucks a year, no more than come, and each scan
saves minutes of an inspection by hand, or costs some.

Units of nation-wide money go to ports in proportion to the hours lost by the traffic that a lever serves (to trucks,
for specialists and scanners); those of a plan that names a port stay there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.distributions import Floats
from merida.draws import stream
from merida.models.border_surrogate import MODES, MOST_TRUSTED, QUEUES, SERVES, delay_surrogate
from merida.models.socket.domain import MX, US
from merida.models.socket.mechanism import Draws, Fixed, Groups, Mechanism, Outcome, Signal, Signals, counted

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

LEVERS = tuple(SERVES)
HOURS_A_YEAR = 8766.0

LOG_LEFT = Signal(
    "border_log_left", "log of the share of today's hours left before the booths", ("port_mode",)
)
INSPECTION = Signal("border_inspection_hours", "hours of trucks beside today's", ("port_mode",))
INSPECTIONS = Signal("border_inspections", "inspections beside today's")


class Inputs(NamedTuple):
    """Where units are at work. G ports and modes, P programmes, Q places of money."""

    pulls: dict[str, Fixed]  # by lever: (P,) 1 where a programme pulls it
    weight: dict[str, Fixed]  # by lever: (G,) share of nation-wide units; sums to 1
    within: dict[str, Fixed]  # by lever: (G,) share of a named port's units; sums to 1 over the port
    port: Fixed  # (G,) place of the port where a plan names it, else Q: always empty


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


class Response(NamedTuple):
    """What a month's units do at the ports. Cumulative stocks of programmes that run in the reference count too.

    Attributes
    ----------
    log_left : array, shape (G,)
        Log of the share of today's hours before the booths that is left.
    inspection : array, shape (G,)
        Hours of trucks in inspection beside today's.
    inspections : array, scalar
        Inspections beside today's.
    """

    log_left: Array
    inspection: Array
    inspections: Array


def units(inputs: Inputs, working: Array) -> dict[str, Array]:
    """Return the units of each lever at each port and mode.

    Parameters
    ----------
    working : array, shape (P, Q)
        Units at work; the first two places are Mexico and the United States.
    """

    def at_ports(lever: str) -> Array:
        by_place = inputs.pulls[lever] @ working
        named = jnp.pad(by_place, (0, 1))[inputs.port]
        there: Array = inputs.weight[lever] * (by_place[MX] + by_place[US]) + inputs.within[lever] * named
        return there

    return {lever: at_ports(lever) for lever in LEVERS}


def response(theta: Theta, at_work: Mapping[str, Array]) -> Response:
    """Return what a month's units do.

    Parameters
    ----------
    at_work : mapping of str to array, shape (G,)
        Units of each lever.
    """
    officers, lanes, trusted = jnp.stack([at_work[lever] for lever in QUEUES]) * theta.per_unit
    trusted = -MOST_TRUSTED * jnp.expm1(-trusted / MOST_TRUSTED)
    amount = jnp.stack([officers, lanes, trusted])
    log_queues = -jnp.sum(theta.power * jnp.log1p(amount / theta.scale), axis=0)
    log_left = jnp.log1p(theta.retained * jnp.expm1(log_queues))
    duty = at_work["border.agricultural_specialists"] * theta.specialist_hours / HOURS_A_YEAR
    scans = at_work["border.non_intrusive_inspection"] * theta.scans
    scanned = -theta.trucks * jnp.expm1(-scans / jnp.maximum(theta.trucks, 1.0))
    inspection = waiting(theta, duty) - waiting(theta, jnp.zeros_like(duty)) - scanned * theta.scan_hours
    by_hand = jnp.sum(duty) * HOURS_A_YEAR * theta.load / theta.inspection_hours
    return Response(log_left, inspection / 12, (by_hand + jnp.sum(scanned)) / 12)


def waiting(theta: Theta, more: Array) -> Array:
    """Return the hours that trucks wait for agricultural inspection in a year, with so many more inspectors, (G,)."""
    busy = theta.referred * theta.inspection_hours / HOURS_A_YEAR
    inspectors = busy / theta.load + more
    rho = jnp.where(busy > 0, busy / jnp.where(busy > 0, inspectors, 1.0), 0.0)
    power = jnp.sqrt(2 * (inspectors + 1))
    return jnp.where(rho > 0, jnp.where(rho > 0, rho, 1.0) ** power / (1 - rho), 0.0) * HOURS_A_YEAR


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters of the border; each draw takes one member of the set of schedules."""
    surrogate, values = domain.tables["delay_surrogate"], draws.values
    random = stream(draws.seed, "border.schedules").random(draws.count)
    member = np.minimum((random * len(surrogate.hours)).astype(int), len(surrogate.hours) - 1)
    names = ("customs_officers.booth_hours", "lanes_roads.staffed", "trusted_traders.crossings")
    officer, lane, certificate = (values[f"border.{name}"][:, None] for name in names)

    def relative(amount: Floats, there: Floats) -> Floats:
        return np.asarray(amount / np.maximum(there[member], 1e-9), dtype=np.float64)

    trucks = surrogate.crossings * (np.asarray(surrogate.modes) == "trucks")
    referred = values["border.secondary.referred"] * values["border.agricultural_specialists.share"]
    scanner = "border.non_intrusive_inspection"
    per_unit = [
        relative(officer / HOURS_A_YEAR, surrogate.booths),
        relative(lane, surrogate.lanes),
        relative(certificate, surrogate.untrusted),
    ]
    return Theta(
        hours=jnp.asarray(surrogate.hours[member]),
        power=jnp.asarray(surrogate.power[member]),
        scale=jnp.asarray(surrogate.scale[member]),
        per_unit=jnp.asarray(np.stack(per_unit, axis=1)),
        retained=jnp.asarray(values["border.retained"]),
        referred=jnp.asarray(referred[:, None] * trucks[member]),
        inspection_hours=jnp.asarray(values["border.secondary.minutes"] / 60),
        load=jnp.asarray(values["border.secondary.load"]),
        specialist_hours=jnp.asarray(values["border.agricultural_specialists.inspection_hours"]),
        trucks=jnp.asarray(trucks[member]),
        scans=jnp.asarray(values[f"{scanner}.scans"]),
        scan_hours=jnp.asarray(values[f"{scanner}.minutes_saved"] / 60),
    )


def prepare(domain: Domain) -> Inputs:
    """Return where units at the ports work."""
    surrogate = domain.tables["delay_surrogate"]
    place = {code: number for number, code in enumerate(domain.places)}
    return Inputs(
        pulls={lever: domain.pulls(lever) for lever in LEVERS},
        weight=surrogate.weight(),
        within=surrogate.within(),
        port=np.asarray([place.get(port, len(domain.places)) for port in surrogate.ports]),
    )


def step(
    theta: Theta, inputs: Inputs, state: None, signals: Signals, month: Array
) -> tuple[None, dict[str, Any]]:
    """Return what the units at work do at the ports."""
    names = (LOG_LEFT.name, INSPECTION.name, INSPECTIONS.name)
    found = response(theta, units(inputs, signals["units_at_work"]))
    return None, dict(zip(names, found, strict=True))


def hours(theta: Theta, plan: Signals, reference: Signals) -> Any:
    """Return the hours lost under a plan by port and mode, (months, G); the reference plan gives today's."""
    queues = theta.hours / 12 * jnp.exp(plan[LOG_LEFT.name] - reference[LOG_LEFT.name])
    return queues + plan[INSPECTION.name] - reference[INSPECTION.name]


def by_mode(domain: Domain) -> Groups:
    """Return the mode of traffic of each port and mode."""
    modes = domain.tables["delay_surrogate"].modes
    return Groups(MODES, np.array([MODES.index(mode) for mode in modes]))


MECHANISM = Mechanism(
    name="border",
    levers=LEVERS,
    main_outcome="border_delay",
    parameters=parameters,
    prepare=prepare,
    step=step,
    reads=("units_at_work",),
    writes=(LOG_LEFT, INSPECTION, INSPECTIONS),
    outcomes=(
        Outcome(
            name="border_delay",
            unit="million_hours",
            level="port",
            good="less",
            reads=(LOG_LEFT.name, INSPECTION.name),
            monthly=lambda run: hours(run.theta["border"], run.plan, run.reference),
            groups=by_mode,
            scale=1e6,
            steers=True,
        ),
        counted("inspections", "inspections", INSPECTIONS, beside=True),
    ),
    tables={"delay_surrogate": delay_surrogate},
    on_demand=True,
)
