"""Runs: plans under the same draws of parameters and the same path of violence.

Draws go through the system one at a time in chunks of one fixed shape, the last one padded, on a thread per core, so that
neither the number of chunks nor of threads changes a byte. Chunks of a long run are kept in the user's cache as they
are done; a run that was stopped goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
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
from merida.ensemble.lookups import ByPlan
from merida.ensemble.parameter_draws import Drawn
from merida.framework import Plan
from merida.models import border, system
from merida.models.domain import Domain

CHUNK = 16  # draws that one call of the compiled program runs
REFERENCE = "reference"

Progress = Callable[[int, int], None]


@cache
def compiled() -> Callable[..., Any]:
    """Return the system over a chunk of draws, compiled once for each shape."""

    def chunk(theta: system.Theta, layout: system.Layout, money: jax.Array, first: int) -> system.Path:
        paths: system.Path = jax.lax.map(lambda one: system.path(one, layout, money, first), theta)
        return paths

    return jax.jit(chunk, static_argnames="first")


@dataclass(frozen=True)
class Outcomes:
    """What plans did, draw by draw. Y years from the plans' start, S states (the last one unknown), M places.

    Attributes
    ----------
    state : mapping of str to array, shape (draws, S, Y)
        Expected homicides by plan.
    counts : mapping of str to array, shape (draws, S, Y)
        Homicides counted: the expectation with the noise of counting, the same noise for every plan.
    place : mapping of str to array, shape (draws, M, Y), float32, or empty
        Expected homicides by municipality, where they were asked for.
    delivered, working : mapping of str to array, shape (draws, P, Y)
        Units delivered in the year, and at work at its end, by programme.
    money : mapping of str to array, shape (draws, 4, L, Y)
        Dollars obligated, expended, delivered and lapsed by line.
    home : mapping of str to array, shape (draws, 2, Y)
        Overdose deaths and arrests averted in the United States.
    delay : mapping of str to array, shape (draws, 3, Y), or empty
        Hours lost at the ports by trucks, cars and people on foot (`border.MODES`), where they were asked for.
    at_ports : mapping of str to array, shape (draws, 3, Y), or empty
        Inspections, dollars of cash and firearms seized beside today's (`border.COUNTS`).
    """

    state: Mapping[str, Floats]
    counts: Mapping[str, Floats]
    place: Mapping[str, Floats]
    delivered: Mapping[str, Floats]
    working: Mapping[str, Floats]
    money: Mapping[str, Floats]
    home: Mapping[str, Floats]
    delay: Mapping[str, Floats]
    at_ports: Mapping[str, Floats]


def run(
    domain: Domain,
    drawn: Drawn,
    plans: Mapping[str, Sequence[Plan]],
    *,
    places: bool = True,
    keep: Path | None = None,
    progress: Progress = lambda *_: None,
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
        Folder in which finished chunks are kept until the run is complete, for a run that goes on after a stop.
    progress : callable
        Called with (chunks done, chunks in all).
    """
    money, same = distinct({name: domain.money(*parts) for name, parts in plans.items()})
    firsts = range(0, drawn.count, CHUNK)

    def one(first: int) -> dict[str, Floats]:
        saved = load(place / f"{first:06d}") if place else None
        if saved is not None:
            return saved
        found = chunk(domain, drawn, money, same, first, places=places)
        if place:
            save(place / f"{first:06d}", found)
        return found

    done: dict[int, dict[str, Floats]] = {}
    with claimed(keep) as place, ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = {pool.submit(one, first): first for first in firsts}
        try:
            for task in as_completed(tasks):
                done[tasks[task]] = task.result()
                progress(len(done), len(firsts))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    joined = {key: np.concatenate([done[first][key] for first in firsts]) for key in done[0]}
    return Outcomes(
        **{
            field: ByPlan(
                (name, joined[f"{field}|{same[name]}"]) for name in plans if f"{field}|{same[name]}" in joined
            )
            for field in Outcomes.__dataclass_fields__
        }
    )


