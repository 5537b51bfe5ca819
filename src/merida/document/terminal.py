"""Blocks as plain text that fits a terminal: no word and no interval is ever broken across lines."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from merida.document.blocks import AnswerBlock, Paragraph, Points, Sentence, Table, Verbatim
from merida.document.values import FIXED, cells, heads, numeric, said
from merida.user_tables.text import visible
from merida.words import Words

GAP = 2
PIPED_WIDTH = 120  # letters of a line where no terminal and no COLUMNS says how many there is room for
NARROWEST = 12  # letters of a column of text that gives way


def terminal_width() -> int:
    """Return how many letters a line has room for: ``COLUMNS``, else the terminal's width."""
    return max(shutil.get_terminal_size((PIPED_WIDTH, 24)).columns, 20)


def render(blocks: Iterable[AnswerBlock], words: Words, width: int) -> str:
    """Return blocks as text of at most `width` letters a line, but for single words that are longer."""
    parts: list[str] = []
    for block in blocks:
        lines = list(shown(block, words, width))
        if isinstance(block, Table) and parts:
            parts.append("")
        parts += lines
        if isinstance(block, Table):
            parts.append("")
    text = "\n".join(parts).rstrip("\n").replace(FIXED, " ")
    return text.replace("\n\n\n", "\n\n")


def shown(block: AnswerBlock, words: Words, width: int) -> Iterable[str]:
    """Return the lines of one block."""
    if isinstance(block, Verbatim):
        return [visible(line) for line in block.text.split("\n")]
    if isinstance(block, Sentence):
        return wrapped(visible(said(block, words)), width)
    if isinstance(block, Paragraph):
        return wrapped(visible(" ".join(said(one, words) for one in block.sentences)), width)
    if isinstance(block, Points):
        return [
            line
            for one in block.sentences
            for line in wrapped("- " + visible(said(one, words)), width, indent="  ")
        ]
    return table(block, words, width)


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Return a text as lines, broken only at its spaces; its own line ends stay."""
    return [
        line
        for part in text.split("\n")
        for line in textwrap.wrap(
            part, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        or [""]
    ]


@dataclass(frozen=True)
class Laid:
    """A column as text: its head, its cells, which side they stand on, and the least and natural width in letters."""

    head: str
    cells: list[str]
    right: bool

    @property
    def natural(self) -> int:
        """The width at which nothing wraps."""
        return max(map(cell_len, (self.head, *self.cells)))

    @property
    def least(self) -> int:
        """The width below which a word or a number would break; a head wraps at its spaces."""
        bodies = self.cells if self.right else [word for cell in self.cells for word in cell.split(" ")]
        longest = max(map(cell_len, (*self.head.split(" "), *bodies)))
        return longest if self.right else max(longest, min(self.natural, NARROWEST))


def table(block: Table, words: Words, width: int) -> list[str]:
    """Return a table as lines: whole, else with its texts wrapped, else in panels that repeat its first column."""
    title = [] if block.title is None else wrapped(visible(said(block.title, words)), width)
    rows = cells(block, words)
    if not rows:
        return [*title, words.text("cli.no_rows")]
    columns = [
        Laid(head, [row[at].replace("\n", " ") for row in rows], numeric(block, at))
        for at, head in enumerate(heads(block, words))
    ]
    first, rest = columns[0], columns[1:]
    panels: list[list[Laid]] = [[first]]
    for column in rest:
        if total([*(one.least for one in panels[-1]), column.least]) > width and len(panels[-1]) > 1:
            panels.append([first])
        panels[-1].append(column)
    pair = (
        len(columns) == 2 and not columns[1].right
    )  # a word too long for it ends its line, in its own column
    if any(total([one.least for one in panel]) > width for panel in panels) and not pair:
        return [*title, *records(columns, width)]
    lines = [line for at, panel in enumerate(panels) for line in ([""] if at else []) + grid(panel, width)]
    return [*title, *lines]


def total(widths: Sequence[int]) -> int:
    """Return the width of columns beside one another."""
    return sum(widths) + GAP * (len(widths) - 1)


def grid(columns: Sequence[Laid], width: int) -> list[str]:
    """Return columns beside one another, the widest texts wrapped until they fit."""
    widths = fitted(columns, width)
    rows = [[column.head for column in columns], *zip(*(column.cells for column in columns), strict=True)]
    lines = []
    for at, row in enumerate(rows):
        parts = [
            [text] if cell_len(text) <= size else wrapped(text, size)
            for text, size in zip(row, widths, strict=True)
        ]
        height = max(map(len, parts))
        for line in range(height):
            drop = [height - len(part) if at == 0 else 0 for part in parts]  # heads stand on their last line
            texts = [
                part[line - above] if 0 <= line - above < len(part) else ""
                for part, above in zip(parts, drop, strict=True)
            ]
            lines.append(placed(texts, widths, columns))
        if at == 0:
            lines.append((" " * GAP).join("─" * size for size in widths))
    return lines


def fitted(columns: Sequence[Laid], width: int) -> list[int]:
    """Return the width of each column: its natural one, or less where the whole is wider than there is room for."""
    widths = [column.natural for column in columns]
    least = [column.least for column in columns]
    bodies = [max(column.least, *map(cell_len, column.cells)) for column in columns]
    for floors in (bodies, least):  # heads give way before cells do
        while total(widths) > width:
            at = max(range(len(widths)), key=lambda one: (widths[one] > floors[one], widths[one]))
            if widths[at] <= floors[at]:
                break
            widths[at] -= 1
    if total(widths) > width and not columns[-1].right:
        widths[-1] = max(width - total(widths[:-1]) - GAP, NARROWEST)
    return widths


def placed(texts: Sequence[str], widths: Sequence[int], columns: Sequence[Laid]) -> str:
    """Return one line of a grid."""
    padded = []
    for text, size, column in zip(texts, widths, columns, strict=True):
        space = " " * (size - cell_len(text))
        padded.append(space + text if column.right else text + space)
    return (" " * GAP).join(padded).rstrip()


def records(columns: Sequence[Laid], width: int) -> list[str]:
    """Return rows one below the other, each cell after its head: for a table that no terminal of this width holds."""
    lines = []
    for at in range(len(columns[0].cells)):
        lines += [""] if at else []
        for column in columns:
            lines += wrapped(f"{column.head}: {column.cells[at]}", width, indent="  ")
    return lines
