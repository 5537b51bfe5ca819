"""Run records: what a run rests on and what came out of it, kept so that it can be run again and compared.

A record is a JSON file that anybody may have changed. Nothing in it is believed: every field is checked against the
schema and against the digest of it that the run wrote, its plans pass the gate of all plans, and its results are computed
again and compared number by number. Whoever changes a field and its digest together changes what the run gives, or
nothing.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from merida import cache
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulate import Simulation
from merida.ensemble.sizes import MOST_DRAWS, MOST_YEARS
from merida.errors import MeridaError, RunError
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework, Plan
from merida.models.violence import HOMICIDES
from merida.parameters.parameters import stated_digest as parameters_digest
from merida.schema_faults import broken, expected, found, path_of, shown
from merida.statistics import low_median_high
from merida.user_tables import MOST_SHOWN, read_text
from merida.user_tables.text import visible

FORMAT = 2
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
    plans : dict
        The rows of each plan by its name, without the reference.
    outputs : dict
        By plan (and ``reference``): the nation's expected homicides, and under the name of the outcome every other one
        that was computed, one number a year, as mean and as ends of the 90 % interval.
    outputs_digest : str
        SHA-256 of every draw of every outcome.
    digests : dict
        SHA-256 of each field as JSON, plans and outputs plan by plan: ``plans.memo`` tells what a plan is whatever its
        name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    kind: Literal["merida run"]
    format: Literal[2]
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
    plans: Annotated[dict[str, Rows], Field(min_length=1)]
    versions: dict[str, str]
    processor: str
    outputs_digest: Digest
    outputs: Outputs
    digests: dict[str, Digest]


def record(simulation: Simulation) -> Record:
    """Return the record of a run.

    Examples
    --------
    >>> run = Lab(as_of="2012-12").simulate(plan, draws=16)
    >>> record(run).draws
    16
    """
    parameters = simulation.parameters
    framework = simulation.domain.framework
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
        "plans": {name: rows(plan) for name, plan in simulation.plans.items() if name != REFERENCE},
        "versions": {name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
        "processor": processor(),
        "outputs_digest": digest(simulation),
        "outputs": headline(simulation),
    }
    return Record(**stated, digests=digests(stated))


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
    """Return the SHA-256 of each field of a record as JSON; of plans and outputs, that of each plan."""
    parts: dict[str, Any] = {}
    for name, value in stated.items():
        parts |= (
            {f"{name}.{plan}": part for plan, part in value.items()}
            if name in ("plans", "outputs")
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


def read(path: Path) -> Record:
    """Return the record in a file, every field of it checked.

    Raises
    ------
    RunError
        If the file cannot be read, is of another format, does not fit the schema, or was changed after it was written;
        the message names each field.

    Examples
    --------
    >>> read(Path("run.json")).seed
    0
    """
    content, notes = read_text(path, RunError)
    if notes:
        raise RunError("table_encoding", file=path, **notes[0].values)
    check_format(path, content)
    try:
        saved = Record.model_validate_json(content)
    except ValidationError as error:
        raise misfit(path, error) from error
    refuse(path, list(misfits(saved)))
    now = digests({name: value for name, value in json.loads(content).items() if name != "digests"})
    changed = sorted(
        name for name in now.keys() | saved.digests.keys() if now.get(name) != saved.digests.get(name)
    )
    if changed:
        raise RunError("record_changed", path=path, fields=", ".join(changed))
    return saved


def misfit(path: Path, error: ValidationError) -> RunError:
    """Return the error that says where a record does not fit the schema."""
    details = error.errors()
    if details[0]["type"] == "json_invalid":  # half of a pair of escapes: Python's own reader lets it pass
        return RunError("record_not_json", path=path, reason=details[0]["ctx"]["error"])
    faults = [fault(path_of(one), found(one), expected(one, RunError)) for one in details]
    return RunError("record_invalid", path=path, faults=listed(faults))


def check_format(path: Path, content: str) -> None:
    """Refuse what is not JSON, or is a record of another format than this program's.

    Raises
    ------
    RunError
        With the place in the file, or with the format found.
    """
    try:
        tree = json.loads(content, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise RunError("record_not_json", path=path, reason=error) from error
    if not isinstance(tree, dict) or tree.get("kind") != "merida run":
        raise RunError("record_of_nothing", path=path)
    if tree.get("format") != FORMAT:
        raise RunError("record_format", path=path, found=shown(tree.get("format")), known=FORMAT)


def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of a JSON object as a mapping.

    Raises
    ------
    RunError
        If a key stands twice: readers of JSON differ in which of the two they take.
    """
    tree = dict(pairs)
    if len(tree) < len(pairs):
        names = [name for name, _ in pairs]
        raise RunError("record_twice", key=next(name for name in names if names.count(name) > 1))
    return tree


