"""Cross-checks of the record: what must agree, and the known traps in it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import polars as pl

from merida.facts.schema import Strict, Text
from merida.facts.warehouse import Facts


class Check(Strict):
    """One cross-check, as data.

    ``must_hold``: `sql` gives rows (at, found, expected) that agree within `tolerance`, relative to what is
    expected. ``trap``: `sql` gives the rows (at, found) in which a known trap of the record is present, and
    the text `found` says what is counted there.
    """

    id: str
    kind: Literal["must_hold", "trap"]
    about: Text
    found: Text | None = None
    sql: str
    tolerance: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What a check found: the rows it looked at and those that fired."""

    check: Check
    compared: int
    fired: pl.DataFrame

    @property
    def verdict(self) -> Literal["holds", "failed", "trap", "quiet"]:
        """``failed`` is an error in the record; ``trap`` is a known trap that is there to fall into."""
        if self.check.kind == "must_hold":
            return "failed" if self.fired.height or not self.compared else "holds"
        return "trap" if self.fired.height else "quiet"


@cache
def checks() -> tuple[Check, ...]:
    """Return every check, read from ``facts/checks/``."""
    folder = files("merida.facts") / "checks"
    return tuple(
        Check(**entry)
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".toml")
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["check"]
    )


def run(facts: Facts, check: Check) -> Outcome:
    """Run one check on the whole record."""
    rows = facts.sql(check.sql)
    if check.kind == "trap":
        return Outcome(check, rows.height, rows)
    found, expected = pl.col("found").cast(pl.Float64), pl.col("expected").cast(pl.Float64)
    apart = (found - expected).abs() > check.tolerance * expected.abs() + 1e-9
    return Outcome(check, rows.height, rows.filter(apart.fill_null(value=True)))
