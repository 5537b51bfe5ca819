"""What an allocation makes large: gains beside the reference through the whole system, under a risk measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from merida.decide.division import risk
from merida.decide.division.constraints import MILLION
from merida.decide.division.search import OUTCOME, Goal, goal_of, slopes, where
from merida.decide.optimiser.frank_wolfe import Objective
from merida.decide.worth import valuations
from merida.distributions import Floats
from merida.ensemble.parameter_draws import Drawn
from merida.ensemble.simulation import Simulation
from merida.ensemble.summary import Difference, difference
from merida.errors import PlanError, nearest
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import PlanRow
from merida.models.registry import outcomes
from merida.models.socket.domain import Domain

WELFARE = "welfare"
RISKS = ("mean", "cvar", "regret")


@dataclass(frozen=True)
class Divided:
    """Money that is divided among rows, as the system takes it.

    Parameters
    ----------
    domain : Domain
    rows : tuple of PlanRow
        Where it may go; x is in millions of dollars a year of each.
    past : array, shape (months, lines, places)
        Dollars that are not divided.
    """

    domain: Domain
    rows: tuple[PlanRow, ...]
    past: Floats

    @cached_property
    def windows(self) -> list[tuple[str, str]]:
        """The spans of months in which rows spend."""
        return sorted({(row.start, row.end) for row in self.rows})

    @cached_property
    def spent(self) -> Floats:
        """The part of a dollar a year that falls in each month, shape (windows, months)."""
        first = {(row.start, row.end): row for row in reversed(self.rows)}
        return np.stack([self.domain.running(first[span]) / 12.0 for span in self.windows])

    @cached_property
    def at(self) -> tuple[Any, Any, Any]:
        """Window, line and place of each row."""
        window = np.array([self.windows.index((row.start, row.end)) for row in self.rows])
        return (window, *where(self.domain, self.rows))

    def money(self, x: Floats) -> Floats:
        """Return the dollars of every month."""
        window, line, place = self.at
        by_window = np.zeros((len(self.windows), *self.past.shape[1:]))
        np.add.at(by_window, (window, line, place), x * MILLION)
        return np.asarray(self.past + np.einsum("wt,wlq->tlq", self.spent, by_window), dtype=np.float64)

    def pulled(self, gradient: Floats) -> Floats:
        """Return the slope by each row's millions from that by window, line and place."""
        return np.asarray(gradient[self.at] * MILLION, dtype=np.float64)


Gains = Callable[[Floats], tuple[Floats, Callable[[Floats], Floats]]]
"""Takes a plan; returns its gain in each draw, and what gives the slope of a weighted sum of these gains."""


