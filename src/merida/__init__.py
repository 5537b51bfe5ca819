"""Mérida: an open policy laboratory for U.S.-Mexico security cooperation."""

TYPE_CHECKING = False  # of our own, since importing typing takes a moment
if TYPE_CHECKING:
    from merida.figure import Figure
    from merida.framework import Framework, Plan
    from merida.lab import Lab

__all__ = ["Figure", "Framework", "Lab", "Plan"]

HOMES = {"Figure": "figure", "Framework": "framework", "Lab": "lab", "Plan": "framework"}


def __getattr__(name: str) -> object:
    """Return a name of the laboratory, imported when it is first asked for, so that the command line starts at once."""
    if name not in HOMES:
        raise AttributeError(f"module 'merida' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"merida.{HOMES[name]}"), name)
