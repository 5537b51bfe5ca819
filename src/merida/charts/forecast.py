"""Fan charts: what was recorded, then the forecast as bands of its quantiles."""

from __future__ import annotations

import altair as alt
import polars as pl

from merida.charts.drawing import Drawing
from merida.charts.series import Plotted, Series
from merida.charts.theme import INK, SERIES, WIDTH, AnyChart, styled
from merida.facts.schema import Text
from merida.figure import Origin
from merida.words import Words, plain

# The widest first, so that the narrower are drawn over it; darker is likelier, which also reads in grey.
BANDS = (("90", "q05", "q95"), ("80", "q10", "q90"), ("50", "q25", "q75"))
SHADES = {"90": "#d9e4ee", "80": "#a9c3d8", "50": "#6f9abd"}
TABLES = (
    "homicides_month",
    "homicides_state_month",
    "homicides_year",
    "population",
)  # that a forecast rests on


def place_fan(
    name: Text,
    recorded: pl.DataFrame,
    expected: pl.DataFrame,
    registered: pl.DataFrame | None = None,
    start: str | None = None,
) -> Drawing:
    """Return the chart of a place's forecast, by month or by year as `expected` is.

    Parameters
    ----------
    name : Text
        The place's.
    recorded : DataFrame
        Deaths by ``period``, a month ``YYYY-MM``.
    expected : DataFrame
        q05 to q95 of deaths by ``period``, a month or a year.
    registered : DataFrame or None
        Deaths by ``period``, the years of registration after those recorded: another basis, and so another line.
    start : str or None
        The month in which the forecast starts where the months before it are estimated.
    """
    if "-" in expected["period"][0]:
        observed, quantiles = recorded.rename({"period": "month"}), expected.rename({"period": "month"})
    else:
        year = pl.col("period").str.slice(0, 4).cast(pl.Int64).alias("year")
        observed = recorded.group_by(year).agg(pl.col("deaths").sum()).sort("year")
        quantiles = expected.with_columns(year)
        if registered is not None:
            observed = with_registered(observed, registered.select(year, "deaths"))
    values = {"place": name, "first": recorded["period"][0][:4], "last": expected["period"][-1][:4]}
    key = "forecast_months" if start else "forecast" if registered is None else "forecast_since"
    tables = TABLES if key == "forecast" else (*TABLES, "crime_victims")
    return Drawing(
        key, values, (Origin(tables),), lambda words: (fan(observed, quantiles, words, start), None)
    )


