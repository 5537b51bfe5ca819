"""Forest charts: what each study found of a programme, and what follows for a new setting."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from textwrap import wrap
from typing import Any, Literal

import altair as alt
import polars as pl

from merida.charts.theme import BOLD, GREY, INK, RULE, SERIES, WIDTH, AnyChart, styled
from merida.evidence.known import Known
from merida.words import Words

ROW, RIGHT = 19, 132  # height of a row; px for the figures beside the drawing
LETTER, LEAST = 5.6, 200  # px of a letter, with some room; px that the drawing has at least
NARROW, WIDE = math.log(0.1), math.log(5.0)  # an axis never runs beyond these ratios: ends that do get cut
TICKS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.2, 1.5, 2.0, 3.0, 5.0)  # ratios
ROOM = 0.16  # of the axis, for a label
PLAIN_AND_BOLD: tuple[tuple[int, Literal[400, 600]], ...] = ((0, 400), (1, BOLD))
SHAPES = {"randomised": "square", "comparison": "circle", "before_after": "triangle-up", "other": "cross"}
OF_DESIGN = {
    "rct": "randomised",
    "meta_rct": "randomised",
    "quasi": "comparison",
    "meta_quasi": "comparison",
    "before_after": "before_after",
}


def forest(
    studies: pl.DataFrame, pooled: pl.DataFrame, note: str, words: Words, *, elasticity: bool = False
) -> AnyChart:
    """Studies with their intervals by reading, and the effect that is to be expected in a new setting.

    Parameters
    ----------
    studies : DataFrame
        One row for each study that counts: reading, name, country, design, estimate, low, high (logarithms of a rate
        ratio, or elasticities) and weight (share of the reading's information). A row without estimate gave its
        sign alone: it is named, and not drawn.
    pooled : DataFrame
        reading (null: all of them), weight (of the reading), label (what it is, in words), median, low, high of the
        law in a new setting, on the same scale. Readings stand in this order.
    note : str
        On what the last law rests: its figures, and whether it is the prior's.
    elasticity : bool
        Whether the scale is that of elasticities.
    """
    rows = pl.DataFrame(list(lines(studies, pooled, words, elasticity)), infer_schema_length=None)
    left = round(8 + LETTER * max(len(row["name"]) for row in rows.iter_rows(named=True) if not row["bold"]))
    wide = max(WIDTH - left - RIGHT, LEAST)
    ends = [value for name in ("shown_low", "shown_high") for value in rows[name].drop_nulls().to_list()]
    domain = [min([*ends, 1 if not elasticity else 0]), max([*ends, 1 if not elasticity else 0])]
    beneath = (words.text("charts.effects.elasticity" if elasticity else "charts.effects.change"), note)
    unit = [line for text in beneath for line in wrap(text, round((left + wide) / LETTER))]
    if elasticity:
        scale = alt.Scale(domain=domain, nice=True, zero=False)
        axis = alt.Axis(
            title=unit,
            tickCount=6,
            titleAnchor="end",
            grid=True,
            gridColor=RULE,
            labelExpr=signed("datum.value", "+.1f"),
        )
    else:
        scale = alt.Scale(type="log", domain=domain, nice=False)
        axis = alt.Axis(
            title=unit,
            values=ticks(*domain),
            titleAnchor="end",
            grid=True,
            gridColor=RULE,
            labelExpr=signed("(datum.value - 1) * 100", "+.0f"),
        )
    x = alt.X("shown:Q", scale=scale, axis=axis)
    y = alt.Y("at:O", axis=None, scale=alt.Scale(domain=rows["at"].to_list()))
    base = alt.Chart(rows).encode(y=y)
    studied, summed = (
        base.transform_filter("datum.kind == 'study'"),
        base.transform_filter("datum.kind == 'pooled'"),
    )
    intervals = {"x": alt.X("shown_low:Q", scale=scale, axis=axis), "x2": "shown_high:Q"}
    legend = {key: words.text(f"charts.effects.{key}") for key in SHAPES}
    layers = [
        alt.Chart(pl.DataFrame({"none": [0.0 if elasticity else 1.0]}))
        .mark_rule(color=GREY, strokeWidth=1)
        .encode(x=alt.X("none:Q", scale=scale, axis=axis)),
        studied.mark_rule(color=SERIES[2], strokeWidth=1.4).encode(**intervals),
        summed.mark_rule(color=SERIES[1], strokeWidth=3, opacity=0.55).encode(**intervals),
        studied.mark_point(filled=True, color=SERIES[0], opacity=1).encode(
            x=x,
            size=alt.Size("weight:Q", scale=alt.Scale(domain=[0, 1], range=[22, 260]), legend=None),
            shape=alt.Shape(
                "drawn_as:N",
                scale=alt.Scale(domain=list(legend.values()), range=list(SHAPES.values())),
                legend=alt.Legend(title=words.text("charts.effects.design"), orient="none",
                                  legendX=-left, legendY=ROW * rows.height + 38 + 13 * len(unit),
                                  direction="horizontal", titleOrient="left",
                                  symbolFillColor=SERIES[0], symbolStrokeColor=SERIES[0]),
            ),
        ),
        summed.mark_point(shape="diamond", filled=True, color=SERIES[1], size=150, opacity=1).encode(x=x),
        *(
            base.transform_filter(f"datum.bold == {bold}")
            .mark_text(align="left", fontSize=11, fontWeight=weight, color=INK)
            .encode(x=alt.value(-left), text="name:N")
            for bold, weight in PLAIN_AND_BOLD
        ),
        base.mark_text(align="right", fontSize=11, color=INK).encode(
            x=alt.value(wide + RIGHT - 14), text="figure:N"
        ),
    ]  # fmt: skip
    drawing = alt.layer(*layers).properties(width=wide, height=ROW * rows.height)
    return styled(drawing)


def lines(
    studies: pl.DataFrame, pooled: pl.DataFrame, words: Words, elasticity: bool
) -> Iterator[dict[str, Any]]:
    """Yield the lines of the chart from the top: each reading's heading, studies and pooled effect, then all of them."""
    at = 0

    def line(kind: str, name: str, **values: Any) -> dict[str, Any]:
        nonlocal at
        at += 1
        empty = dict.fromkeys(("shown", "shown_low", "shown_high", "weight", "drawn_as"))
        return {
            "at": at,
            "kind": kind,
            "bold": int(kind == "heading"),
            "name": name,
            "figure": "",
            **empty,
            **values,
        }

    for of in pooled.iter_rows(named=True):
        if of["reading"] is not None:
            if pooled.height > 1:
                yield line("heading", of["heading"])
            for row in studies.filter(pl.col("reading") == of["reading"]).iter_rows(named=True):
                name = f"{row['name']} · {row['country_name']} · {row['outcome_name']}"
                if row["estimate"] is None:
                    design = words.text(f"evidence.designs_short.{row['design']}")
                    sign = words.text(f"evidence.directions.{row['direction']}")
                    yield line("sign", name, figure=f"{sign} ({design})")
                    continue
                key = OF_DESIGN.get(row["design"], "other")
                yield line(
                    "study",
                    name,
                    weight=row["weight"],
                    drawn_as=words.text(f"charts.effects.{key}"),
                    **placed(row["estimate"], row["low"], row["high"], words, elasticity),
                )
        yield line("pooled", of["label"], **placed(of["median"], of["low"], of["high"], words, elasticity))


def ticks(low: float, high: float, among: Iterable[float] = TICKS) -> list[float]:
    """Return the ratios that an axis names: no change, and outwards from it those that leave room for their label."""
    room = ROOM * math.log(high / low)
    found = [1.0]
    named = sorted(among)
    for outwards in (reversed([one for one in named if one < 1]), [one for one in named if one > 1]):
        last = 1.0
        for one in outwards:
            if low <= one <= high and abs(math.log(one / last)) >= room:
                found.append(one)
                last = one
    return sorted(found)


def signed(value: str, form: str) -> str:
    """Return the Vega expression that labels a number with its sign, and nothing as 0; in percent where it is whole."""
    unit = " + ' %'" if form.endswith("0f") else ""
    return f"(abs({value}) < 1e-9 ? '0' : format({value}, '{form}')){unit}"


def placed(value: float, low: float, high: float, words: Words, elasticity: bool) -> dict[str, Any]:
    """Return where an effect and its ends are drawn, and the figure beside them."""
    numbers = {"value": value, "low": low, "high": high}
    if elasticity:
        texts = {name: words.number(of, 2) for name, of in numbers.items()}
    else:
        texts = {name: words.number(100 * math.expm1(of)) for name, of in numbers.items()}
        numbers = {name: math.exp(min(max(of, NARROW), WIDE)) for name, of in numbers.items()}
    drawn = {"shown": numbers["value"], "shown_low": numbers["low"], "shown_high": numbers["high"]}
    return drawn | {"figure": words.text("charts.effects.figure", **texts)}


def shown(known: Known, words: Words) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """Return the studies and the laws of a forest chart with their words, and on what the last law rests."""
    named = {"country_name": ("countries", "country"), "outcome_name": ("studied_outcomes", "outcome")}
    studies = known.counted.with_columns(
        pl.Series(name, [words.named(group, text or "–") for text in known.counted[column]], dtype=pl.String)
        for name, (group, column) in named.items()
    )
    several = len(known.readings) > 1
    distributions = (
        [*known.readings, known.whole]
        if several
        else [replace(known.whole, reading=known.readings[0].reading)]
    )
    rows = [
        {
            "reading": one.reading,
            "heading": one.reading
            and words.text(
                "evidence.reading",
                reading=words.named("readings", one.reading),
                weight=words.number(100 * one.weight),
            ),
            "label": words.text(
                f"charts.effects.{'law' if one.reading else 'law_all'}",
                harm=words.number(100 * one.harm),
                benefit=words.number(100 * one.benefit),
            ),
            "median": one.median,
            "low": one.low,
            "high": one.high,
        }
        for one in distributions
    ]
    note = words.text(
        f"charts.effects.{'prior_driven' if known.distribution.prior_driven else 'from_data'}",
        figures=known.distribution.with_figure,
        share=words.number(100 * known.distribution.share_from_data),
    )
    return studies, pl.DataFrame(rows, infer_schema_length=None), note
