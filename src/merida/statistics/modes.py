"""The mode of a density, some of whose coordinates are held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats


def least(
    loss: Callable[[Floats], float],
    start: Floats,
    free: npt.NDArray[np.bool_],
    method: str,
    options: Mapping[str, Any] | None = None,
) -> Floats:
    """Return the point of the least loss that a search reaches, coordinates that are not free held at the start.

    Parameters
    ----------
    loss : function of a point, shape (n,)
    start : array, shape (n,)
    free : array of bool, shape (n,)
    method, options
        As `scipy.optimize.minimize` takes them.

    Examples
    --------
    >>> least(lambda x: float((x**2).sum()), np.array([1.0, 2.0]), np.array([True, False]), "L-BFGS-B").round(6)
    array([-0.,  2.])
    """
    from scipy.optimize import minimize  # slow to load: who reads a kept answer needs none

    def placed(values: Floats) -> Floats:
        point = start.copy()
        point[free] = values
        return point

    if not free.any():
        return start
    found = minimize(lambda values: loss(placed(values)), start[free], method=method, options=options)
    return placed(found.x)
