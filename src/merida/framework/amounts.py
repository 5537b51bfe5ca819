"""Amounts of money that cannot be meant: their unit is asked for, unless they are to be taken as given.

What was ever enacted is the measure. An amount more than thirty times beyond it, either way, is nearer to an amount of
the next unit of thousand than to any that was enacted (thirty is the middle, on a scale of factors, between one and a
thousand): 275 dollars a year were meant as 275 million.
"""

from __future__ import annotations

import math

from merida.errors import PlanError

FACTOR = 30.0
ENACTED_YEAR_USD = (
    138_569_000.0,
    720_000_000.0,
)  # least and most of a fiscal year on record; a test reads the record
ENACTED_ACCOUNT_USD = (5_250_000.0, 406_000_000.0)  # of one account in a fiscal year; the same
LEAST_ROW_USD = 1000.0  # of a row, of which there are many to an account: the least that an allocation gives


def check_budget(usd: float) -> None:
    """Refuse a yearly budget that lies far outside what was ever enacted in a year.

    Parameters
    ----------
    usd : float
        Dollars a year.

    Raises
    ------
    PlanError
        If it does; the message says what was probably meant.

    Examples
    --------
    >>> check_budget(275e6)
    >>> check_budget(275)
    Traceback (most recent call last):
        ...
    merida.errors.PlanError: 275 dollars a year? Did you mean 275 million (275e6)? ...
    """
    least, most = ENACTED_YEAR_USD
    if not least / FACTOR <= usd <= most * FACTOR:
        raise PlanError(
            "budget_unlikely",
            found=usd,
            meant=meant_millions(usd, ENACTED_YEAR_USD),
            least=least / 1e6,
            most=most / 1e6,
        )


def check_row_amount(usd: float, where: str) -> None:
    """Refuse yearly dollars of a row that lie far outside what was ever enacted for one account; nothing may be given.

    Parameters
    ----------
    usd : float
        Dollars a year.
    where : str
        The row, for the message.

    Raises
    ------
    PlanError
        If they do; the message says what was probably meant.
    """
    if usd and not LEAST_ROW_USD <= usd <= ENACTED_ACCOUNT_USD[1] * FACTOR:
        raise PlanError(
            "plan_usd_unlikely",
            where=where,
            found=usd,
            meant=meant_millions(usd, ENACTED_ACCOUNT_USD),
            least=LEAST_ROW_USD,
            most=ENACTED_ACCOUNT_USD[1] / 1e6,
        )


def meant_millions(usd: float, enacted: tuple[float, float]) -> float:
    """Return what was probably meant, in million dollars: the same number in the unit that comes nearest to the record.

    Parameters
    ----------
    enacted : tuple of float
        The least and the most that was ever enacted, dollars.
    """
    middle = math.sqrt(enacted[0] * enacted[1])
    readings = [reading for power in range(-4, 5) if (reading := usd * 1000.0**power) > 0]
    return min(readings, key=lambda reading: abs(math.log(reading) - math.log(middle))) / 1e6
