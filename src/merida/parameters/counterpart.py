"""Counterpart: Mexico's own money and stock for what the programmes do, as far as the record has it (SCIENCE rule 5).

``counterpart.toml`` names the funds and what each may pay for. How a fund was split over programmes is on no record, so
that its money is known of all of them together. What is known neither by state nor for the nation is a gap, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict, model_validator

from merida.evidence import Register
from merida.facts import Facts
from merida.facts.record import price_rows
from merida.framework import Framework, plan_named
from merida.parameters.unit_costs import published_fact
from merida.priors import Note
from merida.shipped import toml, whole
from merida.units import Currency, Money, conversions

FILE = "parameters/counterpart.toml"
NATION = "MX"


class Fund(BaseModel):
    """Money of Mexico's own.

    Parameters
    ----------
    title, about : Note
        What it is called, and what is to be known of it.
    cost, fact, column : str
        The one source: id of a row of ``costs.csv``, of a published fact, or ``TABLE.COLUMN`` by state.
    scale : float
        What the source's number is multiplied by to be in the currency.
    first, last : int or None
        The years of a total; None where the table has a column ``year``.
    place : str
        Where a total was spent: ``MX``, or a state.
    levers : tuple of str
        What it may pay for.
    all_purposes : bool
        Whether security is only one of its purposes.
    within_others : bool
        Whether other funds hold it, so that it is not added to them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Note
    about: Note
    cost: str = ""
    fact: str = ""
    column: str = ""
    scale: float = 1.0
    currency: Currency = "USD"
    first: int | None = None
    last: int | None = None
    place: str = NATION
    levers: tuple[str, ...]
    all_purposes: bool = False
    within_others: bool = False

    @model_validator(mode="after")
    def one(self) -> Fund:
        """Refuse a fund with no source or with several, and years of which one is missing."""
        if sum(map(bool, (self.cost, self.fact, self.column))) != 1 or (self.first is None) != (
            self.last is None
        ):
            raise ValueError("a fund has one source, and both of its years or none")
        return self


class Stock(BaseModel):
    """What Mexico already has: a query of (place, year, value)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Note
    sql: str
    unit: str
    levers: tuple[str, ...]


@dataclass(frozen=True)
class Paid:
    """Money of one fund in one place and year.

    Parameters
    ----------
    usd : float or None
        Constant dollars of `price_year`; None where the record holds no rate or prices of its year.
    source : str
        The table's column, or the id of the fact or of the row of costs.
    """

    fund: str
    place: str
    year: int
    amount: float
    currency: Currency
    usd: float | None
    price_year: int
    source: str


@dataclass(frozen=True)
class Held:
    """What Mexico has of something in one place."""

    stock: str
    place: str
    year: int
    value: float
    unit: str


@cache
def stated() -> tuple[Mapping[str, Fund], Mapping[str, Stock]]:
    """Return the funds and the stocks by name.

    Raises
    ------
    InstallationError
        If the file is not as it must be.

    Examples
    --------
    >>> sorted(stated()[0])[:3]
    ['fasp', 'fofisp', 'fortamun']
    """
    with whole(FILE):
        found = toml(FILE)
        return (
            {name: Fund(**one) for name, one in found["funds"].items()},
            {name: Stock(**one) for name, one in found["stocks"].items()},
        )


def price_year(facts: Facts, base_year: int) -> int:
    """Return the year in whose dollars money is told: the framework's, or the last before it whose prices were known."""
    years = [row["year"] for row in price_rows(facts).rows.to_dicts() if row["us_cpi"]]
    return max((year for year in years if year <= base_year), default=base_year)


def money(facts: Facts, base_year: int) -> tuple[Paid, ...]:
    """Return Mexico's own money by fund, place and year, as it was known.

    Examples
    --------
    >>> known = money(Facts("2012-12"), 2012)
    >>> {one.fund for one in known}, max(one.year for one in known)
    ({'fasp', 'fortamun'}, 2011)
    """
    prices = {row["year"]: row for row in price_rows(facts).rows.to_dicts()}
    year = price_year(facts, base_year)
    register = Register(facts.as_of)
    return tuple(
        Paid(name, place, when, amount, currency, conversions(
            Money(amount, currency, priced), "USD", year, prices)[0].amount, year, source)
        for name, fund in stated()[0].items()
        for place, when, amount, currency, priced, source in _rows(fund, facts, register)
    )  # fmt: skip


