"""Runs: plans under the same draws of parameters and the same path of violence.

Draws go through the system one at a time in chunks of one fixed shape, the last one padded, on a thread per core, so that
neither the number of chunks nor of threads changes a byte, nor do other machines (`elsewhere`). Chunks of a long run are
kept in the user's cache as they are done; a run that was stopped goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binom, poisson

import merida.numerics  # noqa: F401  isort: skip
import jax

from merida.cache import claimed, load, save
from merida.distributions import Floats
from merida.draws import stream
from merida.ensemble import elsewhere
from merida.ensemble.lookups import ByPlan
from merida.ensemble.parameter_draws import Drawn
from merida.framework import Plan
from merida.models import two_levels
from merida.models.socket import system
from merida.models.socket.domain import Domain
from merida.models.socket.mechanism import Groups, Mechanism, Outcome, Run
from merida.models.violence import HOMICIDES, TAKEN_BY_LEVER
from merida.one_line import OneLine
from merida.progress import Cancel, tell

CHUNK = 16  # draws that one call of the compiled program runs
IN_FLIGHT = 256  # chunks that other machines are asked for at once
FEW_DRAWS = 256  # parts of a run of no more stay when it is complete: one of more draws goes on from them
REFERENCE = "reference"
FIELDS = ("counts", "place", "delivered", "working", "money", "taken")  # of `Outcomes`, beside its values

Progress = Callable[[int, int], None]


@cache
def compiled() -> Callable[..., Any]:
    """Return the system over a chunk of draws, compiled once for each set of mechanisms and shape."""

    def chunk(
        mechanisms: tuple[Mechanism, ...],
        theta: Any,
        inputs: Any,
        money: jax.Array,
        first: int,
        memory: system.Memory,
    ) -> system.Trajectory:
        paths: system.Trajectory = jax.lax.map(
            lambda draw: system.trajectory(mechanisms, draw[0], inputs, money, first, draw[1]),
            (theta, memory),
        )
        return paths

    return jax.jit(chunk, static_argnames=("mechanisms", "first"))


@cache
def compiled_past() -> Callable[..., Any]:
    """Return what is remembered of the months before plans differ, over a chunk of draws, compiled as `compiled` is."""

    def chunk(mechanisms: tuple[Mechanism, ...], theta: Any, inputs: Any, money: jax.Array) -> system.Memory:
        memory: system.Memory = jax.lax.map(
            lambda draw: system.remembered(mechanisms, draw, inputs, money), theta
        )
        return memory

    return jax.jit(chunk, static_argnames=("mechanisms",))


@cache
def compiled_at_two_levels() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return `compiled_past` and `compiled` for a domain at two levels."""

    def past(
        mechanisms: tuple[Mechanism, ...], theta: Any, arrays: two_levels.Arrays, money: jax.Array
    ) -> Any:
        return jax.lax.map(lambda draw: two_levels.reached_by_then(mechanisms, draw, arrays, money), theta)

    def chunk(
        mechanisms: tuple[Mechanism, ...],
        theta: Any,
        arrays: two_levels.Arrays,
        money: two_levels.Money,
        first: int,
        memory: Any,
    ) -> system.Trajectory:
        paths: system.Trajectory = jax.lax.map(
            lambda draw: two_levels.trajectory(mechanisms, draw[0], arrays, money, first, draw[1]),
            (theta, memory),
        )
        return paths

    return (
        jax.jit(past, static_argnames=("mechanisms",)),
        jax.jit(chunk, static_argnames=("mechanisms", "first")),
    )


def pasts(on: Domain | two_levels.TwoLevels, theta: Any, money: Floats) -> Any:
    """Return what is remembered of a plan before the forecast begins, in the draws of a chunk.

    Plans that spend alike until then have it in common, and it is half of the months.
    """
    if isinstance(on, Domain):
        return compiled_past()(on.mechanisms, theta, on.inputs, money[: on.first])
    return compiled_at_two_levels()[0](on.domain.mechanisms, theta, on.arrays, money[: on.domain.first])


