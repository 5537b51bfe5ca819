"""An allocation: money divided for what is asked for, with a statement of how much better another division could be.

The money of each account stays in its account (SCIENCE rule 6), or all accounts share one purse if authority changed;
what a user demands besides are constraints (`constraints`). The search (`frank_wolfe`) sees a few training draws and
starts from simple rules and from plans at random. The plans that it finds, and the rules themselves, are candidates; the
best of them is chosen on a second set of draws. What is reported comes from a third set, with the optimism gap between
the two (SCIENCE rule 23). How much better any plan could be is said where the objective was concave on every segment
between plans that were evaluated; otherwise there is no certificate (rule 24), and a bound from the slopes at no money
stands.

What the next million of every account would do is the price of the walls between the accounts (`wall_prices`); where
municipalities are given money it is that of the plan with their money given to their states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from merida.decide.division import border_allocation
from merida.decide.division.candidates import FOUND, allowed, blends, certified, met, openings
from merida.decide.division.constraints import Constraint, read, state_of
from merida.decide.division.core import Core, core, nationwide
from merida.decide.division.following import FEW, Asked
from merida.decide.division.ground import Ground
from merida.decide.division.objectives import Aim, aim_of
from merida.decide.division.rules import Choices, choices, placement, rules
from merida.decide.division.search import OBJECTIVES, goal_of, now, slopes, where, window
from merida.decide.marginal.wall_prices import Draws, Marginal, everywhere, wall_prices
from merida.decide.optimiser.frank_wolfe import water_filling
from merida.decide.said.lines import Certificate
from merida.distributions import Floats
from merida.draws import stream
from merida.ensemble.run import REFERENCE
from merida.ensemble.simulation import DELAY_SURROGATE, Simulation, table
from merida.ensemble.sizes import check_size
from merida.ensemble.summary import Difference
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, labelled
from merida.framework.amounts import check_budget
from merida.framework.plan_rows import MOST_USD
from merida.one_line import OneLine
from merida.parameters.registry import CALIBRATION, settings
from merida.progress import Counted, Stages, unwatched

__all__ = ["Allocation", "Certificate", "allocate", "water_filling"]

TRAINING_SEED, VALIDATION_SEED, BELIEF_SEED = (
    1_000_003,
    2_000_003,
    3_000_003,
)  # added to the run's seed: never reported
OPENINGS = {
    False: ("need_evidence", "by_homicides"),
    True: border_allocation.OPENINGS,
}  # by whether ports are served
BUDGET_USD = 275e6  # of foreign assistance; of customs money it is what the framework's own plan gives
BEST = "best"
NATIONAL = ("floor", "ceiling", "minimum")  # constraints that hold for the nation as a whole


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
        Where the plan came from: a rule, what the search found, or a rule moved towards it.
    aim : Aim
        What it is for.
    certificate : Certificate
    trained, fresh : float
        What it gains against the reference on average, on the draws by which it was chosen and on fresh ones; their
        difference is the optimism gap.
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
    core : Core or None
        Which programmes every good plan holds, where the objective is homicides.
    """

    plan: Plan
    simulation: Simulation
    chosen: str
    aim: Aim
    certificate: Certificate
    trained: float
    fresh: float
    beats: Mapping[str, float | None]
    marginal: Mapping[str, Mapping[str, Marginal]]
    separated: bool
    best_rule: str
    placement: float | None
    core: Core | None

    def gained(self, plan: str, versus: str) -> Difference:
        """Return what a plan gains beside another, by the objective."""
        return self.aim.gained(self.simulation, plan, versus)


