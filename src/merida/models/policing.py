"""Policing: officers by state and level, who is trained and who holds a valid exam, and what that can do.

    officers        N = rate * people,   federal, state and municipal parts of it
    hires           h = N / tenure,      so that the force keeps its number
    Mexico's own    dV/dt = h p - V / tenure,      V(t) = N [p + (v - p) exp(-t / tenure)]

with p the share of recruits who come to be trained (or pass the exam), v the share at the start. In the long run the
chain recruit -> trained -> leaves holds hires * p * tenure. Units at work of a programme, which wear out as officers
leave (`programme_units`), add to the officers whom Mexico has not trained or examined itself, and never exceed them:

    trained = own + min(units, N - own),      a vetted state buys no more vetting.

An exam adds an officer where he passes. What training or an exam adds to an officer's effect, q, no study of this record
measures on homicide in Mexico, and no programme adds officers: no homicide hangs on them. Under the scenario
``wide_law`` q is an assumption, and

    effective police  = N (1 + q g(c)),      homicides * (1 + q g(c)) ** e

with c the part of the place's officers that the programme reaches, in doses, and e the elasticity of homicide to police
*numbers*, which holds deterrence and clearance already: no chain runs beside it (SCIENCE rule 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.models.reduced_form import known_ways, reach
from merida.models.socket.mechanism import (
    AVERTED_SHARE,
    COVERAGE,
    ByLever,
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

FEDERAL, LOCAL, VETTING = LEVERS = (
    "policing.federal_training",
    "policing.local_training",
    "policing.vetting",
)
TRAINED_FEDERAL = Signal("federal_officers_trained", "officers", ("state",))
TRAINED_LOCAL = Signal("local_officers_trained", "officers", ("state",))
VETTED = Signal("local_officers_vetted", "officers", ("state",))


class Theta(NamedTuple):
    """Parameters of one draw."""

    quality: (
        Array  # (levers, 1): what full training or vetting adds to an officer's effect, under the wide law
    )
    elasticity: Array  # scalar
    beyond: Array  # scalar
    known: Array  # (levers, 1)
    officers_per_100k: Array  # scalar, of all levels
    federal_share: Array  # scalar
    municipal_per_100k: Array  # scalar
    tenure_years: Array  # scalar
    trained_at_start: Array  # (2,) share of federal and of local officers
    valid_at_start: (
        Array  # scalar, share of local officers with a valid exam where the state's own is unknown
    )
    passing: Array  # scalar, share of those examined who pass


class Inputs(NamedTuple):
    """What does not vary by draw. P programmes, Q places of money, S states, C cells."""

    people: Fixed  # (S,)
    to_states: Fixed  # (Q, S)
    in_state: Fixed  # (C, S + 1) 1 where a cell lies in a state, or in none
    pulls: Fixed  # (levers, P)
    valid: Fixed  # (S,) share of state officers with a valid exam; nan where it was not published
    first: Fixed  # month from which Mexico's own chain is told


class Forces(NamedTuple):
    """Officers by state, shape (S,)."""

    federal: Array
    state: Array
    municipal: Array

    @property
    def local(self) -> Array:
        """Officers of state and municipal forces together."""
        return self.state + self.municipal


def valid_exams(facts: Facts) -> dict[str, float]:
    """Return the share of state officers with a valid exam by state, as far as it was published."""
    rows = facts.sql("select state, vetting_valid_pct from state_police where vetting_valid_pct is not null")
    return {state: share / 100 for state, share in rows.rows()}


def forces(theta: Theta, people: Array) -> Forces:
    """Return the officers of each level by state.

    The three parts sum to the national rate; a municipal rate above what federal police leave takes all of it.
    """
    every = people * theta.officers_per_100k / 1e5
    federal = theta.federal_share * every
    municipal = jnp.minimum(people * theta.municipal_per_100k / 1e5, every - federal)
    return Forces(federal, every - federal - municipal, municipal)


def own_share(start: Array, passing: Array, tenure_years: Array, years: Array) -> Array:
    """Return the share of a force whom the country's own chain has trained or examined after some years.

    The solution of recruits -> passed -> left with hires = officers / tenure; in the long run the stock is
    hires * passing * tenure.
    """
    return passing + (start - passing) * jnp.exp(-years / tenure_years)


def with_programme(own: Array, officers: Array, units: Array) -> Array:
    """Return trained officers: the country's own and a programme's, never more than the officers there are."""
    return own + jnp.minimum(units, jnp.maximum(officers - own, 0.0))


def averted_shares(theta: Theta, coverage: Array) -> Array:
    """Return the averted share of homicides under the wide law, shape (levers, cells), for doses of the same shape."""
    more = jnp.log1p(theta.quality * reach(coverage, theta.beyond))
    return -jnp.expm1(theta.elasticity * more)


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    value = {name: drawn for name, drawn in draws.values.items() if name.startswith("policing.")}
    start = [value[f"{lever}.at_start"] for lever in (FEDERAL, LOCAL)]
    return Theta(
        quality=jnp.asarray(draws.by_lever(LEVERS, "quality")),
        elasticity=jnp.asarray(value["policing.elasticity"]),
        beyond=jnp.asarray(draws.values["violence.beyond_dose"]),
        known=known_ways(LEVERS, draws),
        officers_per_100k=jnp.asarray(value["policing.officers_per_100k"]),
        federal_share=jnp.asarray(value["policing.federal_share"]),
        municipal_per_100k=jnp.asarray(value["policing.municipal_per_100k"]),
        tenure_years=jnp.asarray(value["policing.tenure_years"]),
        trained_at_start=jnp.asarray(np.stack(start, axis=1)),
        valid_at_start=jnp.asarray(value["policing.vetting.valid_pct"] / 100),
        passing=jnp.asarray(value["policing.vetting.passing_pct"] / 100),
    )


def prepare(domain: Domain) -> Inputs:
    """Return people, places and what is known of each state's police."""
    valid: dict[str, float] = domain.tables["valid_exams"]
    return Inputs(
        people=domain.people,
        to_states=domain.to_states,
        in_state=domain.in_state,
        pulls=np.stack([domain.pulls(lever) for lever in LEVERS]),
        valid=np.array([valid.get(state, np.nan) for state in domain.states]),
        first=np.asarray(domain.first),
    )


