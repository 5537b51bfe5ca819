"""The house look of every chart, and its rendering to SVG and PNG.

Lines differ by dash and by direct label, areas by lightness, so that every chart reads in grey.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Any

import altair as alt
import vl_convert as vlc

FONT = "Public Sans"
INK, GREY, PALE, RULE = "#1b1b1b", "#5c5c5c", "#a9aeb1", "#dfe1e2"
# Ordered from dark to light, each apart from the next also in grey.
SERIES = ("#12263f", "#b5482a", "#5c8ab0", "#b8bfc6", "#dfc9b8")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [1, 3])
RATE_SCALE = ("#f3f0ea", "#e6d3bd", "#d9a98a", "#c4714f", "#943f2b", "#5e1f1c", "#2b0d10")
WIDTH = 736  # of the page's column, in px, so that letters keep their size

AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart | alt.VConcatChart


def styled(chart: AnyChart) -> AnyChart:
    """Return the chart with the house's fonts, rules and margins."""
    dressed: AnyChart = (
        chart.properties(background="white", padding=4)
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=GREY,
            titleColor=GREY,
            titleFontWeight="normal",
            labelFontSize=11,
            titleFontSize=11,
            gridColor=RULE,
            domainColor=PALE,
            tickColor=PALE,
            ticks=False,
            labelPadding=5,
            labelFlush=False,
        )
        .configure_axisY(
            domain=False, titleAngle=0, titleAlign="left", titleAnchor="end", titleY=-12, titleX=0
        )
        .configure_axisX(grid=False)
        .configure_header(labelFontSize=11, labelFontWeight=600, labelColor=INK, title=None)
        .configure_legend(
            labelColor=INK,
            titleColor=GREY,
            titleFontWeight="normal",
            labelFontSize=11,
            titleFontSize=11,
            symbolStrokeWidth=2,
        )
    )
    return dressed


@cache
def _ready() -> None:
    with as_file(files("merida.charts") / "fonts") as folder:
        vlc.register_font_directory(str(folder))


def font_file(weight: str) -> bytes:
    """Return one of the bundled fonts: Regular, SemiBold or ExtraBold."""
    return (files("merida.charts") / "fonts" / f"PublicSans-{weight}.ttf").read_bytes()


def specification(chart: AnyChart, data: dict[str, list[dict[str, Any]]] | None = None) -> dict[str, Any]:
    """Return the Vega-Lite specification; `data` fills data sets that the chart names."""
    spec: dict[str, Any] = chart.to_dict()
    if data:
        spec.setdefault("datasets", {}).update(data)
    return spec


def svg(spec: dict[str, Any]) -> str:
    """Return a specification rendered as SVG (Mexico writes 16,000.5 as the United States do)."""
    _ready()
    return vlc.vegalite_to_svg(spec)


def png(spec: dict[str, Any], scale: float = 2) -> bytes:
    """Return a specification rendered as PNG, at twice its nominal size."""
    _ready()
    return vlc.vegalite_to_png(spec, scale=scale)
