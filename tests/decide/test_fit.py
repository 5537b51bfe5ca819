"""What fits a place: what is counted there adds up, and each programme stands where its level says."""

import numpy as np
import pytest

from merida.decide.fit import Fitting, fit
from merida.facts import Facts
from merida.framework import Framework
from merida.places import find_place
from merida.places.near import ports_near

FRAMEWORK = Framework.load("merida")


@pytest.fixture(scope="module")
def fitted(facts: Facts) -> dict[str, dict[str, Fitting]]:
    return {
        code: {one.programme: one for one in fit(FRAMEWORK, facts, find_place(facts, code), 16)}
        for code in ("MX", "08", "08037", "20001")
    }


def test_every_programme_stands_where_its_level_says(fitted: dict[str, dict[str, Fitting]]) -> None:
    for name, programme in FRAMEWORK.programmes.items():
        juarez, nation = fitted["08037"][name], fitted["MX"][name]
        if programme.level in ("port", "united_states"):
            assert juarez.where == nation.where == programme.level
        else:
            assert nation.where == "here"
            assert juarez.where == ("here" if programme.level == "municipality" else programme.level)
    quiet = fitted["20001"]["focused_deterrence"]  # a village of 842 people without a homicide on record
    assert (quiet.where, quiet.need) == ("not_targeted", None)


def test_residents_reached_are_those_of_the_place(fitted: dict[str, dict[str, Fitting]]) -> None:
    people = fitted["08037"]["community_policing"].need
    assert people is not None
    assert people.low == people.high
    assert 1.4e6 < people.median < 1.7e6  # INEGI counted 1,512,450 in 2020
    whole, part = (fitted[code]["community_policing"].need for code in ("MX", "08"))
    assert whole is not None
    assert part is not None
    assert 1.2e8 < whole.median < 1.4e8  # 126,014,024 in 2020
    assert people.median < part.median < whole.median


def test_a_million_dollars_buys_what_a_unit_costs(fitted: dict[str, dict[str, Fitting]]) -> None:
    for one in fitted["08"].values():
        assert np.isclose(one.bought.low * one.cost_usd.high, 1e6, rtol=0.35)
        assert one.cost_usd.low <= one.cost_usd.median <= one.cost_usd.high
        if one.covers is not None and one.units is not None:
            assert 0 < one.covers.low <= one.covers.high <= 1


def test_ports_near_are_those_of_the_catalogue(facts: Facts) -> None:
    (port,) = ports_near(facts, find_place(facts, "08037"))
    assert (port.name, round(port.km)) == ("El Paso", 4)
    state = ports_near(facts, find_place(facts, "08"))
    assert [one.km for one in state] == sorted(one.km for one in state)
    assert sum(one.municipalities for one in state) <= 67  # municipalities of Chihuahua
