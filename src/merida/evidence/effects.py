"""The distribution of an effect: what the register says of a programme in a new setting in Mexico.

The distribution of one reading is the predictive distribution of the model of all studies (`hierarchy.py`). Readings that
contradict one another make a mixture with visible weights, never an average (SCIENCE rule 10): in each reading the
studies of the others are set aside. A reading drops out where none of its studies had been published at the date. Where
no reading is left, or no study was ever named, the effect is that of a programme of its kind and family of which no
study is known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri

from merida.distributions import Floats
from merida.evidence.hierarchy import FEW, clusters_of, fit
from merida.evidence.posterior import Posterior
from merida.evidence.register import Register
from merida.evidence.rows import Study, unit
from merida.evidence.terms import setting, weights_of
from merida.one_line import OneLine
from merida.priors import Reading

REACH, STEPS = 6.0, 601  # standard deviations and points of the curve that draws are read from


@dataclass(frozen=True, repr=False)
class EffectDistribution(OneLine):
    """The distribution of an effect in a new setting: a mixture over readings, and within each over spreads.

    Effects are logarithms of rate ratios, or elasticities; an effect above zero is harm.

    Attributes
    ----------
    labels : tuple of str
        The readings that could be made at the date; ``prior`` alone if none could.
    weights, means, sds : array, shape (readings,)
        The weight of each reading, and the mean and standard deviation of its distribution.
    parts : array, shape (3, readings, points)
        Each reading is a mixture of normal distributions, one for each point of the grid of spreads: their weights, means
        and standard deviations.
    studies : tuple of str
        The studies that were known and count, of all readings.
    independent : int
        Clusters among them.
    with_figure : int
        Clusters among them that give a figure, not a sign alone.
    share_from_data : float
        Part of the prior variance of the mean effect that all studies took away, averaged over readings.

    Examples
    --------
    >>> from merida.evidence import Register
    >>> reading = Reading(label="studies", weight=1.0, studies=("bam_viol", "jtdc"))
    >>> effect = effect_distribution(Register(), (reading,))
    >>> effect.quantile(0.05) < effect.quantile(0.5) < 0 < effect.quantile(0.95)
    True
    """

    labels: tuple[str, ...]
    weights: Floats
    means: Floats
    sds: Floats
    parts: Floats
    studies: tuple[str, ...]
    independent: int
    with_figure: int
    share_from_data: float

    @property
    def prior_driven(self) -> bool:
        """Whether so few studies gave a figure that the interval is mostly the prior's."""
        return self.with_figure < FEW

    @property
    def contested(self) -> bool:
        """Whether readings contradict one another."""
        return len(self.labels) > 1

    def at(self, z: Floats, u: Floats) -> Floats:
        """Return draws of the effect, of the shape of `z` and `u`.

        Within a reading a draw is the quantile at its score: it rises with `z`, and moves smoothly with the evidence.

        Parameters
        ----------
        z : array
            Standard normal scores.
        u : array
            Uniform numbers between 0 and 1, which pick the reading.
        """
        picked = np.searchsorted(np.cumsum(self.weights)[:-1], u, side="right")
        effects = np.empty(np.shape(z))
        for reading, (mean, sd) in enumerate(zip(self.means, self.sds, strict=True)):
            curve = mean + sd * np.linspace(-REACH, REACH, STEPS)
            weight, means, sds = self.parts[:, reading]
            score = ndtri(ndtr((curve[:, None] - means) / sds) @ weight)
            effects[picked == reading] = np.interp(z[picked == reading], score, curve)
        return effects

    @property
    def mean(self) -> float:
        """The mean."""
        return float(self.weights @ self.means)

    def below(self, effect: float) -> float:
        """Return the probability that the effect lies below a number."""
        weight, means, sds = self.parts
        return float(self.weights @ (weight * ndtr((effect - means) / sds)).sum(axis=1))

    @property
    def probability_harm(self) -> float:
        """The probability that the effect is above zero."""
        return 1.0 - self.below(0.0)

    def quantile(self, q: float) -> float:
        """Return the q-th quantile."""
        from scipy.optimize import brentq  # slow to load, and pages that only show what is known need none

        low, high = (float(np.min(self.means - 10 * self.sds)), float(np.max(self.means + 10 * self.sds)))
        return float(brentq(lambda x: self.below(x) - q, low, high))

    def weighed(self, weights: Sequence[float]) -> EffectDistribution:
        """Return the mixture of the same readings under other weights: none of them is fitted anew.

        Parameters
        ----------
        weights : sequence of float, shape (readings,)
            Above zero; they are taken in proportion.
        """
        given = np.asarray(weights, dtype=np.float64)
        return replace(self, weights=given / given.sum())

    def density(self, effects: Floats) -> Floats:
        """Return the density of the effect at some numbers, of the shape of `effects`, shape (points,)."""
        weight, means, sds = self.parts
        scores = (effects[:, None, None] - means) / sds
        heights = np.exp(-(scores**2) / 2) / (math.sqrt(2 * math.pi) * sds)
        return np.asarray((heights * weight).sum(axis=2) @ self.weights)