def misfits(saved: Record) -> Iterator[RunError]:
    """Yield what does not fit together in a record whose every field is possible alone."""
    if REFERENCE in saved.plans:
        yield fault(("plans", REFERENCE), "{…}", RunError("expected_unknown_key"))
    yield from keys(("versions",), saved.versions, {*PACKAGES, "python"})
    yield from keys(("outputs",), saved.outputs, {*saved.plans, REFERENCE})
    prefixes = {
        "",
        *(name.removesuffix("mean") for name in saved.outputs.get(REFERENCE, {}) if name.endswith("mean")),
    }
    names = {prefix + end for prefix in prefixes for end in ENDS}
    for plan, outcomes in saved.outputs.items():
        yield from keys(("outputs", plan), outcomes, names)
        for name, years in sorted(outcomes.items(), key=lambda pair: homicides_first(pair[0])):
            if len(years) != saved.years:
                yield fault(
                    ("outputs", plan, name), str(len(years)), RunError("expected_length", count=saved.years)
                )


def homicides_first(name: str) -> tuple[bool, str]:
    """Return the key that sorts series of outputs by name, those of homicides, which have no prefix, before others."""
    return "_" in name, name


def keys(path: tuple[str, ...], mapping: Mapping[str, object], wanted: set[str]) -> Iterator[RunError]:
    """Yield the keys that a mapping lacks, and those that it has beyond the wanted."""
    for name in sorted(wanted - mapping.keys()):
        yield fault((*path, name), "–", RunError("expected_missing"))
    for name in sorted(mapping.keys() - wanted):
        yield fault((*path, name), shown(mapping[name]), RunError("expected_unknown_key"))


def fault(path: Sequence[str | int], value: str, wanted: MeridaError) -> RunError:
    """Return the fault of one field."""
    return RunError(
        "record_fault", field=visible(".".join(map(str, path))), found=visible(value), expected=wanted
    )


def refuse(path: Path, faults: Sequence[RunError]) -> None:
    """Raise the error that lists faults, where there are some."""
    if faults:
        raise RunError("record_invalid", path=path, faults=listed(faults))


def listed(faults: Sequence[RunError]) -> tuple[RunError, ...]:
    """Return the faults that one message shows, with how many more there are."""
    more = len(faults) - MOST_SHOWN
    return (*faults[:MOST_SHOWN], *([RunError("table_more", count=more)] if more > 0 else []))


def kept(
    framework: Framework,
    facts: Facts,
    plans: Mapping[str, Plan],
    draws: int,
    seed: int,
    years: int | None,
    held: Mapping[str, float] | None,
) -> Path:
    """Return the folder of the cache in which a run keeps its parts, named by what it rests on, its code included."""
    stated = [
        framework.digest(), facts.digest, facts.as_of, {name: rows(plan) for name, plan in plans.items()},
        draws, seed, years, dict(held or {}), Register(facts.as_of).digest, parameters_digest(),
        [version(name) for name in PACKAGES], processor(), cache.code("**/*"),
    ]  # fmt: skip
    return cache.folder() / "runs" / of_content(stated)[:20]
