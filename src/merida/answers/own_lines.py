"""How rows of the user's own are told: in a line below an answer, and in a table of what was added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from merida.answers.naming import in_both
from merida.document.blocks import Column, Points, Sentence, Table
from merida.facts.own.shelf import Addition
from merida.facts.schema import tables
from merida.figure import OwnRows

ROOMS = {"violence": ("violence", "places"), "border": ("border", "money")}
"""By the room of a question, the rooms of the tables that its answers may rest on; others may rest on any."""


def tables_of(question: str) -> list[str] | None:
    """Return the tables that an answer may rest on, or None where it may be any."""
    rooms = ROOMS.get(question.partition(".")[0])
    if rooms is None:
        return None
    return [name for name, table in tables().items() if table.room in rooms]


def own_line(own: OwnRows) -> Sentence:
    """Return the sentence that says that rows of the user's own are among those of a table."""
    return Sentence(
        "own.rows",
        {"count": own.rows, "table": own.table, "file": own.file_name, "added": own.added, "id": own.id},
    )


def own_blocks(own: Iterable[OwnRows]) -> Iterator[Points]:
    """Yield what an answer says of the rows of the user's own that it may rest on."""
    lines = tuple(map(own_line, own))
    if lines:
        yield Points(lines)


def additions_table(additions: Iterable[Addition]) -> Table:
    """Return what the user added as a table."""
    columns = (
        Column("own.id"), Column("own.file"), Column("own.added"), Column("own.rows_head", decimals=0),
        Column("own.keys"), Column("own.published"), Column("own.layout"),
    )  # fmt: skip
    rows = tuple(
        (
            one.id,
            one.file_name,
            one.added,
            one.rows,
            "; ".join(f"{name} {span(*ends)}" for name, ends in one.span.items()),
            in_both(lambda said, one=one: span(*map(said.month, one.published))),  # type: ignore[misc]
            one.recognised,
        )
        for one in additions
    )
    return Table(columns, rows)


def span(first: str, last: str) -> str:
    """Return two ends as one range, or the one value that both are."""
    return first if first == last else f"{first}–{last}"