def effect_distribution(
    register: Register, readings: tuple[Reading, ...], kind: str = "", bias: bool = True
) -> EffectDistribution:
    """Return the distribution of a log rate ratio in a new setting, at the studies' dose and for their outcome.

    Parameters
    ----------
    register : Register
        The studies, as they were known at a date.
    readings : tuple of Reading
        Sets of studies with their weights; several make a mixture.
    kind : str
        The kind of programme (``families.toml``) that speaks where no study is named or known; empty: none in particular.
    bias : bool
        Whether designs are taken to be biased either way.

    Raises
    ------
    EvidenceError
        If a reading names a study that the register does not hold.

    Examples
    --------
    >>> from merida.evidence import Register
    >>> unknown = effect_distribution(Register(), (), "southbound_checks")
    >>> unknown.labels, unknown.prior_driven
    (('prior',), True)
    """
    return mixture(register, readings, kind, "", bias)


def elasticity_distribution(
    register: Register, readings: tuple[Reading, ...], kind: str = "police_numbers", bias: bool = True
) -> EffectDistribution:
    """Return the distribution of the elasticity of homicide to police in a new setting.

    The arguments and errors are those of `effect_distribution`.

    Examples
    --------
    >>> from merida.evidence import Register
    >>> reading = Reading(label="studies", weight=1.0, studies=("chalfin_mccrary2018_murder",))
    >>> elasticity_distribution(Register(), (reading,)).mean < 0
    True
    """
    return mixture(register, readings, kind, "homicide", bias)


@lru_cache(maxsize=512)
def mixture(
    register: Register, readings: tuple[Reading, ...], kind: str, outcome: str, bias: bool
) -> EffectDistribution:
    """Return the mixture over readings, for one outcome or, if it is empty, for the outcomes of the studies."""
    clusters_by_label = {reading.label: chosen(register, reading.studies) for reading in readings}
    clusters_by_label = {label: clusters for label, clusters in clusters_by_label.items() if clusters}
    cluster_of = dict(register.listed.select("study", "cluster").iter_rows())
    every = {cluster_of[study] for reading in readings for study in reading.studies}
    fitted: list[tuple[str, float, float, Posterior]] = []
    for reading in readings:
        if clusters := clusters_by_label.get(reading.label):
            many = unit(clusters[0][0].kind, register.priors)
            aside = frozenset(every - {studies[0].cluster for studies in clusters})
            target = np.mean([setting(studies, "mexico", outcome) for studies in clusters], axis=0)
            fitted.append((reading.label, reading.weight, many, fit(register, clusters, aside, target, bias)))
    if not fitted:
        many = unit(kind, register.priors) if kind else 1.0
        studied = any(study.kind == kind for studies in clusters_of(register).values() for study in studies)
        target = weights_of(kind, "mexico", outcome, studied)
        fitted = [("prior", 1.0, many, fit(register, (), frozenset(), target, bias))]
    labels, weights, units, posteriors = zip(*fitted, strict=True)
    scale = np.array(units)[:, None]
    parts = np.stack(
        [
            [posterior.weights for posterior in posteriors],
            scale * [posterior.mean for posterior in posteriors],
            scale * [np.sqrt(posterior.variance + posterior.tau**2) for posterior in posteriors],
        ]
    )
    means = (parts[0] * parts[1]).sum(axis=1)
    squares = (parts[0] * (parts[1] ** 2 + parts[2] ** 2)).sum(axis=1)
    share = np.array(weights) / sum(weights)
    named = [study for clusters in clusters_by_label.values() for studies in clusters for study in studies]
    return EffectDistribution(
        labels=labels,
        weights=share,
        means=means,
        sds=np.sqrt(squares - means**2),
        parts=parts,
        studies=tuple(study.name for study in named),
        independent=len({study.cluster for study in named}),  # one that stands in two readings is still one
        with_figure=len({study.cluster for study in named if study.has_figure}),
        share_from_data=float(share @ [posterior.share_from_data for posterior in posteriors]),
    )


def chosen(register: Register, studies: Sequence[str]) -> list[tuple[Study, ...]]:
    """Return the clusters of some studies, with those studies alone, that were known and count.

    Raises
    ------
    EvidenceError
        If the register does not hold one of them at any date.
    """
    for name in studies:
        register.study(name)
    clusters = clusters_of(register).values()
    named = [tuple(study for study in cluster if study.name in studies) for cluster in clusters]
    return [cluster for cluster in named if cluster]
