"""The one gate for every table that a user brings: studies, waits, deaths, plans.

A room declares its columns; the gate reads the file, checks every cell and hands back typed columns. What it cannot
read it refuses: all faults at once, each with its line, its column, what was found, what was expected and what to do.
What has two readings (13,500 may be thirteen thousand five hundred, or thirteen and a half) it asks for, and never
guesses.

A schema is a tuple of columns, and reading is one call:

    >>> from merida.errors import BorderError
    >>> from merida.user_tables import Date, Number, Text, Whole, read_table
    >>> WAITS = (
    ...     Text("crossing"),
    ...     Date("date", first="1990-01-01", last="2099-12-31"),
    ...     Whole("hour", low=0, high=23),
    ...     Number("wait_minutes", low=0, high=1440, words={"no delay": 0.0, "lanes closed": float("nan")}),
    ... )
    >>> table = read_table(path, WAITS, BorderError)                # doctest: +SKIP
    >>> table.refuse(table.numbers("wait_minutes") > 600, "border_too_long", "wait_minutes")  # doctest: +SKIP
    >>> table.check()                                               # doctest: +SKIP
    >>> table["hour"], table.lines                                  # doctest: +SKIP
    ([8, 9], (2, 3))

The files may be UTF-8, UTF-16 with its mark or Windows-1252 (which a note says), separated by commas, semicolons, tabs
or bars.
`read_toml` is the same gate for a file in TOML.
"""

from merida.user_tables.columns import EMPTY, Choice, Column, Count, Date, Month, Number, Text, Whole
from merida.user_tables.decimals import DecimalSign, is_number, reading
from merida.user_tables.delimited import Cells, Separator, read_cells
from merida.user_tables.faults import MOST_SHOWN, Note, Rule, raise_all, shortened
from merida.user_tables.table import Table, read_table
from merida.user_tables.text import CONTROL, one_line, read_text
from merida.user_tables.toml_file import read_toml

__all__ = [
    "CONTROL",
    "EMPTY",
    "MOST_SHOWN",
    "Cells",
    "Choice",
    "Column",
    "Count",
    "Date",
    "DecimalSign",
    "Month",
    "Note",
    "Number",
    "Rule",
    "Separator",
    "Table",
    "Text",
    "Whole",
    "is_number",
    "one_line",
    "raise_all",
    "read_cells",
    "read_table",
    "read_text",
    "read_toml",
    "reading",
    "shortened",
]
