"""Charts of money."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.theme import SERIES, WIDTH, AnyChart, styled
from merida.charts.violence import labelled_lines
from merida.words import Words

ACCOUNTS = ("INCLE", "FMF", "ESF", "unsplit", "all_accounts")


def appropriations(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Appropriations by fiscal year, stacked by account, in millions of dollars."""
    names = {account: words.text(f"accounts.{account}") for account in ACCOUNTS}
    shown = rows.with_columns(
        name=pl.col("account").replace_strict(names),
        place=pl.col("account").replace_strict({account: at for at, account in enumerate(ACCOUNTS)}),
        usd_million=pl.col("usd") / 1e6,
    )
    domain = [names[account] for account in ACCOUNTS if account in shown["account"].to_list()]
    colours = dict(zip(names.values(), SERIES, strict=True))
    return styled(
        alt.Chart(shown)
        .mark_bar(stroke="white", strokeWidth=0.6)
        .encode(
            x=alt.X(
                "fiscal_year:O", title=words.text("charts.appropriations.year"), axis=alt.Axis(labelAngle=0)
            ),
            y=alt.Y("usd_million:Q", title=words.text("charts.appropriations.unit")),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=domain, range=[colours[name] for name in domain]),
                legend=alt.Legend(title=None, orient="bottom", columns=3),
            ),
            order=alt.Order("place:Q"),
        )
        .properties(width=WIDTH - 62, height=240)
    )


def stages(rows: pl.DataFrame, words: Words) -> AnyChart:
    """Appropriated, obligated and disbursed by fiscal year, in millions of dollars."""
    shown = rows.select(pl.col("fiscal_year").alias("year"), "stage", usd_million=pl.col("usd") / 1e6)
    series = [(stage, words.text(f"stages.{stage}")) for stage in ("appropriated", "obligated", "disbursed")]
    return labelled_lines(
        shown, series, "stage", "usd_million", words.text("charts.appropriations.unit"), height=210
    )
