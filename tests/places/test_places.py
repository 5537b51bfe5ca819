"""Names of places: what is found, what is listed, what is refused, and that the aliases are the record's places."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from merida.errors import PlaceError
from merida.facts import Facts
from merida.places import Gazetteer, find_place
from merida.places.gazetteer import aliases
from merida.words import words
from tests.runner import CliRunner, app

FOUND = {
    "nation": "MX", "Nación": "MX", "state:08": "08", "08": "08", "8": "08", "state:8": "08", "estado: sonora": "26",
    "state:Chihuahua": "08", "Chih.": "08", "CHH": "08", "Nuevo León": "19", "Nuevo Leon": "19", "N.L.": "19",
    "cdmx": "09", "D.F.": "09", "Distrito Federal": "09", "Ciudad de México": "09", "Mexico City": "09",
    "State of Mexico": "15", "Estado de México": "15", "Edo. Mex.": "15", "Q. Roo": "23", "Michoacán de Ocampo": "16",
    "8037": "08037", "08037": "08037", "municipality:08037": "08037", "muni:8037": "08037", "municipality:8037": "08037",
    "Ciudad Juárez": "08037", "ciudad juarez": "08037", "Cd. Juárez": "08037", "Juárez, Chihuahua": "08037",
    "Juárez, Chih.": "08037", "Juárez (Chihuahua)": "08037", "Juarez, N.L.": "19031", "Cancún": "23005",
    "Cancún, Q. Roo, México": "23005", "Acapulco": "12001", "municipality:chihuahua": "08019", "MONTERREY": "19039",
    "Comitán": "07019", "Ciudad Obregón": "26018", "Villahermosa": "27004", "Ciudad de Puebla": "21114",
}  # fmt: skip
SEVERAL = {
    "Juárez": "5 places: municipality:08037 (Juárez, Chihuahua); municipality:19031",
    "Chihuahua": "state:08 (Chihuahua); municipality:08019",
    "Mexico": "nation (México); state:15",
    "Ciudad Hidalgo": "municipality:16034 (Hidalgo, Michoacán); municipality:07087",
}
UNKNOWN = {
    "Monterey": "19039", "guadalajra": "14039", "08999": "municipality:0", "state:40": "state:32",
    "state:08037": "08037", "": "state:15", "Cancún, Chihuahua": "23005", "9" * 5000: "municipality", "x" * 5000: "state",
}  # fmt: skip


def test_places_are_found_by_code_name_head_town_and_abbreviation(facts: Facts) -> None:
    gazetteer = Gazetteer.of(facts)
    for text, code in FOUND.items():
        assert [entry.code for entry in gazetteer.matches(text)] == [code], text
    assert find_place(facts) == find_place(facts, "nation")


def test_a_name_of_several_places_lists_them_with_their_codes(facts: Facts) -> None:
    for text, listed in SEVERAL.items():
        with pytest.raises(PlaceError) as caught:
            find_place(facts, text)
        assert caught.value.key == "place_ambiguous"
        assert listed in caught.value.message("en")


def test_an_unknown_place_suggests_the_nearest(facts: Facts) -> None:
    for text, nearest in UNKNOWN.items():
        with pytest.raises(PlaceError) as caught:
            find_place(facts, text)
        assert caught.value.key == "place_unknown"
        assert nearest in str(caught.value.values["nearest"]), text


def test_every_alias_is_of_the_place_of_the_record_and_finds_it(facts: Facts) -> None:
    gazetteer = Gazetteer.of(facts)
    tree = tomllib.loads((files("merida.places") / "aliases.toml").read_text(encoding="utf-8"))
    for entries in tree.values():
        for code, entry in entries.items():
            assert gazetteer.by_code[code].name == entry["name"]
            assert all(code in [match.code for match in gazetteer.matches(name)] for name in entry["also"])
    assert set(aliases()) <= set(gazetteer.by_code)


def test_the_nation_bears_its_name_in_each_language(facts: Facts) -> None:
    nation, juarez = find_place(facts), find_place(facts, "08037")
    assert (nation.called("en"), nation.called("es")) == ("Mexico", "México")
    assert juarez.called("en") == juarez.called("es") == "Juárez, Chihuahua"


def test_a_young_municipality_is_shown_with_what_it_came_from_and_says_so(
    facts: Facts, facts_2012: Facts
) -> None:
    place = find_place(facts, "23011")
    assert (place.code, place.asked, place.year_created) == ("23005", "Puerto Morelos", 2016)
    note = place.note(words("en"))
    assert note is not None
    assert "Puerto Morelos became a municipality in 2016" in note
    assert "municipality:23005" in note
    whole = find_place(facts, "23005").note(words("es"))
    assert whole is not None
    assert "Puerto Morelos (2016)" in whole
    assert find_place(facts, "08037").note(words("en")) is None
    with pytest.raises(PlaceError, match=r"2017.*municipality:07072"):
        find_place(facts_2012, "Rincón Chamula San Pedro")


def test_forecast_and_monitor_say_that_a_place_is_shown_with_another() -> None:
    note = "Puerto Morelos became a municipality in 2016, taken from Benito Juárez, Quintana Roo (municipality:23005)"
    forecast = ["forecast", "--draws", "2", "--months", "12", "--format", "json"]
    for command in (forecast, ["monitor"]):
        shown = CliRunner().invoke(
            app, ["violence", *command, "--place", "Puerto Morelos", "--language", "en"]
        )
        assert shown.exit_code == 0
        assert note in " ".join(shown.output.split())
