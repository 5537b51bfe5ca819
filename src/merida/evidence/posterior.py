"""The posterior of the model of all studies at each point of the grid of spreads; `hierarchy.py` gives the equations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.special import log_ndtr, logsumexp, ndtr

from merida.distributions import Floats
from merida.evidence.rows import Study, unit
from merida.evidence.terms import alone, grid, parts, setting, shared, terms
from merida.one_line import OneLine
from merida.priors import Priors

QUARTER = 0.25


@dataclass(frozen=True, repr=False)
class Observed(OneLine):
    """Clusters as the model takes them.

    Attributes
    ----------
    names : tuple of str
        Those with a figure first, then signs, then those that give a bound alone.
    y : array, shape (clusters,)
        Effect in units of a programme at its study's dose, or the bound.
    own : array, shape (clusters,)
        Variance of the design's own bias.
    errors, least, most : array, shape (studies,)
        Standard error of each study, and the least and most that one that is assumed may be.
    assumed : array of bool, shape (studies,)
        Whether the error is assumed, and taken times a.
    member : array, shape (studies, clusters)
        Weight of each study in its cluster.
    setting : array, shape (clusters,)
        1 where the cluster is of one setting, 0 where it is a synthesis of many.
    terms : array, shape (clusters, terms)
        Weight of each term (mean, families, kinds, regions, outcomes).
    bias : array, shape (clusters, designs)
        Standard deviation of each design's common bias.
    before_after : array of bool, shape (clusters,)
    figures : int
        Clusters that give a figure.
    below : tuple of bool
        Of each cluster that gives a bound, the last ones: whether its effect lies below, not above.
    """

    names: tuple[str, ...]
    y: Floats
    own: Floats
    errors: Floats
    least: Floats
    most: Floats
    assumed: npt.NDArray[np.bool_]
    member: Floats
    setting: Floats
    terms: Floats
    bias: Floats
    before_after: npt.NDArray[np.bool_]
    figures: int
    below: tuple[bool, ...]


@dataclass(frozen=True, repr=False)
class Posterior(OneLine):
    """What the studies say of one mean effect, at each point of the grid; shape (points,).

    Attributes
    ----------
    weights : array
        Posterior weights of the points.
    mean, variance : array
        Of the mean effect, given the point.
    before : array
        Prior variance of the mean effect.
    tau : array
        Standard deviation between settings.
    """

    weights: Floats
    mean: Floats
    variance: Floats
    before: Floats
    tau: Floats

    @property
    def share_from_data(self) -> float:
        """Part of the prior variance of the mean effect that the studies took away."""
        return float(self.weights @ (1 - self.variance / self.before))

    def below(self, effect: float, new: bool) -> float:
        """Return the probability that the mean effect, or that in a new setting, lies below a number."""
        sd = np.sqrt(self.variance + new * self.tau**2)
        return float(self.weights @ ndtr((effect - self.mean) / sd))

    def quantile(self, q: float, new: bool) -> float:
        """Return the q-th quantile of the mean effect, or of that in a new setting."""
        from scipy.optimize import brentq  # slow to load, and pages that only show what is known need none

        sd = np.sqrt(self.variance + new * self.tau**2)
        low, high = float(np.min(self.mean - 10 * sd)), float(np.max(self.mean + 10 * sd))
        return float(brentq(lambda x: self.below(x, new) - q, low, high))


def biased_designs(priors: Priors) -> dict[str, float]:
    """Return the standard deviation of the bias of each design, and of owners' reports and of what gets reported."""
    prefix = "evidence.bias_sd."
    return {
        path.removeprefix(prefix): priors.number(path) for path in priors.entries if path.startswith(prefix)
    }