def with_registered(observed: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
    """Return years of occurrence and, as another basis, the years of registration after them."""
    return pl.concat(
        [
            observed.with_columns(basis=pl.lit("recorded")),
            registered.select(*observed.columns)
            .cast(observed.schema)
            .with_columns(basis=pl.lit("registered")),
        ]
    )


def fan(observed: pl.DataFrame, quantiles: pl.DataFrame, words: Words, start: str | None = None) -> AnyChart:
    """Deaths recorded, the forecast's median, and the bands that hold it with 50, 80 and 90 % probability.

    Parameters
    ----------
    observed : DataFrame
        ``year`` (integer) or ``month`` (``YYYY-MM``), and deaths.
    quantiles : DataFrame
        The same column of time, and q05, q10, q25, q50, q75, q90, q95 of deaths. The fan opens at the last
        observation.
    start : str or None
        A month at which a line is drawn: from it on nothing is known.
    """
    shown = parts(observed, quantiles)
    unit = words.text(f"charts.forecast.{'month' if 'month' in observed.columns else 'year'}")
    layers = drawn(shown, words, alt.Axis(format=",.0f", tickCount=6), unit, thin=1)
    if start:
        at = alt.Chart(pl.DataFrame({"at": [f"{start}-01"]})).mark_rule(color=INK, strokeDash=[2, 3])
        layers.append(at.encode(x="at:T"))
    return styled(alt.layer(*layers, data=shown).properties(width=WIDTH - 62, height=260))


def fan_series(observed: pl.DataFrame, quantiles: pl.DataFrame, words: Words) -> Plotted:
    """Return the same by year as series: what was recorded, on either basis, and the median with its 90 % interval."""
    ahead = {row["year"]: row for row in quantiles.iter_rows(named=True)}
    basis = pl.col("basis") if "basis" in observed.columns else pl.lit("recorded")
    known = observed.select("year", "deaths", basis.alias("basis"))
    years = sorted({*known["year"].to_list(), *ahead})
    series = []
    for name in known["basis"].unique(maintain_order=True).to_list():
        deaths = dict(known.filter(pl.col("basis") == name).select("year", "deaths").iter_rows())
        values = tuple(None if deaths.get(year) is None else float(deaths[year]) for year in years)
        series.append(Series(words.text(f"charts.forecast.series.{name}"), values))
    median, low, high = (
        tuple(float(ahead[year][name]) if year in ahead else None for year in years)
        for name in ("q50", "q05", "q95")
    )
    series.append(Series(words.text("charts.forecast.series.median"), median, low, high))
    return Plotted("line", tuple(years), tuple(series), "", words.text("charts.forecast.year"))


def fan_states(observed: pl.DataFrame, quantiles: pl.DataFrame, words: Words) -> AnyChart:
    """Draw the same for every state, small multiples, each on its own scale.

    Parameters
    ----------
    observed, quantiles : DataFrame
        As for `fan`, and ``name``, the state's.
    """
    shown = parts(observed, quantiles)
    layers = drawn(shown, words, alt.Axis(tickCount=3, labelFontSize=9, format=",.0f"), None, thin=0.7)
    order = sorted(shown["name"].unique().to_list(), key=plain)
    return styled(
        alt.layer(*layers, data=shown)
        .properties(width=86, height=70)
        .facet(
            facet=alt.Facet(
                "name:N", title=None, sort=order, header=alt.Header(labelFontSize=10.5, labelPadding=2)
            ),
            columns=6,
            spacing={"row": 30, "column": 36},
            bounds="flush",  # else panels move about with the length of their labels
        )
        .resolve_scale(y="independent")
    )


def parts(observed: pl.DataFrame, quantiles: pl.DataFrame) -> pl.DataFrame:
    """Return every line and band in one table: at, part, low, high, and ``name`` if there is one.

    Parts are ``recorded`` (on another basis ``registered``, as `observed` has it) and ``median``, whose low is their
    value, and the bands by their percent.
    """
    time = "month" if "month" in observed.columns else "year"
    by = [column for column in ("name",) if column in observed.columns]
    at = pl.col(time) + "-01" if time == "month" else pl.col(time).cast(pl.Int64)
    names = sorted({"q50", *(name for _, *ends in BANDS for name in ends)})
    dead = pl.col("deaths").cast(pl.Float64)
    last = (
        observed.sort(*by, time).group_by(by, maintain_order=True).last()
        if by
        else observed.sort(time).tail(1)
    )
    opened = last.select(*by, at.alias("at"), *(dead.alias(name) for name in names))
    forecast = pl.concat(
        [opened, quantiles.select(*by, at.alias("at"), *(pl.col(name).cast(pl.Float64) for name in names))]
    )
    basis = pl.col("basis") if "basis" in observed.columns else pl.lit("recorded")
    rows = [observed.select(*by, at.alias("at"), part=basis, low=dead, high=dead)]
    rows += [
        forecast.select(*by, "at", part=pl.lit(part), low=pl.col(low), high=pl.col(high))
        for part, low, high in (*BANDS, ("median", "q50", "q50"))
    ]
    return pl.concat(rows).sort(*by, "part", "at")


def drawn(
    shown: pl.DataFrame, words: Words, axis: alt.Axis, unit: str | None, thin: float
) -> list[alt.Chart]:
    """Return the layers of a fan: its bands with their legend, the median, what was recorded."""
    if shown["at"].dtype == pl.String:
        x = alt.X("at:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", labelOverlap=True))
    else:
        ends = [int(str(shown["at"].min())), int(str(shown["at"].max()))]
        ticks = alt.Axis(format="d", tickMinStep=1, tickCount=8)
        if unit is None:
            ticks = alt.Axis(format="d", values=ends, labelFlush=True, labelFontSize=9)
        x = alt.X("at:Q", title=None, axis=ticks, scale=alt.Scale(zero=False, nice=False, domain=ends))
    y = alt.Y("low:Q", title=unit, axis=axis, scale=alt.Scale(zero=True))
    names = {part: words.text("charts.forecast.band", percent=part) for part, *_ in BANDS}
    legend = alt.Legend(
        title=words.text("charts.forecast.bands"), orient="bottom", direction="horizontal", symbolType="square",
        symbolSize=150,
    )  # fmt: skip
    colour = alt.Color(
        "band:N",
        scale=alt.Scale(domain=list(names.values())[::-1], range=list(SHADES.values())[::-1]),
        legend=legend,
    )
    bands = [
        alt.Chart()
        .transform_filter(alt.datum.part == part)
        .transform_calculate(band=f"'{name}'")
        .mark_area()
        .encode(x=x, y=y, y2="high:Q", color=colour)
        for part, name in names.items()
    ]
    median = (
        alt.Chart()
        .transform_filter(alt.datum.part == "median")
        .mark_line(color=SERIES[0], strokeWidth=2 * thin, strokeDash=[5, 3])
        .encode(x=x, y=y)
    )
    recorded = [
        alt.Chart()
        .transform_filter(alt.datum.part == part)
        .mark_line(color=INK, strokeWidth=width * thin)
        .encode(x=x, y=y)
        for part, width in (("recorded", 2.2), ("registered", 1.1))
        if part in set(shown["part"])
    ]
    return [*bands, median, *recorded]
