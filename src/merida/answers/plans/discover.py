"""When one plan does worse than another: the numbers under which most such draws lie, and what moves the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.holding import held_lines
from merida.answers.naming import plan_name
from merida.answers.plans.deciding import Valued, at_least_two, judged, measured
from merida.answers.plans.running import scenario_lines
from merida.answers.questions import Answer, Question
from merida.document.blocks import AnswerBlock, Cell, Column, Listing, Rounded, Sentence, Table
from merida.document.values import written
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.decide.discovery import Limit, Trajectory
    from merida.framework import Framework

SHOWN = 10


class Discover(Valued):
    """When one plan does worse than another."""

    question = "discover"
    example: ClassVar[Mapping[str, Any]] = {"plan": "memo"}
    plan: Text = option("cli.runs.plan", argument=True, metavar="PLAN", file=True)
    versus: Text = option("cli.runs.versus", "continuation", metavar="PLAN", file=True)
    shares: bool = option("cli.decide.shares", False)


@dataclass(frozen=True)
class LimitLine:
    """A limit of the box: draws at least, or at most, as high; `p` is how likely chance gives as much without it."""

    path: str
    name: Both
    unit: str
    end: str
    value: float
    p: float


@dataclass(frozen=True)
class BoxLine:
    """A box of the trajectory, with all its limits."""

    coverage: float
    density: float
    mass: float
    limits: int


@dataclass(frozen=True)
class DriverLine:
    """A parameter, the rank correlation of its draws with the difference, and its share of the variance where asked."""

    path: str
    name: Both
    correlation: float
    share: Interval | None


@dataclass(frozen=True)
class Discovery:
    """When a plan does worse than another.

    Attributes
    ----------
    worse : float
        The share of draws in which it does.
    limits : tuple of LimitLine
        Those of the chosen box that are significant; empty where none is.
    coverage, density, mass : float
        Of those limits: the share of the worse draws that lie within, the share of the draws within that are worse, the
        share of all draws within.
    boxes : tuple of BoxLine
        The whole trajectory.
    drivers : tuple of DriverLine
        What the difference goes with most.
    """

    plan: str
    versus: str
    unit: str
    outcome: str | None
    valuation: str | None
    worse: float
    limits: tuple[LimitLine, ...]
    coverage: float
    density: float
    mass: float
    boxes: tuple[BoxLine, ...]
    drivers: tuple[DriverLine, ...]


def discover(request: Discover, context: Context, work: Work) -> tuple[Discovery, Trajectory | None]:
    """Return when one plan does worse than another, with the trajectory of boxes."""
    import numpy as np

    from merida.decide.discovery import prim
    from merida.decide.information.naming import parameter_name
    from merida.decide.sensitivity import first_order, rank_correlation

    table, _ = judged(request, (request.plan, request.versus), context, work)
    at_least_two(table.names)
    plan, versus = table.names[:2]
    step = work.stage("discovery")
    more = table.less(plan, versus)
    worse = more < 0
    correlations = rank_correlation(table.drawn, more)
    chance = 3.3 / np.sqrt(len(more))  # one in a thousand looks
    strongest = np.argsort(-np.abs(correlations), kind="stable")[:SHOWN].tolist()
    order = [at for at in strongest if abs(correlations[at]) > chance]
    step(1, 2)
    # Boxes are looked for among what the difference goes with: of hundreds of parameters some limit fits by chance.
    found = prim(table.drawn[:, order], worse) if order and 0 < worse.mean() < 1 else None
    shares = first_order(table.drawn[:, order], more) if request.shares and order else None
    step(2, 2)
    drivers = tuple(
        DriverLine(
            path=table.paths[at],
            name=parameter_name(table.paths[at], context.framework),
            correlation=round(float(correlations[at]), 3),
            share=None
            if shares is None
            else Interval(*(float(end[number]) for end in (shares.low, shares.value, shares.high))),
        )
        for number, at in enumerate(order)
    )
    share = float(worse.mean())
    payload = Discovery(
        plan, versus, table.unit, table.outcome, table.valuation, share, (), share, share, 1.0, (), drivers
    )  # fmt: skip
    if found is None:
        return payload, None
    box, limits = found.significant(found.best())
    lines = tuple(
        limit_line(limit, tuple(table.paths[at] for at in order), context.framework) for limit in limits
    )
    boxes = tuple(
        BoxLine(one.coverage, one.density, one.mass, len(found.limits(number)))
        for number, one in enumerate(found.boxes)
    )
    return replace(
        payload,
        limits=lines,
        coverage=box.coverage,
        density=box.density,
        mass=box.mass,
        boxes=boxes,
    ), found


def limit_line(limit: Limit, paths: tuple[str, ...], framework: Framework) -> LimitLine:
    """Return what is said of a limit."""
    from merida.decide.information.naming import parameter_name, unit_of

    path = paths[limit.parameter]
    return LimitLine(path, parameter_name(path, framework), unit_of(path), limit.end, limit.value, limit.p)


def blocks(request: Discover, found: Discovery) -> Iterator[AnswerBlock]:
    """Yield the sentence of when the plan does worse, how good that sentence is, and what the difference goes with."""
    yield from scenario_lines(request)
    values: dict[str, Cell] = {
        "plan": plan_name(found.plan),
        "versus": plan_name(found.versus),
        "share": 100 * found.worse,
        "draws": request.draws,
        "unit": measured(found.unit, found.outcome),
    }
    yield Sentence("discover.worse" if found.worse else "discover.never", values)
    if found.limits:
        yield Sentence("discover.when", values | {"limits": Listing(tuple(map(said, found.limits)), "; ")})
        shares: dict[str, Cell] = {
            "coverage": 100 * found.coverage,
            "density": 100 * found.density,
            "share": 100 * found.worse,
        }
        yield Sentence("discover.good", shares)
        yield limits(found)
    elif found.worse:
        yield Sentence("discover.no_limit", values)
    if found.drivers:
        yield drivers(found, request.shares)
    yield from held_lines(request)


def said(line: LimitLine) -> Sentence:
    """Return a limit as a part of a sentence."""
    values: dict[str, Cell] = {"name": line.name, "value": figure(line.value)}
    key = f"units.{line.unit}"
    if line.unit and words("en").has(key):
        values["unit"] = Sentence(key)
        return Sentence("discover.low_unit" if line.end == "low" else "discover.high_unit", values)
    return Sentence(f"discover.{line.end}", values)


def figure(value: float) -> Rounded:
    """Return a number with three digits at least."""
    size = abs(value)
    return Rounded(value, 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 4)


def limits(found: Discovery) -> Table:
    """Return the limits with how likely chance gives as much."""
    columns = (
        Column("voi.parameter"), Column("discover.end"), Column("discover.value"), Column("discover.p", decimals=4),
    )  # fmt: skip
    rows = tuple(
        (line.name, Sentence(f"discover.ends.{line.end}"), figure(line.value), line.p)
        for line in found.limits
    )
    return Table(columns, rows, Sentence("discover.title"))


def drivers(found: Discovery, shares: bool) -> Table:
    """Return what the difference goes with most."""
    columns = [Column("voi.parameter"), Column("runs.correlation", decimals=2)]
    if shares:
        columns.append(Column("discover.share", decimals=0, scale=0.01))
    rows = tuple((line.name, line.correlation, *((line.share,) if shares else ())) for line in found.drivers)
    values: dict[str, Cell] = {"plan": plan_name(found.plan), "versus": plan_name(found.versus)}
    return Table(tuple(columns), rows, Sentence("discover.drivers_title", values))


def picture(answer: Answer[Discover, Discovery], said: Words) -> dict[str, Any]:
    """Draw how much of the worse draws the boxes cover against how purely, the chosen one marked."""
    import polars as pl

    from merida.charts.frame import framed, sources
    from merida.charts.plans import boxes
    from merida.charts.theme import specification

    found = answer.payload
    rows = [
        {
            "coverage": 100 * one.coverage,
            "density": 100 * one.density,
            "chosen": (one.coverage, one.density) == (found.coverage, found.density),
        }
        for one in found.boxes
    ]
    schema = {"coverage": pl.Float64, "density": pl.Float64, "chosen": pl.Boolean}
    about = {
        "plan": written(plan_name(found.plan), said),
        "versus": written(plan_name(found.versus), said),
        "share": said.number(100 * found.worse),
        "period": said.text("charts.robust.period", draws=answer.request.draws),
    }
    chart = boxes(pl.DataFrame(rows, schema=schema), said)
    return framed(specification(chart), "discover", said, sources(("homicides_year",), said), about)


QUESTIONS = (
    Question(Discover, Discovery, discover, blocks, table="limits", pictures={"chart": picture}, kept=True),
)
