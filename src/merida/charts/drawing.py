"""A chart made ready for a page or a file: with its data, title, caption and sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import altair as alt

from merida.charts.frame import framed, sources
from merida.charts.maps import DataSets
from merida.charts.theme import AnyChart, specification
from merida.facts.schema import Text
from merida.figure import Origin
from merida.words import Words

Make = Callable[[Words], tuple[AnyChart, DataSets | None]]


@dataclass(frozen=True)
class Drawing:
    """A chart with what a page says of it.

    Parameters
    ----------
    name : str
        Key under ``charts`` in ``words/``: title, alt and caption.
    values : dict
        The placeholders of title and alternative text.
    origins : tuple of Origin
        The queries that gave the data.
    make : callable
        Takes the words of a language and returns the chart and the data sets that it names.
    is_map : bool
        Whether it is a map, which a page embeds as PNG.
    """

    name: str
    values: dict[str, Any]
    origins: tuple[Origin, ...]
    make: Make
    is_map: bool = False

    def specification(self, words: Words) -> dict[str, Any]:
        """Return the Vega-Lite specification in one language."""
        chart, data = self.make(words)
        return specification(chart, data)

    def title(self, words: Words) -> str:
        """Return the title in one language."""
        values = {
            key: value.to(words.language) if isinstance(value, Text) else value
            for key, value in self.values.items()
        }
        return words.text(f"charts.{self.name}.title", **values)

    def titled(self, words: Words) -> AnyChart | tuple[AnyChart, DataSets]:
        """Return the chart with its title, caption and source, for where it stands alone, and the data that it names."""
        chart, data = self.make(words)
        head = framed({}, self.name, words, sources(self.tables, words), self.values)["title"]
        chart = chart.properties(title=alt.TitleParams(**head))
        return chart if data is None else (chart, data)

    @property
    def tables(self) -> list[str]:
        """The fact tables that the chart rests on, each once."""
        return list(dict.fromkeys(table for origin in self.origins for table in origin.tables))
