"""Numbers as people write them: 13500, 13,500 or 13.500; with one reading, or with two."""

from __future__ import annotations

import math
import re
from enum import StrEnum

from merida.user_tables.faults import Rule, shortened

MOST_DIGITS = 64  # letters of a cell that can be a number
POINT = re.compile(
    r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?|[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?)", re.ASCII
)
WHOLE = re.compile(r"[+-]?\d+(?:\.0*)?", re.ASCII)
SWAP = str.maketrans(",.", ".,")


class DecimalSign(StrEnum):
    """The sign before the decimals; the other one then groups thousands."""

    POINT = "point"
    COMMA = "comma"

    @property
    def other(self) -> DecimalSign:
        """The other sign."""
        return DecimalSign.COMMA if self is DecimalSign.POINT else DecimalSign.POINT


def reading(cell: str, decimal: DecimalSign) -> str | None:
    """Return a cell as a plain number with a decimal point and no sign of thousands, or None if it is none.

    Examples
    --------
    >>> reading("13.500,25", DecimalSign.COMMA)
    '13500.25'
    """
    if len(cell) > MOST_DIGITS:
        return None
    text = cell.translate(SWAP) if decimal is DecimalSign.COMMA else cell
    return text.replace(",", "") if POINT.fullmatch(text) else None


def readings(cell: str) -> dict[DecimalSign, str]:
    """Return what a cell may mean, by the sign of decimals.

    Examples
    --------
    >>> [readings(cell).get(DecimalSign.POINT) for cell in ("13,500", "13,50")]
    ['13500', None]
    """
    return {decimal: text for decimal in DecimalSign if (text := reading(cell, decimal)) is not None}


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number under either sign of decimals.

    Examples
    --------
    >>> [is_number(cell) for cell in ("0,5", "1_0", "²", "1e999")]
    [True, False, False, True]
    """
    return bool(readings(cell))


def number_of(cell: str, decimal: DecimalSign) -> float:
    """Return a cell as a number.

    Raises
    ------
    Rule
        If it is none, has a percent sign or another sign of decimals, or is too large or small for a machine.
    """
    text = reading(cell, decimal)
    if text is None:
        if cell.endswith("%") and reading(cell[:-1].rstrip(), decimal) is not None:
            raise Rule("table_percent", found=shortened(cell))
        if reading(cell, decimal.other) is not None:
            raise Rule("table_other_decimal", found=shortened(cell), decimal=decimal.value)
        raise Rule("table_number", found=shortened(cell))
    value = float(text)
    vanished = value == 0 and re.match(r"[^eE]*[1-9]", text) is not None
    if vanished or not math.isfinite(value):
        raise Rule("table_number_size", found=shortened(cell))
    return value
