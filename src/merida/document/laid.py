"""A document laid out for paper in one language: plain data, from which the writers of PDF, Word and Markdown are fed.

A run is a piece of text with what it is: ``fact``, ``estimate`` or ``assumption`` of a figure, ``interval`` of its
interval, which no line breaks, ``code`` of a command, or nothing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from merida.document.blocks import (
    Again,
    Block,
    Cell,
    Document,
    Drawn,
    Grid,
    Heading,
    Missing,
    Paragraph,
    Picture,
    Points,
    Section,
    Sentence,
    Sources,
    Table,
    Traps,
    Verbatim,
)
from merida.document.data import csv_of
from merida.document.reading import Reading
from merida.document.values import FIXED, NOTHING, cells, heads, numeric, said, undrawn, written
from merida.facts.checks import checks
from merida.facts.schema import tables
from merida.figure import Figure

Run = tuple[str, str]
Node = dict[str, Any]

LETTERS = 70  # of a cell, after which it is broken into lines
SHARE = 3  # lines into which the head of a column may be broken
LONG, BREAK = 24, "\u200b"  # letters of a word that may be broken, and where
ACROSS, ACROSS_MANY, MANY = 114, 128, 6  # letters across a page, across one of more than so many columns


@dataclass(frozen=True)
class Laid:
    """A document in one language, as the writers for paper take it.

    Parameters
    ----------
    head : dict
        Title, date, language and the few figures at the top.
    sections : list of dict
        Each with its name, title, whether it is of the annex, and its nodes.
    pictures : dict of str to Drawn
        By the name that a picture's node gives.
    tables : dict of str to str
        Every table as CSV, by the name of its file.
    """

    head: Node
    sections: list[Node]
    pictures: dict[str, Drawn]
    tables: dict[str, str]

    def nodes(self, kind: str) -> list[Node]:
        """Return the nodes of a kind, in their order."""
        return [node for section in self.sections for node in section["nodes"] if node["kind"] == kind]


def laid(document: Document, reading: Reading) -> Laid:
    """Return a document laid out in a reading's language."""
    layout = Layout(reading)
    head = {
        "language": reading.words.language,
        "title": reading.headline(document),
        "date": " ".join(
            (
                reading.text(
                    "brief.date_as_of" if document.as_of else "brief.date",
                    month=reading.words.month(document.month),
                ),
                reading.text("brief.how_to_read_paper"),
            )
        ),
        "month": document.month,
        "own": reading.told("own.page", document.own) if document.own else "",
        "tiles": [
            {"value": layout.figure(figure), "label": reading.plain(f"brief.tiles.{name}", values)}
            for name, figure, values in document.tiles
        ],
        "footer": reading.text("brief.paper.footer", month=reading.words.month(document.month)),
        "words": {"contents": reading.text("brief.contents"), "annex": reading.text("brief.paper.annex")},
    }
    sections = [layout.section(section) for section in document.sections]
    return Laid(head, sections, layout.pictures, layout.tables)


