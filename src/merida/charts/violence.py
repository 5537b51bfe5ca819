"""Charts and maps of violence."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import polars as pl

from merida.charts.theme import DASHES, GREY, INK, PALE, RATE_SCALE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words

RATE_BREAKS = (1, 5, 10, 25, 50, 100)


def year_axis(title: str | None = None) -> alt.X:
    """Return an axis of years."""
    return alt.X(
        "year:Q",
        title=title,
        axis=alt.Axis(format="d", tickMinStep=1),
        scale=alt.Scale(zero=False, nice=False),
    )


def labelled_lines(
    rows: pl.DataFrame,
    series: list[tuple[str, str]],
    column: str,
    value: str,
    title: str,
    height: int = 260,
    value_format: str = ",.0f",
    label_room: int = 150,
) -> AnyChart:
    """Return one line a series with its name at the line's end, told apart by dash and lightness.

    Parameters
    ----------
    rows : DataFrame
        With `year`, the series' key in `column` and the measure in `value`.
    series : list of (key, name)
        The series in the order of their colours, and what each is called on the chart.
    """
    names = dict(series)
    shown = rows.filter(pl.col(column).is_in([key for key, _ in series])).with_columns(
        name=pl.col(column).replace_strict(names, default=None)
    )
    domain = [name for key, name in series if key in shown[column].to_list()]
    ends = shown.sort("year").group_by("name", maintain_order=True).last()
    # Labels of lines that end close together are moved apart, in units of the vertical axis.
    gap = float(str(shown[value].max() or 1)) * 16 / height
    placed: list[dict[str, Any]] = []
    for end in sorted(ends.to_dicts(), key=lambda row: row[value]):
        floor = placed[-1]["label_at"] + gap if placed else float("-inf")
        placed.append({**end, "label_at": max(end[value], floor)})
    scale = alt.Scale(domain=domain, range=list(SERIES[: len(domain)]))
    dash = alt.Scale(domain=domain, range=[list(pattern) for pattern in DASHES[: len(domain)]])
    base = alt.Chart(shown).encode(x=year_axis())
    lines = base.mark_line(strokeWidth=2.2).encode(
        y=alt.Y(f"{value}:Q", title=title, axis=alt.Axis(format=value_format)),
        color=alt.Color("name:N", scale=scale, legend=None),
        strokeDash=alt.StrokeDash("name:N", scale=dash, legend=None),
    )
    labels = (
        alt.Chart(pl.DataFrame(placed))
        .mark_text(align="left", dx=6, fontSize=11, fontWeight=600)
        .encode(
            x="year:Q", y="label_at:Q", text="name:N", color=alt.Color("name:N", scale=scale, legend=None)
        )
    )
    return styled((lines + labels).properties(width=WIDTH - label_room, height=height))


def national(rows: pl.DataFrame, organised_crime: pl.DataFrame, words: Words) -> AnyChart:
    """Homicides of the nation by year on both bases, and deaths attributed to organised crime."""
    both = pl.concat(
        [
            rows.select("year", pl.col("basis").alias("series"), pl.col("deaths").cast(pl.Float64)),
            organised_crime.select(
                "year", pl.lit("organised_crime").alias("series"), pl.col("deaths").cast(pl.Float64)
            ),
        ]
    )
    series = [
        (key, words.text(f"charts.national.{key}"))
        for key in ("registration", "occurrence", "organised_crime")
    ]
    return labelled_lines(
        both, series, "series", "deaths", words.text("charts.national.unit"), label_room=170
    )


def states(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Homicide rate of every state by year, small multiples on one scale, the nation's median state in grey."""
    median = rows.group_by("year").agg(median=pl.col("rate_per_100k").median())
    shown = rows.join(median, on="year").select("year", "name", "rate_per_100k", "median")
    years = shown["year"]
    ticks = sorted({int(str(years.min())), int(str(years.max()))})
    base = alt.Chart(shown).encode(
        x=alt.X(
            "year:Q",
            title=None,
            axis=alt.Axis(format="d", values=ticks, labelAlign="center", labelFontSize=9),
            scale=alt.Scale(nice=False, padding=2),
        )
    )
    axis = alt.Axis(tickCount=3, labelFontSize=9)
    panel = alt.layer(
        base.mark_line(strokeWidth=1, color=PALE).encode(y=alt.Y("median:Q", title=None, axis=axis)),
        base.mark_line(strokeWidth=1.8, color=SERIES[0]).encode(
            y=alt.Y("rate_per_100k:Q", title=None, axis=axis)
        ),
    ).properties(width=116, height=58)
    return styled(
        panel.facet(
            facet=alt.Facet(
                "name:N", title=None, sort="ascending", header=alt.Header(labelFontSize=10.5, labelPadding=2)
            ),
            columns=5,
            spacing={"row": 10, "column": 14},
        )
    )


