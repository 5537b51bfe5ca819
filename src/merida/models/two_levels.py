"""Plans that name many municipalities: what `system.trajectory` computes of them, at two levels and sooner.

A programme that works in municipalities acts in them through `communities` alone, if that mechanism has its lever.
Then nothing else need hold a column of money or a cell for each of them:

* The lags of delivery are the same at every place of a line, and its bound acts on the line's sum. What is at work in a
  municipality is therefore its part of what all of them together have at work. The money that municipalities get in one
  span of months from one account stands in one column, a *bundle*; a line has one column for each.
* All other mechanisms say the same in each municipality of a state that the same programmes serve. They run on these
  *wide* cells; what their levers leave of homicides is a sum of terms (`reduced_form.Terms`), one row for all of them.
* `communities` runs on the cells of the whole domain, and `violence` joins its terms to that row.

The signals are those of the whole domain's trajectory, to rounding (tests hold them together).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.framework import Plan, PlanRow
from merida.models import communities
from merida.models.programme_units import UNITS_AT_WORK
from merida.models.reduced_form import Terms, folded, joined, terms
from merida.models.socket import system
from merida.models.socket.domain import Domain
from merida.models.socket.mechanism import AVERTED_SHARE, ByLever, Fixed, Mechanism
from merida.models.violence import LOG_SURVIVAL, TAKEN_BY_LEVER, acting

FEWEST = 32  # municipalities that are named, below which one level takes less
LEAST_USD = 1e-3  # a year, in each column that is empty: it shows what a first dollar would do

Money = tuple[Any, Any]
"""Dollars by month, line and place of the wide domain, (T, L, Q + B); and dollars a year that each programme gives each
named municipality from each bundle, (B, P, N)."""


class Arrays(NamedTuple):
    """What does not vary by draw. P programmes of `communities`, N named municipalities, B bundles, C cells, G states."""

    wide: Mapping[str, Any]  # inputs of every mechanism on the wide domain
    cells: communities.Inputs  # of all cells
    programmes: Fixed  # (P,) of all programmes of the framework
    parent: Fixed  # (C,) the wide cell of each cell
    weight: Fixed  # (C,) each cell's share of the nation's recent homicides
    line: Fixed  # (B, P, L) 1 where a bundle's money of a programme is of a line
    spent: Fixed  # (B, T) the part of a dollar a year that falls in each month
    cell: Fixed  # (N,) of each named municipality
    per_unit: Fixed  # (P, C) what a unit in a named municipality is shared out by there, upside down
    per_place: Fixed  # (P, G) the same at Mexico as a whole, the United States and states


@dataclass(frozen=True)
class TwoLevels:
    """A domain and the wide domain beside it.

    Parameters
    ----------
    domain : Domain
        Where plans name municipalities.
    bundles : tuple of (str, str, str)
        First month, last month and account of the money that municipalities get.
    """

    domain: Domain
    bundles: tuple[tuple[str, str, str], ...]

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The municipalities that are named, in the order of the domain's places."""
        return tuple(place for place in self.domain.named if place in self.domain.forecast.places)

    @cached_property
    def wide(self) -> Domain:
        """The domain in which no municipality is named, and each bundle is a place at which nobody lives."""
        known = set(self.named)
        others = [place for place in self.domain.named if place not in known]
        return replace(self.domain, named=(*others, *(f"bundle {one}" for one in range(len(self.bundles)))))

    @cached_property
    def arrays(self) -> Arrays:
        """What does not vary by draw."""
        domain, wide = self.domain, self.wide
        names = communities.programmes(domain)
        line = np.zeros((len(self.bundles), len(names), len(domain.lines)))
        for bundle, (_, _, account) in enumerate(self.bundles):
            for programme, name in enumerate(names):
                if (name, account) in domain.lines:
                    line[bundle, programme, domain.lines.index((name, account))] = 1.0
        parent = np.zeros(int(domain.cells.max()) + 1, dtype=np.int64)
        parent[domain.cells] = wide.cells
        cells: communities.Inputs = domain.inputs["communities"]
        per_place = np.divide(1.0, cells.sharing, out=np.zeros_like(cells.sharing), where=cells.sharing > 0)
        count = len(domain.places) - len(domain.named)
        cell = dict(zip(domain.forecast.places, domain.cells.tolist(), strict=True))
        return Arrays(
            wide=wide.inputs,
            cells=cells,
            programmes=cells.programmes,
            parent=parent,
            weight=domain.inputs["violence"].weight,
            line=line,
            spent=np.stack([domain.running(span_row(names[0], *one)) / 12.0 for one in self.bundles]),
            cell=np.array([cell[place] for place in self.named]),
            per_unit=np.pad(per_place, ((0, 0), (0, 1)))[:, cells.ground.own],
            per_place=per_place[:, :count],
        )

    @cached_property
    def at(self) -> tuple[dict[tuple[str, str, str], int], dict[str, int], dict[str, int]]:
        """Numbers of bundles, of programmes of `communities` and of named municipalities."""
        names = communities.programmes(self.domain)
        return tuple({one: at for at, one in enumerate(all_)} for all_ in (self.bundles, names, self.named))  # type: ignore[return-value]  # of three

    def entry(self, row: PlanRow) -> tuple[int, int, int] | None:
        """Return bundle, programme and municipality of a row; None where it names no municipality."""
        bundles, programmes, named = self.at
        if row.place not in named:
            return None
        return bundles[row.start, row.end, row.account], programmes[row.programme], named[row.place]

    def money(self, *plans: Plan) -> Money:
        """Return the dollars of plans together; see `Money`."""
        programmes = communities.programmes(self.domain)
        amounts = np.zeros((len(self.bundles), len(programmes), len(self.named)))
        others = []
        for plan in plans:
            entries = [(row, self.entry(row)) for row in plan.rows]
            for row, at in entries:
                if at is not None:
                    amounts[at] += row.usd_per_year
            others.append(replace(plan, rows=tuple(row for row, at in entries if at is None)))
        return self.wide.money(*others), amounts


