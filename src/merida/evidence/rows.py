"""Rows of the register as they enter the model: which count, as what, and why others do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from merida.evidence.conversions import implied_elasticity, level
from merida.evidence.register import Register
from merida.priors import Priors
from merida.shipped import toml, whole

Scale = Literal["log_rate_ratio", "elasticity"]
Source = Literal["published", "design", "sign"]
Row = Mapping[str, Any]

SIGNS = {"harm": 1.0, "benefit": -1.0, "null": 0.0, "mixed": 0.0}
OUTCOMES = ("homicide", "violence", "crime", "arrest", "death")
REGIONS = ("mexico", "latin_america", "rich", "other")
LATIN_AMERICA = ("AR", "BR", "CL", "CO", "SV", "TT", "UY")
RICH = ("US", "US/CA", "US + Scotland", "mostly US", "DE")


class Title(BaseModel):
    """A name in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    en: str
    es: str


class Kind(BaseModel):
    """Programmes of the register that do the same thing.

    Parameters
    ----------
    programmes : tuple of str
        As the register names them; empty: no study.
    scale : {"log_rate_ratio", "elasticity"}
        What the kind's effect is: at the study's dose, or for each log unit of police.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Title
    programmes: tuple[str, ...]
    scale: Scale = "log_rate_ratio"


class Family(BaseModel):
    """Kinds of programmes that are alike."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Title
    kinds: dict[str, Kind]


@dataclass(frozen=True)
class Study:
    """A row of the register that counts in the model.

    Attributes
    ----------
    measured, outcome : str
        The outcome as the register names it, and its class.
    value, error : float
        Estimate and its standard error, on the kind's own scale; harm is positive.
    source : {"published", "design", "sign"}
        Where the error is from; ``sign``: the row gave no figure, and its direction counts as a small one.
    """

    name: str
    cluster: str
    programme: str
    kind: str
    region: str
    measured: str
    outcome: str
    design: str
    owner: bool
    value: float
    error: float
    source: Source

    @property
    def before_after(self) -> bool:
        """Whether nothing was compared but one place with itself."""
        return self.design == "before_after"

    @property
    def one_setting(self) -> bool:
        """Whether it is of one setting; the error of a synthesis is that of a mean over settings already."""
        return self.design not in ("meta_rct", "meta_quasi", "review")


@cache
def families() -> dict[str, Family]:
    """Return the families of programmes, read from ``families.toml``."""
    with whole("evidence/families.toml"):
        return {name: Family(**table) for name, table in toml("evidence/families.toml").items()}


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of programmes, of all families."""
    return {name: kind for family in families().values() for name, kind in family.kinds.items()}


@cache
def family_of() -> dict[str, str]:
    """Return the family of each kind."""
    return {kind: name for name, family in families().items() for kind in family.kinds}


@cache
def kind_of() -> dict[str, str]:
    """Return the kind of each programme of the register that can be pooled."""
    return {programme: name for name, kind in kinds().items() for programme in kind.programmes}


def region(country: str) -> str:
    """Return the region of a country of the register, by its relation to Mexico."""
    if country == "MX":
        return "mexico"
    if country in LATIN_AMERICA:
        return "latin_america"
    return "rich" if country in RICH else "other"


def unit(kind: str, priors: Priors) -> float:
    """Return how many effects at a study's dose one unit of a kind's scale is taken for."""
    return priors.number("evidence.elasticity_unit") if kinds()[kind].scale == "elasticity" else 1.0


def figure(row: Row, scale: Scale) -> float | None:
    """Return a row's figure on a scale, or None if it gave none that can be brought there.

    An elasticity is published, or implied by a ratio and the dose of the same study. A level needs its base.
    """
    ratio: float | None = row["log_rate_ratio"]
    if ratio is None and row["scale"] == "level" and row["base"] is not None:
        ratio = level(row["estimate"], row["base"])
    if scale == "log_rate_ratio":
        return ratio
    if row["scale"] == "elasticity":
        value: float | None = row["estimate"]
        return value
    return (
        None if ratio is None or row["dose_ratio"] is None else implied_elasticity(ratio, row["dose_ratio"])
    )


def judged(row: Row, priors: Priors) -> Study | str:
    """Return a row as the study that counts, or the reason why it does not count: a status of `forest.statuses`.

    A row without a figure counts by its sign alone, never with less error than a figure of its design. Standardised mean
    differences cannot be brought to a rate without mean and standard deviation: they do not count.
    """
    if row["programme"] not in kind_of():
        return "excluded_programme"  # not a programme that can do harm or good: a shock, a price, a crossing
    if row["outcome_class"] not in OUTCOMES:
        return "excluded_outcome"
    if row["direction"] == "context":
        return "excluded_context"
    if row["scale"] == "smd":
        return "excluded_smd"
    kind = kind_of()[row["programme"]]
    many = unit(kind, priors)
    usual = priors.number(f"evidence.std_error.{row['design']}") * many
    value = figure(row, kinds()[kind].scale)
    source: Source = "design"
    error = usual
    if value is None:
        if (sign := SIGNS.get(row["direction"])) is None:
            return "excluded_no_sign"
        value, source = sign * priors.number("evidence.sign_only") * many, "sign"
        error = max(priors.number("evidence.sign_only_error") * many, usual)
    elif row["std_error"] is not None:
        error, source = row["std_error"], "published"
    return Study(
        row["study"],
        row["cluster"],
        row["programme"],
        kind,
        region(row["country"]),
        row["outcome"],
        row["outcome_class"],
        row["design"],
        bool(row["reported_by_owner"]),
        value,
        error,
        source,
    )


def counted(rows: Iterable[Row], priors: Priors) -> tuple[dict[str, tuple[Study, ...]], dict[str, str]]:
    """Return the studies that count, by cluster, and the status of every row.

    Within a cluster a sign that a figure of the same deaths already gives adds nothing; one that contradicts it counts.
    """
    status: dict[str, str] = {}
    clusters: dict[str, list[Study]] = {}
    for row in rows:
        verdict = judged(row, priors)
        status[row["study"]] = verdict if isinstance(verdict, str) else "counted"
        if not isinstance(verdict, str):
            clusters.setdefault(verdict.cluster, []).append(verdict)
    for name, cluster in clusters.items():
        figures = [study.value for study in cluster if study.source != "sign"]
        repeated = {
            study.name
            for study in cluster
            if study.source == "sign" and any(study.value * value > 0 for value in figures)
        }
        status |= dict.fromkeys(repeated, "said_by_figure")
        clusters[name] = [study for study in cluster if study.name not in repeated]
    return {name: tuple(cluster) for name, cluster in clusters.items()}, status


@lru_cache(maxsize=128)  # a register is equal to another that holds the same rows
def rows_of(register: Register) -> tuple[dict[str, Any], ...]:
    """Return the verified and published rows of a register as mappings."""
    return tuple(register.rows.to_dicts())
