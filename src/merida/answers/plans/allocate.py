"""The best division of foreign assistance, or of customs money, and the price of the walls between accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from merida.answers.context import Context
from merida.answers.fields import Number, Text, Texts, Whole, option
from merida.answers.holding import held_lines
from merida.answers.naming import plan_name
from merida.answers.plans.core import core_said
from merida.answers.plans.running import Run
from merida.answers.plans.simulate import CHANCES
from merida.answers.plans.welfare import Valuation
from merida.answers.questions import Answer, Question
from merida.decide.said.lines import (
    SIMPLE_RULES,
    Certificate,
    CoreTable,
    DivisionLine,
    GainLine,
    HomicidesLine,
    HoursLine,
    MillionLine,
    PlanLine,
)
from merida.document.blocks import AnswerBlock, Cell, Column, Listing, Sentence, Table
from merida.errors import PlanError
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.decide import Allocation
    from merida.framework import Plan

BEST = "best"
MOST_USD = 1e12  # of a plan's row
BY_SIZE = 0.1  # less to move than this: the placement follows the size of violence alone
DECIMALS = {"homicides": 0, "delay": 2, "gain": 1}  # of what a plan gains, by how it is told
GAINS = {"homicides": "runs.averted", "delay": "runs.hours_saved", "gain": "runs.gained"}
GAPS = {"homicides": "runs.gap_homicides", "delay": "runs.gap_delay", "gain": "runs.gap_gain"}
RISKS = {"cvar": "runs.risk_cvar", "regret": "runs.risk_regret"}
MEASURES = {True: "delay", False: "homicides"}


class Allocate(Run):
    """The best division of a budget."""

    question = "allocate"
    objective: Text = option("cli.runs.objective", "homicides", metavar="OUTCOME[=W],…")
    valuation: Valuation = option("cli.welfare.valuation", "hammitt2006", metavar="SET")
    discount_rate: Number = option("cli.welfare.discount_rate", 0.035, metavar="RATE", ge=0, le=0.2)
    risk: Literal["mean", "cvar", "regret"] = option("cli.runs.risk", "mean")
    rival: Texts = option("cli.runs.rival", (), metavar="SCENARIO")
    constraint: Texts = option("cli.runs.constraint", (), metavar="LINE|FILE", file=True)
    by_year: bool = option("cli.runs.by_year", False)
    municipalities: bool = option("cli.runs.municipalities", False)
    budget_usd: Number | None = option(
        "cli.runs.budget", None, flag="budget", metavar="USD", ge=1, le=MOST_USD
    )
    no_walls: bool = option("cli.runs.no_walls", False)
    beside: Texts = option("cli.runs.beside", (), metavar="PLAN", file=True)
    rows: bool = option("cli.runs.rows", False, shown=True)
    draws: Whole = option("cli.runs.draws", 2000, metavar="N", ge=1, unit="draws")
    training_draws: Whole = option("cli.runs.training_draws", 32, metavar="N", ge=1, le=1000, unit="draws")
    steps: Whole = option("cli.runs.search_steps", 24, metavar="N", ge=2, le=1000)
    starts: Whole = option("cli.runs.starts", 20, metavar="N", ge=2, le=1000)
    beliefs: Whole = option("cli.runs.beliefs", 200, metavar="N", ge=0, le=10_000)

    @property
    def measure(self) -> str:
        """How its gains are told: as homicides, hours, or in the objective's own unit."""
        return {"homicides": "homicides", "delay": "delay", "border_delay": "delay"}.get(
            self.objective, "gain"
        )


def _plan(value: Any, known: ValidationInfo) -> Plan:
    """Return the plan of rows as JSON holds them."""
    from merida.framework import Plan, PlanRow

    if isinstance(value, Plan):
        return value
    return Plan(BEST, known.data["framework"], tuple(PlanRow(**row) for row in value))


if TYPE_CHECKING:
    Rows = Plan
else:
    Rows = Annotated[
        Any,
        PlainValidator(_plan),
        PlainSerializer(lambda plan: [asdict(row) for row in plan.rows]),
        WithJsonSchema({"type": "array", "items": {"type": "object"}}),
    ]
    """A plan of the framework that the payload names; in JSON its rows."""


