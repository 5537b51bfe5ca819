"""Institutions: money laundering, leaders of organisations, aviation.

First form: each lever is the reduced form of `form.py`, one route to homicide and no chain (the
organisations have a model of their own to come). Where the register holds no study of a lever its effect is that of
its family, near none, and the figures say that no study stands.
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
    "institutions.financial_intelligence",
    "institutions.leadership_targeting",
    "institutions.aviation",
)


class Theta(NamedTuple):
    """Parameters of one draw; arrays of shape (levers, 1) unless said otherwise."""

    effect: Array
    share: Array
    link: Array
    beyond: Array  # scalar


def averted_shares(theta: Theta, coverage: Array) -> Array:
    """Return the averted share of homicides, shape (levers, cells), for coverage of the same shape."""
    return averted_share(coverage, theta.effect, theta.share, theta.link, theta.beyond)


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    return Theta(
        effect=jnp.array(draws.by_lever(LEVERS, "effect")),
        share=jnp.array(draws.by_lever(LEVERS, "share")),
        link=jnp.array(draws.by_lever(LEVERS, "link")),
        beyond=jnp.array(draws.values["violence.beyond_dose"]),
    )


MECHANISM = acting_on_homicides("institutions", LEVERS, parameters, averted_shares)
