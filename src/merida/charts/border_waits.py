"""Charts of waiting at the border: hours of the week as heat, and delay by port as a map."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.border_invest import on_border
from merida.charts.maps import DataSets
from merida.charts.theme import RATE_SCALE, WIDTH, AnyChart, styled
from merida.words import Words

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def heat_map(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Mean wait by hour of the day and weekday, one panel a lane class.

    Parameters
    ----------
    rows : DataFrame
        lane, weekday (0 is Monday), hour, minutes.
    """
    names = [words.text(f"border_invest.days.{day}") for day in DAYS]
    shown = rows.with_columns(
        name=pl.col("lane").map_elements(lambda lane: words.text(f"lanes.{lane}"), return_dtype=pl.String),
        day=pl.col("weekday").map_elements(lambda day: names[day], return_dtype=pl.String),
    )
    order = shown["name"].unique(maintain_order=True).to_list()
    panel = (
        alt.Chart(shown)
        .mark_rect()
        .encode(
            x=alt.X(
                "hour:O",
                title=words.text("charts.waits.hour"),
                axis=alt.Axis(values=list(range(0, 24, 6)), labelAngle=0, domain=False),
            ),
            y=alt.Y("day:N", title=None, sort=names, axis=alt.Axis(domain=False)),
            color=alt.Color(
                "minutes:Q",
                scale=alt.Scale(range=list(RATE_SCALE[:6]), domainMin=0, nice=True),
                legend=alt.Legend(title=words.text("charts.heat.unit"), orient="bottom", gradientLength=320),
            ),
        )
        .properties(width=(WIDTH - 40 - 22 * len(order)) / len(order), height=150)
    )
    return styled(
        panel.facet(facet=alt.Facet("name:N", title=None, sort=order), columns=len(order), spacing=22)
    )


def delay_map(rows: pl.DataFrame, states: pl.DataFrame, words: Words) -> tuple[AnyChart, DataSets]:
    """Return the map of dollars lost to waiting at each port, and the data set that it names.

    Parameters
    ----------
    rows : DataFrame
        name, latitude, longitude, usd_million, minutes_each.
    states : DataFrame
        `geometry` (GeoJSON text) of the Mexican states.
    """
    shown = rows.sort("usd_million", descending=True)
    circles = alt.Chart(shown).encode(
        size=alt.Size(
            "usd_million:Q",
            title=words.text("charts.delay_map.usd"),
            scale=alt.Scale(type="sqrt", range=[16, 900]),
            legend=alt.Legend(orient="bottom", symbolFillColor=RATE_SCALE[3], symbolStrokeColor="white"),
        ),
        color=alt.Color(
            "minutes_each:Q",
            title=words.text("charts.delay_map.minutes"),
            scale=alt.Scale(range=list(RATE_SCALE[1:6]), domainMin=0),
            legend=alt.Legend(orient="bottom", gradientLength=160),
        ),
    )
    return on_border(circles, shown, states)
