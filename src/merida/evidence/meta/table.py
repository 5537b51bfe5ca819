"""A user's table of studies, read through the gate of `merida.user_tables`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from merida.errors import EvidenceError
from merida.evidence.meta.effect_sizes import Measure
from merida.evidence.meta.studies import FACTOR, find_roles, form_of
from merida.user_tables import Column, Count, DecimalSign, Number, Separator, Table, is_number, read_cells


def read_studies(
    path: Path,
    *,
    measure: Measure | None = None,
    moderators: Sequence[str] = (),
    roles: Mapping[str, str] | None = None,
    separator: Separator | None = None,
    decimal: DecimalSign | None = None,
) -> Table:
    """Return a table of studies whose effects, counts and moderators are numbers; its faults wait for `Table.check`.

    Parameters
    ----------
    path : Path
        The user's file.
    measure : Measure, optional
        What compares the groups, where the file holds the cells of 2 by 2 tables.
    moderators : sequence of str
        Columns; one in which no cell is a number, or ``factor(COLUMN)``, stays text.
    roles : mapping of str to str, optional
        The column that plays a role, where it has another name.
    separator, decimal : Separator, DecimalSign or None
        What separates the cells, and the sign of decimals; None: as the file shows.

    Raises
    ------
    EvidenceError
        If the file cannot be read as a table, or lacks a column that is named.

    Examples
    --------
    >>> table = read_studies(Path("docs/samples/studies.csv"), measure=Measure.RR)  # doctest: +SKIP
    >>> table.numbers("tpos")                                                       # doctest: +SKIP
    array([ 4.,  6.,  3., 62., 33.])
    """
    cells = read_cells(path, EvidenceError, separator)
    columns = find_roles(cells, roles or {})
    numeric = [columns[role] for role in ("estimate", "variance", "std_error") if role in columns]
    counts = [columns[role] for role in form_of(columns) or ()]
    schema: list[Column] = [Count(name, empty=True) for name in counts] if measure else []
    named = [cells.column(name) for name in moderators if not FACTOR.fullmatch(name)]
    numeric = [] if measure else numeric
    numeric += [name for name in named if any(map(is_number, cells.columns[name]))]
    schema += [
        Number(name, empty=True) for name in dict.fromkeys(numeric) if name not in counts or not measure
    ]
    return Table(cells, schema, decimal)
