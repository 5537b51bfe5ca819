"""What the sections of the brief share: sentences, pictures and the figures that stand in more than one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from merida.charts import violence as charts
from merida.charts.theme import AnyChart, specification
from merida.claims.claims import both
from merida.document.blocks import Block, Missing, Paragraph, Picture, Sentence, Value
from merida.document.drawing import drawn
from merida.facts import Facts, record
from merida.facts.schema import Text
from merida.figure import Asked, Figure
from merida.violence import summaries
from merida.words import Words, words

BASE_YEAR = 2007  # the Initiative was announced in October 2007
THRESHOLD = 12  # one a month


def say(key: str, **values: Value) -> Sentence:
    """Return one sentence of the brief."""
    return Sentence(f"brief.{key}", values)


def paragraph(*sentences: Sentence | None) -> list[Block]:
    """Return a paragraph of the sentences that there are and that the record can fill, or nothing."""
    complete = tuple(sentence for sentence in sentences if sentence is not None and sentence.complete)
    return [Paragraph(complete)] if complete else []


def asked(block: Block, request: Asked) -> Block:
    """Return a paragraph in which each estimate names the question that gave it; another block as it is."""
    if not isinstance(block, Paragraph):
        return block
    return Paragraph(
        tuple(
            Sentence(
                sentence.key,
                {
                    name: value.asked(request)
                    if isinstance(value, Figure) and value.kind == "estimate" and value.origin.request is None
                    else value
                    for name, value in sentence.values.items()
                },
            )
            for sentence in block.sentences
        )
    )


def picture(
    name: str,
    draw: Callable[[Words], AnyChart],
    *answers: record.Answer,
    captions: tuple[str, ...] = (),
    **values: Value,
) -> list[Block]:
    """Return a chart of the first of `answers` (and the rest), or a line saying that nothing was published."""
    if not answers[0].rows.height:
        return [Missing(name)]
    origins = tuple(answer.origin for answer in answers)
    return [Picture(name, lambda words: drawn(specification(draw(words))), values, origins, captions)]


def known(facts: Facts, month: str) -> bool:
    """Tell whether what was published in `month` was known at the date of the record."""
    return facts.as_of is None or facts.as_of >= month


def holds(facts: Facts, table: str) -> bool:
    """Tell whether a table held anything at the date of the record."""
    return bool(facts.sql(f"select count(*) from {table}").item())


def waits_held(facts: Facts) -> Literal["posted", "averages"] | None:
    """Return what the record held of waits at ports at its date: CBP's hourly posts, else averages without a year."""
    if holds(facts, "posted_waits"):
        return "posted"
    return "averages" if holds(facts, "border_waits") else None


def deaths_year(facts: Facts) -> int | None:
    """Return the last year whose deaths had been published."""
    return record.span(summaries.national(facts))[1]


def reaching(facts: Facts, year: int | None) -> Figure | None:
    """Return how many harmonised municipalities reached the threshold of homicides in a year."""
    return summaries.reaching(facts, year, THRESHOLD) if summaries.registered(facts, year) else None


def appropriated(facts: Facts, scope: str) -> Figure | None:
    """Return the sum of appropriations of one scope, in millions of dollars."""
    query = f"select sum(usd) / 1e6 from appropriations where scope = '{scope}'"
    return facts.figure(query, "usd_million", "appropriations")


def fiscal_years(facts: Facts, scope: str) -> dict[str, Value]:
    """Return the first and last fiscal year of appropriations of one scope."""
    first, last = facts.sql(
        f"select min(fiscal_year), max(fiscal_year) from appropriations where scope = '{scope}'"
    ).row(0)
    return {"first": first, "last": last}


def entered(facts: Facts, measure: str, year: int | None) -> Figure | None:
    """Return the crossings from Mexico by one mode in a year, in millions."""
    query = f"select sum(crossings) / 1e6 from border_crossings where measure = '{measure}' and year = {year}"
    return facts.figure(query, "millions") if year else None


def fact(facts: Facts, identity: str, unit: str) -> Figure | None:
    """Return one verified published fact by its id."""
    value = "value / 1e6" if unit == "usd_million" else "value"
    query = f"select any_value({value}) from published_facts where id = '{identity}' and status = 'verified'"
    return facts.figure(query, unit)


def dark_figure(facts: Facts, year: int | None) -> Figure | None:
    """Return the share of crimes that led to no investigation, for the nation."""
    query = f"select any_value(dark_figure_pct) from envipe where state = '00' and year = {year}"
    return facts.figure(query, "percent") if year else None


COUNTED = "2012-10"  # the month of the published count of leaders removed


def sourced_leaders(facts: Facts, until: str | None = None) -> Figure | None:
    """Return how many removals of listed leaders the record holds with a source, in all or until a month."""
    query = "select nullif(count(*), 0) from leaders_removed where status = 'verified'"
    return facts.figure(query + (f" and month <= '{until}'" if until else ""), "people", "leaders")


def plainly(figure: Figure) -> Figure:
    """Return a probability without the range that its computation leaves: it is one already."""
    return replace(figure, low=figure.value, high=figure.value)


def national_picture(facts: Facts) -> list[Block]:
    """Return the chart of the nation's homicides."""
    counts, attributed = summaries.national(facts), summaries.organised_crime(facts)
    ranked = summaries.years_by_deaths(facts)
    ends: dict[str, Any] = {}
    if ranked:
        ends = {"first": min(ranked), "last": max(ranked), "low_year": ranked[0], "high_year": ranked[-1]}
        ends |= {
            "low": summaries.registered(facts, ranked[0]),
            "high": summaries.registered(facts, ranked[-1]),
        }
    return picture(
        "national",
        lambda words: charts.national(counts.rows, attributed.rows, words),
        counts,
        attributed,
        **ends,
    )


def plan_called(name: str) -> Text:
    """Return a plan's name in both languages; a plan of a framework or a file keeps its own."""
    key = f"plan_names.{name}"
    return both(key) if words("en").has(key) else Text(en=name, es=name)
