"""What one plan is worth beside another, in dollars, to whom, and how likely it is worth what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from merida.answers.context import Context
from merida.answers.fields import Number, option, spoken
from merida.answers.holding import held_lines
from merida.answers.naming import plan_name
from merida.answers.plans.running import scenario_lines, simulated
from merida.answers.plans.simulate import Simulate, per_homicide
from merida.answers.questions import Question
from merida.decide.said.lines import LivesLine, PerspectiveLine, ValuationLine, WelfareLine
from merida.document.blocks import AnswerBlock, Cell, Column, Points, Rounded, Sentence, Table
from merida.ensemble.lines import CostPerDeath
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.decide.worth.welfare import Changes

Standing = Annotated[Literal["us", "mexico", "both"], spoken("welfare.standings")]
Valuation = Annotated[Literal["hammitt2006", "oecd2021", "sp2019"], spoken("welfare.sets")]
NOT_VALUED = ("crimes", "arrests", "institutions", "reliability", "trade", "mexico_money", "income")


class ValueOf(Simulate):
    """What one plan is worth beside another."""

    question = "welfare"
    example: ClassVar[Mapping[str, Any]] = {"plan": "memo"}
    valuation: Valuation = option("cli.welfare.valuation", "hammitt2006", metavar="SET")
    standing: Standing = option("cli.welfare.standing", "both", metavar="WHOSE")
    discount_rate: Number = option("cli.welfare.discount_rate", 0.035, metavar="RATE", ge=0, le=0.2)

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers held in the run: what is held of values alone changes no outcome.

        Raises
        ------
        ModelError
            As `merida.parameters.scenarios.held_under` says.
        """
        from merida.parameters.registry import INVESTMENT, WELFARE
        from merida.priors import together

        return {
            path: number
            for path, number in super().numbers.items()
            if path not in together((INVESTMENT, WELFARE))
        }


@dataclass(frozen=True)
class PlanWelfare:
    """What a plan is worth beside another. Dollars are of `usd_year`, present values in the first year.

    Attributes
    ----------
    perspectives : tuple of PerspectiveLine
        Benefits to those with standing; their sum, draw by draw, is `total_usd`.
    cost_usd : float
        What those with standing pay.
    net_usd : Interval
        The net present value: `total_usd` less `cost_usd`.
    p_positive : float
        The share of draws in which it is above zero.
    largest, net_without_largest_usd : str, Interval
        The perspective that gains most, and the net present value without it.
    benefit_cost_ratio : Interval or None
        None where those with standing pay nothing.
    deadweight_per_usd, travellers_us_share : Interval
        Assumed: what a dollar of US taxes costs beyond itself, and whose part of the gain at the ports is the US's.
    usd_more : float
        What the plan costs beyond the other, whoever pays, undiscounted.
    cost_per_homicide_averted : CostPerDeath or None
        Without any value of a life; None where the plan costs no more.
    cases : tuple of WelfareLine
        As asked for, then with one choice changed at a time.
    hours_valued : bool
        Whether hours at the ports were simulated.
    """

    plan: str
    versus: str
    valuation: str
    standing: str
    discount_rate: float
    first_year: int
    last_year: int
    usd_year: int
    perspectives: tuple[PerspectiveLine, ...]
    total_usd: Interval
    cost_usd: float
    net_usd: Interval
    p_positive: float
    largest: str
    net_without_largest_usd: Interval
    benefit_cost_ratio: Interval | None
    deadweight_per_usd: Interval
    travellers_us_share: Interval
    usd_more: float
    cost_per_homicide_averted: CostPerDeath | None
    lives: tuple[LivesLine, ...]
    cases: tuple[WelfareLine, ...]
    valuations: tuple[ValuationLine, ...]
    hours_valued: bool


