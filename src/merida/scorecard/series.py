"""The actuals of an indicator: what the record says, by date and place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from merida.errors import ScorecardError
from merida.facts import Facts
from merida.figure import Origin
from merida.framework.indicators import Indicator


@dataclass(frozen=True)
class Actual:
    """One value.

    Parameters
    ----------
    date : str
        ``YYYY`` or ``YYYY-MM``, as precise as the record is.
    value : float
        In the indicator's unit.
    numerator, denominator : float or None
        Of a share or rate, where the record has them.
    """

    date: str
    value: float
    numerator: float | None = None
    denominator: float | None = None

    @property
    def month(self) -> str:
        """The month at which it stands: of a year its last."""
        return month_of(self.date)

    @property
    def time(self) -> float:
        """The month in years."""
        return years(self.date)


@dataclass(frozen=True)
class Series:
    """The actuals of an indicator in one place, by date, with the query that gave them."""

    actuals: tuple[Actual, ...]
    origin: Origin

    @property
    def times(self) -> list[float]:
        """The months, in years."""
        return [one.time for one in self.actuals]

    @property
    def values(self) -> list[float]:
        """The values."""
        return [one.value for one in self.actuals]

    def until(self, month: str) -> Series:
        """Return the actuals of the months up to one."""
        return Series(tuple(one for one in self.actuals if one.month <= month), self.origin)

    def at(self, date: str) -> Actual | None:
        """Return the actual of a date: of its very month, or of its year where only the year is known."""
        wanted = month_of(date)
        found = [
            one
            for one in self.actuals
            if one.month == wanted or (len(one.date) == 4 and one.date == wanted[:4])
        ]
        return found[-1] if found else None


def month_of(date: str) -> str:
    """Return a date as a month: of a year its last.

    Examples
    --------
    >>> month_of("2012"), month_of("2012-07")
    ('2012-12', '2012-07')
    """
    return date if len(date) > 4 else f"{date}-12"


def years(date: str) -> float:
    """Return the end of a date's month in years.

    Examples
    --------
    >>> years("2012-06"), years("2012")
    (2012.5, 2013.0)
    """
    month = month_of(date)
    return int(month[:4]) + int(month[5:7]) / 12


def actuals(facts: Facts, indicator: Indicator) -> Series:
    """Return the nation's actuals of an indicator; none for a gap.

    Raises
    ------
    ScorecardError
        If the numerator of a share exceeds its denominator, or a value is no number.
    """
    if not indicator.query:
        return Series((), Origin(()))
    rows = facts.sql(indicator.query).to_dicts()
    return Series(tuple(ordered(indicator, rows)), facts.origin(indicator.query))


def state_actuals(facts: Facts, indicator: Indicator) -> dict[str, Series]:
    """Return the states' actuals of an indicator by state's code; none where the record has none."""
    if not indicator.state_query:
        return {}
    origin = facts.origin(indicator.state_query)
    by_state: dict[str, list[dict[str, Any]]] = {}
    for row in facts.sql(indicator.state_query).to_dicts():
        by_state.setdefault(row.pop("state"), []).append(row)
    return {
        state: Series(tuple(ordered(indicator, by_state[state])), origin)
        for state in sorted(by_state)
        if state.isdigit() and 1 <= int(state) <= 32
    }


def ordered(indicator: Indicator, rows: Iterable[dict[str, Any]]) -> Sequence[Actual]:
    """Return rows as actuals by date."""
    found = [Actual(**row) for row in rows if row["value"] is not None and row["date"]]
    for one in found:
        if not isfinite(one.value):
            raise ScorecardError("scorecard_not_finite", indicator=indicator.name, date=one.date)
        check_share(indicator.name, one.date, one.numerator, one.denominator, indicator.unit)
    return sorted(found, key=lambda one: one.month)


def check_share(name: str, date: str, numerator: float | None, denominator: float | None, unit: str) -> None:
    """Refuse a share whose numerator exceeds its denominator; a rate may have any."""
    if unit == "percent" and numerator is not None and denominator is not None and numerator > denominator:
        raise ScorecardError(
            "scorecard_share", indicator=name, date=date, numerator=numerator, denominator=denominator
        )
