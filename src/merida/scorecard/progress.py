"""Will a value meet its target at the target's date? Three methods, and what they are scored by.

**The house's verdict** (`walk_probability`): the value goes on as a random walk from where it stands, with the spread of
its own changes,

    y(t + h) ~ y(t) + N(k m h, s^2 h (1 + k h / T)),    m, s^2 mean and variance of its changes a year, T their years

in the logarithms where all values are above 0 and the unit is no share. The drift m counts for k = `DRIFT` of itself,
for trends of such series seldom last. `trend_probability` is the normal trend, P = Phi((y^ - target) / se), se that of
a prediction by least squares.

**Baselines.** The United Nations' regional commissions extrapolate a linear regression that gives recent years more
weight, and ask whether it meets the target (UN ESCAP, anticipated progress index; the weights here grow by rank). The
growth ratio (Eurostat; UN Statistics Division) divides the growth a year since the baseline by the growth a year that
would take the baseline to the target in time; at 0.95 or above it says yes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Literal

import numpy as np

from merida.distributions import Floats

Verdict = Literal[
    "met", "missed", "on_track", "off_track", "cannot_tell", "due_unknown", "no_date", "no_target", "gap"
]
ON, OFF = 0.8, 0.2  # SCIENCE rule 32
LEAST_POINTS = 4  # of a series of which a probability is given
DRIFT = (
    0.25  # of 0, 0.25, 0.5 and 1 the best on made targets with origins up to 2010 (docs/models/scorecard.md)
)
GROWTH_ENOUGH = 0.95  # Eurostat: significant progress


@dataclass(frozen=True)
class Line:
    """A straight line through points: value, slope, and what a prediction's error is made of."""

    intercept: float
    slope: float
    spread: float
    centre: float
    scatter: float
    points: int

    def at(self, time: float) -> float:
        """Return the line's value."""
        return self.intercept + self.slope * (time - self.centre)

    def error(self, time: float) -> float:
        """Return the standard error of a new value."""
        return float(self.spread * np.sqrt(1 + 1 / self.points + (time - self.centre) ** 2 / self.scatter))


def line(times: Sequence[float], values: Sequence[float], weights: Sequence[float] | None = None) -> Line:
    """Return the line of (weighted) least squares."""
    t, y = np.asarray(times, float), np.asarray(values, float)
    w = np.ones_like(t) if weights is None else np.asarray(weights, float)
    centre = float((w * t).sum() / w.sum())
    mean = float((w * y).sum() / w.sum())
    scatter = float((w * (t - centre) ** 2).sum())
    slope = float((w * (t - centre) * (y - mean)).sum() / scatter)
    misses = y - mean - slope * (t - centre)
    spread = float(np.sqrt((w * misses**2).sum() / max(len(t) - 2, 1)))
    return Line(mean, slope, spread, centre, scatter, len(t))


def meets(value: float, target: float, up: bool) -> bool:
    """Tell whether a value meets a target; the last bits of a quotient are forgiven."""
    slack = 1e-9 * max(abs(target), 1.0)
    return value >= target - slack if up else value <= target + slack


def chance(expected: float, error: float, target: float, up: bool) -> float:
    """Return the probability that a normal value meets a target; without error, whether it does.

    Examples
    --------
    >>> round(chance(10.0, 2.0, 12.0, up=True), 4)
    0.1587
    """
    if error <= 0:
        return float(meets(expected, target, up))
    return 0.5 * erfc(-(expected - target) / error * (1 if up else -1) / sqrt(2))


def trend_probability(
    times: Sequence[float], values: Sequence[float], at: float, target: float, up: bool
) -> float:
    """Return P = Phi((y^ - target) / se) of the normal trend."""
    found = line(times, values)
    return chance(found.at(at), found.error(at), target, up)


def walk_probability(
    times: Sequence[float],
    values: Sequence[float],
    at: float,
    target: float,
    up: bool,
    in_logs: bool = False,
    drift: float = DRIFT,
) -> float:
    """Return the probability of the random walk; see the module.

    Parameters
    ----------
    times, values : sequence of float
        In years, in order; at least `LEAST_POINTS`.
    at : float
        The target's date, in years; not before the last value's.
    target : float
    up : bool
        Whether more is better.
    in_logs : bool
        Whether changes are those of logarithms; all values and the target must be above 0.
    """
    t, y = np.asarray(times, float), np.asarray(values, float)
    goal = target
    if in_logs:
        y, goal = np.log(y), float(np.log(target))
    steps, gaps = np.diff(y), np.diff(t)
    span = float(gaps.sum())
    mean = float(steps.sum() / span)
    variance = float(((steps - mean * gaps) ** 2 / gaps).sum() / (len(steps) - 1))
    ahead = max(at - float(t[-1]), 0.0)
    error = float(np.sqrt(variance * ahead * (1 + drift * ahead / span)))
    return chance(float(y[-1]) + drift * mean * ahead, error, goal, up)


def weighted_regression(times: Sequence[float], values: Sequence[float], at: float) -> float:
    """Return the value that the UN commissions' regression gives: weights grow with the rank of the year."""
    return line(times, values, [rank + 1.0 for rank in range(len(times))]).at(at)


@dataclass(frozen=True)
class Growth:
    """Growth a year that was, and that would have been needed from the baseline to the target."""

    actual: float
    needed: float

    @property
    def ratio(self) -> float:
        """What was, of what was needed."""
        return self.actual / self.needed if self.needed else float("inf")


def growth(
    baseline: tuple[float, float], now: tuple[float, float], goal: tuple[float, float]
) -> Growth | None:
    """Return both growths a year from (time, value) of baseline, present and target; None where a value is not above 0.

    Examples
    --------
    >>> found = growth((2008, 100), (2012, 85), (2016, 50))
    >>> round(100 * found.actual, 3), round(100 * found.needed, 3), round(found.ratio, 4)
    (-3.981, -8.3, 0.4797)
    """
    (t0, y0), (t1, y1), (t2, y2) = baseline, now, goal
    if min(y0, y1, y2) <= 0 or t1 <= t0 or t2 <= t0:
        return None
    return Growth((y1 / y0) ** (1 / (t1 - t0)) - 1, (y2 / y0) ** (1 / (t2 - t0)) - 1)


def growth_says(
    baseline: tuple[float, float], now: tuple[float, float], goal: tuple[float, float], up: bool
) -> bool | None:
    """Tell whether the growth ratio calls a target on track; None where it cannot.

    A target that the baseline meets already needs no growth: it is on track while the present value meets it.
    """
    found = growth(baseline, now, goal)
    if found is None:
        return None
    if meets(baseline[1], goal[1], up):
        return meets(now[1], goal[1], up)
    return found.ratio >= GROWTH_ENOUGH


def verdict(probability: float) -> Verdict:
    """Return the verdict of a probability (SCIENCE rule 32).

    Examples
    --------
    >>> [verdict(p) for p in (0.8, 0.5, 0.2)]
    ['on_track', 'cannot_tell', 'off_track']
    """
    return "on_track" if probability >= ON else "off_track" if probability <= OFF else "cannot_tell"


def brier(chances: Floats, outcomes: Floats) -> float:
    """Return the mean squared difference of probabilities and outcomes."""
    return float(np.mean((chances - outcomes) ** 2))


def log_score(chances: Floats, outcomes: Floats, least: float = 0.01) -> float:
    """Return minus the mean logarithm of the probability of what came about; no probability counts as below `least`."""
    kept = np.clip(chances, least, 1 - least)
    return float(-np.mean(np.where(outcomes > 0.5, np.log(kept), np.log(1 - kept))))