@dataclass(frozen=True)
class Allocated:
    """The best plan found, judged on fresh draws.

    Attributes
    ----------
    rules : tuple of HomicidesLine, HoursLine or GainLine
        The plan (``best``), four simple rules, and the plans that were asked for beside them, against the reference.
    measure : {"homicides", "delay", "gain"}
        How gains are told: as homicides averted, million hours saved, or in the objective's own unit.
    certificate : Certificate
        How much better any other division could be.
    core : CoreTable or None
        Which programmes every good plan holds, where the objective is homicides.
    trained_averted, fresh_averted : float
        Homicides averted (million hours saved, or what is gained) on average on the draws by which it was chosen, and on
        fresh ones.
    marginal_per_million_usd_year : dict of str to MillionLine
        By account what its next million would do for the objective.
    wall_prices : dict of str to dict of str to MillionLine
        The same for every objective that was looked at.
    placement_to_move : float or None
        The part of the states' money that would have to move to lie in proportion to their homicides.
    best_rule, chosen : str
        The rule that does best, and where the plan came from.
    separated : bool
        Whether the interval of the difference to that rule leaves zero out.
    plan : Plan
        What was found; in JSON its rows.
    division : tuple of DivisionLine
        Its money by pillar and programme.
    plans : tuple of PlanLine
        Every plan of the run beside the reference: windows of years, money, cost, and what drives it.
    names : dict of str to Text
        The names of the plan's programmes and places by their codes.
    """

    objective: str
    measure: str
    risk: str
    constraints: tuple[str, ...]
    certificate: Certificate
    core: CoreTable | None
    rules: tuple[HomicidesLine | HoursLine | GainLine, ...]
    trained_averted: float
    fresh_averted: float
    optimism_gap: float
    marginal_per_million_usd_year: dict[str, MillionLine]
    wall_prices: dict[str, dict[str, MillionLine]]
    placement_to_move: float | None
    best_rule: str
    chosen: str
    separated: bool
    framework: str
    plan: Rows
    division: tuple[DivisionLine, ...]
    plans: tuple[PlanLine, ...]
    names: dict[str, Both]


def allocate(request: Allocate, context: Context, work: Work) -> tuple[Allocated, Allocation]:
    """Return the best plan that the search finds, with the run that judges it."""
    check(request, context)
    beside = context.plans(request.beside, request.as_given)

    from merida.decide import allocate as search
    from merida.decide.said import report
    from merida.places.names import place_names

    framework, facts = context.framework, context.facts
    best = search(
        framework,
        facts,
        objective=request.objective,
        valuation=request.valuation,
        discount_rate=request.discount_rate,
        risk=request.risk,
        scenarios=request.rival,
        constraints=request.constraint,
        by_year=request.by_year,
        municipalities=request.municipalities,
        starts=request.starts,
        beliefs=request.beliefs,
        budget_usd=request.budget_usd,
        walls=not request.no_walls,
        draws=request.draws,
        training_draws=request.training_draws,
        steps=request.steps,
        years=request.years,
        seed=request.seed,
        held=request.numbers,
        beside=beside,
        border=not request.nation_only,
        as_given=request.as_given,
        stage=work.stage,
    )
    prices = report.million(best, framework, facts)
    payload = Allocated(
        objective=request.objective,
        measure=request.measure,
        risk=request.risk,
        constraints=request.constraint,
        certificate=best.certificate,
        core=None if best.core is None else report.core_table(best.core, framework),
        rules=report.judged(best),
        trained_averted=best.trained,
        fresh_averted=best.fresh,
        optimism_gap=best.trained - best.fresh,
        marginal_per_million_usd_year=prices[MEASURES[request.measure == "delay"]],
        wall_prices=prices,
        placement_to_move=best.placement,
        best_rule=best.best_rule,
        chosen=best.chosen,
        separated=best.separated,
        framework=framework.name,
        plan=best.plan,
        division=report.division(framework, best.plan),
        plans=report.beside_reference(best.simulation, framework),
        names=place_names(facts, [row.place for row in best.plan.rows])
        | {row.programme: report.title(framework, row.programme) for row in best.plan.rows},
    )
    return payload, best


def rules_of(measure: str) -> tuple[str, ...]:
    """Return the simple rules beside which a plan is judged."""
    return SIMPLE_RULES[MEASURES[measure == "delay"]]


def check(request: Allocate, context: Context) -> None:
    """Refuse what cannot be run before anything heavy is loaded."""
    from merida.ensemble.sizes import check_size
    from merida.framework.amounts import check_budget

    if request.nation_only and "delay" in request.objective:
        raise PlanError("ports_left_out")
    if request.budget_usd is not None and not request.as_given:
        check_budget(request.budget_usd)
    years = context.framework.evaluation_years if request.years is None else request.years
    plans = len(rules_of(request.measure)) + len(request.beside) + 2  # the best and the reference
    check_size(request.draws, years, plans)


def blocks(request: Allocate, found: Allocated) -> Iterator[AnswerBlock]:
    """Yield what every good plan holds, the money, what it gains beside simple rules, and what a million more would."""
    if found.core is not None:
        yield from core_said(found.core)
    yield division(found)
    yield judged(request, found)
    for objective, by_account in found.wall_prices.items():
        if by_account:
            yield marginal(objective, by_account)
    gap = {"trained": found.trained_averted, "fresh": found.fresh_averted, "gap": found.optimism_gap}
    yield Sentence(GAPS[found.measure], gap)
    yield from certificate(found)
    yield from verdicts(found)
    if request.rows:
        yield every_row(found)
    yield from held_lines(request)


