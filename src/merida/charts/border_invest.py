"""Charts of what investments gain at the border."""

from __future__ import annotations

import json

import altair as alt
import polars as pl

from merida.charts.maps import DataSets
from merida.charts.theme import GREY, INK, PALE, RULE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words

CENTRE, SCALE = (-107.0, 29.4), 1820  # of the map: the border from the Pacific to the Gulf
SURE = {"sure": SERIES[0], "likely": SERIES[2], "open": PALE}


def ranking(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Dollars gained for a dollar: the median as a point on the bar of its 90 % interval, the best first.

    Parameters
    ----------
    rows : DataFrame
        crossing, mode, what, low, middle, high; in the order in which they are shown.
    """
    shown = rows.with_columns(
        name=pl.concat_str(
            [
                pl.col("crossing"),
                pl.col("mode").map_elements(
                    lambda mode: words.text(f"border.modes.{mode}"), return_dtype=pl.String
                ),
                pl.col("what").map_elements(
                    lambda what: words.text(f"border_invest.short.{what}"), return_dtype=pl.String
                ),
            ],
            separator=" · ",
        )
    )
    order = shown["name"].to_list()
    base = alt.Chart(shown).encode(
        y=alt.Y("name:N", title=None, sort=order, axis=alt.Axis(labelColor=INK, domain=False))
    )
    # A gain may be negative and the best is hundreds of times the least: linear about zero, logarithmic beyond.
    title = words.text("charts.border_ranking.unit")
    marks = sorted({-10, -1, 0, 1, 10, 100, 1000})
    low, high = float(shown["low"].min() or 0), float(shown["high"].max() or 1)  # type: ignore[arg-type]
    scale = alt.Scale(type="symlog", constant=1, domain=[min(low, 0), max(high, 1)], nice=False)
    ticks = [mark for mark in marks if min(low, 0) * 1.5 <= mark <= high * 1.5]
    along = alt.Axis(values=ticks, grid=True, gridColor=RULE, domain=False)
    return styled(
        alt.layer(
            base.mark_bar(height=7, color=PALE).encode(
                x=alt.X("low:Q", title=title, scale=scale, axis=along), x2="high:Q"
            ),
            base.mark_point(filled=True, size=52, color=SERIES[0], opacity=1).encode(
                x=alt.X("middle:Q", scale=scale, title=title)
            ),
            alt.Chart(pl.DataFrame({"one": [1.0]}))
            .mark_rule(color=SERIES[1], strokeDash=[4, 3])
            .encode(x=alt.X("one:Q", scale=scale)),
        ).properties(width=WIDTH - 360, height=alt.Step(22))
    )


def gain_map(rows: pl.DataFrame, states: pl.DataFrame, words: Words) -> tuple[AnyChart, DataSets]:
    """Return the map of what one investment gains at each port, and the data set that it names.

    Parameters
    ----------
    rows : DataFrame
        name, latitude, longitude, low, middle, high: dollars gained for a dollar at the port's best crossing.
    states : DataFrame
        `geometry` (GeoJSON text) of the Mexican states.
    """
    names = {kind: words.text(f"charts.border_map.{kind}") for kind in SURE}

    def kind(low: float, middle: float) -> str:
        return names["sure" if low >= 1 else "likely" if middle >= 1 else "open"]

    shown = rows.with_columns(
        kind=pl.struct("low", "middle").map_elements(
            lambda row: kind(row["low"], row["middle"]), return_dtype=pl.String
        ),
        size=pl.col("middle").clip(lower_bound=0),
    ).sort("middle", descending=True)
    circles = alt.Chart(shown).encode(
        size=alt.Size(
            "size:Q",
            title=words.text("charts.border_map.unit"),
            scale=alt.Scale(type="sqrt", range=[16, 700]),
            legend=alt.Legend(orient="bottom", symbolFillColor=GREY, symbolStrokeColor=GREY),
        ),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=list(names.values()), range=list(SURE.values())),
            legend=alt.Legend(orient="bottom", symbolType="circle", columns=3),
        ),
    )
    return on_border(circles, shown, states)


def on_border(circles: alt.Chart, ports: pl.DataFrame, states: pl.DataFrame) -> tuple[AnyChart, DataSets]:
    """Return the map of ports as circles on the Mexican states, named where there is room, and the data set it names.

    Parameters
    ----------
    circles : Chart
        Of `ports`, with size and colour.
    ports : DataFrame
        name, longitude, latitude; the first are named first.
    states : DataFrame
        `geometry` (GeoJSON text) of the Mexican states.
    """
    place = {"longitude": "longitude:Q", "latitude": "latitude:Q"}
    land = alt.Chart(alt.NamedData("borders")).mark_geoshape(
        fill="#f7f5f1", stroke=RULE, strokeWidth=0.8, clip=True
    )
    names = alt.Chart(apart(ports)).encode(**place, text="name:N")
    chart = (
        alt.layer(
            land,
            circles.encode(**place).mark_circle(opacity=0.9, stroke="white", strokeWidth=0.7),
            names.mark_text(dy=-24, color=INK, fontSize=11.5, clip=True),
        )
        .project("mercator", center=list(CENTRE), scale=SCALE, translate=[WIDTH / 2, 170])
        .properties(width=WIDTH, height=340)
    )
    return styled(chart), borders(states)


def borders(states: pl.DataFrame) -> DataSets:
    """Return the Mexican states as the data set that the maps of the border name."""
    return {
        "borders": [
            {"type": "Feature", "geometry": json.loads(shape), "properties": {}}
            for shape in states["geometry"].to_list()
        ]
    }


def apart(rows: pl.DataFrame, degrees: float = 2.4) -> pl.DataFrame:
    """Return the rows whose names stand clear of one another, the first first."""
    kept: dict[float, int] = {}
    for at, longitude in enumerate(rows["longitude"]):
        if all(abs(longitude - other) >= degrees for other in kept):
            kept[longitude] = at
    return rows[list(kept.values())]
