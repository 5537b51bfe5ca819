"""What a user demands of a plan: floors, ceilings, growth, minimum scale, fair shares and conditions, as plain data.

A constraint is one line of text; a TOML file holds a list of them, ``constraints = ["floor pillar:communities 40e6"]``.

    floor OF AMOUNT        at least so much a year              OF: all, pillar:ID, programme:ID, account:ID, agency:ID,
    ceiling OF AMOUNT      at most so much a year                   place:CODE
    growth OF SHARE [USD]  a year at most so much more than the year before; the first, than what was last enacted, or
                           than USD where that is more
    minimum OF AMOUNT      all or nothing: none in a year, or at least so much
    equity MEASURE SHARE   every state at least so much of its part, by population or homicides, of what goes to states
    before OF OF SHARE     up to each year, and in each place where both work, the second has had at most so much of what
                           the first has had

An AMOUNT is dollars a year or, with %, a part of the budget.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from merida.decide.optimiser.feasible import AllOrNothing, Feasible, Row
from merida.errors import PlanError, nearest
from merida.framework import Framework, PlanRow
from merida.user_tables import read_toml

FORMS = {
    "floor": ("of", "amount"),
    "ceiling": ("of", "amount"),
    "growth": ("of", "share", "usd?"),
    "minimum": ("of", "amount"),
    "equity": ("measure", "share"),
    "before": ("of", "of", "share"),
}
FORM_TEXTS = {
    "floor": "floor OF AMOUNT",
    "ceiling": "ceiling OF AMOUNT",
    "growth": "growth OF SHARE% [USD]",
    "minimum": "minimum OF AMOUNT",
    "equity": "equity population|homicides SHARE%",
    "before": "before OF OF SHARE%",
}
MEASURES = ("population", "homicides")
NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)(e\+?\d{1,2})?(%?)", re.ASCII | re.IGNORECASE)
BUDGET, ACCOUNT = "budget", "account"  # labels of what is always there
MILLION = 1e6

Members = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Constraint:
    """One demand.

    Parameters
    ----------
    text : str
        As it was given, by which it is named in messages.
    kind : str
        One of `FORMS`.
    of : tuple of str
        What it holds for: ``all`` or ``GROUP:ID``; of ``equity`` the measure.
    amounts : tuple of (float, bool)
        Numbers, and whether each is a share.
    """

    text: str
    kind: str
    of: tuple[str, ...]
    amounts: tuple[tuple[float, bool], ...]


@dataclass(frozen=True)
class Money:
    """What constraints are laid on: entries of a plan, in millions of dollars a year.

    Parameters
    ----------
    rows : tuple of PlanRow
        The entries; those of one programme, account and place differ in their years.
    budget : float
        Millions a year of all together.
    enacted : mapping of str to float
        Millions a year that each programme was last given.
    weights : mapping of str to mapping of str to float
        By measure of need, each state's part; they sum to 1.
    """

    framework: Framework
    rows: tuple[PlanRow, ...]
    budget: float
    enacted: Mapping[str, float]
    weights: Mapping[str, Mapping[str, float]]

    def periods(self) -> list[Members]:
        """Return the entries of each period of years, in order."""
        starts = sorted({row.start for row in self.rows})
        return [np.flatnonzero([row.start == start for row in self.rows]) for start in starts]

    def members(self, of: str) -> Members:
        """Return the entries that a constraint holds for."""
        if of == "all":
            return np.arange(len(self.rows))
        group, _, name = of.partition(":")
        return np.flatnonzero([self.belongs(row, group, name) for row in self.rows])

    def belongs(self, row: PlanRow, group: str, name: str) -> bool:
        """Tell whether an entry belongs to a pillar, an agency, and so on."""
        programme = self.framework.programmes[row.programme]
        return (
            name
            == {
                "pillar": programme.pillar,
                "programme": row.programme,
                "account": row.account,
                "agency": programme.implementer,
                "place": row.place if len(name) > 2 else state_of(row),
            }[group]
        )


def state_of(row: PlanRow) -> str:
    """Return the state of an entry's place; empty where it is in none."""
    return row.place[:2] if row.place.isdigit() and len(row.place) in (2, 5) else ""


