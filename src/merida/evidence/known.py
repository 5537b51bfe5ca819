"""What is known of one effect: its studies, what they say of a new setting, and how that is known."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from merida.evidence.effects import EffectDistribution, effect_distribution, elasticity_distribution
from merida.evidence.forest import forest, statuses
from merida.evidence.register import Register
from merida.one_line import OneLine
from merida.priors import Reading

COUNTED, UNKNOWN = "counted", "excluded_not_known"


@dataclass(frozen=True)
class Summary:
    """The distribution of an effect in a few figures, on its own scale.

    Parameters
    ----------
    reading : str or None
        The reading that it is the distribution of; None: all of them together.
    weight : float
        The reading's weight among those that could be made.
    median, low, high : float
        The ends are the 5th and 95th percentile in a new setting.
    harm : float
        Probability that the outcome gets worse.
    """

    reading: str | None
    weight: float
    median: float
    low: float
    high: float
    harm: float

    @property
    def benefit(self) -> float:
        """Probability that the outcome gets better."""
        return 1.0 - self.harm


@dataclass(frozen=True, repr=False)
class Known(OneLine):
    """What is known of the effect that one parameter holds.

    Attributes
    ----------
    path : str
        The parameter.
    elasticity : bool
        Whether its scale is that of elasticities; else logarithms of rate ratios.
    studies : DataFrame
        The studies of its readings, as `merida.evidence.forest.forest` gives them, and ``name``, short.
    readings : tuple of Summary
        The distribution of each reading that could be made at the date; empty where no study was known.
    whole : Summary
        The distribution of all readings together.
    settings : tuple of str
        The paths by which a run sets the weights of its readings.
    """

    path: str
    elasticity: bool
    distribution: EffectDistribution
    studies: pl.DataFrame
    readings: tuple[Summary, ...]
    whole: Summary
    settings: tuple[str, ...]

    @property
    def counted(self) -> pl.DataFrame:
        """The studies that count."""
        return self.studies.filter(pl.col("status") == COUNTED)

    @property
    def mexican(self) -> int:
        """How many of the studies that count were made in Mexico."""
        return self.counted.filter(pl.col("country") == "MX")["study"].n_unique()

    @property
    def designs(self) -> dict[str, int]:
        """How many of the studies that count have each design, the most frequent first."""
        rows = (
            self.counted.unique("study")
            .group_by("design")
            .len()
            .sort("len", "design", descending=[True, False])
        )
        return dict(rows.iter_rows())

    @property
    def basis(self) -> str:
        """How the effect is known, a key under ``basis`` in ``words/``."""
        how = basis(self.distribution, self.path)
        return "police_numbers" if self.elasticity and self.distribution.studies else how


def known_effect(
    register: Register,
    path: str,
    readings: Sequence[Reading],
    kind: str,
    scale: Literal["log_rate_ratio", "elasticity"],
    settings: tuple[str, ...] = (),
    bias: bool = True,
) -> Known:
    """Return what is known of one effect.

    Parameters
    ----------
    register : Register
        The studies, as of a date.
    path : str
        The parameter that holds the effect.
    readings : sequence of Reading
        Sets of studies with their weights; several make a mixture.
    kind : str
        The kind of programme that speaks where none of the studies is known.
    scale : {"log_rate_ratio", "elasticity"}
        The scale of the effect.
    settings : tuple of str
        The paths by which a run sets the weights of the readings.
    bias : bool
        Whether designs are taken to be biased either way.

    Raises
    ------
    EvidenceError
        If a reading names a study that the register does not hold.

    Examples
    --------
    >>> from merida.evidence import Reading, Register
    >>> reading = Reading(label="studies", weight=1.0, studies=("bam_viol", "jtdc"))
    >>> known = known_effect(Register(), "communities.therapy.effect", [reading], "youth_therapy", "log_rate_ratio")
    >>> known.counted["study"].to_list(), known.mexican
    (['bam_viol', 'jtdc'], 0)
    """
    make = effect_distribution if scale == "log_rate_ratio" else elasticity_distribution
    distribution = make(register, tuple(readings), kind, bias)
    studies = forest(register, tuple(readings), scale, bias)
    names = [short(row["citation"], row["year"]) for row in studies.iter_rows(named=True)]
    labels = enumerate(distribution.labels if distribution.studies else ())
    return Known(
        path=path,
        elasticity=scale == "elasticity",
        distribution=distribution,
        studies=studies.with_columns(pl.Series("name", names, dtype=pl.String)),
        readings=tuple(
            summary(alone(distribution, place), label, float(distribution.weights[place]))
            for place, label in labels
        ),
        whole=summary(distribution, None, 1.0),
        settings=settings,
    )


def basis(distribution: EffectDistribution | None, lever: str | None) -> str:
    """Return how an effect is known, a key under ``basis`` in ``words/``."""
    if distribution is None:
        return "assumed" if lever else "no_mechanism"
    if distribution.contested:
        return "contested_prior_driven" if distribution.prior_driven else "contested"
    if not distribution.studies:
        return "no_study"
    return "prior_driven" if distribution.prior_driven else "studies"


def summary(distribution: EffectDistribution, reading: str | None, weight: float) -> Summary:
    """Return the median, the ends and the probability of harm of a distribution."""
    median, low, high = (distribution.quantile(q) for q in (0.5, 0.05, 0.95))
    return Summary(reading, weight, median, low, high, distribution.probability_harm)


def alone(distribution: EffectDistribution, place: int) -> EffectDistribution:
    """Return the distribution of one reading of a mixture, by its place."""
    reading = slice(place, place + 1)
    return replace(
        distribution,
        labels=distribution.labels[reading],
        weights=np.ones(1),
        means=distribution.means[reading],
        sds=distribution.sds[reading],
        parts=distribution.parts[:, reading],
    )


def short(citation: str, year: int) -> str:
    """Return a study as a forest names it: one author, two, or the first and others; and its year."""
    authors = re.split(r", | & ", re.split(r" [(/]|, via| via ", citation)[0])
    if len(authors) > 2 or "et al." in authors[0]:
        authors = [f"{authors[0].split(' et al.')[0]} et al."]
    return f"{' & '.join(authors)} {year}"


def unused(register: Register, named: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the studies that no reading names, by the reason: keys under ``evidence.standing`` in ``words/``.

    A study has the reason ``informs`` if it counts in the model of all studies, and so speaks of programmes like its own.
    """
    by_reason: dict[str, list[str]] = {}
    for study, why in standing_of(register).items():
        if study not in named:
            by_reason.setdefault("informs" if why == COUNTED else why, []).append(study)
    return {why: tuple(studies) for why, studies in by_reason.items()}


def standing_of(register: Register) -> dict[str, str]:
    """Return, of each study of the register, whether it counts at the date, or the reason why it does not.

    A study that was not known is either ``unverified`` or was published ``later``.
    """
    unverified = register.listed.filter(pl.col("status") != "verified")["study"].to_list()
    return {
        study: why if why != UNKNOWN else "unverified" if study in unverified else "later"
        for study, why in statuses(register).items()
    }
