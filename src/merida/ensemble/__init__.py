"""Runs of plans: draws, outcomes, what they say, and records by which they are run again."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from merida.ensemble.run import REFERENCE, Outcomes
    from merida.ensemble.simulation import Simulation, simulate

__all__ = ["REFERENCE", "Outcomes", "Simulation", "simulate"]

HOMES = {"REFERENCE": "run", "Outcomes": "run", "Simulation": "simulation", "simulate": "simulation"}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: what a run says can be read without what runs it."""
    if name not in HOMES:
        raise AttributeError(f"module 'merida.ensemble' has no attribute {name!r}")
    return getattr(import_module(f"merida.ensemble.{HOMES[name]}"), name)