def read(texts: Iterable[str], framework: Framework, places: Sequence[str]) -> tuple[Constraint, ...]:
    """Return constraints from lines of text, or the names of TOML files that hold them.

    Parameters
    ----------
    places : sequence of str
        Codes of places that may be named.

    Raises
    ------
    PlanError
        If a line is not a constraint, or names what is not there; the message shows the form or the nearest name.
    """
    found: list[Constraint] = []
    for text in texts:
        lines = listed(Path(text)) if text.lower().endswith(".toml") else (text,)
        found += [parsed(line, framework, places) for line in lines]
    check_pairs(found)
    return tuple(found)


def listed(path: Path) -> tuple[str, ...]:
    """Return the lines of a file of constraints."""
    tree, _ = read_toml(path, PlanError)
    lines = tree.get("constraints")
    if (
        set(tree) != {"constraints"}
        or not isinstance(lines, list)
        or not all(isinstance(one, str) for one in lines)
    ):
        raise PlanError("constraints_file", file=path)
    return tuple(lines)


def parsed(text: str, framework: Framework, places: Sequence[str]) -> Constraint:
    """Return one line as a constraint; see `read`."""
    kind, *words = text.split()
    if kind not in FORMS:
        raise PlanError(
            "constraint_kind",
            found=text[:80],
            nearest=nearest(kind, FORMS),
            forms="; ".join(FORM_TEXTS.values()),
        )
    form = FORMS[kind]
    needed = [part for part in form if not part.endswith("?")]
    if not len(needed) <= len(words) <= len(form):
        raise PlanError("constraint_form", found=text[:80], form=FORM_TEXTS[kind])
    of: list[str] = []
    amounts: list[tuple[float, bool]] = []
    for part, word in zip(form, words, strict=False):
        if part == "measure":
            if word not in MEASURES:
                raise PlanError("constraint_measure", found=text[:80], known=", ".join(MEASURES))
            of.append(word)
        elif part == "of":
            of.append(target(text, word, framework, places))
        else:
            match = NUMBER.fullmatch(word)
            if match is None or (part == "share" and not match[3]) or (part == "usd?" and match[3]):
                raise PlanError("constraint_form", found=text[:80], form=FORM_TEXTS[kind])
            number = float(word.rstrip("%"))
            amounts.append((number / 100, True) if match[3] else (number / MILLION, False))
    return Constraint(" ".join(text.split()), kind, tuple(of), tuple(amounts))


def target(text: str, word: str, framework: Framework, places: Sequence[str]) -> str:
    """Return what a constraint holds for, if there is such a thing."""
    if word == "all":
        return word
    known: dict[str, Collection[str]] = {
        "pillar": framework.pillars,
        "programme": framework.programmes,
        "account": framework.accounts,
        "agency": framework.agencies,
        "place": places,
    }
    group, _, name = word.partition(":")
    if group not in known or not name:
        forms = ", ".join(("all", *(f"{one}:ID" for one in known)))
        raise PlanError("constraint_target", found=text[:80], forms=forms)
    if group == "programme":
        name = framework.programme_called(name) or name
    if name not in known[group]:
        raise PlanError(
            "constraint_unknown",
            found=text[:80],
            group=group,
            name=name[:60],
            nearest=nearest(name[:60], known[group]),
        )
    return f"{group}:{name}"


def check_pairs(constraints: Sequence[Constraint]) -> None:
    """Refuse a floor above a ceiling of the same thing, before anything is solved."""
    for floor in constraints:
        for ceiling in constraints:
            if (floor.kind, ceiling.kind) != ("floor", "ceiling") or floor.of != ceiling.of:
                continue
            (low, low_share), (high, high_share) = floor.amounts[0], ceiling.amounts[0]
            if low_share == high_share and low > high:
                raise PlanError("floor_above_ceiling", floor=floor.text, ceiling=ceiling.text)


