"""Blocks as a piece of HTML for a notebook: what the terminal shows, with the answer's picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import Markup

from merida.document.blocks import AnswerBlock, Paragraph, Points, Sentence, Table, Verbatim
from merida.document.values import cells, heads, numeric, said, undrawn
from merida.words import Words


def render(blocks: Iterable[AnswerBlock], words: Words, pictures: Iterable[dict[str, Any]] = ()) -> str:
    """Return blocks and pictures as HTML, every text escaped."""
    from merida.charts.theme import svg

    drawn = [Markup("<div>{}</div>").format(Markup(svg(picture))) for picture in pictures]
    return Markup("<div>{}</div>").format(Markup("").join([*(one(block, words) for block in blocks), *drawn]))


def one(
    block: AnswerBlock,
    words: Words,
    as_table: Callable[[Table, Words], Markup] | None = None,
    verbatim: str = "<pre>{}</pre>",
) -> Markup:
    """Return one block as HTML; a page may have a form of its own for tables and for what stands as it was written."""
    if isinstance(block, Verbatim):
        return Markup(verbatim).format(block.text)
    if isinstance(block, Sentence):
        return Markup("<p>{}</p>").format(said(block, words))
    if isinstance(block, Paragraph):
        return Markup("<p>{}</p>").format(" ".join(said(sentence, words) for sentence in block.sentences))
    if isinstance(block, Points):
        points = (Markup("<li>{}</li>").format(said(sentence, words)) for sentence in block.sentences)
        return Markup("<ul>{}</ul>").format(Markup("").join(points))
    return (as_table or table)(block, words)


def table(block: Table, words: Words) -> Markup:
    """Return a table as HTML; numbers stand to the right."""
    block = undrawn(block)
    title = (
        Markup("")
        if block.title is None
        else Markup("<caption>{}</caption>").format(said(block.title, words))
    )
    sides = ["right" if numeric(block, at) else "left" for at in range(len(block.columns))]

    def row(tag: str, texts: Iterable[str]) -> Markup:
        shape = Markup('<{0} style="text-align:{1}">{2}</{0}>')
        return Markup("<tr>{}</tr>").format(
            Markup("").join(
                shape.format(Markup(tag), side, text) for side, text in zip(sides, texts, strict=True)
            )
        )

    body = Markup("").join(row("td", line) for line in cells(block, words))
    return Markup("<table>{}<thead>{}</thead><tbody>{}</tbody></table>").format(
        title, row("th", heads(block, words)), body
    )
