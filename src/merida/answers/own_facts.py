"""Questions about rows of the user's own: what one addition changes, its rows, and removing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from merida.answers.context import Context
from merida.answers.facts import frame_table
from merida.answers.fields import Text, Whole, option
from merida.answers.questions import Frame, Question
from merida.answers.request import Request
from merida.document.blocks import AnswerBlock, Points, Sentence
from merida.facts.own import shelf
from merida.facts.own.changes import Change, diff, rows_of
from merida.facts.own.shelf import Addition
from merida.progress import Work

EXAMPLE: Mapping[str, Any] = {"id": "crime_victims-1"}


class RemoveOwn(Request):
    """Remove what the user added: what it replaced stands again."""

    question = "facts.remove"
    example: ClassVar[Mapping[str, Any]] = EXAMPLE
    id: Text = option("cli.own.id", argument=True, metavar="ID")


@dataclass(frozen=True)
class Removed:
    """An addition that was removed.

    Attributes
    ----------
    left : tuple of str
        The ids of the user's other additions to the same table.
    """

    id: str
    table: str
    left: tuple[str, ...]


def remove_own(request: RemoveOwn, _: Context, __: Work) -> Removed:
    """Remove an addition."""
    shelf.remove(request.id)
    table = request.id.rpartition("-")[0]
    return Removed(
        request.id, table, tuple(name for name in shelf.names() if name.rpartition("-")[0] == table)
    )


def removed_blocks(_: RemoveOwn, removed: Removed) -> Iterator[AnswerBlock]:
    """Yield what was removed, and what stands now."""
    yield Sentence("own.removed", {"id": removed.id})
    if removed.left:
        yield Sentence("own.removed_left", {"table": removed.table, "ids": ", ".join(removed.left)})
    else:
        yield Sentence("own.removed_all", {"table": removed.table})


class ExportOwn(Request):
    """What the user added, as rows of its table."""

    question = "facts.export"
    example: ClassVar[Mapping[str, Any]] = EXAMPLE
    id: Text = option("cli.own.id", argument=True, metavar="ID")


@dataclass(frozen=True)
class Exported:
    """An addition and its rows, as they were added."""

    addition: Addition
    rows: Frame


def export_own(request: ExportOwn, _: Context, __: Work) -> Exported:
    """Return the rows of an addition."""
    return Exported(shelf.addition(request.id), rows_of(request.id))


def exported_blocks(_: ExportOwn, found: Exported) -> Iterator[AnswerBlock]:
    """Yield the rows."""
    yield frame_table(found.rows)


class DiffOwn(Request):
    """What an addition changes in its table."""

    question = "facts.diff"
    example: ClassVar[Mapping[str, Any]] = EXAMPLE
    id: Text = option("cli.own.id", argument=True, metavar="ID")
    rows: Whole = option("cli.own.changes", 20, ge=0, le=1_000_000)


@dataclass(frozen=True)
class Changed:
    """What rows of the user's own change in a table; see `merida.facts.own.changes.Change`.

    Attributes
    ----------
    changes : list of rows
        The largest, as many as were asked for: the key, column, old, new, difference.
    """

    table: str
    rows: int
    new: int
    changed: int
    unchanged: int
    hidden: int
    values_changed: int
    unnamed: int
    new_periods: int
    states: int
    states_in_all: int
    partial: bool
    same_file: str
    changes: Frame
    sums: Frame


def changed(change: Change, rows: int) -> Changed:
    """Return a change as an answer holds it, with so many of its largest changes of a value."""
    return Changed(
        table=change.table,
        rows=change.rows,
        new=change.new,
        changed=change.changed,
        unchanged=change.unchanged,
        hidden=change.hidden,
        values_changed=change.changes.height,
        unnamed=change.unnamed,
        new_periods=change.new_periods,
        states=change.states,
        states_in_all=change.states_in_all,
        partial=change.partial,
        same_file=change.same_file,
        changes=change.changes.head(rows),
        sums=change.sums,
    )


def diff_own(request: DiffOwn, _: Context, __: Work) -> Changed:
    """Return what an addition changes."""
    return changed(diff(request.id), request.rows)


def changed_blocks(_: Request, found: Changed) -> Iterator[AnswerBlock]:
    """Yield what rows change: how many, the largest changes, and sums before and after."""
    yield Sentence(
        "own.counts",
        {
            "table": found.table,
            "count": found.rows,
            "new": found.new,
            "changed": found.changed,
            "unchanged": found.unchanged,
        },
    )
    notes = []
    if found.hidden:
        notes.append(Sentence("own.hidden", {"count": found.hidden}))
    if found.unnamed:
        notes.append(Sentence("own.unnamed", {"count": found.unnamed}))
    if found.partial:
        notes.append(
            Sentence(
                "own.partial",
                {"count": found.new_periods, "states": found.states, "all_states": found.states_in_all},
            )
        )
    if found.same_file:
        notes.append(Sentence("own.same_file", {"id": found.same_file}))
    if notes:
        yield Points(tuple(notes))
    if found.changes.height:
        title = Sentence("own.changes_title", {"shown": found.changes.height, "count": found.values_changed})
        yield frame_table(found.changes, title)
    if found.sums.height:
        yield frame_table(found.sums, Sentence("own.sums_title", {"table": found.table}))


QUESTIONS = (
    Question(RemoveOwn, Removed, remove_own, removed_blocks),
    Question(ExportOwn, Exported, export_own, exported_blocks, table="rows"),
    Question(DiffOwn, Changed, diff_own, changed_blocks, table="changes"),
)
