"""The memo's own statements, held against the record.

``claims.toml`` holds each statement, paraphrased, with every way of counting it as SQL. A way of counting is a
*plain* reading of the memo's words, an *other* reading that could be meant, or *context* that decides nothing.
The verdict follows from what the queries give:

``holds``
    every plain reading that gives a number reproduces the memo's figure;
``holds_under_definition``
    not so, and some reading reproduces it: another one, or one plain reading of several;
``does_not_hold``
    a plain reading gives a number, and no reading reproduces the figure;
``cannot_be_checked``
    none of these: no plain reading gives a number and no other one reproduces the figure.

A reading reproduces the figure if its number lies in the interval that the memo's wording allows
(`Expected.interval`). Rows of the record that are not verified decide nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from merida.errors import ClaimsError, nearest
from merida.facts.schema import Strict, Text
from merida.facts.warehouse import Facts
from merida.figure import Figure
from merida.shipped import toml
from merida.words import words

MEMO_MONTH = "2012-12"
ABOUT = 0.2  # "about", "roughly", "some": within a fifth

Verdict = Literal["holds", "holds_under_definition", "does_not_hold", "cannot_be_checked"]
Wording = Literal["exactly", "rounded", "about", "more_than", "between", "at_least", "at_most"]
TOPICS = ("money", "leaders", "police", "justice", "border", "communities", "demand", "violence")


class Expected(Strict):
    """The memo's figure and how its words bound it.

    Parameters
    ----------
    wording : str
        ``exactly`` the value; ``rounded`` to `step`; ``about``, within a fifth; ``more_than``, above it by less
        than `step`, the precision in which it is given; ``between`` it and `high`; ``at_least``; ``at_most``.
    value, high, step : float
        In the claim's unit.
    chosen : bool
        The memo gives no number; this bound is the project's reading of its words.
    """

    wording: Wording
    value: float
    high: float | None = None
    step: float | None = None
    chosen: bool = False

    @model_validator(mode="after")
    def complete(self) -> Expected:
        """Refuse a wording that lacks its second number, or has one too many."""
        if (self.wording == "between") != (self.high is not None):
            raise ValueError("`high` goes with the wording 'between'")
        if (self.wording in ("rounded", "more_than")) != (self.step is not None):
            raise ValueError("`step` goes with the wordings 'rounded' and 'more_than'")
        return self

    @property
    def interval(self) -> tuple[float, float]:
        """The ends between which a number reproduces the figure."""
        value, step = self.value, self.step or 0.0
        ends: dict[Wording, tuple[float, float]] = {
            "exactly": (value, value),
            "rounded": (value - step / 2, value + step / 2),
            "about": ((1 - ABOUT) * value, (1 + ABOUT) * value),
            "more_than": (value, value + step),
            "between": (value, value if self.high is None else self.high),
            "at_least": (value, math.inf),
            "at_most": (-math.inf, value),
        }
        return ends[self.wording]

    def reproduced_by(self, found: float) -> bool:
        """Tell whether a number reproduces the figure.

        The ends count, but for the upper one of a rounded figure and both of "more than"; elsewhere the last
        bits of a quotient are forgiven.
        """
        low, high = self.interval
        if self.wording == "more_than":
            return low < found < high
        if self.wording == "rounded":
            return low <= found < high
        slack = 1e-9 * max(abs(self.value), 1.0)
        return low - slack <= found <= high + slack


class Definition(Strict):
    """One way of counting a claim: read-only SQL that gives one number, or none."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    reading: Literal["plain", "other", "context"]
    about: Text
    sql: str
    unit: str = ""


class Claim(Strict):
    """One statement of the memo: what it says, its figure, the ways of counting it.

    Parameters
    ----------
    name : str
        Its path in ``claims.toml``.
    topic : str
        One of `TOPICS`.
    said : Text
        The statement in our words.
    unit : str
        Key under ``units`` in ``words/``; empty where there is nothing to count.
    memo : Expected or None
        The memo's figure.
    cannot : Text or None
        Why the record cannot decide it, where it cannot.
    definitions : tuple of Definition
        In the order in which they are shown.
    """

    name: str
    topic: str
    said: Text
    unit: str = ""
    memo: Expected | None = None
    cannot: Text | None = None
    definitions: tuple[Definition, ...] = ()

    @model_validator(mode="after")
    def consistent(self) -> Claim:
        """Refuse a claim that can be decided and has no figure, or the other way round."""
        if self.topic not in TOPICS:
            raise ValueError(f"unknown topic {self.topic!r}; one of {', '.join(TOPICS)}")
        if len({definition.id for definition in self.definitions}) < len(self.definitions):
            raise ValueError("two definitions have the same id")
        decides = any(definition.reading != "context" for definition in self.definitions)
        if decides and (self.memo is None or self.cannot is not None):
            raise ValueError("a claim with a reading needs `memo`, and no `cannot`")
        if not decides and self.cannot is None:
            raise ValueError("a claim without a reading needs `cannot`")
        if (self.memo is not None and not self.unit) or any(
            not (definition.unit or self.unit) for definition in self.definitions
        ):
            raise ValueError("a figure needs a unit")
        if any(definition.unit and definition.reading != "context" for definition in self.definitions):
            raise ValueError("a reading is in the claim's unit; only context has one of its own")
        return self


