"""Blocks of an answer as HTML for a page of the workbench: no style of its own, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from markupsafe import Markup

from merida.document.blocks import AnswerBlock, Table
from merida.document.notebook import one
from merida.document.values import cells, heads, numeric, said, undrawn
from merida.words import Words


def render(blocks: Iterable[AnswerBlock], words: Words) -> Markup:
    """Return blocks as HTML."""
    return Markup("\n").join(one(block, words, table, '<pre tabindex="0">{}</pre>') for block in blocks)


MOST_ROWS = 2_500  # of a table on a page: every municipality; an answer's files hold more


def table(block: Table, words: Words) -> Markup:
    """Return a table as HTML, whose first column names its rows; a screen too narrow for it scrolls it alone."""
    block, count = undrawn(block), len(block.rows)
    block = replace(block, rows=block.rows[:MOST_ROWS])
    title = said(block.title, words) if block.title is not None else ""
    if count > MOST_ROWS:
        title = f"{title} {words.text('workbench.first_rows', shown=MOST_ROWS, count=count)}".strip()
    caption = Markup("<caption>{}</caption>").format(title) if title else Markup("")
    right = [' class="number"' if numeric(block, at) else "" for at in range(len(block.columns))]
    names = heads(block, words)

    def cell(tag: str, more: str, text: str) -> Markup:
        return Markup("<{0}{1}>{2}</{3}>").format(
            Markup(tag), Markup(more), text, Markup(tag.partition(" ")[0])
        )

    top = Markup("").join(cell('th scope="col"', side, name) for side, name in zip(right, names, strict=True))
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                cell("td" if at else 'th scope="row"', side, text)
                for at, (side, text) in enumerate(zip(right, line, strict=True))
            )
        )
        for line in cells(block, words)
    )
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table>{}<thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(title or names[0], caption, top, body)
