"""The chart of the next hours at a crossing: the reading, the waits to come with their band, and the usual ones."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.theme import GREY, RULE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words


def hours_to_come(rows: pl.DataFrame, given: tuple[str, float], words: Words) -> AnyChart:
    """Waits of the next hours: the median as a line from the reading on, the 90 % interval as a band, dashes usual.

    Parameters
    ----------
    rows : DataFrame
        time (``YYYY-MM-DD HH:MM``), low, median, high, usual; minutes.
    given : (str, float)
        The time and the minutes of the reading.
    """
    at = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M")
    shown = rows.with_columns(time=at)
    start = pl.DataFrame({"time": [given[0]], "median": [given[1]]}).with_columns(time=at)
    x = alt.X(
        "time:T",
        title=words.text("charts.border_now.time"),
        axis=alt.Axis(format="%H:%M", tickCount=8, labelAngle=0),
    )
    base = alt.Chart(shown).encode(x=x)
    y = alt.Y("median:Q", title=words.text("charts.border_now.unit"), scale=alt.Scale(zero=True, nice=4))
    return styled(
        alt.layer(
            base.mark_area(color=RULE).encode(y=alt.Y("low:Q", title=None), y2="high:Q"),
            base.mark_line(color=GREY, strokeDash=[4, 3], strokeWidth=1.4).encode(
                y=alt.Y("usual:Q", title=None)
            ),
            alt.Chart(pl.concat([start, shown.select("time", "median")]))
            .mark_line(color=SERIES[0], strokeWidth=2.2)
            .encode(x=x, y=y),
            alt.Chart(start).mark_point(color=SERIES[0], filled=True, size=60).encode(x=x, y="median:Q"),
        ).properties(width=WIDTH - 60, height=240)
    )
