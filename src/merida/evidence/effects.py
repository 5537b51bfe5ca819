"""Laws of effects: what the register says of an effect in a new setting in Mexico.

The law of one reading is the predictive distribution of the model of all studies (`hierarchy.py`). Readings that
contradict one another are a mixture with visible weights, never an average (SCIENCE rule 10): in each, the studies of
the others are set aside. A reading whose studies were all unpublished at the date drops out; where none is left, or no
study was ever named, the effect is that of a programme of its kind and family of which no study is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from merida.distributions import Floats
from merida.evidence.hierarchy import FEW, Posterior, clusters_of, fit
from merida.evidence.register import Register
from merida.evidence.rows import Study, unit
from merida.evidence.terms import setting, weights_of
from merida.priors import Reading

REACH, STEPS = 6.0, 601  # standard deviations and points of the curve that draws are read from


@dataclass(frozen=True)
class EffectDistribution:
    """The law of an effect in a new setting: a mixture over readings, and within each over spreads.

    Attributes
    ----------
    labels : tuple of str
        The readings that could be made at the date; ``prior`` alone if none.
    weights, means, sds : array, shape (readings,)
    parts : array, shape (3, readings, points)
        Weight within the reading, mean and standard deviation of each normal part.
    studies : tuple of str
        The studies that were known and count, of all readings.
    independent : int
        Clusters among them.
    with_figure : int
        Clusters among them that give a figure, not a sign alone.
    share_from_data : float
        Part of the prior variance of the mean effect that all studies took away, averaged over readings.
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
        """Return the effect at standard normal scores `z`, with uniform `u` picking the reading.

        Within a reading it is the quantile at the score: it rises with `z`, and moves smoothly with the evidence.
        """
        reading = np.searchsorted(np.cumsum(self.weights)[:-1], u, side="right")
        found = np.empty(np.shape(z))
        for at, (mean, sd) in enumerate(zip(self.means, self.sds, strict=True)):
            x = mean + sd * np.linspace(-REACH, REACH, STEPS)
            weight, means, sds = self.parts[:, at]
            score = ndtri(ndtr((x[:, None] - means) / sds) @ weight)
            found[reading == at] = np.interp(z[reading == at], score, x)
        return found

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
        low, high = (float(np.min(self.means - 10 * self.sds)), float(np.max(self.means + 10 * self.sds)))
        return float(brentq(lambda x: self.below(x) - q, low, high))


def effect_distribution(
    register: Register, readings: tuple[Reading, ...], kind: str = "", bias: bool = True
) -> EffectDistribution:
    """Return the law of a log rate ratio in a new setting, at the studies' dose and of their outcome.

    Parameters
    ----------
    kind : str
        The kind of programme (``families.toml``) where no study is named or known; empty: none in particular.
    bias : bool
        Whether designs are taken to be biased either way.

    Raises
    ------
    EvidenceError
        If a reading names a study that the register does not hold.
    """
    return mixture(register, readings, kind, "", bias)


def elasticity_distribution(
    register: Register, readings: tuple[Reading, ...], kind: str = "police_numbers", bias: bool = True
) -> EffectDistribution:
    """Return the law of the elasticity of homicide in a new setting; see `effect_law`."""
    return mixture(register, readings, kind, "homicide", bias)


@lru_cache(maxsize=512)
def mixture(
    register: Register, readings: tuple[Reading, ...], kind: str, outcome: str, bias: bool
) -> EffectDistribution:
    """Return the mixture over readings, of one outcome or, if it is empty, of the studies' own."""
    known = {reading.label: chosen(register, reading.studies) for reading in readings}
    known = {label: named for label, named in known.items() if named}
    clusters = dict(register.listed.select("study", "cluster").iter_rows())
    every = {clusters[study] for reading in readings for study in reading.studies}
    found: list[tuple[str, float, float, Posterior]] = []
    for reading in readings:
        if named := known.get(reading.label):
            aside = frozenset(every - {same[0].cluster for same in named})
            many = unit(named[0][0].kind, register.priors)
            target = np.mean([setting(same, "mexico", outcome) for same in named], axis=0)
            found.append((reading.label, reading.weight, many, fit(register, named, aside, target, bias)))
    if not found:
        many = unit(kind, register.priors) if kind else 1.0
        studied = any(one.kind == kind for same in clusters_of(register).values() for one in same)
        target = weights_of(kind, "mexico", outcome, studied)
        found = [("prior", 1.0, many, fit(register, (), frozenset(), target, bias))]
    labels, weights, units, distributions = zip(*found, strict=True)
    scale = np.array(units)[:, None]
    parts = np.stack(
        [
            [distribution.weights for distribution in distributions],
            scale * [distribution.mean for distribution in distributions],
            scale * [np.sqrt(distribution.variance + distribution.tau**2) for distribution in distributions],
        ]
    )
    means = (parts[0] * parts[1]).sum(axis=1)
    squares = (parts[0] * (parts[1] ** 2 + parts[2] ** 2)).sum(axis=1)
    share = np.array(weights) / sum(weights)
    studies = [one for named in known.values() for same in named for one in same]
    return EffectDistribution(
        labels=labels,
        weights=share,
        means=means,
        sds=np.sqrt(squares - means**2),
        parts=parts,
        studies=tuple(one.name for one in studies),
        independent=len({one.cluster for one in studies}),  # one that stands in two readings is still one
        with_figure=len({one.cluster for one in studies if one.source != "sign"}),
        share_from_data=float(share @ [distribution.share_from_data for distribution in distributions]),
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
    found = [tuple(one for one in same if one.name in studies) for same in clusters_of(register).values()]
    return [same for same in found if same]
