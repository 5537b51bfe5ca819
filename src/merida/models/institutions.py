"""Institutions: courts, prisons, integrity, money laundering, leaders of organisations, aviation.

First form: each lever is the reduced form of `form.py`, one route to homicide and no chain (the justice funnel and the
organisations have models of their own to come). Where the register holds no study of a lever its effect is that of
its family, near none, and the figures say that no study stands.
"""

from __future__ import annotations

from typing import NamedTuple

from jax import Array

from merida.models.reduced_form import averted_share

LEVERS = (
    "institutions.prosecutors_courts",
    "institutions.prisons",
    "institutions.anti_corruption",
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


def step(theta: Theta, coverage: Array) -> Array:
    """Return the averted share of homicides, shape (levers, cells), for coverage of the same shape."""
    return averted_share(coverage, theta.effect, theta.share, theta.link, theta.beyond)
