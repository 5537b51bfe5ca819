"""Months written ``YYYY-MM`` and the numbers that stand for them.

A month's number is twelve times its year plus the month less one, so that months that follow one another have numbers
that follow one another.
"""

from __future__ import annotations

import calendar


def month_number(month: str) -> int:
    """Return the number of a month: the months since January of the year 0.

    Parameters
    ----------
    month : str
        A month ``YYYY-MM`` that has been checked already.

    Examples
    --------
    >>> month_number("2012-12") - month_number("2007-10")
    62
    """
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_text(number: int) -> str:
    """Return the month ``YYYY-MM`` of a number; the inverse of `month_number`.

    Examples
    --------
    >>> month_text(month_number("2012-12") + 1)
    '2013-01'
    """
    return f"{number // 12:04}-{number % 12 + 1:02}"


def shifted(month: str, months: int) -> str:
    """Return the month that lies `months` later, or earlier where it is negative.

    Examples
    --------
    >>> shifted("2012-12", -12)
    '2011-12'
    """
    return month_text(month_number(month) + months)


def month_range(first: str, count: int) -> tuple[str, ...]:
    """Return `count` months in order, beginning with `first`.

    Examples
    --------
    >>> month_range("2012-11", 3)
    ('2012-11', '2012-12', '2013-01')
    """
    start = month_number(first)
    return tuple(month_text(start + step) for step in range(count))


def days_in_month(number: int) -> int:
    """Return how many days the month of a number has.

    Examples
    --------
    >>> days_in_month(month_number("2012-02"))
    29
    """
    return calendar.monthrange(number // 12, number % 12 + 1)[1]
