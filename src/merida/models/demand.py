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

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from merida.models.reduced_form import averted_share, reach

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


def step(theta: Theta, coverage: Array) -> Array:
    """Return the averted share of homicides in Mexico, shape (levers, cells), for coverage of the same shape."""
    lost = theta.income_share * reach(coverage[:3], theta.beyond) * -jnp.expm1(theta.use)
    income = jnp.log1p(-jnp.minimum(lost, 0.95))
    through_income = -jnp.expm1(theta.income_elasticity * income)
    arms = averted_share(coverage[3:], theta.arms_effect, theta.arms_share, jnp.ones(()), theta.beyond)
    return jnp.concatenate([through_income, arms])


def at_home(theta: Theta, working: Array) -> Array:
    """Return the outcomes in the United States in one month: overdose deaths averted, arrests averted.

    Parameters
    ----------
    working : array, shape (levers,)
        People in each programme at work.
    """
    deaths = working[1] * theta.deaths_per_person_year * -jnp.expm1(theta.deaths_effect)
    arrests = working[0] * theta.arrests_per_person_year * -jnp.expm1(theta.arrests_effect)
    return jnp.stack([deaths, arrests]) / 12.0