def stocks(theta: Theta, inputs: Inputs, units: Array, month: Array) -> tuple[Array, Array, Array, Array]:
    """Return trained federal, trained local and vetted local officers by state, and the doses they may add.

    Parameters
    ----------
    units : array, shape (levers, S)
        Units at work of the programmes that pull each lever.

    Returns
    -------
    tuple of array
        Three of shape (S,), and the share of each state's officers whom Mexico leaves to each lever, (levers, S).
    """
    police = forces(theta, inputs.people)
    years = jnp.maximum(month - inputs.first, 0) / 12.0
    start = jnp.where(jnp.isnan(inputs.valid), theta.valid_at_start, jnp.nan_to_num(inputs.valid))
    valid = (police.state * start + police.municipal * theta.valid_at_start) / police.local
    share = jnp.stack(
        [
            jnp.broadcast_to(theta.trained_at_start[0], valid.shape),
            jnp.broadcast_to(theta.trained_at_start[1], valid.shape),
            own_share(valid, theta.passing, theta.tenure_years, years),
        ]
    )
    officers = jnp.stack([police.federal, police.local, police.local])
    passed = units * jnp.asarray([1.0, 1.0, theta.passing])[:, None]
    trained = with_programme(share * officers, officers, passed)
    return trained[0], trained[1], trained[2], 1.0 - share


def step(
    theta: Theta, inputs: Inputs, state: None, signals: Signals, month: Array
) -> tuple[None, dict[str, Any]]:
    """Return officers trained and vetted by state, and the averted share of homicides of each lever by cell."""
    units = inputs.pulls @ signals["units_at_work"] @ inputs.to_states
    federal, local, vetted, left = stocks(theta, inputs, units, month)
    room = left @ inputs.in_state[:, :-1].T
    doses = jnp.minimum(signals[COVERAGE.name].of(LEVERS), room)
    return None, {
        AVERTED_SHARE.name: ByLever(LEVERS, theta.known * averted_shares(theta, doses)),
        TRAINED_FEDERAL.name: federal,
        TRAINED_LOCAL.name: local,
        VETTED.name: vetted,
    }


MECHANISM = Mechanism(
    name="policing",
    levers=LEVERS,
    main_outcome="homicides",
    parameters=parameters,
    prepare=prepare,
    step=step,
    reads=(COVERAGE.name, "units_at_work"),
    writes=(AVERTED_SHARE, TRAINED_FEDERAL, TRAINED_LOCAL, VETTED),
    outcomes=(
        counted("federal_officers_trained", "officer_years", TRAINED_FEDERAL, per=12.0),
        counted("local_officers_trained", "officer_years", TRAINED_LOCAL, per=12.0),
        counted("local_officers_vetted", "officer_years", VETTED, per=12.0),
    ),
    tables={"valid_exams": valid_exams},
)
