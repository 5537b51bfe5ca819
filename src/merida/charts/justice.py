"""Charts of justice: unreported crime and the reform of the courts."""

from __future__ import annotations

from typing import Literal

import altair as alt
import polars as pl

from merida.charts.theme import BOLD, GREY, RULE, SERIES, WIDTH, AnyChart, styled
from merida.charts.violence import year_axis
from merida.words import Words


def dark_figure(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Crimes with no investigation file: the nation as a line, the range of the states as a band."""
    base = alt.Chart(rows).encode(x=year_axis())
    title = words.text("charts.dark_figure.unit")
    band = base.mark_area(color=RULE).encode(
        y=alt.Y("lowest_pct:Q", title=title, scale=alt.Scale(domain=[75, 100], clamp=True)),
        y2="highest_pct:Q",
    )
    line = base.mark_line(
        color=SERIES[0], strokeWidth=2.2, point=alt.OverlayMarkDef(color=SERIES[0], size=22)
    ).encode(y=alt.Y("nation_pct:Q", title=title))
    names: tuple[tuple[str, Literal[400, 600], str], ...] = (
        ("nation_pct", BOLD, SERIES[0]),
        ("lowest_pct", 400, GREY),
        ("highest_pct", 400, GREY),
    )
    last = alt.Chart(rows.sort("year").tail(1)).encode(x="year:Q")
    labels = [
        last.mark_text(align="left", dx=8, fontSize=11, fontWeight=weight, color=colour).encode(
            y=f"{column}:Q", text=alt.value(words.text(f"charts.dark_figure.{column}"))
        )
        for column, weight, colour in names
    ]
    return styled(alt.layer(band, line, *labels).properties(width=WIDTH - 62 - 6.3 * 14, height=200))


def reform(rows: pl.DataFrame, words: Words) -> AnyChart:
    """States with a court of the new system, added up by year."""
    years = pl.DataFrame(
        {"year": list(range(int(str(rows["year"].min())), int(str(rows["year"].max())) + 1))}
    )
    shown = years.join(rows, on="year", how="left").with_columns(
        states=pl.col("states").fill_null(0).cum_sum().cast(pl.Float64)
    )
    return styled(
        alt.Chart(shown)
        .mark_bar(color=SERIES[0])
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("states:Q", title=words.text("charts.reform.unit"), scale=alt.Scale(domain=[0, 32])),
        )
        .properties(width=WIDTH - 56, height=200)
    )
