"""The house look of every chart, and its rendering to SVG and PNG.

Lines differ by dash and by direct label, areas by lightness, so that every chart reads in grey.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import cache as once
from importlib.metadata import version
from importlib.resources import as_file, files
from typing import Any, Final

import altair as alt
import vl_convert as vlc

from merida import cache
from merida.shipped import content

FONT = "Public Sans"
BOLD: Final = 600
FONTS = ("Regular", "SemiBold", "ExtraBold")  # in the package
WEIGHTS = {"Regular": 400, "SemiBold": BOLD}  # the only ones in charts: each file of SVG embeds both
INK, GREY, PALE, RULE = "#1b1b1b", "#5c5c5c", "#a9aeb1", "#dfe1e2"
# Ordered from dark to light, each apart from the next also in grey.
SERIES = ("#12263f", "#b5482a", "#5c8ab0", "#a3abb3", "#dfc9b8")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [1, 3])
RATE_SCALE = ("#f3f0ea", "#e6d3bd", "#d9a98a", "#c4714f", "#943f2b", "#5e1f1c", "#2b0d10")
UNCUT = 0  # a limit of none: Vega cuts longer words with an ellipsis
TRIES = 60  # of an even chance: one in 10^18 that none succeeds
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
            labelLimit=UNCUT,
            titleLimit=UNCUT,
        )
        .configure_axisY(
            domain=False, titleAngle=0, titleAlign="left", titleAnchor="end", titleY=-12, titleX=0
        )
        .configure_axisX(grid=False)
        .configure_header(
            labelFontSize=11, labelFontWeight=BOLD, labelColor=INK, labelLimit=UNCUT, title=None
        )
        .configure_legend(
            labelColor=INK,
            titleColor=GREY,
            titleFontWeight="normal",
            labelFontSize=11,
            titleFontSize=11,
            symbolStrokeWidth=2,
            labelLimit=UNCUT,
            titleLimit=UNCUT,
        )
    )
    return dressed


@once
def _ready() -> None:
    with as_file(files("merida.charts") / "fonts") as folder:
        vlc.register_font_directory(str(folder))


def font_file(weight: str, form: str = "ttf") -> bytes:
    """Return one of the bundled fonts: Regular, SemiBold or ExtraBold, as ``ttf`` or, for a page, ``woff2``."""
    return content(f"charts/fonts/PublicSans-{weight}.{form}")


def specification(chart: AnyChart, data: dict[str, list[dict[str, Any]]] | None = None) -> dict[str, Any]:
    """Return the Vega-Lite specification; `data` fills data sets that the chart names."""
    spec: dict[str, Any] = chart.to_dict()
    if data:
        spec.setdefault("datasets", {}).update(data)
    return spec


def svg(spec: dict[str, Any]) -> str:
    """Return a specification rendered as SVG, for a page that holds the fonts.

    Numbers need no locale: Mexico writes 16,000.5 as the United States do.
    """

    def draw() -> bytes:
        return vlc.vegalite_to_svg(spec).encode()

    return rendered("svg", spec, draw).decode()


def png(spec: dict[str, Any], scale: float = 2) -> bytes:
    """Return a specification rendered as PNG, at twice its nominal size."""

    def draw() -> bytes:
        return vlc.vegalite_to_png(spec, scale=scale)

    return rendered(f"png {scale:g}", spec, draw)


def png_of(drawing: str, scale: float = 2) -> bytes:
    """Return a drawing as PNG, at twice its nominal size, for what shows no SVG."""

    def draw() -> bytes:
        return vlc.svg_to_png(drawing, scale=scale)

    return rendered(f"svg as png {scale:g}", {"svg": drawing}, draw)


def rendered(form: str, spec: dict[str, Any], draw: Callable[[], bytes]) -> bytes:
    """Return a rendered specification, kept in the user's cache under all that it rests on: drawing is slow.

    Parameters
    ----------
    form : str
        What is drawn: ``svg``, or ``png`` and its scale.
    draw : callable
        Draws it, where it is not kept.
    """
    stated = json.dumps([form, version("vl-convert-python"), _fonts(), spec], sort_keys=True, default=str)
    place = cache.folder() / "charts" / hashlib.sha256(stated.encode()).hexdigest()[:40]
    found = cache.load_bytes(place)
    if found is None:
        _ready()
        found = draw()
        cache.save_bytes(place, found)
    return found


@once
def _fonts() -> str:
    """Return the hash of the fonts with which charts are drawn."""
    return hashlib.sha256(
        b"".join(font_file(name) for name in ("Regular", "SemiBold", "ExtraBold"))
    ).hexdigest()


def pdf(spec: dict[str, Any]) -> bytes:
    """Return a specification rendered as PDF of one page, which embeds the fonts.

    The renderer embeds the fonts, and lists them, in an order by chance. The list is sorted and a page whose fonts lie
    in another order than the alphabet's is made again, so that the same chart gives the same bytes.
    """
    drawn = svg(spec)
    _ready()  # where the drawing was kept, nothing has been drawn in this process
    for _ in range(TRIES):
        page = vlc.svg_to_pdf(drawn)
        fonts = re.findall(rb"/Subtype /Type0\s+/BaseFont /\w+\+(\S+)", page)
        if fonts == sorted(fonts):
            break
    return re.sub(
        rb"(?<=<<\n)(?: */\w+ \d+ 0 R\n)+", lambda found: b"".join(sorted(found[0].splitlines(True))), page
    )
