"""Onto one scale: the log rate ratio, with harm positive. Each conversion is explicit and refuses what it cannot bring.

A standardised mean difference of a rate or a series cannot be converted without its mean and standard deviation; only
one of a dichotomous outcome can, by Cox (1970; Sánchez-Meca, Marín-Martínez and Chacón-Moscoso, 2003) and a base rate.
"""

from __future__ import annotations

import math

from merida.errors import EvidenceError

COX = 1.65  # log odds ratio for one standard deviation of the logistic distribution
Z975 = 1.959963984540054


def refuse(what: str, found: float, expected: str) -> EvidenceError:
    """Return the error of a number that has no logarithm."""
    return EvidenceError("not_convertible", what=what, found=found, expected=expected)


def percent_change(percent: float) -> float:
    """Return the log rate ratio of a change in percent.

    >>> round(percent_change(-50.0), 4)
    -0.6931

    Raises
    ------
    EvidenceError
        If it is a fall of 100 percent or more.
    """
    if not percent > -100:
        raise refuse("percent_change", percent, "> -100")
    return math.log1p(percent / 100)


def rate_ratio(ratio: float) -> float:
    """Return the logarithm of a rate ratio.

    Raises
    ------
    EvidenceError
        If it is not positive.
    """
    if not 0 < ratio < math.inf:
        raise refuse("rate_ratio", ratio, "> 0")
    return math.log(ratio)


def odds_ratio(ratio: float, base: float) -> float:
    """Return the log rate ratio of an odds ratio, by the share of those without the programme who have the outcome.

    RR = OR / (1 - base + base OR) (Zhang and Yu, 1998).

    Raises
    ------
    EvidenceError
        If the ratio is not positive, or the base rate not between 0 and 1.
    """
    if not 0 < ratio < math.inf:
        raise refuse("odds_ratio", ratio, "> 0")
    if not 0 <= base < 1:
        raise refuse("base", base, "[0, 1)")
    return math.log(ratio / (1 - base + base * ratio))


def standardised_difference(difference: float, base: float) -> float:
    """Return the log rate ratio of a standardised mean difference of a dichotomous outcome, by Cox and a base rate.

    Parameters
    ----------
    difference : float
        Positive where the outcome rises.
    base : float
        Share of those without the programme who have the outcome.

    Raises
    ------
    EvidenceError
        If the base rate is not between 0 and 1.
    """
    return odds_ratio(math.exp(COX * difference), base)


def elasticity(value: float, dose_ratio: float) -> float:
    """Return the log rate ratio of an elasticity at a dose: units over base units.

    Raises
    ------
    EvidenceError
        If the dose is not positive.
    """
    if not 0 < dose_ratio < math.inf:
        raise refuse("dose_ratio", dose_ratio, "> 0")
    return value * math.log(dose_ratio)


def implied_elasticity(log_rate_ratio: float, dose_ratio: float) -> float:
    """Return the elasticity that a log rate ratio at a dose implies.

    Raises
    ------
    EvidenceError
        If the dose is not positive, or is none (a ratio of 1).
    """
    if not (0 < dose_ratio < math.inf and dose_ratio != 1):
        raise refuse("dose_ratio", dose_ratio, "> 0, not 1")
    return log_rate_ratio / math.log(dose_ratio)


def level(change: float, base: float) -> float:
    """Return the log rate ratio of a change in units, by the level without the programme.

    Raises
    ------
    EvidenceError
        If the base is not positive or nothing is left of it.
    """
    if not base > 0:
        raise refuse("base", base, "> 0")
    if not change > -base:
        raise refuse("level", change, f"> {-base}")
    return math.log1p(change / base)


def error_of_interval(low: float, high: float) -> float:
    """Return the standard error of a log rate ratio from the 95 percent interval of the ratio.

    Raises
    ------
    EvidenceError
        If the ends are not positive and in order.
    """
    if not 0 < low < high < math.inf:
        raise refuse("interval", low, f"> 0, < {high}")
    return math.log(high / low) / (2 * Z975)
