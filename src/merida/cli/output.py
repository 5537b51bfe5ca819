"""What every command shares: formats, languages, printing."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from merida.user_tables import DecimalSign, Separator
from merida.words import words

say = words().text
out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False, soft_wrap=True)


MANY = 1_000  # more rows than this are printed as plain columns: Rich measures each cell, which takes half a millisecond
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NAME, CELL = 30, 20  # letters of a first cell, and of any other, that are kept on one line
WRAPPED = 14  # letters that a column which may wrap needs at least


class Format(StrEnum):
    """How a command prints its answer."""

    TABLE = "table"
    JSON = "json"


class Language(StrEnum):
    """A language that Mérida speaks."""

    EN = "en"
    ES = "es"


FormatOption = Annotated[Format, typer.Option("--format", help=say("cli.format"))]
AsOfOption = Annotated[str | None, typer.Option("--as-of", metavar="YYYY-MM", help=say("cli.as_of"))]
HERE = Language(words().language)
asked = [HERE]  # the language of the command that runs, last: its errors speak it too


def remember(language: Language | None) -> Language | None:
    """Return the language of a command, kept for what is said when the command fails."""
    asked[:] = [language or HERE]
    return language


LanguageOption = Annotated[
    Language, typer.Option("--language", help=say("cli.language"), callback=remember, is_eager=True)
]
SeedOption = Annotated[
    int, typer.Option("--seed", metavar="N", min=-(2**63), max=2**63 - 1, help=say("cli.seed"))
]
SeparatorOption = Annotated[Separator | None, typer.Option("--separator", help=say("cli.separator"))]
DecimalOption = Annotated[DecimalSign | None, typer.Option("--decimal", help=say("cli.decimal"))]


def finite(value: Any) -> Any:
    """Return a value with None for each number that is not finite, and arrays as lists: JSON has no word for them."""
    if isinstance(value, Mapping):
        return {name: finite(item) for name, item in value.items()}
    if hasattr(value, "tolist"):
        return finite(value.tolist())
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_json(value: object) -> None:
    """Print a value for programs: UTF-8, keys in order, no time of day."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def visible(text: str) -> str:
    r"""Return a text as a terminal can show it: signs that would steer the terminal are written out.

    Examples
    --------
    >>> visible("red \x1b[31m")
    'red \\x1b[31m'
    """
    return CONTROL.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


def print_rows(rows: Iterable[Mapping[str, Any]], title: str | None = None) -> None:
    """Print rows for people, numbers to the right, each text letter by letter as it is in its row."""
    rows = list(rows)
    if not rows:
        out.print(say("cli.no_rows"))
        return
    if title:
        out.print(title, style="italic", markup=False)
    cells = {
        visible(name): ["–" if row[name] is None else visible(str(row[name])) for row in rows]
        for name in rows[0]
    }
    numeric = [all(isinstance(row[name], int | float | None) for row in rows) for name in rows[0]]
    if len(rows) > MANY:
        print_plain(cells, numeric)
        return
    widths = kept_whole(cells)
    grid = Table(header_style="bold", box=None, pad_edge=False)
    for name, to_the_right in zip(cells, numeric, strict=True):
        justify: Literal["left", "right"] = "right" if to_the_right else "left"
        grid.add_column(Text(name), justify=justify, overflow="fold", width=widths.get(name))
    for row in zip(*cells.values(), strict=True):
        grid.add_row(*map(Text, row))
    out.print(grid)


def print_plain(cells: Mapping[str, list[str]], numeric: Iterable[bool]) -> None:
    """Print columns of text as aligned lines, one row a line however wide."""
    columns = []
    for (name, column), to_the_right in zip(cells.items(), numeric, strict=True):
        lines = [cell.replace("\n", "\\n") for cell in (name, *column)]
        width = max(map(len, lines))
        columns.append([line.rjust(width) if to_the_right else line.ljust(width) for line in lines])
    typer.echo("\n".join("  ".join(row).rstrip() for row in zip(*columns, strict=True)))


def kept_whole(cells: Mapping[str, list[str]]) -> dict[str, int]:
    """Return the widths of the columns that stay on one line where a table is wider than the screen.

    The widest give way first, and the first column last, since letters past the screen's edge would be lost.
    """
    first, gaps = next(iter(cells)), 2 * len(cells)
    if sum(max(map(len, (name, *column))) for name, column in cells.items()) + gaps <= out.width:
        return {}
    sizes = {name: max(map(len, (*name.split(), *column))) for name, column in cells.items()}
    kept = {name: size for at, (name, size) in enumerate(sizes.items()) if size <= (CELL if at else NAME)}
    while sum(kept.get(name, min(size, WRAPPED)) for name, size in sizes.items()) + gaps > out.width:
        wide = [name for name, size in kept.items() if size > WRAPPED]
        if not wide:
            break
        del kept[max(wide, key=lambda name: (name != first, kept[name]))]
    return kept


@contextmanager
def working(text: str, *, goes_on: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show progress on stderr; Ctrl-C ends with one line, of whether the same command goes on, and exit 130."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task(text, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    except KeyboardInterrupt:
        err.print(say("cli.runs.stopped" if goes_on else "cli.runs.stopped_afresh"))
        raise typer.Exit(130) from None
