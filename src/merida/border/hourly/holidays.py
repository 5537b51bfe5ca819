"""Days on which fewer or more than usual cross: public holidays of the United States and Mexico, and days before them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

KINDS = ("us", "mexico", "before", "season")  # the first that holds; a day of none is -1
EASTER_CENTURY = 24  # Gauss's constants of 1900 to 2099: M = 24, N = 5


def easter(year: int) -> date:
    """Return Easter Sunday of a year from 1900 to 2099 (Gauss).

    Examples
    --------
    >>> easter(2025)
    datetime.date(2025, 4, 20)
    """
    moon = (19 * (year % 19) + EASTER_CENTURY) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    days = 22 + moon + sunday
    if moon + sunday == 35 or (moon == 28 and sunday == 6 and year % 19 > 10):
        days -= 7
    return date(year, 3, 1) + timedelta(days - 1)


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """Return the first, second, … (or, for -1, the last) weekday of a month; Monday is 0.

    Examples
    --------
    >>> nth(2025, 11, 3, 4)  # Thanksgiving
    datetime.date(2025, 11, 27)
    """
    if number < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
        return last - timedelta((last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (number - 1))


@cache
def of_year(year: int) -> dict[date, int]:
    """Return the kind, an index of `KINDS`, of each day of a year that is not a day like others.

    The United States by 5 U.S.C. 6103; Mexico by article 74 of its Federal Labour Law, with Maundy Thursday, Good Friday
    and the second of November, on which banks and schools are shut; the season from 20 December to 6 January.

    Examples
    --------
    >>> KINDS[of_year(2025)[date(2025, 11, 27)]], KINDS[of_year(2025)[date(2025, 9, 16)]]
    ('us', 'mexico')
    """
    united_states = {
        date(year, 1, 1), nth(year, 1, 0, 3), nth(year, 2, 0, 3), nth(year, 5, 0, -1), date(year, 6, 19),
        date(year, 7, 4), nth(year, 9, 0, 1), nth(year, 10, 0, 2), date(year, 11, 11), nth(year, 11, 3, 4),
        date(year, 12, 25),
    }  # fmt: skip
    sunday = easter(year)
    mexico = {
        date(year, 1, 1), nth(year, 2, 0, 1), nth(year, 3, 0, 3), sunday - timedelta(3), sunday - timedelta(2),
        date(year, 5, 1), date(year, 9, 16), date(year, 11, 2), nth(year, 11, 0, 3), date(year, 12, 25),
    }  # fmt: skip
    kinds = {date(year, 1, 1) + timedelta(number): 3 for number in range(6)}
    kinds |= {date(year, 12, 20) + timedelta(number): 3 for number in range(12)}
    kinds |= {day - timedelta(1): 2 for day in united_states | mexico if (day - timedelta(1)).year == year}
    return kinds | dict.fromkeys(mexico, 1) | dict.fromkeys(united_states, 0)


def kind(day: date) -> int:
    """Return the kind of a day, an index of `KINDS`, or -1 for a day like others."""
    return of_year(day.year).get(day, -1)
