"""A first allocation: foreign assistance over programmes and states, for the fewest expected homicides.

The money of each account stays in its account (SCIENCE rule 6): the walls of existing authority are one simplex for each
account, or a single one if authority changed. The search is exponentiated gradient descent (Kivinen and Warmuth, 1997) on
the mean of a few training draws, from two of the simple rules. What is reported comes from fresh draws, with the optimism
gap, beside four simple rules (SCIENCE rule 23). Draws with harm make the problem non-convex: there is no certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.ensemble.run import REFERENCE, compiled
from merida.ensemble.simulate import FOREIGN, Simulation, simulate
from merida.ensemble.theta import Drawn
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named
from merida.laws import Floats
from merida.models import system
from merida.models.layout import Ground, Integers

TRAINING_SEED, VALIDATION_SEED = 1_000_003, 2_000_003  # added to the run's seed: never reported
LEAST_USD = 1000.0
RULES = ("continuation", "per_head", "by_homicides", "need_evidence")
BEST = "best"

Progress = Callable[[int, int], None]
Sums = tuple[jax.Array, jax.Array]


@dataclass(frozen=True)
class Allocation:
    """The best plan found, judged on fresh draws.

    Attributes
    ----------
    plan : Plan
        What was found.
    simulation : Simulation
        Fresh draws of the plan (``best``), of the four rules and of the reference.
    chosen : str
        Where it came from: a rule, or a rule moved towards what the search found.
    trained, fresh : float
        Homicides averted against the reference on average, on the draws by which it was chosen and on fresh ones;
        their difference is the optimism gap.
    beats : mapping of str to float
        Probability that the plan has fewer expected homicides than each rule.
    marginal : mapping of str to float
        Homicides averted by the next million dollars a year, by account: between accounts, the price of the wall.
    separated : bool
        Whether the interval of the difference to the best of the rules leaves zero out.
    best_rule : str
        The rule with the fewest expected homicides.
    """

    plan: Plan
    simulation: Simulation
    chosen: str
    trained: float
    fresh: float
    beats: Mapping[str, float]
    marginal: Mapping[str, float]
    separated: bool
    best_rule: str


def allocate(
    framework: Framework,
    facts: Facts,
    *,
    budget_usd: float = 275e6,
    walls: bool = True,
    draws: int = 2000,
    training_draws: int = 32,
    validation_draws: int = 200,
    steps: int = 40,
    years: int | None = None,
    seed: int = 0,
    beside: Mapping[str, Plan] | None = None,
    progress: Progress = lambda *_: None,
) -> Allocation:
    """Return the allocation of foreign assistance with the fewest expected homicides that the search finds.

    Parameters
    ----------
    budget_usd : float
        Dollars of the base year, each year of the spending window.
    walls : bool
        Keep each account's share of the last enacted money; False: as if one account could pay for all.
    draws, training_draws, validation_draws : int
        Fresh draws that are reported, draws that the search sees, and draws by which its results are chosen.
    beside : mapping or None
        Other plans to run on the fresh draws.

    Raises
    ------
    PlanError
        If the budget is not a positive number.
    """
    if not (np.isfinite(budget_usd) and budget_usd > 0):
        raise PlanError("budget_not_positive", found=budget_usd)
    continuation = plan_named("continuation", framework, facts)
    if not continuation.rows:
        raise PlanError("no_enacted_money", as_of=facts.as_of)
    training = simulate(
        framework, facts, {}, draws=training_draws, seed=seed + TRAINING_SEED, years=years, places=False
    )
    ground = training.ground
    history = plan_named("history", framework, facts)
    entries = candidates(framework, ground, continuation)
    budgets = by_account(framework, continuation, budget_usd)
    pool = np.array([budgets[row.account] if walls else budget_usd for row in entries])
    group = np.array([list(budgets).index(row.account) if walls else 0 for row in entries])
    scaled = as_plan("continuation", framework, continuation, budget_usd)
    rules = {
        "continuation": scaled,
        "per_head": spread_over_states(ground, scaled, "population", "per_head"),
        "by_homicides": spread_over_states(ground, scaled, "homicides", "by_homicides"),
        "need_evidence": need_evidence(framework, ground, training, entries, pool, group),
    }
    slope = slopes(ground, training.drawn, history, continuation, entries)

    found: dict[str, Floats] = {}
    half = max(steps // 2, 1)
    marginals = np.zeros(len(entries))
    for number, (opening, first) in enumerate(openings(entries, rules, pool, group).items()):
        share = first
        for step in range(half):
            _, gradient = slope(share * pool)
            share = descend(share, gradient * pool, group, 1.0 / np.sqrt(1 + step / 4))
            progress(number * half + step + 1, 2 * half + 2)
        marginals = gradient if number == 0 else np.minimum(marginals, gradient)
        start = shares_of(entries, rules[opening], pool)
        for weight in (0.4, 1.0):
            found[f"{opening} {weight:.0%}"] = weight * share + (1 - weight) * start
    tried = {
        name: planned(name, framework, entries, share, pool, group) for name, share in found.items()
    } | rules
    # What the search likes on its few draws is chosen among on others: the rules stand among the candidates.
    validation = simulate(
        framework,
        facts,
        tried,
        draws=validation_draws,
        seed=seed + VALIDATION_SEED,
        years=years,
        places=False,
    )
    progress(2 * half + 1, 2 * half + 2)
    chosen = min(tried, key=lambda name: (float(validation.homicides(name).mean()), name))
    plan = Plan(BEST, framework.name, tried[chosen].rows)
    simulation = simulate(
        framework,
        facts,
        {BEST: plan, **rules, **(beside or {})},
        draws=draws,
        seed=seed,
        years=years,
        places=False,
    )
    progress(2 * half + 2, 2 * half + 2)
    return judged(simulation, plan, chosen, validation, marginals, entries)


def planned(
    name: str,
    framework: Framework,
    entries: tuple[PlanRow, ...],
    share: Floats,
    pool: Floats,
    group: Integers,
) -> Plan:
    """Return the plan of some shares of each account's dollars a year.

    Entries of less than a thousand dollars leave theirs to the others of the account.
    """
    dollars = share * pool
    for one in np.unique(group):
        mine = np.flatnonzero(group == one)
        usd = dollars[mine]
        usd = np.where(usd >= min(LEAST_USD, usd.max()), usd, 0.0)
        usd = np.round(usd * pool[mine] / usd.sum(), 2)
        usd[usd.argmax()] += pool[mine[0]] - usd.sum()  # cents
        dollars[mine] = usd
    rows = (
        with_usd(row, row.place, round(usd, 2))
        for row, usd in zip(entries, dollars.tolist(), strict=True)
        if usd > 0
    )
    return Plan(name, framework.name, tuple(rows))


def judged(
    simulation: Simulation,
    plan: Plan,
    chosen: str,
    validation: Simulation,
    marginals: Floats,
    entries: tuple[PlanRow, ...],
) -> Allocation:
    """Return the allocation with what fresh draws say of it."""
    beats = {rule: simulation.difference(BEST, rule).better for rule in RULES}
    best_rule = min(RULES, key=lambda rule: float(simulation.homicides(rule).mean()))
    gap = simulation.difference(BEST, best_rule).averted
    accounts = sorted({row.account for row in entries})
    return Allocation(
        plan=plan,
        simulation=simulation,
        chosen=chosen,
        trained=validation.difference(chosen, REFERENCE).mean,
        fresh=simulation.difference(BEST, REFERENCE).mean,
        beats=beats,
        marginal={
            account: float(
                max(-slope for slope, row in zip(marginals, entries, strict=True) if row.account == account)
                * 1e6
            )
            for account in accounts
        },
        separated=gap.low > 0 or gap.high < 0,
        best_rule=best_rule,
    )


def candidates(framework: Framework, ground: Ground, continuation: Plan) -> tuple[PlanRow, ...]:
    """Return one row for each programme, foreign account that may pay for it, and place that it can be given to."""
    start = min(row.start for row in continuation.rows)
    end = max(row.end for row in continuation.rows)
    enacted = {row.account for row in continuation.rows}
    rows = []
    for name, programme in framework.programmes.items():
        if programme.level not in ("nation", "state", "municipality"):
            continue
        here = programme.level == "nation"
        places = ("MX",) if here else ground.places[2 : len(ground.places) - len(ground.named)]
        for account in programme.accounts:
            if account in enacted and framework.accounts[account].kind == FOREIGN:
                rows += [PlanRow(name, account, place, start, end, 1.0) for place in places]
    return tuple(rows)


def by_account(framework: Framework, continuation: Plan, budget_usd: float) -> dict[str, float]:
    """Return the yearly dollars of each foreign account, in the proportions of the continuation."""
    sums: dict[str, float] = {}
    for row in continuation.rows:
        if framework.accounts[row.account].kind == FOREIGN:
            sums[row.account] = sums.get(row.account, 0.0) + row.usd_per_year
    total = sum(sums.values())
    return {account: budget_usd * usd / total for account, usd in sorted(sums.items())}


def as_plan(name: str, framework: Framework, plan: Plan, budget_usd: float) -> Plan:
    """Return a plan's foreign assistance at another yearly sum."""
    rows = [row for row in plan.rows if framework.accounts[row.account].kind == FOREIGN]
    factor = budget_usd / sum(row.usd_per_year for row in rows)
    return Plan(
        name, framework.name, tuple(with_usd(row, row.place, row.usd_per_year * factor) for row in rows)
    )


