"""Roads and lanes paid over years: a loan for one lane, or the infrastructure programme by state, port and year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from merida.answers.border.common import BASE_YEAR, MOST_DRAWS, Mode, mode_of
from merida.answers.border.investing import DRAWS, priors_at_border
from merida.answers.context import Context
from merida.answers.fields import Number, Text, Whole, option
from merida.answers.holding import held_lines
from merida.answers.questions import Frame, Question
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Column, Sentence, Table
from merida.errors import BorderError
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.border.investment import LaneLoan
    from merida.priors import Priors

MOST_USD = 1e12  # beyond which no works can be meant
MOST_YEARS = 60


class Finance(Drawn, Settable):
    """How a lane or a road is paid for over years."""

    question = "border.finance"
    kind: Literal["nadbank", "cbi"] = option("cli.border_invest.kind", "nadbank", metavar="KIND")
    port: Text = option("cli.border_invest.port_finance", "", metavar="PORT")
    mode: Mode = option("cli.border_invest.mode_finance", "trucks", metavar="MODE")
    cost_usd: Number | None = option("cli.border_invest.cost_usd", None, gt=0, le=MOST_USD)
    loan_share: Number | None = option("cli.border_invest.loan_share", None, ge=0, le=1)
    interest: Number | None = option("cli.border_invest.interest", None, ge=0, lt=1)
    grace_years: Whole | None = option("cli.border_invest.grace", None, ge=1, le=MOST_YEARS)
    tenor_years: Whole | None = option("cli.border_invest.tenor", None, ge=1, le=MOST_YEARS)
    tolls_usd: Number | None = option("cli.border_invest.tolls_usd", None, ge=0, le=MOST_USD)
    draws: Whole = option("cli.border_invest.draws", DRAWS, ge=2, le=MOST_DRAWS)
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")

    def terms(self) -> dict[str, Any]:
        """Return the terms of the loan that were stated."""
        terms = {
            "cost": self.cost_usd,
            "loan_share": self.loan_share,
            "rate": self.interest,
            "grace_years": self.grace_years,
            "tenor_years": self.tenor_years,
            "tolls": self.tolls_usd,
        }
        return {name: value for name, value in terms.items() if value is not None}


@dataclass(frozen=True)
class LoanTerms:
    """Dollars of 2012, shares, the interest a year, years, and the pledged tolls of the first year."""

    cost: float
    loan_share: float
    rate: float
    grace_years: int
    tenor_years: int
    tolls: float


@dataclass(frozen=True)
class LoanYear:
    """The dollars of 2012 of one year of a loan."""

    year: int
    works: float
    drawn: float
    interest: float
    repaid: float
    tolls: float
    appropriated: float
    owed: float
    debt_service: float
    balance: float


@dataclass(frozen=True)
class Published:
    """A published sum, in current dollars, to compare a loan with."""

    what: str
    fact: str
    usd: float
    period: str
    institution: str
    title: str


@dataclass(frozen=True)
class Loan:
    """A loan for the lane that gains most at a port, in dollars of 2012; sums over years by discount rate."""

    port: str
    name: str
    crossing: str
    mode: str
    terms: LoanTerms
    years: tuple[LoanYear, ...]
    public_cost_usd: dict[str, float]
    net_present_value_usd: dict[str, Interval]
    base_year: int
    scale: tuple[Published, ...]


@dataclass(frozen=True)
class ProgrammeYear:
    """The current dollars of one year of the programme at a port."""

    year: int
    authorised: float
    spent: float
    unspent: float


@dataclass(frozen=True)
class PortProgramme:
    """A port's part of the infrastructure programme."""

    port: str
    name: str
    outlay_years: int
    years: tuple[ProgrammeYear, ...]


@dataclass(frozen=True)
class StateProgramme:
    """A state's part of the infrastructure programme on the southern border, current dollars."""

    us_state: str
    share: float
    usd: float
    grants_2002_usd: float | None
    grants_2002_share: float | None


@dataclass(frozen=True)
class Programme:
    """The infrastructure programme on the southern border: by state, and by port and fiscal year (``fy2005`` …)."""

    states: tuple[StateProgramme, ...]
    ports: Frame


Financed = Loan | PortProgramme | Programme


def finance(request: Finance, context: Context, work: Work) -> Financed | tuple[Loan, LaneLoan]:
    """Return a loan for a lane, or the infrastructure programme."""
    from merida.border import find_place
    from merida.border.investment import lane_loan

    priors = priors_at_border(request, context)
    if request.kind == "cbi":
        return programme(request, context, priors)
    if not request.port:
        raise BorderError("border_finance_port")
    place = find_place(context.facts, request.port)
    made = lane_loan(
        context.framework,
        context.facts,
        place,
        request.mode,
        request.terms(),
        draws=request.draws,
        seed=request.seed,
        priors=priors,
        progress=work.stage("crossings"),
    )
    return loan_of(made, place.name, context), made


def programme(request: Finance, context: Context, priors: Priors) -> PortProgramme | Programme:
    """Return the infrastructure programme: a port's part by year, or all of it by state and port."""
    from merida.border import find_place
    from merida.border.investment import apportioned, by_state, programme_flow

    facts = context.facts
    if not request.port:
        states = tuple(StateProgramme(**row) for row in by_state(facts).to_dicts())
        return Programme(states, apportioned(facts))
    years = int(priors.number("border.finance.outlay_years"))
    port = find_place(facts, request.port).port
    flow = programme_flow(facts, port, years).to_dicts()
    return PortProgramme(port.code, port.name, years, tuple(ProgrammeYear(**row) for row in flow))


