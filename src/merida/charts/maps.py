"""Maps of municipalities: rates, their change, clusters."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import altair as alt
import polars as pl

from merida.charts.theme import GREY, INK, RATE_SCALE, RULE, WIDTH, AnyChart, styled
from merida.words import Words

DataSets = dict[str, list[dict[str, Any]]]

RATE_BREAKS = (1, 5, 10, 25, 50, 100)
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
    "high_among_low": "#c4714f",
    "low": "#9dbdd6",
    "low_among_high": "#d3e2ed",
    "none": "#f7f5f1",
}


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
            title=title, orient="bottom", columns=len(names), symbolType="square", symbolSize=150,
            symbolStrokeWidth=0.6, symbolStrokeColor=GREY, labelFontSize=11.5, titleFontSize=11.5,
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


def rate_map(
    rates: pl.DataFrame, municipalities: pl.DataFrame, states: pl.DataFrame, words: Words
) -> tuple[AnyChart, DataSets]:
    """Return the map of homicide rates: (municipality, rate_per_100k)."""
    names = rate_bands(words)
    bands = {
        code: names[sum(rate >= edge for edge in RATE_BREAKS)]
        for code, rate in rates.select("municipality", "rate_per_100k").iter_rows()
    }
    return shaded_map(bands, names, list(RATE_SCALE), words.text("charts.map.unit"), municipalities, states)


def rate_bands(words: Words) -> list[str]:
    """Return the names of the bands between `RATE_BREAKS`, lowest first."""
    return [
        words.text("charts.map.below", value=RATE_BREAKS[0]),
        *(f"{low}–{high}" for low, high in pairwise(RATE_BREAKS)),
        words.text("charts.map.above", value=RATE_BREAKS[-1]),
    ]


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
    bands = {code: names[change_band(ratio, rise)] for code, ratio, rise in changes.iter_rows()}
    return shaded_map(
        bands, list(names.values()), list(CHANGE_COLOURS.values()),
        words.text("charts.monitor_change.unit"), municipalities, states,
    )  # fmt: skip


def change_band(ratio: float, rise: float) -> str:
    """Return the band of a change: the ratio of the rates, and the probability of a rise."""
    if 0.1 < rise < 0.9:
        return "unproven"
    if ratio < 1:
        return "halved" if ratio <= 0.5 else "fell"
    return "doubled" if ratio >= 2 else "rose"


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