def with_usd(row: PlanRow, place: str, usd_per_year: float) -> PlanRow:
    """Return a row with another place and sum."""
    # A NumPy number would not be written as a number of TOML.
    return PlanRow(row.programme, row.account, place, row.start, row.end, float(usd_per_year))


def spread_over_states(ground: Ground, plan: Plan, measure: str, name: str) -> Plan:
    """Return a plan with the money of its state programmes spread over states by a measure."""
    states = np.asarray(ground.forecast.states)
    codes = ground.places[2 : len(ground.places) - len(ground.named)]
    weights = np.array([ground.measures[measure][states == code].sum() for code in codes])
    weights = weights / weights.sum()
    rows: list[PlanRow] = []
    for row in plan.rows:
        if ground.framework.programmes[row.programme].level in ("state", "municipality"):
            rows += [
                with_usd(row, code, row.usd_per_year * w) for code, w in zip(codes, weights, strict=True)
            ]
        else:
            rows.append(row)
    return Plan(name, plan.framework, tuple(rows))


def need_evidence(
    framework: Framework,
    ground: Ground,
    training: Simulation,
    entries: tuple[PlanRow, ...],
    pool: Floats,
    group: Integers,
) -> Plan:
    """Return the rule of need times evidence: a lever's share by what its studies say, states by homicides."""
    states = np.asarray(ground.forecast.states)
    deaths = ground.measures["homicides"]
    by_state = {code: deaths[states == code].sum() / deaths.sum() for code in ground.places[2:]}
    weight = []
    for row in entries:
        lever = framework.programmes[row.programme].lever
        evidence = 0.0
        if lever is not None and f"{lever}.effect" in training.drawn.scalars:
            law = training.parameters.effect(f"{lever}.effect")
            evidence = max(-law.mean, 0.0) * law.share_from_data
        weight.append(evidence * by_state.get(row.place, 1.0) + 1e-9)
    share = normalised(np.array(weight), group)
    return planned("need_evidence", framework, entries, share, pool, group)


