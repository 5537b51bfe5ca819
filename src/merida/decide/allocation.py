"""An allocation: foreign assistance for the fewest expected homicides, or customs money for the fewest hours lost.

The money of each account stays in its account (SCIENCE rule 6), or all accounts share one purse if authority changed.
The search (`search.py`) sees a few training draws and opens from two of the simple rules. The plans that it finds, and
the rules themselves, are candidates; the best of them is chosen on a second set of draws. What is reported comes from a
third set, with the optimism gap between the two (SCIENCE rule 23). Draws in which money does harm make the problem
non-convex, so that there is no certificate.

What the next million of every account would do, for either objective, is the price of the walls between the accounts
(`wall_prices.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from merida.decide import border_allocation
from merida.decide.rules import Choices, choices, placement, rules
from merida.decide.search import OBJECTIVES, OUTCOME, Slopes, base, descent, slopes, where
from merida.decide.wall_prices import Draws, Marginal, everywhere, wall_prices
from merida.distributions import Floats
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import DELAY_SURROGATE, Simulation, prepared, simulate, table
from merida.ensemble.sizes import check_size
from merida.ensemble.summary import Difference
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, labelled, plan_named
from merida.framework.amounts import check_budget
from merida.framework.plan_rows import MOST_USD
from merida.models.socket.domain import Domain
from merida.one_line import OneLine
from merida.parameters.registry import CALIBRATION, settings
from merida.progress import Counted, Stages, unwatched

TRAINING_SEED, VALIDATION_SEED = 1_000_003, 2_000_003  # added to the run's seed: never reported
OPENINGS = {"homicides": ("need_evidence", "by_homicides"), "delay": border_allocation.OPENINGS}
BUDGET_USD = 275e6  # of foreign assistance; of customs money it is what the framework's own plan gives
BEST = "best"


@dataclass(frozen=True, repr=False)
class Allocation(OneLine):
    """The best plan found, judged on fresh draws.

    Attributes
    ----------
    plan : Plan
        What was found.
    simulation : Simulation
        Fresh draws of the plan (``best``), of the four rules and of the reference.
    chosen : str
        Where the plan came from: a rule, or a rule moved towards what the search found.
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
    held: Mapping[str, float] | None = None,
    beside: Sequence[Plan] = (),
    border: bool = True,
    as_given: bool = False,
    stage: Stages = unwatched,
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
    held : mapping or None
        Priors held at one number, by path.
    beside : sequence of Plan
        Other plans to run on the fresh draws; ``simulation.label(plan)`` says what they are called there.
    border : bool
        Whether hours lost at the ports are computed and priced where homicides are the objective.
    as_given : bool
        Take a budget that is far outside what was ever enacted as it is.
    stage : callable
        Begins a stage of the work by its name; see `merida.progress`.

    Returns
    -------
    Allocation
        The plan, with the draws that judge it beside four simple rules.

    Raises
    ------
    PlanError
        If there is no such objective, the budget is below a dollar, above what plans may hold or far outside what was
        ever enacted, draws or years cannot be run, nothing had been enacted, or the framework's own plan has no customs
        money.

    Examples
    --------
    >>> from merida import Lab
    >>> lab = Lab(as_of="2012-12")
    >>> best = allocate(lab.framework, lab.facts, budget_usd=275e6, draws=200)  # doctest: +SKIP
    >>> best.marginal["homicides"]["ESF"].programme  # doctest: +SKIP
    'focused_deterrence'
    """
    check_question(framework, objective, budget_usd, draws, years, as_given=as_given)
    at_ports = objective == "delay"
    own = border_allocation.own_rows(framework, facts) if at_ports else ()
    if budget_usd is None:
        budget_usd = sum(row.usd_per_year for row in own) if at_ports else BUDGET_USD
    continuation, history = (
        plan_named("continuation", framework, facts),
        plan_named("history", framework, facts),
    )
    if not continuation.rows:
        raise PlanError("no_enacted_money", as_of=facts.as_of)
    calibration = settings(held, framework).within(CALIBRATION)

    rest = continuation.rows if at_ports else ()
    named = {}
    if at_ports:
        chosen = border_allocation.choices(
            framework, table(DELAY_SURROGATE, facts, calibration), own, budget_usd, walls=walls
        )
        named = {"ports": Plan("ports", framework.name, chosen.rows)}

    def drawn_anew(offset: int) -> Draws:
        domain, _, drawn = prepared(
            framework,
            facts,
            named,
            draws=training_draws,
            seed=seed + offset,
            years=years,
            held=held,
            border=border or at_ports,
        )
        return domain, drawn, base(domain, drawn.count)

    def whole(plan: Plan) -> Plan:
        return Plan(plan.name, plan.framework, (*rest, *plan.rows))

    def run(plans: Mapping[str, Plan], count: int, offset: int, progress: Counted) -> Simulation:
        return simulate(
            framework,
            facts,
            plans,
            draws=count,
            seed=seed + offset,
            years=years,
            held=held,
            places=False,
            border=border or at_ports,
            progress=progress,
        )

    def mean_gain(run: Simulation, plan: str) -> float:
        return gained(run, objective, plan, REFERENCE).mean

    stage("preparing")
    training = drawn_anew(TRAINING_SEED)
    domain = training[0]
    slope = slopes(*training, history, continuation, objective)
    if at_ports:
        line, column = where(domain, chosen.rows)
        first = -slope(domain.money(history, continuation), None)[1].mean(axis=0)[line, column]
        simple = border_allocation.rules(
            framework, table(DELAY_SURROGATE, facts, calibration), own, budget_usd, chosen, first
        )
    else:
        _, parameters, _ = prepared(framework, facts, {}, draws=1, seed=seed, years=years, held=held)
        chosen = choices(domain, continuation, budget_usd, walls=walls)
        simple = rules(domain, parameters, continuation, budget_usd, chosen)
    openings = {name: simple[name] for name in OPENINGS[objective]}
    half = max(steps // 2, 1)
    step, done = stage("search"), count(1)

    def step_done() -> None:
        step(next(done), len(openings) * half)

    past = domain.money(history, whole(Plan("rest", framework.name, ())))
    candidates = searched(slope, domain, past, chosen, openings, half, step_done) | simple
    tried = {name: whole(plan) for name, plan in candidates.items()}
    # What the search likes on its few draws is chosen among on others: the rules stand among the candidates.
    validation = run(tried, validation_draws, VALIDATION_SEED, stage("choosing"))
    name = max(tried, key=lambda name: (mean_gain(validation, name), name))
    plan = Plan(BEST, framework.name, tried[name].rows)
    others = labelled(beside, framework, facts, taken=simple)
    fresh = run({BEST: plan, **{rule: tried[rule] for rule in simple}, **others}, draws, 0, stage("fresh"))
    marginal = wall_prices(
        OBJECTIVES if border or at_ports else (objective,),
        (*chosen.rows, *everywhere(framework, chosen.rows)) if border or at_ports else chosen.rows,
        (history, plan),
        (history, continuation),
        training,
        drawn_anew(VALIDATION_SEED),
        stage,
    )
    best_rule = max(simple, key=lambda rule: mean_gain(fresh, rule))
    gap = gained(fresh, objective, BEST, best_rule).averted
    return Allocation(
        plan=plan,
        simulation=fresh,
        objective=objective,
        chosen=name,
        trained=mean_gain(validation, name),
        fresh=mean_gain(fresh, BEST),
        beats={
            rule: None if rule == name else gained(fresh, objective, BEST, rule).better for rule in simple
        },
        marginal=marginal,
        separated=gap.low > 0 or gap.high < 0,
        best_rule=best_rule,
        placement=placement(domain, plan),
    )


def check_question(
    framework: Framework,
    objective: str,
    budget_usd: float | None,
    draws: int,
    years: int | None,
    *,
    as_given: bool,
) -> None:
    """Refuse what cannot be asked, before any work; see `allocate`."""
    if objective not in OBJECTIVES:
        raise PlanError("unknown_objective", found=objective, known=", ".join(OBJECTIVES))
    check_size(draws, framework.evaluation_years if years is None else years)
    if budget_usd is None:
        return
    if not 1 <= budget_usd <= MOST_USD:
        raise PlanError("budget_out_of_range", found=budget_usd, most=MOST_USD)
    if not as_given:
        check_budget(budget_usd)


def searched(
    slope: Slopes,
    domain: Domain,
    past: Floats,
    chosen: Choices,
    openings: Mapping[str, Plan],
    steps: int,
    step_done: Callable[[], None],
) -> dict[str, Plan]:
    """Return the plans that the search finds from each opening, and those a part of the way there, by name.

    Parameters
    ----------
    past : array, shape (months, lines, places)
        Dollars that are not divided: history, and what goes on as enacted.
    openings : mapping of str to Plan
        Where the search begins. A fifth of the money is first spread evenly, for a row without money never gets any.
    steps : int
        Steps from each opening.
    """
    plans: dict[str, Plan] = {}
    even = chosen.normalised(np.ones(len(chosen.rows)))
    for opening, plan in openings.items():
        start = chosen.shares(plan)
        begun = chosen.normalised(0.8 * start + 0.2 * even)
        end = descent(slope, domain, past, chosen, begun, steps, step_done)
        for weight in (0.4, 1.0):
            name = f"{opening} {weight:.0%}"
            plans[name] = chosen.plan(name, plan.framework, weight * end + (1 - weight) * start)
    return plans
