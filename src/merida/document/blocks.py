"""The brief as a document: what it holds, in no language yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from merida.charts.series import Plotted
from merida.facts.schema import Text
from merida.figure import Asked, Figure, Origin, OwnRows
from merida.statistics import Interval
from merida.words import Words

# What a sentence's placeholder or a table's cell may hold: a bare int is a year, a Text is in both languages.
Value = Figure | Text | str | int | None


@dataclass(frozen=True)
class Sentence:
    """A sentence: a key in ``words/`` and what its placeholders stand for."""

    key: str
    values: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether the record holds everything that the sentence says."""
        return all(value is not None for value in self.values.values())


@dataclass(frozen=True)
class Paragraph:
    """Sentences that stand together; those for which the record holds nothing are left out."""

    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Points:
    """A list of sentences, one a line."""

    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Drawn:
    """A chart as it is drawn in one language.

    Parameters
    ----------
    wide : str or bytes
        For a page, paper and a wide screen: SVG text, or PNG bytes for a map.
    narrow : str
        The same for a telephone, as SVG text. A map has none: it stays legible, but for its legend.
    legend : tuple of (str, str)
        Colour and name of what a map shows, which a telephone shows below it.
    plotted : Plotted or None
        The chart as series, where it is simple enough for an office program to draw it.
    """

    wide: str | bytes
    narrow: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    plotted: Plotted | None = None


@dataclass(frozen=True)
class Picture:
    """A chart with its title, caption, alternative text and origin.

    Parameters
    ----------
    name : str
        Key under ``charts`` in ``words/``: title, alt and, if there is one, caption.
    draw : callable
        Takes the words of a language and returns the picture.
    values : dict
        The placeholders of title and alternative text.
    origins : tuple of Origin
        The queries that gave the data.
    captions : tuple of str
        Keys under ``charts.NAME`` of the sentences below it.
    """

    name: str
    draw: Callable[[Words], Drawn]
    values: dict[str, Value]
    origins: tuple[Origin, ...]
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """A chart for which nothing had been published at the date."""

    name: str


@dataclass(frozen=True)
class Grid:
    """A table: key under ``tables`` in ``words/``, its columns' keys and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    values: dict[str, Value] = field(default_factory=dict)

    def numeric(self, column: int) -> bool:
        """Whether a column holds figures, which stand to the right."""
        return any(isinstance(row[column], Figure) for row in self.rows)


@dataclass(frozen=True)
class Sources:
    """The list of sources: the tables that held rows at the date, with how many and the last publication."""

    tables: tuple[tuple[str, Figure, str], ...]


@dataclass(frozen=True)
class Traps:
    """The known traps that the cross-checks found present, by check id."""

    checks: tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    sentence: Sentence


@dataclass(frozen=True)
class Again:
    """The questions that give again what stands above, each with its command."""

    requests: tuple[Asked, ...]


@dataclass(frozen=True)
class Month:
    """A month as ``YYYY-MM``, written in words."""

    month: str


@dataclass(frozen=True)
class Rounded:
    """A number or an interval that is shown with its own number of decimals, in a sentence or a column of many units."""

    of: Interval | float | int | None
    decimals: int = 0


@dataclass(frozen=True)
class Listing:
    """Several cells in one, a comma or another sign between them."""

    cells: tuple[Cell, ...]
    between: str = ", "


@dataclass(frozen=True)
class Bar:
    """A number with its ends, drawn in letters on an axis that shows where 0 is.

    Only a terminal shows it: a document has its picture.

    Parameters
    ----------
    axis : tuple of float
        Its ends; what lies beyond ends in an arrow.
    mark : str
        The letter of the number; empty: the interval alone.
    """

    value: float
    low: float
    high: float
    axis: tuple[float, float]
    mark: str = "■"


# What a cell of an answer's table may hold. A str is a name or what a user typed, shown letter by letter; a Sentence or
# Text is said in the reader's language; None is shown as a dash.
Cell = Figure | Interval | Rounded | Listing | Bar | Sentence | Text | Month | str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """A column of an answer's table.

    Parameters
    ----------
    head : str or Sentence
        Key in ``words/`` of its name, or the sentence; a name of the user's own stands in a `Verbatim`.
    unit : str
        Key under ``units`` in ``words/``: it stands once, in the head.
    decimals : int or None
        Of its numbers; None shows whole numbers without grouping, as years and hours are.
    scale : float
        What its numbers are divided by before they are shown.
    figures : bool
        Whether it stands to the right although some cells say in words why there is no number.
    """

    head: str | Sentence | Verbatim
    unit: str = ""
    decimals: int | None = None
    scale: float = 1.0
    figures: bool = False


@dataclass(frozen=True)
class Verbatim:
    """Text of the record or of a user, which stands as it was written: a query, a path, a name."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table of an answer: as many cells in each row as there are columns. Numbers stand to the right."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: Sentence | None = None


AnswerBlock = Sentence | Paragraph | Points | Table | Verbatim
"""What an answer is made of: a sentence is a line of its own."""


Block = (
    Sentence
    | Paragraph
    | Points
    | Picture
    | Missing
    | Grid
    | Table
    | Verbatim
    | Heading
    | Again
    | Sources
    | Traps
)
"""What a document is made of."""


@dataclass(frozen=True)
class Section:
    """A part of the brief; its title is ``brief.NAME.title`` in ``words/``.

    Parameters
    ----------
    name : str
    blocks : tuple of Block
    annex : bool
        Whether it stands behind the text, for whoever looks something up.
    """

    name: str
    blocks: tuple[Block, ...]
    annex: bool = False


@dataclass(frozen=True)
class Document:
    """The whole brief.

    Parameters
    ----------
    month : str
        The date that it bears, ``YYYY-MM``: its `as_of`, or the last publication in the record.
    as_of : str or None
        As given.
    tiles : tuple of (str, Figure)
        The few figures at the top, with their keys under ``brief.tiles`` in ``words/``.
    sections : tuple of Section
        The first is the first page.
    own : tuple of OwnRows
        The rows of the user's own that the record held, by table.
    title : Sentence
    name : str
        What its files are called before language and ending.
    """

    month: str
    as_of: str | None
    tiles: tuple[tuple[str, Figure, dict[str, Value]], ...]
    sections: tuple[Section, ...]
    own: tuple[OwnRows, ...] = ()
    title: Sentence = Sentence("brief.title")
    name: str = "brief"