def trajectories(on: Domain | two_levels.TwoLevels, theta: Any, money: Any, memory: Any) -> system.Trajectory:
    """Return what a plan does in the draws of a chunk, as NumPy arrays with a leading axis of draws.

    `memory` is what `pasts` gives of it, `money` what `on` makes of it.
    """
    if isinstance(on, Domain):
        found = compiled()(on.mechanisms, theta, on.inputs, money, on.first, memory)
    else:
        domain = on.domain
        found = compiled_at_two_levels()[1](domain.mechanisms, theta, on.arrays, money, domain.first, memory)
    return {name: np.asarray(values) for name, values in found.items()}


@dataclass(frozen=True, repr=False)
class Outcomes(OneLine):
    """What plans did, draw by draw. Y years from the plans' start, S states (the last one unknown), M places.

    Attributes
    ----------
    value : mapping of str to mapping of str to array, shape (draws, groups, Y)
        Every registered outcome by name, then by plan: expected homicides by state, hours lost by mode of traffic.
        Outcomes of mechanisms that did not run are not there.
    counts : mapping of str to array, shape (draws, S, Y)
        Homicides counted: the expectation with the noise of counting, the same noise for every plan.
    place : mapping of str to array, shape (draws, M, Y), float32, or empty
        Expected homicides by municipality, where they were asked for.
    delivered, working : mapping of str to array, shape (draws, L, Y) and (draws, P, Y)
        Units delivered in the year by line, and at work at its end by programme.
    money : mapping of str to array, shape (draws, 4, L, Y)
        Dollars obligated, expended, delivered and lapsed by line.
    taken : mapping of str to array, shape (draws, levers, Y)
        Homicides that each lever takes away by itself, in the order of `merida.models.violence.acting`.
    """

    value: Mapping[str, Mapping[str, Floats]]
    counts: Mapping[str, Floats]
    place: Mapping[str, Floats]
    delivered: Mapping[str, Floats]
    working: Mapping[str, Floats]
    money: Mapping[str, Floats]
    taken: Mapping[str, Floats]

    def arrays(self) -> dict[str, Floats]:
        """Return every array by ``FIELD|PLAN``, so that a finished run can be kept with its draws."""
        by_field = {f"value.{name}": by_plan for name, by_plan in self.value.items()}
        by_field |= {field: getattr(self, field) for field in FIELDS}
        return {
            f"{field}|{plan}": values
            for field, by_plan in by_field.items()
            for plan, values in by_plan.items()
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Floats]) -> Outcomes:
        """Return the outcomes of a run that was kept, from what `arrays` gave of it."""
        by_field: dict[str, ByPlan[Floats]] = {}
        for key, values in arrays.items():
            field, _, plan = key.partition("|")
            by_field.setdefault(field, ByPlan())[plan] = values
        value = {
            field.removeprefix("value."): by for field, by in by_field.items() if field.startswith("value.")
        }
        return cls(value, **{field: by_field.get(field, ByPlan()) for field in FIELDS})


