"""What the gate has to say: faults, which stop the reading, and notes, which do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from merida.errors import MeridaError
from merida.words import Words

MOST_SHOWN = 20  # faults that one message lists
MOST_LETTERS = 60  # of a cell that a message repeats


class Rule(Exception):  # noqa: N818 (caught inside the gate, never shown)
    """A rule that one cell breaks: the key of its message, and what the message's placeholders stand for."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True)
class Note:
    """What was done with a table that the user should know.

    Attributes
    ----------
    key : str
        The name of its text under ``table_notes`` in the words.
    values : mapping of str to object
        What the text's placeholders stand for.

    Examples
    --------
    >>> from merida.words import words
    >>> Note("left_out", {"count": 2, "words": "lanes closed"}).text(words("en"))
    'Rows left out, since no wait was read in them: 2 (wait_minutes: lanes closed).'
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, words: Words) -> str:
        """Return the note in a language."""
        return words.text(f"table_notes.{self.key}", **self.values)


def shortened(cell: str) -> str:
    """Return the beginning of a long cell, as a message repeats it."""
    return cell if len(cell) <= MOST_LETTERS else f"{cell[:MOST_LETTERS]}…"


def raise_all(
    error: type[MeridaError], path: Path | str, faults: Sequence[MeridaError], hidden: int = 0
) -> None:
    """Raise one error that lists faults, the first `MOST_SHOWN` of them in full; do nothing where there are none.

    Parameters
    ----------
    error : type of MeridaError
        The error of the room that reads the file.
    faults : sequence of MeridaError
        In the order of the file.
    hidden : int
        Faults that were counted and not kept.

    Examples
    --------
    >>> from merida.errors import PlanError
    >>> raise_all(PlanError, "plan.csv", [])
    """
    if not faults:
        return
    shown = list(faults[:MOST_SHOWN])
    more = len(faults) + hidden - len(shown)
    if more:
        shown.append(error("table_more", count=more))
    raise error("table_faults", file=path, faults=tuple(shown))
