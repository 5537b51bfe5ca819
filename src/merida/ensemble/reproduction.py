"""Running a record again: its inputs compared before the work, its results number by number after it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from merida.ensemble.record_reading import homicides_first, listed, plan_of
from merida.ensemble.run import REFERENCE, Progress
from merida.ensemble.run_record import Outputs, Record, record
from merida.ensemble.simulation import Simulation, simulate
from merida.errors import RunError
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework, places
from merida.framework.framework import SHIPPED
from merida.parameters.parameters import Parameters
from merida.schema_faults import shown

DELAY = "border_delay_mean"  # an outcome that is computed only where it is asked for
RELATIVE = 1e-9  # what two processors or locks may differ by
INPUTS = ("framework_digest", "facts_digest", "register_digest", "parameters_digest")


def again(
    saved: Record, framework: str | None = None, progress: Progress = lambda *_: None
) -> tuple[Simulation, dict[str, Any]]:
    """Run a record again and compare.

    Parameters
    ----------
    saved : Record
        As `read` returned it.
    framework : str or None
        The framework's file, which a record does not open itself (default: the shipped framework that it names).
    progress : callable
        Called with (parts done, parts in all).

    Returns
    -------
    simulation : Simulation
        The new run.
    report : dict
        ``same_bytes``; ``largest_relative`` difference of the headline; ``same_lock_and_processor``, and under
        ``elsewhere`` each version or processor that is another now; ``inputs_changed``, which is empty.

    Raises
    ------
    RunError
        If the framework, the record, the register or the parameters are not those of the run; or if the result differs:
        in bytes on the same lock and processor, by more than 1e-9 elsewhere. The message names each field with what the
        record says and what is so now.
    PlanError
        If a row of a plan cannot be.

    Examples
    --------
    >>> again(read(Path("run.json")))[1]["same_bytes"]
    True
    """
    if framework is None and saved.framework not in SHIPPED:
        raise RunError("record_needs_framework", found=saved.framework)
    chosen, facts = Framework.load(framework or saved.framework), Facts(saved.as_of)
    parameters = Parameters(facts, Register(facts.as_of), saved.held)
    now = (chosen.digest(), facts.digest, parameters.register.digest, parameters.digest())
    changed = [
        difference(name, getattr(saved, name), value)
        for name, value in zip(INPUTS, now, strict=True)
        if getattr(saved, name) != value
    ]
    if changed:
        raise RunError("record_inputs_changed", differences=(*changed, *own_differences(saved, facts)))
    plans = {label: plan_of(saved, label, chosen.name) for label in saved.plans}
    for plan in plans.values():
        plan.check(chosen, places(facts))
    changed = [
        difference(f"identities.{label}.digest", one.digest, plans[label].digest)
        for label, one in (saved.identities or {}).items()
        if one.digest != plans[label].digest
    ]
    if changed:
        raise RunError("record_inputs_changed", differences=listed(changed))
    simulation = simulate(
        chosen,
        facts,
        plans,
        draws=saved.draws,
        seed=saved.seed,
        years=saved.years,
        held=saved.held,
        places=False,
        border=DELAY in saved.outputs[REFERENCE],
        progress=progress,
    )
    return simulation, compared(saved, record(simulation))


def own_differences(saved: Record, facts: Facts) -> Iterator[RunError]:
    """Yield each addition of the user's own that a run rested on and is not here, and each that is here alone."""
    then = {(one.id.rpartition("-")[0], one.rows_sha256): one for one in saved.own or []}
    now = {(one.table, one.rows_sha256): one for one in facts.own}
    for key in sorted(then.keys() ^ now.keys()):
        old, new = ([held[key]] if key in held else [] for held in (then, now))
        told = [f"{one.file_name} (SHA-256 {one.sha256[:12]}…)" for one in (*old, *new)]
        identity = (*old, *new)[0].id
        yield difference(f"own.{identity}", *([told[0], "–"] if old else ["–", told[0]]))


def compared(saved: Record, new: Record) -> dict[str, Any]:
    """Return how a run compares with its record; see `again`.

    Raises
    ------
    RunError
        If it differs by more than it may.
    """
    elsewhere = list(machines(saved, new))
    same_machine = not elsewhere
    same_bytes = new.outputs_digest == saved.outputs_digest
    pairs = list(numbers(saved.outputs, new.outputs))
    most = 0.0 if same_machine else RELATIVE
    apart = [pair for pair in pairs if relative(*pair[1:]) > most]
    series = {field.rpartition(".")[0]: (field, old, value) for field, old, value in reversed(apart)}
    differences = [difference(*first) for first in reversed(series.values())]  # the first year of each
    if same_machine and not same_bytes:
        differences.append(difference("outputs_digest", saved.outputs_digest, new.outputs_digest))
    if differences:
        differences = [difference(*one) for one in elsewhere] + differences
        raise RunError("record_differs", differences=listed(differences))
    return {
        "same_bytes": same_bytes,
        "largest_relative": max(relative(old, value) for _, old, value in pairs),
        "same_lock_and_processor": same_machine,
        "elsewhere": [dict(zip(("field", "record", "now"), one, strict=True)) for one in elsewhere],
        "inputs_changed": [],
    }


def machines(saved: Record, new: Record) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield (field, saved, now) for each version, and for the processor, that is not what it was."""
    for name in sorted(saved.versions.keys() | new.versions.keys()):
        if saved.versions.get(name) != new.versions.get(name):
            yield f"versions.{name}", saved.versions.get(name), new.versions.get(name)
    if saved.processor != new.processor:
        yield "processor", saved.processor, new.processor


def numbers(old: Outputs, new: Outputs) -> Iterator[tuple[str, float | None, float | None]]:
    """Yield (field, saved, now) for every number of two headlines; None where one has none."""
    for plan in sorted(old.keys() | new.keys()):
        mine, theirs = old.get(plan, {}), new.get(plan, {})
        for name in sorted(mine.keys() | theirs.keys(), key=homicides_first):
            before, after = mine.get(name, []), theirs.get(name, [])
            for year in range(max(len(before), len(after))):
                yield (
                    f"outputs.{plan}.{name}.{year}",
                    before[year] if year < len(before) else None,
                    after[year] if year < len(after) else None,
                )


def relative(old: float | None, new: float | None) -> float:
    """Return the relative difference of two numbers; a number that is missing or is not one equals nothing."""
    if old is None or new is None or not (math.isfinite(old) and math.isfinite(new)):
        return math.inf
    return 0.0 if old == new else abs(new - old) / max(abs(old), abs(new))


def difference(field: str, old: object, new: object) -> RunError:
    """Return that a field is not what the record says."""
    return RunError("record_difference", field=field, saved=shown(old), now=shown(new))
