"""Names of columns and categories as published: with and without accents, capitals, spaces, and with letters spoiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from merida.words import plain

SPOILED = re.compile(r"[ÃÂâ]")  # what UTF-8 looks like when it is read as Windows-1252


def repaired(text: str) -> str:
    """Return a text that is UTF-8 read as Windows-1252 as it was meant; any other as it is.

    Examples
    --------
    >>> repaired("MichoacÃ¡n"), repaired("Michoacán")
    ('Michoacán', 'Michoacán')
    """
    if not SPOILED.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


@lru_cache(maxsize=100_000)
def letters(text: str) -> str:
    """Return the letters and digits of a name, in lower case and without accents.

    Examples
    --------
    >>> letters("Cve. Municipio"), letters("  BIEN_JURÍDICO afectado ")
    ('cvemunicipio', 'bienjuridicoafectado')
    """
    return re.sub(r"[^a-z0-9]", "", plain(repaired(text)))


class Names:
    """What names mean, found whatever their accents and capitals, and where some letters were lost (``A?o``, ``A�o``).

    Parameters
    ----------
    meanings : mapping of str to iterable of str
        The names of each meaning.

    Examples
    --------
    >>> names = Names({"year": ["Año"], "crime": ["Tipo de delito"]})
    >>> [names.find(text) for text in ("AÑO", "A?o", "A�o", "AÃ±o", "tipo_de_delito", "Mes")]
    ['year', 'year', 'year', 'year', 'crime', None]
    """

    def __init__(self, meanings: Mapping[str, Iterable[str]]) -> None:
        self.meanings = {letters(name): meaning for meaning, names in meanings.items() for name in names}

    def find(self, text: str) -> str | None:
        """Return the meaning of a name, or None where it has none or several."""
        bare = letters(text)
        if bare in self.meanings or not bare:
            return self.meanings.get(bare)
        spoiled = re.sub(r"[\s_.,;:/()\-]", "", repaired(text))
        if all(sign.isascii() and sign.isalnum() for sign in plain(spoiled)) and len(plain(spoiled)) == len(
            spoiled
        ):
            return None
        pattern = "".join(
            plain(sign) if plain(sign).isalnum() and len(plain(sign)) == 1 else ".{0,2}" for sign in spoiled
        )
        found = {meaning for name, meaning in self.meanings.items() if re.fullmatch(pattern, name)}
        return found.pop() if len(found) == 1 else None
