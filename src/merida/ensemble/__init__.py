"""Runs of plans: draws, outcomes, what they say, and records by which they are run again."""

from merida.ensemble.run import REFERENCE, Outcomes
from merida.ensemble.simulate import Simulation, simulate

__all__ = ["REFERENCE", "Outcomes", "Simulation", "simulate"]
