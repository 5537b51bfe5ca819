"""What was read of a user's file: rows of one table of the record, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from merida.facts.schema import Table
from merida.user_tables import Note

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Incoming:
    """The rows of a file, in the schema of the table that they belong to.

    Attributes
    ----------
    table : Table
        The table of the record.
    rows : pl.DataFrame
        Exactly the table's columns in their types, plus ``available_from`` (text ``YYYY-MM``) where the table has none.
    file_name : str
        The base name of the file as the user gave it.
    sha256 : str
        Of the bytes of the file.
    recognised : str or None
        The official layout that the file has (``sesnsp_state_victims``, …); None for a table of the user's own.
    available_from : str
        Month in which the file was published: as the user said, as its layout says, or the month of adding. The
        months of the rows stand in the rows.
    notes : tuple of Note
        What was understood and must be said: decimal commas, zeros that codes had lost, totals left out, encodings.
    skipped : int
        Rows with faults that were left out because the user asked for it.
    """

    table: Table
    rows: pl.DataFrame
    file_name: str
    sha256: str
    recognised: str | None
    available_from: str
    notes: tuple[Note, ...] = ()
    skipped: int = 0
