"""What would have been said at a past date, with what was known then, scored on what came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, Whole, option
from merida.answers.holding import held_lines
from merida.answers.questions import Answer, Question
from merida.answers.request import Drawn, Settable
from merida.decide.said.hindcast_lines import (
    LookedBack,
    OperatingLine,
    ThenLine,
    VolumeLine,
    YearScore,
)
from merida.document.blocks import AnswerBlock, Cell, Column, Month, Rounded, Sentence, Table
from merida.errors import PlaceError
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.ensemble import Simulation

FIRST_YEARS = 3  # of the horizon that are shown of every state


class Hindcast(Drawn, Settable):
    """What would have been said at a past date, and how it scored."""

    question = "hindcast"
    example: ClassVar[Mapping[str, Any]] = {"as_of": "2012-12", "state": "08"}
    as_of: Text = option("cli.hindcast.as_of", "2012-12", metavar="YYYY-MM")
    state: Text | None = option("cli.hindcast.state", None, metavar="STATE")
    draws: Whole = option("cli.runs.draws", 500, metavar="N", ge=1, unit="draws")
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")


@dataclass(frozen=True)
class Hindcasted(LookedBack):
    """What would have been said, and its scores.

    Attributes
    ----------
    state : str or None
        The code of the state that was asked for.
    not_testable : tuple of str
        What no record can test, keys under ``hindcast.not_testable`` in ``words/``.
    """

    as_of: str
    draws: int
    state: str | None
    not_testable: tuple[str, ...]


NOT_TESTABLE = ("plans", "programmes", "completion", "gains")


def hindcast(request: Hindcast, context: Context, work: Work) -> tuple[Hindcasted, Simulation]:
    """Return what would have been said, and the run."""
    from merida.decide.hindcast import hindcast as look_back
    from merida.ensemble.sizes import check_size

    check_size(request.draws, 1)
    state = None if request.state is None else state_of(request.state, context)
    found, run = look_back(
        context.framework,
        request.as_of,
        draws=request.draws,
        seed=request.seed,
        held=dict(request.held),
        stage=work.stage,
    )
    lines = {one.name: getattr(found, one.name) for one in fields(found)}
    return Hindcasted(
        **lines, as_of=request.as_of, draws=request.draws, state=state, not_testable=NOT_TESTABLE
    ), run


def state_of(text: str, context: Context) -> str:
    """Return the code of a state that a user names; a name that a municipality bears too means the state."""
    from merida.places import Gazetteer, find_place

    states = [entry for entry in Gazetteer.of(context.facts).matches(text) if entry.kind == "state"]
    if len(states) == 1:
        return states[0].code
    raise PlaceError("place_not_state", found=text[:60], name=find_place(context.facts, text).name)


def blocks(request: Hindcast, found: Hindcasted) -> Iterator[AnswerBlock]:
    """Yield what would have been said of plans, then what can be tested: homicides, the reform, the border, money."""
    yield Sentence("hindcast.title", {"month": Month(found.as_of), "draws": found.draws})
    yield from held_lines(request)
    yield plans(found)
    yield Sentence("hindcast.plans_note")
    yield best_plan(found)
    yield years(found.nation, Sentence("hindcast.nation_title"))
    if found.state:
        mine = [line for line in found.states if line.place == found.state]
        yield years(mine, Sentence("hindcast.state_title", {"state": mine[0].name}))
    else:
        yield states(found)
    yield levels(found)
    yield from reform(found)
    yield volumes(found)
    yield money(found)
    yield from (Sentence(f"hindcast.not_testable.{name}") for name in found.not_testable)


def plans(found: Hindcasted) -> Table:
    """Return what each plan would have been said to avert."""
    columns = (
        Column("runs.plan"), Column("hindcast.usd_more", decimals=0), Column("runs.averted", decimals=0),
        Column("runs.p_better", decimals=2), Column("runs.p_harm", decimals=2), Column("hindcast.tested"),
    )  # fmt: skip
    rows = tuple(
        (
            plan_name(line),
            line.usd_more / 1e6,
            Interval(line.low, line.averted, line.high),
            line.p_better,
            line.p_harm,
            Sentence("hindcast.no_test"),
        )
        for line in found.plans
    )
    return Table(columns, rows, Sentence("hindcast.plans_title", {"years": found.plans[0].years}))


def best_plan(found: Hindcasted) -> Table:
    """Return where the best plan of then would have put the money."""
    columns = (
        Column("plan.pillar"), Column("plan.programme"),
        Column("plan.usd_million", decimals=1, scale=1e6), Column("runs.share", decimals=0, scale=0.01),
    )  # fmt: skip
    rows = tuple((line.pillar_title, line.title, line.usd_per_year, line.share) for line in found.best)
    return Table(columns, rows, Sentence("hindcast.best_title"))


def plan_name(line: ThenLine) -> Cell:
    """Return a plan's name in words where there is one; the best of the simple rules is said to be so."""
    rule = Sentence(f"rule_names.{line.plan}")
    if line.best_rule:
        return Sentence("hindcast.best_rule", {"rule": rule})
    known = {"enacted": Sentence("hindcast.enacted")}
    return known.get(line.plan) or (rule if words("en").has(rule.key) else line.plan)


def said(line: YearScore | OperatingLine | VolumeLine, decimals: int = 0, scale: float = 1.0) -> Rounded:
    """Return what was said, with its interval."""
    middle = line.said if isinstance(line, VolumeLine) else line.median
    return Rounded(Interval(line.low / scale, middle / scale, line.high / scale), decimals)


