"""What plans do: one against another, or the first of several against each of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, Texts, option
from merida.answers.naming import in_both, plan_name
from merida.answers.plans.plan import title_of
from merida.answers.plans.running import Run, scenario_lines, simulated
from merida.answers.questions import Answer, Question
from merida.document.blocks import AnswerBlock, Column, Month, Sentence, Table
from merida.document.values import written
from merida.ensemble.lines import (
    AtPorts,
    Comparison,
    CostPerDeath,
    Driver,
    Gain,
    LeverShare,
    MunicipalityLine,
    OutcomeTable,
    StateLine,
    YearLine,
)
from merida.errors import PlanError
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.ensemble import Simulation

SHOWN_STATES, SHOWN_DRIVERS = 8, 6
LATE_YEARS = 5


class Simulate(Run):
    """One plan against another."""

    question = "simulate"
    example: ClassVar[Mapping[str, Any]] = {"plan": "memo"}
    plan: Text = option("cli.runs.plan", argument=True, metavar="PLAN", file=True)
    versus: Text = option("cli.runs.versus", "continuation", metavar="PLAN", file=True)


class Compare(Run):
    """The first of several plans against each of the others."""

    question = "compare"
    example: ClassVar[Mapping[str, Any]] = {"plans": ("memo", "continuation", "none")}
    plans: Texts = option("cli.runs.plans", argument=True, metavar="PLAN...", file=True)


@dataclass(frozen=True)
class Report:
    """What the first plan does against each other.

    Attributes
    ----------
    record : dict
        The record of the run, from which `reproduce` gives it again.
    digests : dict of str to str
        The digest of each plan by its label.
    idle_weights : dict of str to str
        Weights that were held though no study of their reading was known at the date, with the reading.
    by_lever : tuple of LeverShare
        Which levers make the variance of the first comparison, all years.
    share_without_study : float or None
        Of that, what levers with neither a study nor a counted chain make; None where nothing varies.
    without_mechanism : tuple of str
        Programmes of the plans that move no outcome.
    without_way : tuple of Both
        Titles of the programmes of the plans that act on homicides by no known way: their units are counted.
    """

    record: dict[str, Any]
    digests: dict[str, str]
    comparisons: tuple[Comparison, ...]
    by_year: tuple[YearLine, ...]
    by_state: tuple[StateLine, ...]
    by_municipality: tuple[MunicipalityLine, ...]
    usd: dict[str, float]
    cost_per_homicide_averted: dict[str, CostPerDeath | None]
    share_after_year_5: dict[str, float | None]
    outcomes: dict[str, OutcomeTable]
    ports: dict[str, AtPorts | None] | None
    drivers: tuple[Driver, ...]
    by_lever: tuple[LeverShare, ...]
    share_without_study: float | None
    without_mechanism: tuple[str, ...]
    without_way: tuple[Both, ...]
    idle_weights: dict[str, str]


def simulate(request: Simulate, context: Context, work: Work) -> tuple[Report, Simulation]:
    """Return what one plan does against another, with the run."""
    return reported(request, (request.plan, request.versus), context, work)


def compare(request: Compare, context: Context, work: Work) -> tuple[Report, Simulation]:
    """Return what the first plan does against each other, with the run."""
    if len(request.plans) < 2:
        raise PlanError("one_plan_to_compare", found=len(request.plans))
    return reported(request, request.plans, context, work)


def reported(request: Run, names: Sequence[str], context: Context, work: Work) -> tuple[Report, Simulation]:
    """Run plans, kept in parts as the run goes, and say what it says."""
    from merida.ensemble import report, run_record
    from merida.ensemble.sizes import check_size

    framework = context.framework
    years = framework.evaluation_years if request.years is None else request.years
    check_size(request.draws, years, len(names), places=not request.nation_only)
    plans = context.plans(names, request.as_given)
    run = simulated(request, plans, context, work)
    first, *rest = (run.label(plan) for plan in plans)
    others = list(dict.fromkeys(rest))
    at_ports = {other: report.at_ports(run, first, other) for other in others}
    levers = report.by_lever(run, first, others[0])
    payload = Report(
        record=run_record.record(run, request.data()).model_dump(mode="json"),
        digests={label: run.plans[label].digest for label in (first, *others)},
        comparisons=report.comparisons(run, first, others),
        by_year=report.by_year(run, first, others[0]),
        by_state=report.by_state(run, first, others[0]),
        by_municipality=report.by_municipality(run, first, others[0]),
        usd={label: run.usd(label) for label in (first, *others)},
        cost_per_homicide_averted=report.costs(run, first, others),
        share_after_year_5={other: run.late_share(first, other) for other in others},
        outcomes=report.outcomes(run, first, others),
        ports=None if None in at_ports.values() else at_ports,
        drivers=report.strongest(run, first, others[0]),
        by_lever=levers,
        share_without_study=report.without_study(levers),
        without_mechanism=tuple(
            framework.without_mechanism({row.programme for plan in plans for row in plan.rows})
        ),
        without_way=tuple(
            title_of(framework, name)
            for name in run.without_way
            if any(row.programme == name for plan in plans for row in plan.rows)
        ),
        idle_weights=idle(request, context),
    )
    return payload, run


def idle(request: Run, context: Context) -> dict[str, str]:
    """Return the weights that were held though no study of their reading was known at the date."""
    from merida.parameters.standings import idle_weights

    return dict(idle_weights(context.register, request.numbers)) if request.as_of else {}


def blocks(request: Run, found: Report) -> Iterator[AnswerBlock]:
    """Yield what the first plan does: homicides, states, the United States, money, ports, and what drives it."""
    first, others = found.comparisons[0].plan, list(found.cost_per_homicide_averted)
    yield from cautions(request, found)
    yield homicides(request, found)
    yield years(found, first)
    if any(line.averted for line in found.by_state):
        yield states(found)
    yield from at_home(found, first, others[0])
    yield from put_to_work(found, first, others[0])
    for other in others:
        yield from money(found, first, other)
    for other in others:
        if found.ports and (ports := found.ports[other]) is not None:
            yield from at_ports(ports, first, other)
    yield from by_lever(found, first, others[0])
    if found.drivers:
        rows = tuple((one.path, one.correlation) for one in found.drivers[:SHOWN_DRIVERS])
        columns = (Column("runs.parameter"), Column("runs.correlation", decimals=2))
        yield Table(columns, rows, Sentence("runs.drivers_title"))


def by_lever(found: Report, plan: str, other: str) -> Iterator[AnswerBlock]:
    """Yield which levers make the variance of the difference, and how much comes from those without a study."""
    if not found.by_lever:
        return
    rows = tuple(
        (
            line.titles or Sentence("runs.together"),
            Sentence(f"runs.grounds.{line.grounds}"),
            Interval(100 * line.low, 100 * line.share, 100 * line.high),
            line.averted,
        )
        for line in found.by_lever
    )
    columns = (
        Column("runs.programmes"),
        Column("runs.grounds_title"),
        Column("runs.variance_share", decimals=0),
        Column("runs.averted_alone", decimals=0),
    )
    yield Table(
        columns, rows, Sentence("runs.by_lever_title", {"plan": plan_name(plan), "versus": plan_name(other)})
    )
    yield Sentence("runs.without_study", {"share": 100 * (found.share_without_study or 0.0)})


def cautions(request: Run, found: Report) -> Iterator[AnswerBlock]:
    """Yield what a reader must know before any number."""
    yield from scenario_lines(request)
    if found.without_way:
        listed = in_both(lambda said: ", ".join(title.to(said.language) for title in found.without_way))
        yield Sentence("runs.without_way", {"programmes": listed})
    if found.without_mechanism:
        yield Sentence("plan.framework_no_lever", {"programmes": ", ".join(found.without_mechanism)})
    for path, reading in found.idle_weights.items():
        key = f"readings.{reading}"
        name = Sentence(key) if words("en").has(key) else reading
        month = Month(request.as_of or "")
        yield Sentence("evidence.idle_weight", {"path": path, "reading": name, "month": month})


CHANCES = (Column("runs.p_better", decimals=2), Column("runs.p_harm", decimals=2))


def homicides(request: Run, found: Report) -> Table:
    """Return homicides averted in each window."""
    columns = (
        Column("runs.plan"), Column("runs.versus"), Column("runs.years"), Column("runs.averted", decimals=0), *CHANCES,
    )  # fmt: skip
    rows = tuple(
        (
            plan_name(line.plan),
            plan_name(line.versus),
            line.years,
            Interval(line.low, line.averted, line.high),
            line.p_better,
            line.p_harm,
        )
        for line in found.comparisons
    )
    return Table(columns, rows, Sentence("runs.title", {"draws": request.draws}))


def years(found: Report, plan: str) -> Table:
    """Return the nation by year."""
    columns = (
        Column("runs.year"), Column("runs.homicides", decimals=0), Column("runs.averted", decimals=0),
    )  # fmt: skip
    rows = tuple(
        (
            line.year,
            Interval(float(line.homicides_low), float(line.homicides), float(line.homicides_high)),
            Interval(line.low, line.averted, line.high),
        )
        for line in found.by_year
    )
    return Table(columns, rows, Sentence("runs.by_year_title", {"plan": plan_name(plan)}))


def states(found: Report) -> Table:
    """Return the states in which most changes."""
    strongest = sorted(found.by_state, key=lambda line: -abs(line.averted))[:SHOWN_STATES]
    columns = (Column("runs.state"), Column("runs.averted", decimals=0), *CHANCES)
    rows = tuple(
        (line.name, Interval(line.low, line.averted, line.high), line.p_better, line.p_harm)
        for line in strongest
    )
    return Table(columns, rows, Sentence("runs.by_state_title"))


def at_home(found: Report, plan: str, other: str) -> Iterator[AnswerBlock]:
    """Yield what changes in the United States over all years."""
    rows = tuple(
        (
            Sentence(f"outcomes.{name}"),
            Interval(line.low, line.value, line.high),
            line.p_better,
            line.p_harm,
        )
        for name, table in found.outcomes.items()
        if table.level == "united_states"
        for line in [one for one in table.comparisons if one.versus == other][-1:]
        if line.value
    )
    if rows:
        columns = (Column("runs.outcome"), Column("runs.value"), *CHANCES)
        yield Table(columns, rows, Sentence("runs.at_home_title", {"plan": plan_name(plan)}))


def put_to_work(found: Report, plan: str, other: str) -> Iterator[AnswerBlock]:
    """Yield the people, files and places that programmes in Mexico reach; ports have a table of their own."""
    ports = (found.ports or {}).get(other)
    elsewhere = {count.what for count in ports.counts} if ports else set()
    rows = tuple(
        (Sentence(f"outcomes.{name}"), Interval(line.low, line.value, line.high))
        for name, table in found.outcomes.items()
        if table.level == "nation" and name not in elsewhere
        for line in [one for one in table.comparisons if one.versus == other][-1:]
        if line.value
    )
    if rows:
        columns = (Column("runs.outcome"), Column("runs.more"))
        yield Table(
            columns,
            rows,
            Sentence("runs.counted_title", {"plan": plan_name(plan), "versus": plan_name(other)}),
        )


def money(found: Report, plan: str, other: str) -> Iterator[Sentence]:
    """Yield what a plan costs beyond another, for each homicide averted, and how much comes late."""
    cost, late = found.cost_per_homicide_averted[other], found.share_after_year_5[other]
    more = (found.usd[plan] - found.usd[other]) / 1e6
    yield Sentence("runs.money", {"plan": plan_name(plan), "versus": plan_name(other), "usd": more})
    yield from per_homicide(cost)
    if late is not None:
        yield Sentence("runs.late", {"share": 100 * late})
    elif len(found.by_year) > LATE_YEARS:
        yield Sentence("runs.late_none")


def per_homicide(cost: CostPerDeath | None) -> Iterator[Sentence]:
    """Yield the dollars for each homicide averted, or why there are none."""
    if cost is None:
        yield Sentence("runs.cost_withheld")
    elif cost.value is None:
        yield Sentence("runs.cost_none")
    else:
        ends = {"value": cost.value / 1e6, "low": (cost.low or 0) / 1e6}
        yield Sentence("runs.cost_of", {"usd": cost.usd / 1e6})
        open_end = cost.high is None
        yield Sentence(
            "runs.cost_open" if open_end else "runs.cost",
            ends | ({} if cost.high is None else {"high": cost.high / 1e6}),
        )


def at_ports(ports: AtPorts, plan: str, other: str) -> Iterator[AnswerBlock]:
    """Yield what a plan does at the ports beside another."""

    def cells(line: Any) -> tuple[Any, ...]:
        return (Interval(line.low, line.value, line.high), line.p_better, line.p_harm)

    window: Mapping[str, Any] = {"years": ports.years}
    yield Table(
        (Column("runs.years"), Column("runs.hours_saved", decimals=1), *CHANCES),
        tuple((line.years, *cells(line)) for line in ports.million_hours_saved),
        Sentence("at_ports.title", {"plan": plan_name(plan), "versus": plan_name(other)}),
    )
    yield Table(
        (
            Column("at_ports.mode"), Column("at_ports.million_hours_a_year", decimals=1),
            Column("runs.hours_saved", decimals=2), *CHANCES,
        ),
        tuple(
            (Sentence(f"border.modes.{line.mode}"), line.million_hours_a_year, *cells(line))
            for line in ports.by_mode
        ),
        Sentence("at_ports.by_mode_title", window),
    )  # fmt: skip
    counts: list[tuple[Any, ...]] = [
        (Sentence(f"at_ports.{line.what}"), *cells(line)) for line in ports.counts
    ]
    trade: Gain | None = ports.imports_usd_published_multiplier
    if trade is not None:
        counts.append((Sentence("at_ports.imports_usd"), *cells(trade)))
    columns = (Column("at_ports.what"), Column("at_ports.more"), *CHANCES)
    yield Table(columns, tuple(counts), Sentence("at_ports.counts_title", window))
    yield Sentence("at_ports.note")


def record_text(answer: Answer[Any, Report], _: Path) -> str:
    """Return the record of the run as its file holds it."""
    from merida.ensemble.run_record import Record, text

    return text(Record.model_validate(answer.payload.record, strict=False))


def picture(answer: Answer[Any, Report], said: Words) -> dict[str, Any]:
    """Return what the first plan averts beside each other: in the first years, in more, in all."""
    import polars as pl

    from merida.charts.frame import framed, sources
    from merida.charts.plans import averted
    from merida.charts.theme import specification

    rows = [
        (written(plan_name(line.versus), said), line.years, line.low, line.averted, line.high)
        for line in answer.payload.comparisons
    ]
    frame = pl.DataFrame(rows, schema=["versus", "years", "low", "middle", "high"], orient="row")
    about = {
        "plan": written(plan_name(answer.payload.comparisons[0].plan), said),
        "period": said.text("charts.robust.period", draws=answer.request.draws),
    }
    return framed(
        specification(averted(frame, said)), "plans", said, sources(("homicides_year",), said), about
    )


def archive_of(answer: Answer[Any, Report], _: Path) -> bytes:
    """Return the replication archive of the run."""
    from merida.ensemble.archive import archive
    from merida.ensemble.run_record import Record

    return archive(Record.model_validate(answer.payload.record, strict=False))


SHARED: Mapping[str, Any] = {
    "table": "comparisons",
    "pictures": {"chart": picture},
    "files": {"record": record_text, "archive": archive_of},
    "endings": {"archive": (".zip",)},
    "kept": True,
}
QUESTIONS = (
    Question(Simulate, Report, simulate, blocks, **SHARED),
    Question(Compare, Report, compare, blocks, **SHARED),
)
