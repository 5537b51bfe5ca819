"""Write docs/reference/parameters.md: every prior of the program with its path, unit, distribution, bounds, grade and note.

Run: python scripts/parameters_reference.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from merida.atomic import write_whole
from merida.distributions import Distribution
from merida.framework import Framework
from merida.parameters import FILES, programme_entries, weights
from merida.priors import Entry, read
from merida.words import words

PAGE = Path(__file__).parent.parent / "docs/reference/parameters.md"
FRAMEWORKS = ("merida", "bicentennial")
HEAD = """# Every prior, by its path

Written by `scripts/parameters_reference.py` from the files named below; do not edit it by hand.

Any of these can be held at one number within its bounds, in every command that rests on it: `--set PATH=VALUE`, as often
as needed. In Python it is `lab.simulate(..., held={"PATH": VALUE})`, or `merida.parameters.settings({"PATH": VALUE})` for
the functions of a room. A command says in its answer what was held.

- *Number* is the median of the distribution, or the number that is used where that is another. What rests on a fact or
  on studies has a number only once they are known at a date.
- *Distribution* gives the 5th and 95th percentile, or the median and the standard deviation of the logarithm (lognormal),
  of the logit (share) or of the number itself (normal). A range in brackets is shown with an answer and not drawn from.
- *Grade*: an assumption, a published fact, or evidence from the register of studies.
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    parts += [section(file, read(file)) for file in FILES]
    parts.append(weighted())
    for name in FRAMEWORKS:
        parts.append(section(f"framework/{name}.toml", programme_entries(Framework.load(name))))
    return "\n".join(parts)


def section(file: str, entries: Mapping[str, Entry]) -> str:
    """Return the priors of one file as a table under its name."""
    lines = [f"## `{file}`", "", "| path | unit | number | distribution | bounds | grade | note |"]
    lines.append("|---|---|---|---|---|---|---|")
    lines += [" | ".join(("", *cells(path, entry), "")).strip() for path, entry in entries.items()]
    return "\n".join([*lines, ""])


def cells(path: str, entry: Entry) -> Iterator[str]:
    """Yield the cells of one prior."""
    yield f"`{path}`"
    yield words("en").text(f"parameter_units.{entry.unit}")
    yield "" if entry.value is None and entry.distribution is None else short(entry.number)
    yield stated(entry)
    yield f"{short(entry.bounds[0])} to {short(entry.bounds[1])}"
    yield entry.grade
    yield entry.note_in("en").replace("|", "\\|") + (f" Source: {entry.source}." if entry.source else "")


def stated(entry: Entry) -> str:
    """Return what a prior rests on."""
    if entry.evidence is not None:
        readings = "; ".join(
            f"{reading.label} ({reading.weight:.0%}): {', '.join(reading.studies)}"
            for reading in entry.evidence
        )
        return f"{readings or 'no study'}; kind `{entry.kind}`"
    if entry.distribution is None:
        return "fixed" if entry.range is None else f"fixed [{entry.range[0]:g} to {entry.range[1]:g}]"
    if entry.fact:
        return f"fact {entry.fact}, times or over {entry.spread:g}; before: {shape(entry.distribution)}"
    return shape(entry.distribution)


def shape(distribution: Distribution) -> str:
    """Return a distribution in words."""
    if distribution.sd is not None:
        return f"{distribution.kind}, median {distribution.middle:g}, sd {distribution.sd:g}"
    if distribution.ends is None:
        return f"fixed {distribution.value:g}"
    low, high = distribution.ends
    return f"{distribution.kind}, {short(low)} to {short(high)}"


def short(number: float) -> str:
    """Return a number to four digits, with commas where it is large."""
    return f"{number:,.0f}" if abs(number) >= 1e4 else f"{number:.4g}"


def weighted() -> str:
    """Return the weights of readings that contradict one another, as a table."""
    lines = ["## Weights of readings", ""]
    lines.append(
        "Of contested evidence each reading has a weight, from 0 to 1; those not set share what is left."
    )
    lines += ["", "| path | reading of |", "|---|---|"]
    lines += [f"| `{path}` | `{parameter}`: {label} |" for path, (parameter, label) in weights().items()]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    write_whole({PAGE: page()})
