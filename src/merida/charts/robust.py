"""Charts of plans under many scenarios."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.theme import INK, PALE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words


def regrets(rows: pl.DataFrame) -> AnyChart:
    """Regret by scenario and plan: the darker, the more the plan leaves to the best one of the scenario.

    Parameters
    ----------
    rows : DataFrame
        scenario, plan, regret (a share; null where no plan gains), in the order in which they are shown.
    """
    shown = rows.with_columns(
        percent=pl.col("regret")
        .map_elements(lambda part: f"{100 * part:.0f}", return_dtype=pl.String)
        .fill_null("–"),
        dark=pl.col("regret").fill_null(0.0) > 0.6,
    )
    order, plans = (shown[name].unique(maintain_order=True).to_list() for name in ("scenario", "plan"))
    base = alt.Chart(shown).encode(
        y=alt.Y(
            "scenario:N", title=None, sort=order, axis=alt.Axis(labelColor=INK, domain=False, labelLimit=320)
        ),
        x=alt.X("plan:N", title=None, sort=plans, axis=alt.Axis(orient="top", labelAngle=0, domain=False)),
    )
    colour = alt.Scale(domain=[0, 1], range=["white", SERIES[0]], clamp=True)
    return styled(
        alt.layer(
            base.mark_rect(stroke="white").encode(color=alt.Color("regret:Q", scale=colour, legend=None)),
            base.mark_text(fontSize=10).encode(
                text="percent:N",
                color=alt.condition("datum.dark", alt.value("white"), alt.value(INK)),
            ),
        ).properties(width=WIDTH - 340, height=alt.Step(20))
    )


def first_places(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Homicides that the same money averts in each municipality: median on the bar of its interval, the first on top.

    Parameters
    ----------
    rows : DataFrame
        name, low, middle, high; in the order in which they are shown.
    """
    title = words.text("charts.triage.unit")
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "name:N", title=None, sort=rows["name"].to_list(), axis=alt.Axis(labelColor=INK, domain=False)
        )
    )
    return styled(
        alt.layer(
            base.mark_bar(height=7, color=PALE).encode(x=alt.X("low:Q", title=title), x2="high:Q"),
            base.mark_point(filled=True, size=48, color=SERIES[0], opacity=1).encode(x="middle:Q"),
        ).properties(width=WIDTH - 260, height=alt.Step(20))
    )
