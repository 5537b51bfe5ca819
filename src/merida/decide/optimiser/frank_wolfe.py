"""The pure optimiser: arrays in, a plan out, with a bound on how much better any other could be.

A step of Frank and Wolfe (1956) asks which plan is best if the slope at the present one held everywhere (a linear
programme, mixed-integer where a sum is all or nothing), and gives at once the *duality gap*

    gap(x) = max over plans v of  slope(x) . (v - x)

For a concave objective no plan is better than value(x) + gap(x) (Jaggi, 2013). The plan itself moves towards the best one
within a box around x that grows while full steps gain and shrinks where they overshoot, so that many entries move at
once and the way does not zigzag between corners; how far is found by the slope along the way.

The gap certifies nothing where the objective is not concave. Every point that was evaluated comes back with its slope, so
that concavity can be tested on the objective itself: on the segment between two points x and y a concave function meets

    value(y) <= value(x) + slope(x) . (y - x)        both ways
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from merida.decide.optimiser.feasible import Feasible, Pattern
from merida.distributions import Floats

Objective = Callable[[Floats], tuple[float, Floats]]
"""Takes a plan; returns its value, more is better, and the slope by each entry."""

RADIUS, LEAST_RADIUS, MOST_RADIUS = 0.5, 1e-9, 1e3  # of the box, in parts of an entry
FEW_FLIPS = 4  # patterns of sums that are all or nothing, where an evaluation takes long
TOLERANCE = 1e-7  # gap, of the value's size, from which there is nothing left to gain


@dataclass(frozen=True)
class Point:
    """A plan that was evaluated."""

    x: Floats
    value: float
    slope: Floats


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes
    ----------
    x : array, shape (entries,)
        The plan.
    value : float
    bound : float
        What no plan can pass if the objective is concave: the least of value + gap over the steps.
    points : tuple of Point
        Every plan that was evaluated, in order.
    gaps : tuple of float
        The duality gap at each step.
    """

    x: Floats
    value: float
    bound: float
    points: tuple[Point, ...]
    gaps: tuple[float, ...]

    @property
    def gap(self) -> float:
        """How much better any plan could be, if the objective is concave."""
        return max(self.bound - self.value, 0.0)

    @property
    def evaluations(self) -> int:
        """How often the objective was evaluated."""
        return len(self.points)


def maximise(
    objective: Objective,
    feasible: Feasible,
    start: Floats,
    *,
    steps: int,
    pattern: Pattern | None = None,
    tolerance: float = TOLERANCE,
    step_done: Callable[[], None] = lambda: None,
) -> Found:
    """Return the plan to which the slopes lead.

    Parameters
    ----------
    objective : callable
        See `Objective`.
    feasible : Feasible
        The plans that may be.
    start : array, shape (entries,)
        One of them.
    steps : int
        At most so many.
    pattern : tuple of bool or None
        Which all-or-nothing sums are open; None: each may be open in part on the way, and the gap is over the plans in
        which it is not.
    tolerance : float
        The gap, of the value's size, from which the search ends.

    Examples
    --------
    >>> import numpy as np
    >>> purse = Feasible(2, (Row("budget", np.arange(2), np.ones(2), 3.0, 3.0),))
    >>> found = maximise(lambda x: (float(np.log1p(x).sum()), 1 / (1 + x)), purse, np.array([3.0, 0.0]), steps=50)
    >>> np.round(found.x, 3).tolist(), round(found.gap, 6)
    ([1.5, 1.5], 0.0)
    """
    here = evaluated(objective, start)
    points, gaps, bound = [here], [], np.inf
    radius, least = RADIUS, float(start.sum()) / max(len(start), 1)
    for _ in range(steps):
        gap = float(here.slope @ (feasible.best(here.slope, pattern=pattern) - here.x))
        gaps.append(gap)
        bound = min(bound, here.value + max(gap, 0.0))
        if gap <= tolerance * max(abs(here.value), 1e-12) or radius < LEAST_RADIUS:
            break
        room = radius * np.maximum(here.x, least)
        box = (np.maximum(here.x - room, 0.0), here.x + room)
        way = feasible.best(here.slope, within=box, pattern=pattern, relaxed=True) - here.x
        there = evaluated(objective, here.x + way)
        points.append(there)
        if there.slope @ way >= 0 and there.value > here.value:
            here, radius = there, min(2 * radius, MOST_RADIUS)
        else:
            turned = turning(here, there, way)
            if turned < 1:
                there = evaluated(objective, here.x + turned * way)
                points.append(there)
            here = max(here, there, key=lambda point: point.value)
            radius /= 2
        step_done()
    return Found(here.x, here.value, float(bound), tuple(points), tuple(gaps))


