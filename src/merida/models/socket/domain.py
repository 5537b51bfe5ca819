"""From a framework, plans and a forecast to the arrays of the system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from merida.distributions import Floats
from merida.framework import Framework, Plan, PlanRow, Programme
from merida.one_line import OneLine
from merida.units import month_number
from merida.violence.forecasting import Forecast

Integers = npt.NDArray[np.int64]
MX, US = 0, 1  # the first two places of money: Mexico as a whole, the United States


class Ground(NamedTuple):
    """Which cells what is at a place of money reaches: products, as an index by cell is slow and its slope slower."""

    wide: Floats  # (2 + states, C) 1 where Mexico as a whole, the United States and each state reach a cell in Mexico
    own: Integers  # (C,) the place of the cell itself, where a plan names it; else one past the last

    def reached(self, by_place: Any) -> Any:
        """Return what reaches each cell, shape (..., C), of what is at each place of money, (..., Q)."""
        count = self.wide.shape[0]
        found = by_place[..., :count] @ self.wide
        if by_place.shape[-1] == count:
            return found
        empty = [(0, 0)] * (by_place.ndim - 1)
        return found + jnp.pad(by_place, [*empty, (0, 1)])[..., self.own]


@dataclass(frozen=True, repr=False)
class Domain(OneLine):
    """Where plans are run: lines, places of money, cells and months.

    Parameters
    ----------
    framework : Framework
    forecast : Forecast
        The path of violence under the reference plan.
    named : tuple of str
        Municipalities and ports that some plan names itself, sorted.
    start : str
        First month of the plans, ``YYYY-MM``; before it every plan is history.
    years : int
        Years evaluated from `start`.
    officers_per_100k : float
        Police per 100,000 people, where need is measured in officers.
    mechanisms : tuple of Mechanism
        What runs (`merida.models.socket.mechanism`, which stands above).
    tables : mapping of str to Any
        What mechanisms take beside the domain, by name.
    """

    framework: Framework
    forecast: Forecast
    named: tuple[str, ...]
    start: str
    years: int
    officers_per_100k: float
    mechanisms: tuple[Any, ...] = ()
    tables: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def programmes(self) -> tuple[str, ...]:
        """The framework's programmes."""
        return tuple(self.framework.programmes)

    @cached_property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Every (programme, account that may pay for it)."""
        return tuple(
            (name, account)
            for name, programme in self.framework.programmes.items()
            for account in sorted(programme.accounts)
        )

    def abroad(self, account: str) -> bool:
        """Return whether an account is foreign assistance."""
        return self.framework.accounts[account].kind == "foreign_assistance"

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Places that money is given to: Mexico, the United States, states, and those that plans name."""
        return ("MX", "US", *self.states, *self.named)

    @cached_property
    def months(self) -> int:
        """Months from the framework's history to the end of the evaluation."""
        return self.offset(self.start) + 12 * self.years

    def offset(self, month: str) -> int:
        """Return a month's place on the axis of months."""
        return month_number(month) - month_number(self.framework.history_start)

    @cached_property
    def first(self) -> int:
        """The first month of the forecast on the axis of months."""
        return self.offset(self.forecast.first_month)

    @cached_property
    def measures(self) -> dict[str, Floats]:
        """Measures of need by place of the forecast; unknown places need nothing."""
        population = np.asarray(self.forecast.population, dtype=np.float64)
        known = population > 0
        return {
            "population": population,
            "homicides": np.where(known, self.forecast.recent_deaths, 0.0),
            "officers": population * self.officers_per_100k / 1e5,
            "none": np.zeros(len(population)),
        }

    def eligible(self, programme: Programme) -> npt.NDArray[np.bool_]:
        """Return which places of the forecast a programme serves.

        Thresholds are on rates and so hold alike for the parts of a municipality. A state in which no municipality
        passes them is served whole.
        """
        population, deaths = self.measures["population"], self.measures["homicides"]
        rate = 1e5 * deaths / np.maximum(population, 1.0)
        wanted = (population > 0) & (rate >= programme.targeting.homicide_rate_at_least)
        states = np.asarray(self.forecast.states)
        for state in np.unique(states):
            here = states == state
            if not wanted[here].any():
                wanted[here] = population[here] > 0
        return wanted

    @cached_property
    def served(self) -> npt.NDArray[np.bool_]:
        """Which places of the forecast each programme serves, shape (P, places)."""
        local = ("state", "municipality", "nation")
        return np.stack(
            [
                self.eligible(programme) & (programme.level in local)
                for programme in self.framework.programmes.values()
            ]
        )

    @cached_property
    def cells(self) -> Integers:
        """The cell of each place of the forecast: places of one state that the same programmes serve."""
        own = [place if place in self.named else "" for place in self.forecast.places]
        keys = [
            (state, bytes(row), name)
            for state, row, name in zip(self.forecast.states, self.served.T, own, strict=True)
        ]
        number = {key: at for at, key in enumerate(sorted(set(keys)))}
        return np.array([number[key] for key in keys], dtype=np.int64)

    @cached_property
    def need(self) -> Floats:
        """The measure of need at each place of money, shape (P, Q)."""
        place = {code: at for at, code in enumerate(self.places)}
        states = np.asarray(self.forecast.states)
        need = np.zeros((len(self.programmes), len(self.places)))
        for at, programme in enumerate(self.framework.programmes.values()):
            if programme.need is None:
                continue
            if programme.need.measure == "none":
                need[at, [MX, US]] = 1.0
                continue
            measure = np.where(self.served[at], self.measures[programme.need.measure], 0.0)
            need[at, MX] = measure.sum()
            for code, column in place.items():
                if len(code) == 2 and code.isdigit():
                    need[at, column] = measure[states == code].sum()
            for code in self.named:
                if code in self.forecast.places:
                    need[at, place[code]] = measure[self.forecast.places.index(code)]
        return need

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The states of the forecast, without the unknown one."""
        return tuple(sorted(set(self.forecast.states) - {"99"}))

    @cached_property
    def people(self) -> Floats:
        """People by state, shape (states,)."""
        codes = np.asarray(self.forecast.states)
        return np.array([self.measures["population"][codes == state].sum() for state in self.states])

    @cached_property
    def to_states(self) -> Floats:
        """What part of a unit at each place of money works in each state, shape (Q, states).

        Units for Mexico as a whole work by population; those of a named municipality in its state; those in the United
        States, and at ports, in none.
        """
        part = np.zeros((len(self.places), len(self.states)))
        part[MX] = self.people / self.people.sum()
        for at, place in enumerate(self.places):
            known = place in self.forecast.places
            state = self.forecast.states[self.forecast.places.index(place)] if known else place
            if state in self.states:
                part[at, self.states.index(state)] = 1.0
        return part

    @cached_property
    def state_of_cell(self) -> Integers:
        """The number of each cell's state in `states`; one past the last where it is unknown."""
        found = np.full(int(self.cells.max()) + 1, len(self.states), dtype=np.int64)
        for cell, state in zip(self.cells, self.forecast.states, strict=True):
            if state in self.states:
                found[cell] = self.states.index(state)
        return found

    @cached_property
    def in_state(self) -> Floats:
        """1 where a cell lies in a state, shape (C, states + 1); the last column is of cells in none."""
        return np.eye(len(self.states) + 1)[self.state_of_cell]

    @cached_property
    def ground(self) -> Ground:
        """Which cells what is at a place of money reaches."""
        named = {code: len(self.places) - len(self.named) + at for at, code in enumerate(self.named)}
        own = np.full(int(self.cells.max()) + 1, len(self.places), dtype=np.int64)
        for cell, code in zip(self.cells, self.forecast.places, strict=True):
            own[cell] = named.get(code, len(self.places))
        wide = np.zeros((2 + len(self.states), len(own)))
        wide[MX] = 1.0
        wide[2:] = self.in_state[:, :-1].T
        return Ground(wide, own)

    def pulls(self, lever: str) -> Floats:
        """Return 1 for each programme that pulls a lever, else 0, shape (P,)."""
        return np.array([float(programme.lever == lever) for programme in self.framework.programmes.values()])

    @cached_property
    def inputs(self) -> Mapping[str, Any]:
        """What does not vary by draw, by mechanism."""
        return {mechanism.name: mechanism.prepare(self) for mechanism in self.mechanisms}

    def spread(self, row: PlanRow) -> Floats:
        """Return the share of a row's money that each place of money gets, shape (Q,); it sums to 1.

        Money for Mexico as a whole in a programme that works in states goes to them in proportion to need.
        """
        shares = np.zeros(len(self.places))
        programme = self.framework.programmes[row.programme]
        if row.place == "MX" and programme.level in ("state", "municipality"):
            states = slice(2, len(self.places) - len(self.named))
            need = self.need[self.programmes.index(row.programme), states]
            shares[states] = need / need.sum()
        else:
            shares[self.places.index(row.place)] = 1.0
        return shares

    def line(self, row: PlanRow) -> int:
        """Return the line of a row."""
        return self.lines.index((row.programme, row.account))

    def running(self, row: PlanRow) -> npt.NDArray[np.bool_]:
        """Return in which months of the axis a row runs."""
        months = np.arange(self.months)
        return (months >= self.offset(row.start)) & (months <= self.offset(row.end))

    def money(self, *plans: Plan) -> Floats:
        """Return the dollars of plans together, by month, line and place of money."""
        dollars = np.zeros((self.months, len(self.lines), len(self.places)))
        for plan in plans:
            for row in plan.rows:
                when = self.running(row)[:, None]
                dollars[:, self.line(row)] += row.usd_per_year / 12 * when * self.spread(row)[None]
        return dollars

    def gradient(self, plan: Plan, by_money: Floats) -> Floats:
        """Return the derivative by each row's dollars a year from that by `money`, shape (rows,)."""
        return np.array(
            [
                np.einsum("tq,t,q->", by_money[:, self.line(row)], self.running(row) / 12.0, self.spread(row))
                for row in plan.rows
            ]
        )


def named_places(plans: Sequence[Plan]) -> tuple[str, ...]:
    """Return the municipalities and ports that plans name, sorted."""
    return tuple(sorted({row.place for plan in plans for row in plan.rows if len(row.place) > 2}))
