"""What investments at a crossing cost in a year, in dollars of 2012, as draws.

Unit costs and lives are those of the framework's programmes, so that a plan and a crossing pay the same. Capital is
paid over its life at a discount rate (capital recovery, r / (1 - (1 + r)^-life)); what is left of it at the end of a
shorter window is thereby worth the payments that remain, which is its residual value.
"""

from __future__ import annotations

import numpy as np

from merida.border.delay.value_of_time import persons_per_car
from merida.border.priors import PRIORS
from merida.distributions import Floats
from merida.draws import stream
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework
from merida.parameters import unit_costs
from merida.parameters.unit_costs import programme_of
from merida.priors import Priors

OFFICERS, LANES, TRUSTED = "border.customs_officers", "border.lanes_roads", "border.trusted_traders"
SCANNERS, SOUTHBOUND = "border.non_intrusive_inspection", "flows.southbound_checks"


def recovery(rate: float, life_years: Floats | float, principal: float = 1.0) -> Floats:
    """Return the yearly payment, at the end of each year, that pays a principal back over its life with interest.

    It is P r / (1 - (1 + r)^-n), the capital recovery formula.

    Parameters
    ----------
    rate : float
        The interest or discount rate r a year, 0 included.
    life_years : array or float
        The years n.
    principal : float
        The principal P.

    Examples
    --------
    >>> round(float(recovery(0.07, 10.0)), 4)
    0.1424
    """
    life = np.asarray(life_years, dtype=np.float64)
    return np.asarray(principal / life if rate == 0 else principal * rate / -np.expm1(-life * np.log1p(rate)))


def unit_cost(
    framework: Framework, facts: Facts, lever: str, draws: int, seed: int, priors: Priors = PRIORS
) -> Floats:
    """Return draws of the unit cost of the framework's programme that pulls a lever, dollars of 2012, shape (draws,).

    It comes from the programme's published fact where there is one at the date, and is else as assumed.

    Raises
    ------
    FrameworkError
        If no programme of the framework pulls it.

    Examples
    --------
    >>> unit_cost(Framework.load("merida"), Facts(), OFFICERS, draws=3, seed=0).shape
    (3,)
    """
    name = programme_of(framework, lever)
    path = f"programme.{name}.unit_cost"
    if priors.holds(path):
        return np.full(draws, priors.number(path))
    z = stream(seed, path).standard_normal(draws)
    return unit_costs.unit_cost(framework.programmes[name].unit_cost, facts, Register(facts.as_of), z)


def life(framework: Framework, lever: str, draws: int, seed: int, priors: Priors = PRIORS) -> Floats:
    """Return draws of how many years a unit of the programme that pulls a lever works, shape (draws,).

    Raises
    ------
    FrameworkError
        If no programme of the framework pulls it.

    Examples
    --------
    >>> bool((life(Framework.load("merida"), LANES, draws=3, seed=0) > 0).all())
    True
    """
    name = programme_of(framework, lever)
    path = f"programme.{name}.life_years"
    if priors.holds(path):
        return np.full(draws, priors.number(path))
    distribution = framework.programmes[name].life_years.distribution
    return distribution.at(stream(seed, path).standard_normal(draws))


def officer_hours(draws: int, seed: int, priors: Priors = PRIORS) -> Floats:
    """Return draws of the hours that an officer stands at a booth in a year, shape (draws,)."""
    return priors.drawn("border.officer_hours_per_year", draws, seed)


def yearly(
    framework: Framework, facts: Facts, mode: str, rate: float, draws: int, seed: int, priors: Priors = PRIORS
) -> dict[str, tuple[Floats, Floats]]:
    """Return what each investment costs in a year, dollars of 2012.

    Parameters
    ----------
    framework : Framework
        Whose unit costs and lives are paid.
    mode : {"trucks", "cars", "pedestrians"}
        The traffic that it serves.
    rate : float
        The discount rate of capital a year.

    Returns
    -------
    dict of investment to (array, array), shape (draws,)
        What the investment costs in any case, and what it costs for each unit of the amount of its `CrossingChange`.

    Examples
    --------
    >>> sorted(yearly(Framework.load("merida"), Facts(), "cars", rate=0.07, draws=2, seed=0))
    ['lane', 'officer', 'officer_even', 'scanner', 'southbound', 'trusted']
    """
    nothing = np.zeros(draws)

    def of(name: str) -> Floats:
        return priors.drawn(f"border.invest.{name}", draws, seed)

    def cost(lever: str) -> Floats:
        return unit_cost(framework, facts, lever, draws, seed, priors)

    def capital(lever: str) -> Floats:
        return cost(lever) * recovery(rate, life(framework, lever, draws, seed, priors))

    officer = cost(OFFICERS)
    works = capital(LANES) + cost(LANES) * of("lane_upkeep")
    if mode == "trucks":
        a_trip = capital(TRUSTED) / of("trips_a_certificate")
    else:
        persons = persons_per_car(facts) if mode == "cars" else 1.0
        a_year = of("enrolment_usd") * recovery(rate, of("membership_years"))
        a_trip = persons * a_year / of("trips_a_member")
    return {
        "officer": (officer, nothing),
        "officer_even": (officer, nothing),
        "lane": (works, officer / officer_hours(draws, seed, priors)),
        "trusted": (nothing, a_trip),
        "scanner": (capital(SCANNERS) + of("scanner_crew") * officer, nothing),
        "southbound": (cost(SOUTHBOUND), nothing),
    }
