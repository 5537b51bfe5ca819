"""A framework as a whole, read from its file: every mistake in it is named at once, by file, line and path."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from merida.errors import FrameworkError, MeridaError, nearest
from merida.framework import lines
from merida.framework.types import (
    Account,
    Agency,
    History,
    Indicator,
    Month,
    Name,
    NamedPlan,
    Pillar,
    PlanName,
    Programme,
    Strict,
    Text,
    Year,
)
from merida.names import meant
from merida.schema_faults import expected, found, one_of, path_of, shown
from merida.user_tables import MOST_SHOWN, read_toml
from merida.user_tables.text import visible

SHIPPED = ("merida", "bicentennial")
MONEY_SLACK = 1e-6  # shares are typed by hand
MOST_BYTES = 1_000_000
RENAMED = "law"  # what `distribution` was called before version 0.2


class Framework(Strict):
    """A framework: what may be paid for, by whom, from which account, for which goal.

    Attributes
    ----------
    source : str
        What `Framework.load` was given: the name of a shipped framework, or a path.
    name : str
        That name, or the file's without its ending.
    base_year : int
        The year of constant dollars.
    history_start : str
        The first month of past money, ``YYYY-MM``.
    spending_years, evaluation_years : int
        For how many years a plan spends, and for how many its outcomes are counted.

    Examples
    --------
    >>> merida = Framework.load("merida")
    >>> merida.programmes["vetting"].accounts
    ('INCLE',)
    """

    source: str
    name: str
    title: Text
    base_year: Year
    history_start: Month
    spending_years: Annotated[int, Field(ge=1, le=20)]
    evaluation_years: Annotated[int, Field(ge=1, le=30)]
    pillars: dict[Name, Pillar]
    agencies: dict[Name, Agency]
    accounts: dict[Name, Account]
    indicators: dict[Name, Indicator] = Field(default_factory=dict)
    programmes: dict[Name, Programme]
    history: History
    plans: dict[PlanName, NamedPlan]

    def __repr__(self) -> str:
        """Return one line, however many programmes there are."""
        return f"Framework({self.source!r}; programmes={len(self.programmes)}, plans={', '.join(self.plans)})"

    @cached_property
    def programme_names(self) -> Mapping[str, tuple[str, ...]]:
        """The titles of each programme, by its code."""
        return {code: (one.title.en, one.title.es) for code, one in self.programmes.items()}

    def programme_called(self, wanted: str) -> str | None:
        """Return the code of the programme that a user calls by its code or a title, or None where that is not one.

        Examples
        --------
        >>> Framework.load("merida").programme_called("Prevención comunitaria")
        'community_prevention'
        """
        codes = meant(wanted, self.programme_names)
        return codes[0] if len(codes) == 1 else None

    def eligible(self, programme: str, account: str) -> bool:
        """Tell whether an account may pay for a programme."""
        return account in self.programmes[programme].accounts

    def without_mechanism(self, programmes: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return those of some programmes, or of all, that pull no mechanism, so that they move no outcome.

        Examples
        --------
        >>> Framework.load("merida").without_mechanism()
        ()
        """
        chosen = self.programmes if programmes is None else sorted(set(programmes))
        return tuple(name for name in chosen if self.programmes[name].lever is None)

    def digest(self) -> str:
        """Return the SHA-256 of what the framework says, wherever its file lies, for run records."""
        return hashlib.sha256(self.model_dump_json(exclude={"source"}).encode()).hexdigest()

    @classmethod
    def load(cls, source: str | Path) -> Framework:
        """Return the framework of that name, or in that file; see `load`."""
        return load(str(source))


@dataclass(frozen=True)
class Fault:
    """One thing in a framework file that is not as it must be.

    Attributes
    ----------
    path : tuple of str and int
        Where it stands: keys and, in lists, places from 0.
    found : str
        What stands there, as the file writes it.
    expected : MeridaError
        Its message completes "expected …".
    """

    path: lines.Path
    found: str
    expected: MeridaError


def load(source: str) -> Framework:
    """Return the framework called `source`, or the one in the file `source`.

    Parameters
    ----------
    source : str
        ``merida``, ``bicentennial``, or the path of a TOML file.

    Raises
    ------
    FrameworkError
        If there is none, or the file is not one; the message lists every fault with its line and path.

    Examples
    --------
    >>> load("merida").base_year
    2012
    """
    if source in SHIPPED:
        with as_file(files("merida.framework") / f"{source}.toml") as path:
            return read(path, source)
    path = Path(source)
    if not path.suffix and not is_there(path):
        raise FrameworkError("unknown_framework", found=source, nearest=nearest(source, SHIPPED))
    return read(path, source)


