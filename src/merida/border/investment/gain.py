"""What one investment gains at a crossing in a year, over the set of schedules.

The gain counts time, reliability and vehicle cost (SCIENCE rule 4). For each hour of the week it is half the sum of
arrivals before and after, times the fall of the wait (the rule of a half, so that a trip made only because waits fell
counts half). To it come what the diverted relieve at other crossings, and the like for the standard deviation of waits
between days. GDP and jobs are no part of it. Hours saved are the plain difference of hours lost before and after, which
can fall less than the welfare does, since trips come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from merida.border.crossings.sites import Site, last_full_year, per_day
from merida.border.crossings.weekly_waits import HOURS, WEEKS_A_YEAR, Integers, Waits, Week, of_draws, waits
from merida.border.delay.value_of_time import Values, published, values
from merida.border.investment import changes, costs
from merida.border.investment.changes import Crossing, CrossingChange
from merida.border.investment.officer_on_life import officer_at
from merida.border.investment.traveller_response import Response, response, settle
from merida.border.priors import PRIORS
from merida.distributions import Floats
from merida.draws import stream
from merida.facts import Facts
from merida.framework import Framework
from merida.one_line import OneLine
from merida.priors import Priors
from merida.statistics import low_median_high

DAYS_A_YEAR = 365.25
STEEPEST = 12.0  # power of arrivals with which waiting elsewhere may rise
CASH = (
    ("D100", 23.75),
    ("D101", 16.0),
    ("D104", 11.0),
)  # published seizures at land ports, months that they cover
SOUTHWEST = 0.97  # of D100, by its note
SMUGGLED_LOW, SMUGGLED_HIGH, FIREARMS = "D102", "D103", "D093"


@dataclass(frozen=True, eq=False, repr=False)
class Gain(OneLine):
    """What one investment gains in a year at one crossing; D draws.

    Parameters
    ----------
    site, what : Site, str
        The crossing, and the investment.
    month : str
        The period whose schedules stand for the year.
    calibrated : bool
        Whether the crossing's own hourly waits were fitted.
    hours : array, shape (D,)
        The hours of delay saved in a year, with the answer of arrivals.
    hours_fixed : array, shape (D,)
        The same if arrivals did not answer.
    usd : array, shape (D,)
        The time, reliability and vehicle cost saved in a year, dollars of 2012.
    time_usd : array, shape (D,)
        The time alone.
    cost : array, shape (D,)
        What the investment costs in a year, dollars of 2012.
    vehicles : array, shape (D,)
        The crossings in a year before the investment.
    hours_by_lane : dict of str to array
        `hours` by lane class; what is saved elsewhere stands under ``elsewhere``.
    unsettled : float
        The share of draws whose waits and arrivals did not settle to a tenth of the change.
    lane, works : str, array of shape (168,) or None
        Where and when the investment works.
    cash_usd, firearms : array, shape (D,), or None
        What a southbound team seizes in a year.
    life_hours, life_time_usd : array, shape (D,), or None
        An officer's hours saved in a year by the hours in which booths opened or closed, and the time that they are
        worth (`merida.border.investment.officer_on_life`); None where none were posted.
    """

    site: Site
    what: str
    month: str
    calibrated: bool
    hours: Floats
    hours_fixed: Floats
    usd: Floats
    time_usd: Floats
    cost: Floats
    vehicles: Floats
    hours_by_lane: dict[str, Floats]
    unsettled: float
    lane: str = ""
    works: Floats | None = None
    cash_usd: Floats | None = None
    firearms: Floats | None = None
    life_hours: Floats | None = None
    life_time_usd: Floats | None = None

    @property
    def per_dollar(self) -> Floats:
        """The dollars gained for a dollar spent, shape (D,)."""
        return self.usd / self.cost

    @property
    def minutes_each(self) -> Floats:
        """The minutes of delay saved, a mean over all who cross, shape (D,)."""
        return 60 * self.hours / self.vehicles

    @property
    def p_harm(self) -> float:
        """The share of draws in which it does harm."""
        return float((self.usd < 0).mean())

    @property
    def p_pays(self) -> float:
        """The share of draws in which it gains more than it costs."""
        return float((self.usd > self.cost).mean())

    @property
    def median_hours_by_lane(self) -> dict[str, float]:
        """The medians of `hours_by_lane`."""
        return {name: float(np.median(hours)) for name, hours in self.hours_by_lane.items()}

    @property
    def works_hours_of_week(self) -> tuple[int, ...] | None:
        """The hours of the week in which it works, from 0 on Monday at midnight."""
        return None if self.works is None else tuple(map(int, self.works.nonzero()[0]))


class Settings(NamedTuple):
    """The record, and the draws that are the same for all crossings of a mode."""

    facts: Facts
    how: Response
    worth: Values
    costs: dict[str, tuple[Floats, Floats]]
    referral: Floats
    secondary_minutes: Floats
    cash: Floats | None
    firearms: Floats | None
    seed: int
    priors: Priors


def settings(
    facts: Facts,
    mode: str,
    draws: int,
    seed: int,
    rate: float,
    elastic: bool = True,
    priors: Priors = PRIORS,
    framework: Framework | None = None,
) -> Settings:
    """Return the draws that all crossings of a mode share.

    Parameters
    ----------
    rate : float
        The discount rate of capital a year.
    elastic : bool
        Whether arrivals answer to waits.
    framework : Framework or None
        Whose unit costs and lives are paid; None means the Mérida Initiative's.
    """
    how = response(facts, mode, draws, seed, priors)
    if not elastic:
        how = Response(*(np.zeros_like(field) for field in how))
    return Settings(
        facts,
        how,
        values(facts, mode, draws, seed, priors),
        costs.yearly(framework or Framework.load("merida"), facts, mode, rate, draws, seed, priors),
        priors.drawn("border.referral_share", draws, seed),
        priors.drawn("border.secondary_minutes", draws, seed),
        *seizures(facts, draws, seed),
        seed,
        priors,
    )


def gain(here: Crossing, what: str, change: CrossingChange, shared: Settings) -> Gain:
    """Return what a change gains in a year.

    Parameters
    ----------
    here : Crossing
        The crossing as it is.
    what : str
        The investment.
    change : CrossingChange
        The crossing after it.
    shared : Settings
        The draws shared by all crossings of the mode.

    Examples
    --------
    >>> here = crossing(site, schedules(Facts(), site, draws=2))
    >>> gain(here, "officer", officer(here), settings(Facts(), "cars", 2, 0, rate=0.07)).hours.shape
    (2,)
    """
    fixed, welfare = change.extra_minutes.copy(), change.extra_minutes.copy()
    spread, elsewhere, residual = (np.zeros(here.draws) for _ in range(3))
    saved = {name: np.zeros(here.draws) for name in here.given.lanes}
    for part in change.parts:
        old = part.week.arrivals
        before, before_spread = (
            changes.of_lanes(tables, part.lanes) for tables in zip(*here.waits, strict=True)
        )
        others, relief, their_wait = (
            changes.of_lanes(tables, part.lanes) for tables in (here.elsewhere, here.relief, here.their_wait)
        )

        def waits_of(arrivals: Floats, draws: Integers, week: Week = part.week) -> Waits:
            return waits(of_draws(week, draws)._replace(arrivals=arrivals))

        first = waits(part.week) if part.waits is None else part.waits
        fixed += (old * (before - first.mean)).sum(axis=1)
        after = settle(old, before, others, shared.how, waits_of, first)
        both = (old + after.arrivals) / 2
        here_saved = (old * before - after.arrivals * after.waits.mean).sum(axis=1)
        for lane_class, name in enumerate(here.given.lanes):
            saved[name] += np.where(part.lanes == lane_class, here_saved, 0.0)
        welfare += (both * (before - after.waits.mean)).sum(axis=1)
        spread += (both * (before_spread - after.waits.spread)).sum(axis=1)
        relieved = relief_elsewhere(after.diverted, others, relief, their_wait)
        elsewhere += relieved
        welfare += relieved - (after.diverted * their_wait).sum(axis=1)
        residual = np.maximum(residual, after.residual)
    a_year = np.full(here.draws, WEEKS_A_YEAR / 60)
    if what.startswith("officer"):  # the hours that an officer works, over those of five shifts in every week
        all_year = WEEKS_A_YEAR * changes.SHIFTS * changes.SHIFT_HOURS
        a_year *= costs.officer_hours(here.draws, shared.seed, shared.priors) / all_year
    by_lane = {name: a_year * minutes for name, minutes in saved.items()}
    anyway, for_each = shared.costs[what]
    if change.extra_minutes.any():
        by_lane["switched" if what == "trusted" else "secondary"] = a_year * change.extra_minutes
    if elsewhere.any():
        by_lane["elsewhere"] = a_year * elsewhere
    life = on_life(here, shared) if what == "officer" else None
    return Gain(
        here.site,
        what,
        here.given.month,
        here.given.calibrated,
        sum(by_lane.values(), np.zeros(here.draws)),
        a_year * fixed,
        shared.worth.dollars(a_year * welfare, a_year * spread),
        shared.worth.time * a_year * welfare,
        anyway + for_each * change.amount,
        crossings_a_year(here),
        by_lane,
        float((residual > 0.1).mean()),
        change.lane,
        change.hours,
        life_hours=life,
        life_time_usd=None if life is None else shared.worth.time * life,
    )


def on_life(here: Crossing, shared: Settings) -> Floats | None:
    """Return what an officer saves in a year by matched hours, shape (D,), at the volumes of the month.

    See `officer_on_life`; None where none is posted.
    """
    found = officer_at(shared.facts, here.site, here.draws, shared.seed)
    if found is None:
        return None
    today, _ = per_day(shared.facts, here.site, last_full_year(shared.facts))
    return found.hours * crossings_a_year(here) / (DAYS_A_YEAR * today)


def relief_elsewhere(diverted: Floats, arrivals: Floats, slope: Floats, wait: Floats) -> Floats:
    """Return the minutes a week that those who divert save at the other crossings, shape (D,).

    Their waiting T follows a power of their arrivals that has the slopes of today, T (1 - moved)^e. The first diverted
    save the most, and no more can be saved than is waited.

    Parameters
    ----------
    diverted, arrivals, slope, wait : array, shape (D, 168)
        Those who come from there; all who arrive there; the minutes that one fewer saves; and what each waits.
    """
    waited = (arrivals * wait).sum(axis=1)
    weight = (arrivals * slope).sum(axis=1)
    moved = np.clip((diverted * slope).sum(axis=1) / np.maximum(weight, 1e-9), -0.5, 0.95)
    power = np.clip(weight / np.maximum(waited, 1e-9), 1.0, STEEPEST)
    return np.where(waited > 0, waited * (1 - (1 - moved) ** power), 0.0)


def crossings_a_year(here: Crossing) -> Floats:
    """Return the crossings in a year at the volumes of the month, shape (D,)."""
    return WEEKS_A_YEAR * sum(
        (lane_week.arrivals.sum(axis=1) for lane_week in here.weeks), np.zeros(here.draws)
    )


def southbound(here: Crossing, shared: Settings) -> Gain:
    """Return what a team that checks traffic to Mexico costs in delay, and what it seizes.

    As many are taken to leave as enter, evenly over the week; each that leaves in the hours of checks loses
    ``border.invest.check_minutes``. Seizures come from what was published of bulk cash, shared among the teams assumed;
    one team more yields a share of their mean. The share of cash that is caught stands for arms too. What is seized is no
    welfare and is not added.

    Examples
    --------
    >>> bool((southbound(here, settings(Facts(), "cars", 2, 0, rate=0.07)).hours < 0).all())
    True
    """
    draws, seed = here.draws, shared.seed

    def of(name: str) -> Floats:
        return shared.priors.drawn(f"border.invest.{name}", draws, seed)

    checked = crossings_a_year(here) * of("check_hours") / (WEEKS_A_YEAR * HOURS)
    hours = -checked * of("check_minutes") / 60
    a_team = of("check_marginal") / of("check_teams")
    return Gain(
        here.site,
        "southbound",
        here.given.month,
        here.given.calibrated,
        hours,
        hours,
        shared.worth.dollars(hours),
        shared.worth.time * hours,
        shared.costs["southbound"][0],
        crossings_a_year(here),
        {},
        0.0,
        cash_usd=None if shared.cash is None else shared.cash * a_team,
        firearms=None if shared.firearms is None else shared.firearms * a_team,
    )


def seizures(facts: Facts, draws: int, seed: int) -> tuple[Floats | None, Floats | None]:
    """Return cash (dollars) and firearms seized a year on their way to Mexico, as far as it was published.

    The publications count different months and ports: each draw takes one of them.
    """
    rates = [
        amount * (SOUTHWEST if name == "D100" else 1.0) * 12 / months
        for name, months in CASH
        if (amount := published(facts, name)) is not None
    ]
    if not rates:
        return None, None
    cash = np.array(rates)[stream(seed, "border.invest.seizures").integers(0, len(rates), draws)]
    low, high, arms = (published(facts, name) for name in (SMUGGLED_LOW, SMUGGLED_HIGH, FIREARMS))
    if low is None or high is None or arms is None:
        return cash, None
    smuggled = low + (high - low) * stream(seed, "border.invest.smuggled").random(draws)
    return cash, arms * cash / smuggled


def quantiles(given: Floats) -> tuple[float, float, float]:
    """Return the 5, 50 and 95 % quantiles of draws."""
    low, middle, high = map(float, low_median_high(given))
    return low, middle, high