def run(
    domain: Domain,
    drawn: Drawn,
    plans: Mapping[str, Sequence[Plan]],
    *,
    places: bool = True,
    keep: Path | None = None,
    progress: Progress = lambda *_: None,
    there: elsewhere.Cluster | None = None,
) -> Outcomes:
    """Run plans under every draw.

    Parameters
    ----------
    domain : Domain
        Where they run.
    drawn : Drawn
        The parameters' draws and the seed.
    plans : mapping of str to sequence of Plan
        What runs under each name, history included; ``reference`` is the plan that the forecast is conditional on.
    places : bool
        Whether to keep municipalities.
    keep : path or None
        Folder in which finished chunks are kept, for a run that goes on after a stop, or one of the same plans and seed
        with more draws. It goes when a run of more than `FEW_DRAWS` is complete.
    progress : callable
        Called with (chunks done, chunks in all).
    there : Cluster or None
        Computes chunks (default: what `elsewhere.cluster` gives, else threads here).
    """
    two = two_levels.two_levels(domain, [plan for parts in plans.values() for plan in parts])
    dollars = domain.money if two is None else two.money
    money, same = distinct({name: dollars(*parts) for name, parts in plans.items()})
    firsts = range(0, drawn.count, CHUNK)
    inputs = (two or domain, money, same, drawn.seed, places)
    there = there or elsewhere.cluster()
    sent = None if there is None else elsewhere.sent(there, inputs)
    threads = os.cpu_count() if there is None else IN_FLIGHT

    def one(first: int) -> dict[str, Floats]:
        part = f"{first:06d}-{min(CHUNK, drawn.count - first)}"
        saved = load(place / part) if place else None
        if saved is not None:
            return saved
        own = of_chunk(drawn, first)
        if there is None:
            found = chunk(*inputs, *own, check=halt.check)
        else:
            found = elsewhere.computed(there, halt.check, chunk, sent, own)
        if place:
            save(place / part, found)
        return found

    halt = Cancel()
    with claimed(keep, last=drawn.count > FEW_DRAWS) as place, ThreadPoolExecutor(threads) as pool:
        tasks = {first: pool.submit(one, first) for first in firsts}
        try:
            tell(pool, tasks.values(), progress)
        except BaseException:
            halt.set()  # chunks under way end between two plans
            raise
    done = {first: task.result() for first, task in tasks.items()}
    joined = {key: np.concatenate([done[first][key] for first in firsts]) for key in done[0]}

    fields = dict.fromkeys(key.partition("|")[0] for key in joined)
    return Outcomes.from_arrays(
        {
            f"{field}|{name}": joined[f"{field}|{same[name]}"]
            for field in fields
            for name in plans
            if f"{field}|{same[name]}" in joined
        }
    )


def outcomes_of(domain: Domain) -> list[Outcome]:
    """Return the outcomes of the mechanisms that run."""
    return [outcome for mechanism in domain.mechanisms for outcome in mechanism.outcomes]


