"""Laws of effects: what the studies of a programme say of a new setting, where they say little.

First form, closed. Studies of one cluster (one experiment, one set of deaths) count as one, at their average. With
y_i the cluster's log rate ratio and v_i its variance (published or assumed by design, plus bias of the design),

    y_i ~ N(m, t^2 + v_i),   m ~ N(m0, s0^2),   effect in a new setting ~ N(m, t^2)

so that m has a normal posterior, and the law of the effect is wider by t^2 (Higgins, Thompson and Spiegelhalter, 2009).
A single before-after study moves m by at most a quarter of its estimate. Readings that contradict one another are a
mixture with visible weights, never an average (SCIENCE rule 10). Every number assumed stands in ``laws.toml``.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from scipy.optimize import brentq
from scipy.stats import norm

from merida.evidence.register import Register
from merida.laws import Floats

FEW = 3  # studies below which an interval is the prior's
QUARTER = 0.25

Scale = Literal["log_rate_ratio", "elasticity"]


class Reading(BaseModel):
    """One reading of the evidence: some studies, and the weight given to them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    weight: float = Field(gt=0, le=1)
    studies: tuple[str, ...]


@dataclass(frozen=True)
class EffectLaw:
    """The law of an effect in a new setting: a mixture of normal laws, one for each reading.

    Attributes
    ----------
    labels : tuple of str
        The readings that could be made at the date; ``prior`` alone if none.
    weights, means, sds : array, shape (readings,)
    studies : tuple of str
        The studies that were known and count, of all readings.
    independent : int
        Clusters among them.
    with_figure : int
        Clusters among them that give a figure, not a sign alone.
    share_from_data : float
        Part of the prior variance of the mean effect that the studies took away, averaged over readings.
    """

    labels: tuple[str, ...]
    weights: Floats
    means: Floats
    sds: Floats
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
        """Return the effect at standard normal scores `z`, with uniform `u` picking the reading."""
        reading = np.searchsorted(np.cumsum(self.weights)[:-1], u, side="right")
        return np.asarray(self.means[reading] + self.sds[reading] * z, dtype=np.float64)

    @property
    def mean(self) -> float:
        """The mean."""
        return float(self.weights @ self.means)

    @property
    def probability_harm(self) -> float:
        """The probability that the effect is above zero."""
        return float(self.weights @ norm.sf(0, self.means, self.sds))

    def quantile(self, q: float) -> float:
        """Return the q-th quantile of the mixture."""
        ends = norm.ppf(q, self.means, self.sds)
        if np.ptp(ends) < 1e-12:
            return float(ends[0])
        return float(
            brentq(lambda x: self.weights @ norm.cdf(x, self.means, self.sds) - q, ends.min(), ends.max())
        )


@cache
def assumed() -> dict[str, dict[str, float]]:
    """Return what is assumed, read from ``laws.toml``."""
    return tomllib.loads((files("merida.evidence") / "laws.toml").read_text(encoding="utf-8"))


def effect_law(register: Register, readings: tuple[Reading, ...]) -> EffectLaw:
    """Return the law of a log rate ratio in a new setting, at the studies' dose.

    Raises
    ------
    EvidenceError
        If a reading names a study that the register does not hold.
    """
    return mixture(register, readings, "log_rate_ratio")


def elasticity_law(register: Register, readings: tuple[Reading, ...]) -> EffectLaw:
    """Return the law of an elasticity in a new setting."""
    return mixture(register, readings, "elasticity")


def mixture(register: Register, readings: tuple[Reading, ...], scale: Scale) -> EffectLaw:
    """Return the mixture over readings; one whose studies were all unknown drops out."""
    prior = assumed()[scale]
    laws, studies = [], []
    independent: set[str] = set()
    figures: set[str] = set()
    for reading in readings:
        known = [row for name in reading.studies if (row := register.study(name)) is not None]
        clusters = estimates(known, scale)
        if clusters:
            laws.append((reading.label, reading.weight, *posterior(list(clusters.values()), scale)))
            counted = [row for row in known if measure(row, scale) is not None]
            studies += [str(row["study"]) for row in counted]
            independent |= clusters.keys()  # one that stands in two readings is still one
            figures |= {str(row["cluster"]) for row in counted if figure(row, scale) is not None}
    if not laws:
        laws = [("prior", 1.0, prior["prior_mean"], prior["prior_sd"])]
    weights = np.array([law[1] for law in laws])
    weights = weights / weights.sum()
    spread = np.array([law[3] for law in laws])
    return EffectLaw(
        labels=tuple(law[0] for law in laws),
        weights=weights,
        means=np.array([law[2] for law in laws]),
        sds=np.sqrt(spread**2 + prior["between_settings_sd"] ** 2),
        studies=tuple(studies),
        independent=len(independent),
        with_figure=len(figures),
        share_from_data=float(weights @ (1 - (spread / prior["prior_sd"]) ** 2)),
    )


def figure(row: dict[str, Any], scale: Scale) -> float | None:
    """Return a study's figure on a scale, or None if it gave none there."""
    if scale == "elasticity" and row["scale"] != "elasticity":
        return None
    value: float | None = row["estimate" if scale == "elasticity" else "log_rate_ratio"]
    return value


def measure(row: dict[str, Any], scale: Scale) -> tuple[float, float] | None:
    """Return (estimate, standard error) of a study, or None if it cannot count.

    A row without a figure on the scale counts by its sign alone, never with less error than a figure of its design.
    Standardised mean differences cannot be brought to a rate without mean and standard deviation: they do not count.
    """
    prior, usual = assumed()[scale], assumed()["std_error"][row["design"]]
    value = figure(row, scale)
    if value is not None:
        return value, usual if row["std_error"] is None else row["std_error"]
    sign = {"harm": 1.0, "benefit": -1.0, "null": 0.0, "mixed": 0.0}.get(row["direction"])
    if sign is None or row["scale"] == "smd":
        return None
    return sign * prior["direction_only"], max(prior["direction_only_std_error"], usual)


def estimates(rows: list[dict[str, Any]], scale: Scale) -> dict[str, tuple[float, float, bool]]:
    """Return (estimate, variance, before-after) of each cluster of studies, by its name."""
    bias = assumed()["bias_sd"]
    clusters: dict[str, list[tuple[float, float, bool]]] = defaultdict(list)
    for row in rows:
        if (measured := measure(row, scale)) is None:
            continue
        value, error = measured
        spread = bias[row["design"]] ** 2 + (bias["owner_reported"] ** 2 if row["reported_by_owner"] else 0)
        clusters[row["cluster"]].append((value, error**2 + spread, row["design"] == "before_after"))
    return {
        name: (
            float(np.mean([v for v, _, _ in same])),
            float(np.mean([s for _, s, _ in same])),
            all(b for *_, b in same),
        )
        for name, same in clusters.items()
    }


def posterior(clusters: list[tuple[float, float, bool]], scale: Scale) -> tuple[float, float]:
    """Return mean and standard deviation of the mean effect."""
    prior = assumed()[scale]
    s0, between = prior["prior_sd"] ** 2, prior["between_settings_sd"] ** 2
    precision, weighted = 1 / s0, prior["prior_mean"] / s0
    for value, variance, before_after in clusters:
        total = variance + between
        if before_after:
            total = max(total, s0 * (1 - QUARTER) / QUARTER)
        precision += 1 / total
        weighted += value / total
    return weighted / precision, precision**-0.5
