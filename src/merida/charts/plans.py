"""Charts of what plans do beside each other."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.theme import INK, PALE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words


def averted(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Homicides that a plan averts beside others in so many first years: median on the bar of its interval.

    Parameters
    ----------
    rows : DataFrame
        versus, years, low, middle, high; in the order in which they are shown.
    """
    shown = rows.with_columns(
        name=pl.struct("versus", "years").map_elements(
            lambda row: words.text("charts.plans.row", versus=row["versus"], count=row["years"]),
            return_dtype=pl.String,
        )
    )
    base = alt.Chart(shown).encode(
        y=alt.Y(
            "name:N", title=None, sort=shown["name"].to_list(), axis=alt.Axis(labelColor=INK, domain=False)
        )
    )
    nothing = alt.Chart(pl.DataFrame({"at": [0.0]})).mark_rule(color=INK, strokeDash=[2, 2]).encode(x="at:Q")
    axis = alt.X("low:Q", title=words.text("charts.plans.unit"))
    return styled(
        alt.layer(
            base.mark_bar(height=7, color=PALE).encode(x=axis, x2="high:Q"),
            nothing,
            base.mark_point(filled=True, size=48, color=SERIES[0], opacity=1).encode(x="middle:Q"),
        ).properties(width=WIDTH - 300, height=alt.Step(24))
    )


def boxes(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Boxes of draws in which a plan does worse, by how many of those they cover and how purely.

    Parameters
    ----------
    rows : DataFrame
        coverage, density (percent), chosen (a truth value): one row a box, in the order in which they were peeled.
    """
    percent = alt.Scale(domain=[0, 100])
    base = alt.Chart(rows).encode(
        x=alt.X("coverage:Q", title=words.text("charts.discover.coverage"), scale=percent),
        y=alt.Y("density:Q", title=words.text("charts.discover.density"), scale=percent),
    )
    return styled(
        alt.layer(
            base.mark_point(size=30, color=SERIES[2], opacity=1),
            base.mark_point(filled=True, size=90, color=SERIES[0], opacity=1).transform_filter(
                "datum.chosen"
            ),
        ).properties(width=WIDTH - 300, height=220)
    )
