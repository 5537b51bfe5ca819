"""What an hour of delay is worth: time, reliability and vehicle cost, in dollars of 2012, as draws.

The time of people follows the published income lost to delay on the way to work at San Diego (dollars over hours, 2005);
other trips are worth a share of it. A truck's hour is its driver's and its cargo's. Reliability is the standard
deviation of the wait from day to day, at a ratio of the value of time (Small, Winston & Yan, 2005, use the spread of
travel times in this way; the ratio here is an assumption). GDP, jobs and trade are no part of it, since the same hours
would be counted twice.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from merida.border.priors import PRIORS
from merida.distributions import Floats
from merida.errors import BorderError
from merida.facts import Facts
from merida.framework.builtin import DEFLATOR
from merida.priors import Priors
from merida.units import price_level

BASE_YEAR = 2012
INCOME_LOST, HOURS_LOST, WORK_SHARE = "B035", "B034", "B037"  # San Diego, 2005


class Values(NamedTuple):
    """What one hour of delay of one vehicle, or of one person on foot, is worth in dollars of 2012; D draws."""

    time: Floats  # (D,), of those inside, and for trucks of the cargo
    vehicle: Floats  # (D,), fuel, wear and idle capital
    reliability: Floats  # (D,), worth of an hour of standard deviation, over `time`

    @property
    def per_hour(self) -> Floats:
        """The time and vehicle cost of an hour of delay, dollars, shape (D,)."""
        return self.time + self.vehicle

    def dollars(self, delay_hours: Floats, spread_hours: Floats | float = 0.0) -> Floats:
        """Return what delay costs, dollars of 2012; the axis of draws comes first.

        Parameters
        ----------
        delay_hours : array, shape (D, ...)
            The hours of delay of all vehicles.
        spread_hours : array, shape (D, ...), or float
            The vehicles times the hours of the standard deviation of their delay.
        """
        over_draws = (slice(None), *(None,) * (np.ndim(delay_hours) - 1))
        return (
            self.per_hour[over_draws] * delay_hours
            + (self.time * self.reliability)[over_draws] * spread_hours
        )


def published(facts: Facts, name: str) -> float | None:
    """Return the value of a verified published fact by its id, or None where it had not been published."""
    rows = facts.sql(
        f"select value from published_facts where id = '{name}' and status = 'verified' and value is not null"
    )
    return float(rows.item()) if rows.height else None


def to_base_year(facts: Facts, year: int) -> float:
    """Return the dollars of 2012 for one of `year`, by the deflator of U.S. aid, or by the nearest year that it knows."""
    known: dict[int, float] = dict(facts.sql(DEFLATOR).rows())
    return price_level(known, BASE_YEAR) / price_level(known, year)


@lru_cache(maxsize=4)
def persons_per_car(facts: Facts) -> float:
    """Return the persons in a car that enters, over the last twelve months on record, or one if none are."""
    persons = facts.sql(
        "with months as (select month, "
        "sum(crossings) filter (where measure = 'personal_vehicle_passengers') as persons, "
        "sum(crossings) filter (where measure = 'personal_vehicles') as cars "
        "from border_crossings group by month having persons > 0 and cars > 0 order by month desc limit 12) "
        "select sum(persons) / sum(cars) from months"
    ).item()
    return float(persons or 1.0)


def values(facts: Facts, mode: str, draws: int, seed: int = 0, priors: Priors = PRIORS) -> Values:
    """Return what an hour of delay of a mode is worth.

    Parameters
    ----------
    mode : {"trucks", "cars", "pedestrians"}
        Whose hour it is.
    draws : int
        The number of draws; draw k depends on the seed and k alone.
    priors : Priors
        What is assumed (``border.values`` in ``investment.toml``), with what a user holds of it.

    Raises
    ------
    BorderError
        If no value is assumed for the mode.

    Examples
    --------
    >>> values(Facts(), "trucks", draws=3).per_hour.shape
    (3,)
    """

    def of(name: str) -> Floats:
        return priors.drawn(f"border.values.{name}", draws, seed)

    if mode == "trucks":
        return Values(of("truck_time_usd_per_hour"), of("truck_vehicle_usd_per_hour"), of("reliability"))
    if mode not in ("cars", "pedestrians"):
        raise BorderError("border_unknown_mode", found=mode, known="trucks, cars, pedestrians")
    income, hours, work = (published(facts, name) for name in (INCOME_LOST, HOURS_LOST, WORK_SHARE))
    if income and hours:
        work_trip = income / hours * to_base_year(facts, 2005) * of("person_scale")
    else:
        work_trip = of("person_usd_per_hour")
    share = (work or 0.0) / 100
    person = work_trip * (share + (1 - share) * of("other_trips"))
    if mode == "pedestrians":
        return Values(person, np.zeros(draws), of("reliability"))
    return Values(person * persons_per_car(facts), of("car_vehicle_usd_per_hour"), of("reliability"))
