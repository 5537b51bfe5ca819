"""What plans and frameworks are: their rows, their totals, where two differ, whether a file is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.naming import plan_name
from merida.answers.questions import Question
from merida.answers.request import Dated, Request
from merida.document.blocks import AnswerBlock, Column, Sentence, Table, Verbatim
from merida.facts.schema import Text as Both
from merida.places.names import place_names
from merida.progress import Work

if TYPE_CHECKING:
    from merida.framework import Framework, Plan, PlanRow


class OfFramework(Dated):
    """A question about plans of a framework."""

    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")
    as_given: bool = option("cli.runs.as_given", False)


class ShowPlan(OfFramework):
    """A plan's rows and totals."""

    question = "plan.show"
    example: ClassVar[Mapping[str, Any]] = {"plan": "memo"}
    plan: Text = option("cli.plan.plan", argument=True, metavar="NAME|FILE", file=True)


class DiffPlans(OfFramework):
    """Where two plans differ."""

    question = "plan.diff"
    example: ClassVar[Mapping[str, Any]] = {"first": "memo", "second": "continuation"}
    first: Text = option("cli.plan.plan", argument=True, metavar="NAME|FILE", file=True)
    second: Text = option("cli.plan.plan", argument=True, metavar="NAME|FILE", file=True)


class CheckPlan(OfFramework):
    """Whether a file is a plan."""

    question = "plan.check"
    example: ClassVar[Mapping[str, Any]] = {"file": "my.toml"}
    file: Text = option("cli.plan.file", argument=True, metavar="FILE", file=True)


@dataclass(frozen=True)
class RowLine:
    """One row of a plan; the dollars are constant ones of the framework's base year."""

    programme: str
    title: Both
    account: str
    place: str
    name: Both
    start: str
    end: str
    usd_per_year: float


@dataclass(frozen=True)
class Total:
    """A plan's dollars of one kind of account and one pillar, over all years."""

    kind: str
    pillar: Both
    usd: float


@dataclass(frozen=True)
class ShownPlan:
    """A plan with its rows and totals."""

    name: str
    framework: str
    base_year: int
    digest: str
    notes: tuple[Both, ...]
    row: tuple[RowLine, ...]
    totals: tuple[Total, ...]


@dataclass(frozen=True)
class DifferenceLine:
    """Dollars of one programme, account, place and year in two plans."""

    programme: str
    title: Both
    account: str
    place: str
    name: Both
    year: int
    usd_a: float
    usd_b: float
    usd_difference: float


@dataclass(frozen=True)
class Differences:
    """Where two plans, known by their labels, differ."""

    first: str
    second: str
    differences: tuple[DifferenceLine, ...]


@dataclass(frozen=True)
class CheckedPlan:
    """A file that is a plan, with what there is to say of how it was read."""

    file: str
    name: str
    rows: int
    notes: tuple[Both, ...]


def both(text: Any) -> Both:
    """Return a text of the framework in both languages."""
    return Both(en=text.of("en"), es=text.of("es"))


def title_of(framework: Framework, programme: str) -> Both:
    """Return a programme's title."""
    return both(framework.programmes[programme].title)


def notes_of(plan: Plan) -> tuple[Both, ...]:
    """Return what there is to say of how a plan was read."""
    from merida.words import words

    return tuple(Both(en=note.text(words("en")), es=note.text(words("es"))) for note in plan.notes)


def row_line(row: PlanRow, context: Context, names: Mapping[str, Both]) -> RowLine:
    """Return one row with its names."""
    return RowLine(
        row.programme,
        title_of(context.framework, row.programme),
        row.account,
        row.place,
        names[row.place],
        row.start,
        row.end,
        row.usd_per_year,
    )


