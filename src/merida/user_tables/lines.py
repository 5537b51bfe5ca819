"""Lines of separated values whose first ones may be a title, and whose last ones may be notes."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from merida.errors import MeridaError
from merida.user_tables.delimited import Separator, separator_of

LOOKED_AT = 300  # lines from which the separator is told
HALF = 0.5


def parsed(
    text: str, separator: Separator, path: Path, error: type[MeridaError]
) -> Iterator[tuple[int, list[str]]]:
    """Yield every row, each with the line on which it begins.

    Raises
    ------
    MeridaError
        If a quotation mark has no partner.
    """
    reader = csv.reader(lines_of(text), delimiter=separator.sign, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as failure:
        raise error("table_quotes", file=path, line=line) from failure


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text without a second copy of it; only a line feed ends one."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def separators_of(text: str, path: Path, error: type[MeridaError]) -> Separator:
    """Return what separates the cells of most lines; where two signs do, the one that makes more cells of a line.

    Raises
    ------
    MeridaError
        If two would do.

    Examples
    --------
    >>> from merida.errors import FactsError
    >>> titled = chr(10).join(["Deaths, by place", "a;b;c", "1;0,5;2", "2;0,7;3"])
    >>> separators_of(titled, Path("x.csv"), FactsError).value
    'semicolon'
    """
    head = [line for line in itertools.islice(lines_of(text), LOOKED_AT) if line.strip()]
    shares: dict[Separator, tuple[float, int]] = {}
    for sign in Separator:
        try:
            widths = Counter(len(cells) for cells in csv.reader(head, delimiter=sign.sign) if cells)
        except csv.Error:
            continue
        width, count = max(
            ((width, count) for width, count in widths.items() if width > 1),
            key=lambda one: (one[1], one[0]),
            default=(0, 0),
        )
        shares[sign] = (count / len(head), width)
    if not shares or max(shares.values()) == (0.0, 0):
        return separator_of(text, path, error)
    best = max(shares, key=lambda sign: shares[sign])
    alike = [sign for sign in shares if shares[sign] == shares[best]]
    first = [sign for sign in shares if len(next(csv.reader([head[0]], delimiter=sign.sign), [])) > 1]
    # The first line names the columns as a rule, and there no sign stands within a cell.
    if len(first) == 1 and shares[first[0]][0] > HALF and shares[first[0]][1] >= shares[best][1]:
        return first[0]
    return best if len(alike) == 1 else separator_of(text, path, error)
