"""How a cell and a sentence are written in a language, for the terminal, Markdown and notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from merida.document.blocks import Cell, Column, Month, Sentence, Table, Verbatim
from merida.facts.schema import Text
from merida.figure import Figure
from merida.statistics import Interval
from merida.units import decimals as decimals_of
from merida.user_tables.text import visible
from merida.words import Words

NOTHING = "–"
FIXED = "\u00a0"  # a space at which no line is broken


def written(cell: Cell, words: Words, decimals: int | None = None, scale: float = 1.0) -> str:  # noqa: PLR0911  # a kind each
    """Return a cell as text; an interval stands with its median and is never broken from it.

    Examples
    --------
    >>> from merida.words import words
    >>> written(Interval(9.5, 12.0, 1400.0), words("en"), 0).replace(FIXED, " ")
    '12 (10–1,400)'
    """
    if cell is None:
        return NOTHING
    if isinstance(cell, bool):
        return words.text("common.yes" if cell else "common.no")
    if isinstance(cell, int) and decimals is None:
        return str(cell)
    if isinstance(cell, int | float):
        return number(cell / scale, words, decimals)
    if isinstance(cell, Interval):
        return ranged(cell.median / scale, cell.low / scale, cell.high / scale, words, decimals)
    if isinstance(cell, Figure):
        places = decimals_of(cell.unit) if decimals is None else decimals
        if cell.unit == "year":
            return str(int(cell.value))
        if cell.low is None or cell.high is None:
            return number(cell.value / scale, words, places)
        return ranged(cell.value / scale, cell.low / scale, cell.high / scale, words, places)
    if isinstance(cell, Sentence):
        return said(cell, words)
    if isinstance(cell, Month):
        return words.month(cell.month)
    return visible(cell.to(words.language) if isinstance(cell, Text) else cell)


def number(value: float, words: Words, decimals: int | None) -> str:
    """Return a number as the language writes it, or a dash for none; without decimals, with three figures."""
    if isnan(value):
        return NOTHING
    if abs(value) == float("inf"):
        return "∞" if value > 0 else "-∞"
    if decimals is None:
        size = abs(value)
        if size >= 1000:
            value = float(f"{value:.3g}")
        decimals = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2 if size >= 1 else 3
    return words.number(value, decimals)


def ranged(value: float, low: float, high: float, words: Words, decimals: int | None) -> str:
    """Return a number with its interval; an interval that is shown as the number itself is left out."""
    if decimals is None:
        size = max(abs(low), abs(high), abs(value))
        decimals = 0 if size >= 100 else 1 if size >= 10 else 2
    shown, ends = number(value, words, decimals), [number(end, words, decimals) for end in (low, high)]
    if ends == [shown, shown]:
        return shown
    joined = "–".join(ends) if low >= 0 else words.text("numbers.range", low=ends[0], high=ends[1])
    return f"{shown} ({joined})".replace(" ", FIXED)


def said(sentence: Sentence, words: Words) -> str:
    """Return a sentence with its placeholders filled; what a user typed stands as it is."""
    return words.text(sentence.key, **filled(sentence.values, words))


def filled(values: Mapping[str, object], words: Words) -> dict[str, object]:
    """Return what placeholders stand for; plain numbers are left to the formats of the text itself."""
    return {
        name: value if isinstance(value, int | float) else written(value, words)  # type: ignore[arg-type]
        for name, value in values.items()
    }


def heads(table: Table, words: Words) -> list[str]:
    """Return the heads of a table's columns, each with its unit."""
    return [head(column, words) for column in table.columns]


def head(column: Column, words: Words) -> str:
    """Return the head of a column."""
    if isinstance(column.head, Verbatim):
        name = visible(column.head.text)
    else:
        name = said(column.head, words) if isinstance(column.head, Sentence) else words.text(column.head)
    return f"{name} ({words.unit(column.unit, '2')})" if column.unit else name


def cells(table: Table, words: Words) -> list[list[str]]:
    """Return the cells of a table as text, row by row."""
    return [
        [
            written(cell, words, column.decimals, column.scale)
            for cell, column in zip(row, table.columns, strict=True)
        ]
        for row in table.rows
    ]


def numeric(table: Table, column: int) -> bool:
    """Tell whether a column holds numbers, which stand to the right; or would, if it held anything."""
    held = [row[column] for row in table.rows if row[column] is not None]
    return bool(held or table.columns[column].decimals is not None) and all(
        isinstance(cell, Figure | Interval | int | float) for cell in held
    )