def show_plan(request: ShowPlan, context: Context, _: Work) -> tuple[ShownPlan, Plan]:
    """Return a plan with its rows and totals."""
    plan = context.plan(request.plan, request.as_given)
    names = place_names(context.facts, [row.place for row in plan.rows])
    sums: dict[tuple[str, str], float] = {}
    for (programme, account, _place, _year), usd in plan.by_year().items():
        kind = context.framework.accounts[account].kind, context.framework.programmes[programme].pillar
        sums[kind] = sums.get(kind, 0.0) + usd
    shown = ShownPlan(
        name=plan.name,
        framework=plan.framework,
        base_year=context.framework.base_year,
        digest=plan.digest,
        notes=notes_of(plan),
        row=tuple(row_line(row, context, names) for row in plan.rows),
        totals=tuple(
            Total(kind, both(context.framework.pillars[pillar].title), usd)
            for (kind, pillar), usd in sorted(sums.items())
        ),
    )
    return shown, plan


def show_blocks(_: ShowPlan, shown: ShownPlan) -> Iterator[AnswerBlock]:
    """Yield a plan's rows, then its totals."""
    yield from (Sentence("common.text", {"text": note}) for note in shown.notes)
    columns = (
        Column("plan.programme"), Column("plan.account"), Column("plan.place"), Column("plan.months"),
        Column("plan.usd_million", decimals=2, scale=1e6),
    )  # fmt: skip
    rows = tuple(
        (line.title, line.account, line.name, f"{line.start}–{line.end}", line.usd_per_year)
        for line in shown.row
    )
    yield Table(
        columns, rows, Sentence("plan.title", {"plan": plan_name(shown.name), "year": str(shown.base_year)})
    )
    totals = tuple((Sentence(f"account_kinds.{one.kind}"), one.pillar, one.usd) for one in shown.totals)
    yield Table(
        (Column("plan.kind"), Column("plan.pillar"), Column("plan.total_million", decimals=1, scale=1e6)),
        totals,
    )


def diff(request: DiffPlans, context: Context, _: Work) -> Differences:
    """Return where two plans differ: the first less the second."""
    from merida.framework import labels

    plans = [context.plan(name, request.as_given) for name in (request.first, request.second)]
    found = plans[0].diff(plans[1])
    names = place_names(context.facts, [one.place for one in found])
    first, second = labels(plans, context.framework, context.facts)
    return Differences(
        first,
        second,
        tuple(
            DifferenceLine(
                one.programme,
                title_of(context.framework, one.programme),
                one.account,
                one.place,
                names[one.place],
                one.year,
                one.usd_a,
                one.usd_b,
                one.usd_difference,
            )
            for one in found
        ),
    )


def heading(label: str) -> Sentence | Verbatim:
    """Return what a plan is called, as the head of a column."""
    found = plan_name(label)
    return found if isinstance(found, Sentence) else Verbatim(label)


def diff_blocks(_: DiffPlans, found: Differences) -> Iterator[AnswerBlock]:
    """Yield where the plans differ, or that they do not."""
    if not found.differences:
        yield Sentence("plan.same")
        return
    money: Mapping[str, Any] = {"decimals": 2, "scale": 1e6}
    columns = (
        Column("plan.programme"), Column("plan.account"), Column("plan.place"), Column("plan.year"),
        Column(heading(found.first), **money), Column(heading(found.second), **money),
        Column("plan.difference", **money),
    )  # fmt: skip
    rows = tuple(
        (one.title, one.account, one.name, one.year, one.usd_a, one.usd_b, one.usd_difference)
        for one in found.differences
    )
    both_names: Mapping[str, Any] = {"first": plan_name(found.first), "second": plan_name(found.second)}
    yield Table(columns, rows, Sentence("plan.diff_title", both_names))


def check_plan(request: CheckPlan, context: Context, _: Work) -> tuple[CheckedPlan, Plan]:
    """Return that a file is a plan, or refuse it with every row that is none."""
    from merida.framework import Plan, places

    plan = Plan.read(request.file, context.framework, places(context.facts), as_given=request.as_given)
    return CheckedPlan(request.file, plan.name, len(plan.rows), notes_of(plan)), plan


