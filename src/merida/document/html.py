"""The brief as one self-contained HTML file for each language; every figure opens its origin."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from merida.charts.theme import font_file
from merida.document.blocks import Cell, Document, Drawn, Picture, Sentence, Table
from merida.document.reading import Reading
from merida.document.values import cells, heads, numeric, said, undrawn, written
from merida.facts.checks import Check, checks
from merida.facts.schema import Table as Recorded
from merida.facts.schema import tables
from merida.figure import Asked, Figure, Origin
from merida.shipped import text, whole
from merida.words import words

WEIGHTS = {"Regular": 400, "SemiBold": 600, "ExtraBold": 800}


@dataclass
class Page(Reading):
    """The document on a web page: it numbers the origins as figures ask for them."""

    languages: tuple[str, ...] = ()
    opened: dict[tuple[Figure | None, Origin], int] = field(default_factory=dict)

    def figure(self, figure: Figure) -> Markup:
        """Return a number that opens its origin. The only way in which a page prints one."""
        shown, number = Markup(escape(self.number(figure))), self.number_of(figure, figure.origin)
        if interval := self.interval(figure):
            shown += Markup(' <span class="interval">({})</span>').format(interval)
        return Markup(
            '<button type="button" class="figure {}" popovertarget="o{}" data-origin="{}">{}</button>'
        ).format(figure.kind, number, number, shown)

    def number_of(self, figure: Figure | None, origin: Origin) -> int:
        """Return the number under which an origin stands at the end of the page."""
        return self.opened.setdefault((figure, origin), len(self.opened) + 1)

    def value(self, value: Cell) -> Markup:
        """Return what a placeholder or a cell holds: a figure, a name or a year."""
        if isinstance(value, Figure):
            return self.figure(value)
        if value is None:
            return Markup('<span class="none">–</span>')
        if isinstance(value, Sentence):
            return self.sentence(value)
        tag = Markup("time" if isinstance(value, int) else "span")
        return Markup('<{0} class="label">{1}</{0}>').format(tag, written(value, self.words))

    def sentence(self, sentence: Sentence) -> Markup:
        """Return a sentence with its placeholders filled."""
        return Markup("").join(
            escape(part) if told else self.value(part) for told, part in self.parts(sentence)
        )

    def lined(self, table: Table) -> tuple[str, list[str], list[list[Markup]], list[bool]]:
        """Return the title, heads and cells of a table of an answer, and which columns stand to the right."""
        shown = undrawn(table)
        title = said(shown.title, self.words) if shown.title else ""
        rows = [
            [
                self.value(cell)
                if isinstance(cell, Figure)
                else Markup('<span class="label">{}</span>').format(text)
                for cell, text in zip(row, texts, strict=True)
            ]
            for row, texts in zip(shown.rows, cells(shown, self.words), strict=True)
        ]
        right = [numeric(shown, at) for at in range(len(shown.columns))]
        return title, heads(shown, self.words), rows, right

    def said(self, sentence: Sentence) -> str:
        """Return a heading."""
        return said(sentence, self.words)

    def image(self, picture: Picture) -> Markup:
        """Return a chart as inline SVG, or a map as an embedded PNG, with its alternative text."""
        drawn, alt = self.drawing(picture), self.alternative(picture)
        if isinstance(drawn.wide, bytes):
            data = base64.b64encode(drawn.wide).decode("ascii")
            names = Markup("").join(
                Markup(
                    '<li><svg viewBox="0 0 1 1"><rect width="1" height="1" fill="{}"/></svg>{}</li>'
                ).format(colour, name)
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


def kind_of(block: object) -> str:
    """Return which of the template's blocks shows this one."""
    return type(block).__name__.lower()


def render(
    document: Document,
    language: str,
    languages: tuple[str, ...],
    asks: Callable[[Origin], Asked | None] = lambda origin: origin.request,
    drawings: dict[int, Drawn] | None = None,
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
    asks : callable
        Takes an origin and returns the question that gives its figure again, or None.
    drawings : dict of int to Drawn, optional
        What was drawn in the language by another writer; see `Reading`.
    """
    drawn = {} if drawings is None else drawings
    page = Page(words(language), document.as_of, asks, document.own, drawn, languages)
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    fonts = {weight: base64.b64encode(font_file(name)).decode("ascii") for name, weight in WEIGHTS.items()}
    known: dict[str, Check] = {check.id: check for check in checks()}

    def origins() -> list[tuple[int, Figure | None, Origin, list[Recorded]]]:
        return [
            (number, figure, origin, [tables()[name] for name in origin.tables])
            for (figure, origin), number in page.opened.items()
        ]

    with whole("document/templates/brief.html.j2"):
        template = environment.from_string(text("document/templates/brief.html.j2"))
    return template.render(
        page=page,
        document=document,
        kind_of=kind_of,
        tables=tables(),
        checks=known,
        origins=origins,
        style=Markup(text("document/templates/style.css")),
        fonts=fonts,
    )
