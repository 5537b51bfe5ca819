"""Plans by two or three outcomes: which ones are efficient, how much they cover, and what one more unit costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Texts, Whole, option
from merida.answers.holding import held_lines
from merida.answers.naming import plan_name
from merida.answers.plans.deciding import at_least_two
from merida.answers.plans.running import Run, scenario_lines, simulated
from merida.answers.questions import Answer, Question
from merida.document.blocks import AnswerBlock, Cell, Column, Listing, Sentence, Table
from merida.document.values import written
from merida.errors import PlanError
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from merida.decide.frontier import CostEffectiveness
    from merida.ensemble import Simulation
    from merida.framework import Plan

MOST_STEPS = 10


class Frontier(Run):
    """Plans by two or three outcomes."""

    question = "frontier"
    example: ClassVar[Mapping[str, Any]] = {"plans": ("memo", "continuation", "none")}
    plans: Texts = option("cli.runs.plans", argument=True, metavar="PLAN...", file=True)
    draws: Whole = option("cli.runs.draws", 200, metavar="N", ge=1, unit="draws")
    outcomes: Texts = option(
        "cli.decide.outcomes", ("homicides", "us_overdose_deaths"), flag="outcome", metavar="OUTCOME"
    )
    mixtures: Whole = option("cli.decide.mixtures", 0, metavar="N", ge=0, le=MOST_STEPS)


@dataclass(frozen=True)
class PlanPoint:
    """A plan: what it gains in each outcome beside what was last enacted, and what it costs beyond it.

    Attributes
    ----------
    gains : dict of str to Interval
    means : dict of str to float
    efficient : bool
        Whether no other plan gains as much on average in every outcome.
    usd_more : float
        Dollars within the years evaluated.
    cost_standing : str
        ``efficient``, ``dominated`` or ``extended_dominated`` by dollars and the first outcome.
    usd_per_unit : float or None
        Dollars for one more unit of the first outcome than the efficient plan before it gains.
    """

    plan: str
    gains: dict[str, Interval]
    means: dict[str, float]
    efficient: bool
    usd_more: float
    cost_standing: str
    usd_per_unit: float | None


@dataclass(frozen=True)
class Frontiers:
    """Plans by several outcomes.

    Attributes
    ----------
    hypervolume : float
        What the efficient plans dominate, each outcome from the least that some plan gains (0) to the most (1).
    """

    outcomes: tuple[str, ...]
    plans: tuple[PlanPoint, ...]
    hypervolume: float


def frontier(request: Frontier, context: Context, work: Work) -> tuple[Frontiers, Simulation]:
    """Return plans by several outcomes, with their run."""
    from merida.ensemble.sizes import check_size

    at_least_two(request.plans)
    names = tuple(dict.fromkeys(request.outcomes))
    if not 2 <= len(names) <= 3:
        raise PlanError("frontier_outcomes", found=len(names))
    plans = [*context.plans(request.plans, request.as_given)]
    plans += mixtures(plans, request.mixtures)
    years = context.framework.evaluation_years if request.years is None else request.years
    check_size(request.draws, years, len(plans) + 1, places=not request.nation_only)
    run = simulated(request, plans, context, work)
    labels = tuple(dict.fromkeys(run.label(plan) for plan in plans))
    return found_of(run, labels, names), run


def mixtures(plans: Sequence[Plan], steps: int) -> list[Plan]:
    """Return plans between each two: their rows with parts of their dollars that sum to one."""
    found = []
    for at, one in enumerate(plans):
        for other in plans[at + 1 :]:
            for step in range(1, steps + 1):
                part = step / (steps + 1)
                rows = [
                    replace(row, usd_per_year=weight * row.usd_per_year)
                    for plan, weight in ((one, 1 - part), (other, part))
                    for row in plan.rows
                ]
                name = f"{round(100 * (1 - part))} % {one.name} + {round(100 * part)} % {other.name}"
                found.append(replace(one, name=name, rows=tuple(rows)))
    return found


def found_of(run: Simulation, labels: tuple[str, ...], names: tuple[str, ...]) -> Frontiers:
    """Return what is said of the plans of a run."""
    import numpy as np

    from merida.decide.frontier import cost_effectiveness, efficient, hypervolume
    from merida.decide.worth.options import of_outcome
    from merida.ensemble.run import REFERENCE

    gains = np.stack([of_outcome(run, name, names=labels).values for name in names], axis=2)
    means = gains.mean(axis=0)  # (plans, outcomes)
    low, high = means.min(axis=0), means.max(axis=0)
    spread = np.where(high > low, high - low, 1.0)
    kept = efficient(-means)
    dollars = [run.usd(label) - run.usd(REFERENCE) for label in labels]
    costs: dict[int, CostEffectiveness] = {
        line.option: line for line in cost_effectiveness(dollars, means[:, 0])
    }
    points = tuple(
        PlanPoint(
            plan=label,
            gains={name: Interval.of(gains[:, at, column]) for column, name in enumerate(names)},
            means={name: float(means[at, column]) for column, name in enumerate(names)},
            efficient=bool(kept[at]),
            usd_more=dollars[at],
            cost_standing=costs[at].standing,
            usd_per_unit=costs[at].ratio,
        )
        for at, label in enumerate(labels)
    )
    covered = hypervolume((high - means) / spread, np.ones(len(names)) * (1 + 1e-12))
    return Frontiers(names, points, float(covered))


def blocks(request: Frontier, found: Frontiers) -> Iterator[AnswerBlock]:
    """Yield which plans are efficient, each with its gains, and the cost-effectiveness frontier."""
    yield from scenario_lines(request)
    kept = tuple(plan_name(point.plan) for point in found.plans if point.efficient)
    outcomes = Listing(tuple(Sentence(f"outcomes.{name}") for name in found.outcomes), "; ")
    values: dict[str, Cell] = {"plans": Listing(kept), "outcomes": outcomes}
    yield Sentence("frontier.one" if len(kept) == 1 else "frontier.several", values)
    if len(kept) > 1:
        yield Sentence("frontier.covers", {"share": 100 * found.hypervolume})
    columns = [Column("runs.plan"), Column("frontier.efficient")]
    columns += [Column(Sentence(f"outcomes.{name}"), decimals=0) for name in found.outcomes]
    rows: list[tuple[Cell, ...]] = [
        (plan_name(point.plan), point.efficient, *(point.gains[name] for name in found.outcomes))
        for point in found.plans
    ]
    yield Table(tuple(columns), tuple(rows), Sentence("frontier.title", {"draws": request.draws}))
    yield costs(found)
    yield from held_lines(request)
    yield Sentence("frontier.said")


def costs(found: Frontiers) -> Table:
    """Return plans by dollars and the first outcome."""
    first = found.outcomes[0]
    columns = (
        Column("runs.plan"), Column("frontier.usd_more", decimals=0, scale=1e6), Column("frontier.mean", decimals=0),
        Column("frontier.standing"), Column("frontier.ratio", decimals=2, scale=1e6),
    )  # fmt: skip
    rows = tuple(
        (
            plan_name(point.plan), point.usd_more, point.means[first],
            Sentence(f"frontier.standings.{point.cost_standing}"), point.usd_per_unit,
        )
        for point in sorted(found.plans, key=lambda one: one.usd_more)
    )  # fmt: skip
    return Table(columns, rows, Sentence("frontier.costs_title", {"outcome": Sentence(f"outcomes.{first}")}))


def picture(answer: Answer[Frontier, Frontiers], said: Words) -> dict[str, Any]:
    """Draw plans by the first two outcomes."""
    import polars as pl

    from merida.charts.decide import efficient
    from merida.charts.frame import framed, sources
    from merida.charts.theme import specification

    found = answer.payload
    across, up = found.outcomes[:2]
    rows = [
        {
            "plan": written(plan_name(point.plan), said),
            "x": point.means[across],
            "y": point.means[up],
            "efficient": point.efficient,
        }
        for point in found.plans
    ]
    axes = [written(Sentence(f"outcomes.{name}"), said) for name in (across, up)]
    about = {"period": said.text("charts.robust.period", draws=answer.request.draws)}
    chart = efficient(pl.DataFrame(rows), *axes)
    return framed(specification(chart), "frontier", said, sources(("homicides_year",), said), about)


QUESTIONS = (
    Question(Frontier, Frontiers, frontier, blocks, table="plans", pictures={"chart": picture}, kept=True),
)