def is_there(path: Path) -> bool:
    """Tell whether a path leads to anything; a name that no file can have leads to nothing."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read(path: Path, source: str) -> Framework:
    """Return the framework in a file; see `load`."""
    tree, text = read_toml(path, FrameworkError, MOST_BYTES)
    given = sorted({"source", "name"} & tree.keys())
    faults = [Fault((key,), shown(tree.pop(key)), FrameworkError("expected_unknown_key")) for key in given]
    try:
        framework = Framework(source=source, name=path.stem, **tree)
    except ValidationError as error:
        details = error.errors()
        faults += [Fault(path_of(one), found(one), expected(one, FrameworkError)) for one in details]
    else:
        faults += inconsistencies(framework)
    if faults:
        raise refusal(path, text, faults)
    return framework


def refusal(path: Path, text: str, faults: list[Fault]) -> FrameworkError:
    """Return the error that lists faults in the order of the file; a key that was renamed is said alone."""
    where = lines.lines_of(text)
    placed = sorted(((lines.line_of(where, fault.path), fault) for fault in faults), key=lambda pair: pair[0])
    renamed = [
        line
        for line, fault in placed
        if fault.path[-1:] == (RENAMED,) and fault.expected.key == "expected_unknown_key"
    ]
    if renamed:
        return FrameworkError("framework_law_renamed", file=path, line=renamed[0], count=len(renamed))
    listed = [
        FrameworkError(
            "framework_fault",
            line=line,
            path=visible(".".join(map(str, fault.path))),
            found=visible(fault.found),
            expected=fault.expected,
        )
        for line, fault in placed
    ]
    if len(listed) > MOST_SHOWN:
        listed[MOST_SHOWN:] = [FrameworkError("table_more", count=len(listed) - MOST_SHOWN)]
    return FrameworkError("framework_invalid", file=path, faults=tuple(listed))


def inconsistencies(framework: Framework) -> Iterator[Fault]:
    """Yield what refers to nothing or does not add up in a framework whose every value is possible alone."""
    yield from of_programmes(framework)
    yield from of_history(framework)
    yield from of_plans(framework)


def of_programmes(framework: Framework) -> Iterator[Fault]:
    """Yield the faults of programmes and indicators."""
    for name, programme in framework.programmes.items():
        here = ("programmes", name)
        if programme.pillar not in framework.pillars:
            yield unknown((*here, "pillar"), programme.pillar, framework.pillars)
        if programme.implementer not in framework.agencies:
            yield unknown((*here, "implementer"), programme.implementer, framework.agencies)
        for place, account in enumerate(programme.accounts):
            if account not in framework.accounts:
                yield unknown((*here, "accounts", place), account, framework.accounts)
        if programme.level == "united_states" and programme.need and programme.need.measure != "none":
            yield Fault(
                (*here, "need", "measure"),
                shown(programme.need.measure),
                FrameworkError("expected_need_of_no_place"),
            )
    for name, indicator in framework.indicators.items():
        if indicator.pillar not in framework.pillars:
            yield unknown(("indicators", name, "pillar"), indicator.pillar, framework.pillars)


def of_history(framework: Framework) -> Iterator[Fault]:
    """Yield the faults of the split of past money."""
    for account, mix in framework.history.mix.items():
        here = ("history", "mix", account)
        if account not in framework.accounts:
            yield unknown(here, account, framework.accounts)
        for programme in mix:
            if programme not in framework.programmes:
                yield unknown((*here, programme), programme, framework.programmes)
            elif not framework.eligible(programme, account):
                yield ineligible((*here, programme), framework, programme, account)
        if abs(math.fsum(mix.values()) - 1) > MONEY_SLACK:
            yield Fault(here, f"{math.fsum(mix.values()):g}", FrameworkError("expected_sum_of_one"))
    unsplit = framework.history.unsplit
    if abs(math.fsum(unsplit.values()) - 1) > MONEY_SLACK:
        yield Fault(
            ("history", "unsplit"), f"{math.fsum(unsplit.values()):g}", FrameworkError("expected_sum_of_one")
        )
    for account in unsplit:
        if account not in framework.history.mix:
            yield unknown(("history", "unsplit", account), account, framework.history.mix)


def of_plans(framework: Framework) -> Iterator[Fault]:
    """Yield the faults of the plans that the framework brings along."""
    for name, plan in framework.plans.items():
        before: set[tuple[str, str]] = set()
        for place, line in enumerate(plan.lines):
            here = ("plans", name, "lines", place)
            if line.programme not in framework.programmes:
                yield unknown((*here, "programme"), line.programme, framework.programmes)
            elif not framework.eligible(line.programme, line.account):
                yield ineligible((*here, "account"), framework, line.programme, line.account)
            if (line.programme, line.account) in before:
                yield Fault(here, f"{line.programme}, {line.account}", FrameworkError("expected_line_once"))
            before.add((line.programme, line.account))


def unknown(path: lines.Path, name: str, known: Collection[str]) -> Fault:
    """Return the fault of a name that the file does not define."""
    return Fault(path, shown(name), one_of(name, known, FrameworkError))


def ineligible(path: lines.Path, framework: Framework, programme: str, account: str) -> Fault:
    """Return the fault of an account that may not pay for a programme."""
    allowed = ", ".join(framework.programmes[programme].accounts)
    return Fault(
        path,
        shown(account),
        FrameworkError("expected_account_of_programme", programme=programme, accounts=allowed),
    )
