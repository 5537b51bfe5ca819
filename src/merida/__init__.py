"""Mérida: an open policy laboratory for U.S.-Mexico security cooperation."""

import os

# Before NumPy is loaded: its matrices are small here, and threads that wait for one another at each of them take up to
# ten times the processor time, more where other programs work beside. A user's own setting stands.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from merida.lazily import lazily

TYPE_CHECKING = False  # of our own, since importing typing takes a moment
if TYPE_CHECKING:
    from merida.figure import Figure
    from merida.framework import Framework, Plan
    from merida.lab import Lab

__all__ = ["Figure", "Framework", "Lab", "Plan"]

HOMES = {"Figure": "figure", "Framework": "framework", "Lab": "lab", "Plan": "framework"}


__getattr__ = lazily(__name__, HOMES)  # the command line starts at once
