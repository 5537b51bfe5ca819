"""Public names of a package that are loaded when they are first asked for: who needs none of them does not wait."""

from __future__ import annotations

TYPE_CHECKING = False  # of our own, since importing typing takes a moment
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return what a package calls its ``__getattr__``.

    Parameters
    ----------
    package : str
        Its own ``__name__``.
    homes : mapping of str to str
        The module of the package in which each public name lives.

    Examples
    --------
    >>> lazily("merida.units", {"month_number": "months"})("month_number")("1990-01")
    23880
    """

    def loaded(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return loaded
