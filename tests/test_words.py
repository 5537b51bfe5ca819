import re
from pathlib import Path

import pytest

from merida.words import LANGUAGES, user_language, words

SRC = Path(__file__).parent.parent / "src/merida"
EN, ES = words("en").texts, words("es").texts


def test_every_text_exists_in_both_languages() -> None:
    assert EN.keys() == ES.keys()


@pytest.mark.parametrize("key", sorted(EN))
def test_placeholders_are_the_same_in_both_languages(key: str) -> None:
    assert sorted(re.findall(r"\{(\w+)", EN[key])) == sorted(re.findall(r"\{(\w+)", ES[key]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_prose_of_the_brief_holds_no_number_but_years(language: str) -> None:
    texts = words(language).texts
    prose = {key: text for key, text in texts.items() if key.startswith(("brief.", "notes."))}
    bare = {
        key: found
        for key, text in prose.items()
        if (found := [n for n in re.findall(r"\d[\d,.]*\d|\d", text) if not re.fullmatch(r"(19|20)\d\d", n)])
    }
    assert not bare


def test_every_error_raised_has_its_words() -> None:
    raised = {
        key
        for path in SRC.rglob("*.py")
        for key in re.findall(r"Error\(\s*\"(\w+)\"|problem = \"(\w+)\" if", path.read_text())
        for key in key
        if key
    }
    assert {f"errors.{key}" for key in raised} <= EN.keys()


def test_no_text_is_left_unused() -> None:
    code = "\n".join(
        path.read_text()
        for path in [
            *SRC.rglob("*.py"),
            *SRC.rglob("*.j2"),
            *SRC.rglob("*.csv"),
            *(p for p in SRC.rglob("*.toml") if p.parent.name != "words"),
        ]
    )
    # Keys are put together from parts, so the last part must occur somewhere.
    data = (
        "organisations.",
        "units.",
        "readings.",
        "countries.",
    )  # named by rows of the record and the register
    held = set(re.findall(r"\w+", code))
    unused = [
        key
        for key in EN
        if not key.startswith(data) and not held.issuperset(re.findall(r"\w+", key.split(".")[-1]))
    ]
    assert not unused


def test_numbers_are_written_as_mexico_and_the_united_states_write_them() -> None:
    assert words("en").number(16000) == "16,000"
    assert words("es").number(16000.25, 1) == "16,000.2"
    assert words("en").month("2012-12") == "December 2012"
    assert words("es").month("2012-12") == "diciembre de 2012"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"MERIDA_LANGUAGE": "es"}, "es"),
        ({"LANG": "es_MX.UTF-8"}, "es"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"MERIDA_LANGUAGE": "en", "LANG": "es_MX.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_users_language_is_found(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MERIDA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert user_language() == expected