def openings(
    entries: tuple[PlanRow, ...], rules: Mapping[str, Plan], pool: Floats, group: Integers
) -> dict[str, Floats]:
    """Return where the search starts: two of the rules, each mixed with an even split."""
    even = normalised(np.ones(len(entries)), group)
    return {
        rule: normalised(0.8 * shares_of(entries, rules[rule], pool) + 0.2 * even, group)
        for rule in ("need_evidence", "by_homicides")
    }


def shares_of(entries: tuple[PlanRow, ...], plan: Plan, pool: Floats) -> Floats:
    """Return the share of its account's money that each entry has in a plan."""
    usd = {(row.programme, row.account, row.place): row.usd_per_year for row in plan.rows}
    return np.array([usd.get((row.programme, row.account, row.place), 0.0) for row in entries]) / pool


def normalised(share: Floats, group: Integers) -> Floats:
    """Return shares that sum to 1 within each group."""
    sums = np.bincount(group, weights=share)
    return np.asarray(share / sums[group], dtype=np.float64)


def descend(share: Floats, gradient: Floats, group: Integers, rate: float) -> Floats:
    """Return one exponentiated step: the best entry of each group gains most."""
    change = np.zeros_like(share)
    for one in np.unique(group):
        mine = group == one
        slope = gradient[mine] - gradient[mine].min()
        change[mine] = -rate * slope / max(float(slope.std()), 1e-300)
    return normalised(share * np.exp(np.maximum(change, -20.0)) + 1e-12, group)


