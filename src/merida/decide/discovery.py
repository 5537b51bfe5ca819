"""When a plan fails: boxes of parameters in which most draws are of interest (PRIM, Friedman & Fisher 1999).

From the box of all draws, a share of the draws is peeled off one end of one parameter at a time: that peel is taken
which raises the share of interest most for each draw that it costs. The trajectory of boxes trades coverage (the share
of the draws of interest that are inside) for density (the share of the draws inside that are of interest). When no peel
helps, the last box is pasted: ends are moved out again where that raises density.

Limits are tested one at a time (Bryant & Lempert, 2010): with a limit taken away, how likely would a sample of the box's
size hold as many draws of interest by chance? Limits whose quasi-p-value is not small are named as not significant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from merida.distributions import Floats

LEAST_MASS = 0.05
SIGNIFICANT = 0.05

Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Limit:
    """One end of one parameter within a box.

    Attributes
    ----------
    parameter : int
        Its column.
    end : {"low", "high"}
    value : float
        Inside are draws at least as high, or at most as high.
    p : float
        The quasi-p-value: the chance of as many draws of interest without this limit.
    significant : bool
        Whether it is below `SIGNIFICANT`.
    """

    parameter: int
    end: str
    value: float
    p: float
    significant: bool


@dataclass(frozen=True)
class Box:
    """A box of the trajectory.

    Attributes
    ----------
    low, high : array, shape (parameters,)
        Its ends; those of the data where a parameter is not limited.
    coverage, density, mass : float
        Shares: of the draws of interest that are inside, of those inside that are of interest, of all draws inside.
    inside, of_interest : int
        How many draws are inside, and of interest inside.
    """

    low: Floats
    high: Floats
    coverage: float
    density: float
    mass: float
    inside: int
    of_interest: int


@dataclass(frozen=True, repr=False)
class Trajectory:
    """The boxes from all draws to the last, widest first, with what they were found in."""

    boxes: tuple[Box, ...]
    inputs: Floats
    of_interest: Truths

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, number: int) -> Box:
        return self.boxes[number]

    def __repr__(self) -> str:
        draws, parameters = self.inputs.shape
        return f"Trajectory(boxes={len(self.boxes)}, draws={draws}, parameters={parameters})"

    def limits(self, number: int) -> tuple[Limit, ...]:
        """Return the limits of a box with their quasi-p-values, most significant first."""
        return self.limits_of(self.boxes[number])

    def limits_of(self, box: Box) -> tuple[Limit, ...]:
        """Return the limits of any box of these draws; see `limits`."""
        first = self.boxes[0]
        found = []
        for column in np.flatnonzero((box.low != first.low) | (box.high != first.high)):
            for end, value, whole in (
                ("low", box.low[column], first.low[column]),
                ("high", box.high[column], first.high[column]),
            ):
                if value != whole:
                    p = self.by_chance(box, int(column), end)
                    found.append(Limit(int(column), end, float(value), p, p < SIGNIFICANT))
        return tuple(sorted(found, key=lambda limit: limit.p))

    def by_chance(self, box: Box, column: int, end: str) -> float:
        """Return the quasi-p-value of one limit of a box."""
        low, high = box.low.copy(), box.high.copy()
        (low if end == "low" else high)[column] = -np.inf if end == "low" else np.inf
        inside = within(self.inputs, low, high)
        share = self.of_interest[inside].mean()
        return float(binom.sf(box.of_interest - 1, box.inside, share))

    def significant(self, number: int) -> tuple[Box, tuple[Limit, ...]]:
        """Return a box without its limits that are not significant, and the limits that are left.

        Coverage and density are those of the limits that are left, so that a sentence that names them is told with its
        own. A limit that ceases to be significant beside fewer others goes too.
        """
        box, first = self.boxes[number], self.boxes[0]
        while True:
            limits = self.limits_of(box)
            weak = [limit for limit in limits if not limit.significant]
            if not weak:
                return box, limits
            low, high = box.low.copy(), box.high.copy()
            last = weak[-1]
            (low if last.end == "low" else high)[last.parameter] = (
                first.low if last.end == "low" else first.high
            )[last.parameter]
            box = box_of(low, high, self.of_interest, self.of_interest[within(self.inputs, low, high)])

    def best(self) -> int:
        """Return the box at which coverage times density is highest; of equals the widest."""
        return int(np.argmax([box.coverage * box.density for box in self.boxes]))


def prim(
    inputs: npt.ArrayLike, of_interest: npt.ArrayLike, peel: float = 0.1, least_mass: float = LEAST_MASS
) -> Trajectory:
    """Return the boxes in which draws of interest gather.

    Parameters
    ----------
    inputs : array, shape (draws, parameters)
        What was drawn of each parameter.
    of_interest : array of bool, shape (draws,)
        The draws to be described: those in which a plan does worse than another.
    peel : float
        Share of the draws inside that one step peels off.
    least_mass : float
        Least share of all draws that a box may hold.

    Raises
    ------
    ValueError
        If no draw is of interest, a number is not finite, or a share lies outside 0 to 1.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> drawn = random.random((2000, 3))
    >>> found = prim(drawn, (drawn[:, 0] > 0.7) & (drawn[:, 1] < 0.4))
    >>> box = found[found.best()]
    >>> bool(box.coverage > 0.9 and box.density > 0.9)
    True
    >>> sorted((limit.parameter, limit.end) for limit in found.limits(found.best()) if limit.significant)
    [(0, 'low'), (1, 'high')]
    """
    drawn, wanted = np.asarray(inputs, dtype=np.float64), np.asarray(of_interest, dtype=bool)
    if drawn.ndim != 2 or wanted.shape != (len(drawn),) or not np.isfinite(drawn).all():
        raise ValueError("inputs must be finite, draws by parameters, with one truth value for each draw")
    if not wanted.any():
        raise ValueError("no draw is of interest")
    if not (0 < peel < 1 and 0 <= least_mass < 1):
        raise ValueError("peel and least_mass are shares between 0 and 1")
    least = least_mass * len(drawn)
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    boxes = [box_of(low, high, wanted, wanted)]
    values, truths = drawn, wanted
    while (
        step := peeled(values, truths, peel, least, (low, high), (boxes[0].low, boxes[0].high))
    ) is not None:
        column, end, value, kept = step
        low, high = moved(low, high, column, end, value)
        values, truths = values[kept], truths[kept]
        boxes.append(box_of(low, high, wanted, truths))
    while (wider := pasted(drawn, wanted, boxes[-1], boxes[0], peel)) is not None:
        boxes.append(wider)
    return Trajectory(tuple(boxes), drawn, wanted)


def box_of(low: Floats, high: Floats, wanted: Truths, inside: Truths) -> Box:
    """Return a box from its ends and, of all draws and of those inside, which are of interest."""
    count, hits = len(inside), int(inside.sum())
    return Box(low, high, hits / int(wanted.sum()), hits / count, count / len(wanted), count, hits)


def moved(low: Floats, high: Floats, column: int, end: str, value: float) -> tuple[Floats, Floats]:
    """Return the ends of a box with one of them moved."""
    low, high = low.copy(), high.copy()
    (low if end == "low" else high)[column] = value
    return low, high


def within(values: Floats, low: Floats, high: Floats) -> Truths:
    """Tell which draws lie within the ends of a box."""
    return np.asarray(((values >= low) & (values <= high)).all(axis=1), dtype=bool)


def ends(ordered: Floats, share: float) -> tuple[Floats, Floats]:
    """Return where a share is cut off the low and the high end of each column, from sorted values.

    Cuts lie half-way between two draws. Among ties the next different draw inwards is taken, so that a cut always takes
    something away (as Bryant's sdtoolkit does).
    """
    last, columns = len(ordered) - 1, np.arange(ordered.shape[1])
    under, over = ordered[int(np.floor(share * last))], ordered[int(np.ceil((1 - share) * last))]
    above = np.minimum((ordered <= under).sum(axis=0), last)
    below = np.maximum((ordered < over).sum(axis=0) - 1, 0)
    return (under + ordered[above, columns]) / 2, (ordered[below, columns] + over) / 2


def peeled(
    values: Floats,
    truths: Truths,
    peel: float,
    least: float,
    now: tuple[Floats, Floats],
    whole: tuple[Floats, Floats],
) -> tuple[int, str, float, Truths] | None:
    """Return the peel that raises density most for each draw that it costs: column, end, value and the draws kept."""
    low, high = ends(np.sort(values, axis=0), peel)
    kept = np.stack([values <= high, values >= low])  # the high end peeled off, then the low end
    counts, hits = kept.sum(axis=1), kept[:, truths].sum(axis=1)
    lost = len(values) - counts
    density = np.divide(hits, counts, out=np.zeros(counts.shape), where=counts > 0)
    gain = np.divide(density - truths.mean(), lost, out=np.zeros(counts.shape), where=lost > 0)
    # Of equal gains the one that leaves most parameters free, then the first parameter, its high end first.
    limited = np.tile((now[0] != whole[0]) | (now[1] != whole[1]), 2)
    order = np.lexsort((np.tile(np.arange(values.shape[1]), 2), ~limited, -gain.ravel()))
    side, column = divmod(int(order[0]), values.shape[1])
    if gain[side, column] <= 0 or counts[side, column] < least:
        return None
    end, value = (("high", high[column]), ("low", low[column]))[side]
    return column, end, float(value), kept[side, :, column]


def pasted(drawn: Floats, wanted: Truths, box: Box, whole: Box, paste: float) -> Box | None:
    """Return the box with one end moved out again where that raises density most, or None where nothing does."""
    best: tuple[float, Box] | None = None
    for column in np.flatnonzero((box.low != whole.low) | (box.high != whole.high)):
        for end in ("low", "high"):
            low, high = moved(box.low, box.high, int(column), end, -np.inf if end == "low" else np.inf)
            beyond = drawn[within(drawn, low, high), column]
            outside = np.sort(
                beyond[beyond < box.low[column]] if end == "low" else beyond[beyond > box.high[column]]
            )
            if not len(outside):
                continue
            taken = max(1, int(np.ceil(paste * box.inside)))
            value = (
                outside[-min(taken, len(outside))] if end == "low" else outside[min(taken, len(outside)) - 1]
            )
            low, high = moved(box.low, box.high, int(column), end, float(value))
            wider = box_of(low, high, wanted, wanted[within(drawn, low, high)])
            gain = (wider.density - box.density) / (wider.inside - box.inside)
            if gain > 0 and (best is None or gain > best[0]):
                best = gain, wider
    return None if best is None else best[1]
