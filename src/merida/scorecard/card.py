"""The scorecard: each indicator with its baseline, its actual, its target and a verdict, as the record knew it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from merida.facts import Facts, record_span
from merida.figure import Origin
from merida.framework.indicators import Indicator, Target, of_framework, periods
from merida.scorecard.progress import (
    LEAST_POINTS,
    Verdict,
    growth,
    growth_says,
    meets,
    verdict,
    weighted_regression,
)
from merida.scorecard.scoring import judged
from merida.scorecard.series import Actual, Series, actuals, month_of, state_actuals, years


@dataclass(frozen=True)
class Due:
    """A target with the number that the record gives, and what is expected of it.

    Parameters
    ----------
    date : str or None
        ``YYYY-MM``.
    value : float
    target : Target
        Its definition, with its source.
    origin : Origin
        The query of the value.
    probability, trend : float or None
        That it is met, by the walk and by the normal trend; None where the series is too short, or it has fallen due.
    regression_value : float or None
        What the UN commissions' regression gives at the date.
    growth_ratio : float or None
    regression_says, growth_says : bool or None
        Whether these two call it on track.
    """

    date: str | None
    value: float
    target: Target
    origin: Origin
    probability: float | None = None
    trend: float | None = None
    regression_value: float | None = None
    growth_ratio: float | None = None
    regression_says: bool | None = None
    growth_says: bool | None = None


@dataclass(frozen=True)
class Entry:
    """One indicator in one place.

    Parameters
    ----------
    indicator : Indicator
    place : str
        ``nation``, or the two digits of a state.
    series : Series
        All actuals up to the framework's last month.
    baseline, actual : Actual or None
        The last value before the framework's first month, or else its first one; and the last value in its period.
    due : Due or None
    verdict : Verdict
    """

    indicator: Indicator
    place: str
    series: Series
    baseline: Actual | None
    actual: Actual | None
    due: Due | None
    verdict: Verdict


def scorecard(
    facts: Facts,
    framework: str,
    pillar: str | None = None,
    state: str | None = None,
    own: Sequence[Entry] = (),
) -> list[Entry]:
    """Return the entries of a framework's scorecard, in the order of the definitions.

    Parameters
    ----------
    facts : Facts
        The record as of a date; only what was published by then is used.
    framework : str
        Of which there is a scorecard: see `merida.framework.indicators.periods`.
    pillar : str or None
        Only this one's.
    state : str or None
        Two digits: the indicators that the record has by state, for this one.
    """
    found = []
    for indicator in of_framework(framework).values():
        if pillar is not None and indicator.pillar[framework] != pillar:
            continue
        if state is None:
            found.append(entry(facts, framework, indicator, "nation", actuals(facts, indicator)))
        elif indicator.state_query:
            held = state_actuals(facts, indicator).get(state)
            series = held or Series((), facts.origin(indicator.state_query))
            found.append(entry(facts, framework, indicator, state, series))
    return found


def entry(facts: Facts, framework: str, indicator: Indicator, place: str, series: Series) -> Entry:
    """Return an indicator with its verdict."""
    held, baseline, actual = within(framework, series)
    due = target_of(facts, indicator, place, held, baseline)
    return Entry(
        indicator, place, held, baseline, actual, due, said(indicator, series, actual, due, facts.as_of)
    )


def within(framework: str, series: Series) -> tuple[Series, Actual | None, Actual | None]:
    """Return a series up to a framework's last month, its baseline and its actual; see `Entry`."""
    first, last = periods()[framework]
    held = series.until(last)
    inside = [one for one in held.actuals if one.month >= first]
    before = [one for one in held.actuals if one.month < first]
    baseline = before[-1] if before else inside[0] if inside else None
    return held, baseline, inside[-1] if inside else None


def target_of(
    facts: Facts, indicator: Indicator, place: str, series: Series, baseline: Actual | None
) -> Due | None:
    """Return an indicator's target in a place, as far as it was known, with what is expected of it."""
    for target in indicator.targets:
        if target.place != place or (facts.as_of is not None and month_of(target.known) > facts.as_of):
            continue
        query = " ".join(target.sql.split())
        rows = facts.sql(query).rows()
        if not rows or rows[0][0] is None:
            continue
        return expected(
            indicator, series, baseline, Due(target.date, float(rows[0][0]), target, facts.origin(query))
        )
    return None


def expected(indicator: Indicator, series: Series, baseline: Actual | None, due: Due) -> Due:
    """Return a target with what the three methods expect from the values before its date."""
    if due.date is None:
        return due
    known = Series(tuple(one for one in series.actuals if one.month < month_of(due.date)), series.origin)
    if not known.actuals:
        return due
    at, up = years(due.date), indicator.direction == "up"
    now = (known.times[-1], known.values[-1])
    start = None if baseline is None else (baseline.time, baseline.value)
    grown = growth(start, now, (at, due.value)) if start else None
    enough = len(known.actuals) >= LEAST_POINTS
    walk, trend = judged(indicator, known, at, due.value) if enough else (None, None)
    later = weighted_regression(known.times, known.values, at) if len(known.actuals) > 1 else None
    return Due(
        due.date,
        due.value,
        due.target,
        due.origin,
        walk,
        trend,
        later,
        grown.ratio if grown else None,
        None if later is None else meets(later, due.value, up),
        growth_says(start, now, (at, due.value), up) if start else None,
    )


def said(
    indicator: Indicator, series: Series, actual: Actual | None, due: Due | None, as_of: str | None
) -> Verdict:
    """Return the verdict: of a target that has fallen due by its actual, of another by its probability.

    A target has fallen due where its date lies before the date asked for, by default the record's last month.
    """
    if actual is None:
        return "gap"
    if due is None:
        return "no_target"
    if due.date is None:
        return "met" if meets(actual.value, due.value, indicator.direction == "up") else "no_date"
    at = series.at(due.date)
    if at is not None:
        return "met" if meets(at.value, due.value, indicator.direction == "up") else "missed"
    if (as_of or record_span()[1]) > month_of(due.date):
        return "due_unknown"
    return "cannot_tell" if due.probability is None else verdict(due.probability)


def counted(entries: Sequence[Entry], framework: str) -> Mapping[str, Mapping[str, int]]:
    """Return how many entries of each pillar have each verdict."""
    found: dict[str, dict[str, int]] = {}
    for one in entries:
        of = found.setdefault(one.indicator.pillar[framework], {})
        of[one.verdict] = of.get(one.verdict, 0) + 1
    return found