def base(ground: Ground, drawn: Drawn) -> Floats:
    """Return the forecast by draw, month and cell."""
    count = int(ground.cells.max()) + 1
    found = []
    for draw in range(drawn.count):
        monthly = np.exp(ground.forecast.log_rates(draw))
        cells = np.zeros((count, monthly.shape[1]))
        np.add.at(cells, ground.cells, monthly)
        found.append(cells.T)
    return np.stack(found)


@cache
def differentiated() -> Callable[..., tuple[jax.Array, jax.Array]]:
    """Return the mean of expected homicides over draws and its gradient, summed inside a scan over draws."""

    def one(
        money: jax.Array,
        theta: system.Theta,
        layout: system.Layout,
        reference: jax.Array,
        base: jax.Array,
        first: int,
        start: int,
    ) -> jax.Array:
        path = system.path(theta, layout, money, first)
        deaths = base * jnp.exp(path.log_survival - reference)
        return jnp.sum(deaths[start:])

    def mean(
        money: jax.Array,
        thetas: system.Theta,
        layout: system.Layout,
        references: jax.Array,
        bases: jax.Array,
        first: int,
        start: int,
    ) -> tuple[jax.Array, jax.Array]:
        count = bases.shape[0]

        def add(sums: Sums, draw: tuple[system.Theta, jax.Array, jax.Array]) -> tuple[Sums, None]:
            theta, reference, base = draw
            value, gradient = jax.value_and_grad(one)(money, theta, layout, reference, base, first, start)
            return (sums[0] + value / count, sums[1] + gradient / count), None

        zero = (jnp.zeros(()), jnp.zeros_like(money))
        sums, _ = jax.lax.scan(add, zero, (thetas, references, bases))
        return sums

    return jax.jit(mean, static_argnames=("first", "start"))


def slopes(
    ground: Ground, drawn: Drawn, history: Plan, continuation: Plan, entries: tuple[PlanRow, ...]
) -> Callable[[Floats], tuple[float, Floats]]:
    """Return a function of the entries' dollars a year: mean expected homicides over the draws, and its gradient."""
    start = ground.offset(ground.start)
    reference = compiled()(drawn.theta, ground.layout, ground.money(history, continuation), ground.first)
    bases = base(ground, drawn)
    past = ground.money(history)
    when = ground.running(entries[0])
    line = np.array([ground.line(row) for row in entries])
    place = np.array([ground.places.index(row.place) for row in entries])

    def slope(dollars: Floats) -> tuple[float, Floats]:
        money = past.copy()
        money[np.flatnonzero(when)[:, None], line, place] += dollars / 12
        value, gradient = differentiated()(
            money,
            drawn.theta,
            ground.layout,
            reference.log_survival,
            bases,
            first=ground.first,
            start=start - ground.first,
        )
        return float(value), np.asarray(gradient)[when][:, line, place].sum(axis=0) / 12

    return slope
