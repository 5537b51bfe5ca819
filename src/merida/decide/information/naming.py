"""What a parameter is called in a sentence, in both languages: by the note beside its number, or by its programme."""

from __future__ import annotations

import re

from merida.decide.worth.options import FORECAST, VALUES
from merida.facts.schema import Text
from merida.framework import Framework
from merida.parameters.registry import PROGRAMME_UNITS, WELFARE, entries
from merida.priors import read
from merida.words import LANGUAGES, words

CLAUSE = re.compile(
    r"[:;]|(?<=[^\W\d]{3})\.(?= |$)| \("
)  # where the first clause of a note ends: not in "U.S."


def parameter_name(path: str, framework: Framework) -> Text:
    """Return what a parameter is, in as few words as its note allows.

    A number of a programme is called by the programme's title; another by the first clause of its note; one of a lever's
    by both.

    Examples
    --------
    >>> parameter_name("programme.vetting.unit_cost", Framework.load("merida")).en
    'Vetting and control of confidence: cost of a unit'
    """
    if path == FORECAST:
        return in_words("voi.forecast")
    if path.startswith("programme."):
        _, name, field = path.split(".", 2)
        of, said = framework.programmes[name].title, in_words(f"voi.fields.{field}")
        return Text(en=f"{of.en}: {said.en}", es=f"{of.es}: {said.es}")
    known = read(WELFARE) if path in VALUES else entries()
    if path not in known:  # fitted to the record by a mechanism
        return Text(en=path, es=path)
    stated = known[path].note
    note = in_words(stated) if isinstance(stated, str) else Text(en=stated.en, es=stated.es)
    named = {one.lever: one.title for one in framework.programmes.values()}
    lever, _, field = path.rpartition(".")
    title = named.get(lever)
    if title is not None and field == "effect":  # whose note says what was studied
        said = in_words("voi.fields.effect")
        return Text(en=f"{title.en}: {said.en}", es=f"{title.es}: {said.es}")
    first = {language: clause(note.to(language)) for language in LANGUAGES}
    if title is None:
        return Text(**first)
    return Text(en=f"{title.en}: {lowered(first['en'])}", es=f"{title.es}: {lowered(first['es'])}")


def unit_of(path: str) -> str:
    """Return the key of a parameter's unit; empty where it is a plain number.

    Examples
    --------
    >>> unit_of("programme.vetting.unit_cost"), unit_of("communities.displacement")
    ('usd', 'share')
    """
    if path == FORECAST:
        return "homicides"
    if path.startswith("programme."):
        return PROGRAMME_UNITS[path.rpartition(".")[2]]
    known = read(WELFARE) if path in VALUES else entries()
    return known[path].unit if path in known else ""


def in_words(key: str) -> Text:
    """Return a text of the words in both languages."""
    return Text(en=words("en").text(key), es=words("es").text(key))


def clause(note: str) -> str:
    """Return the first clause of a note.

    Examples
    --------
    >>> clause("How far the outcome carries: 1 means in full.")
    'How far the outcome carries'
    """
    return CLAUSE.split(note.strip(), maxsplit=1)[0].strip() or note.strip()


def lowered(text: str) -> str:
    """Return a clause as it stands within a sentence: its first letter small, unless it is a name's."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
