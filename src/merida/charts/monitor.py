"""Charts of the monitor: a place's months with their levels, rates with intervals, Lorenz curve, onset."""

from __future__ import annotations

from typing import Literal

import altair as alt
import numpy as np
import polars as pl

from merida.charts.theme import BOLD, INK, PALE, RATE_SCALE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words, plain


def series(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Deaths by month, and the level between break points with its interval.

    Parameters
    ----------
    rows : DataFrame
        month (``YYYY-MM``), deaths, level, low, high (deaths a month) and piece (number of the level).
    """
    shown = rows.with_columns(date=pl.col("month") + "-01")
    base = alt.Chart(shown).encode(
        x=alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", labelOverlap=True))
    )
    axis = alt.Axis(tickCount=5, format=",.0f")
    title = words.text("charts.monitor_series.unit")
    return styled(
        alt.layer(
            base.mark_line(color=PALE, strokeWidth=1.2).encode(y=alt.Y("deaths:Q", title=title, axis=axis)),
            base.mark_area(color=SERIES[1], opacity=0.22).encode(
                y=alt.Y("low:Q", title=title), y2="high:Q", detail="piece:N"
            ),
            base.mark_line(color=SERIES[1], strokeWidth=2.4).encode(
                y=alt.Y("level:Q", title=title), detail="piece:N"
            ),
        ).properties(width=WIDTH - 62, height=240)
    )


def rates(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Underlying rates with their intervals, and the recorded rate as a hollow ring.

    Parameters
    ----------
    rows : DataFrame
        name, recorded, rate, low, high (a year per 100,000), in the order in which they are drawn.
    """
    order = rows["name"].to_list()
    base = alt.Chart(rows).encode(y=alt.Y("name:N", title=None, sort=order, axis=alt.Axis(labelColor=INK)))
    title = words.text("charts.monitor_rates.unit")
    axis = alt.Axis(format=",.0f", tickCount=6, grid=True, titleAlign="right", titleAnchor="end")
    return styled(
        alt.layer(
            base.mark_rule(color=SERIES[2], strokeWidth=3).encode(
                x=alt.X("low:Q", title=title, axis=axis), x2="high:Q"
            ),
            base.mark_point(filled=True, color=SERIES[0], size=62, opacity=1).encode(x=alt.X("rate:Q")),
            base.mark_point(filled=False, color=SERIES[1], size=46, strokeWidth=1.4, opacity=1).encode(
                x=alt.X("recorded:Q")
            ),
        ).properties(width=WIDTH - 240, height=alt.Step(19))
    )


def lorenz(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Lorenz curves of deaths over people, one a year, with the line of equal rates.

    Parameters
    ----------
    rows : DataFrame
        year, people_pct, deaths_pct: cumulative, the lowest rate first; two years at most.
    """
    years = sorted(rows["year"].unique().to_list())
    names = [str(year) for year in years]
    shown = rows.with_columns(name=pl.col("year").cast(pl.String))
    colours = dict(zip(years, [SERIES[2], SERIES[0]][-len(years) :], strict=True))
    scale = alt.Scale(domain=names, range=list(colours.values()))
    dash = alt.Scale(domain=names, range=[[6, 3], [1, 0]][-len(names) :])
    axis = alt.Axis(format=".0f", values=[0, 20, 40, 60, 80, 100])
    whole = alt.Scale(domain=[0, 100], nice=False)
    x = alt.X("people_pct:Q", title=words.text("charts.lorenz.people"), axis=axis, scale=whole)
    y = alt.Y("deaths_pct:Q", title=words.text("charts.lorenz.unit"), axis=axis, scale=whole)
    equal = (
        alt.Chart(pl.DataFrame({"people_pct": [0.0, 100.0], "deaths_pct": [0.0, 100.0]}))
        .mark_line(color=PALE, strokeWidth=1.2)
        .encode(x=x, y=y)
    )
    lines = (
        alt.Chart(shown)
        .mark_line(strokeWidth=2.2)
        .encode(
            x=x,
            y=y,
            color=alt.Color("name:N", scale=scale, legend=None),
            strokeDash=alt.StrokeDash("name:N", scale=dash, legend=None),
        )
    )
    # Both names stand where 70 percent of the people are reached: the upper curve's above it, the lower one's below.
    reached = {
        year: float(np.interp(70, *rows.filter(pl.col("year") == year).select("people_pct", "deaths_pct")))
        for year in years
    }
    upper = max(years, key=lambda year: (reached[year], -year))
    labels = []
    for year in years:
        align: Literal["left", "right"] = "right" if year == upper and len(years) > 1 else "left"
        shift = -9 if align == "right" else 9
        labels.append(
            alt.Chart(pl.DataFrame({"people_pct": [70.0], "deaths_pct": [reached[year]]}))
            .mark_text(align=align, dx=shift, dy=shift, fontSize=12, fontWeight=BOLD, color=colours[year])
            .encode(x=x, y=y, text=alt.value(str(year)))
        )
    return styled(alt.layer(equal, lines, *labels).properties(width=WIDTH - 62, height=380))


def onset(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Calendar of onset: how many municipalities of each state passed the level for good in each year.

    Parameters
    ----------
    rows : DataFrame
        state (name), year, municipalities; no row where there are none.
    """
    first, last = int(str(rows["year"].min())), int(str(rows["year"].max()))
    most = int(str(rows["municipalities"].max()))
    order = sorted(rows["state"].unique().to_list(), key=plain)
    base = alt.Chart(rows).encode(
        x=alt.X(
            "year:O",
            title=words.text("charts.onset.unit"),
            scale=alt.Scale(domain=list(range(first, last + 1))),
            axis=alt.Axis(labelAngle=0, labelOverlap=True, orient="top", titleAnchor="start", titlePadding=8),
        ),
        y=alt.Y("state:N", title=None, sort=order, axis=alt.Axis(labelColor=INK, grid=False)),
    )
    scale = alt.Scale(domain=[0, most], range=[RATE_SCALE[1], RATE_SCALE[3], RATE_SCALE[5]])
    cells = base.mark_rect(stroke="white").encode(
        color=alt.Color("municipalities:Q", scale=scale, legend=None)
    )
    numbers = base.mark_text(fontSize=9.5).encode(
        text=alt.Text("municipalities:Q", format=".0f"),
        color=alt.condition(f"datum.municipalities > {most * 0.4}", alt.value("white"), alt.value(INK)),
    )
    return styled(alt.layer(cells, numbers).properties(width=WIDTH - 150, height=alt.Step(17)))
