"""Charts as a document shows them: wide and narrow."""

from __future__ import annotations

from typing import Any

from merida.charts.series import Plotted, plotted
from merida.charts.theme import png, svg
from merida.document.blocks import Drawn
from merida.document.narrow import narrowed


def drawn(spec: dict[str, Any], series: Plotted | None = None) -> Drawn:
    """Return a chart of a Vega-Lite specification, drawn for a page and for a telephone.

    Parameters
    ----------
    spec : dict
    series : Plotted or None
        The same as series, where the specification does not show them by itself.
    """
    return Drawn(svg(spec), svg(narrowed(spec)), plotted=series or plotted(spec))


def mapped(spec: dict[str, Any]) -> Drawn:
    """Return a map of a Vega-Lite specification with its legend in words."""
    colour = spec["layer"][0]["encoding"]["color"]["scale"]
    return Drawn(png(spec), legend=tuple(zip(colour["range"], colour["domain"], strict=True)))