def years(lines: tuple[YearScore, ...] | list[YearScore], title: Sentence) -> Table:
    """Return homicides of one place by year, said and happened."""
    columns = (
        Column("runs.year"), Column("hindcast.said", "deaths"), Column("hindcast.happened", "deaths", 0),
        Column("hindcast.inside"), Column("hindcast.crps", decimals=0), Column("hindcast.walk", decimals=0),
    )  # fmt: skip
    rows = tuple(
        (line.year, said(line), float(line.happened), line.inside, line.crps, line.walk_crps)
        for line in lines
    )
    return Table(columns, rows, title)


def states(found: Hindcasted) -> Table:
    """Return every state in the first years: said and happened, so that any can be checked by hand."""
    shown = sorted({line.year for line in found.states})[:FIRST_YEARS]
    by_place: dict[str, list[YearScore]] = {}
    for line in found.states:
        if line.year in shown:
            by_place.setdefault(line.place, []).append(line)
    columns = [Column("runs.state")]
    for year in shown:
        columns += [
            Column(Sentence("hindcast.said_in", {"year": year})),
            Column(Sentence("hindcast.happened_in", {"year": year}), decimals=0),
        ]
    rows = tuple(
        (lines[0].name, *(cell for line in lines for cell in (said(line), float(line.happened))))
        for lines in by_place.values()
    )
    return Table(tuple(columns), rows, Sentence("hindcast.states_title"))


def levels(found: Hindcasted) -> Table:
    """Return the means of the scores by level and year."""
    columns = (
        Column("hindcast.level"), Column("runs.year"), Column("hindcast.crps", decimals=0),
        Column("hindcast.walk", decimals=0), Column("hindcast.inside_of"),
    )  # fmt: skip
    rows = tuple(
        (
            Sentence(f"hindcast.levels.{line.level}"),
            line.year,
            line.crps,
            line.walk_crps,
            Sentence("hindcast.of", {"inside": line.inside, "places": line.places}),
        )
        for line in found.levels
    )
    return Table(columns, rows, Sentence("hindcast.levels_title"))


def reform(found: Hindcasted) -> Iterator[AnswerBlock]:
    """Yield the judicial reform: states operating by year, and what was said of each state."""
    if not found.operating:
        return
    columns = (
        Column("runs.year"), Column("hindcast.said"), Column("hindcast.happened", decimals=0),
        Column("hindcast.inside"), Column("hindcast.crps", decimals=1),
    )  # fmt: skip
    yield Table(
        columns,
        tuple(
            (line.year, said(line), float(line.happened), line.inside, line.crps) for line in found.operating
        ),
        Sentence("hindcast.reform_title"),
    )
    waiting = [line for line in found.reform if found.state in (None, line.state)]
    shown = [str(line.year) for line in found.operating]
    if waiting:
        chance = (Column(Sentence("hindcast.chance", {"year": int(year)}), decimals=2) for year in shown)
        yield Table(
            (Column("runs.state"), *chance, Column("hindcast.began")),
            tuple((line.name, *(line.chances[year] for year in shown), line.began) for line in waiting),
            Sentence("hindcast.waiting_title", {"brier": found.brier or 0.0}),
        )


def volumes(found: Hindcasted) -> Table:
    """Return crossings by mode and year, millions."""
    columns = (
        Column("hindcast.mode"), Column("runs.year"), Column("hindcast.said"),
        Column("hindcast.happened", decimals=2), Column("hindcast.inside"),
    )  # fmt: skip
    rows = tuple(
        (
            Sentence(f"modes.{line.mode}"),
            line.year,
            said(line, 2, 1e6),
            line.happened / 1e6,
            line.inside,
        )
        for line in found.volumes
    )
    return Table(columns, rows, Sentence("hindcast.volumes_title"))


def money(found: Hindcasted) -> Table:
    """Return published sums of money beside what the lags made of them: percent, or million dollars where paid."""
    columns = (
        Column("hindcast.stage"), Column("hindcast.month"), Column("hindcast.said"),
        Column("hindcast.published", decimals=0), Column("hindcast.inside"),
    )  # fmt: skip
    rows = tuple(
        (
            Sentence(f"hindcast.stages.{line.stage}.{line.scope}"),
            Month(line.month),
            Rounded(Interval(line.low * scale, line.median * scale, line.high * scale), 0),
            line.published * scale,
            line.inside,
        )
        for line in found.money
        for scale in [1e-6 if line.stage == "paid" else 100.0]
    )
    return Table(columns, rows, Sentence("hindcast.money_title"))


def by_year(answer: Answer[Hindcast, Hindcasted], to: Words) -> dict[str, Any]:
    """Draw homicides of the nation, or of the state asked for, by year: said and happened."""
    from merida.charts.frame import framed, sources
    from merida.charts.hindcast import TABLES, said_and_happened
    from merida.charts.theme import specification

    found = answer.payload
    lines = [line for line in (*found.nation, *found.states) if line.place == (found.state or "MX")]
    place = lines[0].name or to.text("charts.nation")
    spec = specification(said_and_happened(lines, to))
    about = {"place": place, "month": to.month(found.as_of), "first": lines[0].year, "last": lines[-1].year}
    return framed(spec, "hindcast", to, sources(TABLES, to), about)


QUESTIONS = (
    Question(Hindcast, Hindcasted, hindcast, blocks, table="nation", pictures={"chart": by_year}, kept=True),
)
