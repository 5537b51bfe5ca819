"""What it is worth to know more before spending: everything, each parameter, groups, or what a trial would show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, Texts, option
from merida.answers.holding import held_lines
from merida.answers.naming import plan_name
from merida.answers.plans.deciding import Valued, at_least_two, judged, measured, scale
from merida.answers.plans.running import scenario_lines
from merida.answers.questions import Answer, Question
from merida.document.blocks import AnswerBlock, Cell, Column, Rounded, Sentence, Table
from merida.errors import PlanError
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words

if TYPE_CHECKING:
    from merida.decide.information.trial import Trial
    from merida.decide.value_of_information import Value
    from merida.decide.worth.options import Options
    from merida.framework import Framework

SHOWN = 12
TOLD = 2.0  # standard errors from nothing at which a value is told from it
MANY = 3.3  # the same for one of many parameters: by chance one in a thousand
# "focused_deterrence in 12 municipalities for 24 months", in either language.
TRIAL = re.compile(
    r"\s*(?P<programme>.+?)\s+(?:in|en)\s+(?P<places>\d{1,6})\s+(?:municipalit\w+|municipios?)"
    r"\s+(?:for|durante|por)\s+(?P<months>\d{1,4})\s+(?:months?|mes(?:es)?)\s*",
    re.IGNORECASE | re.ASCII,
)


class Voi(Valued):
    """What it is worth to know more before choosing among plans."""

    question = "voi"
    example: ClassVar[Mapping[str, Any]] = {"plans": ("memo", "continuation")}
    plans: Texts = option("cli.runs.plans", argument=True, metavar="PLAN...", file=True)
    group: Texts = option("cli.decide.group", (), metavar="PATH")
    trial: Text = option("cli.decide.trial", "", metavar="TEXT")


@dataclass(frozen=True)
class Worth:
    """What it is worth to know a parameter, or a group of `parameters`; `draws` is what is believed of it now."""

    path: str
    name: Both
    unit: str
    draws: Interval | None
    parameters: int
    value: float
    standard_error: float
    told: bool


@dataclass(frozen=True)
class OptionLine:
    """A plan: what it is worth beside the reference, and in what share of draws it is the best."""

    plan: str
    mean: float
    worth: Interval
    p_best: float


@dataclass(frozen=True)
class TrialLine:
    """A concrete trial.

    Attributes
    ----------
    municipalities, months : int
    homicides : float
        Expected where the programme would run, within the months.
    true_percent, standard_error_percent : Interval, float
        Change of homicides there, in percent, and the error of what would be reported.
    value, standard_error : float
        What the report is worth, in the unit of the answer.
    cost_usd : Interval
    net_usd : float or None
        The value less the mean cost; None where the value is not in dollars.
    """

    programme: str
    title: Both
    municipalities: int
    months: int
    homicides: float
    true_percent: Interval
    standard_error_percent: float
    value: float
    standard_error: float
    cost_usd: Interval
    cost_usd_mean: float
    net_usd: float | None


@dataclass(frozen=True)
class Information:
    """What it is worth to know more before choosing among plans, in `unit`.

    Attributes
    ----------
    best : str
        The plan that is best on average.
    evpi, evpi_standard_error : float
        Of knowing everything.
    parameters : tuple of Worth
        Each parameter that varies, the most valuable first.
    groups : tuple of Worth
        Groups of parameters that are learnt together.
    trial : TrialLine or None
    """

    unit: str
    outcome: str | None
    valuation: str | None
    options: tuple[OptionLine, ...]
    best: str
    evpi: float
    evpi_standard_error: float
    parameters: tuple[Worth, ...]
    groups: tuple[Worth, ...]
    trial: TrialLine | None


def voi(request: Voi, context: Context, work: Work) -> tuple[Information, Options]:
    """Return what it is worth to know more, with the table of draws by options."""
    from merida.decide.information.trial import trial
    from merida.decide.value_of_information import evpi, evppi

    at_least_two(request.plans)
    asked = asked_trial(request.trial, context.framework)
    table, run = judged(request, request.plans, context, work)
    at_least_two(table.names)
    for prefix in request.group:
        if not table.group(prefix).shape[1]:
            from merida.errors import nearest

            raise PlanError("group_unknown", found=prefix, nearest=nearest(prefix, first_parts(table)))
    step = work.stage("information")
    planned = None if asked is None else trial(run, context.facts, *asked)
    whole, each = evpi(table.values), evppi(table.values, table.drawn)
    values, errors = (list(map(float, part)) for part in (each.value, each.standard_error))  # type: ignore[arg-type]
    lines = [
        worth(table, context.framework, path, (values[at], errors[at])) for at, path in enumerate(table.paths)
    ]
    groups = []
    names = request.group or first_parts(table)
    for done, prefix in enumerate(names):
        step(done, len(names))
        columns = table.group(prefix)
        found = evppi(table.values, columns, together=columns.shape[1] > 1) if columns.shape[1] > 1 else None
        single = next(
            (line for line in lines if columns.shape[1] == 1 and line.path.startswith(prefix)), None
        )
        groups.append(worth_of_group(prefix, columns.shape[1], found, single))
    step(len(names), len(names))
    payload = Information(
        unit=table.unit,
        outcome=table.outcome,
        valuation=table.valuation,
        options=options(table),
        best=table.names[int(table.values.mean(axis=0).argmax())],
        evpi=float(whole.value),
        evpi_standard_error=float(whole.standard_error),
        parameters=tuple(sorted(lines, key=lambda line: (-line.value, line.path))),
        groups=tuple(sorted(groups, key=lambda line: (-line.value, line.path))),
        trial=None if planned is None else trial_line(table, planned, context.framework),
    )
    return payload, table


def asked_trial(text: str, framework: Framework) -> tuple[str, int, int] | None:
    """Return programme, municipalities and months of a trial as it is asked for, or None where none is.

    Raises
    ------
    PlanError
        If the text does not say them.
    """
    if not text:
        return None
    found = TRIAL.fullmatch(text)
    if found is None:
        raise PlanError("trial_unreadable", found=text[:80])
    name = framework.programme_called(found["programme"]) or found["programme"]
    return name, int(found["places"]), int(found["months"])


def first_parts(table: Options) -> tuple[str, ...]:
    """Return the first parts of the paths, by which parameters are grouped unless groups are asked for."""
    return tuple(dict.fromkeys(path.partition(".")[0] for path in table.paths))


def options(table: Options) -> tuple[OptionLine, ...]:
    """Return what each plan is worth, and how often it is the best."""
    import numpy as np

    first = table.values.argmax(axis=1)
    return tuple(
        OptionLine(
            plan=name,
            mean=float(table.values[:, at].mean()),
            worth=Interval.of(table.values[:, at]),
            p_best=round(float(np.mean(first == at)), 3),
        )
        for at, name in enumerate(table.names)
    )


def worth(table: Options, framework: Framework, path: str, found: tuple[float, float]) -> Worth:
    """Return what it is worth to know one parameter."""
    from merida.decide.information.naming import parameter_name, unit_of

    value, error = found
    return Worth(
        path=path,
        name=parameter_name(path, framework),
        unit=unit_of(path),
        draws=Interval.of(table.drawn[:, table.paths.index(path)]),
        parameters=1,
        value=value,
        standard_error=error,
        told=value > MANY * error,
    )


def worth_of_group(prefix: str, count: int, found: Value | None, single: Worth | None) -> Worth:
    """Return what it is worth to know a group of parameters together; of one parameter, that one's."""
    value = float(found.value) if found else (single.value if single else 0.0)
    error = float(found.standard_error) if found else (single.standard_error if single else 0.0)
    return Worth(prefix, Both(en=prefix, es=prefix), "", None, count, value, error, value > TOLD * error)


