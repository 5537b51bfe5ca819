"""Decisions: where the next dollar does most good, and how sure that is.

`allocate` divides a budget; `merida.decide.ranking` puts programmes in groups of which nothing is told apart, by what a
further million dollars does.
"""

from typing import TYPE_CHECKING

from merida.lazily import lazily

if TYPE_CHECKING:
    from merida.decide.allocation import Allocation, allocate

__all__ = ["Allocation", "allocate"]

HOMES = {
    "Allocation": "allocation",
    "allocate": "allocation",
}


__getattr__ = lazily(__name__, HOMES)  # what is said of a decision can be read without what makes it
