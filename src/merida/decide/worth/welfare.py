"""What one plan is worth beside another, in dollars, to whom, and how likely it is worth what it costs.

Outcomes of a run, draw by draw and year by year, times what each is worth, less what the plan costs::

    benefit of a perspective = standing * sum over years t of value * outcome(t) / (1 + r)**t
    total = sum of the perspectives
    net present value = total - cost

The perspectives are those of WSIPP (taxpayers, those who take part, others, indirect) in the terms of this system: US
taxpayers bear the deadweight of the taxes that pay for the plan, people at risk in Mexico and in the United States live,
travellers and traders wait less, and works outlive the window. A plan's dollars are paid by the United States.

A death in Mexico is worth a statistical life; a death in the United States what a murder costs there, the one US value
that the register holds. Each death has one value: the costs of victims and a statistical life are the same death, and
are never added (SCIENCE rule 4). Production, jobs and trade are not added to time. Values of lives are sets of the
register's rows that are chosen by name and never averaged (`valuations`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from merida.border.delay import values
from merida.border.delay.value_of_time import BASE_YEAR
from merida.decide.said.lines import LivesLine, PerspectiveLine, ValuationLine, WelfareLine
from merida.decide.worth.valuations import prices
from merida.distributions import Floats
from merida.ensemble import Simulation
from merida.models.border_surrogate import MODES
from merida.priors import Priors
from merida.statistics import Interval, low_median_high
from merida.units import price_level

Standing = Literal["us", "mexico", "both"]
RATES = (0.02, 0.035, 0.05)  # WSIPP's low, mode and high, real
AT_HOME = ("port", "united_states")  # levels of programmes whose works stand in the United States


@dataclass(frozen=True)
class Changes:
    """What one plan changes beside another. D draws, Y years.

    Parameters
    ----------
    mexican_lives, us_lives : array, shape (D, Y)
        Homicides averted in Mexico, overdose deaths averted in the United States.
    hours : array, shape (D, modes, Y), or None
        Hours saved at the ports; None where they were not simulated.
    usd : array, shape (Y,)
        Dollars appropriated beyond the other plan's.
    works : mapping of str to float
        Dollars that works are still worth at the end of the window, by country (``us``, ``mexico``).
    """

    mexican_lives: Floats
    us_lives: Floats
    hours: Floats | None
    usd: Floats
    works: Mapping[str, float]


@dataclass(frozen=True)
class Worth:
    """What each outcome is worth, in the dollars of the plan.

    Parameters
    ----------
    mexican_life, us_life : float
        Dollars for a death averted.
    hour : array, shape (D, modes), or None
        Dollars for an hour of a vehicle, or of one on foot.
    deadweight : array, shape (D,)
        What a dollar of US taxes costs beyond itself.
    travellers_us : array, shape (D,)
        Share of travellers' and traders' gain that falls to the United States.
    """

    mexican_life: float
    us_life: float
    hour: Floats | None
    deadweight: Floats
    travellers_us: Floats


@dataclass(frozen=True)
class Welfare:
    """Benefits by perspective and what they cost, present values in dollars.

    Attributes
    ----------
    perspectives : mapping of str to array, shape (D,)
        Benefits to those with standing, by whose they are.
    cost : float
        What those with standing pay.
    """

    perspectives: Mapping[str, Floats]
    cost: float

    @property
    def total(self) -> Floats:
        """The sum of the perspectives, shape (D,)."""
        return np.asarray(sum(self.perspectives.values()), dtype=np.float64)

    @property
    def net(self) -> Floats:
        """The net present value, shape (D,)."""
        return np.asarray(self.total - self.cost, dtype=np.float64)

    @property
    def positive(self) -> float:
        """The share of draws in which the net present value is above zero."""
        return float(np.mean(self.net > 0))

    @property
    def largest(self) -> str:
        """The perspective with the largest mean benefit."""
        return max(self.perspectives, key=lambda name: float(self.perspectives[name].mean()))

    @property
    def ratio(self) -> Floats | None:
        """Benefits over cost, shape (D,), or None where nothing is paid: a ratio would then say nothing."""
        return self.total / self.cost if self.cost > 0 else None


def discounted(by_year: Floats, rate: float) -> Floats:
    """Return the present value in the first year of what comes in each year, the last axis summed.

    Examples
    --------
    >>> float(discounted(np.array([100.0, 110.0]), 0.1))
    200.0
    """
    return np.asarray(by_year @ (1 + rate) ** -np.arange(by_year.shape[-1], dtype=float), dtype=np.float64)


def welfare(
    changes: Changes, worth: Worth, standing: Standing, rate: float, lives_rate: float | None = None
) -> Welfare:
    """Return what a plan is worth to those with standing.

    Parameters
    ----------
    standing : {"us", "mexico", "both"}
        Whose gains and costs count.
    rate : float
        Real discount rate a year.
    lives_rate : float or None
        That of lives, where they are discounted otherwise (0: not at all).
    """
    us, mexico = float(standing != "mexico"), float(standing != "us")
    of_lives = rate if lives_rate is None else lives_rate
    paid = us * float(discounted(changes.usd, rate))
    at_end = (1 + rate) ** -float(len(changes.usd))
    left = at_end * (us * changes.works["us"] + mexico * changes.works["mexico"])
    found = {}
    if us:
        found["us_taxpayers"] = -paid * worth.deadweight
        found["us_people"] = worth.us_life * discounted(changes.us_lives, of_lives)
    if mexico:
        found["mexico_people"] = worth.mexican_life * discounted(changes.mexican_lives, of_lives)
    if changes.hours is not None and worth.hour is not None:
        share = us * worth.travellers_us + mexico * (1 - worth.travellers_us)
        found["travellers"] = share * (worth.hour * discounted(changes.hours, rate)).sum(axis=1)
    found["works"] = np.full(len(worth.deadweight), left)
    return Welfare(found, paid)


def changes(run: Simulation, plan: str, versus: str, priors: Priors) -> Changes:
    """Return what a plan of a run changes beside another."""

    def less(outcome: str) -> Floats:
        by_plan = run.outcomes.value[outcome]
        return np.asarray(by_plan[versus] - by_plan[plan], dtype=np.float64)

    domain = run.domain
    start = domain.offset(domain.start)
    months = domain.money(run.plans[plan])[start:] - domain.money(run.plans[versus])[start:]
    by_line = months.sum(axis=2).reshape(domain.years, 12, -1).sum(axis=1)  # (Y, lines)
    left = {"us": 0.0, "mexico": 0.0}
    age = (
        domain.years - np.arange(domain.years) - 0.5
    )  # at the end of the window, of what is built in the middle of a year
    for dollars, (name, _) in zip(by_line.T, domain.lines, strict=True):
        programme = domain.framework.programmes[name]
        life = run.parameters.held.get(
            f"programme.{name}.life_years", programme.life_years.distribution.median
        )
        if life >= priors.number("welfare.works_life"):
            home = "us" if programme.level in AT_HOME else "mexico"
            left[home] += float(dollars @ np.clip(1 - age / life, 0.0, None))
    hours = less("border_delay") if "border_delay" in run.outcomes.value else None
    return Changes(
        less("homicides").sum(axis=1),
        less("us_overdose_deaths").sum(axis=1),
        hours,
        by_line.sum(axis=1),
        left,
    )


def worth(run: Simulation, lives: Sequence[ValuationLine], priors: Priors, seed: int) -> Worth:
    """Return what outcomes are worth: lives by a set, hours as investments at crossings value them."""
    draws, facts = run.drawn.count, run.parameters.facts
    by_country = {line.country: line.usd for line in lives}
    hour = None
    if "border_delay" in run.outcomes.value:
        level = {year: row["us_cpi"] for year, row in prices(facts).items()}
        moved = price_level(level, run.domain.framework.base_year) / price_level(level, BASE_YEAR)
        by_mode = [values(facts, mode, draws, seed, priors).per_hour for mode in MODES]
        hour = moved * np.stack(by_mode, axis=1)
    return Worth(
        by_country["mexico"],
        by_country["united_states"],
        hour,
        priors.drawn("welfare.deadweight_us", draws, seed),
        priors.drawn("welfare.travellers_us", draws, seed),
    )


def told(draws: Floats, digits: int = 0) -> Interval:
    """Return draws as median and interval, as far as they carry."""
    low, median, high = (round(float(end), digits) for end in low_median_high(draws))
    return Interval(low, median, high)


def perspectives(found: Welfare) -> tuple[PerspectiveLine, ...]:
    """Return the benefits of each perspective."""
    return tuple(PerspectiveLine(name, told(usd)) for name, usd in found.perspectives.items())


def lives(changed: Changes, rate: float) -> tuple[LivesLine, ...]:
    """Return the deaths averted, undiscounted and discounted."""
    by_outcome = {"homicides": changed.mexican_lives, "us_overdose_deaths": changed.us_lives}
    return tuple(
        LivesLine(name, told(by_year.sum(axis=1), 1), told(discounted(by_year, rate), 1))
        for name, by_year in by_outcome.items()
    )


def cases(
    changed: Changes, by_set: Mapping[str, Worth], valuation: str, standing: Standing, rate: float
) -> tuple[WelfareLine, ...]:
    """Return the net present value as asked for, then with one choice changed at a time.

    Parameters
    ----------
    by_set : mapping of str to Worth
        What outcomes are worth under each set that can be chosen.
    """
    asked = (valuation, standing, rate, rate)
    chosen: list[tuple[str, Standing, float, float]] = [asked]
    chosen += [(valuation, standing, other, other) for other in RATES]
    chosen += [(valuation, standing, rate, 0.0)]
    chosen += [(other, standing, rate, rate) for other in by_set]
    chosen += [(valuation, other, rate, rate) for other in get_args(Standing)]
    lines = []
    for one in dict.fromkeys(chosen):
        name, whose, discount, of_lives = one
        found = welfare(changed, by_set[name], whose, discount, of_lives)
        lines.append(WelfareLine(name, whose, discount, of_lives, told(found.net), round(found.positive, 3)))
    return tuple(lines)
