"""Justice: from crime to sentence as a chain of counts, what officials can carry through it, and certainty of punishment.

By state and month, with C crimes and d the dark figure (not reported, or no file opened) of the victim survey,

    files opened      a = C (1 - d)
    files resolved    r = min(c K, a + B),    c = share of crimes resolved * C
    backlog           B' = B + a - r          (at constant capacity B(t) = B0 + (a - c) t, of age B / c)

Officials handle a countable number of files: c over the officials there are. Training and equipment make an official
worth 1 + w officials; at most all N are trained, and clearances answer investigators by a studied elasticity E:

    K = (1 + w min(u, N) / N) ** E

What is resolved in a month comes to a sentence through two linear stages, charging and trial, whose month is the matrix
exponential of their rates: x, what is punished over what was at the start. `deterrence` says what that does to homicide.
Prisons and units of integrity are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.linalg import expm

from merida.distributions import Floats
from merida.models.socket.mechanism import (
    Draws,
    Fixed,
    Mechanism,
    Signal,
    Signals,
    counted,
)

if TYPE_CHECKING:
    from merida.facts import Facts
    from merida.models.socket.domain import Domain

LEVERS = (
    "justice.prosecutors_courts",
    "justice.prisons",
    "justice.anti_corruption",
)  # pulled in `deterrence`
RESOLVED = Signal("files_resolved", "files", ("state",))
BACKLOG = Signal("files_pending", "files", ("state",))
OFFICIALS = Signal("officials_trained", "officials", ("state",))
HOURS = Signal("official_hours_added", "hours")
ACCREDITED = Signal("prisons_accredited", "prisons")
SUPPORTED = Signal("integrity_units", "units")
CERTAINTY = Signal("certainty_of_punishment", "times that of the start", ("state",))


class Survey(NamedTuple):
    """What the victim survey says of a state in the last year known: crimes a year, and the share without a file."""

    crimes: float
    dark: float


class Theta(NamedTuple):
    """Parameters of one draw."""

    crimes_per_person: Array  # scalar, a year, where no survey was known
    opened: Array  # scalar, share of crimes with a file, where no survey was known
    resolved: Array  # scalar, share of crimes committed that are resolved
    backlog_years: Array  # scalar, files pending at the start in years of files opened
    officials: Array  # scalar, the nation
    hours_per_year: Array  # scalar
    worth: Array  # scalar, w
    clearance: Array  # scalar, E
    stages: Array  # (2, 3): one month of charging and trial, by what is in them and what comes


class Inputs(NamedTuple):
    """What does not vary by draw. P programmes, Q places of money, S states, C cells."""

    people: Fixed  # (S,)
    crimes: Fixed  # (S,) a year; nan where no survey was known
    opened: Fixed  # (S,) share of crimes with a file; nan where no survey was known
    to_states: Fixed  # (Q, S)
    pulls: Fixed  # (levers, P)
    first: Fixed  # month from which backlog is told
    nothing: Fixed  # (S,) zeros
    at_rest: Fixed  # (S, 2) ones


class State(NamedTuple):
    """What is remembered from month to month."""

    pending: Array  # (S,) files pending beyond those of the start
    flowing: Array  # (S, 2) what leaves charging and trial, over what left them at the start


def survey(facts: Facts) -> dict[str, Survey]:
    """Return crimes and the dark figure by state in the last year of the victim survey that was known."""
    rows = facts.sql(
        "select state, crimes, dark_figure_pct from envipe where crimes is not null and dark_figure_pct is not null"
        " and year = (select max(year) from envipe where dark_figure_pct is not null)"
    )
    return {state: Survey(float(crimes), dark / 100) for state, crimes, dark in rows.rows()}


def funnel(*shares: float) -> float:
    """Return the share of crimes that passes every stage, each share of those that passed the one before.

    Examples
    --------
    >>> round(funnel(0.11, 0.691), 3)
    0.076
    """
    return float(np.prod(shares))


def one_month(charging_months: Floats, trial_months: Floats) -> Floats:
    """Return one month of two linear stages, by what is in them and what comes in, shape (draws, 2, 3).

    With x what leaves each stage, dx/dt = A x + b y for a constant inflow y: the matrix exponential of the system with
    y as a third state that does not move.
    """
    rates = np.zeros((len(charging_months), 3, 3))
    rates[:, 0, 0], rates[:, 0, 2] = -1 / charging_months, 1 / charging_months
    rates[:, 1, 1], rates[:, 1, 0] = -1 / trial_months, 1 / trial_months
    return np.asarray(expm(rates)[:, :2], dtype=np.float64)


def capacity(theta: Theta, officials: Array, trained: Array) -> Array:
    """Return K: what officials can resolve, over what they could untrained; at most all officials are trained."""
    part = jnp.minimum(trained, officials) / officials
    return (1.0 + theta.worth * part) ** theta.clearance


def after_month(theta: Theta, state: State, opened: Array, able: Array, start: Array) -> tuple[State, Array]:
    """Return the state after one month and the files resolved in it.

    Parameters
    ----------
    opened, able, start : array, shape (S,)
        Files opened in the month, files that officials can resolve in it, and what they resolved at the start.
    """
    pending = theta.backlog_years * 12 * opened + state.pending
    resolved = jnp.minimum(able, opened + jnp.maximum(pending, 0.0))
    come = jnp.concatenate([state.flowing, (resolved / start)[:, None]], axis=1)
    return State(state.pending + opened - resolved, come @ theta.stages.T), resolved


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    value = {name: drawn for name, drawn in draws.values.items() if name.startswith("justice.")}
    stages = one_month(value["justice.charging_months"], value["justice.trial_months"])
    return Theta(
        crimes_per_person=jnp.asarray(value["justice.crimes_per_100k"] / 1e5),
        opened=jnp.asarray(value["justice.reported_pct"] * value["justice.opened_pct"] / 1e4),
        resolved=jnp.asarray(value["justice.resolved_pct"] / 100),
        backlog_years=jnp.asarray(value["justice.backlog_years"]),
        officials=jnp.asarray(value["justice.officials"]),
        hours_per_year=jnp.asarray(value["justice.hours_per_year"]),
        worth=jnp.asarray(value["justice.prosecutors_courts.worth"]),
        clearance=jnp.asarray(value["justice.clearance_elasticity"]),
        stages=jnp.asarray(stages),
    )


def prepare(domain: Domain) -> Inputs:
    """Return people, crimes and files by state."""
    known: dict[str, Survey] = domain.tables["victim_survey"]
    told = [known.get(state, Survey(np.nan, np.nan)) for state in domain.states]
    return Inputs(
        people=domain.people,
        crimes=np.array([one.crimes for one in told]),
        opened=np.array([1 - one.dark for one in told]),
        to_states=domain.to_states,
        pulls=np.stack([domain.pulls(lever) for lever in LEVERS]),
        first=np.asarray(domain.first),
        nothing=np.zeros(len(domain.states)),
        at_rest=np.ones((len(domain.states), 2)),
    )


def initial(inputs: Inputs) -> State:
    """Return the backlog of the start, and stages in which as much leaves as comes."""
    return State(inputs.nothing, inputs.at_rest)


def step(
    theta: Theta, inputs: Inputs, state: State, signals: Signals, month: Array
) -> tuple[State, dict[str, Any]]:
    """Return files, officials and units, and how certain punishment has become by state."""
    units = inputs.pulls @ signals["units_at_work"] @ inputs.to_states
    crimes = jnp.where(jnp.isnan(inputs.crimes), theta.crimes_per_person * inputs.people, inputs.crimes) / 12
    opened = crimes * jnp.where(jnp.isnan(inputs.opened), theta.opened, inputs.opened)
    officials = theta.officials * inputs.people / jnp.sum(inputs.people)
    trained = jnp.minimum(units[0], officials)
    start = theta.resolved * crimes
    after, resolved = after_month(theta, state, opened, start * capacity(theta, officials, trained), start)
    pending = jnp.where(
        month >= inputs.first, after.pending, 0.0
    )  # the record's backlog is that of the start
    return State(pending, after.flowing), {
        RESOLVED.name: resolved,
        BACKLOG.name: theta.backlog_years * 12 * opened + pending,
        OFFICIALS.name: trained,
        HOURS.name: jnp.sum(trained) * theta.worth * theta.hours_per_year / 12,
        ACCREDITED.name: jnp.sum(units[1]),
        SUPPORTED.name: jnp.sum(units[2]),
        CERTAINTY.name: after.flowing[:, 1],
    }


MECHANISM = Mechanism(
    name="justice",
    parameters=parameters,
    prepare=prepare,
    initial=initial,
    step=step,
    reads=("units_at_work",),
    writes=(RESOLVED, BACKLOG, OFFICIALS, HOURS, ACCREDITED, SUPPORTED, CERTAINTY),
    outcomes=(
        counted("officials_trained", "official_years", OFFICIALS, per=12.0),
        counted("official_hours_added", "hours", HOURS),
        counted("files_resolved", "files", RESOLVED),
        counted("files_pending", "file_years", BACKLOG, good="less", per=12.0),
        counted("prisons_accredited", "prison_years", ACCREDITED, per=12.0),
        counted("integrity_units", "unit_years", SUPPORTED, per=12.0),
    ),
    tables={"victim_survey": survey},
)