@lru_cache(maxsize=2048)
def averaged(cluster: tuple[Study, ...], bias: bool, priors: Priors) -> tuple[Floats, Floats, Floats]:
    """Return a cluster's numbers (y, own and setting of `Observed`), its terms and its common biases."""
    sds, in_common = biased_designs(priors), priors.number("evidence.bias_shared")
    designs = list(sds)
    numbers, biased = np.zeros(3), np.zeros(len(designs))
    for study, weight in zip(cluster, parts(cluster), strict=True):
        by_design = [study.design, "owner_reported"] if study.owner else [study.design]
        own = 0.0
        for design in by_design if bias else []:
            own += (1 - in_common) * sds[design] ** 2
            biased[designs.index(design)] += weight * sds[design] * math.sqrt(in_common)
        if bias:
            error = study.size / unit(study.kind, priors)
            biased[designs.index("reported")] += weight * sds["reported"] * error
        numbers += weight * np.array([study.value / unit(study.kind, priors), own, study.one_setting])
    return numbers, setting(cluster), biased


def observe(clusters: Iterable[tuple[Study, ...]], priors: Priors, bias: bool = True) -> Observed:
    """Return clusters as the model takes them: each at the mean of its studies, those with figures first."""
    ordered = sorted(clusters, key=lambda cluster: (is_bound(cluster), not has_figure(cluster)))
    averages = [averaged(cluster, bias, priors) for cluster in ordered]
    numbers, weights, biased = (
        np.array([average[part] for average in averages]).reshape(len(averages), width)
        for part, width in enumerate((3, len(terms()), len(biased_designs(priors))))
    )
    studies = [study for cluster in ordered for study in cluster]
    many = np.array([unit(study.kind, priors) for study in studies])
    member = np.zeros((len(studies), len(ordered)))
    member[np.arange(len(studies)), np.repeat(np.arange(len(ordered)), [len(c) for c in ordered])] = (
        np.concatenate([parts(cluster) for cluster in ordered]) if ordered else 0.0
    )
    bounds = [cluster for cluster in ordered if is_bound(cluster)]
    return Observed(
        tuple(cluster[0].cluster for cluster in ordered),
        numbers[:, 0],
        numbers[:, 1],
        np.array([study.error for study in studies]) / many,
        np.array([study.least for study in studies]) / many,
        np.array([study.most for study in studies]) / many,
        np.array([study.assumed for study in studies], dtype=bool),
        member,
        numbers[:, 2],
        weights,
        biased,
        np.array([all(study.before_after for study in cluster) for cluster in ordered], dtype=bool),
        sum(has_figure(cluster) for cluster in ordered) - len(bounds),
        tuple(cluster[0].below for cluster in bounds),
    )


def is_bound(cluster: Sequence[Study]) -> bool:
    """Return whether a cluster gives a bound and no figure: beside figures a bound counts as one, at its end."""
    return len(cluster) == 1 and cluster[0].source == "bound"


def has_figure(cluster: Iterable[Study]) -> bool:
    """Return whether a study of the cluster gives a figure, not a sign alone."""
    return any(study.has_figure for study in cluster)


@dataclass(frozen=True, repr=False)
class Solved(OneLine):
    """Clusters with the parts of their posterior that are the same whatever is asked for.

    Attributes
    ----------
    bounds : array, shape (points, clusters, bounds)
        Prior covariance with the clusters that give a bound.
    root : array, shape (points, clusters, clusters)
        Cholesky factor of the covariance of those that give no bound.
    off : array, shape (points, clusters)
        Their distance from the grand mean, in terms of it.
    """

    data: Observed
    bounds: Floats
    root: Floats
    off: Floats


@lru_cache(maxsize=6)  # 30 MB each; most laws rest on all clusters alike
def solved(clusters: tuple[tuple[Study, ...], ...], priors: Priors, bias: bool) -> Solved:
    """Return clusters as the model takes them, solved."""
    return solve(observe(clusters, priors, bias), priors)


def solve(data: Observed, priors: Priors) -> Solved:
    """Return clusters solved."""
    among, m0 = covariance(data, priors), priors.number("evidence.grand_mean")
    n = len(data.names) - len(data.below)
    root = np.linalg.cholesky(among[:, :n, :n])
    apart = np.broadcast_to((data.y - m0 * data.terms[:, 0])[:n, None], (len(root), n, 1))
    off: Floats = solve_triangular(root, apart, lower=True)[:, :, 0]
    return Solved(data, among[:, :, n:].copy(), np.asarray(root, dtype=np.float64), off)


