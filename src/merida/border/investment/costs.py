"""What investments at a crossing cost in a year, in dollars of 2012, as draws.

Unit costs and lives are those of the framework's programmes, so that a plan and a crossing pay the same. Capital is
paid over its life at a discount rate (capital recovery, r / (1 - (1 + r)^-life)); what is left of it at the end of a
shorter window is thereby worth the payments that remain, which is its residual value.
"""

from __future__ import annotations

import numpy as np

from merida.border.crossings.ports import parameters
from merida.border.delay.value_of_time import drawn, persons_per_car, published
from merida.distributions import Distribution, Floats
from merida.draws import stream
from merida.facts import Facts
from merida.framework import Framework

FRAMEWORK = "merida"


def recovery(rate: float, life_years: Floats | float) -> Floats:
    """Return the yearly payment that pays one dollar of capital over its life."""
    life = np.asarray(life_years, dtype=np.float64)
    return np.asarray(1 / life if rate == 0 else rate / -np.expm1(-life * np.log1p(rate)))


def unit_cost(facts: Facts, programme: str, draws: int, seed: int) -> Floats:
    """Return draws of a programme's unit cost: from its published fact where there is one, else as assumed."""
    cost = Framework.load(FRAMEWORK).programmes[programme].unit_cost
    distribution, amount = cost.distribution, 1.0
    if cost.fact is not None:
        usd = published(facts, cost.fact)
        distribution, amount = (cost.otherwise, 1.0) if usd is None else (cost.scale, usd / cost.divide)
    assert distribution is not None
    return amount * distribution.at(stream(seed, f"programme.{programme}.unit_cost").standard_normal(draws))


def life(programme: str, draws: int, seed: int) -> Floats:
    """Return draws of how many years a programme's unit works."""
    distribution = Framework.load(FRAMEWORK).programmes[programme].life_years.distribution
    return distribution.at(stream(seed, f"programme.{programme}.life_years").standard_normal(draws))


def officer_hours(draws: int, seed: int) -> Floats:
    """Return draws of the hours that an officer stands at a booth in a year."""
    about = parameters()["officer_hours_per_year"]
    distribution = Distribution(kind="lognormal", low=about["low"], high=about["high"])
    return distribution.at(stream(seed, "border.officer_hours_per_year").standard_normal(draws))


def yearly(facts: Facts, mode: str, rate: float, draws: int, seed: int) -> dict[str, tuple[Floats, Floats]]:
    """Return what each investment costs in a year: (what it costs in any case, for each unit of its amount).

    The amount is the hours a year in which a lane is staffed, the trips a year of those who enrol, else nothing.
    """
    nothing = np.zeros(draws)

    def of(name: str) -> Floats:
        return drawn(f"invest.{name}", draws, seed)

    def cost(programme: str) -> Floats:
        return unit_cost(facts, programme, draws, seed)

    def capital(programme: str) -> Floats:
        return cost(programme) * recovery(rate, life(programme, draws, seed))

    officer = cost("customs_officers")
    works = capital("lanes_roads") + cost("lanes_roads") * of("lane_upkeep")
    if mode == "trucks":
        a_trip = capital("trusted_traders") / of("trips_a_certificate")
    else:
        persons = persons_per_car(facts) if mode == "cars" else 1.0
        a_year = of("enrolment_usd") * recovery(rate, of("membership_years"))
        a_trip = persons * a_year / of("trips_a_member")
    return {
        "officer": (officer, nothing),
        "officer_even": (officer, nothing),
        "lane": (works, officer / officer_hours(draws, seed)),
        "trusted": (nothing, a_trip),
        "scanner": (capital("non_intrusive_inspection") + of("scanner_crew") * officer, nothing),
        "southbound": (cost("southbound_checks"), nothing),
    }