class Recommendation(Strict):
    """One thing that the memo advises, and the programmes of the framework that it concerns."""

    name: str
    said: Text
    programmes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counted:
    """What one definition gives: its number as a fact with its query, and whether it is the memo's.

    `figure` is None where nothing had been published; `reproduces` is None there and for context.
    """

    definition: Definition
    figure: Figure | None
    reproduces: bool | None


@dataclass(frozen=True)
class Result:
    """A claim held against the record as it was known at a date."""

    claim: Claim
    as_of: str | None
    counted: tuple[Counted, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict, by the rule at the top of this module."""
        plain = [one.reproduces for one in self.counted if one.definition.reading == "plain"]
        plain = [answer for answer in plain if answer is not None]
        if plain and all(plain):
            return "holds"
        if any(one.reproduces for one in self.counted):
            return "holds_under_definition"
        return "does_not_hold" if plain else "cannot_be_checked"

    @property
    def shown(self) -> tuple[Counted, ...]:
        """The reading behind the verdict, then the first that says otherwise; those without a number left out.

        The first is the plain one, unless only another one reproduces the figure.
        """
        answered = [one for one in self.counted if one.reproduces is not None]
        same = [one for one in answered if one.reproduces]
        apart = [one for one in answered if not one.reproduces]
        if self.verdict == "holds_under_definition":
            return (*same[:1], *apart[:1])
        first = [one for one in answered if one.definition.reading == "plain"][:1]
        return (*(first or answered[:1]), *(apart[:1] if first and first[0] in same else ()))

    @property
    def reason(self) -> Text | None:
        """Why it cannot be checked: the claim's own reason, or a general one."""
        if self.verdict != "cannot_be_checked":
            return None
        return self.claim.cannot or both("claims.no_plain" if self.shown else "claims.nothing_yet")


@cache
def _read() -> dict[str, Any]:
    return toml("claims/claims.toml")


@cache
def claims() -> dict[str, Claim]:
    """Return every claim by name, in the order of the file."""
    return {name: Claim(name=name, **entry) for name, entry in _read()["claims"].items()}


@cache
def recommendations() -> dict[str, Recommendation]:
    """Return every recommendation by name, in the order of the file."""
    return {name: Recommendation(name=name, **entry) for name, entry in _read()["recommendations"].items()}


def both(key: str) -> Text:
    """Return a text of ``words/`` in both languages."""
    return Text(en=words("en").text(key), es=words("es").text(key))


def find(name: str) -> Claim | Recommendation:
    """Return the claim or recommendation called `name`.

    Raises
    ------
    ClaimsError
        If there is none; the message names the nearest.
    """
    known: dict[str, Claim | Recommendation] = {**claims(), **recommendations()}
    if name not in known:
        raise ClaimsError("unknown_claim", found=name, nearest=nearest(name, known))
    return known[name]


def check(facts: Facts, claim: Claim) -> Result:
    """Return what the record, as `facts` knows it, says of a claim.

    Raises
    ------
    FactsError
        If a definition's SQL is not one read-only SELECT that gives at most one number.
    """
    return Result(claim, facts.as_of, tuple(_count(facts, claim, one) for one in claim.definitions))


def check_all(facts: Facts) -> tuple[Result, ...]:
    """Return what the record says of every claim."""
    return tuple(check(facts, claim) for claim in claims().values())


def at_the_memo(facts: Facts) -> Facts | None:
    """Return the record as it was known on the memo's day, or None where `facts` knows no more than that."""
    return None if facts.as_of is not None and facts.as_of <= MEMO_MONTH else Facts(MEMO_MONTH)


def _count(facts: Facts, claim: Claim, definition: Definition) -> Counted:
    query = " ".join(definition.sql.split())
    figure = facts.figure(query, definition.unit or claim.unit)
    if figure is None or definition.reading == "context" or claim.memo is None:
        return Counted(definition, figure, None)
    return Counted(definition, figure, claim.memo.reproduced_by(figure.value))
