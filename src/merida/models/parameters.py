"""The parameters of every model: each found by one dotted path, with its unit, law, bounds and grade.

A parameter's law is a number with the grade ``assumption``, the id of a published fact, or ids of studies in the
register of evidence (which then holds no number of its own). Draw k of a parameter depends on the seed, its path and
k alone, so that adding a parameter, a plan or a draw leaves every other draw as it was.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

from merida.draws import stream
from merida.errors import ModelError, nearest
from merida.evidence import EffectLaw, Reading, Register, effect_law, elasticity_law
from merida.evidence.laws import assumed
from merida.facts import Facts
from merida.laws import Floats, Law

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
    law : Law or None
        An assumption; or, beside `fact`, what is assumed while the fact was not yet published.
    fact : str or None
        Id of a published fact; `spread` is the factor between its 5th and 95th percentile and itself.
    evidence : tuple of Reading
        Readings of the evidence, each a set of studies with a weight; several make a mixture.
    scale : {"log_rate_ratio", "elasticity"}
        The scale of the evidence.
    bounds : (float, float)
        Draws outside are held at the bound.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: str
    law: Law | None = None
    fact: str | None = None
    spread: float = 1.0
    evidence: tuple[Reading, ...] | None = None
    scale: Literal["log_rate_ratio", "elasticity"] = "log_rate_ratio"
    bounds: tuple[float, float] = (-np.inf, np.inf)
    grade: Literal["assumption", "fact", "evidence"]
    note: Note

    @model_validator(mode="after")
    def consistent(self) -> Entry:
        """Refuse a grade that is not that of the law."""
        if self.grade == "evidence" and (self.evidence is None or self.law or self.fact):
            raise ValueError("a parameter that names evidence holds no number")
        if self.grade == "fact" and (self.fact is None or self.law is None or self.spread <= 1):
            raise ValueError(
                "a fact needs its id, a spread above 1, and the law assumed before it was published"
            )
        if self.grade == "assumption" and (self.law is None or self.fact or self.evidence):
            raise ValueError("an assumption is a law alone")
        if self.law is not None and not self.bounds[0] <= self.law.median <= self.bounds[1]:
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


@dataclass(frozen=True)
class Parameters:
    """The parameters as they were known at a date, some of them held at a number of the user's.

    Parameters
    ----------
    facts, register
        The record and the evidence, as of the same date.
    held : mapping of str to float
        Parameters held at one number, by path.

    Raises
    ------
    ModelError
        If a held path does not exist or its number lies outside the bounds.
    """

    facts: Facts
    register: Register
    held: Mapping[str, float]

    def __post_init__(self) -> None:
        """Refuse a held parameter that does not exist or cannot have that number."""
        known = entries()
        for path, value in self.held.items():
            if path not in known:
                raise ModelError("unknown_parameter", found=path, nearest=nearest(path, known))
            low, high = known[path].bounds
            if not (np.isfinite(value) and low <= value <= high):
                raise ModelError("parameter_outside", path=path, found=value, low=low, high=high)

    def effect(self, path: str) -> EffectLaw:
        """Return the law of a parameter that rests on evidence."""
        entry = entries()[path]
        assert entry.evidence is not None
        make = effect_law if entry.scale == "log_rate_ratio" else elasticity_law
        return make(self.register, entry.evidence)

    def fact(self, path: str) -> float | None:
        """Return the published figure behind a parameter, or None if it was not known at the date."""
        rows = self.facts.sql(
            f"select value from published_facts where id = '{entries()[path].fact}' and status = 'verified'"
        )
        return float(rows.item()) if rows.height else None

    def law(self, path: str) -> Law:
        """Return the law of a parameter that does not rest on evidence."""
        entry = entries()[path]
        known = self.fact(path) if entry.fact else None
        if known is not None:
            return Law(kind="lognormal", low=known / entry.spread, high=known * entry.spread)
        assert entry.law is not None
        return entry.law

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
                values = self.law(path).at(z)
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
