"""Effects from the four cells of a 2 by 2 table.

Group 1 has a with the event and b without, group 2 c with and d without. Ratios are pooled as logarithms.

Tables with an empty cell are the rare events of meta-analysis. The logarithms of a risk ratio and of an odds ratio do not
exist for them, and one half is added to their four cells. Peto's method, the risk difference and the arcsine difference
need no correction, and take none (Sweeting, Sutton and Lambert, 2004; Rücker et al., 2009). A table in which nobody, or
everybody, had the event says nothing of a ratio, whatever is added to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from merida.evidence.meta.regression import Floats

Flags = NDArray[np.bool_]


class Measure(StrEnum):
    """What compares the groups: risk ratio, odds ratio, risk difference, Peto's odds ratio, arcsine difference."""

    RR = "RR"
    OR = "OR"
    RD = "RD"
    PETO = "PETO"
    AS = "AS"


class Correct(StrEnum):
    """Which tables a correction is added to: those with an empty cell, or all."""

    ZEROS = "zeros"
    ALL = "all"


RATIOS = frozenset({Measure.RR, Measure.OR, Measure.PETO})
CORRECTED = frozenset({Measure.RR, Measure.OR, Measure.RD})  # measures that a correction can be asked for
USUAL = {Measure.RR: 0.5, Measure.OR: 0.5}  # what is added where nothing is asked for


@dataclass(frozen=True)
class Compared:
    """Groups compared, table by table.

    Attributes
    ----------
    y, v : array of shape (k,)
        Effects and sampling variances; not finite, or a variance of 0, where they are not defined.
    corrected : array of bool, shape (k,)
        Tables to which something was added.
    silent : array of bool, shape (k,)
        Tables that are left out: in both groups nobody, or everybody, had the event, and the measure is a ratio, or its
        variance cannot be estimated from them, or such tables are not wanted.
    added : float
        What was added to each cell of those corrected.
    """

    y: Floats
    v: Floats
    corrected: Flags
    silent: Flags
    added: float = 0.0


def two_by_two(
    a: Floats,
    b: Floats,
    c: Floats,
    d: Floats,
    measure: Measure,
    add: float | None = None,
    to: Correct = Correct.ZEROS,
    drop: bool = False,
) -> Compared:
    """Return the effect of each 2 by 2 table, with its variance.

    Parameters
    ----------
    a, b, c, d : array of shape (k,)
        Cells, not negative; not a number where a cell is empty in the file.
    measure : Measure
        RR, OR, PETO give logarithms; RD and AS differences.
    add : float, optional
        Added to all four cells of a table (default: one half for RR and OR, nothing for the others).
    to : Correct
        Add it to tables with an empty cell, or to all tables.
    drop : bool
        Leave out every table in which nobody, or everybody, had the event in both groups; for RD and AS, that is, since
        ratios leave them out in any case.

    Notes
    -----
    Variances are the large-sample ones (Fleiss and Berlin, 2009); Peto's as Yusuf et al. (1985), the arcsine's as
    Rücker et al. (2009).

    Examples
    --------
    Three of 20 against 1 of 20 is a risk ratio of 3:

    >>> cells = [np.array([count]) for count in (3.0, 17.0, 1.0, 19.0)]
    >>> round(float(np.exp(two_by_two(*cells, Measure.RR).y[0])), 6)
    3.0
    """
    add = USUAL.get(measure, 0.0) if add is None else add
    nobody, everybody = (a == 0) & (c == 0), (b == 0) & (d == 0)
    empty = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    corrected = (empty | (to is Correct.ALL)) & (add > 0)
    a, b, c, d = (cell + add * corrected for cell in (a, b, c, d))
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
    silent = (nobody | everybody) & (drop | (measure in RATIOS) | (v == 0))
    return Compared(y, v, corrected & ~silent, silent, add)
