"""Policing: trained and vetted officers as a change in effective police.

    effective police  = officers * (1 + q g(c)),      lambda multiplied by (1 + q g(c)) ** e

c is the stock of trained (vetted) officers over the officers of the place, q what full training (vetting) adds to an
officer's effect on crime, e the elasticity of homicide to police numbers. The elasticity already contains deterrence
and clearance, so that no chain runs beside it (SCIENCE rule 4). Turnover is the life of a trained officer.

Police counts by municipality are not in the record: officers are a published national rate times population. The
elasticity is a mixture of readings that contradict one another: U.S. cities, where more police lowered homicide, and
the Mexican municipal subsidy, which raised it. q is an assumption: no study measures it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
from jax import Array

from merida.models.reduced_form import acting_on_homicides, reach
from merida.models.socket.mechanism import Draws

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

LEVERS = ("policing.federal_training", "policing.local_training", "policing.vetting")


class Theta(NamedTuple):
    """Parameters of one draw."""

    quality: Array  # (levers, 1): added effect of an officer who is fully trained or vetted
    elasticity: Array  # scalar
    beyond: Array  # scalar


def averted_shares(theta: Theta, coverage: Array) -> Array:
    """Return the averted share of homicides, shape (levers, cells), for coverage of the same shape."""
    more = jnp.log1p(theta.quality * reach(coverage, theta.beyond))
    return -jnp.expm1(theta.elasticity * more)


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    return Theta(
        quality=jnp.array(draws.by_lever(LEVERS, "quality")),
        elasticity=jnp.array(draws.values["policing.elasticity"]),
        beyond=jnp.array(draws.values["violence.beyond_dose"]),
    )


MECHANISM = acting_on_homicides("policing", LEVERS, parameters, averted_shares)
