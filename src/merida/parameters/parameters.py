"""The parameters of every model: each found by one dotted path, with its unit, law, bounds and grade.

A parameter's law is a number with the grade ``assumption``, the id of a published fact, or ids of studies in the
register of evidence (which then holds no number of its own). Draw k of a parameter depends on the seed, its path and
k alone, so that adding a parameter, a plan or a draw leaves every other draw as it was.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

from merida.distributions import Distribution, Floats
from merida.draws import stream
from merida.errors import ModelError, nearest
from merida.evidence import (
    EffectDistribution,
    Reading,
    Register,
    effect_distribution,
    elasticity_distribution,
)
from merida.evidence.rows import assumed, kinds
from merida.facts import Facts

MODELS = ("delivery", "policing", "communities", "institutions", "demand", "violence", "border")


class Note(BaseModel):
    """What a reader must know of a parameter, in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    en: str
    es: str


class Entry(BaseModel):
    """One parameter as its file states it.

    Parameters
    ----------
    unit : str
        Key under ``parameter_units`` in ``words/``.
    distribution : Distribution or None
        An assumption; or, beside `fact`, what is assumed while the fact was not yet published.
    fact : str or None
        Id of a published fact; `spread` is the factor between its 5th and 95th percentile and itself.
    evidence : tuple of Reading
        Readings of the evidence, each a set of studies with a weight; several make a mixture.
    kind : str
        The kind of programme that speaks where none of the studies is known (``evidence/families.toml``).
    scale : {"log_rate_ratio", "elasticity"}
        The scale of the evidence.
    bounds : (float, float)
        Draws outside are held at the bound.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: str
    distribution: Distribution | None = None
    fact: str | None = None
    spread: float = 1.0
    evidence: tuple[Reading, ...] | None = None
    kind: str = ""
    scale: Literal["log_rate_ratio", "elasticity"] = "log_rate_ratio"
    bounds: tuple[float, float] = (-np.inf, np.inf)
    grade: Literal["assumption", "fact", "evidence"]
    note: Note

    @model_validator(mode="after")
    def consistent(self) -> Entry:
        """Refuse a grade that is not that of the law."""
        if self.grade == "evidence" and (self.evidence is None or self.distribution or self.fact):
            raise ValueError("a parameter that names evidence holds no number")
        if (self.kind in kinds()) != (self.grade == "evidence"):
            raise ValueError("a parameter that names evidence, and no other, names its kind of programme")
        if self.grade == "fact" and (self.fact is None or self.distribution is None or self.spread <= 1):
            raise ValueError(
                "a fact needs its id, a spread above 1, and the law assumed before it was published"
            )
        if self.grade == "assumption" and (self.distribution is None or self.fact or self.evidence):
            raise ValueError("an assumption is a law alone")
        if self.distribution is not None and not self.bounds[0] <= self.distribution.median <= self.bounds[1]:
            raise ValueError("the median lies outside the bounds")
        return self


@cache
def entries() -> Mapping[str, Entry]:
    """Return every parameter by its dotted path, read from the models' files."""
    found: dict[str, Entry] = {}
    for model in MODELS:
        text = (files("merida.models") / f"{model}.toml").read_text(encoding="utf-8")
        for path, table in leaves(tomllib.loads(text)):
            found[path] = Entry(**table)
    return found


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (dotted path, table) for each table that has a ``grade``."""
    for name, value in tree.items():
        if "grade" in value:
            yield prefix + name, value
        else:
            yield from leaves(value, f"{prefix}{name}.")


def named_studies() -> frozenset[str]:
    """Return the studies that some reading of a parameter names; all others speak through their kind and family alone."""
    return frozenset(
        study for entry in entries().values() for reading in entry.evidence or () for study in reading.studies
    )


@cache
def weights() -> Mapping[str, tuple[str, str]]:
    """Return (path of the parameter, label) of each reading whose weight can be set, by ``PATH.weight.READING``."""
    return {
        f"{path}.weight.{re.sub('[^a-z0-9]+', '_', reading.label.lower()).strip('_')}": (path, reading.label)
        for path, entry in entries().items()
        if entry.evidence and len(entry.evidence) > 1
        for reading in entry.evidence
    }


@dataclass(frozen=True)
class Parameters:
    """The parameters as they were known at a date, some of them held at a number of the user's.

    Parameters
    ----------
    facts, register
        The record and the evidence, as of the same date.
    held : mapping of str to float
        Parameters held at one number, by path; and weights of readings, by ``PATH.weight.READING``: the readings that
        are not named share what is left in proportion to their own weights.

    Raises
    ------
    ModelError
        If a held path does not exist or its number lies outside the bounds, or weights do not sum to one.
    """

    facts: Facts
    register: Register
    held: Mapping[str, float]

    def __post_init__(self) -> None:
        """Refuse a held parameter that does not exist or cannot have that number."""
        bounds = {path: entry.bounds for path, entry in entries().items()}
        bounds |= dict.fromkeys(weights(), (0.0, 1.0))
        for path, value in self.held.items():
            if path not in bounds:
                raise ModelError("unknown_parameter", found=path, nearest=nearest(path, bounds))
            low, high = bounds[path]
            if not (np.isfinite(value) and low <= value <= high):
                raise ModelError("parameter_outside", path=path, found=value, low=low, high=high)
        for path in {weights()[path][0] for path in self.held if path in weights()}:
            total = sum(reading.weight for reading in self.readings(path))
            if abs(total - 1) > 1e-9:
                raise ModelError("weights_not_one", path=path, found=total)

    def readings(self, path: str) -> tuple[Reading, ...]:
        """Return the readings of a parameter that rests on evidence, with the weights of this run."""
        stated = entries()[path].evidence
        assert stated is not None
        held = {
            label: self.held[one] for one, (of, label) in weights().items() if of == path and one in self.held
        }
        left = sum(reading.weight for reading in stated if reading.label not in held)
        rest = max(0.0, 1 - sum(held.values())) / left if left else 0.0
        now = {reading.label: held.get(reading.label, rest * reading.weight) for reading in stated}
        return tuple(
            reading.model_copy(update={"weight": now[reading.label]})
            for reading in stated
            if now[reading.label]
        )

    def effect(self, path: str, bias: bool = True) -> EffectDistribution:
        """Return the law of a parameter that rests on evidence, with or without the bias of designs."""
        entry = entries()[path]
        make = effect_distribution if entry.scale == "log_rate_ratio" else elasticity_distribution
        return make(self.register, self.readings(path), entry.kind, bias)

    def fact(self, path: str) -> float | None:
        """Return the published figure behind a parameter, or None if it was not known at the date."""
        rows = self.facts.sql(
            f"select value from published_facts where id = '{entries()[path].fact}' and status = 'verified'"
        )
        return float(rows.item()) if rows.height else None

    def distribution(self, path: str) -> Distribution:
        """Return the law of a parameter that does not rest on evidence."""
        entry = entries()[path]
        known = self.fact(path) if entry.fact else None
        if known is not None:
            return Distribution(kind="lognormal", low=known / entry.spread, high=known * entry.spread)
        assert entry.distribution is not None
        return entry.distribution

    def draws(self, seed: int, count: int) -> dict[str, Floats]:
        """Return the first `count` draws of every parameter, by path.

        A held parameter keeps its number in every draw.
        """
        found: dict[str, Floats] = {}
        for path, entry in entries().items():
            if path in self.held:
                found[path] = np.full(count, self.held[path])
                continue
            z = stream(seed, path).standard_normal(count)
            if entry.evidence is not None:
                reading = stream(seed, f"{path}.reading").random(count)
                values = self.effect(path).at(z, reading)
            else:
                values = self.distribution(path).at(z)
            found[path] = np.clip(values, *entry.bounds)
        return found

    def digest(self) -> str:
        """Return the SHA-256 of every law and held number, for the run record."""
        return stated_digest(self.held)


def stated_digest(held: Mapping[str, float] | None = None) -> str:
    """Return the SHA-256 of every law and held number as their files state them."""
    stated = {path: entry.model_dump(mode="json") for path, entry in entries().items()}
    text = json.dumps([stated, assumed(), dict(held or {})], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
