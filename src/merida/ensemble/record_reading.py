"""Run records read back, every field of them checked.

A record is a JSON file that anybody may have changed. Nothing in it is believed: every field is checked against the
schema and against the digest of it that the run wrote, its plans pass the gate of all plans, and its results are computed
again and compared number by number. Whoever changes a field and its digest together changes what the run gives, or
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from merida.ensemble.run import REFERENCE
from merida.ensemble.run_record import ENDS, FORMAT, PACKAGES, Record, digests
from merida.errors import MeridaError, RunError
from merida.framework import Plan, PlanRow
from merida.schema_faults import expected, found, path_of, shown
from merida.user_tables import MOST_SHOWN, read_text
from merida.user_tables.text import visible

READABLE = (2, FORMAT)  # format 2 says less of its plans, and nothing of what was asked for


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
    return checked(path, content)


def checked(path: Path, content: str) -> Record:
    """Return the record in the text of a file, or of a part of one; see `read`."""
    content = within_answer(content)
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


def within_answer(content: str) -> str:
    """Return the record that an answer in JSON holds, or what was read where it is no answer."""
    try:
        held = json.loads(content)
        inside = isinstance(held, dict) and "question" in held and isinstance(held.get("record"), dict)
    except (ValueError, RecursionError):
        return content
    return json.dumps(held["record"]) if inside else content


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
    if tree.get("format") not in READABLE or isinstance(tree["format"], bool | float):
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
    yield from misfits_of_plans(saved)
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


def misfits_of_plans(saved: Record) -> Iterator[RunError]:
    """Yield what a record lacks, or has beyond its format, of what was asked and of what its plans are."""
    if saved.format == 2:
        for name in ("options", "identities"):
            if (value := getattr(saved, name)) is not None:
                yield fault((name,), shown(value), RunError("expected_unknown_key"))
        return
    for name in ("options", "identities"):
        if getattr(saved, name) is None:
            yield fault((name,), "–", RunError("expected_missing"))
    if saved.identities is not None:
        yield from keys(("identities",), saved.identities, set(saved.plans))


def plan_of(saved: Record, label: str, framework: str) -> Plan:
    """Return a plan of a record, as it was called."""
    told = (saved.identities or {}).get(label)
    rows = tuple(PlanRow(*row) for row in saved.plans[label])
    if told is None:
        return Plan(label, framework, rows)
    return Plan(told.name, framework, rows, source=told.source, made_from=told.made_from)


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
