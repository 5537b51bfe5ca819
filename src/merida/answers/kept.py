"""Questions about the store of finished answers: what it holds, and emptying it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from merida import cache
from merida.answers import store
from merida.answers.context import Context
from merida.answers.questions import Question
from merida.answers.request import Request
from merida.document.blocks import AnswerBlock, Column, Sentence, Table, Verbatim
from merida.progress import Work


class ListKept(Request):
    """What the user's cache holds."""

    question = "cache.list"


class ClearKept(Request):
    """Empty the user's cache."""

    question = "cache.clear"


@dataclass(frozen=True)
class KeptLine:
    """One finished answer, or all files of another kind.

    Attributes
    ----------
    what : str
        ``answer``, or the folder of the cache that other files are in.
    command : str
        What was asked; empty for files that are no answer.
    """

    what: str
    command: str
    files: int
    bytes: int


@dataclass(frozen=True)
class Kept:
    """What the cache holds."""

    folder: str
    kept: tuple[KeptLine, ...]
    bytes: int


@dataclass(frozen=True)
class Cleared:
    """What was removed from the cache."""

    folder: str
    files: int
    bytes: int


def list_kept(_: ListKept, __: Context, ___: Work) -> Kept:
    """Return what the cache holds, the largest first."""
    answers = [KeptLine("answer", command, 1, size) for command, size in store.listed()]
    others = [KeptLine(name, "", files, size) for name, (files, size) in store.others().items()]
    lines = sorted(answers + others, key=lambda line: -line.bytes)
    return Kept(str(cache.folder()), tuple(lines), sum(line.bytes for line in lines))


def list_blocks(_: ListKept, kept: Kept) -> Iterator[AnswerBlock]:
    """Yield what the cache holds."""
    yield Verbatim(kept.folder)
    if not kept.kept:
        yield Sentence("kept.nothing")
        return
    columns = (
        Column("kept.what"), Column("kept.files", decimals=0), Column("kept.megabytes", decimals=2, scale=1e6),
    )  # fmt: skip
    rows = tuple(
        (line.command or Sentence(f"kept.kinds.{line.what}"), line.files, float(line.bytes))
        for line in kept.kept
    )
    yield Table(columns, rows)
    yield Sentence("kept.total", {"megabytes": kept.bytes / 1e6})


def clear_kept(_: ClearKept, __: Context, ___: Work) -> Cleared:
    """Empty the cache and return what was removed."""
    files, size = store.clear()
    return Cleared(str(cache.folder()), files, size)


def clear_blocks(_: ClearKept, cleared: Cleared) -> Iterator[AnswerBlock]:
    """Yield what was removed."""
    yield Sentence("kept.cleared", {"files": cleared.files, "megabytes": cleared.bytes / 1e6})


QUESTIONS = (
    Question(ListKept, Kept, list_kept, list_blocks, table="kept"),
    Question(ClearKept, Cleared, clear_kept, clear_blocks),
)
