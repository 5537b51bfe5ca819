"""The studies of a user's table: effects, variances, moderators, clusters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from merida.errors import EvidenceError
from merida.evidence.meta.effect_sizes import CORRECTED, Compared, Correct, Measure, two_by_two
from merida.evidence.meta.regression import Floats
from merida.one_line import OneLine
from merida.user_tables import EMPTY, Cells, DecimalSign, Table, reading

# What columns may be called, beside the name of the role itself.
SYNONYMS = {
    "estimate": ("yi",),
    "variance": ("vi",),
    "std_error": ("sei", "se"),
    "ai": ("tpos",),
    "bi": ("tneg",),
    "ci": ("cpos",),
    "di": ("cneg",),
    "n1i": (),
    "n2i": (),
    "study": ("label", "author", "trial", "name", "id"),
}
LARGE = 1e60  # beyond it, or below its inverse, squares of weights times effects leave the range of numbers
WHOLE = 2.0**53  # beyond it not every whole number can be told from the next
MOST_ADDED = 1000.0  # to a cell, far beyond what anyone corrects by
CELLS = (("ai", "bi", "ci", "di"), ("ai", "n1i", "ci", "n2i"))
FACTOR = re.compile(r"factor\((.+)\)")


@dataclass(frozen=True, repr=False)
class Studies(OneLine):
    """Studies ready to be pooled.

    Attributes
    ----------
    labels : tuple of str, length k
        Names of the studies.
    y, v : array of shape (k,)
        Effects and sampling variances.
    x : array of shape (k, p) or None
        Design with intercept; None without moderators.
    terms : mapping of str to tuple of str
        Columns of the design by moderator.
    cluster : tuple of str or None
        The cluster of each.
    omitted : tuple of (line, column)
        Rows left out since a cell is empty.
    silent : tuple of int
        Lines of 2 by 2 tables left out: nobody, or everybody, had the event in both groups.
    corrected : tuple of int
        Lines of 2 by 2 tables to which something was added.
    added : float or None
        What was added to their cells; None where nothing was.
    """

    labels: tuple[str, ...]
    y: Floats
    v: Floats
    x: Floats | None = None
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cluster: tuple[str, ...] | None = None
    omitted: tuple[tuple[int, str], ...] = ()
    silent: tuple[int, ...] = ()
    corrected: tuple[int, ...] = ()
    added: float | None = None


def studies(
    table: Table,
    *,
    measure: Measure | None = None,
    add: float | None = None,
    to: Correct = Correct.ZEROS,
    drop_double_zeros: bool = False,
    moderators: Sequence[str] = (),
    cluster: str | None = None,
    roles: Mapping[str, str] | None = None,
) -> Studies:
    """Return the studies of a table.

    Parameters
    ----------
    table : Table
        From `read_studies`, with the same measure, moderators and roles: with columns `estimate` and `variance` or
        `std_error`, or the cells of 2 by 2 tables.
    measure : Measure, optional
        Compute the effects from the cells.
    add : float, optional
        Added to the cells of a 2 by 2 table (default: one half for RR and OR, nothing for the others).
    to : Correct
        Add it to tables that have a zero, or to all.
    drop_double_zeros : bool
        Leave out tables in which nobody, or everybody, had the event in both groups; ratios leave them out in any case.
    moderators : sequence of str
        Columns; one of text, or ``factor(COLUMN)``, is a category (its first value in order is the reference).
    cluster : str, optional
        Column of the cluster.
    roles : mapping of str to str, optional
        The column that plays a role, where it has another name: ``{"estimate": "smd"}``.

    Raises
    ------
    EvidenceError
        For whatever is not as it must be, naming file, line and column.

    Examples
    --------
    ``studies(read_studies(Path("studies.csv"), measure=Measure.RR), measure=Measure.RR)``
    """
    columns = find_roles(table, roles or {})
    if measure is None:
        compared, used = given_effects(table, columns)
    else:
        compared, used = from_cells(table, columns, measure, add, to, drop_double_zeros)
    parts = {name: moderator(table, name) for name in dict.fromkeys(moderators)}
    keys = table.columns[table.column(cluster)] if cluster else None
    empty: dict[int, str] = {}  # the first empty cell of a row
    for name in [*used, *(part[0] for part in parts.values()), *([table.column(cluster)] if cluster else [])]:
        for row, cell in enumerate(table.columns[name]):
            if cell.casefold() in EMPTY:
                empty.setdefault(row, name)
    table.check()
    full = [row for row in range(len(table.lines)) if row not in empty]
    if not full:
        raise EvidenceError("meta_all_empty", file=table.path, column=empty[0])
    kept = [row for row in full if not compared.silent[row]]
    if not kept:
        raise EvidenceError("meta_all_silent", file=table.path, measure=measure)
    blocks = [np.ones((len(kept), 1))]
    terms: dict[str, tuple[str, ...]] = {}
    for name, (column, values) in parts.items():
        block, terms[name] = coded(table, column, values, kept)
        blocks.append(block)
    names = labels(table, columns.get("study"))
    corrected = tuple(table.lines[row] for row in kept if compared.corrected[row])
    return Studies(
        labels=tuple(names[row] for row in kept),
        y=compared.y[kept],
        v=compared.v[kept],
        x=np.column_stack(blocks) if terms else None,
        terms=terms,
        cluster=tuple(keys[row] for row in kept) if keys else None,
        omitted=tuple((table.lines[row], empty[row]) for row in sorted(empty)),
        silent=tuple(table.lines[row] for row in full if compared.silent[row]),
        corrected=corrected,
        added=compared.added if corrected else None,
    )


def labels(table: Table, column: str | None) -> list[str]:
    """Return the names of the studies: an author's with the year, or the number of the row."""
    if column is None:
        return [str(row + 1) for row in range(len(table.lines))]
    if column.casefold() == "author" and "year" in table.columns:
        return [" ".join(pair) for pair in zip(table.columns[column], table.columns["year"], strict=True)]
    return list(table.columns[column])


