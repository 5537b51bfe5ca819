"""What every command shares: formats, languages, printing."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from merida.words import words

say = words().text
out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False, soft_wrap=True)


NAME, CELL = 30, 20  # letters of a first cell, and of any other, that are kept on one line


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
LanguageOption = Annotated[Language, typer.Option("--language", help=say("cli.language"))]
HERE = Language(words().language)


def finite(value: Any) -> Any:
    """Return a value with None for each number that is not finite, and arrays as lists: JSON has no word for them."""
    if isinstance(value, Mapping):
        return {name: finite(item) for name, item in value.items()}
    if hasattr(value, "tolist"):
        return finite(value.tolist())
    if isinstance(value, list):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_json(value: object) -> None:
    """Print a value for programs: UTF-8, keys in order, no time of day."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def print_rows(rows: Iterable[Mapping[str, Any]], title: str | None = None) -> None:
    """Print rows for people, numbers to the right."""
    rows = list(rows)
    if not rows:
        out.print(say("cli.no_rows"))
        return
    grid = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for at, name in enumerate(rows[0]):
        numeric = all(isinstance(row[name], int | float | None) for row in rows)
        longest = max(len(str(row[name])) for row in rows)
        whole = longest <= (NAME if at == 0 else CELL)
        grid.add_column(
            name,
            justify="right" if numeric else "left",
            overflow="fold",
            min_width=longest if whole else None,
        )
    for row in rows:
        grid.add_row(*("–" if value is None else str(value) for value in row.values()))
    out.print(grid)
