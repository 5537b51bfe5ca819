"""The question what dollars or pesos of a year are worth in dollars or pesos of another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from merida.answers.context import Context
from merida.answers.fields import Number, Text, option
from merida.answers.questions import Question
from merida.answers.request import Dated
from merida.document.blocks import AnswerBlock, Column, Listing, Rounded, Sentence, Table
from merida.errors import FactsError
from merida.facts import known_table
from merida.facts.record import price_rows
from merida.progress import Work
from merida.schema_faults import broken
from merida.units import Conversion, Currency, Money, Used, conversions


def _currency_of_year(text: str) -> str:
    """Return ``MXN:2012`` in capitals; refuse what is no currency and year."""
    if not re.fullmatch(r"(usd|mxn):[0-9]{4}", text, re.IGNORECASE):
        raise broken("expected_currency_year")
    return text.upper()


CurrencyOfYear = Annotated[Text, AfterValidator(_currency_of_year)]


class Convert(Dated):
    """Dollars or pesos of one year in dollars or pesos of another."""

    question = "facts.convert"
    example: ClassVar[Mapping[str, Any]] = {"amount": 1_000_000, "from_": "MXN:2012", "to": "USD:2024"}
    amount: Number = option("cli.facts.amount", argument=True, metavar="AMOUNT", ge=0, le=1e18)
    from_: CurrencyOfYear = option("cli.facts.from", metavar="CURRENCY:YEAR")
    to: CurrencyOfYear = option("cli.facts.to", metavar="CURRENCY:YEAR")


@dataclass(frozen=True)
class Converted:
    """What an amount is worth, by each method, with the numbers of the table that each took."""

    amount: float
    from_currency: Currency
    from_year: int
    to_currency: Currency
    to_year: int
    conversions: tuple[Conversion, ...]
    query: str


def convert(request: Convert, context: Context, _: Work) -> Converted:
    """Return what an amount is worth in another currency and year.

    Raises
    ------
    FactsError
        If the table of prices lacks what every method needs.
    """
    money, new = (_money(request.amount, text) for text in (request.from_, request.to))
    prices = price_rows(context.facts)
    rows = {row["year"]: row for row in prices.rows.to_dicts()}
    found = conversions(money, new.currency, new.year, rows)
    if all(one.amount is None for one in found):
        known = [year for year, row in rows.items() if row["mxn_per_usd"] and row["us_cpi"]]
        lacked = ", ".join(dict.fromkeys(f"{name} {year}" for one in found for name, year in one.missing))
        raise FactsError("convert_unknown", missing=lacked, first=min(known or rows), last=max(known or rows))
    return Converted(
        money.amount, money.currency, money.year, new.currency, new.year, found, prices.origin.query
    )


def _money(amount: float, text: str) -> Money:
    currency, year = text.split(":")
    return Money(amount, "USD" if currency == "USD" else "MXN", int(year))


def convert_blocks(_: Convert, found: Converted) -> Iterator[AnswerBlock]:
    """Yield what the amount is worth by each method, and the rows that were used."""
    years = {"from_year": found.from_year, "to_year": found.to_year}
    yield Sentence(
        "convert.headline",
        {
            "amount": Rounded(found.amount, 2),
            "from_currency": Sentence(f"convert.currencies.{found.from_currency}"),
            "to_currency": Sentence(f"convert.currencies.{found.to_currency}"),
            **years,
        },
    )
    worth = tuple(
        (
            Sentence(f"convert.methods.{one.method}", years),
            Sentence("convert.missing", {"what": Listing(tuple(map(_cell, one.missing)))})
            if one.amount is None
            else Rounded(one.amount, 2),
        )
        for one in found.conversions
    )
    yield Table(
        (Column("convert.method"), Column("convert.worth", found.to_currency.lower(), figures=True)), worth
    )
    if len(worth) > 1:
        yield Sentence("convert.differ")
    used: dict[Used, None] = dict.fromkeys(number for one in found.conversions for number in one.used)
    prices = known_table("prices")
    yield Table(
        (Column("convert.series"), Column("convert.year"), Column("convert.value", decimals=4)),
        tuple((prices.columns[number.series].about, number.year, number.value) for number in used),
        Sentence("convert.rows", {"title": prices.title}),
    )
    yield Sentence("convert.source", {"source": prices.source})
    yield Sentence("why.again", {"query": found.query})


def _cell(lacked: tuple[str, int]) -> Sentence:
    series, year = lacked
    return Sentence("convert.lacked", {"series": known_table("prices").columns[series].about, "year": year})


QUESTIONS = (
    Question(
        Convert,
        Converted,
        convert,
        convert_blocks,
        table="conversions",
        rests_on=lambda _, facts: price_rows(facts).origin.tables,
    ),
)
