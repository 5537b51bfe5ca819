"""What the robust core says: which programmes every good plan holds, which none, and which cannot be told."""

from __future__ import annotations

from collections.abc import Iterator

from merida.decide.said.lines import CoreTable
from merida.document.blocks import AnswerBlock, Cell, Column, Listing, Rounded, Sentence, Table


def core_said(found: CoreTable) -> Iterator[AnswerBlock]:
    """Yield which programmes every good plan holds, which none does, and what cannot be told, with the shares."""

    def titles(verdict: str) -> Cell:
        chosen = tuple(line.title for line in found.lines if line.verdict == verdict)
        return Listing(chosen, "; ") if chosen else Sentence("core.no_one")

    said = {"all": titles("all"), "none": titles("none"), "open": titles("open")}
    yield Sentence("core.said", said | {"beliefs": found.beliefs})
    columns = (
        Column("plan.programme"), Column("core.in_all", decimals=0, scale=0.01),
        Column("core.in_some", decimals=0, scale=0.01), Column("core.in_none", decimals=0, scale=0.01),
    )  # fmt: skip
    rows = tuple((line.title, line.in_all, line.in_some, line.in_none) for line in found.lines)
    values: dict[str, Cell] = {"beliefs": found.beliefs, "within": found.within, "holds": found.holds}
    yield Table(columns, rows, Sentence("core.title", values))
    if found.agrees is not None:
        yield Sentence("core.checked", {"checked": found.checked, "agrees": Rounded(found.agrees, 2)})