def evaluated(objective: Objective, x: Floats) -> Point:
    """Return a plan with its value and slope."""
    return Point(x, *objective(x))


def turning(here: Point, there: Point, way: Floats) -> float:
    """Return how far along a way the value turns, where the slope along it is taken for linear; 1 where it does not."""
    first, last = float(here.slope @ way), float(there.slope @ way)
    return float(np.clip(first / (first - last), 0.02, 1.0)) if last < first and first > 0 else 0.25


def all_or_nothing(
    objective: Objective,
    feasible: Feasible,
    start: Floats,
    *,
    steps: int,
    flips: int = 64,
    step_done: Callable[[], None] = lambda: None,
) -> Found:
    """Return the best plan found where some sums are all or nothing.

    First each sum may be open in part: the bound holds for every plan. Then the sums that this opens, those that the last
    linear step opens, and what comes of these by opening or closing one sum at a time while that gains, are each searched
    with the others shut.

    Parameters
    ----------
    flips : int
        At most so many patterns are searched.
    """
    loose = maximise(objective, feasible, start, steps=steps, step_done=step_done)
    points, tried = list(loose.points), dict[Pattern, Found | None]()

    def search(pattern: Pattern) -> Found | None:
        if pattern not in tried and len(tried) < flips:
            closed = feasible.solved(np.zeros(feasible.size + len(pattern)), pattern=pattern)
            if closed is None:
                tried[pattern] = None
            else:
                begun = feasible.nearest(loose.x, pattern)
                tried[pattern] = maximise(
                    objective, feasible, begun, steps=steps, pattern=pattern, step_done=step_done
                )
                points.extend(tried[pattern].points)  # type: ignore[union-attr]  # set one line above
        return tried.get(pattern)

    first = [feasible.pattern(loose.x), feasible.pattern(feasible.best(loose.points[-1].slope))]
    found = [one for pattern in first if (one := search(pattern)) is not None]
    best = max(found, key=lambda one: one.value) if found else None
    while best is not None:
        pattern = feasible.pattern(best.x)
        neighbours = [(*pattern[:at], not pattern[at], *pattern[at + 1 :]) for at in range(len(pattern))]
        better = [one for near in neighbours if (one := search(near)) is not None and one.value > best.value]
        if not better:
            break
        best = max(better, key=lambda one: one.value)
    if best is None:  # no pattern near the loose plan can be: take any that can
        pattern = feasible.pattern(feasible.best(loose.points[-1].slope))
        best = maximise(objective, feasible, feasible.nearest(loose.x, pattern), steps=steps, pattern=pattern)
        points.extend(best.points)
    return Found(best.x, best.value, loose.bound, tuple(points), loose.gaps)


@dataclass(frozen=True)
class Concavity:
    """How an objective behaved on segments between plans that were evaluated.

    Attributes
    ----------
    segments : int
        How many were looked at.
    broken : int
        On how many it lay above its tangent, so that it is not concave there.
    worst : float
        By how much at most, of the spread of the values.
    """

    segments: int
    broken: int
    worst: float

    @property
    def holds(self) -> bool:
        """Whether it was concave on all of them."""
        return self.segments > 0 and not self.broken


def concavity(points: Sequence[Point], tolerance: float = 1e-6) -> Concavity:
    """Return whether an objective was concave on the segments between points that were evaluated.

    Parameters
    ----------
    tolerance : float
        By how much it may lie above a tangent, of the spread of the values.
    """
    spread = max(np.ptp([point.value for point in points]), 1e-300)
    above = [
        max(
            two.value - one.value - one.slope @ (two.x - one.x),
            one.value - two.value - two.slope @ (one.x - two.x),
        )
        / spread
        for one, two in combinations(points, 2)
        if not np.array_equal(one.x, two.x)
    ]
    return Concavity(len(above), int(np.sum(np.array(above) > tolerance)), float(max(above, default=0.0)))


