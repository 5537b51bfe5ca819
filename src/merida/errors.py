"""The one root of every error that a user can cause or meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from merida.words import words


@dataclass(frozen=True)
class Word:
    """A name that a message says in the reader's language: a key in ``words/``."""

    key: str


class MeridaError(Exception):
    """An error that is shown to the user as one clear message.

    The message says what was found, where, what was expected and what to do next. It lives in
    ``words/`` under ``errors.KEY``, so that it exists in every language.

    Parameters
    ----------
    key : str
        Name of the message under ``errors`` in ``words/``.
    **values : object
        What the message's placeholders stand for. An error, or a tuple of errors, stands for its message; a `Word`, or a
        tuple of them, for its text; a function for what it returns, which is asked only when the message is shown.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)

    def message(self, language: str | None = None) -> str:
        """Return the message in one language (default: the user's)."""
        values = {name: said(value, language) for name, value in self.values.items()}
        return words(language).text(f"errors.{self.key}", **values)

    def __str__(self) -> str:
        return self.message()


def said(value: object, language: str | None) -> object:
    """Return what a placeholder stands for: errors in the same language, one a line, words, a function's result."""
    if isinstance(value, MeridaError):
        return value.message(language)
    if isinstance(value, Word):
        return words(language).text(value.key)
    if isinstance(value, tuple) and value and all(isinstance(part, Word) for part in value):
        return ", ".join(words(language).text(part.key) for part in value)
    if isinstance(value, tuple) and all(isinstance(part, MeridaError) for part in value):
        return "\n".join(part.message(language) for part in value)
    return value() if callable(value) else value


class FactsError(MeridaError):
    """A table, key, query, date or bundle file that is not as it must be."""


class InstallationError(MeridaError):
    """A file of the program's own that is missing or damaged."""


class OutputError(MeridaError):
    """A file or folder that cannot be written."""


class FigureError(MeridaError):
    """A figure that breaks the honesty rule (a fact with an interval, an estimate without one)."""


class BorderError(MeridaError):
    """A port, a schedule or a rate that cannot be simulated."""


class PlaceError(MeridaError):
    """A name or code that no place bears, that several bear, or whose place is younger than the record's date."""


class ViolenceError(MeridaError):
    """A level or a series of deaths that cannot be shown or forecast."""


class FrameworkError(MeridaError):
    """A framework file that is not as it must be."""


class PlanError(MeridaError):
    """A plan, a row of one or a setting of a run that cannot be simulated."""


class EvidenceError(MeridaError):
    """A study or cost that the register does not hold."""


class ModelError(MeridaError):
    """A parameter that does not exist or cannot have the number it is given."""


class RunError(MeridaError):
    """A record of a run that cannot be read or reproduced."""


class ClaimsError(MeridaError):
    """A claim or recommendation of the memo that is not known."""


class ScorecardError(MeridaError):
    """An indicator, or a table of a user's own indicators, that is not as it must be."""


class RequestError(MeridaError):
    """A question that is not known, or an option of one that cannot be as it was given."""


class BriefError(MeridaError):
    """A brief that cannot be written."""


def nearest(wanted: str, names: Iterable[str], count: int = 3) -> str:
    """Return the names most like `wanted`, comma-separated, or all of a short list if none is close."""
    candidates = sorted(names)
    by_lower = {name.lower(): name for name in candidates}
    close = [by_lower[name] for name in get_close_matches(wanted.lower(), by_lower, n=count, cutoff=0.5)]
    containing = [name for name in candidates if wanted.lower() in name.lower() and name not in close]
    found = (close + containing)[:count]
    return ", ".join(found or candidates[:12])
