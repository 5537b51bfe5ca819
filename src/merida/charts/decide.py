"""Charts of decisions: what it is worth to know, and which plans are efficient."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.theme import GREY, INK, PALE, SERIES, WIDTH, AnyChart, styled


def worths(rows: pl.DataFrame, unit: str, whole: float) -> AnyChart:
    """What it is worth to know each parameter, on the bar of its error, beside what it is worth to know everything.

    Parameters
    ----------
    rows : DataFrame
        name, value, low, high; in the order in which they are shown.
    unit : str
        What is counted, for the axis.
    whole : float
        The value of knowing everything, drawn as a line.
    """
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "name:N",
            title=None,
            sort=rows["name"].to_list(),
            axis=alt.Axis(labelColor=INK, domain=False, labelLimit=360),
        )
    )
    line = alt.Chart(pl.DataFrame({"whole": [whole]})).mark_rule(color=GREY, strokeDash=[4, 3])
    return styled(
        alt.layer(
            base.mark_bar(height=7, color=PALE).encode(x=alt.X("low:Q", title=unit), x2="high:Q"),
            base.mark_point(filled=True, size=48, color=SERIES[0], opacity=1).encode(x="value:Q"),
            line.encode(x="whole:Q"),
        ).properties(width=WIDTH - 380, height=alt.Step(20))
    )


def efficient(rows: pl.DataFrame, across: str, up: str) -> AnyChart:
    """Plans by two outcomes, the efficient ones joined by a line.

    Parameters
    ----------
    rows : DataFrame
        plan, x, y, efficient (a truth value).
    across, up : str
        What the axes count.
    """
    near = alt.Scale(zero=False)
    base = alt.Chart(rows).encode(
        x=alt.X("x:Q", title=across, scale=near), y=alt.Y("y:Q", title=up, scale=near)
    )
    colour = alt.condition("datum.efficient", alt.value(SERIES[0]), alt.value(GREY))
    return styled(
        alt.layer(
            base.transform_filter("datum.efficient").mark_line(color=PALE).encode(order="x:Q"),
            base.mark_point(filled=True, size=60, opacity=1).encode(color=colour),
            base.mark_text(align="left", dx=7, dy=-4, fontSize=10).encode(text="plan:N"),
        ).properties(width=WIDTH - 60, height=300)
    )
