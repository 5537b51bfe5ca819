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
    """Return what separates the cells of most lines; where that leaves two signs, what the first line says.

    Raises
    ------
    MeridaError
        If two would do.

    Examples
    --------
    >>> from merida.errors import FactsError
    >>> separators_of("Deaths, by place" + chr(10) + "a;b" + chr(10) + "1;0,5", Path("x.csv"), FactsError).value
    'semicolon'
    """
    head = [line for line in itertools.islice(lines_of(text), LOOKED_AT) if line.strip()]
    shares = {}
    for sign in Separator:
        try:
            widths = Counter(len(cells) for cells in csv.reader(head, delimiter=sign.sign) if cells)
        except csv.Error:
            continue
        shares[sign] = max((count for width, count in widths.items() if width > 1), default=0) / len(head)
    first = next(csv.reader([head[0]], delimiter=","), [])
    likely = [sign for sign, share in shares.items() if share > 0.5]
    if len(likely) == 1 and (len(first) < 2 or shares.get(Separator.COMMA, 0) < 0.5):
        return likely[0]
    if not likely and shares and max(shares.values()) > 0:
        return max(shares, key=lambda sign: shares[sign])
    return separator_of(text, path, error)
