"""Communities: programmes that work in a place, on the people or streets where violence gathers.

For each lever the common form of `form.py`, with the study's effect as the evidence gives it for a new setting, less
what moves to the next street:

    r = (1 - d) s g(c) (1 - RR^k)

d is displacement: positive where crime moves, negative where the benefit spreads (Bowers and others, 2011, found a
trend to the second; the Bogota trial of Blattman and others, 2021, the first). It has no direction in space yet: what
moves stays within the place's own figure.

Dose is the programme's working units (delivery.py, system.py), reach is g, decay is the life of a delivered unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
from jax import Array

from merida.models.reduced_form import acting_on_homicides, averted_share
from merida.models.socket.mechanism import Draws

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

LEVERS = (
    "communities.focused_deterrence",
    "communities.street_outreach",
    "communities.youth_cbt",
    "communities.youth_jobs",
    "communities.prevention",
    "communities.public_space",
    "communities.community_policing",
)


class Theta(NamedTuple):
    """Parameters of one draw; arrays of shape (levers, 1) unless said otherwise."""

    effect: Array
    share: Array
    link: Array
    displacement: Array  # scalar
    beyond: Array  # scalar


def averted_shares(theta: Theta, coverage: Array) -> Array:
    """Return the averted share of homicides, shape (levers, cells).

    Parameters
    ----------
    coverage : array, shape (levers, cells)
        Working units over those of the study's dose for the place.
    """
    averted = averted_share(coverage, theta.effect, theta.share, theta.link, theta.beyond)
    return (1.0 - theta.displacement) * averted


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    return Theta(
        effect=jnp.array(draws.by_lever(LEVERS, "effect")),
        share=jnp.array(draws.by_lever(LEVERS, "share")),
        link=jnp.array(draws.by_lever(LEVERS, "link")),
        displacement=jnp.array(draws.values["communities.displacement"]),
        beyond=jnp.array(draws.values["violence.beyond_dose"]),
    )


MECHANISM = acting_on_homicides("communities", LEVERS, parameters, averted_shares)
