"""Mérida: an open policy laboratory for U.S.-Mexico security cooperation."""

from merida.figure import Figure
from merida.framework import Framework, Plan
from merida.lab import Lab

__all__ = ["Figure", "Framework", "Lab", "Plan"]