def condition(known: Solved, targets: Floats, priors: Priors) -> list[Posterior]:
    """Return the posterior of each weighted sum of terms.

    Points of the grid are weighed by the clusters that give a figure or a bound: that signs are alike says nothing of
    spreads.

    Parameters
    ----------
    known : Solved
        The clusters.
    targets : array, shape (targets, terms)
        The weight of each term in the effects that are asked for.
    """
    data, points, m0 = known.data, grid(priors), priors.number("evidence.grand_mean")
    n, asked = len(data.names) - len(data.below), len(targets)
    across, before = shared(data.terms, targets, priors), shared(targets, targets, priors)
    half = solve_triangular(known.root, np.concatenate([across, known.bounds], axis=2)[:, :n], lower=True)
    whole = np.block([[before, across[:, n:].swapaxes(1, 2)], [across[:, n:], known.bounds[:, n:]]])
    limits = (data.y - m0 * data.terms[:, 0])[n:]

    def after(first: int) -> tuple[Floats, Floats, Floats]:
        """Return log chance of the bounds, and mean and covariance of what is asked for, given the first clusters."""
        some, chance = half[:, :first], np.zeros(len(half))
        mean, joint = np.einsum("gi,gik->gk", known.off[:, :first], some), whole - some.swapaxes(1, 2) @ some
        for place, (limit, below) in enumerate(zip(limits, data.below, strict=True)):
            more, mean, joint = held(mean, joint, asked + place, limit, below)
            chance = chance + more
        return chance, mean, joint

    size = np.log(np.einsum("gii->gi", known.root))
    log_weight = points.log_weight - (size + known.off**2 / 2)[:, : data.figures].sum(axis=1)
    log_weight = log_weight + after(data.figures)[0]
    _, mean, joint = after(n)
    weights = np.exp(log_weight - logsumexp(log_weight))
    mean = mean[:, :asked] + m0 * targets[:, 0]
    return [
        Posterior(weights, mean[:, at], joint[:, at, at], before[:, at, at], points.settings)
        for at in range(asked)
    ]


def held(mean: Floats, joint: Floats, at: int, limit: float, below: bool) -> tuple[Floats, Floats, Floats]:
    """Return the log chance that one of several normals lies below (or above) a limit, and their moments if it does."""
    sign = 1.0 if below else -1.0
    variance = joint[:, at, at]
    z = sign * (limit - mean[:, at]) / np.sqrt(variance)
    chance = log_ndtr(z)
    ratio = np.exp(-(z**2) / 2 - chance) / math.sqrt(2 * math.pi)
    gain = joint[:, :, at] / np.sqrt(variance)[:, None]
    shrunk = ratio * (z + ratio)
    mean = mean - sign * gain * ratio[:, None]
    return chance, mean, joint - shrunk[:, None, None] * gain[:, :, None] * gain[:, None, :]


def covariance(data: Observed, priors: Priors) -> Floats:
    """Return the prior covariance of the clusters at each point of the grid, shape (points, clusters, clusters)."""
    found = shared(data.terms, data.terms, priors)
    found += data.bias @ data.bias.T
    each = np.arange(len(data.names))
    found[:, each, each] += noise(data, priors)
    return found


def noise(data: Observed, priors: Priors) -> Floats:
    """Return the variance that each cluster has for itself at each point of the grid, shape (points, clusters)."""
    points = grid(priors)
    errors = np.clip(points.error[:, None] * data.errors, data.least, data.most)
    errors = np.where(data.assumed, errors, data.errors)
    own = data.setting * points.settings[:, None] ** 2 + data.own + (errors @ data.member) ** 2
    measured = alone(data.terms, priors)
    least = (1 / QUARTER - 1) * measured - (data.bias**2).sum(axis=1)
    return np.where(data.before_after, np.maximum(own, least), own)
