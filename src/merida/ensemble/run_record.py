"""Run records: what a run rests on, by hash, and what came out; and running it again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from merida import cache
from merida.ensemble.run import Progress
from merida.ensemble.simulate import Simulation, simulate
from merida.errors import RunError
from merida.evidence import Register
from merida.facts import Facts
from merida.facts.warehouse import bundle
from merida.framework import Framework, Plan, PlanRow
from merida.parameters.parameters import stated_digest as parameters_digest

RELATIVE = 1e-9  # what two processors or locks may differ by


class Record(BaseModel):
    """One run: its inputs by value or hash, the versions that ran it, and its results."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["merida run"] = "merida run"
    framework: str
    framework_digest: str
    facts_digest: str
    register_digest: str
    parameters_digest: str
    as_of: str | None
    seed: int
    draws: int
    years: int
    held: dict[str, float]
    plans: dict[str, list[tuple[str, str, str, str, str, float]]]
    versions: dict[str, str]
    processor: str
    outputs_digest: str
    outputs: dict[str, dict[str, list[float]]]


def record(simulation: Simulation) -> Record:
    """Return the record of a run."""
    parameters = simulation.parameters
    framework = simulation.domain.framework
    return Record(
        framework=framework.source,
        framework_digest=framework.digest(),
        facts_digest=hashlib.sha256((bundle() / "manifest.json").read_bytes()).hexdigest(),
        register_digest=parameters.register.digest,
        parameters_digest=parameters.digest(),
        as_of=parameters.facts.as_of,
        seed=simulation.drawn.seed,
        draws=simulation.drawn.count,
        years=simulation.domain.years,
        held=dict(parameters.held),
        plans={
            name: [
                (row.programme, row.account, row.place, row.start, row.end, row.usd_per_year)
                for row in plan.rows
            ]
            for name, plan in simulation.plans.items()
            if name != "reference"
        },
        versions={name: version(name) for name in ("merida", "jax", "jaxlib", "numpy", "scipy")}
        | {"python": platform.python_version()},
        processor=processor(),
        outputs_digest=digest(simulation),
        outputs=headline(simulation),
    )


def headline(simulation: Simulation) -> dict[str, dict[str, list[float]]]:
    """Return the nation's expected homicides, and hours lost at the ports, by plan and year: mean and interval."""
    found: dict[str, dict[str, list[float]]] = {}
    for name in simulation.plans:
        shown = {"": simulation.outcomes.state[name].sum(axis=1)}
        if name in simulation.outcomes.delay:
            shown["delay_hours_"] = simulation.outcomes.delay[name].sum(axis=1)
        found[name] = {}
        for what, values in shown.items():
            low, high = np.quantile(values, [0.05, 0.95], axis=0)
            ends = {"mean": values.mean(axis=0), "low": low, "high": high}
            found[name] |= {f"{what}{end}": of.tolist() for end, of in ends.items()}
    return found


def digest(simulation: Simulation) -> str:
    """Return the SHA-256 of every draw of every state, year and plan, and of what was lost and done at the ports."""
    sums, found = hashlib.sha256(), simulation.outcomes
    for name in sorted(simulation.plans):
        for field in (found.state, found.counts, found.delay, found.at_ports):
            if name in field:
                sums.update(np.ascontiguousarray(field[name]).tobytes())
    return sums.hexdigest()


def processor() -> str:
    """Return the type of processor: results are the same bytes on one type only."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def read(path: Path) -> Record:
    """Return the record in a file.

    Raises
    ------
    RunError
        If it cannot be read or is not a record.
    """
    try:
        return Record.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError("record_unreadable", path=path, reason=error.strerror or error) from error
    except (ValidationError, UnicodeDecodeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": "not UTF-8"}
        where = ".".join(str(part) for part in first["loc"]) or "-"
        raise RunError("record_invalid", path=path, where=where, reason=first["msg"]) from error


def again(saved: Record, progress: Progress = lambda *_: None) -> tuple[Simulation, dict[str, Any]]:
    """Run a record again and compare.

    Returns
    -------
    simulation
        The new run.
    report : dict
        ``same_bytes``; ``largest_relative`` difference of the headline; ``inputs`` that are not what they were.

    Raises
    ------
    RunError
        If the result differs: in bytes on the same lock and processor, by more than 1e-9 elsewhere.
    """
    framework = Framework.load(saved.framework)
    plans = {
        name: Plan(name, framework.name, tuple(PlanRow(*row) for row in rows))
        for name, rows in saved.plans.items()
    }
    simulation = simulate(
        framework,
        Facts(saved.as_of),
        plans,
        draws=saved.draws,
        seed=saved.seed,
        years=saved.years,
        held=saved.held,
        places=False,
        progress=progress,
    )
    new = record(simulation)
    inputs = [
        name
        for name in ("framework_digest", "facts_digest", "register_digest", "parameters_digest")
        if getattr(new, name) != getattr(saved, name)
    ]
    same_machine = new.versions == saved.versions and new.processor == saved.processor
    worst = largest(saved.outputs, new.outputs)
    report = {
        "same_bytes": new.outputs_digest == saved.outputs_digest,
        "largest_relative": worst,
        "same_lock_and_processor": same_machine,
        "inputs_changed": inputs,
    }
    if inputs:
        raise RunError("record_inputs_changed", inputs=", ".join(inputs), difference=worst)
    if (same_machine and not report["same_bytes"]) or worst > RELATIVE:
        raise RunError("record_differs", difference=worst, most=RELATIVE)
    return simulation, report


def largest(old: Mapping[str, Any], new: Mapping[str, Any]) -> float:
    """Return the largest relative difference between two headlines."""
    return max(
        float(np.max(np.abs(np.divide(new[plan][end], values) - 1)))
        for plan, ends in old.items()
        for end, values in ends.items()
    )


def text(saved: Record) -> str:
    """Return a record as it is written: keys in order, no time of day."""
    return json.dumps(saved.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def kept(
    framework: Framework,
    facts: Facts,
    plans: Mapping[str, Plan],
    draws: int,
    seed: int,
    years: int | None,
    held: Mapping[str, float] | None,
) -> Path:
    """Return the folder in the user's cache in which a run keeps its chunks, named by what it rests on."""
    manifest = hashlib.sha256((bundle() / "manifest.json").read_bytes()).hexdigest()
    rows = {name: plan.as_csv() for name, plan in plans.items()}
    stated = [framework.digest(), manifest, facts.as_of, rows, draws, seed, years, dict(held or {})]
    stated += [version("merida"), Register(facts.as_of).digest, parameters_digest()]
    name = hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()[:20]
    return cache.folder() / "runs" / name