def allocate(
    framework: Framework,
    facts: Facts,
    *,
    objective: str = OBJECTIVES[0],
    valuation: str = "hammitt2006",
    discount_rate: float = 0.035,
    risk: str = "mean",
    scenarios: Sequence[str] = (),
    constraints: Sequence[str] = (),
    by_year: bool = False,
    municipalities: bool = False,
    budget_usd: float | None = None,
    walls: bool = True,
    draws: int = 2000,
    training_draws: int = 32,
    validation_draws: int = 100,
    steps: int = 24,
    starts: int = 20,
    beliefs: int = 200,
    years: int | None = None,
    seed: int = 0,
    held: Mapping[str, float] | None = None,
    beside: Sequence[Plan] = (),
    border: bool = True,
    as_given: bool = False,
    priced: bool = True,
    stage: Stages = unwatched,
) -> Allocation:
    """Return the best allocation that the search finds.

    Parameters
    ----------
    objective : str
        ``homicides``, ``delay`` (customs money for the fewest hours lost at the ports, while foreign assistance goes on
        as enacted), ``welfare``, a registered outcome, or outcomes with weights; see `objectives.aim_of`.
    valuation, discount_rate : str, float
        Of ``welfare``.
    risk : {"mean", "cvar", "regret"}
        The mean over draws, the mean of the worst tenth, or the largest regret over `scenarios` and what is assumed.
    scenarios : sequence of str
        Structural scenarios of ``regret``; see `merida.parameters.scenarios`.
    constraints : sequence of str
        Lines, or TOML files with lines; see `merida.decide.division.constraints`.
    by_year : bool
        Divide each year's money by itself, so that a plan may grow.
    municipalities : bool
        Divide the money of programmes that work in municipalities among these too, and not among states alone.
    budget_usd : float or None
        Dollars of the base year, each year of the spending window (default: `BUDGET_USD`, or for the ports what the
        framework's own plan gives).
    walls : bool
        Keep each account's share of the last enacted money; False: as if one account could pay for all.
    draws, training_draws, validation_draws : int
        Fresh draws that are reported, draws that the search sees, and draws by which its results are chosen.
    steps, starts : int
        Steps of the search that is followed to the end, and plans that it may start from.
    beliefs : int
        Draws for the robust core; 0 leaves it out.
    held : mapping or None
        Priors held at one number, by path.
    beside : sequence of Plan
        Other plans to run on the fresh draws; ``simulation.label(plan)`` says what they are called there.
    border : bool
        Whether hours lost at the ports are computed and priced where they are not the objective.
    as_given : bool
        Take a budget that is far outside what was ever enacted as it is.
    priced : bool
        Whether what a further million does is looked for.
    stage : callable
        Begins a stage of the work by its name; see `merida.progress`.

    Returns
    -------
    Allocation
        The plan, with the draws that judge it beside four simple rules.

    Raises
    ------
    PlanError
        If the objective, a constraint or the budget cannot be, constraints contradict one another, draws or years cannot
        be run, nothing had been enacted, or the framework's own plan has no customs money.

    Examples
    --------
    >>> from merida import Lab
    >>> lab = Lab(as_of="2012-12")
    >>> best = allocate(lab.framework, lab.facts, budget_usd=275e6, draws=200)  # doctest: +SKIP
    >>> best.marginal["homicides"]["ESF"].programme  # doctest: +SKIP
    'focused_deterrence'
    """
    aim = aim_of(objective, facts, framework.base_year, valuation=valuation, rate=discount_rate)
    check_question(framework, budget_usd, draws, years, risk, scenarios, as_given=as_given)
    own = border_allocation.own_rows(framework, facts) if aim.at_ports else ()
    if budget_usd is None:
        budget_usd = sum(row.usd_per_year for row in own) if aim.at_ports else BUDGET_USD
    stage("preparing")
    ground = Ground(framework, facts, seed, years, dict(held or {}), border or aim.at_ports, {})
    history, continuation = ground.history, ground.continuation
    rest: tuple[PlanRow, ...] = ()
    if aim.at_ports:
        response = table(DELAY_SURROGATE, facts, settings(held, framework).within(CALIBRATION))
        chosen = border_allocation.choices(framework, response, own, budget_usd, walls=walls)
        ground = replace(ground, named={"ports": Plan("ports", framework.name, chosen.rows)})
        rest = continuation.rows
    elif municipalities:
        wide = choices(ground.drawn(1, 0)[0], continuation, budget_usd, walls=walls, municipalities=True)
        ground = replace(ground, named={"places": Plan("places", framework.name, wide.rows)})
    training = ground.drawn(training_draws, TRAINING_SEED)
    domain = training[0]
    if aim.at_ports:
        first = first_dollar(training, chosen, aim, domain.money(history, continuation))
        simple = border_allocation.rules(framework, response, own, budget_usd, chosen, first)
    else:
        chosen = choices(domain, continuation, budget_usd, walls=walls, municipalities=municipalities)
        simple = rules(domain, ground.parameters, continuation, budget_usd, chosen)
    demands = read(constraints, framework, domain.places)
    spans = chosen.each_year() if by_year or any(one.kind == "growth" for one in demands) else chosen
    may_be = allowed(domain, spans, continuation, budget_usd, demands)

    search_done = upto(stage("search"), (steps + starts) * (2 + 2 * len(scenarios)))

    asked = Asked(
        aim=aim,
        risk=risk,
        rows=spans.rows,
        past=(history, Plan("rest", framework.name, rest)),
        given=(history, continuation),
        may_be=may_be,
        begin=openings(
            spans,
            [simple[name] for name in OPENINGS[aim.at_ports]],
            may_be,
            starts,
            stream(seed, "allocation.starts"),
        ),
        steps=steps,
        step_done=search_done,
    )
    rivals = [ground.under(name).drawn(training_draws, TRAINING_SEED) for name in scenarios]
    searched, gains, before = asked.searched(training, rivals)
    search_done(ended=True)
    certificate = certified(searched, gains, may_be, training_draws, bounded=risk == "mean", before=before)

    candidates = blends(spans, searched.found.x, asked.begin, framework.name, may_be)
    candidates |= {name: plan for name, plan in simple.items() if not demands or met(spans, plan, may_be)}
    tried = {
        name: Plan(name, framework.name, (*rest, *plan.rows)) for name, plan in (simple | candidates).items()
    }
    # What the search likes on its few draws is chosen among on others: the rules stand among the candidates. Under
    # another risk measure what was found stands: the mean by which is chosen here is not what was asked for.
    validation = ground.run(tried, validation_draws, VALIDATION_SEED, stage("choosing"))
    mean = {name: aim.gained(validation, name, REFERENCE).mean for name in tried}
    name = max(candidates, key=lambda name: (mean[name], name)) if risk == "mean" else FOUND
    plan = Plan(BEST, framework.name, tried[name].rows)
    fresh = ground.run(
        {
            BEST: plan,
            **{rule: tried[rule] for rule in simple},
            **labelled(beside, framework, facts, taken=simple),
        },
        draws,
        0,
        stage("fresh"),
    )
    if municipalities and not aim.at_ports:
        ground = replace(ground, named={})
        training = ground.drawn(min(training_draws, FEW), TRAINING_SEED)
        chosen = choices(training[0], continuation, budget_usd, walls=walls)
    marginal = prices(ground, chosen, plan, training, stage) if priced else {}
    best_rule = max(simple, key=lambda rule: aim.gained(fresh, rule, REFERENCE).mean)
    gap = aim.gained(fresh, BEST, best_rule).averted
    return Allocation(
        plan=plan,
        simulation=fresh,
        chosen=name,
        aim=aim,
        certificate=certificate,
        trained=mean[name],
        fresh=aim.gained(fresh, BEST, REFERENCE).mean,
        beats={rule: None if rule == name else aim.gained(fresh, BEST, rule).better for rule in simple},
        marginal=marginal,
        separated=gap.low > 0 or gap.high < 0,
        best_rule=best_rule,
        placement=placement(domain, plan),
        core=core_of(ground, chosen, budget_usd, demands, beliefs, stage)
        if beliefs and aim.of_homicides
        else None,
    )