def feasible(
    money: Money, purses: Sequence[tuple[str, Members, float]], constraints: Sequence[Constraint]
) -> Feasible:
    """Return the plans that may be.

    Parameters
    ----------
    purses : sequence of (str, array of int, float)
        Name, entries and millions a year of what is spent in full in each period: accounts, or one for all.

    Raises
    ------
    PlanError
        If a constraint holds for money that is not divided here.
    """
    rows: list[Row] = []
    switches: list[AllOrNothing] = []
    periods = money.periods()
    for name, members, usd in purses:
        for period in periods:
            mine = np.intersect1d(members, period)
            if len(mine):
                rows.append(Row(name, mine, np.ones(len(mine)), usd, usd))
    for one in constraints:
        for group in one.of if one.kind != "equity" else ():
            if not len(money.members(group)):
                raise PlanError("constraint_without_money", found=one.text, group=group)
        if one.kind == "minimum":
            switches += minimum(one, money, periods)
        else:
            rows += RULES[one.kind](one, money, periods)
    return Feasible(len(money.rows), tuple(rows), tuple(switches))


def millions(amount: tuple[float, bool], money: Money) -> float:
    """Return an amount in millions a year."""
    number, share = amount
    return number * money.budget if share else number


def bounded(one: Constraint, money: Money, periods: Sequence[Members]) -> Iterator[Row]:
    """Yield a floor or a ceiling of each year."""
    members, usd = money.members(one.of[0]), millions(one.amounts[0], money)
    low, high = (usd, np.inf) if one.kind == "floor" else (-np.inf, usd)
    for period in periods:
        mine = np.intersect1d(members, period)
        yield Row(one.text, mine, np.ones(len(mine)), low, high)


def growth(one: Constraint, money: Money, periods: Sequence[Members]) -> Iterator[Row]:
    """Yield the most that each year may have beside the year before."""
    members, factor = money.members(one.of[0]), 1 + one.amounts[0][0]
    begun = sum(money.enacted.get(name, 0.0) for name in {money.rows[at].programme for at in members})
    begun = max(begun, one.amounts[1][0] if len(one.amounts) > 1 else 0.0)
    before: Members | None = None
    for period in periods:
        mine = np.intersect1d(members, period)
        if before is None:
            yield Row(one.text, mine, np.ones(len(mine)), -np.inf, factor * begun)
        else:
            both = np.concatenate([mine, before])
            weights = np.concatenate([np.ones(len(mine)), np.full(len(before), -factor)])
            yield Row(one.text, both, weights, -np.inf, 0.0)
        before = mine


def minimum(one: Constraint, money: Money, periods: Sequence[Members]) -> Iterator[AllOrNothing]:
    """Yield what is all or nothing in each year."""
    members, usd = money.members(one.of[0]), millions(one.amounts[0], money)
    for period in periods:
        yield AllOrNothing(one.text, np.intersect1d(members, period), usd, max(money.budget, usd))


def equity(one: Constraint, money: Money, periods: Sequence[Members]) -> Iterator[Row]:
    """Yield the least of each state's part of what goes to states."""
    share = one.amounts[0][0]
    local = np.flatnonzero([bool(state_of(row)) for row in money.rows])
    for period in periods:
        mine = np.intersect1d(local, period)
        state = np.array([state_of(money.rows[at]) for at in mine])
        for code, part in money.weights[one.of[0]].items():
            yield Row(one.text, mine, (state == code) - share * part, 0.0, np.inf)


def before(one: Constraint, money: Money, periods: Sequence[Members]) -> Iterator[Row]:
    """Yield, up to each year and in each place where both work, the most that the second may have had."""
    first, second = (money.members(of) for of in one.of)
    share = one.amounts[0][0]
    places = {row.place for row in money.rows}
    nationwide = not ({money.rows[at].place for at in first} & {money.rows[at].place for at in second})
    for place in ("",) if nationwide else sorted(places):
        until = np.zeros(0, dtype=np.int64)
        for period in periods:
            until = np.union1d(until, period)
            early = np.intersect1d(first, until)
            late = np.intersect1d(second, until)
            if place:
                early, late = (
                    np.array([at for at in part if money.rows[at].place == place], dtype=np.int64)
                    for part in (early, late)
                )
            if len(late):
                both = np.concatenate([late, early])
                weights = np.concatenate([np.ones(len(late)), np.full(len(early), -share)])
                yield Row(one.text, both, weights, -np.inf, 0.0)


RULES = {"floor": bounded, "ceiling": bounded, "growth": growth, "equity": equity, "before": before}
