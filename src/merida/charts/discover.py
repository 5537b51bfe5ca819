"""The boxes of a discovery: how many of the worse draws each covers, and how many of its draws are worse."""

from __future__ import annotations

from collections.abc import Iterable

import altair as alt
import polars as pl

from merida.charts.theme import GREY, INK, SERIES, WIDTH, AnyChart, styled
from merida.words import Words


def trajectory(boxes: Iterable[tuple[float, float]], chosen: tuple[float, float], words: Words) -> AnyChart:
    """Density against coverage along the trajectory of boxes, with what was chosen marked.

    Parameters
    ----------
    boxes : iterable of (float, float)
        Coverage and density of each box, shares of 1, from that of all draws to the last.
    chosen : (float, float)
        Those of the limits that are told.
    """
    rows = pl.DataFrame(
        [(100 * coverage, 100 * density, at) for at, (coverage, density) in enumerate(boxes)],
        schema={"coverage": pl.Float64, "density": pl.Float64, "step": pl.Int64},
        orient="row",
    )
    mark = pl.DataFrame(
        [(100 * chosen[0], 100 * chosen[1], words.text("charts.discover.chosen"))],
        schema={"coverage": pl.Float64, "density": pl.Float64, "label": pl.String},
        orient="row",
    )
    scale = alt.Scale(domain=[0, 100])
    x = alt.X("coverage:Q", title=words.text("charts.discover.coverage"), scale=scale)
    y = alt.Y("density:Q", title=words.text("charts.discover.density"), scale=scale)
    base, here = alt.Chart(rows).encode(x, y), alt.Chart(mark).encode(x, y)
    return styled(
        alt.layer(
            base.mark_line(color=SERIES[2]).encode(order="step:Q"),
            base.mark_point(filled=True, size=30, color=GREY, opacity=1),
            here.mark_point(filled=True, size=150, shape="diamond", color=SERIES[1], opacity=1),
            here.mark_text(align="left", dx=10, dy=-8, color=INK).encode(text="label:N"),
        ).properties(width=WIDTH - 120, height=300)
    )
