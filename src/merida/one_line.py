"""What a large result shows of itself in a line: its small fields, and of its large ones how large they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

MOST = 300  # letters of the line
MOST_TEXT = 60  # of a text, or of a few names
MOST_ITEMS = 4  # of a collection that is shown


class OneLine:
    """A dataclass that prints itself in one line, however many draws and places it holds; it needs ``repr=False``.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(repr=False)
    ... class Run(OneLine):
    ...     plans: dict[str, int]
    ...     draws: list[float]
    >>> Run({"memo": 1, "none": 2}, [0.5] * 1000)
    Run(plans={memo, none}, draws=<1000>)
    """

    def __repr__(self) -> str:
        """Return the type's name and the fields."""
        told = ", ".join(f"{one.name}={brief(getattr(self, one.name))}" for one in fields(self))  # type: ignore[arg-type]
        text = f"{type(self).__name__}({told})"
        return text if len(text) <= MOST else f"{text[: MOST - 2]}…)"


def brief(value: Any) -> str:
    """Return a value where it is small, else how large it is, or of what type.

    Examples
    --------
    >>> print(brief(range(3)), brief((1, "x")), brief(list(range(9))))
    range(0, 3) (1, 'x') <9>
    """
    if value is None or isinstance(value, int | float | range):
        return repr(value)
    if isinstance(value, str):
        return repr(value if len(value) <= MOST_TEXT else f"{value[:MOST_TEXT]}…")
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"<{'×'.join(map(str, shape))}>"
    if isinstance(value, Mapping | Collection) and not isinstance(value, OneLine):
        small = len(value) <= MOST_ITEMS and all(isinstance(one, str | int | float) for one in value)
        text = "{" + ", ".join(map(str, value)) + "}" if isinstance(value, Mapping) else repr(value)
        return text if small and len(text) <= MOST_TEXT else f"<{len(value)}>"
    return type(value).__name__