def distinct(money: Mapping[str, Floats]) -> tuple[dict[str, Floats], dict[str, str]]:
    """Return the different tensors of money by the first name that has them, and each name's."""
    different: dict[str, Floats] = {}
    same: dict[str, str] = {}
    for name in sorted(money, key=lambda name: name != REFERENCE):
        same[name] = next((one for one in different if np.array_equal(different[one], money[name])), name)
        different.setdefault(same[name], money[name])
    return different, same


def chunk(
    domain: Domain,
    drawn: Drawn,
    money: Mapping[str, Floats],
    same: Mapping[str, str],
    first: int,
    *,
    places: bool,
) -> dict[str, Floats]:
    """Return what every distinct plan does in the draws from `first`, as arrays by ``field|plan``."""
    numbers = np.minimum(np.arange(first, first + CHUNK), drawn.count - 1)  # the last chunk is padded
    theta = jax.tree.map(lambda values: np.asarray(values)[numbers], drawn.theta)
    start = domain.offset(domain.start)
    call = compiled()
    paths = {
        name: jax.tree.map(np.asarray, call(theta, domain.layout, dollars, domain.first))
        for name, dollars in money.items()
    }
    reference = paths[same[REFERENCE]]
    found: dict[str, list[Any]] = {}
    for at, draw in enumerate(range(first, min(first + CHUNK, drawn.count))):
        forecast = np.exp(domain.forecast.log_rates(draw)[:, start - domain.first :])
        cells = by_cell(domain, forecast)
        base = by_state(domain, yearly(cells))
        base_counts = stream(drawn.seed, "violence.counts", draw).poisson(base).astype(np.float64)
        for name, path in paths.items():
            change, expected, counts = None, base, base_counts
            if name != same[REFERENCE]:
                change = np.exp(path.log_survival[at] - reference.log_survival[at])[start - domain.first :].T
                expected = by_state(domain, yearly(cells * change))
                counts = thinned(base_counts, base, expected, stream(drawn.seed, "violence.thinning", draw))
            values = {
                "state": expected,
                "counts": counts,
                "delivered": yearly(path.delivered[at, start:].T),
                "working": path.working[at, start:].T[:, 11::12],
                "money": yearly(np.moveaxis(path.money[at, start:], 0, -1)),
                "home": yearly(path.home[at, start - domain.first :].T),
            }
            if theta.border is not None:
                values |= border_years(domain, theta.border, path, reference, at)
            if places:
                here = forecast if change is None else forecast * change[domain.cells]
                values["place"] = yearly(here).astype(np.float32)
            for field, value in values.items():
                found.setdefault(f"{field}|{name}", []).append(value)
    return {key: np.stack(values) for key, values in found.items()}


def border_years(
    domain: Domain, theta: border.Theta, plan: system.Path, reference: system.Path, at: int
) -> dict[str, Floats]:
    """Return hours lost by mode and what is counted at the ports, by year, in one draw of a chunk."""
    start = domain.offset(domain.start) - domain.first
    mine, other = jax.tree.map(lambda values: values[at, start:], (plan.border, reference.border))
    lost = np.asarray(border.hours(jax.tree.map(lambda values: values[at], theta), mine, other))
    assert domain.response is not None
    modes = np.array([[one == mode for one in domain.response.modes] for mode in border.MODES])
    return {"delay": yearly(modes @ lost.T), "at_ports": yearly(np.asarray(mine.counts - other.counts).T)}


def yearly(monthly: Floats) -> Floats:
    """Return sums over years: (..., 12 Y) to (..., Y)."""
    return np.asarray(monthly.reshape(*monthly.shape[:-1], -1, 12).sum(axis=-1), dtype=np.float64)


def by_cell(domain: Domain, values: Floats) -> Floats:
    """Return sums over cells: (places, months) to (cells, months)."""
    order = np.argsort(domain.cells, kind="stable")
    firsts = np.searchsorted(domain.cells[order], np.arange(domain.cells.max() + 1))
    return np.add.reduceat(values[order], firsts, axis=0)


def by_state(domain: Domain, values: Floats) -> Floats:
    """Return sums over states, the last one unknown: (cells, Y) to (S, Y)."""
    state = np.empty(len(values), dtype=object)
    state[domain.cells] = domain.forecast.states
    firsts = np.searchsorted(state, sorted(set(state)))  # cells are in the order of their states
    return np.add.reduceat(values, firsts, axis=0)


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