def span_row(programme: str, start: str, end: str, account: str) -> PlanRow:
    """Return a row of some span, of which only the months are looked at."""
    return PlanRow(programme, account, "MX", start, end, 1.0)


def two_levels(domain: Domain, plans: Sequence[Plan]) -> TwoLevels | None:
    """Return a domain at two levels, or None where its plans are not of that kind.

    They are where many municipalities are named, all by programmes whose levers `communities` has, for months that the
    forecast covers.
    """
    codes = set(domain.forecast.places) & set(domain.named)
    rows = [row for plan in plans for row in plan.rows if row.place in codes]
    apart = all(domain.framework.programmes[row.programme].lever in communities.LEVERS for row in rows)
    if len(codes) < FEWEST or not apart or any(domain.running(row)[: domain.first].any() for row in rows):
        return None
    return TwoLevels(domain, tuple(sorted({(row.start, row.end, row.account) for row in rows})))


def by_wide_cell(theta: Mapping[str, Any], arrays: Arrays) -> dict[str, Any]:
    """Return the parameters of one draw as the wide domain has them."""
    counted = communities.with_counts(theta["communities"], arrays.wide["communities"])
    return {**theta, "communities": counted}


def together(arrays: Arrays, money: Money) -> tuple[Array, Array]:
    """Return all dollars on the wide domain, (T, L, Q + B), and each municipality's part of its bundle, (B, P, N)."""
    dollars, amounts = money
    sums = jnp.sum(amounts, axis=2) + LEAST_USD
    in_bundles = jnp.einsum("bt,bp,bpl->tlb", arrays.spent, sums, arrays.line)
    return dollars.at[:, :, -len(arrays.spent) :].add(in_bundles), amounts / sums[:, :, None]


def in_cells(arrays: Arrays, counted: communities.Theta, parts: Array) -> Array:
    """Return what one unit of a bundle covers of the need of each cell, shape (B, P, C)."""
    there = jnp.zeros((*parts.shape[:2], len(arrays.parent))).at[:, :, arrays.cell].set(parts)
    each: Array = there * arrays.per_unit * counted.by_unit
    return each


def covered(arrays: Arrays, counted: communities.Theta, units: Array, by_bundle: Array) -> Array:
    """Return what `communities.covered` does, from the units of one month on the wide domain, shape (P, G + ... + B)."""
    places = units[:, : arrays.per_place.shape[1]] * arrays.per_place
    of_bundles = jnp.einsum("pb,bpc->pc", units[:, -len(by_bundle) :], by_bundle)
    part: Array = arrays.cells.pulls @ ((places @ arrays.cells.ground.wide) * counted.by_unit + of_bundles)
    return part


