"""A first allocation: foreign assistance over programmes and states, for the fewest expected homicides.

The money of each account stays in its account (SCIENCE rule 6), or is in one purse if authority changed. The search
(`search.py`) sees a few training draws and opens from two of the simple rules (`rules.py`). What it finds is chosen
among on other draws, the rules among the candidates, and what is reported comes from fresh ones, with the optimism
gap (SCIENCE rule 23). Draws with harm make the problem non-convex: there is no certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from merida.decide.rules import RULES, Choices, choices, placement, rules
from merida.decide.search import Slopes, base, descent, slopes, where
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulate import Simulation, prepared, simulate
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, plan_named
from merida.framework.plan import MOST_USD
from merida.laws import Floats
from merida.models.layout import Ground

TRAINING_SEED, VALIDATION_SEED = 1_000_003, 2_000_003  # added to the run's seed: never reported
OPENINGS = ("need_evidence", "by_homicides")
BEST = "best"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Marginal:
    """What the next million dollars a year of an account would avert, where the training draws see most in it.

    Parameters
    ----------
    mean, low, high : float
        On draws that had no say in where; the ends are the 5th and 95th percentile.
    """

    programme: str
    place: str
    mean: float
    low: float
    high: float


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
    beats : mapping of str to float or None
        Probability that the plan has fewer expected homicides than each rule; None for the rule that it is.
    marginal : mapping of str to Marginal
        By account: between accounts, the price of the wall.
    separated : bool
        Whether the interval of the difference to the best of the rules leaves zero out.
    best_rule : str
        The rule with the fewest expected homicides.
    placement : float or None
        The part of the states' money that would have to move to lie in proportion to their homicides; see `placement`.
    """

    plan: Plan
    simulation: Simulation
    chosen: str
    trained: float
    fresh: float
    beats: Mapping[str, float | None]
    marginal: Mapping[str, Marginal]
    separated: bool
    best_rule: str
    placement: float | None


def allocate(
    framework: Framework,
    facts: Facts,
    *,
    budget_usd: float = 275e6,
    walls: bool = True,
    draws: int = 2000,
    training_draws: int = 32,
    validation_draws: int = 100,
    steps: int = 24,
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
    steps : int
        Steps of the search, half of them from each opening.
    beside : mapping or None
        Other plans to run on the fresh draws.

    Raises
    ------
    PlanError
        If the budget is below a dollar or above what plans may hold, or nothing had been enacted.
    """
    if not 1 <= budget_usd <= MOST_USD:
        raise PlanError("budget_out_of_range", found=budget_usd, most=MOST_USD)
    continuation = plan_named("continuation", framework, facts)
    history = plan_named("history", framework, facts)
    if not continuation.rows:
        raise PlanError("no_enacted_money", as_of=facts.as_of)

    def sloped(offset: int) -> tuple[Ground, Slopes]:
        ground, _, drawn = prepared(
            framework, facts, {}, draws=training_draws, seed=seed + offset, years=years
        )
        return ground, slopes(ground, drawn, base(ground, drawn.count), history, continuation)

    def run(plans: Mapping[str, Plan], count: int, offset: int) -> Simulation:
        return simulate(framework, facts, plans, draws=count, seed=seed + offset, years=years, places=False)

    ground, slope = sloped(TRAINING_SEED)
    _, parameters, _ = prepared(framework, facts, {}, draws=1, seed=seed, years=years)
    chosen = choices(ground, continuation, budget_usd, walls=walls)
    simple = rules(ground, parameters, continuation, budget_usd, chosen)
    half = max(steps // 2, 1)
    total, done = len(OPENINGS) * half + 2, iter(range(1, len(OPENINGS) * half + 3))
    tried: dict[str, Plan] = {}
    for opening in OPENINGS:
        start = chosen.shares(simple[opening])
        even = chosen.normalised(np.ones(len(chosen.rows)))
        end = descent(
            slope,
            ground,
            ground.money(history),
            chosen,
            chosen.normalised(0.8 * start + 0.2 * even),
            half,
            lambda: progress(next(done), total),
        )
        for weight in (0.4, 1.0):
            name = f"{opening} {weight:.0%}"
            tried[name] = chosen.plan(name, framework.name, weight * end + (1 - weight) * start)
    tried |= simple
    # What the search likes on its few draws is chosen among on others: the rules stand among the candidates.
    validation = run(tried, validation_draws, VALIDATION_SEED)
    progress(next(done), total)
    name = min(tried, key=lambda name: (float(validation.homicides(name).mean()), name))
    plan = Plan(BEST, framework.name, tried[name].rows)
    fresh = run({BEST: plan, **simple, **(beside or {})}, draws, 0)
    progress(next(done), total)
    best_rule = min(RULES, key=lambda rule: float(fresh.homicides(rule).mean()))
    gap = fresh.difference(BEST, best_rule).averted
    return Allocation(
        plan=plan,
        simulation=fresh,
        chosen=name,
        trained=validation.difference(name, REFERENCE).mean,
        fresh=fresh.difference(BEST, REFERENCE).mean,
        beats={rule: None if rule == name else fresh.difference(BEST, rule).better for rule in RULES},
        marginal=marginals(ground, chosen, ground.money(history, plan), slope, sloped(VALIDATION_SEED)[1]),
        separated=gap.low > 0 or gap.high < 0,
        best_rule=best_rule,
        placement=placement(ground, plan),
    )


def marginals(
    ground: Ground, chosen: Choices, money: Floats, training: Slopes, fresh: Slopes
) -> dict[str, Marginal]:
    """Return what the next million dollars of each account avert: where by the training draws, how much by fresh ones."""
    line, place = where(ground, chosen)
    seen, judged = (-1e6 * slope(money, None)[1][:, line, place] for slope in (training, fresh))
    found = {}
    for account in sorted({row.account for row in chosen.rows}):
        mine = [at for at, row in enumerate(chosen.rows) if row.account == account]
        best = mine[int(seen[:, mine].mean(axis=0).argmax())]
        row, values = chosen.rows[best], judged[:, best]
        low, high = np.quantile(values, [0.05, 0.95])
        found[account] = Marginal(row.programme, row.place, float(values.mean()), float(low), float(high))
    return found
