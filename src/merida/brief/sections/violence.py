"""Where violence stands and how it got there."""

from __future__ import annotations

from merida.brief import parts
from merida.brief.parts import BASE_YEAR, THRESHOLD, paragraph, picture, say
from merida.charts import maps
from merida.charts import violence as charts
from merida.charts.theme import specification
from merida.document.blocks import Block, Drawn, Grid, Missing, Paragraph, Picture, Value
from merida.document.drawing import mapped
from merida.facts import Facts, record
from merida.violence import summaries
from merida.words import Words

TURNS = (2011, 2014, 2020)  # where the yearly count turned; a test holds them to the record
UNKNOWN_YEAR = 2018  # when most deaths had no known place; a test holds it to the record
VERY_HIGH = 50  # deaths a year per 100,000


def violence(facts: Facts) -> list[Block]:
    """Return the section."""
    year = parts.deaths_year(facts)
    if year is None:
        return [Paragraph((say("violence.nothing"),))]
    return [
        *history(facts, year),
        *states(facts),
        *municipal_map(facts, year),
        *spread(facts, year),
        worst_municipalities(facts, year),
    ]


def history(facts: Facts, year: int) -> list[Block]:
    """Return the turns of the yearly count and what its bases mean."""
    before, high, low, highest = (
        summaries.registered(facts, at) if at <= year else None for at in (BASE_YEAR, *TURNS)
    )
    unknown, share = summaries.unknown_place(facts, UNKNOWN_YEAR)
    return [
        *paragraph(
            say("violence.rise", before=before, now=high, base_year=BASE_YEAR, year=TURNS[0]),
            say("violence.fall", low=low, low_year=TURNS[1], high=highest, high_year=TURNS[2]),
            say("violence.registration" if facts.as_of else "violence.bases"),
            say(
                "violence.unknown",
                deaths=unknown,
                share=share,
                year=UNKNOWN_YEAR,
            ),
        ),
        *paragraph(
            say(
                "violence.organised",
                first=summaries.attributed(facts, 2007),
                first_year=2007,
                last=summaries.attributed(facts, 2010),
                last_year=2010,
            ),
            say("violence.organised_end") if parts.known(facts, "2012-01") else None,
        ),
    ]


def states(facts: Facts) -> list[Block]:
    """Return the states as small multiples, and which stand highest and lowest."""
    rates = summaries.states(facts)
    first, last = record.span(rates)
    if last is None:
        return [Missing("states")]
    query = f"select {{}} from ({rates.origin.query}) where year = {last} order by rate_per_100k {{}}, state limit 1"
    ends: dict[str, Value] = {}
    for name, figure, order in (("highest", "high", "desc"), ("lowest", "low", "asc")):
        found = facts.sql(query.format("name", order))["name"].to_list()
        ends[name] = found[0] if found else None
        ends[figure] = facts.figure(query.format("rate_per_100k", order), "per_100k", rates.origin.note)
    return [
        *paragraph(say("violence.states", year=last, **ends)),
        *picture(
            "states",
            lambda words: charts.states(rates.rows, words),
            rates,
            captions=("caption",),
            first=first,
            last=last,
            **ends,
        ),
    ]


def municipal_map(facts: Facts, year: int) -> list[Block]:
    """Return the map of municipalities."""
    rates = summaries.municipal_rates(facts, year)
    shapes = facts.sql("select municipality, geometry from map_municipalities order by municipality")
    borders = facts.sql("select state, geometry from map_states order by state")

    def draw(words: Words) -> Drawn:
        chart, data = maps.rate_map(rates.rows, shapes, borders, words)
        return mapped(specification(chart, data))

    units = f"select count(distinct unit) from ({rates.origin.query})"
    values: dict[str, Value] = {
        "first": year - summaries.MAP_YEARS + 1,
        "last": year,
        "above": facts.figure(f"{units} where rate_per_100k >= {VERY_HIGH}", "municipalities"),
        "count": facts.figure(units, "municipalities"),
    }
    return [Picture("map", draw, values, (rates.origin,), ("caption",))]


def spread(facts: Facts, year: int) -> list[Block]:
    """Return how many municipalities reach a threshold, and how concentrated the deaths are."""
    reach, concentration = summaries.spread(facts), summaries.concentration(facts)
    first, last = record.span(reach)
    base = BASE_YEAR if year > BASE_YEAR else first
    share = f"select share_pct from ({concentration.origin.query}) where year = {last} and worst = 50"
    before, now = parts.reaching(facts, base), parts.reaching(facts, year)
    return [
        *paragraph(
            say(
                "violence.spread",
                before=before,
                now=now,
                base_year=base,
                year=year,
                threshold=str(THRESHOLD),
            ),
            say(
                "violence.spread_organised",
                first=summaries.attributed_reaching(facts, 2007, THRESHOLD),
                first_year=2007,
                last=summaries.attributed_reaching(facts, 2010, THRESHOLD),
                last_year=2010,
                threshold=str(THRESHOLD),
            ),
        ),
        *picture(
            "spread",
            lambda words: charts.spread(reach.rows, words),
            reach,
            first=first,
            last=last,
            base_year=base,
            low=before,
            high=now,
        ),
        *picture(
            "concentration",
            lambda words: charts.concentration(concentration.rows, words),
            concentration,
            first=first,
            last=last,
            share=facts.figure(share, "percent", "harmonised"),
        ),
    ]


def worst_municipalities(facts: Facts, year: int) -> Grid:
    """Return the ten municipalities with the most deaths of the last year."""
    worst = summaries.worst_municipalities(facts, year)
    base = BASE_YEAR if year > BASE_YEAR else year - 1
    rows = tuple(
        (
            row["name"],
            row["state"],
            summaries.unit_deaths(facts, row["unit"], base),
            summaries.unit_deaths(facts, row["unit"], year),
            summaries.unit_rate(facts, row["unit"], year),
        )
        for row in worst.rows.to_dicts()
    )
    columns = ("municipality", "state", "deaths_base", "deaths_last", "rate")
    return Grid("worst", columns, rows, {"base_year": base, "year": year})
