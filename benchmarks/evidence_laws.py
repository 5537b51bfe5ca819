"""Print the law of every effect that rests on evidence, as the tables of docs/models/evidence.md.

Run: python benchmarks/evidence_laws.py [--as-of 2012-12] [--no-bias] [--leave-one-out | --sensitivity | --rows]

``--leave-one-out`` drops each study in turn; ``--sensitivity`` moves each number assumed to the ends of its range (the
laws of spreads to half and twice themselves); ``--rows`` lists the register's rows by why no reading names them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from merida.distributions import Distribution
from merida.evidence import (
    EffectDistribution,
    Register,
    effect_distribution,
    elasticity_distribution,
    statuses,
)
from merida.parameters import entries
from merida.parameters.registry import EVIDENCE, named_studies
from merida.priors import Entry, Priors

Laws = dict[str, EffectDistribution]


@dataclass(frozen=True)
class Moved(Priors):
    """The priors of the evidence with one of them stated otherwise."""

    path: str = ""
    entry: Entry | None = None

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every prior by its path."""
        assert self.entry is not None
        return {**super().entries, self.path: self.entry}

    def within(self, *files: str) -> Priors:
        """Return the same priors: they are of one file."""
        return self


def otherwise(entry: Entry) -> list[tuple[str, Entry]]:
    """Return what a prior is tried at: the ends of its range, or its distribution at half and at twice itself."""
    if entry.range is not None:
        ends = [end for end in entry.range if end != entry.number]
        return [(f"{end:g}", entry.model_copy(update={"value": end})) for end in ends]
    tried = []
    for factor in (0.5, 2.0):
        low, high = (factor * end for end in entry.ends or ())
        moved = Distribution(kind="lognormal", low=low, high=high)
        tried.append((f"{low:g}-{high:g}", entry.model_copy(update={"distribution": moved})))
    return tried


def distributions(register: Register, bias: bool = True) -> Laws:
    """Return the law of each parameter that rests on evidence, by its path."""
    return {
        path: (effect_distribution if entry.scale == "log_rate_ratio" else elasticity_distribution)(
            register, entry.evidence, entry.kind, bias
        )
        for path, entry in entries().items()
        if entry.evidence is not None
    }


def table(found: Laws) -> None:
    """Print the laws."""
    print("| Parameter | Median | 5 % | 95 % | P(harm) | Clusters | With a figure | From data |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for path, distribution in found.items():
        low, middle, high = (f"{distribution.quantile(q):+.2f}" for q in (0.05, 0.5, 0.95))
        cells = (
            f"`{path}`",
            middle,
            low,
            high,
            f"{distribution.probability_harm:.2f}",
            str(distribution.independent),
        )
        share = f"{100 * distribution.share_from_data:.0f} %"
        print("| " + " | ".join((*cells, str(distribution.with_figure), share)) + " |")


def leave_one_out(register: Register, bias: bool) -> None:
    """Print how far each study moves the laws that name it, and the most that it moves any other."""
    now = distributions(register, bias)
    print(
        "| Study | Law that names it | Mean with | Mean without | P(harm) with | without | Most it moves another |"
    )
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for study in sorted({study for distribution in now.values() for study in distribution.studies}):
        then = distributions(register.without(study), bias)
        mine = [path for path, distribution in now.items() if study in distribution.studies]
        other = max(abs(then[path].mean - now[path].mean) for path in now if path not in mine)
        for path in mine:
            means = f"{now[path].mean:+.2f} | {then[path].mean:+.2f}"
            harms = f"{now[path].probability_harm:.2f} | {then[path].probability_harm:.2f}"
            print(f"| `{study}` | `{path}` | {means} | {harms} | {other:.2f} |")


def sensitivity(as_of: str | None, bias: bool) -> None:
    """Print how far the laws move where a number assumed is another."""
    now = distributions(Register(as_of), bias)
    print(
        "| Assumed | Value | Instead | Mean move of the means | Most a mean moves | of | Width of the intervals |"
    )
    print("| --- | ---: | ---: | ---: | ---: | --- | ---: |")
    for path, entry in Priors((EVIDENCE,)).entries.items():
        if path.count(".") > 1:  # by design
            continue
        stated = f"{entry.number:g}" if entry.range else "-".join(f"{end:g}" for end in entry.ends or ())
        for shown, moved in otherwise(entry):
            then = distributions(Register(as_of, priors=Moved((EVIDENCE,), (), path, moved)), bias)
            moves = {path: then[path].mean - now[path].mean for path in now}
            most = max(moves, key=lambda path: abs(moves[path]))
            width = sum(wide(then[path]) / wide(now[path]) for path in now) / len(now)
            cells = (
                f"`{path.removeprefix('evidence.')}`",
                stated,
                shown,
                f"{sum(moves.values()) / len(moves):+.3f}",
                f"{moves[most]:+.2f}",
                f"`{most}`",
                f"{100 * width - 100:+.0f} %",
            )
            print("| " + " | ".join(cells) + " |")


def wide(distribution: EffectDistribution) -> float:
    """Return the width of a law's 90 % interval."""
    return distribution.quantile(0.95) - distribution.quantile(0.05)


def rows(register: Register) -> None:
    """Print the register's rows that no reading names, by what becomes of them."""
    found = defaultdict(list)
    for study, status in statuses(register).items():
        if study not in named_studies():
            found[status].append(f"`{study}`")
    print("| What becomes of it | Rows | Which |")
    print("| --- | ---: | --- |")
    for status, studies in sorted(found.items()):
        print(f"| {status} | {len(studies)} | {', '.join(studies)} |")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--as-of", default=None)
    parser.add_argument("--no-bias", action="store_true")
    what = parser.add_mutually_exclusive_group()
    for name in ("leave-one-out", "sensitivity", "rows"):
        what.add_argument(f"--{name}", action="store_true")
    chosen = parser.parse_args()
    register, bias = Register(chosen.as_of), not chosen.no_bias
    if chosen.leave_one_out:
        leave_one_out(register, bias)
    elif chosen.sensitivity:
        sensitivity(chosen.as_of, bias)
    elif chosen.rows:
        rows(register)
    else:
        table(distributions(register, bias))


if __name__ == "__main__":
    main()
