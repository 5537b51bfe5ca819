"""Demand and flows: what the United States does at home, and what goes south.

Outcomes at home come first (SCIENCE rule 11). With n people in the programme at work:

    overdose deaths averted a year = n m (1 - RR)       treatment
    arrests averted a year         = n a (1 - RR)       probation

m and a are the yearly deaths and arrests of such people without it. Mexican homicides are a separate line through the
income of the organisations,

    R = 1 - v g(c) (1 - RU),       lambda multiplied by R ** n

where RU is the rate ratio of use, v the share of income that these users bring, and n the elasticity of homicide to
income: an assumption centred on zero, since scarcity has raised violence (Castillo, Mejia and Restrepo, 2020) and no
row of the register supports a sign. Arms tracing and southbound checks are the common form of `form.py`, with the share
of homicides by firearms from the United States as s; no study measures what either does to the supply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jax.numpy as jnp
from jax import Array

from merida.models.reduced_form import averted_share, known_ways, reach
from merida.models.socket.domain import US
from merida.models.socket.mechanism import (
    AVERTED_SHARE,
    COVERAGE,
    ByLever,
    Draws,
    Fixed,
    Mechanism,
    Outcome,
    Signal,
    Signals,
)

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

USE = ("demand.hope_probation", "demand.treatment", "demand.prevention")
ARMS = ("demand.arms_tracing", "demand.southbound_checks")
LEVERS = (*USE, *ARMS)


class Theta(NamedTuple):
    """Parameters of one draw."""

    use: Array  # (3, 1): log rate ratio of drug use
    income_share: Array  # (3, 1)
    income_elasticity: Array  # scalar
    arms_effect: Array  # (2, 1)
    arms_share: Array  # scalar
    beyond: Array  # scalar
    deaths_effect: Array  # scalar, log rate ratio of death in treatment
    deaths_per_person_year: Array  # scalar
    arrests_effect: Array  # scalar, log rate ratio of arrest under swift probation
    arrests_per_person_year: Array  # scalar
    known: Array  # (5, 1): 1 where a lever has a known way to homicides


class Inputs(NamedTuple):
    """What does not vary by draw. P programmes."""

    treatment: Fixed  # (P,) 1 where a programme's units are people in treatment
    probation: Fixed  # (P,) 1 where they are people on swift probation


DEATHS_AVERTED = Signal("us_overdose_deaths_averted", "deaths of people in treatment")
ARRESTS_AVERTED = Signal("us_arrests_averted", "arrests of people on probation")


def averted_shares(theta: Theta, use: Array, arms: Array) -> tuple[Array, Array]:
    """Return the averted shares of homicides in Mexico through use and through arms.

    Parameters
    ----------
    use : array, shape (3, cells)
        Coverage of the levers `USE`.
    arms : array, shape (2, cells)
        Coverage of the levers `ARMS`.
    """
    lost = theta.income_share * reach(use, theta.beyond) * -jnp.expm1(theta.use)
    income = jnp.log1p(-jnp.minimum(lost, 0.95))
    through_income = -jnp.expm1(theta.income_elasticity * income)
    return through_income, averted_share(
        arms, theta.arms_effect, theta.arms_share, jnp.ones(()), theta.beyond
    )


def at_home(theta: Theta, treated: Array, supervised: Array) -> tuple[Array, Array]:
    """Return the overdose deaths and the arrests averted in the United States in one month.

    Parameters
    ----------
    treated, supervised : array, scalar
        People in treatment and on swift probation.
    """
    deaths = treated * theta.deaths_per_person_year * -jnp.expm1(theta.deaths_effect)
    arrests = supervised * theta.arrests_per_person_year * -jnp.expm1(theta.arrests_effect)
    return deaths / 12.0, arrests / 12.0


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    values = {name: jnp.array(drawn) for name, drawn in draws.values.items() if name.startswith("demand.")}
    return Theta(
        use=jnp.array(draws.by_lever(USE, "use")),
        income_share=jnp.array(draws.by_lever(USE, "income_share")),
        income_elasticity=values["demand.income_elasticity"],
        arms_effect=jnp.array(draws.by_lever(ARMS, "effect")),
        arms_share=values["demand.arms_share"],
        beyond=jnp.array(draws.values["violence.beyond_dose"]),
        deaths_effect=values["demand.treatment.deaths_effect"],
        deaths_per_person_year=values["demand.treatment.deaths_per_person_year"],
        arrests_effect=values["demand.hope_probation.arrests_effect"],
        arrests_per_person_year=values["demand.hope_probation.arrests_per_person_year"],
        known=known_ways(LEVERS, draws),
    )


def prepare(domain: Domain) -> Inputs:
    """Return which programmes treat and which supervise."""
    return Inputs(
        treatment=domain.pulls("demand.treatment"),
        probation=domain.pulls("demand.hope_probation"),
    )


def step(
    theta: Theta, inputs: Inputs, state: None, signals: Signals, month: Array
) -> tuple[None, dict[str, Any]]:
    """Return the averted share of homicides of each lever, by cell, and what is averted at home."""
    covered = signals[COVERAGE.name]
    use, arms = averted_shares(theta, covered.of(USE), covered.of(ARMS))
    people = signals["units_at_work"][:, US]
    deaths, arrests = at_home(theta, inputs.treatment @ people, inputs.probation @ people)
    return None, {
        AVERTED_SHARE.name: ByLever(LEVERS, theta.known * jnp.concatenate([use, arms])),
        DEATHS_AVERTED.name: deaths,
        ARRESTS_AVERTED.name: arrests,
    }


MECHANISM = Mechanism(
    name="demand",
    levers=LEVERS,
    main_outcome="homicides",
    parameters=parameters,
    prepare=prepare,
    step=step,
    reads=(COVERAGE.name, "units_at_work"),
    writes=(AVERTED_SHARE, DEATHS_AVERTED, ARRESTS_AVERTED),
    outcomes=(
        Outcome(
            name="us_overdose_deaths",
            unit="deaths",
            level="united_states",
            good="less",
            reads=(DEATHS_AVERTED.name,),
            monthly=lambda run: -run.plan[DEATHS_AVERTED.name][:, None],
        ),
        Outcome(
            name="us_arrests",
            unit="arrests",
            level="united_states",
            good="less",
            reads=(ARRESTS_AVERTED.name,),
            monthly=lambda run: -run.plan[ARRESTS_AVERTED.name][:, None],
        ),
    ),
)
