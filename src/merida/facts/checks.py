"""Cross-checks of the record: what must agree, and the known traps in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Literal

import polars as pl
from pydantic import TypeAdapter, ValidationError

from merida.facts.schema import Strict, Text, files_in, read_toml, wrong_entry
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
    """Return every check, read from ``facts/checks/``.

    Raises
    ------
    FactsError
        If a file of that folder cannot be read, or an entry in it is not as it must be.
    """
    return tuple(
        check for path in files_in("checks") for check in _checks_in(path, read_toml(path).get("check"))
    )


def _checks_in(path: Traversable, entries: object) -> list[Check]:
    try:
        return TypeAdapter(list[Check]).validate_python(entries)
    except ValidationError as error:
        raise wrong_entry(path, error) from error


def run(facts: Facts, check: Check) -> Outcome:
    """Run one check on the record.

    Examples
    --------
    >>> run(Facts(), checks()[0]).verdict
    'holds'
    """
    rows = facts.sql(check.sql)
    if check.kind == "trap":
        return Outcome(check, rows.height, rows)
    found, expected = pl.col("found").cast(pl.Float64), pl.col("expected").cast(pl.Float64)
    apart = (found - expected).abs() > check.tolerance * expected.abs() + 1e-9
    return Outcome(check, rows.height, rows.filter(apart.fill_null(value=True)))


def failed_by_own(outcomes: Iterable[Outcome], facts: Facts) -> set[str]:
    """Return the checks that fail because of rows of the user's own: on the record alone they hold.

    Parameters
    ----------
    outcomes : iterable of Outcome
        What checks found in `facts`.
    facts : Facts
        The record with the user's own rows.

    Returns
    -------
    set of str
        Their ids.
    """
    if not facts.own:
        return set()
    record = Facts(facts.as_of, own=False)
    failed = [outcome.check for outcome in outcomes if outcome.verdict == "failed"]
    return {check.id for check in failed if run(record, check).verdict == "holds"}