def prices(
    ground: Ground, chosen: Choices, plan: Plan, training: Draws, stage: Stages
) -> Mapping[str, Mapping[str, Marginal]]:
    """Return what the next million of each account would do beside a plan, by objective."""
    divided = chosen.rows
    return wall_prices(
        OBJECTIVES if ground.border else OBJECTIVES[:1],
        (*divided, *everywhere(ground.framework, divided)) if ground.border else divided,
        (ground.history, of_states(plan)),
        (ground.history, ground.continuation),
        training,
        ground.drawn(training[1].count, VALIDATION_SEED),
        stage,
    )


def of_states(plan: Plan) -> Plan:
    """Return a plan in which each municipality's money is its state's."""
    usd: dict[PlanRow, float] = {}
    for row in plan.rows:
        there = replace(row, place=state_of(row) or row.place, usd_per_year=0.0)
        usd[there] = usd.get(there, 0.0) + row.usd_per_year
    return replace(plan, rows=tuple(replace(row, usd_per_year=sum_) for row, sum_ in usd.items()))


def upto(tell: Counted, most: int) -> Callable[..., None]:
    """Return what counts one step more each time it is called, of about so many, and all of them at the end."""
    done = [0]

    def step(*, ended: bool = False) -> None:
        done[0] = most if ended else min(done[0] + 1, most - 1)
        tell(done[0], most)

    return step


def first_dollar(training: Draws, chosen: Choices, aim: Aim, reference: Floats) -> Floats:
    """Return what a first dollar to each row saves beside the reference, on average, shape (rows,)."""
    line, column = where(training[0], chosen.rows)
    goal = goal_of(training[0], aim.weights)
    slope = slopes(*training, reference, goal, window(training[0], chosen.rows[0]))
    return np.asarray(-now(slope, reference)[line, column], dtype=np.float64)


def core_of(
    ground: Ground,
    chosen: Choices,
    budget_usd: float,
    demands: Sequence[Constraint],
    beliefs: int,
    stage: Stages = unwatched,
) -> Core:
    """Return which programmes every good division of the money holds, under the demands that name no place or year."""
    there, drawn, bases = replace(ground, border=False, named={}).drawn(beliefs, BELIEF_SEED)
    nation = nationwide(chosen, there)
    kept = [one for one in demands if one.kind in NATIONAL and not one.of[0].startswith("place")]
    may_be = allowed(there, nation, ground.continuation, budget_usd, kept)
    plans = (ground.history, ground.continuation)
    return core((there, drawn, bases), plans, nation, may_be, stage)


def check_question(
    framework: Framework,
    budget_usd: float | None,
    draws: int,
    years: int | None,
    risk: str,
    scenarios: Sequence[str],
    *,
    as_given: bool,
) -> None:
    """Refuse what cannot be asked, before any work; see `allocate`."""
    if risk == "regret" and not scenarios:
        raise PlanError("regret_without_scenarios")
    check_size(draws, framework.evaluation_years if years is None else years)
    if budget_usd is None:
        return
    if not 1 <= budget_usd <= MOST_USD:
        raise PlanError("budget_out_of_range", found=budget_usd, most=MOST_USD)
    if not as_given:
        check_budget(budget_usd)
