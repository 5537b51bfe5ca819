"""How a cell and a sentence are written in a language, for the terminal, Markdown and notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import floor, isnan, log10

from merida.document.blocks import Bar, Cell, Column, Listing, Month, Rounded, Sentence, Table, Verbatim
from merida.facts.schema import Text
from merida.figure import Figure
from merida.statistics import Interval
from merida.units import decimals as decimals_of
from merida.user_tables.text import visible
from merida.words import Words

NOTHING = "–"
MOST, MOST_DECIMALS = 1e15, 8  # a number that is larger, or needs more, is written with its power of ten
BAR_LETTERS = 27
FIXED = "\u00a0"  # a space at which no line is broken


def written(cell: Cell, words: Words, decimals: int | None = None, scale: float = 1.0) -> str:  # noqa: PLR0911, PLR0912  # a kind each
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
    if isinstance(cell, Rounded):
        return written(cell.of, words, cell.decimals, scale)
    if isinstance(cell, Listing):
        return cell.between.join(written(one, words, decimals, scale) for one in cell.cells) or NOTHING
    if isinstance(cell, Bar):
        return drawn(cell)
    if isinstance(cell, Sentence):
        return said(cell, words)
    if isinstance(cell, Month):
        return words.month(cell.month)
    return visible(cell.to(words.language) if isinstance(cell, Text) else cell)


def number(value: float, words: Words, decimals: int | None) -> str:
    """Return a number as the language writes it, or a dash for none; without decimals, three figures that carry.

    Examples
    --------
    >>> from merida.words import words
    >>> [number(value, words("en"), None) for value in (1234.5, 0.25, 0.000123, 1e-9)]
    ['1,234', '0.250', '0.000123', '1.00e-09']
    """
    if isnan(value):
        return NOTHING
    if abs(value) == float("inf"):
        return "∞" if value > 0 else "-∞"
    if decimals is None:
        if value == int(value) and abs(value) < MOST:
            return words.number(value, 0)
        decimals = carried(abs(value), 3)
    if decimals > MOST_DECIMALS or abs(value) >= MOST:
        return f"{value:.2e}"
    return words.number(value, decimals)


def carried(size: float, figures: int) -> int:
    """Return the decimals with which a number of a size shows so many figures.

    Examples
    --------
    >>> [carried(size, 3) for size in (1234.5, 12.3, 0.25, 0.0, 0.0123)]
    [0, 1, 3, 0, 4]
    """
    return max(0, figures - 1 - floor(log10(size))) if 0 < size < float("inf") else 0


def ranged(value: float, low: float, high: float, words: Words, decimals: int | None) -> str:
    """Return a number with its interval; an interval that is shown as the number itself is left out."""
    if decimals is None:
        size = max(abs(low), abs(high), abs(value))
        decimals = carried(size, 3 if size >= 1 else 2)
        value, low, high = (float(f"{at:.3g}") if abs(at) >= 1000 else at for at in (value, low, high))
    shown, ends = number(value, words, decimals), [number(end, words, decimals) for end in (low, high)]
    if ends == [shown, shown]:
        return shown
    joined = "–".join(ends) if low >= 0 else words.text("numbers.range", low=ends[0], high=ends[1])
    return f"{shown} ({joined})".replace(" ", FIXED)


def drawn(bar: Bar) -> str:
    """Return an interval as a line of letters, with its value, on an axis that shows where 0 is.

    Examples
    --------
    >>> drawn(Bar(0.0, -0.5, 9.0, (-1.0, 1.0))).replace(FIXED, ".").strip(".")
    '───────■────────────►'
    """
    low, high = bar.axis

    def place(at: float) -> int:
        return round((min(max(at, low), high) - low) / ((high - low) or 1.0) * (BAR_LETTERS - 1))

    letters = [FIXED] * BAR_LETTERS
    letters[place(0.0)] = "┊"
    for at in range(place(bar.low), place(bar.high) + 1):
        letters[at] = "─"
    if bar.low < low:
        letters[0] = "◄"
    if bar.high > high:
        letters[-1] = "►"
    if bar.mark:
        letters[place(bar.value)] = bar.mark
    return "".join(letters)


def undrawn(table: Table) -> Table:
    """Return a table without its columns of bars, for where letters do not stand in line."""
    kept = [at for at in range(len(table.columns)) if not any(isinstance(row[at], Bar) for row in table.rows)]
    columns = tuple(table.columns[at] for at in kept)
    return replace(table, columns=columns, rows=tuple(tuple(row[at] for at in kept) for row in table.rows))


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
    if table.columns[column].figures:
        return True
    held = [row[column] for row in table.rows if row[column] is not None]
    return bool(held or table.columns[column].decimals is not None) and all(
        isinstance(cell, Figure | Interval | Rounded | int | float) for cell in held
    )
