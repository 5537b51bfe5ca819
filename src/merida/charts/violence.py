"""Charts of violence."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from merida.charts.theme import BOLD, DASHES, GREY, INK, PALE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words, plain

EVENT_SHAPES = {
    "captured": "circle",
    "killed": "cross",
    "reported_killed": "triangle-up",
    "surrendered": "square",
}


def year_axis() -> alt.X:
    """Return an axis of years."""
    return alt.X(
        "year:Q",
        title=None,
        axis=alt.Axis(format="d", tickMinStep=1, tickCount=8),
        scale=alt.Scale(zero=False, nice=False),
    )


def labelled_lines(
    rows: pl.DataFrame,
    series: list[tuple[str, str]],
    column: str,
    value: str,
    title: str,
    height: int = 240,
) -> AnyChart:
    """Return one line a series with its name at the line's end, told apart by dash and lightness.

    Parameters
    ----------
    rows : DataFrame
        With `year`, the series' key in `column` and the measure in `value`.
    series : list of (key, name)
        The series in the order of their colours, and what each is called on the chart.
    column, value : str
        The columns of `rows` that hold the key and the measure.
    title : str
        The measure and its unit.
    height : int
        Of the plot, in px.
    """
    names = dict(series)
    shown = rows.filter(pl.col(column).is_in(list(names))).with_columns(
        pl.col("year").cast(pl.Int64),
        pl.col(value).cast(pl.Float64),
        name=pl.col(column).replace_strict(names, default=None),
    )
    domain = [name for key, name in series if key in shown[column].to_list()]
    scale = alt.Scale(domain=domain, range=list(SERIES[: len(domain)]))
    dash = alt.Scale(domain=domain, range=[list(pattern) for pattern in DASHES[: len(domain)]])
    # Plot, axis (about 54 px) and labels (about 6.3 px a letter) fill the page's column.
    width = WIDTH - 62 - 6.3 * max(len(name) for name in domain)
    lines = (
        alt.Chart(shown)
        .mark_line(strokeWidth=2.2)
        .encode(
            x=year_axis(),
            y=alt.Y(
                f"{value}:Q", title=title, axis=alt.Axis(format=",.0f", tickCount=6), scale=alt.Scale(nice=6)
            ),
            color=alt.Color("name:N", scale=scale, legend=None),
            strokeDash=alt.StrokeDash("name:N", scale=dash, legend=None),
        )
    )
    ends = alt.Chart(pl.DataFrame(label_places(shown, value, height))).encode(
        x="year:Q", y="label_at:Q", text="name:N"
    )
    halo = ends.mark_text(align="left", dx=6, fontSize=11, fontWeight=BOLD, stroke="white", strokeWidth=4)
    labels = ends.mark_text(align="left", dx=6, fontSize=11, fontWeight=BOLD).encode(
        color=alt.Color("name:N", scale=scale, legend=None)
    )
    return styled((lines + halo + labels).properties(width=width, height=height))


def label_places(shown: pl.DataFrame, value: str, height: int) -> list[dict[str, Any]]:
    """Return the end of each line, with labels that would overlap moved apart along the vertical axis."""
    ends = shown.sort("year").group_by("name", maintain_order=True).last().sort(value).to_dicts()
    gap = float(str(shown[value].max() or 1)) * 15 / height
    last_year = max(end["year"] for end in ends)
    placed: list[dict[str, Any]] = []
    for end in ends:
        crowded = [
            other["label_at"]
            for other in placed
            if last_year - 4 < other["year"] and last_year - 4 < end["year"]
        ]
        placed.append({**end, "label_at": max([end[value], *(at + gap for at in crowded)])})
    return placed


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
        both,
        series,
        "series",
        "deaths",
        words.text("charts.national.unit"),
    )


def states(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Homicide rate of every state by year, small multiples on one scale, the nation's median state in grey."""
    median = rows.group_by("year").agg(median=pl.col("rate_per_100k").median())
    shown = rows.join(median, on="year").select("year", "name", "rate_per_100k", "median")
    years, order = shown["year"], sorted(shown["name"].unique().to_list(), key=plain)
    ticks = sorted({int(str(years.min())), int(str(years.max()))})
    base = alt.Chart(shown).encode(
        x=alt.X(
            "year:Q",
            title=None,
            axis=alt.Axis(format="d", values=ticks, labelFlush=True, labelFontSize=9),
            scale=alt.Scale(nice=False),
        )
    )
    axis = alt.Axis(tickCount=3, labelFontSize=9)
    panel = alt.layer(
        base.mark_line(strokeWidth=1, color=PALE).encode(y=alt.Y("median:Q", title=None, axis=axis)),
        base.mark_line(strokeWidth=1.8, color=SERIES[0]).encode(
            y=alt.Y("rate_per_100k:Q", title=None, axis=axis)
        ),
    ).properties(width=100, height=78)
    return styled(
        panel.facet(
            facet=alt.Facet(
                "name:N", title=None, sort=order, header=alt.Header(labelFontSize=10.5, labelPadding=2)
            ),
            columns=6,
            spacing={"row": 10, "column": 14},
        )
    )


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
            y=alt.Y(
                "victims:Q", title=None, axis=alt.Axis(format=",.0f", tickCount=4), scale=alt.Scale(nice=4)
            ),
        )
        .properties(width=(WIDTH - 130) / 2, height=120)
    )
    return styled(
        panel.facet(facet=alt.Facet("name:N", title=None), columns=2, spacing=24).resolve_scale(
            y="independent"
        )
    )


def missing(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Missing persons by year of the event beside homicides registered in the year; the lines are never added."""
    names = ("deaths", "registered", "not_located", "found_dead")
    shown = rows.unpivot(names, index="year", variable_name="series", value_name="persons").drop_nulls()
    series = [(name, words.text(f"charts.missing.{name}")) for name in names]
    return labelled_lines(shown, series, "series", "persons", words.text("charts.missing.unit"))


def leaders(rows: pl.DataFrame, words: Words) -> AnyChart:
    """When each leader of the list of 37 was removed, by organisation."""
    shown = rows.with_columns(
        date=pl.col("month") + "-01",
        event=pl.col("event").map_elements(
            lambda event: words.text(f"events.{event}"), return_dtype=pl.String
        ),
        organisation=pl.col("organisation").map_elements(
            lambda name: words.named("organisations", name), return_dtype=pl.String
        ),
    )
    present = [event for event in EVENT_SHAPES if event in rows["event"].to_list()]
    return styled(
        alt.Chart(shown)
        .mark_point(size=90, filled=False, strokeWidth=2, color=SERIES[0], opacity=1)
        .encode(
            x=alt.X(
                "date:T",
                title=None,
                axis=alt.Axis(format="%Y", tickCount="year"),
                scale=alt.Scale(padding=12),
            ),
            y=alt.Y(
                "organisation:N",
                title=None,
                axis=alt.Axis(grid=True, labelFontSize=11, labelColor=INK),
                sort="ascending",
            ),
            shape=alt.Shape(
                "event:N",
                scale=alt.Scale(
                    domain=[words.text(f"events.{event}") for event in present],
                    range=[EVENT_SHAPES[event] for event in present],
                ),
                legend=alt.Legend(title=None, orient="bottom", symbolStrokeColor=GREY),
            ),
        )
        .properties(width=WIDTH - 150, height=alt.Step(24))
    )
