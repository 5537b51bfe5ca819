"""Rows of the register as they enter the model: which count, as what, and why others do not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from merida.evidence.conversions import implied_elasticity, level, odds_ratio, percent_change
from merida.evidence.register import Register
from merida.priors import Priors
from merida.shipped import toml, whole

Scale = Literal["log_rate_ratio", "elasticity"]
Source = Literal["published", "limited", "difference", "bound", "design", "sign"]
Row = Mapping[str, Any]

SIGNS = {"harm": 1.0, "benefit": -1.0, "null": 0.0, "mixed": 0.0}
OUTCOMES = ("homicide", "violence", "crime", "arrest", "death")
REGIONS = ("mexico", "latin_america", "rich", "other")
LATIN_AMERICA = ("AR", "BR", "CL", "CO", "PE", "SV", "TT", "UY")
RICH = ("US", "US/CA", "US + Scotland", "mostly US", "DE", "AU", "CA", "CZ", "DK", "GB", "IT", "SE")
NOT_USED = ("computed", "memory")  # errors that are kept with a row and enter nothing


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
    source : {"published", "limited", "difference", "bound", "design", "sign"}
        Where the error is from: ``limited``, the design's within what the study's significance leaves; ``difference``, a
        standardised difference that differs from none by less than its error; ``bound``, the figure is a limit that the
        estimate lies beyond; ``sign``: the row gave no figure, and its direction counts as a small one.
    least, most : float
        What the error is at least and at most.
    below : bool
        Of a bound: whether the estimate lies below its value, not above.
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
    least: float = 0.0
    most: float = math.inf
    below: bool = False

    @property
    def has_figure(self) -> bool:
        """Whether it gave a figure, not a sign alone."""
        return self.source != "sign"

    @property
    def size(self) -> float:
        """The standard error, an assumed one within its limits."""
        return min(max(self.error, self.least), self.most)

    @property
    def assumed(self) -> bool:
        """Whether its error is assumed, and may be wrong with all others by one factor; a sign's is not such."""
        return self.source not in ("published", "sign")

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


def figure(row: Row, scale: Scale, priors: Priors) -> tuple[float, float] | None:
    """Return a row's figure on a scale and what its error is multiplied by, or None if it cannot be brought there.

    An elasticity is published, or implied by a ratio and the dose of the same study. A level and an odds ratio need their
    base. A standardised difference is brought only where it differs from none by less than its error: none is none on
    every scale, and its error is taken wide.
    """
    value, times = row["log_rate_ratio"], 1.0
    if value is None and row["scale"] == "level" and row["base"] is not None:
        value = level(row["estimate"], row["base"])
    if row["scale"] == "odds_ratio" and row["base"] is not None:
        value = odds_ratio(row["estimate"], row["base"])
        times = (1 - row["base"]) / (1 - row["base"] + row["base"] * row["estimate"])
    if row["scale"] == "smd" and null_difference(row):
        times = priors.number("evidence.difference_unit")
        value = times * row["estimate"]
    if scale == "log_rate_ratio":
        return None if value is None else (value, times)
    if row["scale"] == "elasticity":
        return row["estimate"], 1.0
    if value is None or row["dose_ratio"] is None:
        return None
    return implied_elasticity(value, row["dose_ratio"]), times / abs(math.log(row["dose_ratio"]))


def null_difference(row: Row) -> bool:
    """Return whether a row is a standardised difference that its study takes for none, with its error."""
    return bool(row["direction"] == "null" and row["estimate"] is not None and row["std_error"] is not None)


def bound_of(row: Row) -> tuple[float, bool] | None:
    """Return the log rate ratio that a study's estimate lies beyond, and whether below it; None if it is no bound."""
    if row["scale"] != "bound":
        return None
    if row["range_high"] is not None:
        return percent_change(row["range_high"]), True
    return None if row["range_low"] is None else (percent_change(row["range_low"]), False)


def judged(row: Row, priors: Priors) -> Study | str:
    """Return a row as the study that counts, or the reason why it does not count: a status of `forest.statuses`.

    A row without a figure counts by its sign alone, never with less error than a figure of its design.
    """
    excluded = {
        "excluded_programme": row["programme"]
        not in kind_of(),  # can do no harm or good: a shock, a price, a crossing
        "excluded_outcome": row["outcome_class"] not in OUTCOMES,
        "excluded_context": row["direction"] == "context",
        "excluded_part": row["part_of"] is not None,
        "excluded_smd": row["scale"] == "smd" and not null_difference(row),
    }
    if any(excluded.values()):
        return next(why for why, holds in excluded.items() if holds)
    kind = kind_of()[row["programme"]]
    many = unit(kind, priors)
    usual = priors.number(f"evidence.std_error.{row['design']}") * many
    found, bound = figure(row, kinds()[kind].scale, priors), bound_of(row)
    source: Source = "design"
    error, least, most, below = usual, 0.0, math.inf, False
    if bound is not None:
        (value, below), source = bound, "bound"
    elif found is None:
        if (sign := SIGNS.get(row["direction"])) is None:
            return "excluded_no_sign"
        value, source = sign * priors.number("evidence.sign_only") * many, "sign"
        error = max(priors.number("evidence.sign_only_error") * many, usual)
    else:
        value, times = found
        if row["std_error"] is not None and row["error_from"] not in NOT_USED:
            error, source = row["std_error"] * times, "difference" if row["scale"] == "smd" else "published"
        elif row["error_least"] is not None or row["error_most"] is not None:
            least = (row["error_least"] or 0.0) * times
            most = math.inf if row["error_most"] is None else row["error_most"] * times
            source = "limited"
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
        least,
        most,
        below,
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
        figures = [study.value for study in cluster if study.has_figure]
        repeated = {
            study.name
            for study in cluster
            if not study.has_figure and any(study.value * value > 0 for value in figures)
        }
        status |= dict.fromkeys(repeated, "said_by_figure")
        clusters[name] = [study for study in cluster if study.name not in repeated]
    return {name: tuple(cluster) for name, cluster in clusters.items()}, status


@lru_cache(maxsize=128)  # a register is equal to another that holds the same rows
def rows_of(register: Register) -> tuple[dict[str, Any], ...]:
    """Return the verified and published rows of a register as mappings."""
    return tuple(register.rows.to_dicts())
