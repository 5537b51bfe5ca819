"""Deterrence: what the certainty of punishment does to homicide, by one elasticity of studies.

Homicides punished, x times what they were at the start (`justice`), can be all homicides at most:

    averted share = 1 - min(x, 1 / p) ** e,    p = sentences over homicides at the start

with e the elasticity of homicide to the certainty of punishment. That is the one route of prosecutors and courts (SCIENCE
rule 4). Under the scenario ``courts_as_reform`` it is switched off, and their money works as the reform of criminal
procedure as a whole did where it was studied, at its dose and in the common form of `reduced_form`. Prisons and integrity
have no known way to homicide, and only ``wide_law`` lets them act. The parameters stand in ``justice.toml``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
from jax import Array

from merida.models.justice import CERTAINTY, LEVERS
from merida.models.reduced_form import averted_share, known_ways
from merida.models.socket.mechanism import (
    AVERTED_SHARE,
    COVERAGE,
    ByLever,
    Draws,
    Fixed,
    Mechanism,
    Signals,
)

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

FORM = LEVERS[1:]  # prisons and integrity: the common form, under the wide law alone


class Theta(NamedTuple):
    """Parameters of one draw."""

    elasticity: Array  # scalar, e
    punished: Array  # scalar, p
    as_reform: Array  # scalar, 1 where the rival reading holds
    reform: Array  # scalar, log rate ratio of the reform as a whole
    effect: Array  # (2, 1): of prisons and integrity, under the wide law
    share: Array  # (3, 1)
    link: Array  # (3, 1)
    beyond: Array  # scalar
    known: Array  # (3, 1)


def deterred(theta: Theta, certainty: Array) -> Array:
    """Return the averted share of homicides where punishment is so many times as certain as at the start."""
    return -jnp.expm1(theta.elasticity * jnp.log(jnp.minimum(certainty, 1.0 / theta.punished)))


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    return Theta(
        elasticity=jnp.asarray(draws.values["justice.deterrence_elasticity"]),
        punished=jnp.asarray(draws.values["justice.homicides_sentenced_pct"] / 100),
        as_reform=jnp.asarray(draws.values["justice.as_reform"]),
        reform=jnp.asarray(draws.values["justice.reform_effect"]),
        effect=jnp.asarray(draws.by_lever(FORM, "effect")),
        share=jnp.asarray(draws.by_lever(LEVERS, "share")),
        link=jnp.asarray(draws.by_lever(LEVERS, "link")),
        beyond=jnp.asarray(draws.values["violence.beyond_dose"]),
        known=known_ways(LEVERS, draws),
    )


def step(
    theta: Theta, inputs: Fixed, state: None, signals: Signals, month: Array
) -> tuple[None, dict[str, Any]]:
    """Return the averted share of homicides of each lever by cell; `inputs` is 1 where a cell lies in a state."""
    by_certainty = inputs @ deterred(theta, signals[CERTAINTY.name])
    covered = signals[COVERAGE.name].of(LEVERS)
    as_reform = averted_share(covered[0], theta.reform, theta.share[0], theta.link[0], theta.beyond)
    courts = (1.0 - theta.as_reform) * by_certainty + theta.as_reform * as_reform
    form = averted_share(covered[1:], theta.effect, theta.share[1:], theta.link[1:], theta.beyond)
    averted = theta.known * jnp.concatenate([courts[None], form])
    return None, {AVERTED_SHARE.name: ByLever(LEVERS, averted)}


MECHANISM = Mechanism(
    name="deterrence",
    levers=LEVERS,
    main_outcome="homicides",
    parameters=parameters,
    prepare=lambda domain: domain.in_state[:, :-1],
    step=step,
    reads=(COVERAGE.name, CERTAINTY.name),
    writes=(AVERTED_SHARE,),
)
