"""How fresh each table of the record is: its last period, when that was published, and what is due since."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Literal

from merida.facts.schema import Period, Table, later, period_end, tables
from merida.facts.warehouse import Facts
from merida.units import month_number, month_text

State = Literal["behind", "current", "closed", "once"]
PERIOD_OF_COLUMN: dict[str, Period] = {"month": "month", "fiscal_year": "us_fiscal_year", "year": "year"}
MONTHS: dict[Period, int] = {"day": 1, "month": 1, "year_of_month": 12, "year": 12, "us_fiscal_year": 12}


@dataclass(frozen=True)
class TableStatus:
    """How fresh one table is.

    Parameters
    ----------
    table : str
        Its name.
    state : {'behind', 'current', 'closed', 'once'}
        ``behind``: periods are due that it lacks; ``closed``: nothing more is to be expected; ``once``: one copy, of
        no series.
    last : str or None
        Month ``YYYY-MM`` in which its last whole period ends; None for a table without periods.
    published : str
        Month in which that period was published; of a table without periods, its latest row.
    every_months : int or None
        Months from one period to the next.
    lag_months : int or None
        Usual months from the end of a period to its publication.
    due : tuple of str
        Ends of the periods that should have been published since, oldest first.
    late_months : int
        Months since the first of them should have been published; zero where none is due.
    """

    table: str
    state: State
    last: str | None
    published: str
    every_months: int | None
    lag_months: int | None
    due: tuple[str, ...]
    late_months: int


def status(facts: Facts, today: str) -> tuple[TableStatus, ...]:
    """Return how fresh each table is, the latest first, those of one age by name.

    A period counts once it was published after its end, so that part of a year is none. It is due from the month after
    the one in which it usually is published: a publication of this very month may still come.

    Parameters
    ----------
    facts : Facts
        The record.
    today : str
        The month ``YYYY-MM`` in which the question is asked.

    Examples
    --------
    >>> {one.table: one.state for one in status(Facts(), "2026-11")}["organised_crime_homicides"]
    'closed'
    """
    every = (of_table(facts, table, today) for table in tables().values())
    return tuple(sorted((one for one in every if one), key=lambda one: (-one.late_months, one.table)))


def of_table(facts: Facts, table: Table, today: str) -> TableStatus | None:
    """Return how fresh one table is; None where the record holds no row of it yet."""
    latest = facts.sql(f"select max(available_from) as month from {table.name}").item()
    series = series_of(table)
    if latest is None or series is None:
        return latest and TableStatus(table.name, "once", None, latest, None, None, (), 0)
    column, period = series
    end = later(period_end(column, period), 0)
    published = facts.sql(
        f"select ends, min(available_from) as published from (select {end} as ends, available_from from {table.name}) "
        "where available_from >= ends group by ends order by ends"
    ).rows()
    if not published:
        return TableStatus(table.name, "once", None, latest, None, None, (), 0)
    last, first_published = published[-1]
    lag = round(median(month_number(known) - month_number(ended) for ended, known in published))
    step = table.every_months or MONTHS[period]
    due = due_periods(last, step, lag, today, table.ends)
    late = month_number(today) - month_number(due[0]) - lag if due else 0
    state: State = "behind" if due else "closed" if table.ends else "current"
    return TableStatus(table.name, state, last, first_published, step, lag, due, late)


def series_of(table: Table) -> tuple[str, Period] | None:
    """Return the column that holds a table's periods and what they are; None for one copy, or a table without any."""
    rule = table.availability
    if rule.rule == "period_end" and rule.period is not None:
        return rule.column, rule.period
    if rule.rule == "fixed":
        return None
    return next(((name, period) for name, period in PERIOD_OF_COLUMN.items() if name in table.columns), None)


def due_periods(last: str, every_months: int, lag_months: int, today: str, ends: str = "") -> tuple[str, ...]:
    """Return the ends of the periods after `last` that should have been published before the month `today`.

    Parameters
    ----------
    last : str
        Month in which the last period known ends.
    every_months, lag_months : int
        Months between periods, and from the end of one to its publication.
    today : str
        This month.
    ends : str
        Month after which the series has no period; empty where it goes on.

    Examples
    --------
    >>> due_periods("2024-12", 12, 10, "2026-11")
    ('2025-12',)
    >>> due_periods("2024-12", 12, 10, "2026-10")
    ()
    """
    newest = month_number(today) - 1 - lag_months
    newest = min(newest, month_number(ends)) if ends else newest
    return tuple(map(month_text, range(month_number(last) + every_months, newest + 1, every_months)))
