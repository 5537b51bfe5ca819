"""How good the verdicts are: three methods on targets that have fallen due.

Real targets with a date, known before it and with an actual at it, are few. So the methods are scored on rolling origins
too: at every year with enough history a target is set that was a change of -10, 0, 10 or 20 % (for the better) on the
value three years before, due in two, three or four years, and judged with the values up to that year. Values are the
record's of today, not those of the day. A method that says yes or no is scored as given, and once more with the two
constant probabilities that would have served it best in this very sample, which flatters it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from merida.distributions import Floats
from merida.facts import Facts, record_span
from merida.framework.indicators import Indicator
from merida.scorecard.progress import (
    LEAST_POINTS,
    brier,
    growth_says,
    log_score,
    meets,
    trend_probability,
    verdict,
    walk_probability,
    weighted_regression,
)
from merida.scorecard.series import Series, actuals, month_of, years
from merida.statistics import Interval, bootstrap

CHANGES = (-0.1, 0.0, 0.1, 0.2)
AHEAD = (2, 3, 4)
BEFORE = 3
LEAST_YEARS = 8
SHARES = ("percent", "index", "states")
LEAST_INDICATORS = 10  # of which an interval is drawn
METHODS = ("walk", "trend", "regression", "growth", "base_rate")


@dataclass(frozen=True)
class Case:
    """One target that fell due: what each method gave, and whether it was met."""

    indicator: str
    origin: float
    due: float
    target: float
    met: bool
    walk: float
    trend: float
    regression: float
    growth: float


@dataclass(frozen=True)
class Score:
    """The scores of one method; lower is better.

    `gain` is what the walk has less of its hedged Brier score, as a share, with a 90 % interval over indicators drawn
    anew (the cases of one indicator depend on each other); None for the walk itself and of fewer than ten indicators.
    """

    method: str
    cases: int
    brier: float
    log: float
    brier_hedged: float
    log_hedged: float
    gain: Interval | None


@dataclass(frozen=True)
class Reliability:
    """How often targets were met under each verdict of the house's method."""

    verdict: str
    cases: int
    met_share: float


def in_logs(indicator: Indicator, series: Series) -> bool:
    """Tell whether changes of an indicator are taken in logarithms."""
    return indicator.unit not in SHARES and min(series.values) > 0


def judged(indicator: Indicator, series: Series, at: float, target: float) -> tuple[float, float]:
    """Return the probabilities of the walk and of the normal trend that a target is met at a date."""
    up, times, values = indicator.direction == "up", series.times, series.values
    walk = walk_probability(times, values, at, target, up, in_logs(indicator, series) and target > 0)
    return walk, trend_probability(times, values, at, target, up)


def rolling(indicators: Mapping[str, Indicator], series: Mapping[str, Series]) -> Iterator[Case]:
    """Yield the made targets of every indicator with a direction and eight years or more."""
    for name, indicator in indicators.items():
        held = series.get(name)
        if indicator.direction == "none" or held is None or len(held.actuals) < LEAST_YEARS:
            continue
        at = {round(one.time, 3): one.value for one in held.actuals}
        for origin in range(LEAST_POINTS - 1, len(held.actuals) - 1):
            known = Series(held.actuals[: origin + 1], held.origin)
            now = known.times[-1]
            before = at.get(round(now - BEFORE, 3))
            if before is None:
                continue
            for ahead in AHEAD:
                due = round(now + ahead, 3)
                if due in at:
                    for change in CHANGES:
                        yield from case(indicator, known, (now - BEFORE, before), due, change, at[due])


def case(
    indicator: Indicator, known: Series, before: tuple[float, float], due: float, change: float, came: float
) -> Iterator[Case]:
    """Yield one made target, unless a method cannot judge it."""
    up = indicator.direction == "up"
    target = before[1] * (1 + (change if up else -change))
    growth = growth_says(before, (known.times[-1], known.values[-1]), (due, target), up)
    if growth is None:
        return
    walk, trend = judged(indicator, known, due, target)
    regression = meets(weighted_regression(known.times, known.values, due), target, up)
    met = meets(came, target, up)
    yield Case(
        indicator.name, known.times[-1], due, target, met, walk, trend, float(regression), float(growth)
    )


def scores(cases: list[Case]) -> list[Score]:
    """Return the scores of every method on the same targets."""
    if not cases:
        return []
    met = np.array([one.met for one in cases], float)
    chances = {name: np.array([getattr(one, name) for one in cases]) for name in METHODS[:-1]}
    chances["base_rate"] = np.full(len(met), met.mean())
    return [
        Score(
            name,
            len(met),
            brier(given, met),
            log_score(given, met),
            brier(hedged(name, given, met), met),
            log_score(hedged(name, given, met), met),
            gain(cases, chances["walk"], hedged(name, given, met), met) if name != "walk" else None,
        )
        for name, given in chances.items()
    ]


def gain(cases: list[Case], walk: Floats, other: Floats, met: Floats) -> Interval | None:
    """Return the share by which the walk's Brier score is below another's, with its interval over indicators."""
    names = np.array([one.indicator for one in cases])
    known = np.unique(names)
    if len(known) < LEAST_INDICATORS:
        return None
    misses = np.column_stack([(walk - met) ** 2, (other - met) ** 2])
    sums = np.array([misses[names == name].sum(axis=0) for name in known])
    low, high = bootstrap(sums)
    ours, theirs = sums.sum(axis=0)
    return Interval(low, float(1 - ours / theirs), high)


def hedged(name: str, given: Floats, met: Floats) -> Floats:
    """Return a yes-or-no method's best constant probabilities; a probability as it is."""
    if name not in ("regression", "growth"):
        return given
    yes = given > 0.5
    rates = [float(met[group].mean()) if group.any() else 0.5 for group in (yes, ~yes)]
    return np.where(yes, *rates)


def reliability(cases: list[Case]) -> list[Reliability]:
    """Return how often targets were met under each verdict of the walk."""
    given = [(verdict(one.walk), one.met) for one in cases]
    return [
        Reliability(name, len(met), float(np.mean(met)))
        for name in ("on_track", "cannot_tell", "off_track")
        if (met := [came for said, came in given if said == name])
    ]


def real_cases(
    facts: Facts, indicators: Mapping[str, Indicator], series: Mapping[str, Series]
) -> Iterator[Case]:
    """Yield the real targets that have fallen due, judged by what was published in the month in which they were set.

    A target counts that had a date, was public before it, has an actual at it, and whose series was long enough then.
    """
    first = record_span()[0]
    for name, indicator in indicators.items():
        for target in indicator.targets:
            known = month_of(target.known)
            came = series[name].at(target.date) if target.date and name in series else None
            if came is None or target.date is None or not first <= known < month_of(target.date):
                continue
            then = actuals(Facts(known, own=False), indicator)
            rows = facts.sql(" ".join(target.sql.split())).rows()
            if len(then.actuals) < LEAST_POINTS or not rows:
                continue
            goal, due, up = float(rows[0][0]), years(target.date), indicator.direction == "up"
            start, now = (then.times[0], then.values[0]), (then.times[-1], then.values[-1])
            walk, trend = judged(indicator, then, due, goal)
            regression = meets(weighted_regression(then.times, then.values, due), goal, up)
            grown = growth_says(start, now, (due, goal), up)
            met = meets(came.value, goal, up)
            yield Case(name, now[0], due, goal, met, walk, trend, float(regression), float(bool(grown)))
