"""What was said at a past date beside what happened: a band, its median, and points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt
import polars as pl

from merida.charts.theme import SERIES, WIDTH, AnyChart, styled
from merida.words import Words

TABLES = ("homicides_month", "homicides_state_month", "population")


def said_and_happened(lines: Iterable[Any], words: Words) -> AnyChart:
    """Return homicides by year: the interval and median of what was said as band and line, what happened as points.

    Parameters
    ----------
    lines : iterable
        Each with ``year``, ``low``, ``median``, ``high`` and ``happened``.
    """
    names = ("year", "low", "median", "high", "happened")
    rows = pl.DataFrame([{name: float(getattr(line, name)) for name in names} for line in lines])
    said, happened = (words.text(f"charts.hindcast.{name}") for name in ("said", "happened"))
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d", tickMinStep=1))
    y = alt.Y("value:Q", title=words.text("charts.hindcast.unit"), axis=alt.Axis(format=",.0f"))
    scale = alt.Scale(domain=[said, happened], range=[SERIES[2], SERIES[1]])
    colour = alt.Color("series:N", title=None, scale=scale, legend=alt.Legend(orient="bottom"))
    base = alt.Chart(rows)
    band = base.mark_area(opacity=0.25, color=SERIES[2]).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    median = (
        base.transform_calculate(value="datum.median", series=f"'{said}'").mark_line().encode(x, y, colour)
    )
    points = (
        base.transform_calculate(value="datum.happened", series=f"'{happened}'")
        .mark_point(filled=True, size=60)
        .encode(x, y, colour)
    )
    return styled(alt.layer(band, median, points).properties(width=WIDTH - 62, height=260))
