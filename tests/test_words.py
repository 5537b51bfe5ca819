import re
from pathlib import Path

import pytest

from merida.words import LANGUAGES, Words, user_language, words
from stamp_words import WORDS, stamp, table

SRC = Path(__file__).parent.parent / "src/merida"
EN, ES = words("en").texts, words("es").texts


def test_every_text_exists_in_both_languages() -> None:
    assert EN.keys() == ES.keys()


def test_placeholders_are_the_same_in_both_languages() -> None:
    named = re.compile(r"\{(\w+)")
    differ = [key for key in EN if sorted(named.findall(EN[key])) != sorted(named.findall(ES[key]))]
    assert not differ


def test_no_spanish_text_is_stale() -> None:
    """Each Spanish text carries the stamp of the English that it translates (scripts/stamp_words.py)."""
    for path in sorted((WORDS / "es").glob("*.toml")):
        english, spanish = table(WORDS / "en" / path.name), table(path)
        stale = [key for key, value in spanish.items() if value[1:] != [stamp(english[key])]]
        assert not stale, f"{path.name}: read these against the English, then stamp them: {stale}"


def test_plurals_follow_the_language() -> None:
    english, spanish = words("en"), words("es")
    shown = {number: english.unit("deaths", number) for number in ("1", "1.0", "2", "0", "16,000", "–")}
    assert shown == {"1": "death"} | dict.fromkeys(("1.0", "2", "0", "16,000", "–"), "deaths")
    assert spanish.unit("deaths", "1") == "defunción"
    assert (
        spanish.unit("deaths", "1,000,000") == "defunciones"
    )  # CLDR's "many", which these units have no form for


def test_numbers_in_a_text_are_written_by_the_formatter() -> None:
    filled = Words("es", {"cost": "{usd:,.1f} / {share:.0f} / {name}"}).text(
        "cost", usd=-0.04, share=3, name="x"
    )
    assert filled == "0.0 / 3 / x"


@pytest.mark.parametrize("language", LANGUAGES)
def test_prose_of_the_brief_holds_no_number_but_years(language: str) -> None:
    texts = words(language).texts
    # The items of a published checklist have its numbers, and its reference those of its journal.
    prose = {
        key: text
        for key, text in texts.items()
        if key.startswith(("brief.", "notes.")) and not key.startswith("brief.cheers.")
    }
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
            *(p for p in SRC.rglob("*.toml") if p.parent.parent.name != "words"),
        ]
    )
    # Keys are put together from parts, so the last part must occur somewhere.
    data = (
        "organisations.",
        "units.",
        "readings.",
        "countries.",
        "brief.cheers.",
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


@pytest.mark.parametrize(("language", "joined"), [("en", "-6.2 to -0.7"), ("es", "-6.2 a -0.7")])
def test_an_interval_with_a_sign_is_joined_by_a_word(language: str, joined: str) -> None:
    assert words(language).interval(-6.2, -0.7, 1) == joined
    assert words(language).interval(27.1, 28.2, 1) == "27.1–28.2"
    assert words(language).number(-0.004, 2) == "0.00"


def test_one_of_a_unit_is_singular() -> None:
    assert words("es").unit("municipalities", "1") == "municipio"
    assert words("es").unit("municipalities", "1,001") == "municipios"
    assert words("en").unit("percent", "1") == "percent"


def test_a_text_with_plural_forms_goes_by_its_count() -> None:
    assert words("en").text("border_delay.more", count=1) == "1 more crossing; see --rows."
    assert words("es").text("border_delay.more", count=12) == "12 cruces más; véase --rows."
    assert words("en").text("units.deaths") == "deaths"


def test_a_name_of_the_record_is_translated_where_it_can_be() -> None:
    assert words("es").named("organisations", "Gulf Cartel") == "Cártel del Golfo"
    assert (
        words("es").named("organisations", "group named after a person 7") == "un grupo con nombre de persona"
    )
    assert words("en").named("organisations", "Los Mexicles") == "Los Mexicles"
