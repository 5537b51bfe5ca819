"""The program's own files, read in one place: one that is missing, cut or altered is one clear line that names it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from merida.errors import InstallationError


@contextmanager
def whole(file: str) -> Iterator[None]:
    """Say of whatever cannot be read within that it is this file of the package which is damaged.

    Raises
    ------
    InstallationError
        Instead of the error of the system or of the library that reads it.

    Examples
    --------
    >>> with whole("evidence/costs.csv"):
    ...     int("1")
    1
    """
    try:
        yield
    except InstallationError:
        raise
    except Exception as error:  # each library that reads has errors of its own
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        reason = error.strerror if isinstance(error, OSError) and error.strerror else first[:200]
        raise InstallationError("installation_damaged", file=files("merida") / file, reason=reason) from error


def content(file: str) -> bytes:
    """Return what a file of the package holds, which is not nothing.

    Parameters
    ----------
    file : str
        Its path within the package, for example ``evidence/costs.csv``.

    Raises
    ------
    InstallationError
        If it is missing or empty.

    Examples
    --------
    >>> len(content("document/templates/style.css")) > 0
    True
    """
    with whole(file):
        found = (files("merida") / file).read_bytes()
        if not found:
            raise EOFError("it is empty")
        return found


def walked(folder: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield the path within a folder of the package, and the content, of every file in it, in their order.

    Examples
    --------
    >>> [name for name, _ in walked("document/templates")][:1]
    ['brief.html.j2']
    """
    for entry in sorted((files("merida") / folder).iterdir(), key=lambda one: one.name):
        if entry.name == "__pycache__":  # what Python compiles
            continue
        if entry.is_dir():
            below = f"{folder}/{entry.name}" if folder else entry.name
            yield from ((f"{entry.name}/{name}", held) for name, held in walked(below))
        else:
            yield entry.name, entry.read_bytes()


def text(file: str) -> str:
    """Return the text of a file of the package; see `content`.

    Examples
    --------
    >>> text("models/x.toml")  # doctest: +SKIP
    """
    with whole(file):
        return content(file).decode()


def toml(file: str) -> dict[str, Any]:
    """Return what a TOML file of the package holds; see `content`.

    Examples
    --------
    >>> len(toml("places/aliases.toml")) > 0
    True
    """
    with whole(file):
        return tomllib.loads(text(file))
