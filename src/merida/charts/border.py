"""Charts of the border."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.theme import RULE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words

SOURCES = (
    "border_crossings",
    "posted_waits",
    "border_waits",
    "port_lanes",
)  # of every wait and of what it costs


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


def waits(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Wait by hour of arrival, one panel a lane class: the mean as a line, the replications' 10-90 % as a band.

    Parameters
    ----------
    rows : DataFrame
        lane, hour, mean_minutes, low_minutes, high_minutes; perhaps published, what was posted (drawn as points).
    """
    shown = rows.with_columns(
        name=pl.col("lane").map_elements(lambda lane: words.text(f"lanes.{lane}"), return_dtype=pl.String)
    )
    order = shown["name"].unique(maintain_order=True).to_list()
    hour = alt.X(
        "hour:Q",
        title=words.text("charts.waits.hour"),
        axis=alt.Axis(format="d", tickCount=6),
        scale=alt.Scale(nice=False),
    )
    base = alt.Chart(shown).encode(x=hour)
    axis = alt.Axis(tickCount=4)
    posted = "published" in rows.columns and rows["published"].is_not_null().any()
    points = base.mark_point(color=SERIES[1], size=16, strokeWidth=1.2).encode(y="published:Q")
    panel = alt.layer(
        base.mark_area(color=RULE).encode(
            y=alt.Y("low_minutes:Q", title=None, axis=axis), y2="high_minutes:Q"
        ),
        base.mark_line(color=SERIES[0], strokeWidth=2.2).encode(
            y=alt.Y("mean_minutes:Q", title=None, axis=axis, scale=alt.Scale(nice=4))
        ),
        *([points] if posted else []),
    ).properties(width=(WIDTH - 56 * len(order)) / len(order), height=170)
    return styled(
        panel.facet(
            facet=alt.Facet("name:N", title=None, sort=order), columns=len(order), spacing=24
        ).resolve_scale(y="independent")
    )


def said_period(period: str, words: Words) -> str:
    """Return a period of the border's record as a reader says it.

    Parameters
    ----------
    period : str
        A year ``YYYY``, a month ``YYYY-MM``, or the mean month of the years to which published waits belong.

    Examples
    --------
    >>> from merida.words import words
    >>> said_period("2024-03", words("es")), said_period("2024", words("es"))
    ('marzo de 2024', '2024')
    """
    from merida.border.priors import MEAN_MONTH, REFERENCE

    if period == MEAN_MONTH:
        first, last = (month[:4] for month in REFERENCE)
        return words.text("charts.period", first=first, last=last)
    return words.month(period) if "-" in period else period
