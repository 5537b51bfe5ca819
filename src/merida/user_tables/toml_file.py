"""A user's file in TOML, bounded before it is parsed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from merida.errors import MeridaError
from merida.user_tables.text import read_text

MOST_BYTES = 16_000_000
MOST_DEPTH = 20  # brackets within brackets, or parts of a dotted name
MOST_DIGITS = 64  # of a number
# What may hold brackets that do not count: comments and texts in quotes. One without an end runs to the end of the file
# or line, so that every letter is looked at once.
QUOTED = re.compile(
    r'''
      """(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)      # a text of several lines
    | \'\'\'(?:[^']|'(?!\'\'))*+(?:\'\'\'|\Z)        # one that is taken as it stands
    | "(?:[^"\\\n]|\\.)*+"?                     # a text of one line
    | '[^'\n]*+'?
    | \#[^\n]*+
    ''',
    re.DOTALL | re.VERBOSE,
)
LONG_NUMBER = re.compile(rf"0[xob][0-9a-fA-F_]{{{MOST_DIGITS},}}|[0-9_]{{{MOST_DIGITS + 1},}}")
DOTS = re.compile(rf"(?<![\w-])(?:[\w-]{{0,99}}[ \t]{{0,9}}\.[ \t]{{0,9}}){{{MOST_DEPTH}}}")


def read_toml(
    path: Path, error: type[MeridaError], most_bytes: int = MOST_BYTES
) -> tuple[dict[str, Any], str]:
    """Return the tree of a TOML file and its text.

    Parameters
    ----------
    path : Path
        The file.
    error : type of MeridaError
        The error to raise.

    Raises
    ------
    MeridaError
        If the file cannot be read, is not TOML, nests too deep, or holds a number beyond 64 digits.

    Examples
    --------
    >>> from merida.errors import PlanError
    >>> tree, text = read_toml(Path("plan.toml"), PlanError)  # doctest: +SKIP
    """
    text, notes = read_text(path, error, most_bytes)
    if notes:
        raise error("table_encoding", file=path, **notes[0].values)
    bare = QUOTED.sub(lambda match: "\n" * match[0].count("\n"), text)
    depth = 0
    for sign in re.finditer(r"[\[{\]}]", bare):
        depth += 1 if sign[0] in "[{" else -1
        if depth > MOST_DEPTH:
            raise error("table_toml_deep", file=path, line=line_of(bare, sign), most=MOST_DEPTH)
    if dots := DOTS.search(bare):
        raise error("table_toml_deep", file=path, line=line_of(bare, dots), most=MOST_DEPTH)
    if number := LONG_NUMBER.search(bare):
        raise error("table_toml_number", file=path, line=line_of(bare, number), most=MOST_DIGITS)
    try:
        return tomllib.loads(text), text
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as failure:
        raise error("table_not_toml", file=path, reason=failure) from failure


def line_of(text: str, match: re.Match[str]) -> int:
    """Return the line on which a match begins."""
    return text.count("\n", 0, match.start()) + 1