def trial_line(table: Options, planned: Trial, framework: Framework) -> TrialLine:
    """Return what a trial would show and cost."""
    import numpy as np

    from merida.decide.said.report import title
    from merida.decide.value_of_information import evsi

    found = evsi(table.values, planned.reported)
    cost = float(planned.cost_usd.mean())
    return TrialLine(
        programme=planned.programme,
        title=title(framework, planned.programme),
        municipalities=len(planned.municipalities),
        months=planned.months,
        homicides=planned.homicides,
        true_percent=Interval.of(100 * np.expm1(planned.true)),
        standard_error_percent=100 * planned.standard_error,
        value=float(found.value),
        standard_error=float(found.standard_error),
        cost_usd=Interval.of(planned.cost_usd),
        cost_usd_mean=cost,
        net_usd=float(found.value) - cost if table.valuation else None,
    )


def blocks(request: Voi, found: Information) -> Iterator[AnswerBlock]:
    """Yield what to find out first, the trial, and what each plan, parameter and group is worth."""
    yield from scenario_lines(request)
    yield from verdict(found)
    if found.trial is not None:
        yield from trial_said(found, found.trial)
    yield plans(request, found)
    told = [line for line in found.parameters if line.value > 0][:SHOWN]
    if told:
        yield parameters(found, told)
    groups = [line for line in found.groups if line.value > 0]
    if groups:
        yield by_group(found, groups)
    yield from held_lines(request)
    yield Sentence("voi.said")


def amount(found: Information, value: float) -> Rounded:
    """Return a value in the unit that is shown."""
    shown = value / scale(found.unit)
    return Rounded(shown, 1 if abs(shown) < 100 else 0)


def verdict(found: Information) -> Iterator[Sentence]:
    """Yield whether something is worth finding out before spending, and what first."""
    best = next(line for line in found.options if line.plan == found.best)
    values: dict[str, Cell] = {
        "plan": plan_name(found.best),
        "chance": 100 * best.p_best,
        "evpi": amount(found, found.evpi),
        "error": amount(found, found.evpi_standard_error),
        "unit": measured(found.unit, found.outcome),
    }
    first = next((line for line in found.parameters if line.told), None)
    if found.evpi <= TOLD * found.evpi_standard_error:
        yield Sentence("voi.nothing", values)
    elif first is None:
        yield Sentence("voi.no_single", values)
    else:
        known: dict[str, Cell] = {
            "name": first.name,
            "value": amount(found, first.value),
            "own": amount(found, first.standard_error),
        }
        yield Sentence("voi.first", values | known)
    if found.valuation:
        yield Sentence("voi.valued", {"set": Sentence(f"welfare.sets.{found.valuation}")})