def find_roles(table: Cells | Table, given: Mapping[str, str]) -> dict[str, str]:
    """Return the column that plays each role."""
    unknown = [role for role in given if role not in SYNONYMS]
    if unknown:
        raise EvidenceError("meta_unknown_role", found=unknown[0], known=", ".join(SYNONYMS))
    columns = {role: table.column(name) for role, name in given.items()}
    by_case = {name.casefold(): name for name in table.columns}
    for role, others in SYNONYMS.items():
        here = [by_case[name] for name in (role, *others) if name in by_case]
        if role not in columns and here:
            columns[role] = here[0]
    return columns


def given_effects(table: Table, roles: Mapping[str, str]) -> tuple[Compared, list[str]]:
    """Return the effects and variances that a table gives, and the columns that they come from."""
    error = "variance" if "variance" in roles else "std_error"
    if "estimate" not in roles or error not in roles:
        key = "meta_no_measure" if form_of(roles) else "meta_no_effects"
        raise EvidenceError(key, file=table.path, found=", ".join(table.columns))
    y, v = table.numbers(roles["estimate"]), table.numbers(roles[error])
    table.refuse(v <= 0, "meta_not_positive", roles[error])
    with np.errstate(over="ignore", under="ignore"):
        v = v if error == "variance" else v**2
    table.refuse((v < 1 / LARGE) | (v > LARGE), "meta_extreme", roles[error])
    table.refuse(np.abs(y) > LARGE, "meta_extreme", roles["estimate"])
    none = np.zeros(len(y), dtype=bool)
    return Compared(y, v, none, none), [roles["estimate"], roles[error]]


def form_of(roles: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the roles by which the cells of 2 by 2 tables are given, or None."""
    return next((form for form in CELLS if all(role in roles for role in form)), None)


def from_cells(
    table: Table,
    roles: Mapping[str, str],
    measure: Measure,
    add: float | None,
    to: Correct,
    drop: bool,
) -> tuple[Compared, list[str]]:
    """Return the effects of 2 by 2 tables, and the columns that they come from."""
    form = form_of(roles)
    if form is None:
        raise EvidenceError("meta_no_cells", file=table.path, measure=measure, found=", ".join(table.columns))
    if add is not None and not 0 <= add <= MOST_ADDED:
        raise EvidenceError("meta_add", found=f"{add:g}", most=f"{MOST_ADDED:g}")
    if add and measure not in CORRECTED:
        raise EvidenceError("meta_no_correction", measure=measure)
    used = [roles[role] for role in form]
    a, b, c, d = (table.numbers(name) for name in used)
    for name, counts in zip(used, (a, b, c, d), strict=True):
        table.refuse(counts < 0, "meta_negative_count", name)
        table.refuse(counts > WHOLE, "meta_extreme", name)
    if form[1] == "n1i":
        table.refuse(a > b, "meta_more_events", used[0], total=used[1])
        table.refuse(c > d, "meta_more_events", used[2], total=used[3])
        b, d = b - a, d - c
    table.refuse(a + b == 0, "meta_empty_group", used[1])
    table.refuse(c + d == 0, "meta_empty_group", used[3])
    table.check()
    compared = two_by_two(a, b, c, d, measure, add, to, drop)
    defined = np.isfinite(compared.y) & (compared.v > 1 / LARGE) & (compared.v < LARGE)
    asked = ~np.isnan(a + b + c + d) & ~compared.silent
    table.refuse(asked & ~defined, "meta_no_effect", used[0], measure=measure)
    return compared, used


def moderator(table: Table, name: str) -> tuple[str, Floats | None]:
    """Return a moderator's column and its numbers, or None for a category."""
    wrapped = FACTOR.fullmatch(name)
    column = table.column(wrapped[1].strip() if wrapped else name)
    if wrapped or column not in table:
        return column, None
    values = table.numbers(column)  # text among numbers is a mistake, which this names
    sizes = np.abs(values)
    tiny = 0 < np.max(sizes, initial=0.0, where=~np.isnan(sizes)) < 1 / LARGE
    table.refuse((sizes > LARGE) | tiny, "meta_extreme", column)
    return column, values


def coded(
    table: Table, column: str, values: Floats | None, kept: Sequence[int]
) -> tuple[Floats, tuple[str, ...]]:
    """Return a moderator's columns of the design with their names: numbers as they are, a category as dummies."""
    if values is not None:
        chosen = values[list(kept)]
        if np.ptp(chosen) == 0:
            raise EvidenceError("meta_constant", file=table.path, column=column, found=f"{chosen[0]:g}")
        return chosen[:, None], (column,)
    cells = [table.columns[column][row] for row in kept]
    groups = sorted(set(cells), key=lambda cell: (natural(cell), cell))
    if len(groups) == 1:
        raise EvidenceError("meta_constant", file=table.path, column=column, found=groups[0])
    block = np.array([[float(cell == group) for group in groups[1:]] for cell in cells])
    return block, tuple(f"{column}={group}" for group in groups[1:])


def natural(cell: str) -> tuple[int, float, str]:
    """Return a key that sorts numbers by value, before texts by letter."""
    number = reading(cell, DecimalSign.POINT)
    return (1, 0.0, cell.casefold()) if number is None else (0, float(number), "")
