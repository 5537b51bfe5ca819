"""Every word that a user reads, in English and in Spanish, and how each writes numbers and dates."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

LANGUAGES = ("en", "es")
LOCALES = {"en": "en_US", "es": "es_MX"}


def plain(text: str) -> str:
    """Return a name in lower case without accents; signs that only look like digits (½) are left out."""
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower().strip()


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return a nested table of texts as ``{"dotted.path": text}``.

    A Spanish text may be a pair of the text and the stamp of the English that it translates.
    """
    flat: dict[str, str] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value if isinstance(value, str) else value[0]
    return flat


@dataclass(frozen=True)
class Words:
    """The texts of one language, found by dotted path."""

    language: str
    texts: Mapping[str, str]

    def text(self, key: str, /, **values: object) -> str:
        """Return the text at `key` with its placeholders filled.

        A text with plural forms (``one``, ``other``) is chosen by the number that stands for its placeholder ``count``,
        and without one the form of several is given.
        Numbers with a format, such as ``{usd:,.1f}``, are written as the language writes them.
        """
        if key not in self.texts and f"{key}.other" in self.texts:
            key = f"{key}.{self.plural(key, values.get('count', ''))}"
        if key not in self.texts:
            raise DamagedWordsError(f"merida/words/{self.language}", f"no text {key!r}")
        return Filled(self).format(self.texts[key], **values)

    def plural(self, key: str, count: object) -> str:
        """Return the plural form of a number that a text has: Babel's for the language, or ``other``."""
        from babel import Locale

        try:
            number = Decimal(str(count).replace(",", ""))
        except InvalidOperation:  # no number, or a dash in its place
            return "other"
        form = Locale.parse(LOCALES[self.language]).plural_form(number)
        return form if f"{key}.{form}" in self.texts else "other"

    def has(self, key: str) -> bool:
        """Tell whether a text exists at `key`."""
        return key in self.texts or f"{key}.other" in self.texts

    def named(self, group: str, name: str) -> str:
        """Return the text under `group` of a name of the record, or the name itself where there is none."""
        key = f"{group}.{re.sub('[^a-z]+', '_', plain(name)).strip('_')}"
        return self.texts.get(key, name)

    def unit(self, unit: str, number: str) -> str:
        """Return the name of a unit that goes with a number as it is shown: 1 death, 2 deaths, 1.0 deaths."""
        key = f"units.{unit}"
        return self.texts[key] if key in self.texts else self.texts[f"{key}.{self.plural(key, number)}"]

    def interval(self, low: float, high: float, decimals: int = 0) -> str:
        """Return two ends as one range: 27.1–28.2, or -6.2 to -0.7, where a dash would read as a sign."""
        ends = (self.number(low, decimals), self.number(high, decimals))
        return "–".join(ends) if low >= 0 else self.text("numbers.range", low=ends[0], high=ends[1])

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number as this language writes it: 16,000 or 92.4."""
        from babel.numbers import format_decimal

        if round(value, decimals) == 0:
            value = 0.0  # no -0.0
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, format=pattern, locale=LOCALES[self.language])

    def month(self, month: str) -> str:
        """Return a month given as ``YYYY-MM`` in words: December 2012, diciembre de 2012."""
        from datetime import date

        from babel.dates import format_date

        year, number = month.split("-")[:2]
        form = "MMMM y" if self.language == "en" else "MMMM 'de' y"
        return format_date(date(int(year), int(number), 1), format=form, locale=LOCALES[self.language])


class Filled(Formatter):
    """Fills the placeholders of a text; a number with a fixed number of decimals is written as the language writes it."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a value in its format."""
        decimals = re.fullmatch(r",\.(\d)f", format_spec)
        if decimals and isinstance(value, int | float):
            return self.words.number(value, int(decimals.group(1)))
        return str(super().format_field(value, format_spec))


def user_language() -> str:
    """Return the user's language: ``MERIDA_LANGUAGE`` if set, else that of the locale, else English."""
    for name in ("MERIDA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        wanted = os.environ.get(name, "")[:2].lower()
        if wanted:
            return wanted if wanted in LANGUAGES else "en"
    return "en"


class DamagedWordsError(Exception):
    """A file of texts that is missing or damaged; its message is the one text that does not stand in ``words/``."""

    def __init__(self, file: object, reason: object) -> None:
        super().__init__(f"{file}: {reason}. Install Mérida again. / Instale Mérida de nuevo.")


@cache
def _load(language: str) -> Words:
    texts: dict[str, str] = {}
    folder = files("merida.words") / language
    room = folder
    try:
        for room in sorted(folder.iterdir(), key=lambda file: file.name):
            if not (tree := tomllib.loads(room.read_text(encoding="utf-8"))):
                raise DamagedWordsError(room, "empty")
            texts |= flatten(tree)
    except (OSError, ValueError) as error:
        raise DamagedWordsError(room, error) from error
    return Words(language, texts)


def words(language: str | None = None) -> Words:
    """Return the texts of `language`, one of `LANGUAGES` (default: the user's)."""
    return _load(language or user_language())