@dataclass(frozen=True)
class Searched:
    """What a search from several starts found.

    Attributes
    ----------
    found : Found
    starts : int
        From how many it was begun.
    concavity : Concavity
        On the segments between all plans that were evaluated.
    """

    found: Found
    starts: int
    concavity: Concavity

    @property
    def gap(self) -> float | None:
        """How much better any plan could be; None where the objective is not concave, so that nobody can say."""
        return self.found.gap if self.concavity.holds else None


def search(
    objective: Objective,
    feasible: Feasible,
    starts: Sequence[Floats],
    *,
    steps: int,
    opened: int = 2,
    short: int = 3,
    step_done: Callable[[], None] = lambda: None,
) -> Searched:
    """Return the best plan found from several starts.

    The first starts are each followed for a few steps, the best of them to the end. The other starts are evaluated, to
    test concavity on more than the way of one search; where it fails they are followed too, for a concave objective has
    one summit and another may have many.

    Parameters
    ----------
    starts : sequence of array
        Plans, the likeliest first.
    steps, short : int
        Steps of the search that is followed to the end, and of the others.
    opened : int
        How many starts are followed in any case.
    """

    def follow(begun: Floats, count: int) -> Found:
        return maximise(objective, feasible, begun, steps=count, step_done=step_done)

    def to_the_end(begun: Floats) -> Found:
        if feasible.switches:
            return all_or_nothing(
                objective, feasible, begun, steps=steps, flips=FEW_FLIPS, step_done=step_done
            )
        return follow(begun, steps)

    first = [follow(one, short) for one in starts[:opened]]
    ended = to_the_end(max(first, key=lambda one: one.value).x)
    probes = [evaluated(objective, one) for one in starts[opened:]]
    points = [point for one in (*first, ended) for point in one.points] + probes
    found, begun = [*first, ended], opened
    seen = concavity(points)
    if not seen.holds:
        more = [follow(one.x, short) for one in probes]
        begun, found = len(starts), [*found, *more]
        points += [point for one in more for point in one.points]
        if more and max(one.value for one in more) > ended.value:
            again = to_the_end(max(more, key=lambda one: one.value).x)
            found, points = [*found, again], [*points, *again.points]
        seen = concavity(points)
    whole = [one for one in found if feasible.holds(one.x)]  # with sums open in part a plan may not be
    best = max(whole, key=lambda one: one.value)
    bound = min(one.bound for one in found)
    return Searched(Found(best.x, best.value, bound, tuple(points), best.gaps), begun, seen)


def finished(
    few: Searched,
    objective: Objective,
    feasible: Feasible,
    *,
    steps: int,
    step_done: Callable[[], None] = lambda: None,
) -> Searched:
    """Return what a search on some of the draws found, followed on all of them.

    The gap is over all draws. Concavity was tested on both.
    """
    found = maximise(objective, feasible, few.found.x, steps=steps, step_done=step_done)
    before, after = few.concavity, concavity(found.points)
    both = Concavity(
        before.segments + after.segments,
        before.broken + after.broken,
        max(before.worst, after.worst),
    )
    return Searched(found, few.starts, both)


def random_plans(
    feasible: Feasible, like: Floats, count: int, random: np.random.Generator
) -> Iterable[Floats]:
    """Yield plans at random: sparse shares of a Dirichlet law, moved as little as may be until they are plans.

    Parameters
    ----------
    like : array, shape (entries,)
        A plan: the money of each entry's purse is spread as in it on average.
    """
    for _ in range(count):
        share = random.gamma(0.3, size=len(like)) * np.maximum(like, like.mean() * 1e-3)
        yield feasible.nearest(share * like.sum() / share.sum())


def water_filling(weights: Floats, budget: float) -> tuple[Floats, float]:
    """Return the x >= 0 of one sum that maximises the sum of weights * log(1 + x), and the price of the sum.

    The tested closed form: with price p, x = max(weights / p - 1, 0).

    Parameters
    ----------
    weights : array, shape (n,)
        Above 0.
    budget : float
        The sum of x, above 0.

    Examples
    --------
    >>> x, price = water_filling(np.array([3.0, 2.0, 1.0]), 6.0)
    >>> x.tolist(), round(price, 4)
    ([3.5, 2.0, 0.5], 0.6667)
    """
    weights = np.asarray(weights, dtype=np.float64)
    falling = np.sort(weights)[::-1]
    prices = falling.cumsum() / (budget + np.arange(1, len(weights) + 1))  # if the largest so many get some
    price = float(prices[np.flatnonzero(falling > prices)[-1]])
    return np.maximum(weights / price - 1.0, 0.0), price
