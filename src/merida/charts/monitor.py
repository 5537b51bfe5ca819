"""Charts of the monitor: a place's months with their levels, rates with intervals, maps, Lorenz curve, onset."""

from __future__ import annotations

import json
from typing import Any, Literal

import altair as alt
import polars as pl

from merida.charts.theme import GREY, INK, PALE, RATE_SCALE, RULE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words

DataSets = dict[str, list[dict[str, Any]]]

# Lightness alone tells the bands apart in grey: falls pale and cold, rises dark and warm.
CHANGE_COLOURS = {
    "halved": "#9dbdd6",
    "fell": "#cfdfeb",
    "unproven": "#f7f5f1",
    "rose": "#c4714f",
    "doubled": "#5e1f1c",
}
CLUSTER_COLOURS = {
    "high": "#943f2b",
    "high_among_low": "#e0a184",
    "low": "#86abc8",
    "low_among_high": "#d3e2ed",
    "none": "#f7f5f1",
}


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
    base = alt.Chart(rows).encode(
        y=alt.Y("name:N", title=None, sort=order, axis=alt.Axis(labelColor=INK, labelLimit=300))
    )
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


def shaded_map(
    bands: dict[str, str],
    names: list[str],
    colours: list[str],
    title: str,
    municipalities: pl.DataFrame,
    states: pl.DataFrame,
) -> tuple[AnyChart, DataSets]:
    """Return a map of municipalities in named bands, and the data sets that it names.

    Parameters
    ----------
    bands : dict
        The name of each municipality's band, by code.
    names, colours : list of str
        The bands in the order of the legend, and their colours.
    title : str
        Of the legend.
    municipalities, states : DataFrame
        Code and `geometry` (GeoJSON text), handed over beside the chart: Altair is slow with large inline data.
    """

    def features(rows: pl.DataFrame, column: str) -> list[dict[str, Any]]:
        return [
            {"type": "Feature", "geometry": json.loads(shape), "properties": {"band": bands.get(code)}}
            for code, shape in rows.select(column, "geometry").iter_rows()
        ]

    fill = alt.Color(
        "properties.band:N",
        scale=alt.Scale(domain=names, range=colours),
        legend=alt.Legend(
            title=title, orient="bottom", columns=3, symbolType="square", symbolSize=170,
            symbolStrokeWidth=0.6, symbolStrokeColor=GREY, labelFontSize=12, titleFontSize=12, labelLimit=320,
            titleLimit=WIDTH,
        ),
    )  # fmt: skip
    chart = (
        alt.layer(
            alt.Chart(alt.NamedData("municipalities"))
            .mark_geoshape(stroke=RULE, strokeWidth=0.25)
            .encode(color=fill),
            alt.Chart(alt.NamedData("borders")).mark_geoshape(filled=False, stroke=INK, strokeWidth=0.5),
        )
        .project("mercator")
        .properties(width=WIDTH, height=470)
    )
    data = {"municipalities": features(municipalities, "municipality"), "borders": features(states, "state")}
    return styled(chart), data


def change_map(
    changes: pl.DataFrame, municipalities: pl.DataFrame, states: pl.DataFrame, words: Words
) -> tuple[AnyChart, DataSets]:
    """Return the map of changes of the rate; what is not 90 % probable stays blank.

    Parameters
    ----------
    changes : DataFrame
        municipality, ratio (of the underlying rates), probability_of_rise (from 0 to 1).
    """
    names = {band: words.text(f"charts.monitor_change.{band}") for band in CHANGE_COLOURS}

    def band(ratio: float, rise: float) -> str:
        if 0.1 < rise < 0.9:
            return "unproven"
        if ratio < 1:
            return "halved" if ratio <= 0.5 else "fell"
        return "doubled" if ratio >= 2 else "rose"

    bands = {code: names[band(ratio, rise)] for code, ratio, rise in changes.iter_rows()}
    return shaded_map(
        bands, list(names.values()), list(CHANGE_COLOURS.values()),
        words.text("charts.monitor_change.unit"), municipalities, states,
    )  # fmt: skip


def cluster_map(
    kinds: pl.DataFrame, municipalities: pl.DataFrame, states: pl.DataFrame, words: Words
) -> tuple[AnyChart, DataSets]:
    """Return the map of clusters: (municipality, kind)."""
    names = {kind: words.text(f"charts.monitor_clusters.{kind}") for kind in CLUSTER_COLOURS}
    bands = {code: names[kind] for code, kind in kinds.iter_rows()}
    return shaded_map(
        bands, list(names.values()), list(CLUSTER_COLOURS.values()),
        words.text("charts.monitor_clusters.unit"), municipalities, states,
    )  # fmt: skip


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
    scale = alt.Scale(domain=names, range=[SERIES[2], SERIES[0]][-len(names) :])
    dash = alt.Scale(domain=names, range=[[6, 3], [1, 0]][-len(names) :])
    axis = alt.Axis(format=".0f", values=[0, 20, 40, 60, 80, 100])
    x = alt.X("people_pct:Q", title=words.text("charts.lorenz.people"), axis=axis)
    y = alt.Y("deaths_pct:Q", title=words.text("charts.lorenz.unit"), axis=axis)
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
    # The earlier year's label stands to the left of its curve, the later one's to the right.
    sides: tuple[tuple[Literal["left", "right"], int, str], ...] = (
        ("left", 9, SERIES[0]),
        ("right", -9, SERIES[2]),
    )
    labels = [
        alt.Chart(rows.filter((pl.col("year") == year) & (pl.col("people_pct") >= 70)).head(1))
        .mark_text(align=align, dx=shift, dy=shift, fontSize=12, fontWeight=600, color=colour)
        .encode(x=x, y=y, text=alt.value(str(year)))
        for year, (align, shift, colour) in zip(years[::-1], sides, strict=False)
    ]
    return styled(alt.layer(equal, lines, *labels).properties(width=400, height=330))


def onset(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Calendar of onset: how many municipalities of each state passed the level for good in each year.

    Parameters
    ----------
    rows : DataFrame
        state (name), year, municipalities; no row where there are none.
    """
    first, last = int(str(rows["year"].min())), int(str(rows["year"].max()))
    most = int(str(rows["municipalities"].max()))
    base = alt.Chart(rows).encode(
        x=alt.X(
            "year:O",
            title=words.text("charts.onset.unit"),
            scale=alt.Scale(domain=list(range(first, last + 1))),
            axis=alt.Axis(labelAngle=0, labelOverlap=True, orient="top", titleAnchor="start", titlePadding=8),
        ),
        y=alt.Y("state:N", title=None, sort="ascending", axis=alt.Axis(labelColor=INK, grid=False)),
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
