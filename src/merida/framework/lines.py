"""The line of everything in a TOML file, found by parsing it statement by statement.

tomlkit keeps a file's form and not its lines, and it writes tables that are out of order elsewhere than they stood; the
standard parser has no lines either. A header or a key with its value parses alone, so that the line on which it becomes
complete is known, and what it holds with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

MOST_PARSED = (
    20_000_000  # letters: a list of many lines is parsed again with each, and beyond this it is left
)
CLOSINGS = ("", "\n]", "\n]]", "\n]}")  # what may be missing after the first lines of a value


def lines_of(text: str) -> dict[Path, int]:
    r"""Return the line of each table, key and item of a list by its path, for a text that is TOML.

    Examples
    --------
    >>> lines_of('[a."b c"]\nd.e = 1\nf = [\n  { g = 2 },\n  { g = 3 },\n]\n')["a", "b c", "f", 1, "g"]
    5
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    inside: Path = ()
    statement, start, parsed = "", 1, 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        statement += line
        parsed += len(statement)
        if parsed > MOST_PARSED:
            break
        tree, complete = begun(statement)
        if statement.lstrip().startswith("["):
            inside = header(tree, counts)
            for depth in range(1, len(inside) + 1):
                lines.setdefault(inside[:depth], number)
        else:
            for path in paths(tree):
                in_list = any(isinstance(part, int) for part in path)
                lines.setdefault(inside + path, number if in_list else start)
        if complete:
            statement, start = "", number + 1
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Return the line of what stands at a path or, where nothing does, of the nearest table above it."""
    return next((lines[path[:depth]] for depth in range(len(path), 0, -1) if path[:depth] in lines), 1)


def begun(statement: str) -> tuple[dict[str, Any], bool]:
    """Return what the lines of a statement hold so far, and whether it ends with them."""
    for closing in CLOSINGS:
        try:
            return tomllib.loads(statement + closing), not closing
        except ValueError:
            continue
    return {}, False


def header(tree: dict[str, Any], counts: dict[Path, int]) -> Path:
    """Return the path that a header opens; `counts` holds how many tables each list of tables has so far."""
    path: Path = ()
    node: Any = tree
    while node:
        name, node = next(iter(node.items()))
        path += (name,)
        if isinstance(node, list):
            counts[path] = counts.get(path, 0) + 1
            node = node[0]
        if path in counts:
            path += (counts[path] - 1,)
    return path


def paths(node: Any, above: Path = ()) -> Iterator[Path]:
    """Yield the path of everything within a value."""
    named = node.items() if isinstance(node, dict) else enumerate(node if isinstance(node, list) else ())
    for name, value in named:
        yield (*above, name)
        yield from paths(value, (*above, name))
