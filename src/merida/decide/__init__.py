"""Decisions: where the next dollar does most good, and how sure that is.

`allocate` divides a budget; `merida.decide.ranking` puts programmes in groups of which nothing is told apart, by what a
further million dollars does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from merida.decide.allocation import Allocation, allocate

__all__ = ["Allocation", "allocate"]

HOMES = {
    "Allocation": "allocation",
    "allocate": "allocation",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: what is said of a decision can be read without what makes it."""
    if name not in HOMES:
        raise AttributeError(f"module 'merida.decide' has no attribute {name!r}")
    return getattr(import_module(f"merida.decide.{HOMES[name]}"), name)
