"""What is likely next: the forecast of the nation and of the states, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from merida.brief.parts import paragraph, say
from merida.charts import forecast as charts
from merida.charts.theme import specification
from merida.document.blocks import Block, Grid, Paragraph, Picture
from merida.document.drawing import drawn
from merida.errors import ViolenceError
from merida.facts import Facts
from merida.facts.schema import Text
from merida.figure import Figure, Origin
from merida.violence import summaries
from merida.violence.forecasting import Samples, outlook, summary
from merida.violence.forecasting.outlook import RISE

MONTHS, DRAWS = 36, 300
ROWS = 10
TABLES = ("homicides_month", "homicides_state_month", "homicides_year", "population")
NATION = Text(en="Mexico", es="México")


def forecast(facts: Facts) -> list[Block]:
    """Return the section."""
    try:
        nation = outlook(facts, None, MONTHS, DRAWS)
    except ViolenceError:
        return [Paragraph((say("forecast.nothing"),))]
    as_of = f" --as-of {facts.as_of}" if facts.as_of else ""
    origin = Origin(TABLES, "", "forecast", f"merida violence forecast --draws {DRAWS} --format json{as_of}")
    recorded = summaries.occurred(facts)
    observed = recorded.rows
    last = nation.last_year
    years = {int(row["period"]): expected(row, origin) for row in nation.years}
    chances = {event.name: chance(event.probability, origin) for event in nation.events}
    blocks = paragraph(
        say("forecast.nation", last=last, recent=summaries.occurred_in(facts, last),
            next_year=last + 1, next=years[last + 1], far_year=last + 3, far=years[last + 3]),
        say("forecast.chances", year=last + 1, fall=chances["fall"], rise=chances["rise"]),
        say("forecast.reads"),
    )  # fmt: skip
    if observed.height:
        quantiles = pl.DataFrame(
            [
                {"year": int(row["period"]), **{name: row[name] for name in row if name[0] == "q"}}
                for row in nation.years
            ]
        )
        values = {"place": NATION, "first": observed["year"].min(), "last": last + MONTHS // 12}
        blocks.append(
            Picture(
                "forecast",
                lambda words: drawn(specification(charts.fan(observed, quantiles, words))),
                values,  # type: ignore[arg-type]
                (recorded.origin,),
                ("caption",),
            )
        )
    blocks += state_fans(facts, nation.samples, last)
    return [*blocks, states(facts, nation.samples, last, origin)]


def expected(row: dict[str, Any], origin: Origin) -> Figure:
    """Return the median and the 90 % interval of deaths."""
    return Figure(row["q50"], row["q05"], row["q95"], "deaths", "estimate", origin)


def chance(share: float, origin: Origin) -> Figure:
    """Return a probability in percent: a share of draws, which has no interval of its own."""
    of = 100 * share
    return Figure(of, of, of, "percent_whole", "estimate", origin)


def state_fans(facts: Facts, samples: Samples, last: int) -> list[Block]:
    """Return the fan charts of the states as small multiples."""
    recorded = summaries.occurred_by_state(facts)
    observed = recorded.rows
    if not observed.height:
        return []
    names = dict(facts.sql("select state, name from states order by state").rows())
    rows = [
        {
            "name": names[code],
            "year": last + 1 + year,
            **summary(code, of[:, 12 * year : 12 * year + 12].sum(axis=1)),
        }
        for code in sorted(set(samples.states))
        for of in [samples.of(code)]
        for year in range(MONTHS // 12)
    ]
    quantiles = pl.DataFrame(rows).drop("period", "mean")
    values = {"first": observed["year"].min(), "last": last + MONTHS // 12}
    return [
        Picture(
            "forecast_states",
            lambda words: drawn(specification(charts.fan_states(observed, quantiles, words))),
            values,  # type: ignore[arg-type]
            (recorded.origin,),
            ("caption",),
        )
    ]


def states(facts: Facts, samples: Samples, last: int, origin: Origin) -> Grid:
    """Return the states of which the most homicides are expected next year."""
    names = dict(facts.sql("select state, name from states order by state").rows())
    totals = {code: samples.of(code)[:, :12].sum(axis=1) for code in sorted(set(samples.states))}
    order = sorted(totals, key=lambda code: (-float(np.median(totals[code])), code))[:ROWS]
    rows = []
    for code in order:
        row, recent = summary(code, totals[code]), summaries.occurred_in(facts, last, code)
        rows.append(
            (
                names[code],
                recent,
                expected(row, origin),
                chance(float((totals[code] > RISE * (recent.value if recent else 0)).mean()), origin),
            )
        )
    return Grid(
        "outlook", ("state", "recent", "expected", "rise"), tuple(rows), {"last": last, "year": last + 1}
    )