def certificate(found: Allocated) -> Iterator[Sentence]:
    """Yield how much better any other division could be, or why nobody can say, and what was demanded."""
    said = found.certificate
    values: dict[str, Cell] = {
        "segments": said.segments, "broken": said.broken, "draws": said.draws, "starts": said.starts,
        "evaluations": said.evaluations, "gained": said.gained,
    }  # fmt: skip
    if said.gap is None:
        yield Sentence("runs.no_certificate", values)
    else:
        yield Sentence("runs.certified", values | {"gap": said.gap})
    if said.bound is not None and said.gap is None:
        yield Sentence("runs.bound", {"bound": said.bound, "gained": said.gained})
    if found.constraints:
        yield Sentence("runs.demanded", {"constraints": Listing(found.constraints, "; ")})
    if found.risk != "mean":
        yield Sentence(RISKS[found.risk])


def division(found: Allocated) -> Table:
    """Return the money by pillar and programme."""
    columns = (
        Column("plan.pillar"), Column("plan.programme"),
        Column("plan.usd_million", decimals=1, scale=1e6),
        Column("runs.share", decimals=0, scale=0.01), Column("runs.places"),
    )  # fmt: skip
    rows = tuple(
        (line.pillar_title, line.title, line.usd_per_year, line.share, line.places) for line in found.division
    )
    return Table(columns, rows, Sentence("runs.division_title"))


def name_of(plan: str, measure: str) -> Cell:
    """Return what a plan of the run is called: rules and the best in words, a user's plan as it is labelled."""
    known = plan == BEST or plan in rules_of(measure)
    return Sentence(f"rule_names.{plan}") if known else plan_name(plan)


def judged(request: Allocate, found: Allocated) -> Table:
    """Return every plan against the reference."""
    other = "delay" if found.measure == "homicides" else "homicides"
    columns = (
        Column("runs.plan"), Column(GAINS[found.measure], decimals=DECIMALS[found.measure]), *CHANCES,
        Column(GAINS[other], decimals=DECIMALS[other]), Column("runs.p_best_beats", decimals=2),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for line in found.rules:
        besides: Interval | None
        if isinstance(line, HomicidesLine):
            gain, besides = line.averted, line.hours_saved
        elif isinstance(line, HoursLine):
            gain, besides = line.hours_saved, line.averted
        else:
            gain, besides = line.gained, line.averted
        rows.append(
            (
                name_of(line.plan, found.measure),
                Interval(line.low, gain, line.high),
                line.p_better,
                line.p_harm,
                besides,
                line.p_best_beats,
            )
        )
    return Table(columns, tuple(rows), Sentence("runs.rules_title", {"draws": request.draws}))


def marginal(objective: str, by_account: Mapping[str, MillionLine]) -> Table:
    """Return what the next million of each account would do."""
    digits = 1 if objective == "homicides" else 2  # of what a million does
    columns = (
        Column("runs.account"), Column("plan.programme"), Column("plan.place"),
        Column("runs.median", decimals=digits), Column("runs.mean", decimals=digits),
    )  # fmt: skip
    rows = tuple(
        (account, line.title, line.place_name, Interval(line.low, line.median, line.high), line.mean)
        for account, line in by_account.items()
    )
    return Table(
        columns, rows, Sentence("runs.marginal" if objective == "homicides" else "runs.marginal_delay")
    )


def verdicts(found: Allocated) -> Iterator[Sentence]:
    """Yield what is to be said of the plan found: whether it is a rule, beats one, and what its placement follows."""
    if found.chosen in rules_of(found.measure):
        yield Sentence("runs.is_rule", {"rule": name_of(found.chosen, found.measure)})
    share = next(line.p_best_beats for line in found.rules if line.plan == found.best_rule)
    if share is not None:
        key = "runs.separated" if found.separated else "runs.not_separated"
        yield Sentence(key, {"rule": name_of(found.best_rule, found.measure), "share": share})
    if found.placement_to_move is not None and found.measure == "homicides":
        key = "runs.placement_by_size" if found.placement_to_move < BY_SIZE else "runs.placement"
        yield Sentence(key, {"share": found.placement_to_move})


def every_row(found: Allocated) -> Table:
    """Return every row of the plan."""
    columns = (
        Column("plan.programme"), Column("plan.account"), Column("plan.place"), Column("plan.months"),
        Column("plan.usd_million", decimals=3, scale=1e6),
    )  # fmt: skip
    rows = tuple(
        (
            found.names[row.programme],
            row.account,
            found.names[row.place],
            f"{row.start}–{row.end}",
            row.usd_per_year,
        )
        for row in found.plan.rows
    )
    return Table(columns, rows, Sentence("runs.rows_title"))


def plan_file(answer: Answer[Any, Allocated], path: Path) -> str:
    """Return the plan found as a file of this ending holds it."""
    plan = answer.payload.plan.copy_in(path)
    return plan.as_csv() if path.suffix.lower() == ".csv" else plan.as_toml()


QUESTIONS = (
    Question(
        Allocate,
        Allocated,
        allocate,
        blocks,
        table="division",
        files={"plan": plan_file},
        endings={"plan": (".toml", ".csv")},
        kept=True,
    ),
)
