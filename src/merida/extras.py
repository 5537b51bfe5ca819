"""Libraries that only an extra installs: loaded when they are first needed, with the cure where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from merida.errors import InstallationError


def extra(library: str) -> Any:
    """Return a library that the extra of the same name installs.

    Raises
    ------
    InstallationError
        If it is not installed; the message says how to get it.

    Examples
    --------
    >>> extra("no_such_library")
    Traceback (most recent call last):
    merida.errors.InstallationError: …
    """
    try:
        return import_module(library)
    except ImportError as error:
        raise InstallationError("extra_missing", extra=library) from error
