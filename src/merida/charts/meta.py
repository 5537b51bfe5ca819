"""The forest chart of a meta-analysis: each study with its interval and weight, and what they say together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import polars as pl

from merida.charts.evidence import TICKS, ticks
from merida.charts.theme import GREY, INK, RULE, SERIES, WIDTH, AnyChart, styled
from merida.user_tables.text import visible
from merida.words import Words

Scale = Literal["number", "ratio", "change"]
ROW, LEFT, RIGHT = 19, 290, 150  # height of a row; px for the names and for the figures beside the drawing
LONGEST = 46  # letters of a name
RATIOS = [first * 10.0**power for power in range(-6, 7) for first in (1, 2, 5)]  # that an axis may name
FAR = math.log(1e6)  # ratios beyond it and below its inverse end in it


@dataclass(frozen=True)
class Line:
    """One line of the chart.

    Parameters
    ----------
    name : str
        A user's own label too: it is drawn letter by letter.
    value, low, high : float
        A number and its interval; of ratios, their logarithms.
    weight : float or None
        From 0 to 1; None: a summary of the others.
    """

    name: str
    value: float
    low: float
    high: float
    weight: float | None = None


def forest(lines: Sequence[Line], axis: str, words: Words, scale: Scale = "number") -> AnyChart:
    """Draw studies and their summaries.

    Parameters
    ----------
    lines : sequence of Line
        From the top.
    axis : str
        Its title in the language of `words`.
    scale : {"number", "ratio", "change"}
        What the numbers are: themselves, or logarithms that are shown as ratios, or as changes in percent.

    Examples
    --------
    >>> from merida.words import words
    >>> forest([Line("a", 0.1, -0.2, 0.4, 1.0)], "effect", words("en")).to_dict()["height"]
    19
    """
    rows = pl.DataFrame(
        [drawn(at, line, words, scale) for at, line in enumerate(lines)], infer_schema_length=None
    )
    none = 0.0 if scale == "number" else 1.0
    ends = [none, *rows["low"].to_list(), *rows["high"].to_list()]
    space = alt.Scale(
        type="linear" if scale == "number" else "log", domain=[min(ends), max(ends)], nice=False
    )
    if scale == "number":
        named: list[float] | alt.UndefinedType = alt.Undefined
    else:
        named = ticks(min(ends), max(ends), TICKS if scale == "change" else RATIOS)
    label = "(datum.value - 1) * 100" if scale == "change" else "datum.value"
    shown = alt.Axis(
        values=named,
        title=axis, tickCount=5, grid=True, gridColor=RULE, titleAnchor="end", labelOverlap=True,
        labelExpr=f"format({label}, '~g')" + (" + ' %'" if scale == "change" else ""),
    )  # fmt: skip
    base = alt.Chart(rows).encode(y=alt.Y("at:O", axis=None, scale=alt.Scale(domain=rows["at"].to_list())))
    x, x2 = alt.X("low:Q", scale=space, axis=shown), "high:Q"
    studied, summed = (base.transform_filter(f"datum.summary == {summary}") for summary in (0, 1))
    point = {"x": alt.X("value:Q", scale=space, axis=shown)}
    size = alt.Size("weight:Q", scale=alt.Scale(domain=[0, 1], range=[22, 260]), legend=None)
    layers = [
        alt.Chart(pl.DataFrame({"none": [none]}))
        .mark_rule(color=GREY)
        .encode(x=alt.X("none:Q", scale=space, axis=shown)),
        studied.mark_rule(color=SERIES[2], strokeWidth=1.4).encode(x=x, x2=x2),
        summed.mark_rule(color=SERIES[1], strokeWidth=3, opacity=0.55).encode(x=x, x2=x2),
        studied.mark_point(filled=True, shape="square", color=SERIES[0], opacity=1).encode(
            size=size, **point
        ),
        summed.mark_point(filled=True, shape="diamond", color=SERIES[1], size=150, opacity=1).encode(**point),
        base.mark_text(align="left", color=INK).encode(x=alt.value(-LEFT), text="name:N"),
        base.mark_text(align="right", color=INK).encode(x=alt.value(WIDTH - LEFT - 14), text="figure:N"),
    ]
    drawing = alt.layer(*layers).properties(
        width=WIDTH - LEFT - RIGHT,
        height=ROW * rows.height,
    )
    return styled(drawing)


def drawn(at: int, line: Line, words: Words, scale: Scale) -> dict[str, Any]:
    """Return a line as the chart's data."""
    numbers = {"value": line.value, "low": line.low, "high": line.high}
    if scale != "number":
        numbers = {name: math.exp(min(max(value, -FAR), FAR)) for name, value in numbers.items()}
    shown = numbers if scale != "change" else {name: 100 * (of - 1) for name, of in numbers.items()}
    texts = {name: figure(of, scale, max(map(abs, shown.values())), words) for name, of in shown.items()}
    name = visible(" ".join(line.name.split()))
    return {
        "at": at,
        "name": name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…",
        "figure": words.text("charts.effects.figure", **texts),
        "summary": int(line.weight is None),
        "weight": line.weight,
        **numbers,
    }


def figure(value: float, scale: Scale, size: float, words: Words) -> str:
    """Return a number as it stands beside the drawing, where the largest beside it has a size."""
    decimals = 0 if scale == "change" or not size else max(0, 1 + (size >= 1) - math.floor(math.log10(size)))
    return f"{value:.2e}" if decimals > 8 or size >= 1e15 else words.number(value, decimals)
