"""What a place's code is called."""

from __future__ import annotations

from collections.abc import Iterable

from merida.facts import Facts
from merida.facts.schema import Text
from merida.words import LANGUAGES, words

COUNTRIES = ("MX", "US")


def place_names(facts: Facts, codes: Iterable[str]) -> dict[str, Text]:
    """Return the name of each place by its code: a country, a state, a municipality with its state, a port of entry.

    A code that the record does not know stands for itself.

    Examples
    --------
    >>> names = place_names(Facts(), ["MX", "14", "08037"])
    >>> names["MX"].es, names["14"].en, names["08037"].en
    ('México', 'Jalisco', 'Juárez, Chihuahua')
    """
    wanted = set(codes)
    found = {
        code: Text(**{language: words(language).text(f"place_names.{code}") for language in LANGUAGES})
        for code in COUNTRIES
    }
    named = dict(facts.sql("select state, name from states").rows())
    if any(len(code) == 4 for code in wanted):
        named |= dict(facts.sql("select port, name from ports").rows())
    if any(len(code) == 5 for code in wanted):
        query = (
            "select municipality, m.name || ', ' || s.name from municipalities m join states s using (state)"
        )
        named |= dict(facts.sql(query).rows())
    found |= {code: Text(en=name, es=name) for code, name in named.items() if code in wanted}
    return {code: found.get(code) or Text(en=code, es=code) for code in wanted}
