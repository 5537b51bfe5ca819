"""Blocks as Markdown; nothing that a user typed is interpreted as such."""

from __future__ import annotations

import re
from collections.abc import Iterable

from merida.document.blocks import AnswerBlock, Paragraph, Points, Sentence, Table, Verbatim
from merida.document.values import FIXED, cells, heads, numeric, said, undrawn
from merida.words import Words

SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def escaped(text: str) -> str:
    r"""Return a text in which no sign is markup.

    Examples
    --------
    >>> escaped("[/x] a_b")
    '\\[/x\\] a\\_b'
    """
    return SIGNS.sub(r"\\\1", re.sub(r"[\r\n\t]+", " ", text))


def render(blocks: Iterable[AnswerBlock], words: Words) -> str:
    """Return blocks as Markdown."""
    return "\n\n".join(one(block, words) for block in blocks).replace(FIXED, " ")


def one(block: AnswerBlock, words: Words) -> str:
    """Return one block as Markdown."""
    if isinstance(block, Verbatim):
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", block.text)), 3)
        return f"{fence}text\n{block.text}\n{fence}"
    if isinstance(block, Sentence):
        return escaped(said(block, words))
    if isinstance(block, Paragraph):
        return " ".join(escaped(said(sentence, words)) for sentence in block.sentences)
    if isinstance(block, Points):
        return "\n".join(f"- {escaped(said(sentence, words))}" for sentence in block.sentences)
    return table(block, words)


def table(block: Table, words: Words) -> str:
    """Return a table with its title in bold; numbers stand to the right."""
    block = undrawn(block)
    title = "" if block.title is None else f"**{escaped(said(block.title, words))}**\n\n"
    sides = ["---:" if numeric(block, at) else ":---" for at in range(len(block.columns))]
    lines = [map(escaped, heads(block, words)), sides, *(map(escaped, row) for row in cells(block, words))]
    return title + "\n".join(f"| {' | '.join(line)} |" for line in lines)
