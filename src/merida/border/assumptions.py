"""What the border assumes as its commands print it for programs.

The names and nesting are those that programs have read since version 0.1. The paths of ``--set`` begin with ``border.``;
``docs/reference/parameters.md`` lists them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from merida.priors import Entry, Priors

RENAMED = {"smoothness": "scale"}


def ports(priors: Priors) -> dict[str, Any]:
    """Return what is assumed of a port until it is calibrated: value, low, high and the key of the note."""
    from merida.parameters.registry import PORTS

    return {
        path.removeprefix("border."): {**numbers(entry), "note": entry.note}
        for path, entry in priors.within(PORTS).entries.items()
    }


def investment(priors: Priors, only: str = "") -> dict[str, Any]:
    """Return what is assumed of values, answers, investments and finance, by path; `only` is what a path begins with."""
    from merida.parameters.registry import INVESTMENT

    return {
        path.removeprefix("border."): {
            **(numbers(entry) if entry.distribution else {"kind": "fixed", "value": entry.value}),
            "unit": entry.unit,
            "note": entry.note,
        }
        for path, entry in priors.within(INVESTMENT).entries.items()
        if path.startswith(only)
    }


def calibration(priors: Priors) -> dict[str, Any]:
    """Return what is assumed before a crossing is calibrated, nested as it has been."""
    from merida.parameters.registry import CALIBRATION

    shown: dict[str, Any] = {}
    for path, entry in priors.within(CALIBRATION).entries.items():
        top, *inner = path.removeprefix("border.calibration.").split(".")
        place = shown.setdefault(f"calibration.{top}", {})
        noted = place.setdefault(inner[0], {}) if top == "service_minutes" else place
        noted.pop("note", None)
        if inner in ([], ["minutes"]):
            place |= numbers(entry)
        elif inner[0] == "sd":
            place.setdefault("sd", []).append(entry.value)
        elif len(inner) == 2:
            place.setdefault(inner[0], {})[inner[1]] = numbers(entry)
        else:
            place[RENAMED.get(inner[0], inner[0])] = entry.value
        noted["note"] = entry.note
    return shown


def numbers(entry: Entry) -> dict[str, Any]:
    """Return a number with its ends; or the kind of its distribution with its ends, where no number is stated."""
    low, high = entry.ends or (None, None)
    first = (
        {"kind": entry.distribution.kind}
        if entry.value is None and entry.distribution
        else {"value": entry.value}
    )
    return {**first, "low": low, "high": high}
