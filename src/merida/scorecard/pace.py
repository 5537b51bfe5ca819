"""How long money takes: months from appropriation to obligation and to expenditure, by account and year.

The record has sums by fiscal year, so that a year's money is followed as in a queue: what was appropriated first is
obligated and expended first, which is an assumption. A dollar's month within a year is not known: the shortest lag has
the money enacted on the last day of its year and spent on the first of the other, the longest the other way round.
Fiscal year 2008 is not split by account: the interval of an account covers both ends, none of that year's money and all
of it. What was spent above all that had been appropriated is of other or older money; it is counted apart, and if it was
in truth spent first, lags are longer. Money not yet spent at the end of the record has no upper end.

Beside it stand the lags of each account, fitted to all sums on record (`merida.models.delivery_lags`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from merida.facts import Facts
from merida.figure import Figure

ACCOUNTS = {
    "INCLE": "International Narcotics Control and Law Enforcement",
    "ESF": "Economic Support Fund",
    "FMF": "Foreign Military Financing Program",
}
"""By account, its name in the table of obligations."""
DRAWS = 20_000
POINTS = """select id, value, period from published_facts
where id in ('P033', 'P034', 'P036', 'P037', 'P039', 'P041', 'P042', 'P043') order by id"""
ENACTED = """select fiscal_year, sum(usd) from appropriations where status = 'verified' and account = '{}'
group by 1 order by 1"""
UNSPLIT = "select fiscal_year, usd from appropriations where account = 'unsplit' and status = 'verified'"
OBLIGATED = """select fiscal_year, sum(usd) from obligations where account = '{}' and fiscal_year >= 2008
group by 1 order by 1"""
TOGETHER = """select fiscal_year, sum(usd) from appropriations where status = 'verified' and scope = 'merida'
group by 1 order by 1"""
OBLIGATED_TOGETHER = """select fiscal_year, sum(usd) from obligations where account in ('{}', '{}', '{}')
and fiscal_year >= 2008 group by 1 order by 1"""
ALL_ACCOUNTS = """select fiscal_year, arg_max(usd, vintage) from foreign_assistance where stage = '{}'
and fiscal_year >= 2008 and vintage > fiscal_year || '-09' group by 1 order by 1"""
USAID = """select fiscal_year, sum(usd) from usaid_by_category where category = 'total' and stage = '{}'
and fiscal_year < {} group by 1 order by 1"""


@dataclass(frozen=True)
class Lag:
    """The lag of one year's money.

    Parameters
    ----------
    year : int
        Fiscal year of appropriation.
    usd : float
    spent_share : float
        Of `usd`, that had been spent by the end of the record.
    months, low, high : float or None
        Mean lag of the spent part if money came and went evenly through its years, and its ends; `months` is None where
        the year's money is known between ends only, `high` where a part was not spent, and all where none was.
    """

    year: int
    usd: float
    spent_share: float
    months: float | None
    low: float | None
    high: float | None


def first_in_first_out(
    appropriated: Mapping[int, float], spent: Mapping[int, float]
) -> tuple[list[Lag], float]:
    """Return the lag of each year's money, and what was spent that it cannot have been.

    Parameters
    ----------
    appropriated, spent : mapping of int to float
        Dollars by fiscal year; net sums below 0 count as 0.

    Examples
    --------
    >>> lags, other = first_in_first_out({2010: 100.0}, {2010: 25.0, 2011: 75.0})
    >>> lags[0].months, lags[0].low, lags[0].high, other
    (9.0, 0.0, 21.0, 0.0)
    """
    waiting = {year: max(usd, 0.0) for year, usd in sorted(appropriated.items())}
    went: dict[int, list[tuple[int, float]]] = {year: [] for year in waiting}
    other = 0.0
    first = min(waiting, default=0)
    for at in sorted(year for year in spent if year >= first):
        left = max(spent[at], 0.0)
        for year, held in waiting.items():
            if year > at or left <= 0:
                break
            taken = min(left, held)
            waiting[year] -= taken
            left -= taken
            if taken > 0:
                went[year].append((at, taken))
        other += left
    found = []
    for year, usd in sorted(appropriated.items()):
        total = sum(part for _, part in went[year])
        if usd <= 0 or total <= 0:
            found.append(Lag(year, usd, 0.0, None, None, None))
            continue

        def mean(of: int, year: int = year, total: float = total) -> float:
            return sum(max(12.0 * (at - year) + of, 0.0) * part for at, part in went[year]) / total

        spent_all = total >= usd * (1 - 1e-9)
        found.append(
            Lag(year, usd, min(total / usd, 1.0), mean(0), mean(-12), mean(12) if spent_all else None)
        )
    return found, other


@dataclass(frozen=True)
class Pace:
    """Lags of one account's money to one stage."""

    account: str
    stage: str
    lags: tuple[Lag, ...]
    other_usd: float
    query: str


