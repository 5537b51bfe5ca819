"""The terms that an effect is the sum of, their prior, and the grid of spreads (`hierarchy.py` gives the equations)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from scipy.special import logsumexp

from merida.distributions import Floats
from merida.evidence.rows import OUTCOMES, REGIONS, Study, families, family_of, kinds
from merida.priors import Priors

NODES = np.linspace(-2.5, 2.5, 5)  # standard scores of the grid of s and of t
FEW_NODES = np.linspace(-2.0, 2.0, 5)  # of a


@dataclass(frozen=True)
class Grid:
    """Points of the spreads over which the model integrates, each with its prior log weight; shape (points,)."""

    programmes: Floats  # s
    settings: Floats  # t
    error: Floats  # a
    log_weight: Floats


@lru_cache(maxsize=32)
def grid(priors: Priors) -> Grid:
    """Return the grid of spreads: log-normal distributions at evenly spaced standard scores."""
    axes = []
    for name, nodes in (
        ("between_programmes", NODES),
        ("between_settings", NODES),
        ("error_factor", FEW_NODES),
    ):
        axes.append((priors.distribution(f"evidence.{name}").at(nodes), -(nodes**2) / 2))
    points = np.meshgrid(*(values for values, _ in axes), indexing="ij")
    weights = np.meshgrid(*(weight for _, weight in axes), indexing="ij")
    s, t, a = (point.ravel() for point in points)
    log_weight = np.sum([weight.ravel() for weight in weights], axis=0)
    return Grid(s, t, a, log_weight - logsumexp(log_weight))


@cache
def terms() -> dict[str, int]:
    """Return the place of each term of the model; names carry their group, as kinds may be called like families."""
    names = ["mean", "studied"]
    names += [f"family:{name}" for name in families()]
    names += [f"kind:{name}" for name in kinds()]
    names += [f"region:{name}" for name in REGIONS]
    names += [f"outcome:{name}" for name in OUTCOMES]
    return {name: place for place, name in enumerate(names)}


@lru_cache(maxsize=32)
def prior_variances(priors: Priors) -> tuple[Floats, Floats]:
    """Return the prior variance of each term that is fixed, and that for each s^2; shape (terms,)."""
    share = priors.number("evidence.family_share")
    fixed = {"mean": "grand_mean_sd", "studied": "studied_sd", "region": "region_sd", "outcome": "outcome_sd"}
    spread = {"family": share, "kind": 1 - share}
    groups = [name.partition(":")[0] for name in terms()]
    return (
        np.array(
            [priors.number(f"evidence.{fixed[group]}") ** 2 if group in fixed else 0.0 for group in groups]
        ),
        np.array([spread.get(group, 0.0) for group in groups]),
    )


def shared(left: Floats, right: Floats, priors: Priors) -> Floats:
    """Return the prior covariance of weighted sums of terms at each point of the grid, shape (points, left, right)."""
    fixed, spread = prior_variances(priors)
    found: Floats = grid(priors).programmes[:, None, None] ** 2 * ((left * spread) @ right.T)
    found += (left * fixed) @ right.T  # in place: 30 MB for all clusters of the register
    return found


def alone(sums: Floats, priors: Priors) -> Floats:
    """Return the prior variance of weighted sums of terms at each point of the grid, shape (points, sums)."""
    fixed, spread = prior_variances(priors)
    found: Floats = sums**2 @ fixed + grid(priors).programmes[:, None] ** 2 * (sums**2 @ spread)
    return found


def parts(cluster: Sequence[Study]) -> Floats:
    """Return the weight of each study in its cluster's mean, by precision; they sum to 1."""
    precision = np.array([study.size**-2 for study in cluster])
    return np.asarray(precision / precision.sum(), dtype=np.float64)


def setting(cluster: Sequence[Study], region: str = "", outcome: str = "") -> Floats:
    """Return the weight of each term in what a cluster of studies measured, shape (terms,).

    Its own region and outcome are taken where `region` or `outcome` is empty.
    """
    weights = [weights_of(study.kind, region or study.region, outcome or study.outcome) for study in cluster]
    return parts(cluster) @ np.array(weights)


def weights_of(kind: str, region: str, outcome: str, studied: bool = True) -> Floats:
    """Return the weight of each term in the effect of a kind of programme, shape (terms,).

    An empty kind or outcome stands for none in particular.
    """
    weights = np.zeros(len(terms()))
    names = ["mean", f"region:{region}"] + ["studied"] * studied
    names += [f"family:{family_of()[kind]}", f"kind:{kind}"] if kind else []
    names += [f"outcome:{outcome}"] if outcome else []
    weights[[terms()[name] for name in names]] = 1.0
    return weights
