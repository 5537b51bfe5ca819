"""Charts of the border."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.theme import SERIES, WIDTH, AnyChart, styled
from merida.words import Words


def crossings(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Crossings from Mexico by year, one panel a mode, each on its own scale from zero, in millions."""
    order = [words.text(f"modes.{mode}") for mode in ("trucks", "personal_vehicles", "pedestrians")]
    shown = rows.with_columns(
        name=pl.col("measure").map_elements(lambda mode: words.text(f"modes.{mode}"), return_dtype=pl.String),
        millions=pl.col("crossings") / 1e6,
    )
    panel = (
        alt.Chart(shown)
        .mark_line(strokeWidth=2.2, color=SERIES[0])
        .encode(
            x=alt.X(
                "year:Q", title=None, axis=alt.Axis(format="d", tickCount=4), scale=alt.Scale(nice=False)
            ),
            y=alt.Y("millions:Q", title=None, axis=alt.Axis(tickCount=4), scale=alt.Scale(nice=4)),
        )
        .properties(width=(WIDTH - 150) / 3, height=150)
    )
    return styled(
        panel.facet(facet=alt.Facet("name:N", title=None, sort=order), columns=3, spacing=24).resolve_scale(
            y="independent"
        )
    )
