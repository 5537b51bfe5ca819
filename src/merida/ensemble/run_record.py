"""Run records: what a run rests on and what came out of it, kept so that it can be run again and compared.

`record_reading` reads one back, and `reproduction` runs it again.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from merida import cache
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import Simulation
from merida.ensemble.sizes import MOST_DRAWS, MOST_YEARS
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework, Plan
from merida.models.violence import HOMICIDES
from merida.parameters.parameters import stated_digest as parameters_digest
from merida.schema_faults import broken
from merida.statistics import low_median_high
from merida.user_tables import one_line

FORMAT = 3
PACKAGES = ("merida", "jax", "jaxlib", "numpy", "scipy")
ENDS = ("mean", "low", "high")


def is_digest(text: str) -> str:
    """Return a text that is a SHA-256 in hexadecimal digits."""
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise broken("expected_digest")
    return text


Digest = Annotated[str, AfterValidator(is_digest)]
Rows = list[tuple[str, str, str, str, str, float]]
Outputs = dict[str, dict[str, list[float]]]


class Identity(BaseModel):
    """What a plan of a run was called, where it came from, and the digest of its content (`Plan.digest`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    source: str
    made_from: str
    digest: Digest


class OwnInput(BaseModel):
    """Rows of the user's own in the record of a run: the addition, its file, and the SHA-256 of both."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str
    file_name: str
    sha256: Digest
    rows_sha256: Digest


class Record(BaseModel):
    """One run: its inputs by value or hash, the versions that ran it, and its results.

    Attributes
    ----------
    format : int
        The version of this schema.
    framework : str
        The name of a shipped framework, or the path that the user gave; a path is shown and never opened.
    held : dict
        Parameters held at one number, by path.
    options : dict
        What was asked for, as it was given; it is shown, and a run that is made again does not read it. Not in format 2.
    plans : dict
        The rows of each plan by its label, without the reference.
    identities : dict
        By label, what each plan is. Not in format 2.
    own : list or None
        The rows of the user's own that had been published by the date. None, and not written, where there were none.
    outputs : dict
        By plan (and ``reference``): the nation's expected homicides, and under the name of the outcome every other one
        that was computed, one number a year, as mean and as ends of the 90 % interval.
    outputs_digest : str
        SHA-256 of every draw of every outcome.
    digests : dict
        SHA-256 of each field as JSON, of those by plan that of each plan.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    kind: Literal["merida run"]
    format: Literal[2, 3]
    framework: Annotated[str, Field(min_length=1)]
    framework_digest: Digest
    facts_digest: Digest
    register_digest: Digest
    parameters_digest: Digest
    as_of: str | None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)]
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)]
    years: Annotated[int, Field(ge=1, le=MOST_YEARS)]
    held: dict[str, float]
    options: dict[str, JsonValue] | None = None
    plans: Annotated[dict[str, Rows], Field(min_length=1)]
    identities: dict[str, Identity] | None = None
    own: list[OwnInput] | None = None
    versions: dict[str, str]
    processor: str
    outputs_digest: Digest
    outputs: Outputs
    digests: dict[str, Digest]

    @model_serializer(mode="wrap")
    def without_nothing(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the rows of the user's own where there are none."""
        stated: dict[str, Any] = dump(self)
        if self.own is None:
            del stated["own"]
        return stated


def record(simulation: Simulation, options: Mapping[str, JsonValue] | None = None) -> Record:
    """Return the record of a run.

    Parameters
    ----------
    options : mapping or None
        What was asked for, as it was given, for whoever reads the record.

    Examples
    --------
    >>> run = Lab(as_of="2012-12").simulate(plan, draws=16)
    >>> record(run).draws
    16
    """
    parameters = simulation.parameters
    framework = simulation.domain.framework
    plans = {label: plan for label, plan in simulation.plans.items() if label != REFERENCE}
    stated: dict[str, Any] = {
        "kind": "merida run",
        "format": FORMAT,
        "framework": framework.source,
        "framework_digest": framework.digest(),
        "facts_digest": parameters.facts.digest,
        "register_digest": parameters.register.digest,
        "parameters_digest": parameters.digest(),
        "as_of": parameters.facts.as_of,
        "seed": simulation.drawn.seed,
        "draws": simulation.drawn.count,
        "years": simulation.domain.years,
        "held": {path: float(value) for path, value in parameters.held.items()},
        "options": dict(options or {}),
        "plans": {label: rows(plan) for label, plan in plans.items()},
        "identities": {label: identity(plan) for label, plan in plans.items()},
        "versions": {name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
        "processor": processor(),
        "outputs_digest": digest(simulation),
        "outputs": headline(simulation),
    }
    if own := own_inputs(parameters.facts):
        stated["own"] = own
    return Record(**stated, digests=digests(stated))


def own_inputs(facts: Facts) -> list[dict[str, str]]:
    """Return what a record of a run says of the rows of the user's own."""
    names = ("id", "file_name", "sha256", "rows_sha256")
    return [{name: one_line(getattr(one, name)) for name in names} for one in facts.own]


def identity(plan: Plan) -> dict[str, str]:
    """Return what a record says of a plan beside its rows."""
    named = {"name": plan.name, "source": plan.source, "made_from": plan.made_from}
    return {what: one_line(text) for what, text in named.items()} | {"digest": plan.digest}


def rows(plan: Plan) -> Rows:
    """Return a plan's rows as a record holds them."""
    return [
        (row.programme, row.account, row.place, row.start, row.end, float(row.usd_per_year))
        for row in plan.rows
    ]


def headline(simulation: Simulation) -> Outputs:
    """Return every outcome of the nation by plan and year: mean and interval; homicides without a prefix."""
    outputs: Outputs = {}
    for name in simulation.plans:
        outputs[name] = {}
        for outcome, by_plan in simulation.outcomes.value.items():
            draws = by_plan[name].sum(axis=1)
            low, _, high = low_median_high(draws)
            prefix = "" if outcome == HOMICIDES.name else f"{outcome}_"
            for end, years in zip(ENDS, (draws.mean(axis=0), low, high), strict=True):
                outputs[name][prefix + end] = years.tolist()
    return outputs


def digest(simulation: Simulation) -> str:
    """Return the SHA-256 of every draw of every outcome by group, year and plan, and of the homicides counted."""
    sums, outcomes = hashlib.sha256(), simulation.outcomes
    for name in sorted(simulation.plans):
        for values in (*(outcomes.value[outcome] for outcome in sorted(outcomes.value)), outcomes.counts):
            sums.update(np.ascontiguousarray(values[name]).tobytes())
    return sums.hexdigest()


def digests(stated: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each field of a record as JSON; of those by plan, that of each plan."""
    parts: dict[str, Any] = {}
    for name, value in stated.items():
        parts |= (
            {f"{name}.{plan}": part for plan, part in value.items()}
            if name in ("plans", "identities", "outputs")
            else {name: value}
        )
    return {name: of_content(value) for name, value in parts.items()}


def of_content(value: object) -> str:
    """Return the SHA-256 of a value as JSON with its keys in order."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def processor() -> str:
    """Return the type of processor: results are the same bytes on one type only."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def text(saved: Record) -> str:
    """Return a record as it is written: keys in order, no time of day.

    Examples
    --------
    >>> text(record(run)).splitlines()[1]
    ' "kind": "merida run",'
    """
    return json.dumps(saved.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def kept(
    framework: Framework,
    facts: Facts,
    plans: Mapping[str, Plan],
    seed: int,
    years: int | None,
    held: Mapping[str, float] | None,
) -> Path:
    """Return the folder of the cache in which a run keeps its parts, named by what it rests on, its code included.

    How many draws it has is no part of the name: draw k is the same in a run of any length.
    """
    stated = [
        framework.digest(), facts.digest, facts.as_of, {name: rows(plan) for name, plan in plans.items()},
        seed, years, dict(held or {}), Register(facts.as_of).digest, parameters_digest(),
        [version(name) for name in PACKAGES], processor(), cache.code("**/*"),
    ]  # fmt: skip
    return cache.folder() / "runs" / of_content(stated)[:20]
