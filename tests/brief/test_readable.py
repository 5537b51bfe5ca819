"""The brief's prose is held within limits: length of sentences, and reading ease of each language.

Flesch, R. (1948), A new readability yardstick, Journal of Applied Psychology 32(3): 206.835 - 1.015 words a sentence
- 84.6 syllables a word. Fernández Huerta, J. (1959), Medidas sencillas de lecturabilidad, Consigna 214: 206.84 - 60
syllables a word - 1.02 words a sentence. A sentence ends at a period, a colon or a semicolon, as Flesch counts. On
both 100 is easiest; 30 to 50 is the prose of specialists, 60 to 70 plain.
"""

import re
from itertools import pairwise

import pytest

from merida.document.blocks import Document
from merida.document.laid import Layout
from merida.document.reading import Reading
from merida.words import words

MOST_WORDS = 36  # of one sentence
MEAN_WORDS = 15  # of a sentence, over all
EASE = {"en": 65.0, "es": 70.0}
PHONE = 34  # letters across a screen of 320 px
VOWELS = {"en": "aeiouy", "es": "aeiouáéíóúü"}
STRONG, WEAK_STRESSED = "aeoáéó", "íú"


def syllables(word: str, language: str) -> int:
    """Return about how many syllables a word has: groups of vowels, less what is silent or joined."""
    if language == "en":
        groups = len(re.findall("[aeiouy]+", word))
        silent = re.search("[^l\\We]e$|[^td]ed$|[^szxgche]es$", word) is not None
        return max(1, groups - (1 if silent and groups > 1 else 0))
    count = 0
    for group in re.findall("[aeiouáéíóúü]+", re.sub(r"qu(?=[eiéí])|gu(?=[eiéí])", "g", word)):
        # Two strong vowels, or a stressed weak one beside another, are two syllables; others are one.
        count += 1 + sum(
            (one in STRONG and other in STRONG) or one in WEAK_STRESSED or other in WEAK_STRESSED
            for one, other in pairwise(group)
        )
    return max(1, count)


def sentences(text: str) -> list[list[str]]:
    """Return the sentences of a text as words; a placeholder counts as one short word, a command as none."""
    bare = re.sub(r"\{[^}]*\}", "12", text)
    bare = re.sub(r"merida [a-z]+( [a-z]+)?( --[a-z]+)*( [A-Z]+)*", "", bare)
    parts = (re.findall(r"[^\W\d_]+|12", part.lower()) for part in re.split(r"(?<=[.;:?!])\s+", bare))
    return [part for part in parts if part]


def prose(language: str) -> dict[str, list[list[str]]]:
    """Return the sentences of every text of the brief that is a sentence, by key."""
    texts = words(language).texts
    return {
        key: sentences(text)
        for key, text in texts.items()
        if key.startswith("brief.") and text.rstrip().endswith(".") and len(text.split()) > 3
    }


def ease(said: list[list[str]], language: str) -> float:
    """Return the reading ease of sentences, by the formula of the language."""
    known = [word for part in said for word in part if word != "12"]
    length = sum(map(len, said)) / len(said)
    weight = sum(syllables(word, language) for word in known) / len(known)
    if language == "en":
        return 206.835 - 1.015 * length - 84.6 * weight
    return 206.84 - 60 * weight - 1.02 * length


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [("homicides", "en", 3), ("rose", "en", 1), ("table", "en", 2), ("counted", "en", 2), ("asked", "en", 1),
     ("país", "es", 2), ("ciudad", "es", 2), ("que", "es", 1), ("caer", "es", 2), ("policía", "es", 4),
     ("cuatro", "es", 2)],
)  # fmt: skip
def test_syllables_are_counted_as_a_reader_would(word: str, language: str, count: int) -> None:
    assert syllables(word, language) == count


def test_the_formulas_give_what_their_authors_gave() -> None:
    # A text of one-syllable words in sentences of ten: Flesch's own scale ends near 112, where such a text lies.
    assert ease([["cat"] * 10], "en") == pytest.approx(206.835 - 10.15 - 84.6)
    assert ease([["sol"] * 10], "es") == pytest.approx(206.84 - 60 - 10.2)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_prose_of_the_brief_stays_within_its_limits(language: str) -> None:
    held = prose(language)
    long = {key: len(part) for key, said in held.items() for part in said if len(part) > MOST_WORDS}
    assert long == {}
    said = [part for parts in held.values() for part in parts]
    assert sum(map(len, said)) / len(said) <= MEAN_WORDS
    assert ease(said, language) >= EASE[language]


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_table_of_the_first_page_is_wider_than_a_phone(document: Document, language: str) -> None:
    """A phone shows a table as a list, each cell beside its head: the longest word of a cell and its head must fit."""
    layout = Layout(Reading(words(language), None)).section(document.sections[0])
    tables = [node for node in layout["nodes"] if node["kind"] == "table"]
    for table in tables:
        for row in table["rows"]:
            for cell in row:
                said = "".join(text for text, _ in cell)
                assert max(map(len, said.split()), default=0) <= PHONE
    assert len([node for node in layout["nodes"] if node["kind"] == "picture"]) <= 1
