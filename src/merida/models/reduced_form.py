"""The common form of a programme's effect on a place (SCIENCE rules 1, 3 and 8).

With coverage c = working units over the units that give the study's dose to the whole target population of the place,

    averted share  r = s g(c) (1 - RR^k),     lambda = lambda_base * survival(plan) / survival(reference)

where s is the share of the place's homicides that involve the target, RR the study's rate ratio and k the link from
its outcome to homicide. Up to the study's dose the share reached grows with coverage, g(c) = c; beyond it what is
left to reach is bounded:

    g(c) = c                                 for c <= 1
    g(c) = 1 + h (1 - exp(-(c - 1) / h))     for c > 1

g is concave, g(0) = 0, g(1) = 1, with a continuous slope, so that twice the dollars do at most twice as much.

Programmes together do less than their sum. If they reached homicides independently, a share P0 = prod(1 - r+) would be
left and P1 = P0 sum(r+ / (1 - r+)) averted by just one of them. Of those that two or more would avert, a part w (the
overlap of their target populations) is lost:

    survival = [P0 + w (1 - P0 - P1)] * prod(1 - r-)

with r+ the benefits and r- the harms. One programme alone is not touched by w, and survival is linear in each r+, so that
what others do never makes the second dollar worth more than the first.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.distributions import Floats
from merida.models.socket.mechanism import Draws
from merida.parameters.routes import has_way, routes


def known_ways(levers: tuple[str, ...], draws: Draws) -> Array:
    """Return 1 for each lever that a study or a chain connects to homicides, else the wide law's part of its effect.

    A programme with neither has no known way to homicide: its units are counted and no homicide hangs on them (SCIENCE
    rule 25). Under the structural scenario ``wide_law`` it works as if it were one of its family; a scenario of its own
    may open its way too (`merida.parameters.routes.Route.opens`).

    Returns
    -------
    array, shape (draws, levers, 1)
    """

    def known(lever: str) -> Floats:
        if has_way(lever, "homicides"):
            return np.ones(draws.count)
        wide, opens = draws.values["violence.wide_law"], routes()[lever, "homicides"].opens
        return np.maximum(wide, draws.values[opens]) if opens else wide

    return jnp.asarray(np.stack([known(lever) for lever in levers], axis=1)[:, :, None])


def reach(coverage: Array, beyond: Array) -> Array:
    """Return g(coverage): what a dose reaches, in units of the study's dose.

    Parameters
    ----------
    coverage : array
        Not negative.
    beyond : array
        h > 0: how much more than the study's dose can be reached at most.
    """
    excess = jnp.maximum(coverage - 1.0, 0.0)
    return jnp.minimum(coverage, 1.0) + beyond * (-jnp.expm1(-excess / beyond))


def averted_share(coverage: Array, effect: Array, share: Array, link: Array, beyond: Array) -> Array:
    """Return the share of a place's homicides that a programme averts (negative where it does harm).

    Parameters
    ----------
    coverage : array
        Working units over the units of the study's dose.
    effect : array
        Log rate ratio of the study's outcome at its dose.
    share, link, beyond : array
        s, k and h of the common form.
    """
    averted = share * reach(coverage, beyond) * -jnp.expm1(link * effect)
    return jnp.minimum(averted, 0.95)


class Terms(NamedTuple):
    """What each lever adds to the products and sums of which `joined` makes survival; shape (levers, cells)."""

    left: Array  # what its benefit leaves
    odds: Array  # of its benefit
    harm: Array  # what its harm multiplies by


def terms(averted: Array) -> Terms:
    """Return what each lever adds by its averted share alone, each share below 1."""
    benefit, harm = jnp.maximum(averted, 0.0), jnp.minimum(averted, 0.0)
    return Terms(1.0 - benefit, benefit / (1.0 - benefit), 1.0 - harm)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def product(factors: Array, axis: int) -> Array:
    """Return the product of factors above 0, with a slope that takes one division and not a tree of products."""
    return jnp.prod(factors, axis)


@product.defjvp
def _(axis: int, values: tuple[Array], changes: tuple[Array]) -> tuple[Array, Array]:
    whole = product(values[0], axis)
    return whole, whole * jnp.sum(changes[0] / values[0], axis)


def folded(each: Terms, axis: int = 0) -> Terms:
    """Return what levers add together, as if they were one."""
    return Terms(product(each.left, axis), jnp.sum(each.odds, axis), product(each.harm, axis))


def joined(each: Terms, overlap: Array) -> Array:
    """Return the log of the share of homicides left by all levers together, shape (cells,).

    Parameters
    ----------
    overlap : array, scalar
        w, from 0 (independent) to 1 (what two would avert is lost).
    """
    none, odds, harm = folded(each)
    left = none + overlap * jnp.maximum(1.0 - none - none * odds, 0.0)
    return jnp.log(left * harm)


def log_survival(averted: Array, overlap: Array) -> Array:
    """Return the log of the share of homicides left by all programmes together.

    Parameters
    ----------
    averted : array, shape (levers, cells)
        Averted shares, each below 1.
    overlap : array, scalar
        w, from 0 (independent) to 1 (what two would avert is lost).
    """
    return joined(terms(averted), overlap)
