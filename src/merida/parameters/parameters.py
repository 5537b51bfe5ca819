"""The parameters of the models as they were known at a date, and their draws.

A parameter rests on a number with the grade ``assumption``, on the id of a published fact, or on ids of studies in the
register of evidence (it then holds no number of its own). Draw k of a parameter depends on the seed, its path and k
alone, so that adding a parameter, a plan or a draw leaves every other draw as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from merida.distributions import Distribution, Floats
from merida.draws import stream
from merida.evidence import EffectDistribution, Register, effect_distribution, elasticity_distribution
from merida.facts import Facts
from merida.framework import Framework
from merida.parameters.registry import (
    MODELS,
    RUN_FILES,
    entries,
    named_studies,
    readings,
    settings,
    stated_digest,
    weights,
)
from merida.priors import Entry, Priors, Reading

__all__ = ["MODELS", "Entry", "Parameters", "entries", "named_studies", "stated_digest", "weights"]


@dataclass(frozen=True)
class Parameters:
    """The parameters as they were known at a date, some of them held at a number of the user's.

    Parameters
    ----------
    facts, register
        The record and the evidence, as of the same date.
    held : mapping of str to float
        Priors held at one number, by path, and weights of readings; see `merida.parameters.settings`.
    framework : Framework or None
        Whose programmes' numbers may be held besides.

    Raises
    ------
    ModelError
        If a held path does not exist or has no part in a run of plans, its number lies outside the bounds, or weights
        do not sum to one.

    Examples
    --------
    >>> parameters = Parameters(Facts(), Register(), {"communities.displacement": 0.1})
    >>> parameters.draws(seed=0, count=2)["communities.displacement"]
    array([0.1, 0.1])
    """

    facts: Facts
    register: Register
    held: Mapping[str, float]
    framework: Framework | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be held."""
        settings(self.held, self.framework, RUN_FILES)

    @cached_property
    def priors(self) -> Priors:
        """Every prior of the program, with what the user holds."""
        return settings(self.held, self.framework)

    @cached_property
    def evidence(self) -> Register:
        """The register, with what the user holds of the priors of the evidence."""
        return self.register.under(self.priors)

    def readings(self, path: str) -> tuple[Reading, ...]:
        """Return the readings of a parameter that rests on evidence, with the weights of this run."""
        return readings(path, self.held)

    def effect(self, path: str, bias: bool = True) -> EffectDistribution:
        """Return the distribution of a parameter that rests on evidence, with or without the bias of designs."""
        entry = entries()[path]
        make = effect_distribution if entry.scale == "log_rate_ratio" else elasticity_distribution
        return make(self.evidence, self.readings(path), entry.kind, bias)

    def fact(self, path: str) -> float | None:
        """Return the published figure behind a parameter, or None if it was not known at the date."""
        rows = self.facts.sql(
            f"select value from published_facts where id = '{entries()[path].fact}' and status = 'verified'"
        )
        return float(rows.item()) if rows.height else None

    def distribution(self, path: str) -> Distribution:
        """Return the distribution of a parameter that does not rest on evidence."""
        entry = entries()[path]
        if path in self.held:
            return Distribution(kind="fixed", value=self.held[path])
        known = self.fact(path) if entry.fact else None
        if known is not None:
            return Distribution(kind="lognormal", low=known / entry.spread, high=known * entry.spread)
        if entry.distribution is None:
            return Distribution(kind="fixed", value=entry.number)
        return entry.distribution

    def draws(self, seed: int, count: int) -> dict[str, Floats]:
        """Return the first `count` draws of every parameter of the models by path, each of shape (count,).

        A held parameter keeps its number in every draw.
        """
        values: dict[str, Floats] = {}
        for path, entry in entries().items():
            if path in self.held:
                values[path] = np.full(count, self.held[path])
                continue
            scores = stream(seed, path).standard_normal(count)
            if entry.evidence is not None:
                reading = stream(seed, f"{path}.reading").random(count)
                drawn = self.effect(path).at(scores, reading)
            else:
                drawn = self.distribution(path).at(scores)
            values[path] = np.clip(drawn, *entry.bounds)
        return values

    def held_programmes(self, count: int) -> dict[str, Floats]:
        """Return the numbers of programmes that the user holds, by path, the same in each of `count` draws."""
        return {
            path: np.full(count, number)
            for path, number in self.held.items()
            if path.startswith("programme.")
        }

    def digest(self) -> str:
        """Return the SHA-256 of every prior as its file states it, and of what the user holds, for the run record."""
        return stated_digest(self.held)
