"""The brief as one self-contained HTML file for each language; every figure opens its origin."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from merida.charts.theme import font_file
from merida.document.blocks import Cell, Document, Month, Picture, Sentence, Value
from merida.facts.checks import Check, checks
from merida.facts.schema import Table, Text, tables
from merida.figure import Asked, Figure, Origin, OwnRows
from merida.shipped import text, whole
from merida.units import decimals
from merida.words import Words, words

WEIGHTS = {"Regular": 400, "SemiBold": 600, "ExtraBold": 800}


@dataclass
class Page:
    """One rendering of the document in one language: it numbers the origins as figures ask for them."""

    words: Words
    as_of: str | None
    languages: tuple[str, ...]
    asks: Callable[[Origin], Asked | None]
    own: tuple[OwnRows, ...] = ()
    opened: dict[tuple[Figure | None, Origin], int] = field(default_factory=dict)

    def text(self, key: str, **values: object) -> str:
        """Return a text of the page's language."""
        return self.words.text(key, **values)

    def number(self, figure: Figure) -> str:
        """Return a figure's number as its unit and language ask for; a year stands bare."""
        if figure.unit == "year":
            return str(int(figure.value))
        return self.words.number(figure.value, decimals(figure.unit))

    def figure(self, figure: Figure) -> Markup:
        """Return a number that opens its origin. The only way in which a page prints one."""
        shown, number = Markup(escape(self.number(figure))), self.number_of(figure, figure.origin)
        if interval := self.interval(figure):
            shown += Markup(' <span class="interval">({})</span>').format(interval)
        return Markup(
            '<button type="button" class="figure {}" popovertarget="o{}" data-origin="{}">{}</button>'
        ).format(figure.kind, number, number, shown)

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

    def number_of(self, figure: Figure | None, origin: Origin) -> int:
        """Return the number under which an origin stands at the end of the page."""
        return self.opened.setdefault((figure, origin), len(self.opened) + 1)

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

    def value(self, value: Cell) -> Markup:
        """Return what a placeholder or a cell holds: a figure, a name or a year."""
        if isinstance(value, Figure):
            return self.figure(value)
        if value is None:
            return Markup('<span class="none">–</span>')
        if isinstance(value, Sentence):
            return self.sentence(value)
        if isinstance(value, Text):
            value = value.to(self.words.language)
        if isinstance(value, Month):
            value = self.words.month(value.month)
        tag = Markup("time" if isinstance(value, int) else "span")
        return Markup('<{0} class="label">{1}</{0}>').format(tag, str(value))

    def sentence(self, sentence: Sentence) -> Markup:
        """Return a sentence with its placeholders filled; ``{x_unit}`` is the unit of the figure ``{x}``."""
        template = Markup(escape(self.words.texts[sentence.key]))
        shown = {name: self.value(value) for name, value in sentence.values.items()}
        units = {
            f"{name}_unit": self.words.unit(value.unit, self.number(value))
            for name, value in sentence.values.items()
            if isinstance(value, Figure)
        }
        return template.format(**shown, **units)

    def plain(self, key: str, values: dict[str, Value]) -> str:
        """Return a title or alternative text, in which figures stand as plain numbers."""
        shown: dict[str, object] = dict(values)
        for name, value in values.items():
            if isinstance(value, Figure):
                shown[name] = self.number(value)
            elif isinstance(value, Text):
                shown[name] = value.to(self.words.language)
        return self.text(key, **shown)

    def image(self, picture: Picture) -> Markup:
        """Return a chart as inline SVG, or a map as an embedded PNG, with its alternative text."""
        drawn = picture.draw(self.words)
        alt = self.plain(f"charts.{picture.name}.alt", picture.values)
        if isinstance(drawn.wide, bytes):
            data = base64.b64encode(drawn.wide).decode("ascii")
            names = Markup("").join(
                Markup('<li><i style="background:{}"></i>{}</li>').format(colour, name)
                for colour, name in drawn.legend
            )
            return Markup(
                '<img src="data:image/png;base64,{}" alt="{}"><ul class="legend" aria-hidden="true">{}</ul>'
            ).format(Markup(data), alt, names)
        # The wrapper carries the alternative text; the drawing's own parts would be read out one by one.
        return Markup(
            '<div role="img" aria-label="{}"><div aria-hidden="true" class="wide">{}</div>'
            '<div aria-hidden="true" class="narrow">{}</div></div>'
        ).format(alt, Markup(drawn.wide), Markup(drawn.narrow))

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


def kind_of(block: object) -> str:
    """Return which of the template's blocks shows this one."""
    return type(block).__name__.lower()


def render(
    document: Document,
    language: str,
    languages: tuple[str, ...],
    progress: Callable[[str], None] = lambda _: None,
    asks: Callable[[Origin], Asked | None] = lambda origin: origin.request,
) -> str:
    """Return the document as HTML in one language.

    Parameters
    ----------
    document : Document
        What the brief holds.
    language : str
        ``en`` or ``es``.
    languages : tuple of str
        Every language being written, for the links between them.
    progress : callable
        Called with the name of each section that is done.
    asks : callable
        Takes an origin and returns the question that gives its figure again, or None.
    """
    page = Page(words(language), document.as_of, languages, asks, document.own)
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    fonts = {weight: base64.b64encode(font_file(name)).decode("ascii") for name, weight in WEIGHTS.items()}
    known: dict[str, Check] = {check.id: check for check in checks()}

    def origins() -> list[tuple[int, Figure | None, Origin, list[Table]]]:
        return [
            (number, figure, origin, [tables()[name] for name in origin.tables])
            for (figure, origin), number in page.opened.items()
        ]

    def done(name: str) -> str:
        progress(name)
        return ""

    with whole("document/templates/brief.html.j2"):
        template = environment.from_string(text("document/templates/brief.html.j2"))
    return template.render(
        page=page,
        document=document,
        kind_of=kind_of,
        tables=tables(),
        checks=known,
        origins=origins,
        done=done,
        style=Markup(text("document/templates/style.css")),
        fonts=fonts,
    )