def value_of(request: ValueOf, context: Context, work: Work) -> tuple[PlanWelfare, Changes]:
    """Return what one plan is worth beside another, with what it changes draw by draw.

    Raises
    ------
    PlanError
        If the values of the set had not been published at the date, or have no price year.
    """
    from merida.decide.worth import valuations
    from merida.decide.worth.welfare import cases, changes, lives, perspectives, told, welfare, worth
    from merida.ensemble.sizes import check_size
    from merida.parameters.registry import INVESTMENT, RUN_FILES, WELFARE, settings

    framework, facts, register = context.framework, context.facts, context.register
    priors = settings(dict(request.held), framework, (*RUN_FILES, INVESTMENT, WELFARE))
    chosen = valuations.valued(request.valuation, facts, register, framework.base_year)
    years = framework.evaluation_years if request.years is None else request.years
    check_size(request.draws, years, 2, places=not request.nation_only)
    plans = context.plans((request.plan, request.versus), request.as_given)
    run = simulated(request, plans, context, work)
    plan, versus = (run.label(one) for one in plans)
    changed = changes(run, plan, versus, priors)
    by_set = {
        name: worth(run, lines, priors, request.seed)
        for name, lines in valuations.published(facts, register, framework.base_year).items()
    }
    found = welfare(changed, by_set[request.valuation], request.standing, request.discount_rate)
    payload = PlanWelfare(
        plan=plan,
        versus=versus,
        valuation=request.valuation,
        standing=request.standing,
        discount_rate=request.discount_rate,
        first_year=run.years[0],
        last_year=run.years[-1],
        usd_year=framework.base_year,
        perspectives=perspectives(found),
        total_usd=told(found.total),
        cost_usd=round(found.cost),
        net_usd=told(found.net),
        p_positive=round(found.positive, 3),
        largest=found.largest,
        net_without_largest_usd=told(found.net - found.perspectives[found.largest]),
        benefit_cost_ratio=None if found.ratio is None else told(found.ratio, 3),
        deadweight_per_usd=told(by_set[request.valuation].deadweight, 2),
        travellers_us_share=told(by_set[request.valuation].travellers_us, 2),
        usd_more=round(float(changed.usd.sum())),
        cost_per_homicide_averted=run.cost_per_death(plan, versus),
        lives=lives(changed, request.discount_rate),
        cases=cases(changed, by_set, request.valuation, request.standing, request.discount_rate),
        valuations=chosen,
        hours_valued=changed.hours is not None,
    )
    return payload, changed


def blocks(request: ValueOf, found: PlanWelfare) -> Iterator[AnswerBlock]:
    """Yield the net present value, to whom it falls, lives, other choices, values with sources, what is not valued."""
    yield from scenario_lines(request)
    yield from headline(request, found)
    yield whose(found)
    yield from ratio(found)
    yield deaths(found)
    yield other_choices(found)
    yield sources(found)
    if found.standing != "mexico":
        yield Sentence("welfare.assumed_taxes", {"deadweight": Rounded(found.deadweight_per_usd, 2)})
    if found.hours_valued:
        yield Sentence("welfare.assumed_travellers", {"share": Rounded(found.travellers_us_share, 2)})
    yield from held_lines(request)
    yield Sentence("welfare.not_valued_title")
    missing = () if found.hours_valued else ("hours",)
    yield Points(tuple(Sentence(f"welfare.not_valued.{name}") for name in (*missing, *NOT_VALUED)))


def headline(request: ValueOf, found: PlanWelfare) -> Iterator[Sentence]:
    """Yield the net present value, the chance that it is above zero, and whether the run can tell."""
    values: dict[str, Cell] = {
        "plan": plan_name(found.plan),
        "versus": plan_name(found.versus),
        "net": millions(found.net_usd),
        "year": found.usd_year,
        "rate": 100 * found.discount_rate,
        "standing": Sentence(f"welfare.standings.{found.standing}"),
        "chance": 100 * found.p_positive,
        "draws": request.draws,
    }
    yield Sentence("welfare.headline", values)
    if found.net_usd.low < 0 < found.net_usd.high:
        yield Sentence("welfare.cannot_tell")
    largest = Sentence(f"welfare.perspectives.{found.largest}")
    yield Sentence("welfare.carried", {"largest": largest, "net": millions(found.net_without_largest_usd)})


