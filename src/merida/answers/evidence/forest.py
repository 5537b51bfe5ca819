"""What the questions about evidence share: names in both languages, and the forest of studies as a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from merida.document.blocks import Bar, Cell, Column, Rounded, Sentence
from merida.document.values import FIXED
from merida.facts.schema import Text as Both
from merida.statistics import Interval
from merida.words import LANGUAGES, words

INDENT = 2 * FIXED
LONGEST = 24  # letters of one word of a user's label that a table shows
ENDS = (math.log(0.15), math.log(4.0))  # an axis of ratios never runs beyond these

HEADS = (
    Column("evidence.study"),
    Column("evidence.design"),
    Column("evidence.effect", unit="percent_short", figures=True),
    Column("evidence.weight", unit="percent_short", figures=True),
    Column("evidence.drawn"),
)
ELASTICITY_HEADS = (*HEADS[:2], Column("evidence.elasticity", figures=True), *HEADS[3:])


def in_words(group: str, code: str | None) -> Cell:
    """Return a code of the register as it is called in each language, under a group of ``words/``."""
    if code is None:
        return None
    return Both(**{language: words(language).named(group, code) for language in LANGUAGES})


def label(text: str) -> str:
    r"""Return a user's own label on one line, its longest words cut, so that no table is wider than its screen.

    Examples
    --------
    >>> label("a  trial\nof 1993")
    'a trial of 1993'
    """
    return (
        " ".join(word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…" for word in text.split()) or "–"
    )


def interval_of(elasticity: bool, value: float, low: float, high: float) -> Rounded:
    """Return an elasticity as it is, and the logarithm of a ratio as a change in percent."""
    if elasticity:
        return Rounded(Interval(low, value, high), 2)
    low, value, high = (100 * math.expm1(min(one, 700.0)) for one in (low, value, high))
    return Rounded(Interval(low, value, high), 0)


def axis_of(
    studies: Iterable[Mapping[str, Any]], marks: Iterable[Sequence[float]], elasticity: bool
) -> tuple[float, float]:
    """Return the ends of a drawing's axis: those of all intervals, cut where ratios run off, and zero."""
    ends = [0.0, *(end for mark in marks for end in mark)]
    ends += [row[end] for row in studies for end in ("low", "high") if row[end] is not None]
    if elasticity:
        return min(ends), max(ends)
    return max(min(ends), ENDS[0]), min(max(ends), ENDS[1])


def study_row(row: Mapping[str, Any], axis: tuple[float, float], elasticity: bool) -> tuple[Cell, ...]:
    """Return a study with its country, design, effect, weight and drawing; a sign alone has no drawing."""
    name = Sentence(
        "evidence.study_of", {"study": row["study"], "country": in_words("countries", row["country"])}
    )
    design = Sentence(f"evidence.designs_short.{row['design']}")
    weight = Rounded(100 * row["weight"])
    if row["estimate"] is None:
        return name, design, Sentence(f"evidence.directions.{row['direction']}"), weight, ""
    ends = (row["estimate"], row["low"], row["high"])
    return name, design, interval_of(elasticity, *ends), weight, Bar(*ends, axis)


def mark_row(
    name: Cell, value: float, low: float, high: float, axis: tuple[float, float], elasticity: bool
) -> tuple[Cell, ...]:
    """Return a pooled effect or a law with its drawing."""
    return name, "", interval_of(elasticity, value, low, high), "", Bar(value, low, high, axis, "◆")
