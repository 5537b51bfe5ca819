"""A table of a document as CSV: the numbers as they were computed, for whoever goes on with them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from merida.document.blocks import Cell, Rounded
from merida.document.values import written
from merida.figure import Figure
from merida.statistics import Interval
from merida.words import Words


def csv_of(heads: Sequence[str], rows: Sequence[Sequence[Cell]], words: Words) -> str:
    r"""Return a table as CSV; a column in which a cell has an interval becomes three, with the interval's two ends.

    Examples
    --------
    >>> from merida.words import words
    >>> csv_of(["rate"], [[Interval(1.0, 2.0, 3.5)]], words("en"))
    'rate,rate: low,rate: high\r\n2.0,1.0,3.5\r\n'
    """
    wide = [any(ends(row[at]) for row in rows) for at in range(len(heads))]
    low, high = words.text("brief.paper.low"), words.text("brief.paper.high")
    out = StringIO()
    sheet = csv.writer(out, lineterminator="\r\n")
    sheet.writerow(
        name
        for head, has in zip(heads, wide, strict=True)
        for name in ((head, f"{head}: {low}", f"{head}: {high}") if has else (head,))
    )
    for row in rows:
        sheet.writerow(
            value
            for cell, has in zip(row, wide, strict=True)
            for value in ((bare(cell, words), *(ends(cell) or ("", ""))) if has else (bare(cell, words),))
        )
    return out.getvalue()


def ends(cell: Cell) -> tuple[float, float] | None:
    """Return the two ends of a cell's interval, or None where it has none."""
    held = cell.of if isinstance(cell, Rounded) else cell
    if isinstance(held, Interval):
        return held.low, held.high
    if isinstance(held, Figure) and held.low is not None and held.high is not None and held.low < held.high:
        return held.low, held.high
    return None


def bare(cell: Cell, words: Words) -> str | float:
    """Return a cell as a bare number, or as its text."""
    held = cell.of if isinstance(cell, Rounded) else cell
    if isinstance(held, Interval):
        return held.median
    if isinstance(held, Figure):
        return held.value
    if held is None:
        return ""
    return held if isinstance(held, int | float) and not isinstance(held, bool) else written(held, words)