def loan_of(made: LaneLoan, name: str, context: Context) -> Loan:
    """Return a loan with its draws as medians and intervals."""
    from merida.border.investment import published_scale

    flow = made.flow
    columns = flow._asdict() | {"debt_service": flow.debt_service, "balance": flow.balance}
    years = tuple(
        LoanYear(year=since + 1, **{part: float(values[since]) for part, values in columns.items()})
        for since in range(len(flow.works))
    )
    return Loan(
        port=made.best.site.port.code,
        name=name,
        crossing=made.best.site.name,
        mode=made.best.site.mode,
        terms=LoanTerms(**made.terms._asdict()),
        years=years,
        public_cost_usd={f"{rate:g}": value for rate, value in made.public_cost.items()},
        net_present_value_usd={f"{rate:g}": Interval.of(value) for rate, value in made.worth.items()},
        base_year=BASE_YEAR,
        scale=tuple(Published(**row) for row in published_scale(context.facts)),
    )


def blocks(request: Finance, found: Financed) -> Iterator[AnswerBlock]:
    """Yield the money by year, or by state and port, and what it rests on."""
    if isinstance(found, Loan):
        yield from loan_blocks(found)
    elif isinstance(found, PortProgramme):
        yield from port_blocks(found)
    else:
        yield from programme_blocks(found)
    yield from held_lines(request)


FLOW = ("works", "drawn", "interest", "repaid", "tolls", "appropriated", "balance", "owed")


def loan_blocks(found: Loan) -> Iterator[AnswerBlock]:
    """Yield a loan by year, what the lane is worth, and what the bank has lent in all."""
    terms = found.terms
    yield Sentence(
        "border_invest.flow.title",
        {
            "crossing": found.crossing,
            "mode": mode_of(found.mode),
            "cost": terms.cost / 1e6,
            "share": 100 * terms.loan_share,
            "rate": 100 * terms.rate,
            "grace": terms.grace_years,
            "tenor": terms.tenor_years,
        },
    )
    yield Table(
        (
            Column("border_invest.year"),
            *(Column(f"border_invest.flow.{part}", decimals=2, scale=1e6) for part in FLOW),
        ),
        tuple((one.year, *(getattr(one, part) for part in FLOW)) for one in found.years),
        Sentence("border_invest.flow.unit"),
    )
    yield Table(
        (
            Column("border_invest.flow.discount", "percent", 1, 0.01),
            Column("border_invest.flow.public", "usd_million_2012", 1, 1e6),
            Column("border_invest.flow.worth", "usd_million_2012", 1, 1e6),
        ),
        tuple(
            (float(rate), public, found.net_present_value_usd[rate])
            for rate, public in found.public_cost_usd.items()
        ),
    )
    yield Sentence("border_invest.flow.worth_note")
    yield Sentence("border_invest.flow.note")
    if found.scale:
        yield Table(
            (
                Column("border_invest.flow.published"),
                Column("border_invest.flow.sum", "usd_million_current", 0, 1e6),
                Column("border_invest.flow.period"),
                Column("border_invest.source"),
            ),
            tuple(
                (
                    Sentence(f"border_invest.flow.{one.what}"),
                    one.usd,
                    one.period,
                    f"{one.institution}, {one.title} ({one.fact})",
                )
                for one in found.scale
            ),
            Sentence("border_invest.flow.scale"),
        )


def port_blocks(found: PortProgramme) -> Iterator[AnswerBlock]:
    """Yield a port's part of the programme by year."""
    parts = ("authorised", "spent", "unspent")
    yield Table(
        (
            Column("border_invest.year"),
            *(Column(f"border_invest.cbi.{part}", "usd_million_current", 2, 1e6) for part in parts),
        ),
        tuple((one.year, one.authorised, one.spent, one.unspent) for one in found.years),
        Sentence("border_invest.cbi.port_title", {"port": found.name}),
    )
    yield Sentence("border_invest.cbi.note")
    yield Sentence("border_invest.cbi.outlay", {"count": found.outlay_years})


def programme_blocks(found: Programme) -> Iterator[AnswerBlock]:
    """Yield the programme by state, and by port and fiscal year."""
    yield Table(
        (
            Column("border_invest.cbi.state"),
            Column("border_invest.cbi.share", "percent", 0, 0.01),
            Column("border_invest.cbi.usd", "usd_million_current", 1, 1e6),
            Column("border_invest.cbi.share_2002", "percent", 0, 0.01),
        ),
        tuple(
            (
                Sentence(f"us_states.{one.us_state.lower().replace(' ', '_')}"),
                one.share,
                one.usd,
                one.grants_2002_share,
            )
            for one in found.states
        ),
        Sentence("border_invest.cbi.title"),
    )
    fiscal = [name for name in found.ports.columns if name.startswith("fy")]
    yield Table(
        (
            Column("border_invest.port"),
            Column("border_invest.cbi.share", "percent", 1, 0.01),
            *(
                Column(
                    Sentence("border_invest.cbi.fiscal_year", {"year": int(name.removeprefix("fy"))}),
                    "",
                    2,
                    1e6,
                )
                for name in fiscal
            ),
        ),
        tuple(found.ports.sort("share", descending=True).select("name", "share", *fiscal).rows()),
        Sentence("border_invest.cbi.ports_title"),
    )
    yield Sentence("border_invest.cbi.note")


QUESTIONS: tuple[Question[Finance, Any], ...] = (
    Question(Finance, Financed, finance, blocks, kept=True),  # type: ignore[arg-type]  # a union is a type to Pydantic
)
