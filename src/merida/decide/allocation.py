"""An allocation: foreign assistance for the fewest expected homicides, or customs money for the fewest hours lost.

The money of each account stays in its account (SCIENCE rule 6), or is in one purse if authority changed. The search
(`search.py`) sees a few training draws and opens from two of the simple rules. What it
finds is chosen among on other draws, the rules among the candidates, and what is reported comes from fresh ones, with
the optimism gap (SCIENCE rule 23). Draws with harm make the problem non-convex: there is no certificate.

What the next million of every account would do, for either objective, is the price of the walls between them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from merida.decide import border_allocation
from merida.decide.rules import Choices, choices, placement, rules
from merida.decide.search import OBJECTIVES, OUTCOME, Slopes, base, descent, slopes, where
from merida.distributions import Floats
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulate import DELAY_SURROGATE, Simulation, prepared, simulate, table
from merida.ensemble.summary import Difference
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named
from merida.framework.builtin import place
from merida.framework.plan_rows import MOST_USD
from merida.models.domain import Domain
from merida.statistics import low_median_high

TRAINING_SEED, VALIDATION_SEED = 1_000_003, 2_000_003  # added to the run's seed: never reported
OPENINGS = {"homicides": ("need_evidence", "by_homicides"), "delay": border_allocation.OPENINGS}
BUDGET_USD = 275e6  # of foreign assistance; of customs money it is what the framework's own plan gives
BEST = "best"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Marginal:
    """What the next million dollars a year of an account would avert (save), where the training draws see most in it.

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
    objective : {"homicides", "delay"}
    trained, fresh : float
        Homicides averted (million hours saved) against the reference on average, on the draws by which it was chosen
        and on fresh ones; their difference is the optimism gap.
    beats : mapping of str to float or None
        Probability that the plan does better than each rule; None for the rule that it is.
    marginal : mapping of str to mapping of str to Marginal
        By objective and account: between accounts, the price of the wall. Accounts that the plan does not divide are
        there, nation-wide, if the ports were asked for; those with nothing that helps are not.
    separated : bool
        Whether the interval of the difference to the best of the rules leaves zero out.
    best_rule : str
        The rule that does best.
    placement : float or None
        The part of the states' money that would have to move to lie in proportion to their homicides; see `placement`.
    """

    plan: Plan
    simulation: Simulation
    objective: str
    chosen: str
    trained: float
    fresh: float
    beats: Mapping[str, float | None]
    marginal: Mapping[str, Mapping[str, Marginal]]
    separated: bool
    best_rule: str
    placement: float | None

    def gained(self, plan: str, versus: str) -> Difference:
        """Return what a plan averts or saves beside another, by the objective."""
        return gained(self.simulation, self.objective, plan, versus)


def gained(run: Simulation, objective: str, plan: str, versus: str) -> Difference:
    """Return the homicides that a plan averts beside another, or the million hours that it saves."""
    return run.gain(OUTCOME[objective], plan, versus)


def allocate(
    framework: Framework,
    facts: Facts,
    *,
    objective: str = OBJECTIVES[0],
    budget_usd: float | None = None,
    walls: bool = True,
    draws: int = 2000,
    training_draws: int = 32,
    validation_draws: int = 100,
    steps: int = 24,
    years: int | None = None,
    seed: int = 0,
    beside: Mapping[str, Plan] | None = None,
    border: bool = True,
    progress: Progress = lambda *_: None,
) -> Allocation:
    """Return the best allocation that the search finds.

    Parameters
    ----------
    objective : {"homicides", "delay"}
        Foreign assistance divided for the fewest expected homicides; or customs money for the fewest hours lost at the
        ports, while foreign assistance goes on as enacted.
    budget_usd : float or None
        Dollars of the base year, each year of the spending window (default: `BUDGET_USD`, or for the ports what the
        framework's own plan gives).
    walls : bool
        Keep each account's share of the last enacted money; False: as if one account could pay for all.
    draws, training_draws, validation_draws : int
        Fresh draws that are reported, draws that the search sees, and draws by which its results are chosen.
    steps : int
        Steps of the search, half of them from each opening.
    beside : mapping or None
        Other plans to run on the fresh draws.
    border : bool
        Whether hours lost at the ports are computed and priced where homicides are the objective.

    Raises
    ------
    PlanError
        If there is no such objective, the budget is below a dollar or above what plans may hold, nothing had been
        enacted, or the framework's own plan has no customs money.
    """
    if objective not in OBJECTIVES:
        raise PlanError("unknown_objective", found=objective, known=", ".join(OBJECTIVES))
    at_ports = objective == "delay"
    border = border or at_ports
    own = border_allocation.own_rows(framework, facts) if at_ports else ()
    if budget_usd is None:
        budget_usd = sum(row.usd_per_year for row in own) if at_ports else BUDGET_USD
    if not 1 <= budget_usd <= MOST_USD:
        raise PlanError("budget_out_of_range", found=budget_usd, most=MOST_USD)
    continuation = plan_named("continuation", framework, facts)
    history = plan_named("history", framework, facts)
    if not continuation.rows:
        raise PlanError("no_enacted_money", as_of=facts.as_of)

    rest = continuation.rows if at_ports else ()
    named = {}
    if at_ports:
        chosen = border_allocation.choices(
            framework, table(DELAY_SURROGATE, facts), own, budget_usd, walls=walls
        )
        named = {"ports": Plan("ports", framework.name, chosen.rows)}

    def sloped(offset: int) -> tuple[Domain, Callable[[str], Slopes]]:
        domain, _, drawn = prepared(
            framework, facts, named, draws=training_draws, seed=seed + offset, years=years, border=border
        )
        bases = base(domain, drawn.count)
        return domain, lambda of: slopes(domain, drawn, bases, history, continuation, of)

    def whole(plan: Plan) -> Plan:
        return Plan(plan.name, plan.framework, (*rest, *plan.rows))

    def run(plans: Mapping[str, Plan], count: int, offset: int) -> Simulation:
        return simulate(
            framework,
            facts,
            plans,
            draws=count,
            seed=seed + offset,
            years=years,
            places=False,
            border=border,
        )

    domain, training = sloped(TRAINING_SEED)
    slope = training(objective)
    if at_ports:
        line, at = where(domain, chosen.rows)
        first = -slope(domain.money(history, continuation), None)[1].mean(axis=0)[line, at]
        simple = border_allocation.rules(
            framework, table(DELAY_SURROGATE, facts), own, budget_usd, chosen, first
        )
    else:
        _, parameters, _ = prepared(framework, facts, {}, draws=1, seed=seed, years=years)
        chosen = choices(domain, continuation, budget_usd, walls=walls)
        simple = rules(domain, parameters, continuation, budget_usd, chosen)
    half = max(steps // 2, 1)
    openings = OPENINGS[objective]
    total, done = len(openings) * half + 2, iter(range(1, len(openings) * half + 3))
    past = domain.money(history, whole(Plan("rest", framework.name, ())))
    tried = searched(
        slope,
        domain,
        past,
        chosen,
        {name: simple[name] for name in openings},
        half,
        lambda: progress(next(done), total),
    )
    tried = {name: whole(plan) for name, plan in (tried | simple).items()}
    # What the search likes on its few draws is chosen among on others: the rules stand among the candidates.
    validation = run(tried, validation_draws, VALIDATION_SEED)
    progress(next(done), total)
    name = max(tried, key=lambda name: (gained(validation, objective, name, REFERENCE).mean, name))
    plan = Plan(BEST, framework.name, tried[name].rows)
    fresh = run({BEST: plan, **{rule: tried[rule] for rule in simple}, **(beside or {})}, draws, 0)
    progress(next(done), total)
    best_rule = max(simple, key=lambda rule: gained(fresh, objective, rule, REFERENCE).mean)
    gap = gained(fresh, objective, BEST, best_rule).averted
    money, judged = domain.money(history, plan), sloped(VALIDATION_SEED)[1]
    rows = (*chosen.rows, *everywhere(framework, chosen.rows)) if border else chosen.rows
    return Allocation(
        plan=plan,
        simulation=fresh,
        objective=objective,
        chosen=name,
        trained=gained(validation, objective, name, REFERENCE).mean,
        fresh=gained(fresh, objective, BEST, REFERENCE).mean,
        beats={
            rule: None if rule == name else gained(fresh, objective, BEST, rule).better for rule in simple
        },
        marginal={
            one: marginals(domain, rows, money, training(one), judged(one))
            for one in (OBJECTIVES if border else (objective,))
        },
        separated=gap.low > 0 or gap.high < 0,
        best_rule=best_rule,
        placement=placement(domain, plan),
    )


def searched(
    slope: Slopes,
    domain: Domain,
    past: Floats,
    chosen: Choices,
    openings: Mapping[str, Plan],
    steps: int,
    step_done: Callable[[], None],
) -> dict[str, Plan]:
    """Return what the search finds from each opening, and a way towards it, by name."""
    found: dict[str, Plan] = {}
    even = chosen.normalised(np.ones(len(chosen.rows)))
    for opening, plan in openings.items():
        start = chosen.shares(plan)
        begun = chosen.normalised(0.8 * start + 0.2 * even)
        end = descent(slope, domain, past, chosen, begun, steps, step_done)
        for weight in (0.4, 1.0):
            name = f"{opening} {weight:.0%}"
            found[name] = chosen.plan(name, plan.framework, weight * end + (1 - weight) * start)
    return found


def everywhere(framework: Framework, divided: Sequence[PlanRow]) -> list[PlanRow]:
    """Return a nation-wide row for each programme with a mechanism and account that are not divided."""
    accounts = {row.account for row in divided}
    return [
        replace(divided[0], programme=name, account=account, place=place(framework, name))
        for name, programme in framework.programmes.items()
        for account in programme.accounts
        if programme.lever is not None and account not in accounts
    ]


def marginals(
    domain: Domain, rows: Sequence[PlanRow], money: Floats, training: Slopes, fresh: Slopes
) -> dict[str, Marginal]:
    """Return what the next million dollars of each account avert: where by the training draws, how much by fresh ones."""
    line, at_place = where(domain, rows)
    seen, judged = (-1e6 * slope(money, None)[1][:, line, at_place] for slope in (training, fresh))
    found = {}
    for account in sorted({row.account for row in rows}):
        mine = [at for at, row in enumerate(rows) if row.account == account]
        best = mine[int(seen[:, mine].mean(axis=0).argmax())]
        row, values = rows[best], judged[:, best]
        if not values.any():
            continue  # nothing that the account may pay for helps
        low, _, high = low_median_high(values)
        found[account] = Marginal(row.programme, row.place, float(values.mean()), float(low), float(high))
    return found
