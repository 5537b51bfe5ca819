"""Structural scenarios: rivals chosen by name; what has no known way to homicide moves none unless one is asked for."""

import numpy as np
import pytest

from merida.errors import ModelError
from merida.evidence import Register
from merida.facts import Facts
from merida.models.reduced_form import known_ways
from merida.models.registry import levers_of
from merida.models.socket.mechanism import Draws
from merida.parameters import Parameters, entries
from merida.parameters.routes import has_way, routes
from merida.parameters.scenarios import held_under, scenarios

LEVERS = levers_of("homicides")


def ways(held: dict[str, float]) -> dict[str, float]:
    values = Parameters(Facts(), Register(), held).draws(seed=0, count=3)
    found = np.asarray(known_ways(LEVERS, Draws(values, 0, 3)))
    assert (found == found[0]).all()  # no draw differs
    return dict(zip(LEVERS, found[0, :, 0].tolist(), strict=True))


def test_a_lever_without_study_or_chain_moves_no_homicide_in_any_draw() -> None:
    for lever, part in ways({}).items():
        assert part == float(has_way(lever, "homicides")), lever


def test_the_wide_law_lets_every_lever_work() -> None:
    assert set(ways(held_under(["wide_law"], {})).values()) == {1.0}
    assert ways({"violence.wide_law": 0.25})["networks.aviation"] == 0.25


def test_a_lever_whose_effect_rests_on_no_study_has_no_way() -> None:
    for (lever, outcome), route in routes().items():
        evidence = [entries()[path].evidence for path in route.by]
        if route.route == "reduced form":
            assert any(evidence), (lever, outcome)
        assert not (evidence == [()] and route.route != "unknown"), (lever, outcome)


def test_each_scenario_holds_numbers_that_the_models_state() -> None:
    for name, scenario in scenarios().items():
        Parameters(Facts(), Register(), held_under([name], {}))
        assert scenario.title.en != scenario.title.es


def test_a_misspelt_scenario_and_two_that_disagree_are_refused() -> None:
    with pytest.raises(ModelError, match=r"wide_low.*wide_law"):
        held_under(["wide_low"], {})
    with pytest.raises(ModelError, match=r"violence\.wide_law would be held at two numbers"):
        held_under(["wide_law"], {"violence.wide_law": 0.0})
    assert held_under(["wide_law", "wide_law"], {"violence.wide_law": 1.0}) == {"violence.wide_law": 1.0}
