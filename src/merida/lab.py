"""Lab: what users hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from merida.facts import Facts

if TYPE_CHECKING:
    from merida.brief import Brief


class Lab:
    """The laboratory, as of a date.

    Parameters
    ----------
    as_of : str or None
        ``YYYY-MM``: only what had been published by the end of that month. None: the whole record.

    Raises
    ------
    FactsError
        If `as_of` is not a month within the record.

    Examples
    --------
    >>> lab = Lab(as_of="2012-12")
    >>> lab.facts.sql("select max(year) as last from homicides_year").item()
    2011
    """

    def __init__(self, as_of: str | None = None) -> None:
        self.facts = Facts(as_of)

    def brief(self, language: str | Iterable[str] = ("en", "es")) -> Brief:
        """Return the brief, in one language or several; ``.write(folder)`` writes it."""
        from merida.brief import Brief

        return Brief(self.facts, (language,) if isinstance(language, str) else tuple(language))
