"""The cells of a file as typed columns, and every fault that they have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merida.errors import MeridaError
from merida.user_tables.columns import Column, Count, Number, Whole
from merida.user_tables.decimals import WHOLE, DecimalSign, readings
from merida.user_tables.delimited import MOST_ROWS, Cells, Separator, read_cells
from merida.user_tables.faults import MOST_SHOWN, Note, Rule, raise_all, shortened

if TYPE_CHECKING:  # the command line names these options before it needs NumPy
    import numpy as np
    import numpy.typing as npt

MOST_KEPT = 50 * MOST_SHOWN  # faults of which the text is kept; the rest are counted


@dataclass(frozen=True)
class Sign:
    """A cell in which a comma or point stands, with what it may mean."""

    line: int
    column: Column
    cell: str
    means: Mapping[DecimalSign, str]

    def whole(self, decimal: DecimalSign) -> bool:
        """Tell whether it is a whole number under a sign of decimals."""
        return WHOLE.fullmatch(self.means[decimal]) is not None

    @property
    def shows(self) -> DecimalSign | None:
        """The sign of decimals of its only reading (in a column of whole numbers: its only whole one), if it has one."""
        fitting = [sign for sign in self.means if not isinstance(self.column, Whole) or self.whole(sign)]
        fitting = fitting or list(self.means)
        return fitting[0] if len(fitting) == 1 else None


class Table:
    """A user's table with typed columns.

    Faults gather until `check` raises them all at once, so that a room can add its own rules (`refuse`) before. A cell at
    fault reads as None.

    Parameters
    ----------
    cells : Cells
        The text of the file.
    schema : sequence of Column
        The columns to be read.
    decimal : DecimalSign or None
        The sign of decimals; None: as the numbers of the file show, an error where they do not.
    asks : bool
        Whether the command that reads the file has the options ``--separator`` and ``--decimal``.

    Attributes
    ----------
    path : Path
    lines : tuple of int
        The line of the file on which each row begins.
    columns : mapping of str to tuple of str
        The text of every column of the file.
    notes : list of Note
        What the user should know.
    decimal : DecimalSign
        The sign of decimals by which the numbers were read.

    Examples
    --------
    >>> from merida.errors import BorderError
    >>> cells = Cells(Path("x.csv"), {"x": ("13,500", "0,5")}, (2, 3), Separator.SEMICOLON, BorderError)
    >>> Table(cells, [Number("x")])["x"]
    [13.5, 0.5]
    """

    def __init__(
        self, cells: Cells, schema: Sequence[Column], decimal: DecimalSign | None = None, asks: bool = True
    ) -> None:
        self.cells = cells
        self.path, self.lines, self.columns, self.error = cells.path, cells.lines, cells.columns, cells.error
        self.notes: list[Note] = list(cells.notes)
        self._faults: list[tuple[int, str, MeridaError]] = [(line, "", fault) for line, fault in cells.faults]
        self._at_fault: set[tuple[int, str]] = set()
        self._hidden = 0
        self._values: dict[str, list[Any]] = {}
        names = self.names(schema)
        self._names = {column.name: name for column, name in names.items()}
        self.decimal = decimal or self.sign_of_decimals(names, asks)
        for column, name in names.items():
            self._values[column.name] = self.read(column, name, self.decimal)

    def __contains__(self, name: str) -> bool:
        """Tell whether a declared column is in the file."""
        return name in self._values

    def __getitem__(self, name: str) -> list[Any]:
        """Return the values of a declared column, None where a cell is empty or at fault."""
        return self._values[name]

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return the values of a declared column of numbers, NaN where a cell is empty or at fault."""
        import numpy as np

        return np.array(
            [math.nan if value is None else value for value in self._values[name]], dtype=np.float64
        )

    def column(self, name: str) -> str:
        """Return the name that a declared column, or any other, has in the file; an error where there is none."""
        return self._names.get(name) or self.cells.column(name)

    def refuse(self, rows: Iterable[Any], key: str, column: str, **values: object) -> None:
        """Add a fault for each row that is marked.

        Parameters
        ----------
        rows : iterable of bool, one for each row
            Which rows are at fault.
        key : str
            The error's text. It may hold ``{where}``, ``{line}``, ``{column}``, ``{found}``, ``{file}`` and the names in
            `values`.
        column : str
            The column of the file that the text names.
        """
        name = self.column(column)
        for row, marked in enumerate(rows):
            if marked:
                self.fault(row, name, key, **values)

    def fault(self, row: int, name: str, key: str, **values: object) -> None:
        """Add a fault of one cell, unless it has one already."""
        line = self.lines[row]
        if (row, name) in self._at_fault:
            return
        self._at_fault.add((row, name))
        if len(self._faults) >= MOST_KEPT:
            self._hidden += 1
            return
        where = self.error("table_where", line=line, column=name)
        placed = {"file": self.path, "line": line, "column": name, "where": where}
        found = shortened(self.columns[name][row])
        self._faults.append((line, name, self.error(key, **{"found": found, **placed, **values})))

    @property
    def faults(self) -> list[tuple[int, str, MeridaError]]:
        """The faults that are kept, by line: the line, the column (empty where it lies in none) and what is wrong."""
        return sorted(self._faults, key=lambda fault: fault[0])

    @property
    def hidden(self) -> int:
        """How many faults were counted and not kept."""
        return self._hidden

    def at_fault(self) -> set[int]:
        """Return the rows that have a fault."""
        return {row for row, _ in self._at_fault}

    def check(self) -> None:
        """Raise all faults as one error; do nothing where there are none."""
        raise_all(self.error, self.path, [fault for *_, fault in self.faults], self._hidden)

    def names(self, schema: Sequence[Column]) -> dict[Column, str]:
        """Return the columns that the file has, with their names there; an error that lists all that are missing."""
        names = {column: self.cells.find(column.name, *column.synonyms) for column in schema}
        missing = [column.name for column, name in names.items() if name is None and not column.optional]
        if missing:
            raise self.error(
                "table_missing",
                file=self.path,
                missing=", ".join(missing),
                needed=", ".join(column.name for column in schema if not column.optional),
                found=shortened(", ".join(self.columns)),
            )
        return {column: name for column, name in names.items() if name is not None}

    def only(self, schema: Sequence[Column]) -> None:
        """Refuse columns that a schema does not name."""
        known = {name.casefold() for column in schema for name in (column.name, *column.synonyms)}
        extra = [name for name in self.columns if name.casefold() not in known]
        if extra:
            names = ", ".join(column.name for column in schema)
            raise self.error("table_extra", file=self.path, found=shortened(", ".join(extra)), known=names)

    def read(self, column: Column, name: str, decimal: DecimalSign) -> list[Any]:
        """Return the values of a column; each text that stands in it is read once."""
        values: dict[str, Any] = {}
        rules: dict[str, Rule] = {}
        for cell in dict.fromkeys(self.columns[name]):
            values[cell] = None
            if column.is_empty(cell):
                continue
            try:
                values[cell] = column.read(cell, decimal)
            except Rule as rule:
                rules[cell] = rule
        if rules:
            for row, cell in enumerate(self.columns[name]):
                if cell in rules:
                    self.fault(row, name, rules[cell].key, **rules[cell].values)
        if isinstance(column, Count):
            self.note_decimals(column, name, values)
        return [values[cell] for cell in self.columns[name]]

    def note_decimals(self, column: Count, name: str, values: Mapping[str, Any]) -> None:
        """Say that a column of counts holds numbers that are not whole."""
        parts = {
            cell for cell, value in values.items() if value is not None and not float(value).is_integer()
        }
        rows = [row for row, cell in enumerate(self.columns[name]) if cell in parts]
        if rows:
            found = self.columns[name][rows[0]]
            self.notes.append(
                Note(
                    "not_whole",
                    {"column": name, "count": len(rows), "line": self.lines[rows[0]], "found": found},
                )
            )

    def sign_of_decimals(self, names: Mapping[Column, str], asks: bool) -> DecimalSign:
        """Return the sign of decimals that the file's numbers show, and add a fault where they have two readings.

        A number with one reading (0,5 or 1,234,567) decides for the file, which a note says where it decided anything.
        A comma between the cells means decimal points, save in counts: there 5.000 is as likely five thousand.
        """
        signs = sorted(self.signs(names), key=lambda sign: sign.line)
        deciding = next((sign for sign in signs if sign.shows), None)
        decimal = (deciding and deciding.shows) or DecimalSign.POINT
        expected = self.cells.separator is Separator.COMMA and decimal is DecimalSign.POINT
        double = [
            sign
            for sign in signs
            if sign.shows is None
            and not (expected and "." in sign.cell and not isinstance(sign.column, Count | Whole))
        ]
        against = [sign for sign in double if isinstance(sign.column, Count) and not sign.whole(decimal)]
        if double and (deciding is None or against):
            asked = (against or double)[0]
            self.ask(asked, names[asked.column], asks)
        elif double and deciding is not None:
            key = "decimal_point" if decimal is DecimalSign.POINT else "decimal_comma"
            where = {"line": deciding.line, "column": names[deciding.column], "found": deciding.cell}
            self.notes.append(Note(key, where))
        return decimal

    def signs(self, names: Mapping[Column, str]) -> list[Sign]:
        """Return the first cell of each text with a comma or point in columns of numbers."""
        found = []
        for column, name in names.items():
            if isinstance(column, Number):
                first = dict(zip(reversed(self.columns[name]), reversed(self.lines), strict=True))
                found += [
                    Sign(line, column, cell, means)
                    for cell, line in first.items()
                    if ("," in cell or "." in cell)
                    and not column.is_empty(cell)
                    and (means := readings(cell))
                ]
        return found

    def ask(self, sign: Sign, name: str, asks: bool) -> None:
        """Add the fault that a number has two readings."""
        where = self.error("table_where", line=sign.line, column=name)
        key = "table_two_readings" if asks else "table_two_readings_plain"
        point, comma = sign.means[DecimalSign.POINT], sign.means[DecimalSign.COMMA]
        self._faults.append(
            (sign.line, name, self.error(key, where=where, found=sign.cell, point=point, comma=comma))
        )


def read_table(
    path: Path,
    schema: Sequence[Column],
    error: type[MeridaError],
    *,
    separator: Separator | None = None,
    decimal: DecimalSign | None = None,
    asks: bool = True,
    most_rows: int = MOST_ROWS,
) -> Table:
    """Return a user's file as a table with typed columns; its faults wait for `Table.check`.

    Parameters
    ----------
    path : Path
        The file.
    schema : sequence of Column
        The columns to be read.
    error : type of MeridaError
        The error of the room that reads.
    separator, decimal : Separator, DecimalSign or None
        What the user says of the file; None: as the file shows.
    asks : bool
        Whether the command has options for the two.
    most_rows : int
        The longest table that is read.

    Raises
    ------
    MeridaError
        If the file cannot be read as a table, or lacks a column.

    Examples
    --------
    >>> from merida.errors import ViolenceError
    >>> from merida.user_tables import Text, Whole
    >>> schema = (Text("municipality"), Whole("deaths", low=0, high=10_000))
    >>> table = read_table(Path("deaths.csv"), schema, ViolenceError)  # doctest: +SKIP
    >>> table.check()                                                  # doctest: +SKIP
    """
    return Table(read_cells(path, error, separator, most_rows), schema, decimal, asks)