def reach(arrays: Arrays, counted: communities.Theta, units: Array, by_bundle: Array) -> Array:
    """Return what `communities.before` does, for all months of units, (months, P, G + ... + B)."""
    now: Array = jax.vmap(lambda here: jnp.minimum(covered(arrays, counted, here, by_bundle), counted.room))(
        units
    )
    return now


def over_months(
    counted: communities.Theta, arrays: Arrays, state: Array, now: Array
) -> tuple[Array, communities.Reached]:
    """Return the state of `communities` in all cells after some months, and what is reached in each of them."""
    return jax.lax.scan(
        lambda then, here: communities.step(counted, arrays.cells, then, here, jnp.asarray(0)), state, now
    )


def reached_by_then(
    mechanisms: Sequence[Mechanism], theta: Mapping[str, Any], arrays: Arrays, dollars: Array
) -> tuple[system.Memory, Array]:
    """Return what mechanisms hold after some months on the wide domain, and `communities` in all cells.

    Parameters
    ----------
    dollars : array, shape (months, L, Q + B)
        In which no named municipality was given any.
    """
    wide = by_wide_cell(theta, arrays)
    memory = system.remembered(mechanisms, wide, arrays.wide, dollars)
    units = system.trajectory(mechanisms, wide, arrays.wide, dollars, 0, None, (UNITS_AT_WORK.name,))
    counted = communities.with_counts(theta["communities"], arrays.cells)
    nobody = jnp.zeros((*arrays.line.shape[:2], len(arrays.parent)))

    now = reach(arrays, counted, units[UNITS_AT_WORK.name][:, arrays.programmes], nobody)
    return memory, over_months(counted, arrays, communities.initial(arrays.cells), now)[0]


def trajectory(
    mechanisms: tuple[Mechanism, ...],
    theta: Mapping[str, Any],
    arrays: Arrays,
    money: Money,
    first: int,
    memory: tuple[system.Memory, Array],
) -> system.Trajectory:
    """Return what one plan does in one draw, as `system.trajectory` does on the whole domain.

    Parameters
    ----------
    theta : mapping of str to Any
        Parameters of one draw, by mechanism; what `communities` counts of cells is counted here.
    memory : tuple
        What `reached_by_then` gives of the months before `first`.
    """
    dollars, parts = together(arrays, money)
    keep = (AVERTED_SHARE.name, UNITS_AT_WORK.name)
    wide = by_wide_cell(theta, arrays)
    path = dict(system.trajectory(mechanisms, wide, arrays.wide, dollars, first, memory[0], keep))
    averted: ByLever = path.pop(AVERTED_SHARE.name)
    levers = acting(averted.levers)
    others = tuple(lever for lever in levers if lever not in communities.LEVERS)
    rest = folded(terms(averted.values[:, rows(averted.levers, others)]), axis=1)
    rest = jax.tree.map(
        lambda each: each.T[arrays.parent].T, rest
    )  # whole rows: an index by element takes long
    counted = communities.with_counts(theta["communities"], arrays.cells)
    by_bundle = in_cells(arrays, counted, parts)
    overlap = theta["violence"].overlap

    now = reach(arrays, counted, path.pop(UNITS_AT_WORK.name)[:, arrays.programmes], by_bundle)
    _, reached = over_months(counted, arrays, memory[1], now)

    def month(here: communities.Reached, others: Terms) -> dict[str, Any]:
        said = communities.after(counted, arrays.cells, here, {})
        own: Array = said.pop(AVERTED_SHARE.name).values
        both = jax.tree.map(lambda one, each: jnp.stack([one, each]), others, folded(terms(own)))
        alone = -jnp.log1p(-own) @ arrays.weight
        return said | {LOG_SURVIVAL.name: joined(both, overlap), TAKEN_BY_LEVER.name: alone}

    said = jax.vmap(month)(reached, rest)
    taken = path[TAKEN_BY_LEVER.name].at[:, rows(levers, communities.LEVERS)].set(said[TAKEN_BY_LEVER.name])
    return path | said | {TAKEN_BY_LEVER.name: taken}


def rows(levers: tuple[str, ...], wanted: Sequence[str]) -> Any:
    """Return the place of some levers among others."""
    return np.array([levers.index(lever) for lever in wanted])
