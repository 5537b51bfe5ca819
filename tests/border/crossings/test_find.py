"""What users call ports and crossings, and what is found."""

import pytest

from merida.border.crossings.find import find_place, lanes_of, named_places, one_lane, one_site, other_names
from merida.border.crossings.sites import listed
from merida.errors import BorderError
from merida.facts import Facts

NAMES = {
    "250401": "250401",
    "0250401": "250401",
    " san ysidro ": "2504",
    "02504": "2504",
    "L24501": "l24501",
    "Puente del Comercio Mundial": "230404",
    "World Trade Bridge": "230404",
    "Pharr": "230502",
    "Puente Internacional Reynosa-Pharr": "230502",
    "BOTA": "240201",
    "Bridge of the Americas": "240201",
    "Puente Córdova de las Américas": "240201",
    "puente cordova-americas": "240201",
    "Nuevo Laredo": "2304",
    "B&M": "535501",
    "Mesa de Otay": "2506",
    "Colombia": "230403",
    "Puente Zaragoza-Ysleta": "240203",
}
SEVERAL = {
    "Puente 2": {"230302", "230402"},
    "Puente de las Américas": {"230401", "240201"},
    "Tijuana": {"2504", "2506"},
    "Zaragoza": {"2401", "535502"},
}


def test_names_in_both_languages_and_numbers_find_their_place(facts: Facts) -> None:
    for name, number in NAMES.items():
        place = find_place(facts, name)
        assert (place.crossing or place.port.code) == number, name


def test_a_name_with_several_meanings_lists_them(facts: Facts) -> None:
    for name, numbers in SEVERAL.items():
        with pytest.raises(BorderError) as raised:
            find_place(facts, name)
        assert raised.value.key == "border_several_places"
        assert {part.split()[0] for part in str(raised.value.values["known"]).split(", ")} == numbers


def test_a_typo_gets_the_nearest(facts: Facts) -> None:
    for typo, meant in {"San Isidro": "San Ysidro", "Worl Trade Brige": "World Trade Bridge"}.items():
        with pytest.raises(BorderError) as raised:
            find_place(facts, typo)
        assert all(meant in raised.value.message(language) for language in ("en", "es"))
    for nothing in ("", "puente", "\x00", "x" * 5000):
        with pytest.raises(BorderError) as raised:
            find_place(facts, nothing)
        assert len(raised.value.message("en")) < 500


def test_every_number_of_the_names_is_a_place_and_every_place_finds_itself(facts: Facts) -> None:
    assert other_names()["crossings"].keys() <= listed().keys()
    places = named_places(facts)
    assert other_names()["ports"].keys() <= {place.port.code for place in places}
    for place in places:
        assert find_place(facts, place.crossing or place.port.code) == place


def test_a_place_published_later_is_said_to_be(facts_2012: Facts) -> None:
    with pytest.raises(BorderError) as raised:
        find_place(facts_2012, "CBX")
    assert raised.value.key == "border_place_not_yet"


def test_a_port_is_narrowed_to_the_crossing_called_like_it(facts: Facts) -> None:
    assert one_site(facts, find_place(facts, "San Ysidro"), "pedestrians").crossing == "250401"
    assert one_site(facts, find_place(facts, "Otay Mesa"), "trucks").crossing == "250602"


@pytest.mark.parametrize("written", ["250401", "0250401", " 250401 ", "L24501", "l24501", "02504"])
def test_a_number_is_found_with_or_without_its_zero(facts: Facts, written: str) -> None:
    assert find_place(facts, written).port.code in ("2504", "2404")


def test_a_lane_class_is_told_from_the_record_and_one_that_is_not_there_is_refused_at_once(
    facts: Facts,
) -> None:
    cars = one_site(facts, find_place(facts, "DeConcini"), "cars")
    assert lanes_of(facts, cars) == ("general", "sentri")
    assert one_lane(facts, cars, "Standard") == "general"
    with pytest.raises(BorderError) as refused:
        one_lane(facts, cars, "ready")
    assert str(refused.value) == (
        "DeConcini (260401) has no lanes of class 'ready' for cars. Choose among: general, sentri."
    )


def test_before_lanes_were_published_a_crossing_may_have_any_class(facts_2012: Facts) -> None:
    cars = one_site(facts_2012, find_place(facts_2012, "DeConcini"), "cars")
    assert lanes_of(facts_2012, cars) == ("general", "ready", "sentri")
