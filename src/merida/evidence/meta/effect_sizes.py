"""Effects from the four cells of a 2 by 2 table.

Group 1 has a with the event and b without, group 2 c with and d without. Ratios are pooled as logarithms.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from merida.evidence.meta.regression import Floats


class Measure(StrEnum):
    """What compares the groups: risk ratio, odds ratio, risk difference, Peto's odds ratio, arcsine difference."""

    RR = "RR"
    OR = "OR"
    RD = "RD"
    PETO = "PETO"
    AS = "AS"


RATIOS = frozenset({Measure.RR, Measure.OR, Measure.PETO})


def two_by_two(
    a: Floats, b: Floats, c: Floats, d: Floats, measure: Measure, add: float = 0.5
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return effects and variances, and where cells were corrected.

    Parameters
    ----------
    a, b, c, d : array of shape (k,)
        Cells, not negative.
    measure : Measure
        RR, OR, PETO give logarithms; RD and AS differences.
    add : float
        Added to all four cells of a table that has a zero, and to no other.

    Returns
    -------
    y, v : array of shape (k,)
        Effects and sampling variances; not finite where they are not defined.
    corrected : array of bool, shape (k,)
        Tables to which `add` was added.

    Notes
    -----
    Variances are the large-sample ones (Fleiss and Berlin, 2009); Peto's as Yusuf et al. (1985), the arcsine's as
    Rücker et al. (2009).
    """
    zero = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    corrected = zero & (add > 0)
    a, b, c, d = (cell + add * zero for cell in (a, b, c, d))
    n1, n2 = a + b, c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = a / n1, c / n2
        if measure is Measure.RR:
            y, v = np.log(p1) - np.log(p2), 1 / a - 1 / n1 + 1 / c - 1 / n2
        elif measure is Measure.OR:
            y, v = np.log(a) - np.log(b) - np.log(c) + np.log(d), 1 / a + 1 / b + 1 / c + 1 / d
        elif measure is Measure.RD:
            y, v = p1 - p2, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
        elif measure is Measure.AS:
            y, v = np.arcsin(np.sqrt(p1)) - np.arcsin(np.sqrt(p2)), 1 / (4 * n1) + 1 / (4 * n2)
        else:
            n = n1 + n2
            hypergeometric = (a + c) * (b + d) * (n1 / n) * (n2 / n) / (n - 1)
            y, v = (a - (a + c) * n1 / n) / hypergeometric, 1 / hypergeometric
    return y, v, corrected
