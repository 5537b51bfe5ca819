"""Names in both languages, for blocks that are in none."""

from __future__ import annotations

from collections.abc import Callable

from merida.document.blocks import Cell, Sentence
from merida.facts.schema import Text
from merida.places import Place
from merida.words import Words, words


def in_both(make: Callable[[Words], str]) -> Text:
    """Return a text that is made with the words of a language, in both.

    Examples
    --------
    >>> in_both(lambda said: said.month("2012-12")).es
    'diciembre de 2012'
    """
    return Text(en=make(words("en")), es=make(words("es")))


def place_name(place: str, name: str) -> Cell:
    """Return the name of a place that is given as ``nation``, ``state:08`` and so on, and by the record's name."""
    return Sentence("places.nation") if place == "nation" else name


def told(text: Text) -> Sentence:
    """Return a text as a sentence of its own."""
    return Sentence("common.text", {"text": text})


def place_note(place: Place) -> Text | None:
    """Return the sentence on municipalities that are shown as one with a place, or None where there are none."""
    return in_both(lambda said: place.note(said) or "") if place.note(words()) else None


def plan_name(label: str) -> Cell:
    """Return what a plan is called: one that the house brings along in words, a reader's own as it is labelled."""
    return Sentence(f"plan_names.{label}") if words("en").has(f"plan_names.{label}") else label
