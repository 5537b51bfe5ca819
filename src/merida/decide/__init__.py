"""Decisions: where the next dollar does most good, and how sure that is."""

from merida.decide.allocation import Allocation, allocate

__all__ = ["Allocation", "allocate"]
