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

from typing import NamedTuple

from jax import Array

from merida.models.reduced_form import averted_share

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


def step(theta: Theta, coverage: Array) -> Array:
    """Return the averted share of homicides, shape (levers, cells).

    Parameters
    ----------
    coverage : array, shape (levers, cells)
        Working units over those of the study's dose for the place.
    """
    averted = averted_share(coverage, theta.effect, theta.share, theta.link, theta.beyond)
    return (1.0 - theta.displacement) * averted
