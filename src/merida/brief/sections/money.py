"""The money by year and account."""

from __future__ import annotations

from merida.brief import parts
from merida.brief.parts import paragraph, picture, say
from merida.charts import money as charts
from merida.document.blocks import Block, Grid, Paragraph
from merida.facts import Facts, record
from merida.figure import Figure


def money(facts: Facts) -> list[Block]:
    """Return the section."""
    granted = record.appropriations(facts)
    if not granted.rows.height:
        return [Paragraph((say("money.nothing"),)), *stages(facts)]
    return [*appropriations(facts, granted), *stages(facts)]


def appropriations(facts: Facts, granted: record.Answer) -> list[Block]:
    """Return what Congress appropriated, as chart and table."""
    years = sorted(set(granted.rows["fiscal_year"].to_list()))
    accounts = [name for name in charts.ACCOUNTS if name in granted.rows["account"].to_list()]

    def granted_in(year: int, account: str = "") -> Figure | None:
        where = f"where fiscal_year = {year}" + (f" and account = '{account}'" if account else "")
        return facts.figure(
            f"select sum(usd) / 1e6 from appropriations {where}", "usd_million", "appropriations"
        )

    high_year = facts.sql(
        "select fiscal_year from appropriations group by all order by sum(usd) desc, fiscal_year limit 1"
    ).item()
    high = granted_in(high_year)
    rows = tuple(
        (year, *(granted_in(year, account) for account in accounts), granted_in(year)) for year in years
    )
    return [
        *paragraph(
            say("money.sum", usd=parts.appropriated(facts, "merida"), **parts.fiscal_years(facts, "merida")),
            say("money.high", usd=high, year=high_year),
            say(
                "money.twice",
                supplemental=parts.fact(facts, "P010", "usd_million"),
                forward=parts.fact(facts, "P014", "usd_million"),
            ),
        ),
        *picture(
            "appropriations",
            lambda words: charts.appropriations(granted.rows, words),
            granted,
            captions=("caption", *(("caption_upper",) if "all_accounts" in accounts else ())),
            first=years[0],
            last=years[-1],
            high_year=high_year,
            high=high,
        ),
        Grid("appropriations", ("fiscal_year", *(f"account.{name}" for name in accounts), "total"), rows),
    ]


def stages(facts: Facts) -> list[Block]:
    """Return how far the money went, as far as published points and one series tell."""
    spent = record.stages(facts)
    first, last = record.span(spent, "fiscal_year")
    obligated, expended = (parts.fact(facts, identity, "usd_million") for identity in ("P033", "P034"))
    points = (
        say("money.spent_2009", obligated=obligated, expended=expended),
        say("money.delivered_2011", delivered=parts.fact(facts, "P039", "usd_million")),
        say("money.delivered_2015", delivered=parts.fact(facts, "P042", "usd_million")),
    )
    scopes = say("money.scopes") if any(point.complete for point in points) else None
    return [
        *paragraph(*points, scopes),
        *picture(
            "stages",
            lambda words: charts.stages(spent.rows, words),
            spent,
            captions=("caption",),
            first=first,
            last=last,
        ),
    ]
