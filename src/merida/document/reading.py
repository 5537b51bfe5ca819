"""How a document reads in one language: its numbers, intervals, names and sources, for every writer of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

from merida.document.blocks import Cell, Document, Drawn, Picture, Sentence, Value
from merida.document.values import said, written
from merida.facts.schema import Table, Text, tables
from merida.figure import Asked, Figure, Origin, OwnRows
from merida.units import decimals
from merida.words import Filled, Words


@dataclass
class Reading:
    """One reading of a document in one language.

    Parameters
    ----------
    words : Words
        The language.
    as_of : str or None
        The document's.
    asks : callable
        Takes an origin and returns the question that gives its figure again, or None.
    own : tuple of OwnRows
        The rows of the user's own that the record held.
    drawings : dict of int to Drawn
        What was drawn, by the picture's identity: each is drawn once for all writers of the language.
    """

    words: Words
    as_of: str | None
    asks: Callable[[Origin], Asked | None] = lambda origin: origin.request
    own: tuple[OwnRows, ...] = ()
    drawings: dict[int, Drawn] = field(default_factory=dict)

    def text(self, key: str, **values: object) -> str:
        """Return a text of the page's language."""
        return self.words.text(key, **values)

    def headline(self, document: Document) -> str:
        """Return the title of a document, which may begin with a name."""
        title = said(document.title, self.words)
        return title[:1].upper() + title[1:]

    def number(self, figure: Figure) -> str:
        """Return a figure's number as its unit and language ask for; a year stands bare."""
        if figure.unit == "year":
            return str(int(figure.value))
        return self.words.number(figure.value, decimals(figure.unit))

    def interval(self, figure: Figure) -> str:
        """Return a figure's interval, or nothing where both its ends read as the figure itself."""
        if figure.low is None or figure.high is None:
            return ""
        places = decimals(figure.unit)
        ends = {self.words.number(end, places) for end in (figure.low, figure.high)}
        return "" if ends == {self.number(figure)} else self.words.interval(figure.low, figure.high, places)

    def command(self, origin: Origin) -> str:
        """Return what to type to get a figure again, or nothing for what no question gives."""
        asked = self.asks(origin)
        return asked.command() if asked else ""

    def parts(self, sentence: Sentence) -> Iterator[tuple[bool, Cell]]:
        """Yield the parts of a sentence: its own words, marked, and what its placeholders stand for.

        ``{x_unit}`` is the unit of the figure ``{x}``; a number with a format of its own is given as its text.
        """
        words, key = self.words, sentence.key
        values: dict[str, Cell] = dict(sentence.values)
        for name, value in sentence.values.items():
            if isinstance(value, Figure):
                values[f"{name}_unit"] = words.unit(value.unit, self.number(value))
        if key not in words.texts:
            key = f"{key}.{words.plural(key, written(values.get('count', ''), words))}"
        for literal, place, form, _ in Formatter().parse(words.texts[key]):
            if literal:
                yield True, literal
            if place is not None:
                yield False, Filled(words).format_field(values[place], form) if form else values[place]

    def own_of(self, tables: tuple[str, ...]) -> list[OwnRows]:
        """Return the rows of the user's own in some tables; where it is not known which tables, all of them."""
        return [one for one in self.own if one.table in tables or not tables]

    def told(self, key: str, own: Iterable[OwnRows]) -> str:
        """Return a sentence on rows of the user's own."""
        files = [
            self.text("own.page_file", count=one.rows, table=one.table, file=one.file_name, added=one.added)
            for one in own
        ]
        return self.text(key, files="; ".join(files))

    def plain(self, key: str, values: Mapping[str, Value]) -> str:
        """Return a title or alternative text, in which figures stand as plain numbers."""
        shown: dict[str, object] = dict(values)
        for name, value in values.items():
            if isinstance(value, Figure):
                shown[name] = self.number(value)
            elif isinstance(value, Text):
                shown[name] = value.to(self.words.language)
        return self.text(key, **shown)

    def drawing(self, picture: Picture) -> Drawn:
        """Return a picture as it is drawn in the language."""
        if id(picture) not in self.drawings:
            self.drawings[id(picture)] = picture.draw(self.words)
        return self.drawings[id(picture)]

    def title(self, picture: Picture) -> str:
        """Return a picture's title."""
        return self.plain(f"charts.{picture.name}.title", picture.values)

    def alternative(self, picture: Picture) -> str:
        """Return a picture's alternative text."""
        return self.plain(f"charts.{picture.name}.alt", picture.values)

    def subject(self, origin: Origin) -> str:
        """Return the table that a query is about: the first that holds more than places; none for the register."""
        held = (name for name in origin.tables if tables()[name].room != "places")
        return next(held, origin.tables[0] if origin.tables else "")

    def sources(self, picture: Picture) -> list[Table]:
        """Return the tables that a chart rests on, without those that only hold places."""
        held = [tables()[name] for origin in picture.origins for name in origin.tables]
        kept = [table for table in held if table.room != "places"] or held[:1]
        return list({table.name: table for table in kept}.values())

    def tables_of(self, picture: Picture) -> tuple[str, ...]:
        """Return every table that a chart rests on; none where it is not known which these are."""
        named = [origin.tables for origin in picture.origins]
        return tuple(name for names in named for name in names) if all(named) else ()
