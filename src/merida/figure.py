"""A figure: a number that can say where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from merida.errors import FigureError

Kind = Literal["fact", "estimate", "assumption"]


class Asked(Protocol):
    """A question with its options, which writes itself in each of its spellings; see `merida.answers`."""

    def command(self) -> str:
        """Return it as a command line."""

    def python(self) -> str:
        """Return it as a call of a Lab."""

    def url(self) -> str:
        """Return it as the address of a page."""

    def json(self) -> str:
        """Return it as JSON."""


if TYPE_CHECKING:
    MaybeAsked = Asked | None
else:  # answers are read back from JSON by their types, and a figure's own question is none of it
    MaybeAsked = Any


@dataclass(frozen=True, slots=True)
class OwnRows:
    """Rows of the user's own in a table that a figure rests on.

    Parameters
    ----------
    id, table : str
        Of the addition: ``crime_victims-1``; and the table that it was made to.
    rows : int
        How many of its rows stand in the table at the date.
    file_name : str
        The file that was added.
    added : str
        The day, ``YYYY-MM-DD``.
    """

    id: str
    table: str
    rows: int
    file_name: str
    added: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure comes from.

    Parameters
    ----------
    tables : tuple of str
        The fact tables that the figure rests on.
    query : str
        The read-only SQL that gives the figure again: ``merida facts sql "QUERY"``. Empty for an assumption.
    note : str
        Key in ``words/`` of what a reader must know of this figure, or empty.
    request : Asked or None
        The question that gave the figure; None where a query gives it.
    own : tuple of OwnRows
        The rows of the user's own that the tables of its query hold.
    """

    tables: tuple[str, ...]
    query: str = ""
    note: str = ""
    request: MaybeAsked = None
    own: tuple[OwnRows, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its interval, unit, kind and origin.

    Parameters
    ----------
    value : float
        The number, in `unit`.
    low, high : float or None
        The ends of the interval of an estimate, or of the range of an assumption. A fact has none.
    unit : str
        Key under ``units`` in ``words/``.
    kind : {"fact", "estimate", "assumption"}
        What the number is. A sum, share or rate of facts alone is a fact.
    origin : Origin
        Where it comes from.

    Raises
    ------
    FigureError
        If a fact has an interval, an estimate has none, or the value lies outside its interval.
    """

    value: float
    low: float | None
    high: float | None
    unit: str
    kind: Kind
    origin: Origin

    def __post_init__(self) -> None:
        """Refuse a figure that would break the honesty rule."""
        bounded = self.low is not None and self.high is not None
        if self.kind == "fact" and (self.low is not None or self.high is not None):
            raise FigureError("figure_fact_with_interval", value=self.value)
        if self.kind != "fact" and not bounded:
            raise FigureError("figure_without_interval", kind=self.kind, value=self.value)
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise FigureError("figure_outside_interval", value=self.value, low=self.low, high=self.high)

    def asked(self, request: Asked) -> Figure:
        """Return the figure as one that a question gave."""
        return replace(self, origin=replace(self.origin, request=request))
