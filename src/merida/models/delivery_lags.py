"""The lags of foreign assistance, fitted to what was published of the Initiative (SCIENCE rule 22).

The published sums conflict and differ in scope, and each carries an error of its scope. One lag of each phase is fitted
to all of them, maximum a posteriori in the logarithms, with Laplace's approximation there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from merida.distributions import Z95, Floats
from merida.facts import Facts
from merida.units import month_number

STAGES = (2, 2, 1)  # equal stages of obligating, of expending, of delivering
NAMES = ("obligate_months", "expend_months", "deliver_months", "lapse_share")
# Priors of the fit, 5th and 95th percentile, all lognormal: a wide guess of how long such money takes.
PRIOR = {
    "obligate_months": (4.0, 30.0),
    "expend_months": (6.0, 40.0),
    "deliver_months": (1.0, 15.0),
    "lapse_share": (0.005, 0.15),
}
CAPPED = (120.0, 120.0, 60.0, 0.5)


@dataclass(frozen=True)
class Point:
    """A published sum: how much of the Initiative's money had got how far by a month.

    Parameters
    ----------
    stage : {"obligated", "expended", "delivered"}
    month : str
    share : float
        Of what had been appropriated by then, of the same scope.
    error : float
        Standard error of the logarithm: of its scope, and of words such as "more than".
    """

    id: str
    stage: str
    month: str
    share: float
    error: float


# Which published sums are used, over which base (another fact, or the record's own appropriations), with what
# error. The first four are of Mexico and Central America together; the others of Mexico.
SOURCES = (
    ("P033", "obligated", "2009-09", 1.3e9, 0.3),
    ("P034", "expended", "2009-09", 1.3e9, 0.5),
    ("P036", "obligated", "2010-03", 100.0, 0.2),
    ("P037", "expended", "2010-03", 100.0, 0.4),
    ("P039", "delivered", "2011-12", None, 0.15),
    ("P041", "delivered", "2015-02", None, 0.15),
    ("P042", "delivered", "2015-11", None, 0.15),
    ("P043", "delivered", "2017-03", None, 0.15),
)


@dataclass(frozen=True)
class Posterior:
    """The fitted lags: a normal law of the logarithms (Laplace's approximation at the mode)."""

    mean: Floats
    root: Floats

    def at(self, z: Floats) -> dict[str, Floats]:
        """Return lags at standard normal scores, (draws, 4) to arrays (draws,) by name."""
        values = np.minimum(np.exp(self.mean + z @ self.root.T), CAPPED)
        return dict(zip(NAMES, values.T, strict=True))


def published_points(facts: Facts) -> tuple[list[Point], Floats, str]:
    """Return the published points known at the record's date, monthly appropriations, and their first month.

    A year's money is taken as appropriated evenly over its fiscal year: months of enactment are not on record.
    """
    rows = facts.sql(
        "select fiscal_year, sum(usd) from appropriations where status = 'verified' group by all order by 1"
    ).rows()
    first_year = rows[0][0] if rows else 2008
    last_year = rows[-1][0] if rows else 2008
    monthly = np.zeros(12 * (last_year - first_year + 1))
    for year, usd in rows:
        monthly[12 * (year - first_year) : 12 * (year - first_year + 1)] += usd / 12
    first = f"{first_year - 1}-10"
    known = dict(facts.sql("select id, value from published_facts where status = 'verified'").rows())
    points = []
    for name, stage, month, base, error in SOURCES:
        if name not in known:
            continue
        appropriated = (
            monthly[: month_number(month) - month_number(first) + 1].sum() if base is None else base
        )
        points.append(Point(name, stage, month, known[name] / appropriated, error))
    return points, monthly, first


def cumulative(values: Floats, monthly: Floats, months: int) -> dict[str, Floats]:
    """Return cumulative shares obligated, expended and delivered of what had been appropriated, by month.

    The chain of `delivered` without the bound on capacity, for the points are of all programmes together and the bound is
    of each.
    """
    obligate, expend, deliver, lapse = values
    rates = [
        1 - np.exp(-stages / lag) for stages, lag in zip(STAGES, (obligate, expend, deliver), strict=True)
    ]
    each = np.repeat(rates, STAGES)
    pending = np.zeros(5)
    sums = np.zeros((months, 3))
    total = np.zeros(3)
    for month in range(months):
        out = each * pending
        lapsed = lapse * out[1]
        total += (out[1] - lapsed, out[3], out[4])
        pending = (
            pending
            - out
            + np.array(
                [monthly[month] if month < len(monthly) else 0.0, out[0], out[1] - lapsed, out[2], out[3]]
            )
        )
        sums[month] = total
    appropriated = np.maximum(np.cumsum(np.pad(monthly, (0, max(0, months - len(monthly))))[:months]), 1.0)
    return dict(zip(("obligated", "expended", "delivered"), (sums / appropriated[:, None]).T, strict=True))


def fit(points: Sequence[Point], monthly: Floats, first: str) -> Posterior:
    """Return the lags that the published points leave likely.

    Maximum a posteriori in the logarithms with lognormal errors of scope, and Laplace's approximation there. With no
    point the prior comes back.
    """
    low, high = np.log(np.array([PRIOR[name] for name in NAMES])).T
    centre, spread = (low + high) / 2, (high - low) / (2 * Z95)
    months = max((month_number(point.month) - month_number(first) + 1 for point in points), default=1)

    def residuals(values: Floats) -> Floats:
        shares = cumulative(np.minimum(np.exp(values), CAPPED), monthly, months)
        misses = [
            (
                np.log(shares[point.stage][month_number(point.month) - month_number(first)] + 1e-12)
                - np.log(point.share)
            )
            / point.error
            for point in points
        ]
        return np.concatenate([(values - centre) / spread, misses])

    found = least_squares(residuals, centre, diff_step=1e-4)
    covariance = np.linalg.inv(found.jac.T @ found.jac)
    return Posterior(found.x, np.linalg.cholesky(covariance))


def conflicts(points: Sequence[Point], facts: Facts) -> list[tuple[str, str]]:
    """Return pairs of published obligations that cannot both hold: the later sum is below the earlier one."""
    values = dict(facts.sql("select id, value from published_facts").rows())
    sums = [
        (point, values[point.id] / 100 * values["P038"] if point.id == "P036" else values[point.id])
        for point in points
        if point.stage == "obligated"
    ]
    return [
        (early.id, late.id)
        for at, (early, before) in enumerate(sums)
        for late, after in sums[at + 1 :]
        if late.month > early.month and after < before
    ]


def lags(facts: Facts) -> Posterior:
    """Return the lags of foreign assistance, fitted to what had been published at the record's date."""
    return fit(*published_points(facts))
