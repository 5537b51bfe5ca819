"""Unit costs are those of the user's framework, whoever asks: plans and investments at crossings pay the same."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from merida.border.investment import costs
from merida.draws import stream
from merida.ensemble.parameter_draws import programme_draws
from merida.errors import EvidenceError, FrameworkError
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework
from merida.parameters.parameters import Parameters
from merida.parameters.unit_costs import programme_of, unit_cost

MERIDA = (files("merida.framework") / "merida.toml").read_text(encoding="utf-8")
DRAWS = 5


def framework(tmp_path: Path, *changes: tuple[str, str]) -> Framework:
    text = MERIDA
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return Framework.load(str(path))


def test_crossings_pay_what_plans_pay(facts_2012: Facts) -> None:
    merida = Framework.load("merida")
    drawn = programme_draws(merida, Parameters(facts_2012, Register("2012-12"), {}), 0, DRAWS)
    for lever in (costs.OFFICERS, costs.LANES, costs.TRUSTED, costs.SCANNERS, costs.SOUTHBOUND):
        name = programme_of(merida, lever)
        assert np.array_equal(
            costs.unit_cost(merida, facts_2012, lever, DRAWS, 0), drawn[f"programme.{name}.unit_cost"]
        )
        assert np.array_equal(costs.life(merida, lever, DRAWS, 0), drawn[f"programme.{name}.life_years"])


def test_a_framework_of_ones_own_changes_what_a_lane_costs(tmp_path: Path, facts_2012: Facts) -> None:
    merida = Framework.load("merida")
    stated = merida.programmes["lanes_roads"].unit_cost.distribution
    assert stated is not None
    own = framework(
        tmp_path,
        (f"low = {stated.low}, high = {stated.high}", f"low = {2 * stated.low}, high = {2 * stated.high}"),
    )
    before, after = (
        costs.yearly(which, facts_2012, "trucks", 0.07, DRAWS, 0)["lane"][0] for which in (merida, own)
    )
    assert after == pytest.approx(2 * before, rel=1e-12)
    renamed = framework(tmp_path, ("lanes_roads", "more_lanes"), ("border.more_lanes", "border.lanes_roads"))
    assert programme_of(renamed, costs.LANES) == "more_lanes"
    without = framework(tmp_path, ('lever = "flows.southbound_checks"\n', ""))
    with pytest.raises(FrameworkError, match=r"own has no programme with the lever flows\.southbound_checks"):
        costs.yearly(without, facts_2012, "trucks", 0.07, DRAWS, 0)


def test_a_fact_that_was_not_published_is_assumed_and_one_that_does_not_exist_is_refused(
    tmp_path: Path, facts: Facts
) -> None:
    z = stream(0, "z").standard_normal(DRAWS)
    cost = Framework.load("merida").programmes["customs_officers"].unit_cost
    assert cost.fact is not None
    assert cost.otherwise is not None
    value = facts.sql(f"select value from published_facts where id = '{cost.fact}'").item()
    assert unit_cost(cost, facts, Register(), z) == pytest.approx(value / cost.divide * cost.scale.at(z))
    early = Facts("1999-01")
    assert np.array_equal(unit_cost(cost, early, Register("1999-01"), z), cost.otherwise.at(z))
    for which in (facts, early):
        with pytest.raises(FrameworkError, match=f"{cost.fact}0.*Nearest: .*{cost.fact}"):
            unit_cost(cost.model_copy(update={"fact": f"{cost.fact}0"}), which, Register(which.as_of), z)
    row = Framework.load("merida").programmes["vetting"].unit_cost
    with pytest.raises(EvidenceError, match="control_confianza_exam"):
        unit_cost(row.model_copy(update={"cost": "control_confianza_exams"}), facts, Register(), z)
    with pytest.raises(FrameworkError, match="letters, digits"):
        framework(tmp_path, (f'fact = "{cost.fact}"', "fact = \"B' or 'a' = 'a\""))