def gains_of(divided: Divided, drawn: Drawn, bases: Floats, reference: Floats, goal: Goal) -> Gains:
    """Return what gives the gain of a plan beside the reference in each draw, on common random numbers.

    Parameters
    ----------
    bases : array, shape (draws, months, cells)
        The forecast, from `search.base`.
    reference : array, shape (months, lines, places)
        The dollars that the forecast is conditional on.
    """
    slope = slopes(divided.domain, drawn, bases, reference, goal, divided.spent)
    without, _ = slope(reference)

    def gains(x: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
        lost, by_draw = slope(divided.money(x))
        return without - lost, lambda weights: divided.pulled(-np.einsum("d,dwlq->wlq", weights, by_draw))

    return gains


def objective_of(gains: Gains, measure: str) -> Objective:
    """Return the objective of gains under ``mean`` or ``cvar``."""

    def objective(x: Floats) -> tuple[float, Floats]:
        by_draw, slope = gains(x)
        value, weights = risk.RISKS[measure](by_draw)
        return value, slope(weights)

    return objective


def regret_of(scenarios: Sequence[Objective], best: Sequence[float]) -> Objective:
    """Return the objective that makes the largest regret over scenarios small.

    Parameters
    ----------
    scenarios : sequence of callable
        The mean gain in each.
    best : sequence of float
        What the best plan for each gains.
    """

    def objective(x: Floats) -> tuple[float, Floats]:
        each = [scenario(x) for scenario in scenarios]
        value, weights = risk.least_regret(np.array([gain for gain, _ in each]), np.array(best))
        return value, np.asarray(weights @ np.stack([slope for _, slope in each]), dtype=np.float64)

    return objective


@dataclass(frozen=True)
class Aim:
    """What an allocation is for.

    Parameters
    ----------
    name : str
        As it was asked for.
    weights : mapping of str to float
        What one of each outcome's unit counts.
    rate : float
        Discount rate a year.
    """

    name: str
    weights: Mapping[str, float]
    rate: float = 0.0

    @property
    def at_ports(self) -> bool:
        """Whether customs money is divided: hours at the ports are all that counts."""
        return tuple(self.weights) == (OUTCOME["delay"],)

    @property
    def of_homicides(self) -> bool:
        """Whether homicides in Mexico are all that counts."""
        return tuple(self.weights) == (OUTCOME["homicides"],)

    def goal(self, domain: Domain, years: int | None = None) -> Goal:
        """Return it as what is to be small."""
        return goal_of(domain, self.weights, years, self.rate)

    def lost(self, run: Simulation, plan: str) -> Floats:
        """Return what is to be small under a plan of a run, shape (draws,)."""
        fall = (1 + self.rate) ** -np.arange(run.domain.years, dtype=float)
        return np.asarray(
            sum(
                weight
                * (1.0 if run.outcome(name).good == "less" else -1.0)
                * (run.outcomes.value[name][plan].sum(axis=1) @ fall)
                / run.outcome(name).scale
                for name, weight in self.weights.items()
            ),
            dtype=np.float64,
        )

    def gained(self, run: Simulation, plan: str, versus: str) -> Difference:
        """Return what a plan gains beside another."""
        return difference(self.lost(run, plan), self.lost(run, versus))


def aim_of(
    objective: str, facts: Facts, base_year: int, *, valuation: str = "hammitt2006", rate: float = 0.035
) -> Aim:
    """Return what an objective makes large: an outcome, a weighted set, or what lives are worth.

    Under ``welfare`` gains are in millions of dollars of the base year, discounted. Of what is valued it counts lives in
    Mexico and in the United States: what foreign assistance moves, for a plan of the same cost.

    Parameters
    ----------
    objective : str
        ``homicides``, ``delay``, ``welfare``, a registered outcome, or outcomes with weights:
        ``homicides=1,us_overdose_deaths=0.5``.

    Raises
    ------
    PlanError
        If an outcome is not registered, a weight is not a number above 0, or the set of values cannot be taken.
    """
    if objective == WELFARE:
        lines = valuations.valued(valuation, facts, Register(facts.as_of), base_year)
        lives = {line.country: line.usd / MILLION for line in lines}
        return Aim(
            objective, {"homicides": lives["mexico"], "us_overdose_deaths": lives["united_states"]}, rate
        )
    return Aim(objective, parsed(objective))


def parsed(text: str) -> dict[str, float]:
    """Return the weights of an objective: an outcome, or a set such as ``homicides=1,us_overdose_deaths=0.5``.

    Raises
    ------
    PlanError
        If an outcome is not registered, or a weight is not a number above 0.

    Examples
    --------
    >>> parsed("delay"), parsed("homicides=1,us_overdose_deaths=0.5")
    ({'border_delay': 1.0}, {'homicides': 1.0, 'us_overdose_deaths': 0.5})
    """
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, given, number = (piece.strip() for piece in part.partition("="))
        name = OUTCOME.get(name, name)
        if name not in outcomes():
            known = ", ".join((*OUTCOME, WELFARE))
            raise PlanError(
                "objective_unknown", found=name[:60], nearest=nearest(name[:60], outcomes()), known=known
            )
        try:
            weight = float(number) if given else 1.0
        except ValueError:
            weight = np.nan
        if not 0 < weight < np.inf or name in weights:
            raise PlanError("objective_weight", found=text[:80])
        weights[name] = weight
    return weights