def _rows(
    fund: Fund, facts: Facts, register: Register
) -> Iterator[tuple[str, int, float, Currency, int, str]]:
    """Yield (place, year, amount, currency, year of its prices, source)."""
    if fund.column:
        table, _, column = fund.column.partition(".")
        when = "year" if fund.first is None else str(fund.first)
        query = f"select state, {when}, {column} from {table} where {column} is not null and state <> '00'"
        for place, year, amount in facts.sql(f"{query} order by 2, 1").rows():
            yield place, year, amount * fund.scale, fund.currency, year, fund.column
        return
    years = range(fund.first or 0, (fund.last or 0) + 1)
    currency, priced = fund.currency, fund.last or 0
    if fund.fact:
        total = published_fact(facts, fund.fact)
    else:
        row = register.cost(fund.cost)
        total = float(str(row["amount"])) if row else None
        if row:
            currency, priced = ("USD" if row["currency"] == "USD" else "MXN"), int(str(row["price_year"]))
    if total is not None:
        for year in years:
            yield fund.place, year, total * fund.scale / len(years), currency, priced, fund.fact or fund.cost


def holdings(facts: Facts) -> tuple[Held, ...]:
    """Return what Mexico already has by place, as it was known.

    Examples
    --------
    >>> {one.stock for one in holdings(Facts("2012-12"))}
    {'oral_courts'}
    """
    return tuple(
        Held(name, place, int(year), float(value), stock.unit)
        for name, stock in stated()[1].items()
        for place, year, value in facts.sql(f"{stock.sql} order by 1").rows()
        if value is not None
    )


@dataclass(frozen=True)
class Known:
    """What is known of Mexico's own part in one programme, over the places where it can work.

    Parameters
    ----------
    money, stock : tuple of str
        States of which money, or a stock, is on record.
    nation : bool
        Whether anything is on record of the nation as a whole.
    funds : tuple of str
        Funds that may pay for it, of which money is on record.
    places : int
        The places where it can work: the states, or 1 for a programme of the nation.
    """

    programme: str
    money: tuple[str, ...]
    stock: tuple[str, ...]
    nation: bool
    funds: tuple[str, ...]
    places: int

    @property
    def gap(self) -> int:
        """Places of which neither money nor a stock is on record."""
        if self.places == 1:
            return int(not (self.nation or self.funds))
        return self.places - len({*self.money, *self.stock})


def known(
    framework: Framework, states: tuple[str, ...], paid: tuple[Paid, ...], held: tuple[Held, ...]
) -> tuple[Known, ...]:
    """Return what is known of each programme that works in Mexico; a fund for all purposes tells nothing of one."""
    funds, stocks = stated()
    found = []
    for name, programme in framework.programmes.items():
        if programme.level in ("port", "united_states") or programme.lever is None:
            continue
        mine = [
            one
            for one in paid
            if programme.lever in funds[one.fund].levers and not funds[one.fund].all_purposes
        ]
        has = [one for one in held if programme.lever in stocks[one.stock].levers]
        found.append(
            Known(
                programme=name,
                money=tuple(sorted({one.place for one in mine} & {*states})),
                stock=tuple(sorted({one.place for one in has} & {*states})),
                nation=NATION in {*(one.place for one in mine), *(one.place for one in has)},
                funds=tuple(sorted({one.fund for one in mine})),
                places=1 if programme.level == "nation" else len(states),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class Effort:
    """One year's effort as far as it is known, in constant dollars.

    Parameters
    ----------
    merida_usd : float
        Enacted for Mexico in the fiscal year.
    security_usd : float
        Mexico's own money for security: every fund but those within others and those for all purposes.
    all_purposes_usd : float
        The funds for all purposes, of which some unknown part is for security.
    """

    year: int
    merida_usd: float
    security_usd: float
    all_purposes_usd: float

    @property
    def share(self) -> tuple[float, float]:
        """Mérida's share of the effort on record: the least, where all funds for all purposes count, and the most."""
        most = self.merida_usd / (self.merida_usd + self.security_usd)
        return self.merida_usd / (self.merida_usd + self.security_usd + self.all_purposes_usd), most


def efforts(facts: Facts, framework: Framework, paid: tuple[Paid, ...]) -> tuple[Effort, ...]:
    """Return the effort of each year in which the record has money of both countries, and Mexico's yearly funds whole.

    Examples
    --------
    >>> facts, framework = Facts("2012-12"), Framework.load("merida")
    >>> [one.year for one in efforts(facts, framework, money(facts, framework.base_year))]
    [2007, 2008, 2009, 2010, 2011]
    """
    funds, enacted = stated()[0], dict[int, float]()
    for (_, account, _, year), usd in plan_named("history", framework, facts).by_year().items():
        if framework.accounts[account].kind == "foreign_assistance":
            enacted[year] = enacted.get(year, 0.0) + usd
    yearly = {name for name, fund in funds.items() if fund.column and fund.first is None}
    found = []
    for year, usd in sorted(enacted.items()):
        own = [one for one in paid if one.year == year and one.usd and not funds[one.fund].within_others]
        if yearly <= {one.fund for one in own}:
            every = sum(one.usd or 0.0 for one in own)
            security = sum(one.usd or 0.0 for one in own if not funds[one.fund].all_purposes)
            found.append(Effort(year, usd, security, every - security))
    return tuple(found)