def check_blocks(_: CheckPlan, found: CheckedPlan) -> Iterator[AnswerBlock]:
    """Yield that it is one."""
    yield from (Sentence("common.text", {"text": note}) for note in found.notes)
    yield Sentence("plan.valid", {"file": found.file, "rows": found.rows})


class ShowFramework(Request):
    """A framework's programmes by pillar."""

    question = "framework.show"
    framework: Text = option("cli.runs.framework", "merida", argument=True, metavar="NAME|FILE", file=True)


class CheckFramework(Request):
    """Whether a file is a framework."""

    question = "framework.check"
    example: ClassVar[Mapping[str, Any]] = {"framework": "my-framework.toml"}
    framework: Text = option("cli.framework.file", argument=True, metavar="FILE", file=True)


@dataclass(frozen=True)
class ProgrammeLine:
    """One programme of a framework."""

    programme: str
    title: Both
    pillar: Both
    unit: Both
    accounts: tuple[str, ...]
    level: str
    lever: str | None


@dataclass(frozen=True)
class ShownFramework:
    """A framework: as its file states it, and its programmes with their pillars."""

    framework: dict[str, Any]
    title: Both
    programmes: tuple[ProgrammeLine, ...]


@dataclass(frozen=True)
class CheckedFramework:
    """A file that is a framework, with the programmes that move no outcome."""

    file: str
    programmes: int
    without_mechanism: tuple[str, ...]


def show_framework(_: ShowFramework, context: Context, __: Work) -> tuple[ShownFramework, Framework]:
    """Return a framework's programmes by pillar."""
    found = context.framework
    lines = tuple(
        ProgrammeLine(
            name, both(one.title), both(found.pillars[one.pillar].title), both(one.unit), tuple(one.accounts),
            one.level, one.lever,
        )
        for pillar in found.pillars
        for name, one in found.programmes.items()
        if one.pillar == pillar
    )  # fmt: skip
    return ShownFramework(found.model_dump(mode="json"), both(found.title), lines), found


def framework_blocks(_: ShowFramework, shown: ShownFramework) -> Iterator[AnswerBlock]:
    """Yield a table for each pillar."""
    yield Sentence("common.text", {"text": shown.title})
    columns = tuple(Column(f"plan.{name}") for name in ("programme", "unit", "accounts", "level", "lever"))
    pillars = {line.pillar.en: line.pillar for line in shown.programmes}
    for key, pillar in pillars.items():
        rows = tuple(
            (
                line.title, line.unit, ", ".join(line.accounts), Sentence(f"levels.{line.level}"),
                line.lever or Sentence("plan.no_lever"),
            )
            for line in shown.programmes
            if line.pillar.en == key
        )  # fmt: skip
        yield Table(columns, rows, Sentence("common.text", {"text": pillar}))


def check_framework(request: CheckFramework, context: Context, _: Work) -> CheckedFramework:
    """Return that a file is a framework, or refuse it with every fault."""
    from merida.errors import FrameworkError
    from merida.models.registry import lever_faults

    found = context.framework
    faults = tuple(lever_faults(found))
    if faults:
        raise FrameworkError("framework_invalid", file=request.framework, faults=faults)
    return CheckedFramework(request.framework, len(found.programmes), tuple(found.without_mechanism()))


def check_framework_blocks(_: CheckFramework, found: CheckedFramework) -> Iterator[AnswerBlock]:
    """Yield that it is one, and what has no mechanism."""
    yield Sentence("plan.framework_valid", {"file": found.file, "programmes": found.programmes})
    if found.without_mechanism:
        yield Sentence("plan.framework_no_lever", {"programmes": ", ".join(found.without_mechanism)})


QUESTIONS = (
    Question(ShowPlan, ShownPlan, show_plan, show_blocks, table="row"),
    Question(DiffPlans, Differences, diff, diff_blocks),
    Question(CheckPlan, CheckedPlan, check_plan, check_blocks),
    Question(ShowFramework, ShownFramework, show_framework, framework_blocks, table="programmes"),
    Question(CheckFramework, CheckedFramework, check_framework, check_framework_blocks),
)
