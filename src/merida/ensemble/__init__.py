"""Runs of plans: draws, outcomes, what they say, and records by which they are run again."""

from typing import TYPE_CHECKING

from merida.lazily import lazily

if TYPE_CHECKING:
    from merida.ensemble.run import REFERENCE, Outcomes
    from merida.ensemble.simulation import Simulation, simulate

__all__ = ["REFERENCE", "Outcomes", "Simulation", "simulate"]

HOMES = {"REFERENCE": "run", "Outcomes": "run", "Simulation": "simulation", "simulate": "simulation"}


__getattr__ = lazily(__name__, HOMES)  # what a run says can be read without what runs it