class Layout:
    """Lays out blocks, and keeps the pictures that they name."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.pictures: dict[str, Drawn] = {}
        self.tables: dict[str, str] = {}
        self.names: dict[str, int] = {}

    def section(self, section: Section) -> Node:
        """Return one section."""
        return {
            "name": section.name,
            "title": self.reading.text(f"brief.{section.name}.title"),
            "annex": section.annex,
            "nodes": [node for block in section.blocks for node in self.block(block)],
        }

    def block(self, block: Block) -> Iterator[Node]:
        """Yield what shows one block."""
        if isinstance(block, Sentence):
            yield {"kind": "paragraph", "runs": self.sentence(block)}
        elif isinstance(block, Paragraph):
            yield {"kind": "paragraph", "runs": self.together(block.sentences)}
        elif isinstance(block, Points):
            yield {"kind": "points", "items": [self.sentence(one) for one in block.sentences]}
        elif isinstance(block, Missing):
            chart = self.reading.text(f"charts.{block.name}.title")
            yield {"kind": "note", "runs": [(self.reading.text("brief.nothing_yet", chart=chart), "")]}
        elif isinstance(block, Picture):
            yield self.picture(block)
        elif isinstance(block, Grid):
            yield self.grid(block)
        elif isinstance(block, Table):
            yield self.table(block)
        elif isinstance(block, Verbatim):
            yield {"kind": "code", "text": block.text}
        elif isinstance(block, Heading):
            yield {"kind": "heading", "text": said(block.sentence, self.reading.words)}
        elif isinstance(block, Again):
            yield self.again(block)
        elif isinstance(block, Traps):
            known = {check.id: check for check in checks()}
            language = self.reading.words.language
            yield {
                "kind": "points",
                "items": [[(known[name].about.to(language), "")] for name in block.checks],
            }
        elif isinstance(block, Sources):
            yield {"kind": "entries", "items": [self.source(*one) for one in block.tables]}

    def together(self, sentences: tuple[Sentence, ...]) -> list[Run]:
        """Return sentences that stand together."""
        runs: list[Run] = []
        for sentence in sentences:
            runs += [(" ", ""), *self.sentence(sentence)] if runs else self.sentence(sentence)
        return runs

    def sentence(self, sentence: Sentence) -> list[Run]:
        """Return a sentence; each figure in it is a run of its own."""
        runs: list[Run] = []
        for told, part in self.reading.parts(sentence):
            runs += [(str(part), "")] if told else self.cell(part)
        return runs

    def figure(self, figure: Figure) -> list[Run]:
        """Return a number, and its interval if it has one."""
        runs: list[Run] = [(self.reading.number(figure), figure.kind)]
        if interval := self.reading.interval(figure):
            runs += [(" ", ""), (f"({interval})".replace(" ", FIXED), "interval")]
        return runs

    def cell(self, cell: Cell) -> list[Run]:
        """Return what a placeholder or a cell holds."""
        if isinstance(cell, Figure):
            return self.figure(cell)
        if isinstance(cell, Sentence):
            return self.sentence(cell)
        return [(NOTHING if cell is None else written(cell, self.reading.words), "")]

    def picture(self, picture: Picture) -> Node:
        """Return a picture with its caption and sources."""
        reading = self.reading
        drawn = reading.drawing(picture)
        at = self.names[picture.name] = self.names.get(picture.name, 0) + 1
        ending = "png" if isinstance(drawn.wide, bytes) else "svg"
        name = f"{picture.name}{f'-{at}' if at > 1 else ''}.{ending}"
        self.pictures[name] = drawn
        captions = [reading.text(f"charts.{picture.name}.{caption}") for caption in picture.captions]
        language = reading.words.language
        sources = "; ".join(
            f"{table.institution.to(language)}, {table.title.to(language)}"
            for table in reading.sources(picture)
        )
        ended = f"{sources}." if sources else reading.text("brief.register")
        captions.append(f"{reading.text('brief.source')}: {ended}")
        if own := reading.own_of(reading.tables_of(picture)):
            captions.append(reading.told("own.figure", own))
        width, height = size(drawn.wide)
        return {
            "kind": "picture",
            "file": name,
            "title": reading.title(picture),
            "alt": reading.alternative(picture),
            "caption": " ".join(captions),
            "width": width,
            "height": height,
        }

    def grid(self, grid: Grid) -> Node:
        """Return a table of the brief."""
        named = f"tables.{grid.name}"
        columns = [self.reading.plain(f"{named}.{column}", grid.values) for column in grid.columns]
        rows = [[self.cell("" if value == "" else value) for value in row] for row in grid.rows]
        right = [grid.numeric(at) for at in range(len(columns))]
        title = self.reading.plain(f"{named}.title", grid.values)
        data = csv_of(columns, grid.rows, self.reading.words)
        return self.lined(grid.name, title, columns, right, rows, data)

    def table(self, table: Table) -> Node:
        """Return a table of an answer."""
        words = self.reading.words
        shown = undrawn(table)
        rows: list[list[list[Run]]] = [
            [[(breakable(text), "")] for text in row] for row in cells(shown, words)
        ]
        right = [numeric(shown, at) for at in range(len(shown.columns))]
        name = shown.title.key.rpartition(".")[2] if shown.title else "table"
        title, columns = said(shown.title, words) if shown.title else "", heads(shown, words)
        return self.lined(name, title, columns, right, rows, csv_of(columns, shown.rows, words))

    def lined(
        self,
        name: str,
        title: str,
        heads: list[str],
        right: list[bool],
        rows: list[list[list[Run]]],
        data: str,
    ) -> Node:
        """Return a table with the share of the width that each column needs, and keep its data."""
        at = self.names[f"{name}.csv"] = self.names.get(f"{name}.csv", 0) + 1
        columns = [["".join(text for text, _ in row[column]) for row in rows] for column in range(len(heads))]
        named = f"{name}{f'-{at}' if at > 1 else ''}"
        self.tables[f"{named}.csv"] = data
        return {
            "kind": "table",
            "name": named,
            "title": title,
            "heads": heads,
            "right": right,
            "rows": rows,
            "widths": widths(heads, columns, right),
        }

    def again(self, block: Again) -> Node:
        """Return the commands that give again what stands above."""
        runs: list[Run] = [(self.reading.text("brief.again"), "")]
        for at, request in enumerate(block.requests):
            runs += [(" · " if at else " ", ""), (request.command(), "code")]
        return {"kind": "note", "runs": runs}

    def source(self, name: str, rows: Figure, published: str) -> Mapping[str, str]:
        """Return one table of the record: what it is, under which licence, and how far it reaches."""
        table, reading = tables()[name], self.reading
        language = reading.words.language
        last = reading.text("why.last", month=reading.words.month(published))
        parts = (
            table.institution.to(language),
            reading.text(f"status_short.{table.status}"),
            f"{reading.text('why.licence')}: {table.licence.to(language)}",
            f"{reading.text('why.rows')}: {reading.number(rows)}; {last}",
        )
        return {
            "title": table.title.to(language),
            "name": name,
            "text": ". ".join(one.rstrip(".") for one in parts) + ".",
        }


def widths(heads: list[str], columns: list[list[str]], right: list[bool]) -> list[float]:
    """Return the share of a table's width for each column: its longest word, and more where there is more to say.

    Parameters
    ----------
    heads : list of str
    columns : list of list of str
        The cells of each column.
    right : list of bool
        Whether a column holds numbers, which are not broken.

    Examples
    --------
    >>> widths(["State", "Deaths"], [["Baja California"], ["12"]], [False, True])
    [0.6, 0.4]
    """
    least, wanted = [], []
    for head, texts, number in zip(heads, columns, right, strict=True):
        longest = max(
            [1.15 * len(word) for word in head.split()]
            + [len(word) for text in texts for word in text.replace(BREAK, " ").split(" ")]
        )
        full = max(map(len, texts), default=0)
        least.append(longest + 2)
        wanted.append(max(longest, full if number else min(full, LETTERS), len(head) / SHARE) + 2)
    room = ACROSS_MANY if len(heads) > MANY else ACROSS
    spare = max(room - sum(least), 0)
    more = [full - short for full, short in zip(wanted, least, strict=True)]
    part = min(spare / sum(more), 1) if sum(more) else 0
    got = [short + part * one for short, one in zip(least, more, strict=True)]
    return [round(one / sum(got), 4) for one in got]


def breakable(text: str) -> str:
    """Return a text whose dotted paths may be broken at their signs, where they are too long for a column.

    Examples
    --------
    >>> breakable("flows.share of a, communities.street_outreach.own").replace(BREAK, "|")
    'flows.share of a, communities.|street_|outreach.|own'
    """
    return " ".join(
        re.sub(r"(?<=\w[._])(?=\w)", BREAK, word) if len(word) > LONG and not word[0].isdigit() else word
        for word in text.split(" ")
    )


def size(drawing: str | bytes) -> tuple[float, float]:
    """Return the width and height of an SVG or a PNG, in its own units."""
    if isinstance(drawing, bytes):
        wide, high = struct.unpack(">II", drawing[16:24])
        return float(wide), float(high)
    head = drawing[drawing.index("<svg") : drawing.index(">", drawing.index("<svg"))]
    named = dict(part.split("=", 1) for part in head.split() if "=" in part)
    return float(named["width"].strip('"')), float(named["height"].strip('"'))


def as_bytes(held: str | bytes) -> bytes:
    """Return what a file is to hold as bytes."""
    return held.encode() if isinstance(held, str) else held
