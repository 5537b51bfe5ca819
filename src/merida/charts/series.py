"""A chart as plain series, where an office program can draw it: lines or bars over one axis, with their intervals.

Maps, small multiples and forests are none: they stay pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
MOST_POINTS = 200  # beyond, an office program draws a smear


@dataclass(frozen=True)
class Series:
    """One series of a chart; None where it holds nothing.

    Parameters
    ----------
    name : str
    values : tuple of float or None
        One for each of the chart's categories.
    low, high : tuple of float or None
        The ends of the intervals, one for each category; empty where it has none.
    """

    name: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Plotted:
    """A chart as series.

    Parameters
    ----------
    kind : {"line", "bars"}
        Bars are stacked.
    categories : tuple of str or int
        Along the horizontal axis.
    series : tuple of Series
    across, upward : str
        Titles of the two axes; empty where there is none.
    """

    kind: str
    categories: tuple[str | int, ...]
    series: tuple[Series, ...]
    across: str
    upward: str


def plotted(spec: Mapping[str, Any]) -> Plotted | None:
    """Return a Vega-Lite specification as series, or None where it is no simple chart of lines or bars.

    Examples
    --------
    >>> rows = [{"year": 2007, "deaths": 8868}, {"year": 2008, "deaths": 14007}]
    >>> encoding = {"x": {"field": "year", "type": "quantitative"}, "y": {"field": "deaths", "type": "quantitative"}}
    >>> plotted({"mark": "line", "encoding": encoding, "data": {"values": rows}}).series[0].values
    (8868.0, 14007.0)
    """
    if "facet" in spec or "hconcat" in spec or "vconcat" in spec:
        return None
    layers = list(layers_of(spec, {}, spec.get("data", {}), ()))
    drawn = [layer for layer in layers if layer["mark"] in ("line", "bar") and "y2" not in layer["encoding"]]
    if not drawn or any(layer["mark"] not in ("line", "bar", "area", "text", "point") for layer in layers):
        return None
    if any("x2" in layer["encoding"] for layer in layers) or len({layer["mark"] for layer in drawn}) > 1:
        return None
    across = {name_of(layer, "x") for layer in drawn}
    if len(across) != 1 or any(kind_of(layer, "y") != "quantitative" for layer in drawn):
        return None
    x = across.pop()
    held = [dict(row) for layer in drawn for row in rows_of(spec, layer)]
    categories = tuple(dict.fromkeys(row[x] for row in sorted(held, key=lambda row: row[x])))
    if len(categories) > MOST_POINTS or not categories:
        return None
    made = [one for layer in drawn for one in series_of(spec, layer, x, categories)]
    ends = [layer for layer in layers if layer["mark"] == "area" and "y2" in layer["encoding"]]
    if ends and len(made) == 1:
        made = [with_ends(made[0], spec, ends[0], x, categories)]
    return Plotted(
        "line" if drawn[0]["mark"] == "line" else "bars",
        tuple(one if isinstance(one, int) else str(one) for one in categories),
        tuple(made),
        title_of(drawn[0], "x"),
        title_of(drawn[0], "y"),
    )


def layers_of(
    part: Mapping[str, Any], shared: Mapping[str, Any], data: Mapping[str, Any], steps: tuple[Any, ...]
) -> Iterator[dict[str, Any]]:
    """Yield each mark with its whole encoding, its data and the steps that change them."""
    encoding = {**shared, **part.get("encoding", {})}
    data = part.get("data", data)
    steps = (*steps, *part.get("transform", ()))
    if "layer" in part:
        for one in part["layer"]:
            yield from layers_of(one, encoding, data, steps)
        return
    mark = part["mark"]
    kind = mark if isinstance(mark, str) else mark["type"]
    yield {"mark": kind, "encoding": encoding, "data": data, "steps": steps}


def rows_of(spec: Mapping[str, Any], layer: Mapping[str, Any]) -> list[Row]:
    """Return the rows that a layer draws, of those that are not changed on the way: where they are, none."""
    data = layer["data"]
    rows: list[Row] = (
        data["values"] if "values" in data else spec.get("datasets", {}).get(data.get("name"), [])
    )
    y = name_of(layer, "y")
    return [] if layer["steps"] else [row for row in rows if row.get(y) is not None]


def series_of(
    spec: Mapping[str, Any], layer: Mapping[str, Any], x: str, categories: tuple[Any, ...]
) -> Iterator[Series]:
    """Yield the series of one layer, in the order of its colours."""
    rows, y = rows_of(spec, layer), name_of(layer, "y")
    colour = layer["encoding"].get("color", {})
    field = colour.get("field")
    names = (
        colour.get("scale", {}).get("domain") or list(dict.fromkeys(row[field] for row in rows))
        if field
        else [""]
    )
    for name in names:
        of = {row[x]: float(row[y]) for row in rows if not field or row[field] == name}
        yield Series(str(name) or title_of(layer, "y"), tuple(of.get(at) for at in categories))


def with_ends(
    of: Series, spec: Mapping[str, Any], band: Mapping[str, Any], x: str, categories: tuple[Any, ...]
) -> Series:
    """Return a series with the ends of a band as its intervals."""
    rows = {row[x]: row for row in rows_of(spec, band)}
    low, high = name_of(band, "y"), name_of(band, "y2")
    ends = [
        tuple(
            float(rows[at][name]) if at in rows and rows[at].get(name) is not None else None
            for at in categories
        )
        for name in (low, high)
    ]
    return Series(of.name, of.values, *ends)


def name_of(layer: Mapping[str, Any], channel: str) -> str:
    """Return the column that a channel of a layer draws, or nothing."""
    return str(layer["encoding"].get(channel, {}).get("field", ""))


def kind_of(layer: Mapping[str, Any], channel: str) -> str:
    """Return how a channel of a layer is measured."""
    return str(layer["encoding"].get(channel, {}).get("type", ""))


def title_of(layer: Mapping[str, Any], channel: str) -> str:
    """Return the title of an axis in one line; empty where it has none."""
    about = layer["encoding"].get(channel, {})
    axis = about.get("axis") or {}
    title = axis.get("title", about.get("title")) or ""
    return " ".join(title) if isinstance(title, list) else str(title)
