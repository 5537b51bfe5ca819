"""The scorecard drawn: all pillars at a glance, a sign for each indicator; and the page with a line for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

import altair as alt
import polars as pl

from merida.charts.theme import BOLD, GREY, INK, PALE, SERIES, WIDTH, AnyChart, styled
from merida.words import Words

Record = Mapping[str, Any]
"""A pillar or an indicator of the answer, by the names of its fields."""
ROW, HEAD = 15.5, 0.55  # px of a line of the page, and of its part that a heading leaves free above it
TITLE, COURSE, COURSE_END, ACTUAL, DATE, GOAL = 22, 396, 484, 572, 580, 736  # px from the left
FIRST = 2005.0  # the first year of the courses
SIGNS: dict[str, tuple[str, str, bool]] = {
    "met": ("circle", SERIES[0], True),
    "on_track": ("triangle-up", SERIES[0], True),
    "cannot_tell": ("diamond", GREY, True),
    "off_track": ("triangle-down", SERIES[1], True),
    "missed": ("cross", SERIES[1], True),
    "due_unknown": ("square", GREY, True),
    "better": ("triangle-up", GREY, False),
    "worse": ("triangle-down", GREY, False),
    "without": ("stroke", GREY, False),
    "gap": ("circle", PALE, False),
}
"""By what is said of an indicator: shape, colour and whether it is filled; shapes alone tell them apart, in grey too."""
ACROSS, STEP, LINE = 14, 34.0, 40.0  # signs in a line of the glance, px from one to the next, px of a line
LEFT = WIDTH - ACROSS * STEP  # px of the pillars' names


def sign_of(one: Record) -> str:
    """Return what the sign of an indicator says: the verdict on its target, or without one which way it has moved."""
    if one["verdict"] in SIGNS:
        return str(one["verdict"])
    return str(one["moved"] or "without")


@dataclass(frozen=True)
class Scope:
    """What a picture is of: the framework, the state if it is of one, and the date asked for."""

    framework: str
    state: str | None = None
    as_of: str | None = None


def titled(chart: AnyChart, name: str, of: Scope, words: Words) -> AnyChart:
    """Return a chart with its title, its scope, its notes and its source."""
    key = f"scorecard.{name}"
    whose = words.text(f"scorecard.frameworks.{of.framework}")
    scope = [whose, *([of.state] if of.state else [])]
    if of.as_of:
        scope.append(words.text("scorecard.known_by", month=words.month(of.as_of)))
    notes = [f"{', '.join(scope)}.", *(words.text(f"{key}.{note}") for note in ("note", "note_more"))]
    notes.append(words.text("charts.source", source=words.text("scorecard.chart_source")))
    head = alt.TitleParams(
        words.text(f"{key}.title"), subtitle=notes, anchor="start", frame="bounds", fontSize=14, fontWeight=BOLD,
        color=INK, subtitleColor=GREY, subtitleFontSize=10.5, offset=10,
    )  # fmt: skip
    return styled(chart.properties(title=head))


def signs(base: alt.Chart, x: Any, words: Words, held: Sequence[str], legend: bool = True) -> list[alt.Chart]:
    """Return the layers of signs, each at its place, with a legend of those that occur."""
    known = [name for name in SIGNS if name in held]
    names = [words.text(f"scorecard.signs.{name}") for name in known]
    shapes = alt.Scale(domain=names, range=[SIGNS[name][0] for name in known])
    inks = alt.Scale(domain=names, range=[SIGNS[name][1] for name in known])
    fills = alt.Scale(domain=names, range=[SIGNS[name][1] if SIGNS[name][2] else "white" for name in known])
    shown = alt.Legend(title=None, orient="bottom", columns=4, symbolSize=70) if legend else None
    return [
        base.transform_filter("datum.said != ''")
        .mark_point(size=70, opacity=1, strokeWidth=1.4)
        .encode(
            x=x,
            shape=alt.Shape("said:N", scale=shapes, legend=shown),
            stroke=alt.Stroke("said:N", scale=inks, legend=shown),
            fill=alt.Fill("said:N", scale=fills, legend=shown),
        )
    ]


def glance(pillars: Sequence[Record], indicators: Sequence[Record], of: Scope, words: Words) -> AnyChart:
    """Return all pillars at a glance: a sign for each indicator, with its code.

    Parameters
    ----------
    pillars, indicators : sequence of mapping
        Of the answer, in its order.
    of : Scope
    words : Words
        The language.
    """
    rows: list[dict[str, Any]] = []
    at = 0.0
    for pillar in pillars:
        held = [one for one in indicators if one["pillar"] == pillar["pillar"]]
        counts = words.text("scorecard.glance.counts", count=len(held), gaps=pillar["gaps"])
        rows.append({"x": 0.0, "y": at, "name": pillar["title"].to(words.language), "counts": counts})
        for place, one in enumerate(held):
            rows.append(
                {
                    "x": LEFT + (place % ACROSS + 0.5) * STEP,
                    "y": at + LINE * (place // ACROSS),
                    "code": one["code"],
                    "sign": sign_of(one),
                    "said": words.text(f"scorecard.signs.{sign_of(one)}"),
                }
            )
        at += LINE * ceil(len(held) / ACROSS) + 8
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("name", "counts", "code", "said").fill_null("")
    )
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, WIDTH], nice=False, zero=False), axis=None)
    scale = alt.Scale(domain=[-14, at], reverse=True, nice=False, zero=False)
    base = alt.Chart(frame).encode(y=alt.Y("y:Q", scale=scale, axis=None))
    layers = [
        base.mark_text(align="left", fontSize=11.5, fontWeight=BOLD, color=INK, limit=LEFT - 6).encode(
            x=x, text="name:N"
        ),
        base.mark_text(align="left", fontSize=10, color=GREY, dy=14, limit=LEFT - 6).encode(x=x, text="counts:N"),
        base.mark_text(align="center", fontSize=8.5, color=GREY, dy=14).encode(x=x, text="code:N"),
        *signs(base, x, words, [row.get("sign", "") for row in rows]),
    ]  # fmt: skip
    return titled(alt.layer(*layers).properties(width=WIDTH, height=at + 14), "glance", of, words)


def page(
    pillars: Sequence[Record],
    indicators: Sequence[Record],
    courses: Mapping[str, Sequence[tuple[float, float]]],
    of: Scope,
    words: Words,
) -> AnyChart:
    """Return one page with a line for each indicator that has a figure: sign, course, last value, target.

    Parameters
    ----------
    pillars, indicators : sequence of mapping
        Of the answer, in its order.
    courses : mapping of str to sequence of (float, float)
        By code, times in years and values.
    of : Scope
    words : Words
        The language.
    """
    rows, points = laid(pillars, indicators, courses, words)
    bottom = max((row["y"] for row in rows), default=0) + 1
    scale = alt.Scale(domain=[0, bottom], reverse=True, nice=False, zero=False)
    y = alt.Y("y:Q", scale=scale, axis=None)
    base = alt.Chart(pl.DataFrame(rows, infer_schema_length=None)).encode(y=y)

    def text(name: str, at: float, align: Literal["left", "right"], kind: str = "row") -> alt.Chart:
        colour = GREY if kind == "gaps" or name in ("date", "goal") else INK
        made: alt.Chart = (
            base.transform_filter(f"datum.kind == '{kind}'")
            .mark_text(
                align=align, fontSize=10.5, color=colour, fontWeight=BOLD if kind == "head" else "normal"
            )
            .encode(x=alt.value(at), text=f"{name}:N")
        )
        return made

    layers = [
        text("text", 0, "left", "head"),
        text("text", TITLE, "left", "gaps"),
        text("text", TITLE, "left"),
        text("actual", ACTUAL, "right"),
        text("date", DATE, "left"),
        text("goal", GOAL, "right"),
        *signs(base, alt.value(8), words, [row["sign"] for row in rows]),
    ]
    if points:
        x = alt.X("x:Q", scale=alt.Scale(domain=[0, WIDTH], nice=False, zero=False), axis=None)
        dots = alt.OverlayMarkDef(size=6, color=SERIES[2])
        lines = alt.Chart(pl.DataFrame(points, infer_schema_length=None))
        layers.append(
            lines.mark_line(color=SERIES[2], strokeWidth=1.2, point=dots).encode(
                x=x, y=y, detail="code:N", order=alt.Order("x:Q")
            )
        )
    return titled(alt.layer(*layers).properties(width=WIDTH, height=ROW * bottom), "page", of, words)


def laid(
    pillars: Sequence[Record],
    indicators: Sequence[Record],
    courses: Mapping[str, Sequence[tuple[float, float]]],
    words: Words,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the lines of the page from the top, and the points of the courses in px and lines."""
    rows: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    at = 0.0
    last = max((time for values in courses.values() for time, _ in values), default=FIRST + 1)
    empty = dict.fromkeys(("actual", "date", "goal", "said", "sign"), "")
    for pillar in pillars:
        at += HEAD + 1
        rows.append({"y": at, "kind": "head", "text": pillar["title"].to(words.language), **empty})
        for one in indicators:
            if one["pillar"] != pillar["pillar"] or one["value"] is None:
                continue
            at += 1
            sign = sign_of(one)
            rows.append(
                {
                    "y": at,
                    "kind": "row",
                    "text": one["title"].to(words.language),
                    "actual": with_unit(one["value"], one, words),
                    "date": one["date"],
                    "goal": goal_of(one, words),
                    "said": words.text(f"scorecard.signs.{sign}"),
                    "sign": sign,
                }
            )
            points += course(one["code"], at, courses.get(one["code"], ()), last)
        if pillar["gaps"]:
            at += 1
            text = words.text("scorecard.page.gaps", count=pillar["gaps"])
            rows.append({"y": at, "kind": "gaps", "text": text, **empty})
    return rows, points


def with_unit(value: float, one: Record, words: Words) -> str:
    """Return a value with its unit, where its name does not say what is counted."""
    number = words.number(value, one["decimals"])
    key = f"scorecard.short.{one['unit']}"
    return f"{number}\u00a0{words.text(key)}" if words.has(key) else number


def goal_of(one: Record, words: Words) -> str:
    """Return an indicator's target as the page shows it."""
    if one["target"] is None:
        return ""
    value = words.number(one["target"], one["decimals"])
    key = "goal" if one["target_date"] else "goal_undated"
    return words.text(f"scorecard.page.{key}", value=value, date=one["target_date"] or "")


def course(code: str, at: float, values: Sequence[tuple[float, float]], last: float) -> list[dict[str, Any]]:
    """Return an indicator's values since `FIRST` as points in its line, from its least to its greatest."""
    held = [(time, value) for time, value in values if time >= FIRST]
    if len(held) < 2:
        return []
    low, high = min(value for _, value in held), max(value for _, value in held)
    return [
        {
            "code": code,
            "x": COURSE + (COURSE_END - COURSE) * (time - FIRST) / (last - FIRST),
            "y": at + 0.36 - 0.72 * ((value - low) / (high - low) if high > low else 0.5),
        }
        for time, value in held
    ]
