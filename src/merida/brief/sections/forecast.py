"""What is likely next: the forecast of the nation and of the states, with intervals."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl

from merida.answers.naming import in_both
from merida.answers.violence.forecast import USUAL, Expected, Forecast, Forecasted
from merida.brief import parts
from merida.brief.parts import paragraph, say
from merida.brief.portrait import Portrait
from merida.charts import forecast as charts
from merida.charts.theme import specification
from merida.document.blocks import Block, Grid, Paragraph, Picture, Sentence
from merida.document.drawing import drawn
from merida.errors import ViolenceError
from merida.facts import Facts
from merida.facts.schema import Text
from merida.figure import Figure, Origin
from merida.violence import summaries

MONTHS: int = USUAL["months"]
ROWS = 10
TABLES = ("homicides_month", "homicides_state_month", "homicides_year", "population")
SINCE = (*TABLES, "crime_victims")  # what it rests on where some months are estimated
NATION = Text(en="Mexico", es="México")


def asked_of(portrait: Portrait) -> Forecast:
    """Return the question of what is likely next."""
    return Forecast(**USUAL, **portrait.shared)


def origin_of(portrait: Portrait, ahead: Forecasted) -> Origin:
    """Return what a figure of the forecast rests on."""
    return Origin(SINCE if ahead.estimated else TABLES, note="forecast", request=asked_of(portrait))


def forecast(portrait: Portrait) -> list[Block]:
    """Return the section; the nation's picture stands on the first page."""
    facts = portrait.facts
    try:
        ahead: Forecasted = portrait.ask(asked_of(portrait)).payload
    except ViolenceError:
        return [Paragraph((say("forecast.nothing"),))]
    since, origin, last = bool(ahead.estimated), origin_of(portrait, ahead), ahead.last_year
    start = month(ahead.first_month)
    years = {int(row.period): expected(row, origin) for row in ahead.years}
    chances = {name: chance(float(event["probability"]), origin) for name, event in ahead.events.items()}
    blocks = paragraph(
        say("forecast.nation_since" if since else "forecast.nation", last=last, recent=recent(facts, ahead),
            next_year=last + 1, next=years[last + 1], far_year=last + 3, far=years[last + 3]),
        *(rests_on(ahead) if since else []),
        say("forecast.chances_since" if since else "forecast.chances", year=last + 1, last=last,
            start=start, fall=chances["fall"], rise=chances["rise"]),
        say("forecast.reads"),
    )  # fmt: skip
    return [*blocks, *state_fans(facts, ahead), states(facts, ahead, origin)]


def fan(portrait: Portrait) -> list[Block]:
    """Return the picture of the nation: what was counted, and what is likely next with its intervals."""
    recorded = summaries.occurred(portrait.facts)
    observed = recorded.rows
    try:
        ahead: Forecasted = portrait.ask(asked_of(portrait)).payload
    except ViolenceError:
        return parts.national_picture(portrait.facts)
    if not observed.height:
        return parts.national_picture(portrait.facts)
    if ahead.registered:
        rows = {"year": [int(row.period) for row in ahead.registered]}
        rows["deaths"] = [row.deaths for row in ahead.registered]
        observed = charts.with_registered(observed, pl.DataFrame(rows))
    quantiles = pl.DataFrame([quantiles_of(row) for row in ahead.years])
    last = ahead.last_year + MONTHS // 12
    values = {"place": NATION, "first": observed["year"].min(), "last": last}
    origins = (recorded.origin, origin_of(portrait, ahead)) if ahead.registered else (recorded.origin,)
    return [
        Picture(
            "forecast_since" if ahead.registered else "forecast",
            lambda words: drawn(
                specification(charts.fan(observed, quantiles, words)),
                charts.fan_series(observed, quantiles, words),
            ),
            values,  # type: ignore[arg-type]
            origins,
            ("caption",),
        )
    ]


def rests_on(ahead: Forecasted) -> list[Sentence]:
    """Return on what the months rest that are neither recorded by municipality nor forecast."""
    panel = month(ahead.recorded[-1].period)
    bases = [
        Sentence(f"forecast.rests_on.{basis}", {"end": month(end) if "-" in end else end, "panel": panel})
        for basis, end in ahead.rests_on.items()
    ]
    return [
        say("forecast.since", first=month(ahead.estimated[0].period), start=month(ahead.first_month)),
        *bases,
    ]


def month(of: str) -> Text:
    """Return a month in words."""
    return in_both(lambda words: words.month(of))


def recent(facts: Facts, ahead: Forecasted, state: str = "__") -> Figure | None:
    """Return the deaths of the last year known: registered where the months of occurrence end before it."""
    counted = summaries.registered_in if ahead.registered else summaries.occurred_in
    return counted(facts, ahead.last_year, state)


def quantiles_of(row: Expected) -> dict[str, Any]:
    """Return a year and its quantiles."""
    return {"year": int(row.period)} | {name: value for name, value in asdict(row).items() if name[0] == "q"}


def expected(row: Expected, origin: Origin) -> Figure:
    """Return the median and the 90 % interval of deaths."""
    return Figure(row.q50, row.q05, row.q95, "deaths", "estimate", origin)


def chance(share: float, origin: Origin) -> Figure:
    """Return a probability in percent: a share of draws, which has no interval of its own."""
    of = 100 * share
    return Figure(of, of, of, "percent_whole", "estimate", origin)


def state_fans(facts: Facts, ahead: Forecasted) -> list[Block]:
    """Return the fan charts of the states as small multiples."""
    recorded = summaries.occurred_by_state(facts)
    observed = recorded.rows
    if not observed.height:
        return []
    origins: tuple[Origin, ...] = (recorded.origin,)
    if ahead.registered:
        after = summaries.registered_by_state(facts, int(observed["year"].max()))  # type: ignore[arg-type]
        observed, origins = charts.with_registered(observed, after.rows), (recorded.origin, after.origin)
    by_code = sorted(ahead.states, key=lambda line: line.state)
    rows = [{"name": line.name, **quantiles_of(row)} for line in by_code for row in line.years]
    quantiles = pl.DataFrame(rows)
    values = {"first": observed["year"].min(), "last": ahead.last_year + MONTHS // 12}
    return [
        Picture(
            "forecast_states_since" if ahead.registered else "forecast_states",
            lambda words: drawn(specification(charts.fan_states(observed, quantiles, words))),
            values,  # type: ignore[arg-type]
            origins,
            ("caption",),
        )
    ]


def states(facts: Facts, ahead: Forecasted, origin: Origin) -> Grid:
    """Return the states of which the most homicides are expected next year."""
    last = ahead.last_year
    rows = tuple(
        (
            line.name,
            recent(facts, ahead, line.state),
            expected(line.years[0], origin),
            chance(line.rise, origin),
        )
        for line in ahead.states[:ROWS]
    )
    return Grid("outlook", ("state", "recent", "expected", "rise"), rows, {"last": last, "year": last + 1})