def distinct(money: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the different moneys, arrays or trees of them, by the first name that has them, and each name's."""
    different: dict[str, Any] = {}
    same: dict[str, str] = {}
    for name in sorted(money, key=lambda name: name != REFERENCE):
        same[name] = next((one for one in different if equal(different[one], money[name])), name)
        different.setdefault(same[name], money[name])
    return different, same


def equal(one: Any, other: Any) -> bool:
    """Tell whether two trees of arrays are the same."""
    return all(map(np.array_equal, jax.tree.leaves(one), jax.tree.leaves(other)))


def of_chunk(drawn: Drawn, first: int) -> tuple[range, Any]:
    """Return the numbers of the draws of a chunk, and their parameters, which are padded to the chunk's size."""
    numbers = np.minimum(np.arange(first, first + CHUNK), drawn.count - 1)
    theta = jax.tree.map(lambda values: np.asarray(values)[numbers], drawn.theta)
    return range(first, min(first + CHUNK, drawn.count)), theta


def chunk(
    on: Domain | two_levels.TwoLevels,
    money: Mapping[str, Any],
    same: Mapping[str, str],
    seed: int,
    places: bool,
    draws: range,
    theta: Any,
    *,
    check: Callable[[], None] = lambda: None,
) -> dict[str, Floats]:
    """Return what every distinct plan does in some draws, as arrays by ``field|plan``: a function of its inputs alone.

    `money` is what `on` makes of each plan; `draws` and `theta` are what `of_chunk` gives; `check` raises where the run
    is to end.
    """
    domain = on if isinstance(on, Domain) else on.domain
    begun = domain.offset(domain.start) - domain.first
    before, past = distinct(
        {name: jax.tree.leaves(dollars)[0][: domain.first] for name, dollars in money.items()}
    )
    memory = {name: pasts(on, theta, dollars) for name, dollars in before.items()}
    paths: dict[str, system.Trajectory] = {}
    for name, dollars in money.items():
        check()
        paths[name] = trajectories(on, theta, dollars, memory[past[name]])
    groups = {outcome.name: grouping(domain, outcome) for outcome in outcomes_of(domain)}
    found: dict[str, list[Any]] = {}
    for number, draw in enumerate(draws):

        def month_by_month(path: system.Trajectory, number: int = number) -> dict[str, Floats]:
            return {name: values[number, begun:] for name, values in path.items()}

        reference = month_by_month(paths[same[REFERENCE]])
        forecast = np.exp(domain.forecast.log_rates(draw)[:, begun:])
        cells = by_cell(domain, forecast)
        base = summed(yearly(cells), groups[HOMICIDES.name])
        base_counts = stream(seed, "violence.counts", draw).poisson(base).astype(np.float64)
        for name, path in paths.items():
            check()
            mine = month_by_month(path)
            seen = Run(
                jax.tree.map(lambda values, number=number: values[number], theta), mine, reference, cells.T
            )
            values = {
                f"value.{outcome.name}": summed(
                    yearly(np.asarray(outcome.monthly(seen)).T), groups[outcome.name]
                )
                for outcome in outcomes_of(domain)
            }
            values |= {
                "counts": base_counts,
                "delivered": yearly(mine["units_delivered"].T),
                "working": mine["units_at_work_everywhere"].T[:, 11::12],
                "money": yearly(np.moveaxis(mine["ledger_usd"], 0, -1)),
                "taken": yearly(mine[TAKEN_BY_LEVER.name].T * cells.sum(axis=0)),
            }
            if name != same[REFERENCE]:
                expected = values[f"value.{HOMICIDES.name}"]
                thinning = stream(seed, "violence.thinning", draw)
                values["counts"] = thinned(base_counts, base, expected, thinning)
            if places:
                change = np.exp(mine["log_survival"] - reference["log_survival"]).T
                here = forecast if name == same[REFERENCE] else forecast * change[domain.cells]
                values["place"] = yearly(here).astype(np.float32)
            for field, value in values.items():
                found.setdefault(f"{field}|{name}", []).append(value)
    return {key: np.stack(values) for key, values in found.items()}


def grouping(domain: Domain, outcome: Outcome) -> Groups | None:
    """Return how the columns of an outcome are summed for a reader; None: all of them together."""
    return None if outcome.groups is None else outcome.groups(domain)


def summed(values: Floats, groups: Groups | None) -> Floats:
    """Return sums over groups of columns: (columns, Y) to (groups, Y)."""
    if groups is None:
        return np.asarray(values.sum(axis=0, keepdims=True), dtype=np.float64)
    sums = np.zeros((len(groups.names), values.shape[1]))
    np.add.at(sums, groups.member, values)
    return sums


def yearly(monthly: Floats) -> Floats:
    """Return sums over years: (..., 12 Y) to (..., Y)."""
    return np.asarray(monthly.reshape(*monthly.shape[:-1], -1, 12).sum(axis=-1), dtype=np.float64)


def by_cell(domain: Domain, values: Floats) -> Floats:
    """Return sums over cells: (places, months) to (cells, months)."""
    order = np.argsort(domain.cells, kind="stable")
    firsts = np.searchsorted(domain.cells[order], np.arange(domain.cells.max() + 1))
    return np.add.reduceat(values[order], firsts, axis=0)


def thinned(counts: Floats, base: Floats, expected: Floats, random: np.random.Generator) -> Floats:
    """Return counts under a plan from those under the reference: each death is kept, or others are added.

    Thinning a Poisson count leaves a Poisson count. States that a plan does not change keep theirs; quantiles of one
    uniform number a state and year keep the noise of one state apart from what happens in another.
    """
    kept = np.divide(expected, base, out=np.ones_like(base), where=base > 0)
    uniform = random.random((2, *counts.shape))
    fewer = binom.ppf(uniform[0], counts, np.minimum(kept, 1.0))
    more = poisson.ppf(uniform[1], np.maximum(expected - base, 0.0))
    return np.where(kept < 1, fewer, counts + np.where(kept > 1, more, 0.0))
