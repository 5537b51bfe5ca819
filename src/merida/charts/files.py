"""Charts as files: SVG, PNG or the Vega-Lite specification, by the file's ending."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from merida.atomic import check_files, write_whole
from merida.errors import OutputError

SUFFIXES = (".svg", ".png", ".json")


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
        Ends in ``.svg``, ``.png`` or ``.json``.
    spec : dict
        The Vega-Lite specification; see `merida.charts.theme.specification`.

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
    """Return a chart in the form that its file's ending names."""
    from merida.charts.theme import png, svg  # a second of loading, which a check can do without

    suffix = path.suffix.lower()
    if suffix == ".json":
        return json.dumps(spec, ensure_ascii=False, indent=1) + "\n"
    return png(spec) if suffix == ".png" else svg(spec)