def municipal_map(
    rates: pl.DataFrame, municipalities: pl.DataFrame, states: pl.DataFrame, words: Words
) -> tuple[AnyChart, dict[str, list[dict[str, Any]]]]:
    """Return the map of municipal homicide rates, and the data sets that it names.

    Parameters
    ----------
    rates : DataFrame
        municipality, rate_per_100k.
    municipalities, states : DataFrame
        Code and `geometry` (GeoJSON text). The geometry is handed over beside the chart, since Altair is slow
        with large inline data.
    """
    rate = dict(rates.select("municipality", "rate_per_100k").iter_rows())
    features = [
        {"type": "Feature", "geometry": json.loads(shape), "properties": {"rate": rate.get(code)}}
        for code, shape in municipalities.select("municipality", "geometry").iter_rows()
    ]
    borders = [
        {"type": "Feature", "geometry": json.loads(shape), "properties": {}}
        for shape in states["geometry"].to_list()
    ]
    legend = alt.Legend(
        title=words.text("charts.map.unit"),
        orient="none",
        legendX=20,
        legendY=300,
        type="symbol",
        symbolType="square",
        symbolSize=160,
        symbolStrokeWidth=0.5,
        labelFontSize=11,
        labelExpr=f"datum.index == 0 ? '{words.text('charts.map.below', value=RATE_BREAKS[0])}' : "
        f"datum.index == {len(RATE_BREAKS)} ? '{words.text('charts.map.above', value=RATE_BREAKS[-1])}' : datum.label",
    )
    fill = alt.condition(
        "isValid(datum.properties.rate)",
        alt.Color(
            "properties.rate:Q",
            scale=alt.Scale(type="threshold", domain=list(RATE_BREAKS), range=list(RATE_SCALE)),
            legend=legend,
        ),
        alt.value("white"),
    )
    chart = (
        alt.layer(
            alt.Chart(alt.NamedData("municipalities"))
            .mark_geoshape(stroke="white", strokeWidth=0.15)
            .encode(color=fill),
            alt.Chart(alt.NamedData("borders")).mark_geoshape(filled=False, stroke=INK, strokeWidth=0.5),
        )
        .project("mercator")
        .properties(width=WIDTH, height=460)
    )
    return styled(chart), {"municipalities": features, "borders": borders}


def spread(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Municipalities at or above each threshold of homicides a year."""
    shown = rows.select(
        "year", pl.col("threshold").cast(pl.String), pl.col("municipalities").cast(pl.Float64)
    )
    series = [
        (str(key), words.text("charts.spread.series", threshold=key))
        for key in sorted(rows["threshold"].unique().to_list())
    ]
    return labelled_lines(
        shown, series, "threshold", "municipalities", words.text("charts.spread.unit"), height=220
    )


def concentration(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Share of the deaths in the worst municipalities of each year."""
    shown = rows.select("year", pl.col("worst").cast(pl.String), pl.col("share_pct").cast(pl.Float64))
    series = [
        (str(key), words.text("charts.concentration.series", worst=key))
        for key in sorted(rows["worst"].unique().to_list(), reverse=True)
    ]
    return labelled_lines(
        shown, series, "worst", "share_pct", words.text("charts.concentration.unit"), height=220
    )


def other_crimes(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Victims of other crimes by year, one panel a crime, each on its own scale."""
    shown = rows.with_columns(
        name=pl.col("crime").map_elements(
            lambda crime: words.text(f"crimes.{crime}"), return_dtype=pl.String
        ),
        victims=pl.col("victims").cast(pl.Float64),
    )
    panel = (
        alt.Chart(shown)
        .mark_line(strokeWidth=2, color=SERIES[0], point=alt.OverlayMarkDef(color=SERIES[0], size=18))
        .encode(
            x=alt.X(
                "year:Q", title=None, axis=alt.Axis(format="d", tickMinStep=2), scale=alt.Scale(nice=False)
            ),
            y=alt.Y("victims:Q", title=None, axis=alt.Axis(format=",.0f", tickCount=4)),
        )
        .properties(width=280, height=120)
    )
    return styled(
        panel.facet(facet=alt.Facet("name:N", title=None), columns=2, spacing=24).resolve_scale(
            y="independent"
        )
    )


def leaders(rows: pl.DataFrame, words: Words) -> AnyChart:
    """When each leader of the list of 37 was removed, by organisation."""
    shown = rows.with_columns(
        date=pl.col("month") + "-01",
        event=pl.col("event").map_elements(
            lambda event: words.text(f"events.{event}"), return_dtype=pl.String
        ),
    )
    events = sorted(set(shown["event"].to_list()))
    return styled(
        alt.Chart(shown)
        .mark_point(size=90, filled=False, strokeWidth=2, color=SERIES[0], opacity=1)
        .encode(
            x=alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year")),
            y=alt.Y(
                "organisation:N",
                title=None,
                axis=alt.Axis(grid=True, labelFontSize=11, labelColor=INK),
                sort="ascending",
            ),
            shape=alt.Shape(
                "event:N",
                scale=alt.Scale(
                    domain=events, range=["circle", "cross", "triangle-up", "square"][: len(events)]
                ),
                legend=alt.Legend(title=None, orient="top", symbolStrokeColor=GREY),
            ),
        )
        .properties(width=WIDTH - 170, height=alt.Step(24))
    )