def trial_said(found: Information, line: TrialLine) -> Iterator[Sentence]:
    """Yield whether a trial is worth doing, what it would show, and what it costs."""
    values: dict[str, Cell] = {
        "programme": line.title,
        "places": line.municipalities,
        "months": line.months,
        "value": amount(found, line.value),
        "error": amount(found, line.standard_error),
        "unit": measured(found.unit, found.outcome),
        "cost": Rounded(line.cost_usd_mean / 1e6, 1),
    }
    if line.net_usd is None:
        yield Sentence("voi.trial_counted", values)
    elif abs(line.net_usd) <= TOLD * line.standard_error:
        yield Sentence("voi.trial_open", values)
    else:
        key = "voi.trial_pays" if line.net_usd > 0 else "voi.trial_costs_more"
        yield Sentence(key, values | {"net": Rounded(abs(line.net_usd) / 1e6, 1)})
    shows: dict[str, Cell] = {
        "homicides": line.homicides,
        "true": Rounded(line.true_percent, 1),
        "se": line.standard_error_percent,
    }
    yield Sentence("voi.trial_shows", shows)
    ends = (line.cost_usd.low / 1e6, line.cost_usd.median / 1e6, line.cost_usd.high / 1e6)
    yield Sentence("voi.trial_costs", {"cost": Rounded(Interval(*ends), 1)})


def plans(request: Voi, found: Information) -> Table:
    """Return what each plan is worth beside what was last enacted."""
    columns = (
        Column("runs.plan"), Column("voi.mean", decimals=0, scale=scale(found.unit)),
        Column("voi.worth", decimals=0, scale=scale(found.unit)), Column("voi.p_best", decimals=2),
    )  # fmt: skip
    rows = tuple((plan_name(line.plan), line.mean, line.worth, line.p_best) for line in found.options)
    about: dict[str, Cell] = {"unit": measured(found.unit, found.outcome), "draws": request.draws}
    return Table(columns, rows, Sentence("voi.plans_title", about))


def parameters(found: Information, lines: list[Worth]) -> Table:
    """Return the parameters that are worth most to know."""
    columns = (
        Column("voi.parameter"), Column("voi.value", decimals=1, scale=scale(found.unit)),
        Column("rank.error", decimals=1, scale=scale(found.unit)), Column("voi.told"), Column("voi.now"),
    )  # fmt: skip
    rows = tuple(
        (line.name, line.value, line.standard_error, line.told, figures(line.draws)) for line in lines
    )
    return Table(columns, rows, Sentence("voi.title", {"unit": measured(found.unit, found.outcome)}))


def figures(of: Interval | None) -> Rounded | None:
    """Return an interval with as many decimals as its median needs."""
    if of is None:
        return None
    size = max(abs(of.low), abs(of.high))
    return Rounded(of, 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 4)


def by_group(found: Information, lines: list[Worth]) -> Table:
    """Return groups of parameters by what it is worth to know them together."""
    columns = (
        Column("voi.group"), Column("voi.parameters"), Column("voi.value", decimals=1, scale=scale(found.unit)),
        Column("rank.error", decimals=1, scale=scale(found.unit)), Column("voi.told"),
    )  # fmt: skip
    rows = tuple((line.path, line.parameters, line.value, line.standard_error, line.told) for line in lines)
    return Table(columns, rows, Sentence("voi.groups_title", {"unit": measured(found.unit, found.outcome)}))


def picture(answer: Answer[Voi, Information], said: Words) -> dict[str, Any]:
    """Draw what the most valuable parameters are worth, with twice their standard error to both sides."""
    import polars as pl

    from merida.charts.decide import worths
    from merida.charts.frame import framed, sources
    from merida.charts.theme import specification
    from merida.document.values import written

    found = answer.payload
    size = scale(found.unit)
    shown = [line for line in found.parameters if line.value > 0][:SHOWN] or found.parameters[:1]
    rows = [
        {
            "name": line.name.to(said.language),
            "value": line.value / size,
            "low": max(0.0, line.value - TOLD * line.standard_error) / size,
            "high": (line.value + TOLD * line.standard_error) / size,
        }
        for line in shown
    ]
    schema = {"name": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    unit = written(measured(found.unit, found.outcome), said)
    chart = worths(pl.DataFrame(rows, schema=schema), unit, found.evpi / size)
    about = {"period": said.text("charts.robust.period", draws=answer.request.draws)}
    return framed(specification(chart), "voi", said, sources(("homicides_year",), said), about)


QUESTIONS = (
    Question(Voi, Information, voi, blocks, table="parameters", pictures={"chart": picture}, kept=True),
)
