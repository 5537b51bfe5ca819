"""Every prior of the program by the file that states it, and the one gate at which a user holds some at a number.

A prior stands in one of `FILES`, beside the code that uses it. What one unit of a programme costs, how many units a
need takes, how long a unit works and how long it takes to begin stand in the framework's file, since a framework is
the user's; they are held by ``programme.NAME.unit_cost`` and so on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np

from merida.errors import ModelError, nearest
from merida.evidence.register import PRIORS_FILE
from merida.evidence.rows import kinds
from merida.framework import Framework, Programme
from merida.priors import Entry, Note, Priors, Reading, read, together

MODELS = tuple(
    sorted(
        file.name.removesuffix(".toml")
        for file in files("merida.models").iterdir()
        if file.name.endswith(".toml")
    )
)  # a mechanism's file of parameters is found where it lies
EVIDENCE = PRIORS_FILE
FORECAST = "violence/forecasting/forecast.toml"
CALIBRATION = "border/crossings/calibration.toml"
PORTS = "border/crossings/ports.toml"
INVESTMENT = "border/investment/investment.toml"
MODEL_FILES = tuple(f"models/{model}.toml" for model in MODELS)
WELFARE = "decide/worth/welfare.toml"
FILES = (*MODEL_FILES, EVIDENCE, FORECAST, CALIBRATION, PORTS, INVESTMENT, WELFARE)
RUN_FILES = (*MODEL_FILES, EVIDENCE, FORECAST, CALIBRATION)  # what a run of plans rests on
PROGRAMME_BOUNDS = {
    "unit_cost": (0.01, 1e9),
    "units_per_need": (1e-9, 1e9),
    "life_years": (0.1, 100.0),
    "ramp_months": (0.0, 600.0),
}
PROGRAMME_UNITS = {
    "unit_cost": "usd",
    "units_per_need": "units",
    "life_years": "years",
    "ramp_months": "months",
}


@cache
def entries() -> Mapping[str, Entry]:
    """Return every parameter of the models by its dotted path.

    Raises
    ------
    ModelError
        If a file is not as it must be, or a parameter names a kind of programme that does not exist.

    Examples
    --------
    >>> entries()["communities.displacement"].unit
    'share'
    """
    found = together(MODEL_FILES)
    for path, entry in found.items():
        if entry.kind and entry.kind not in kinds():
            file = f"models/{path.partition('.')[0]}.toml"
            reason = f"{entry.kind!r} ({nearest(entry.kind, kinds())})"
            raise ModelError("parameter_invalid", file=file, path=path, where="kind", reason=reason)
    return found


@cache
def weights() -> Mapping[str, tuple[str, str]]:
    """Return (path of the parameter, label) of each reading whose weight can be set, by ``PATH.weight.READING``."""
    return {
        f"{path}.weight.{re.sub('[^a-z0-9]+', '_', reading.label.lower()).strip('_')}": (path, reading.label)
        for path, entry in entries().items()
        if entry.evidence and len(entry.evidence) > 1
        for reading in entry.evidence
    }


def programme_entries(framework: Framework) -> dict[str, Entry]:
    """Return what a framework assumes of its programmes' units, by ``programme.NAME.FIELD``.

    A unit cost that rests on a row or a fact is shown with what is assumed until that was published.
    """
    return {
        f"programme.{name}.{field}": entry
        for name, programme in framework.programmes.items()
        for field, entry in entries_of(programme).items()
    }


def entries_of(programme: Programme) -> dict[str, Entry]:
    """Return what is assumed of one programme's units, by field."""
    cost = programme.unit_cost
    stated = {
        "unit_cost": (cost.distribution or cost.otherwise, cost.note, cost.cost or cost.fact or ""),
        "life_years": (programme.life_years.distribution, programme.life_years.note, ""),
        "ramp_months": (programme.ramp_months.distribution, programme.ramp_months.note, ""),
    }
    if programme.need is not None and programme.need.units_per is not None:
        stated["units_per_need"] = (programme.need.units_per, programme.need.note, "")
    return {
        field: Entry(
            unit=PROGRAMME_UNITS[field],
            distribution=distribution,
            bounds=PROGRAMME_BOUNDS[field],
            grade="assumption",
            note=Note(en=note.en, es=note.es),
            source=source,
        )
        for field, (distribution, note, source) in stated.items()
    }


def settings(
    held: Mapping[str, float] | None = None,
    framework: Framework | None = None,
    files: tuple[str, ...] = FILES,
) -> Priors:
    """Return every prior, some of them held at one number: what ``--set PATH=VALUE`` means.

    Parameters
    ----------
    held : mapping of str to float
        Numbers by dotted path; and weights of readings of contested evidence, by ``PATH.weight.READING``: the
        readings that are not named share what is left in proportion to their own weights.
    framework : Framework or None
        Whose programmes' numbers may be held besides.
    files : tuple of str
        The files that an answer rests on: to hold what has no part in it is refused.

    Raises
    ------
    ModelError
        If a path does not exist (the message names the nearest) or has no part in the answer, a number lies outside
        its bounds or is not finite, or the weights of a parameter's readings do not sum to one.

    Examples
    --------
    >>> settings({"border.calibration.load": 0.9}).number("border.calibration.load")
    0.9
    """
    held = held or {}
    known = dict(together(files)) | (programme_entries(framework) if framework else {})
    bounds = {path: entry.bounds for path, entry in known.items()}
    if EVIDENCE in files:
        bounds |= dict.fromkeys(weights(), (0.0, 1.0))
    for path, number in held.items():
        if path not in bounds:
            for file in FILES:
                if path in read(file):
                    raise ModelError("parameter_elsewhere", path=path, file=file)
            raise ModelError("unknown_parameter", found=path, nearest=nearest(path, bounds))
        low, high = bounds[path]
        if not (np.isfinite(number) and low <= number <= high):
            raise ModelError("parameter_outside", path=path, found=number, low=low, high=high)
    for path in {weights()[path][0] for path in held if path in weights()}:
        total = sum(reading.weight for reading in readings(path, held))
        if abs(total - 1) > 1e-9:
            raise ModelError("weights_not_one", path=path, found=total)
    return Priors(FILES, tuple(sorted((path, float(number)) for path, number in held.items())))


def readings(path: str, held: Mapping[str, float]) -> tuple[Reading, ...]:
    """Return the readings of a parameter that rests on evidence, with the weights that a user holds."""
    stated = entries()[path].evidence
    assert stated is not None
    fixed = {label: held[name] for name, (of, label) in weights().items() if of == path and name in held}
    left = sum(reading.weight for reading in stated if reading.label not in fixed)
    rest = max(0.0, 1 - sum(fixed.values())) / left if left else 0.0
    now = {reading.label: fixed.get(reading.label, rest * reading.weight) for reading in stated}
    return tuple(
        reading.model_copy(update={"weight": now[reading.label]}) for reading in stated if now[reading.label]
    )


def named_studies() -> frozenset[str]:
    """Return the studies that some reading of a parameter names; all others speak through their kind and family alone."""
    return frozenset(
        study for entry in entries().values() for reading in entry.evidence or () for study in reading.studies
    )


def stated_digest(held: Mapping[str, float] | None = None) -> str:
    """Return the SHA-256 of every prior as its file states it, and of what a user holds."""
    stated = {path: entry.model_dump(mode="json") for path, entry in together(FILES).items()}
    return hashlib.sha256(json.dumps([stated, dict(held or {})], sort_keys=True).encode()).hexdigest()
