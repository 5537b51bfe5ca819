"""Charts as files that stand alone: the form is the file's ending, and the fonts are inside."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any

from merida.atomic import check_files, write_whole
from merida.errors import OutputError

SUFFIXES = (".svg", ".png", ".pdf", ".json")


def check_charts(*paths: Path | None) -> None:
    """Refuse, before the work, files that no chart could be written to after it; None stands for no chart.

    Raises
    ------
    OutputError
        If a file's ending is none of `SUFFIXES`, or it cannot be written.

    Examples
    --------
    >>> check_charts(Path("waits.svg"), None)
    """
    for path in paths:
        if path is not None and path.suffix.lower() not in SUFFIXES:
            raise OutputError("chart_suffix", path=path, known=", ".join(SUFFIXES))
    check_files(*paths)


def write_chart(path: Path, spec: dict[str, Any]) -> None:
    """Write a chart whole or not at all, in the form that its file's ending names.

    Parameters
    ----------
    path : Path
        Ends in one of `SUFFIXES`: a drawing, a picture, a page, or the specification itself.
    spec : dict
        The Vega-Lite specification; `merida.charts.frame.framed` adds what it must say of itself away from its page.

    Raises
    ------
    OutputError
        If the ending is another one, or the file cannot be written.

    Examples
    --------
    >>> write_chart(Path("line.json"), {"mark": "line"})
    """
    check_charts(path)
    write_whole({path: drawn(path, spec)})


def drawn(path: Path, spec: dict[str, Any]) -> str | bytes:
    """Return a chart in the form that its file's ending, one of `SUFFIXES`, names."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        return json.dumps(spec, ensure_ascii=False, indent=1) + "\n"
    from merida.charts import theme  # a second of loading, which a check can do without

    if suffix == ".png":
        return theme.png(spec)
    return theme.pdf(spec) if suffix == ".pdf" else lone(theme.svg(spec))


def lone(drawing: str) -> str:
    """Return an SVG with its fonts embedded, so that it looks the same where they are not installed."""
    from merida.charts.theme import FONT

    head = drawing.index(">", drawing.index("<svg")) + 1
    # What opens no embedded font, as editors of drawings do, takes the system's nearest.
    body = drawing[head:].replace(f'font-family="{FONT}"', f'font-family="{FONT}, sans-serif"')
    return f"{drawing[:head]}<style>{font_faces()}</style>{body}"


@cache
def font_faces() -> str:
    """Return the rules of CSS that embed the fonts of the weights in which charts write."""
    from merida.charts.theme import FONT, WEIGHTS, font_file

    return "".join(
        f"@font-face{{font-family:'{FONT}';font-weight:{weight};src:url(data:font/woff2;base64,"
        f"{b64encode(font_file(name, 'woff2')).decode('ascii')}) format('woff2')}}"
        for name, weight in WEIGHTS.items()
    )