def millions(usd: Interval, decimals: int = 0) -> Rounded:
    """Return dollars as millions."""
    return Rounded(Interval(usd.low / 1e6, usd.median / 1e6, usd.high / 1e6), decimals)


def whose(found: PlanWelfare) -> Table:
    """Return the benefits by perspective, their total, the cost and the net present value."""
    rows: list[tuple[Any, ...]] = [
        (Sentence(f"welfare.perspectives.{line.perspective}"), line.usd) for line in found.perspectives
    ]
    rows += [
        (Sentence("welfare.total"), found.total_usd),
        (Sentence("welfare.cost"), found.cost_usd),
        (Sentence("welfare.net"), found.net_usd),
    ]
    columns = (Column("welfare.perspective"), Column("welfare.usd", decimals=0, scale=1e6))
    return Table(columns, tuple(rows), Sentence("welfare.title", {"year": found.usd_year}))


def ratio(found: PlanWelfare) -> Iterator[Sentence]:
    """Yield benefits over cost or why there is none, and dollars for each homicide averted."""
    if found.benefit_cost_ratio is None:
        yield Sentence("welfare.no_ratio")
    else:
        yield Sentence("welfare.ratio", {"ratio": Rounded(found.benefit_cost_ratio, 2)})
    more: dict[str, Cell] = {
        "plan": plan_name(found.plan),
        "versus": plan_name(found.versus),
        "usd": found.usd_more / 1e6,
    }
    yield Sentence("runs.money", more)
    yield from per_homicide(found.cost_per_homicide_averted)


def deaths(found: PlanWelfare) -> Table:
    """Return deaths averted, undiscounted and discounted."""
    columns = (
        Column("runs.outcome"), Column("welfare.averted", decimals=0), Column("welfare.discounted", decimals=0),
    )  # fmt: skip
    rows = tuple(
        (Sentence(f"outcomes.{line.outcome}"), line.averted, line.discounted) for line in found.lives
    )
    years = {"first": found.first_year, "last": found.last_year}
    return Table(columns, rows, Sentence("welfare.lives_title", years))


def other_choices(found: PlanWelfare) -> Table:
    """Return the net present value as asked for, then with one choice changed at a time."""
    columns = (
        Column("welfare.set"), Column("welfare.standing"), Column("welfare.rate", decimals=1, scale=0.01),
        Column("welfare.lives_rate", decimals=1, scale=0.01), Column("welfare.usd", decimals=0, scale=1e6),
        Column("welfare.chance", decimals=2),
    )  # fmt: skip
    rows = tuple(
        (
            Sentence(f"welfare.sets.{line.valuation}"),
            Sentence(f"welfare.short_standings.{line.standing}"),
            line.discount_rate,
            line.lives_rate,
            line.net_usd,
            line.p_positive,
        )
        for line in found.cases
    )
    return Table(columns, rows, Sentence("welfare.cases_title"))


def sources(found: PlanWelfare) -> Points:
    """Return what a life is worth, with its source and how its price year was moved."""
    lines = []
    for line in found.valuations:
        values: dict[str, Any] = {
            "country": Sentence(f"welfare.countries.{line.country}"),
            "usd": Rounded(line.usd / 1e6, 2),
            "usd_year": line.usd_year,
            "amount": Rounded(line.amount / 1e6, 2),
            "price_year": line.price_year,
            "citation": line.citation,
            "cost": line.cost,
        }
        lines.append(Sentence("welfare.source", values))
    return Points(tuple(lines))


QUESTIONS = (Question(ValueOf, PlanWelfare, value_of, blocks, table="perspectives", kept=True),)
