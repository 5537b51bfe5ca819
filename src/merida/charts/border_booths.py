"""The chart of what waits do after a booth opened, by kind of lane."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.theme import GREY, SERIES, WIDTH, AnyChart, styled
from merida.words import Words

COLUMNS = 3


def response_to_booths(rows: pl.DataFrame, words: Words) -> AnyChart:
    """The change of the wait in the hours after an opening, one panel a kind of lane, one line for each match.

    Parameters
    ----------
    rows : DataFrame
        kind (as shown), match (``matched``, ``sharper``), hour (after the opening), low, middle, high; minutes.
    """
    names = {match: words.text(f"charts.border_booths.{match}") for match in ("matched", "sharper")}
    shown = rows.with_columns(name=pl.col("match").replace_strict(names))
    order = shown["kind"].unique(maintain_order=True).to_list()
    base = alt.Chart(shown).encode(
        x=alt.X(
            "hour:Q",
            title=words.text("charts.border_booths.hour"),
            axis=alt.Axis(values=[0, 1, 2, 3], format="d"),
            scale=alt.Scale(nice=False),
        ),
        color=alt.Color(
            "name:N",
            title=None,
            scale=alt.Scale(domain=list(names.values()), range=list(SERIES[:2])),
            legend=alt.Legend(orient="bottom", columns=1, labelLimit=0, symbolType="stroke", symbolOpacity=1),
        ),
    )
    y = alt.Y("middle:Q", title=words.text("charts.border_booths.unit"), axis=alt.Axis(tickCount=5))
    panel = alt.layer(
        base.mark_area(opacity=0.16).encode(y=alt.Y("low:Q", title=None), y2="high:Q"),
        base.mark_line(strokeWidth=2.0, point=alt.OverlayMarkDef(size=22)).encode(y=y),
        alt.Chart(shown).mark_rule(color=GREY, strokeWidth=0.8).encode(y=alt.datum(0)),
    ).properties(width=(WIDTH - 50 * COLUMNS) / COLUMNS, height=130)
    return styled(panel.facet(facet=alt.Facet("kind:N", title=None, sort=order), columns=COLUMNS, spacing=20))