def paces(facts: Facts) -> list[Pace]:
    """Return lags to obligation by account, and to obligation and disbursement of all accounts together."""
    unsplit = facts.sql(UNSPLIT).rows()
    found = []
    for account, named in ACCOUNTS.items():
        enacted = facts.sql(ENACTED.format(account)).rows()
        query = OBLIGATED.format(named)
        spent = dict(facts.sql(query).rows())
        found.append(pace(account, "obligated", [dict(unsplit + enacted), dict(enacted)], spent, query))
    query = OBLIGATED_TOGETHER.format(*ACCOUNTS.values())
    enacted = facts.sql(TOGETHER).rows()
    found.append(pace("initiative", "obligated", [dict(enacted)], dict(facts.sql(query).rows()), query))
    for stage in ("obligated", "disbursed"):
        query = ALL_ACCOUNTS.format(stage)
        enacted = facts.sql(ALL_ACCOUNTS.format("appropriated")).rows()
        found.append(pace("all_accounts", stage, [dict(enacted)], dict(facts.sql(query).rows()), query))
    query = USAID.format("spent", 2014)
    obligated = dict(facts.sql(USAID.format("obligated", 2013)).rows())
    found.append(pace("usaid", "spent", [obligated], dict(facts.sql(query).rows()), query))
    return [one for one in found if one.lags]


def pace(
    account: str, stage: str, readings: Sequence[Mapping[int, float]], spent: Mapping[int, float], query: str
) -> Pace:
    """Return the lags of an account's money, over each reading of what was appropriated."""
    queues = [first_in_first_out(one, spent) for one in readings]
    lags = []
    for last in queues[-1][0]:
        of = [lag for queue, _ in queues for lag in queue if lag.year == last.year]
        ends = [lag for lag in of if lag.months is not None]
        lags.append(
            Lag(
                last.year,
                last.usd,
                min(lag.spent_share for lag in of),
                ends[0].months if len(of) == 1 and ends else None,
                min((lag.low for lag in ends if lag.low is not None), default=None),
                max(lag.high or 0.0 for lag in ends)
                if len(ends) == len(of) and all(lag.high is not None for lag in of)
                else None,
            )
        )
    return Pace(account, stage, tuple(lags), queues[-1][1], query)


def fitted(facts: Facts) -> dict[str, Figure]:
    """Return the months from appropriation to expenditure by account, fitted to the sums on record."""
    from merida.models.delivery_lags import COUNT, lags

    origin = facts.origin(POINTS)
    drawn = lags(facts).at(np.random.default_rng(0).standard_normal((DRAWS, COUNT)))
    found = {}
    for account in ACCOUNTS:
        low, middle, high = np.quantile(drawn[account.lower()][:, :2].sum(axis=1), [0.05, 0.5, 0.95])
        found[account] = Figure(float(middle), float(low), float(high), "months", "estimate", origin)
    return found
