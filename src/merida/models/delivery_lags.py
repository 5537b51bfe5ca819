"""The lags of foreign assistance by account, fitted to what was published of it (SCIENCE rule 22).

The record has sums of three kinds, and each carries its scope:

* published sums of the whole Initiative, as shares of what had been appropriated by then;
* obligations of one account, summed from fiscal year 2008 on, as shares of that account's appropriations;
* what was paid out in a fiscal year, by USAID alone and by all agencies for Mexico, given what they obligated.

An account's lags are those of all accounts times its own departure, partially pooled; a scope has an error that all its
points share, and each point one of its own. All are fitted at once, maximum a posteriori in the logarithms, with
Laplace's approximation there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares
from scipy.signal import lfilter

from merida.distributions import Z95, Floats
from merida.facts import Facts
from merida.units import month_number

STAGES = (2, 2, 1)  # equal stages of obligating, of expending, of delivering
NAMES = ("obligate_months", "expend_months", "deliver_months", "lapse_share")
LAWS = ("incle", "esf", "fmf", "other")  # the accounts that have a law of their own, and any other account
COUNT = len(NAMES) * (1 + len(LAWS))
# Priors of the fit, 5th and 95th percentile, all lognormal: a wide guess of how long such money takes.
PRIOR = {
    "obligate_months": (4.0, 30.0),
    "expend_months": (6.0, 40.0),
    "deliver_months": (1.0, 15.0),
    "lapse_share": (0.02, 0.35),
}
APART = np.array([0.35, 0.35, 0.35, 0.35])  # standard deviation of an account's own departure, in logarithms
CAPPED = (120.0, 120.0, 60.0, 0.6)
FIRST_APPROPRIATED, FIRST_OBLIGATED = "2007-10", "1994-10"
LAST_SPLIT = 2015  # from the next fiscal year on only sums over all accounts of aid were published
CORRELATED = 3.0  # yearly sums of one series say as much as so many independent ones

# The error that the points of a scope share, standard deviation of the logarithm.
SCOPES = {
    "mexico_and_central_america": 0.2,
    "initiative": 0.15,
    "incle": 0.3,  # the accounts hold money that is not the Initiative's, and obligations of earlier years
    "esf": 0.5,
    "usaid": 0.1,
    "all_agencies": 0.1,
}
# Which published sums of the Initiative are used, over which base (another sum, or the record's own appropriations),
# with what error of their own (words such as "more than").
PUBLISHED = (
    ("P033", "obligated", "2009-09", 1.3e9, 0.2),
    ("P034", "expended", "2009-09", 1.3e9, 0.45),
    ("P036", "obligated", "2010-03", 100.0, 0.15),
    ("P037", "expended", "2010-03", 100.0, 0.35),
    ("P039", "delivered", "2011-12", None, 0.3),  # what an official expected of the three months to come
    ("P041", "delivered", "2015-02", None, 0.1),
    ("P042", "delivered", "2015-11", None, 0.1),
    ("P043", "delivered", "2017-03", None, 0.1),
)
CENTRAL_AMERICA = ("P033", "P034", "P036", "P037")  # sums of Mexico and Central America together
YEARLY = {"obligated": 0.15, "paid": 0.3}  # error of a yearly sum of its own: contracts are signed in lumps


@dataclass(frozen=True)
class Point:
    """A sum on record: how far money of some scope had got.

    Parameters
    ----------
    stage : {"obligated", "expended", "delivered", "paid"}
        "paid": expended in the fiscal year that ends in `month`, given obligations; others: all that had got there.
    scope, base : str
        Whose money the sum is of, and whose the appropriations or obligations that it is held against.
    value : float
        A share of what had been appropriated by then; dollars where paid.
    error : float
        Standard error of the logarithm, beside that of its scope.
    """

    id: str
    stage: str
    scope: str
    base: str
    month: str
    value: float
    error: float


@dataclass(frozen=True)
class Record:
    """What the lags are fitted to: points, and dollars by law and month from the first months on."""

    points: tuple[Point, ...]
    appropriated: Mapping[str, Floats]
    obligated: Mapping[str, Floats]

    def only(self, *ids: str) -> Record:
        """Return the record with only those points."""
        return replace(self, points=tuple(point for point in self.points if point.id in ids))


@dataclass(frozen=True)
class Posterior:
    """The fitted lags: a normal law of the logarithms (Laplace's approximation at the mode).

    Parameters
    ----------
    mean : array, shape (20 + scopes,)
        Logarithms of the lags of all accounts, then the departures of each law of `LAWS` in standard deviations, then
        the logarithm of each scope's factor.
    root : array, shape (20 + scopes, 20 + scopes)
        Root of their covariance, lower triangular.
    apart : array, shape (4,)
        Standard deviation of a law's departure.
    scopes : tuple of str
    """

    mean: Floats
    root: Floats
    apart: Floats
    scopes: tuple[str, ...]

    def at(self, z: Floats) -> dict[str, Floats]:
        """Return lags at standard normal scores, (draws, 20) to arrays (draws, 4) by law, in the order of `NAMES`."""
        return by_law(self.mean[:COUNT] + z @ self.root[:COUNT, :COUNT].T, self.apart)


def by_law(values: Floats, apart: Floats) -> dict[str, Floats]:
    """Return lags of each law, shape (..., 4), from logarithms and departures, shape (..., 20 or more)."""
    common = values[..., : len(NAMES)]
    found = {}
    for number, law in enumerate(LAWS, start=1):
        own = values[..., number * len(NAMES) : (number + 1) * len(NAMES)]
        found[law] = np.minimum(np.exp(common + apart * own), CAPPED)
    return found


def stage(money: Floats, months: float) -> Floats:
    """Return what leaves one stage each month of what enters it.

    What enters in a month stands there from the next month on; a stage passes on `1 - exp(-1 / months)` of it a month.
    """
    rate = -np.expm1(-1.0 / months)
    return np.asarray(lfilter([0.0, rate], [1.0, rate - 1.0], money))


def expended(obligated: Floats, values: Floats) -> Floats:
    """Return dollars expended each month of those obligated; a share lapses instead."""
    months = values[1] / STAGES[1]
    return np.asarray((1 - values[3]) * stage(stage(obligated, months), months))


def cumulative(values: Floats, appropriated: Floats) -> dict[str, Floats]:
    """Return dollars obligated, expended and delivered by each month of those appropriated.

    The chain of `delivery.delivered` without the bound on capacity, for points are of many programmes together and the
    bound is of each.
    """
    months = values[0] / STAGES[0]
    obligated = stage(stage(appropriated, months), months)
    spent = expended(obligated, values)
    flows = {
        "obligated": obligated,
        "expended": spent,
        "delivered": stage(spent, values[2] / STAGES[2]),
    }
    return {name: np.cumsum(flow) for name, flow in flows.items()}


def predicted(laws: Mapping[str, Floats], record: Record) -> Floats:
    """Return what the lags of each law make of each point, shape (points,)."""
    sums = {law: cumulative(laws[law], money) for law, money in record.appropriated.items()}
    base = {law: np.cumsum(money) for law, money in record.appropriated.items()}
    paid = {law: expended(money, laws[law]) for law, money in record.obligated.items()}
    found = []
    for point in record.points:
        if point.stage == "paid":
            at = month_number(point.month) - month_number(FIRST_OBLIGATED) + 1
            of = {"usaid": ("esf",)}.get(point.scope, tuple(paid))
            found.append(sum(float(paid[law][at - 12 : at].sum()) for law in of))
        else:
            at = month_number(point.month) - month_number(FIRST_APPROPRIATED)
            of = (point.scope,) if point.scope in sums else tuple(sums)
            found.append(
                sum(float(sums[law][point.stage][at]) for law in of) / sum(float(base[law][at]) for law in of)
            )
    return np.array(found)


def foretold(lags: Posterior, of: Record, random: np.random.Generator, draws: int) -> Floats:
    """Return draws of every point of a record, shape (draws, points): of lags, of scopes, and of each point's error."""
    z = random.standard_normal((draws, len(lags.mean)))
    factors = (lags.mean + z @ lags.root.T)[:, COUNT:]
    laws = lags.at(z[:, :COUNT])
    logs = np.log([predicted({law: laws[law][draw] for law in LAWS}, of) for draw in range(draws)])
    for at, point in enumerate(of.points):
        if point.scope in lags.scopes:
            logs[:, at] += factors[:, lags.scopes.index(point.scope)]
        else:
            logs[:, at] += SCOPES[point.scope] * random.standard_normal(draws)
        logs[:, at] += point.error * random.standard_normal(draws)
    return np.asarray(np.exp(logs))


def fit(record: Record, apart: Floats = APART) -> Posterior:
    """Return the lags that the points leave likely; with no point the prior comes back.

    Parameters
    ----------
    apart : array, shape (4,)
        How far the accounts' lags lie apart: standard deviation in logarithms; zeros for one law of all.
    """
    low, high = np.log(np.array([PRIOR[name] for name in NAMES])).T
    centre, spread = (low + high) / 2, (high - low) / (2 * Z95)
    scopes = sorted({point.scope for point in record.points})
    scope = np.array([scopes.index(point.scope) for point in record.points], dtype=int)
    found = np.log([point.value for point in record.points])
    many = Counter((point.stage, point.scope) for point in record.points)
    errors = np.array(
        [
            point.error
            * (1.0 if point.stage == "paid" else max(1.0, many[point.stage, point.scope] / CORRELATED) ** 0.5)
            for point in record.points
        ]
    )
    widths = np.array([SCOPES[name] for name in scopes])

    def residuals(values: Floats) -> Floats:
        prior = np.concatenate([(values[:4] - centre) / spread, values[4:COUNT], values[COUNT:] / widths])
        if not record.points:
            return prior
        expected = np.log(predicted(by_law(values, apart), record) + 1e-12) + values[COUNT:][scope]
        return np.concatenate([prior, (expected - found) / errors])

    start = np.concatenate([centre, np.zeros(COUNT - 4 + len(scopes))])
    best = least_squares(residuals, start, diff_step=1e-4)
    covariance = np.linalg.inv(best.jac.T @ best.jac)
    return Posterior(best.x, np.linalg.cholesky(covariance), apart, tuple(scopes))


def evenly(dollars: Mapping[int, float], first: str) -> Floats:
    """Return dollars by month from dollars by fiscal year, each even over its year: months are not on record."""
    start = int(first[:4]) + 1
    months = np.zeros(12 * max(max(dollars, default=start) - start + 1, 1))
    for year, usd in dollars.items():
        months[12 * (year - start) : 12 * (year - start + 1)] += usd / 12
    return months


def appropriations(facts: Facts) -> dict[str, dict[int, float]]:
    """Return dollars appropriated for the Initiative by law and fiscal year.

    Money that was published for all accounts together is split as in the nearest year that has a split; where none is
    known yet, it stands under "other".
    """
    rows = facts.sql(
        "select fiscal_year, account, sum(usd) from appropriations where status = 'verified' group by all order by 1, 2"
    ).rows()
    split: dict[int, dict[str, float]] = {}
    for year, account, usd in rows:
        if account.lower() in LAWS:
            split.setdefault(year, {})[account.lower()] = float(usd)
    found: dict[str, dict[int, float]] = {law: {} for law in LAWS}
    for year, account, usd in rows:
        if account.lower() in LAWS:
            parts = {account.lower(): float(usd)}
        elif split:
            nearest = split[min((abs(known - year), known) for known in split)[1]]
            parts = {law: usd * one / sum(nearest.values()) for law, one in nearest.items()}
        else:
            parts = {"other": float(usd)}
        for law, dollars in parts.items():
            found[law][year] = found[law].get(year, 0.0) + dollars
    return found


def obligations(facts: Facts) -> dict[str, dict[int, float]]:
    """Return dollars obligated for Mexico by fiscal year: of USAID under "esf", of all other agencies under "incle".

    The other agencies' are those of the law-enforcement account for two thirds and more in the Initiative's first years.
    """
    whole: dict[int, float] = dict(
        facts.sql(
            """select fiscal_year, arg_max(usd, vintage) from foreign_assistance
            where stage = 'obligated' and fiscal_year >= 1995 group by 1 order by 1"""
        ).rows()
    )
    usaid: dict[int, float] = dict(
        facts.sql(
            """select fiscal_year, sum(usd) from obligations
            where agency = 'U.S. Agency for International Development' and fiscal_year >= 1995 group by 1 order by 1"""
        ).rows()
    )
    # What USAID obligated is published later than the whole: in between, as in the last year that is known.
    last = usaid[max(usaid)] if usaid else 0.0
    esf = {year: min(usaid.get(year, last), usd) for year, usd in whole.items()}
    return {"esf": esf, "incle": {year: usd - esf[year] for year, usd in whole.items()}}


def published(facts: Facts, appropriated: Mapping[str, Floats]) -> list[Point]:
    """Return the published sums of the Initiative that are known at the record's date."""
    known = dict(facts.sql("select id, value from published_facts where status = 'verified'").rows())
    total = np.cumsum(sum(appropriated.values()))
    points = []
    for name, stage_, month, base, error in PUBLISHED:
        at = month_number(month) - month_number(FIRST_APPROPRIATED)
        if name not in known or at >= len(total):
            continue
        mixed = "all_accounts" if int(month[:4]) > LAST_SPLIT else "initiative"
        scope, of = (
            ("mexico_and_central_america", "mexico_and_central_america" if base == 100.0 else "initiative")
            if name in CENTRAL_AMERICA
            else ("initiative", mixed)
        )
        points.append(Point(name, stage_, scope, of, month, known[name] / (base or float(total[at])), error))
    return points


def yearly(facts: Facts, appropriated: Mapping[str, Mapping[int, float]], latest: int) -> list[Point]:
    """Return the yearly sums that are known: obligations by account, and payments of USAID and of all agencies."""
    accounts = {
        "International Narcotics Control and Law Enforcement": "incle",
        "Economic Support Fund": "esf",
    }
    found: list[tuple[str, str, int, float]] = []
    known: dict[str, dict[int, float]] = {law: {} for law in accounts.values()}
    for account, year, usd in facts.sql(
        "select account, fiscal_year, sum(usd) from obligations where fiscal_year >= 2008 group by 1, 2 order by 2"
    ).rows():
        if account in accounts and year <= LAST_SPLIT:
            known[accounts[account]][year] = float(usd)
    for law, by_year in known.items():
        for year in list(by_year)[1:]:
            usd, base = (
                sum(one for at, one in money.items() if at <= year) for money in (by_year, appropriated[law])
            )
            if usd > 0 and base > 0:
                found.append(("obligated", law, year, usd / base))
    found += [
        ("paid", "usaid", year, float(usd))
        for year, usd in facts.sql(
            """select fiscal_year, usd from usaid_by_category
            where category = 'total' and stage = 'spent' and fiscal_year < 2014 order by 1"""  # of 2014 a part
        ).rows()
    ]
    found += [
        ("paid", "all_agencies", year, float(usd))
        for year, usd in facts.sql(
            """select fiscal_year, arg_max(usd, vintage) from foreign_assistance
            where stage = 'disbursed' and fiscal_year between 2001 and 2024 group by 1 order by 1"""  # of 2025 a part
        ).rows()
        if year <= latest
    ]
    return [
        Point(
            id=f"{stage_}_{scope}_{year}",
            stage=stage_,
            scope=scope,
            base=scope,
            month=f"{year}-09",
            value=value,
            error=YEARLY[stage_],
        )
        for stage_, scope, year, value in found
    ]


def record(facts: Facts) -> Record:
    """Return what is known at the record's date of how far foreign assistance had got."""
    money = appropriations(facts)
    last = max((year for by_year in money.values() for year in by_year), default=2008)
    months = 12 * (last - 2007)
    appropriated = {}
    for law, by_year in money.items():
        even = evenly(by_year, FIRST_APPROPRIATED)
        appropriated[law] = np.pad(even, (0, max(0, months + 24 - len(even))))
    spent = obligations(facts)
    obligated = {law: evenly(by_year, FIRST_OBLIGATED) for law, by_year in spent.items()}
    points = (*published(facts, appropriated), *yearly(facts, money, max(spent["incle"], default=0)))
    return Record(points, appropriated, obligated)


def conflicts(facts: Facts) -> list[tuple[str, str]]:
    """Return pairs of sums that cannot both hold: cumulative obligations fell from the first to the second."""
    values = dict(facts.sql("select id, value from published_facts where status = 'verified'").rows())
    sums = [
        (name, month, values[name] / 100 * values["P038"] if base == 100.0 else values[name])
        for name, stage_, month, base, _ in PUBLISHED
        if stage_ == "obligated" and name in values
    ]
    fell = [
        (early, late)
        for at, (early, before, was) in enumerate(sums)
        for late, after, now in sums[at + 1 :]
        if after > before and now < was
    ]
    rows = facts.sql(
        """select account, fiscal_year from obligations where fiscal_year >= 2008
        group by 1, 2 having sum(usd) < 0 order by 1, 2"""
    ).rows()
    return fell + [(f"{account}, {year - 1}", f"{account}, {year}") for account, year in rows]


def mixed(points: Sequence[Point]) -> list[str]:
    """Return the points whose money is of another scope than what they are held against."""
    return [point.id for point in points if point.scope != point.base]


def lags(facts: Facts) -> Posterior:
    """Return the lags of foreign assistance, fitted to what was known at the record's date."""
    return fit(record(facts))
