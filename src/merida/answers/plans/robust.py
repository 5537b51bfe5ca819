"""Plans under many scenarios: which one holds up, how much each would leave on the table, and where the order flips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Number, Texts, Whole, option
from merida.answers.holding import held_lines
from merida.answers.naming import plan_name
from merida.answers.plans.running import Run
from merida.answers.questions import Answer, Question
from merida.decide.said.lines import Flip, RobustCell, RobustPlan
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.document.values import written
from merida.errors import PlanError
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words

ASSUMED = "assumed"
TABLES = ("homicides_year",)  # what the chart says it rests on beside the evidence


class Robust(Run):
    """Plans under many scenarios."""

    question = "robust"
    example: ClassVar[Mapping[str, Any]] = {"plans": ("memo", "continuation")}
    plans: Texts = option("cli.runs.plans", argument=True, metavar="PLAN...", file=True)
    draws: Whole = option("cli.runs.draws", 200, metavar="N", ge=1, unit="draws")
    enough: Number = option("cli.runs.enough", 0.0, metavar="N")


@dataclass(frozen=True)
class Robustness:
    """What plans gain in every scenario.

    Attributes
    ----------
    cells : tuple of RobustCell
        By scenario and plan.
    plans : tuple of RobustPlan
        Each plan over all scenarios.
    flips : tuple of Flip
        Where the order of two plans turns round.
    scenarios : int
        How many there are.
    """

    cells: tuple[RobustCell, ...]
    plans: tuple[RobustPlan, ...]
    flips: tuple[Flip, ...]
    scenarios: int


def robust(request: Robust, context: Context, work: Work) -> Robustness:
    """Return what plans gain in every scenario."""
    from merida.ensemble.sizes import check_size

    framework, facts = context.framework, context.facts
    if len(request.plans) < 2:
        raise PlanError("one_plan_to_compare", found=len(request.plans))
    check_size(
        request.draws,
        framework.evaluation_years if request.years is None else request.years,
        2 * len(request.plans) + 1,
    )
    plans = context.plans(request.plans, request.as_given)

    from merida.decide.robustness import robustness, table
    from merida.framework import labelled, plan_start

    chosen = labelled(plans, framework, facts)
    found = robustness(
        framework,
        facts,
        chosen,
        draws=request.draws,
        years=request.years,
        seed=request.seed,
        start=plan_start(facts),
        held=request.numbers,
        progress=work.stage("scenarios"),
    )
    cells, over_all, flipped = table(found, tuple(chosen), request.enough)
    return Robustness(cells, over_all, flipped, len(found))


def blocks(request: Robust, found: Robustness) -> Iterator[AnswerBlock]:
    """Yield which plan holds up, each scenario, and where the order flips."""
    yield from verdict(found)
    yield over_all(request, found)
    yield by_scenario(request, found)
    yield from flipped(found)
    yield from held_lines(request)
    yield Sentence("robust.regret_said")


def name_of(scenario: str, kind: str) -> Cell:
    """Return what a scenario is called."""
    if kind == "structure":
        from merida.parameters.scenarios import scenarios

        return Both(**dict(scenarios()[scenario].title))
    if kind == "value":
        return Sentence("robust.valued", {"set": Sentence(f"welfare.sets.{scenario}")})
    if kind == "reading":
        path, _, reading = scenario.partition(".weight.")
        return Sentence("robust.reading", {"path": path, "reading": Sentence(f"readings.{reading}")})
    return Sentence(f"robust.scenarios.{scenario}")


def verdict(found: Robustness) -> Iterator[Sentence]:
    """Yield which plan has the least of the largest regrets, and whether the order ever flips."""
    known = [line for line in found.plans if line.largest_regret is not None]
    if known:
        best = min(known, key=lambda line: line.largest_regret or 0.0)
        kinds = {cell.scenario: cell.kind for cell in found.cells}
        worst = best.worst or ASSUMED
        values: dict[str, Cell] = {
            "plan": plan_name(best.plan),
            "regret": best.largest_regret or 0.0,
            "worst": name_of(worst, kinds[worst]),
            "scenarios": found.scenarios,
        }
        yield Sentence("robust.holds" if best.largest_regret else "robust.always_best", values)
    count = len({flip.scenario for flip in found.flips})
    yield Sentence(
        "robust.flips" if count else "robust.no_flips", {"count": count, "scenarios": found.scenarios}
    )


def over_all(request: Robust, found: Robustness) -> Table:
    """Return each plan over all scenarios."""
    kinds = {cell.scenario: cell.kind for cell in found.cells}
    columns = (
        Column("runs.plan"), Column("robust.largest", decimals=0, scale=0.01), Column("robust.worst"),
        Column("robust.enough", decimals=0, scale=0.01),
    )  # fmt: skip
    rows = tuple(
        (
            plan_name(line.plan),
            line.largest_regret,
            None if line.worst is None else name_of(line.worst, kinds[line.worst]),
            line.enough,
        )
        for line in found.plans
    )
    return Table(columns, rows, Sentence("robust.plans_title", {"enough": request.enough}))


def by_scenario(request: Robust, found: Robustness) -> Table:
    """Return what each plan gains in each scenario."""
    columns = (
        Column("robust.scenario"), Column("runs.plan"), Column("robust.gained", decimals=0),
        Column("robust.regret", decimals=0, scale=0.01), Column("robust.p_best", decimals=2),
        Column("robust.p_enough", decimals=2),
    )  # fmt: skip
    rows = tuple(
        (
            name_of(cell.scenario, cell.kind), plan_name(cell.plan), Interval(cell.low, cell.gained, cell.high),
            cell.regret, cell.p_best, cell.p_enough,
        )
        for cell in found.cells
    )  # fmt: skip
    return Table(columns, rows, Sentence("robust.title", {"draws": request.draws}))


def flipped(found: Robustness) -> Iterator[Table]:
    """Yield where the order of two plans turns round."""
    if not found.flips:
        return
    columns = (
        Column("robust.scenario"), Column("robust.ahead"), Column("robust.behind"),
        Column("robust.p_assumed", decimals=2), Column("robust.p_there", decimals=2),
    )  # fmt: skip
    rows = tuple(
        (
            name_of(one.scenario, one.kind),
            plan_name(one.ahead),
            plan_name(one.behind),
            one.p_assumed,
            one.p_there,
        )
        for one in found.flips
    )
    yield Table(columns, rows, Sentence("robust.flips_title"))


def picture(answer: Answer[Robust, Robustness], said: Words) -> dict[str, Any]:
    """Draw regret by scenario and plan."""
    import polars as pl

    from merida.charts.frame import framed, sources
    from merida.charts.robust import regrets
    from merida.charts.theme import specification

    rows = [
        {
            "scenario": written(name_of(cell.scenario, cell.kind), said),
            "plan": written(plan_name(cell.plan), said),
            "regret": cell.regret,
        }
        for cell in answer.payload.cells
    ]
    schema = {"scenario": pl.String, "plan": pl.String, "regret": pl.Float64}
    chart = regrets(pl.DataFrame(rows, schema=schema))
    about = {"period": said.text("charts.robust.period", draws=answer.request.draws)}
    return framed(specification(chart), "robust", said, sources(TABLES, said), about)


QUESTIONS = (
    Question(Robust, Robustness, robust, blocks, table="cells", pictures={"chart": picture}, kept=True),
)
