"""The bands in which maps show municipalities: one list of measures, for pictures and for the map on a page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from merida.charts.maps import CHANGE_COLOURS, CLUSTER_COLOURS, RATE_BREAKS, change_band, rate_bands
from merida.charts.theme import RATE_SCALE
from merida.words import Words

CHANCES = (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)


@dataclass(frozen=True)
class Measure:
    """What a map of municipalities can show.

    Parameters
    ----------
    column : str
        The field of a municipality's line that is shown as its value.
    scale : {"rate", "change", "clusters"}
        The family of colours.
    colours : tuple of str
        Of the bands, in the order of the legend.
    names : callable
        Takes the words of a language and returns the bands' names.
    band : callable
        Takes a municipality's line and returns the number of its band, or None where the record holds nothing.
    unit : str
        Key in ``words/`` of the legend's title.
    decimals : int or None
        Of the value; None where it is a name.
    factor : float
        What the value is multiplied by when it is shown.
    """

    column: str
    scale: str
    colours: tuple[str, ...]
    names: Callable[[Words], list[str]]
    band: Callable[[Any], int | None]
    unit: str
    decimals: int | None = 1
    factor: float = 1.0


def by_breaks(column: str, breaks: tuple[float, ...]) -> Callable[[Any], int | None]:
    """Return what tells between which breaks a line's value lies.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> [by_breaks("x", (1, 5))(SimpleNamespace(x=x)) for x in (0.9, 1, 7, None)]
    [0, 1, 2, None]
    """

    def band(line: Any) -> int | None:
        value = getattr(line, column)
        return None if value is None else bisect_right(breaks, value)

    return band


def chance_bands(said: Words) -> list[str]:
    """Return the names of the bands between `CHANCES`, in percent, lowest first."""
    shares = [round(100 * edge) for edge in CHANCES]
    return [
        said.text("charts.map.below", value=shares[0]),
        *(f"{low}–{high}" for low, high in pairwise(shares)),
        said.text("charts.map.above", value=shares[-1]),
    ]


def _change(line: Any) -> int | None:
    if line.change_percent is None:
        return None
    return list(CHANGE_COLOURS).index(change_band(1 + line.change_percent / 100, line.rose))


def _rates(column: str, unit: str) -> Measure:
    return Measure(column, "rate", RATE_SCALE, rate_bands, by_breaks(column, RATE_BREAKS), unit)


MEASURES = {
    "rate": _rates("rate_per_100k", "charts.map.unit"),
    "change": Measure(
        "change_percent", "change", tuple(CHANGE_COLOURS.values()),
        lambda said: [said.text(f"charts.monitor_change.{band}") for band in CHANGE_COLOURS],
        _change, "charts.monitor_change.unit", 0,
    ),
    "clusters": Measure(
        "cluster", "clusters", tuple(CLUSTER_COLOURS.values()),
        lambda said: [said.text(f"charts.monitor_clusters.{kind}") for kind in CLUSTER_COLOURS],
        lambda line: list(CLUSTER_COLOURS).index(line.cluster), "charts.monitor_clusters.unit", None,
    ),
    "missing": _rates("missing_per_100k", "charts.places.missing_unit"),
    "forecast": _rates("rate_per_100k", "charts.places.forecast_unit"),
    "bad_year": Measure(
        "bad_year", "rate", RATE_SCALE, chance_bands, by_breaks("bad_year", CHANCES), "charts.places.bad_year_unit", 0,
        100.0,
    ),
}  # fmt: skip
"""What a map can show, by name."""
