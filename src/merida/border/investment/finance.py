"""Roads and lanes paid over years: a loan of the North American Development Bank, or the infrastructure programme.

A loan is drawn in equal parts at the beginning of the years of building. Interest falls due at the end of each year on
what is owed. After the years of grace the principal is repaid in level payments (`recovery`). Tolls are pledged to it
where a bridge takes any; what they do not cover is appropriated.

The Coordinated Border Infrastructure programme apportioned a yearly sum among the states on both borders by formula:
trucks, cars with buses, cargo and ports, with published weights. The record holds the southern border alone, so the
southern part is scaled by what Texas is published to have received over all years. Cargo by weight is not on record
by port; trucks stand in for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from merida.border.crossings.sites import Port
from merida.border.delay.value_of_time import published
from merida.border.investment.costs import recovery
from merida.border.queueing.scenario import number
from merida.distributions import Floats
from merida.errors import BorderError
from merida.facts import Facts
from merida.words import plain

AUTHORISED = {2005: "P119", 2006: "P120", 2007: "P121", 2008: "P122", 2009: "P123"}
WEIGHTS = {"trucks": "P124", "cars": "P125", "cargo": "P126", "ports": "P127"}
TEXAS = "P128"
GRANTS_2002 = {"arizona": "P129", "california": "P130", "new_mexico": "P131", "texas": "P132"}
MOST_USD = 1e12  # beyond which no works can be meant
VOLUME_YEAR = "2004"  # the last full year before the programme began


class CashFlow(NamedTuple):
    """Dollars by year, from the year in which building begins; every array has the shape (years,)."""

    works: Floats  # paid for building, at the beginning of the year
    drawn: Floats  # of the loan, at the beginning of the year
    interest: Floats  # at the end of the year, as all that follows
    repaid: Floats
    tolls: Floats  # pledged
    appropriated: Floats  # for the works that no loan pays, and for debt service that tolls do not cover
    owed: Floats  # after the year's payments

    @property
    def debt_service(self) -> Floats:
        """Interest and principal paid in the year."""
        return self.interest + self.repaid

    @property
    def balance(self) -> Floats:
        """What comes in less what goes out in the year: tolls beyond the debt service. It is never below 0."""
        return self.drawn + self.tolls + self.appropriated - self.works - self.debt_service

    @property
    def coverage(self) -> Floats:
        """Tolls over debt service; NaN in years without any."""
        due = self.debt_service
        return np.where(due > 0, self.tolls / np.where(due > 0, due, 1.0), np.nan)


def loan(
    cost: float,
    *,
    loan_share: float,
    rate: float,
    draw_years: int,
    grace_years: int,
    tenor_years: int,
    tolls: float = 0.0,
    growth: float = 0.0,
) -> CashFlow:
    """Return the cash flow of works paid by a loan.

    Parameters
    ----------
    cost : float
        The cost of the works, dollars, at most 1e12.
    loan_share : float
        The share of the cost that is lent; the rest is appropriated as the works go on.
    rate : float
        The interest a year, from 0 to below 1.
    draw_years, grace_years, tenor_years : int
        The years of building; the years in which only interest is paid, at least those of building; and the years until
        all is repaid, at most 60.
    tolls, growth : float
        The pledged tolls in the first year after building, dollars; and their growth a year.

    Raises
    ------
    BorderError
        If the terms cannot hold together.

    Examples
    --------
    >>> flow = loan(10e6, loan_share=0.8, rate=0.04, draw_years=2, grace_years=3, tenor_years=20)
    >>> bool(abs(flow.owed[-1]) < 1e-6)
    True
    """
    if not (0 < draw_years <= grace_years < tenor_years <= 60):
        raise BorderError("border_loan_terms", draw=draw_years, grace=grace_years, tenor=tenor_years)
    if not (0 < cost <= MOST_USD and 0 <= loan_share <= 1 and 0 <= rate < 1):
        raise BorderError("border_loan_numbers", cost=cost, share=loan_share, rate=rate, most=MOST_USD)
    number("tolls", tolls, 0, MOST_USD)
    year = np.arange(tenor_years)
    works = np.where(year < draw_years, cost / draw_years, 0.0)
    drawn = loan_share * works
    payment = float(recovery(rate, tenor_years - grace_years, loan_share * cost))
    interest, repaid, owed = (np.zeros(tenor_years) for _ in range(3))
    debt = 0.0
    for since in range(tenor_years):
        debt += drawn[since]
        interest[since] = rate * debt
        repaid[since] = payment - interest[since] if since >= grace_years else 0.0
        debt -= repaid[since]
        owed[since] = debt
    pledged = np.where(year >= draw_years, tolls * (1 + growth) ** (year - draw_years), 0.0)
    short = np.maximum(interest + repaid - pledged, 0.0)
    return CashFlow(works, drawn, interest, repaid, pledged, works - drawn + short, owed)


def present_value(rate: float, at_start: Floats, at_end: Floats) -> float:
    """Return the present value of payments at the beginnings and at the ends of years, dollars."""
    year = np.arange(len(at_start))
    return float((at_start * (1 + rate) ** -year + at_end * (1 + rate) ** -(year + 1.0)).sum())


def public_cost(flow: CashFlow, rate: float) -> float:
    """Return the present value of what is appropriated: the works without a loan, and what tolls do not cover.

    Examples
    --------
    >>> public_cost(loan_flow, rate=0.07) > 0
    True
    """
    own = flow.works - flow.drawn
    return present_value(rate, own, flow.appropriated - own)


def net_present_value(flow: CashFlow, rate: float, benefit: Floats) -> float:
    """Return the present value of yearly benefits less that of the works, dollars.

    Interest is a transfer and no part of it.

    Parameters
    ----------
    benefit : array, shape (years,)
        The benefits at the end of each year, dollars.

    Examples
    --------
    >>> net_present_value(loan_flow, 0.0, np.zeros(20)) == -10e6
    True
    """
    return present_value(rate, -flow.works, benefit)


def lasting(cost_life_years: float, used_years: float, rate: float) -> float:
    """Return the share of capital that is left after some years: the payments of its recovery that remain, over all.

    Parameters
    ----------
    cost_life_years, used_years : float
        The life of what was bought, and how long it has been used.
    rate : float
        The discount rate a year.

    Examples
    --------
    >>> lasting(40.0, 10.0, 0.0)
    0.75
    """
    left = max(cost_life_years - used_years, 0.0)
    return float(recovery(rate, cost_life_years) / recovery(rate, left)) if left else 0.0


def apportioned(facts: Facts) -> pl.DataFrame:
    """Return what the infrastructure programme's formula gives each port of the southern border.

    Returns
    -------
    DataFrame
        port, name, us_state, share (of the southern border), and dollars for each fiscal year authorised (``fy2005``...).

    Raises
    ------
    BorderError
        If the programme had not been published at the date.

    Examples
    --------
    >>> round(apportioned(Facts())["share"].sum(), 9)
    1.0
    """
    authorised = {year: published(facts, name) for year, name in AUTHORISED.items()}
    weights = {name: published(facts, fact) for name, fact in WEIGHTS.items()}
    texas = published(facts, TEXAS)
    if any(value is None for value in (*authorised.values(), *weights.values())) or texas is None:
        raise BorderError("border_programme_unknown", as_of=facts.as_of or "")
    counts = facts.sql(
        "select p.port, p.name, p.us_state, "
        "coalesce(sum(crossings) filter (where measure = 'trucks'), 0) as trucks, "
        "coalesce(sum(crossings) filter (where measure in ('personal_vehicles', 'buses')), 0) as cars "
        "from ports p left join border_crossings b "
        f"on b.port = p.port and b.year = {VOLUME_YEAR} where p.is_road_port group by all order by p.port"
    ).filter(pl.col("trucks") + pl.col("cars") > 0)
    whole = sum(weight or 0.0 for weight in weights.values())
    trucks, cars = (counts[name] / counts[name].sum() for name in ("trucks", "cars"))
    share = (
        (weights["trucks"] or 0.0) * trucks
        + (weights["cars"] or 0.0) * cars
        + (weights["cargo"] or 0.0) * trucks
        + (weights["ports"] or 0.0) / len(counts)
    ) / whole
    shares = counts.select("port", "name", "us_state").with_columns(share=share)
    of_texas = float(shares.filter(pl.col("us_state") == "Texas")["share"].sum())
    south = texas / of_texas / sum(value or 0.0 for value in authorised.values())
    return shares.with_columns(
        (pl.col("share") * south * (value or 0.0)).alias(f"fy{year}") for year, value in authorised.items()
    )


def by_state(facts: Facts) -> pl.DataFrame:
    """Return the programme by state beside the grants published for 2002.

    Returns
    -------
    DataFrame
        us_state, share, usd, grants_2002_usd, grants_2002_share (of those published).

    Examples
    --------
    >>> by_state(Facts())["us_state"].to_list()
    ['Arizona', 'California', 'New Mexico', 'Texas']
    """
    by_port = apportioned(facts)
    years = [f"fy{year}" for year in AUTHORISED]
    return (
        by_port.group_by("us_state")
        .agg(pl.col("share").sum(), usd=pl.sum_horizontal(years).sum())
        .with_columns(
            grants_2002_usd=pl.col("us_state").map_elements(
                lambda state: published(facts, GRANTS_2002[plain(state).replace(" ", "_")]),
                return_dtype=pl.Float64,
            )
        )
        .with_columns(grants_2002_share=pl.col("grants_2002_usd") / pl.col("grants_2002_usd").sum())
        .sort("us_state")
    )


def programme_flow(facts: Facts, port: Port, outlay_years: int) -> pl.DataFrame:
    """Return a port's part of the programme by year: year, authorised, spent, unspent (dollars).

    Each year's sum is spent evenly over `outlay_years`, from its own year on.

    Raises
    ------
    BorderError
        If the programme had not been published at the date, or its formula gives the port nothing.

    Examples
    --------
    >>> flow = programme_flow(Facts(), find_place(Facts(), "Laredo").port, outlay_years=4)
    >>> flow.columns
    ['year', 'authorised', 'spent', 'unspent']
    """
    here = apportioned(facts).filter(pl.col("port") == port.code)
    if not here.height:
        raise BorderError("border_programme_not_port", port=port.name, year=VOLUME_YEAR)
    sums: Sequence[float] = [float(here[f"fy{year}"].item()) for year in AUTHORISED]
    first = min(AUTHORISED)
    length = len(sums) + outlay_years - 1
    authorised, spent = np.zeros(length), np.zeros(length)
    for since, amount in enumerate(sums):
        authorised[since] = amount
        spent[since : since + outlay_years] += amount / outlay_years
    return pl.DataFrame(
        {
            "year": [first + since for since in range(length)],
            "authorised": authorised,
            "spent": spent,
            "unspent": np.cumsum(authorised - spent),
        }
    )
