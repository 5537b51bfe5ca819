"""What is known of programmes: against the laws themselves, and against rows made up or counted by hand."""

import numpy as np
import polars as pl
import pytest

from merida.evidence import Register
from merida.evidence.known import Known, alone, basis, short, standing_of, unused
from merida.facts import Facts
from merida.framework import Framework
from merida.parameters.parameters import Parameters, entries
from merida.parameters.standings import effect_path, knowledge, standings, totals, uses

MERIDA = Framework.load("merida")
CONTESTED = "communities.prevention.effect"


def known(path: str = CONTESTED, as_of: str | None = None, bias: bool = True, **held: float) -> Known:
    return knowledge(Parameters(Facts(as_of), Register(as_of), held), path, bias)


@pytest.mark.parametrize(
    ("citation", "said"),
    [
        ("Braga, Kennedy, Waring & Piehl (J Res Crime Delinq 38:195)", "Braga et al. 2001"),
        ("Heller et al. (QJE 132:1)", "Heller et al. 2001"),
        ("Chalfin & McCrary (REStat 100:167)", "Chalfin & McCrary 2001"),
        ("del Villar (2019 WP)", "del Villar 2001"),
        ("Saunders et al. RAND (as reported in Braga, Weisburd & Turchan 2019)", "Saunders et al. 2001"),
        ("Chicoine (2011 WP), via C. Kenny", "Chicoine 2001"),
    ],
)
def test_a_study_is_named_by_its_authors(citation: str, said: str) -> None:
    assert short(citation, 2001) == said


def test_every_programme_whose_effect_can_be_studied_has_its_parameter() -> None:
    paths = {name: effect_path(one) for name, one in MERIDA.programmes.items()}
    assert paths["vetting"] is None  # studies of police numbers are no studies of vetting
    assert paths["hope_probation"] == "demand.hope_probation.arrests_effect"
    assert paths["drug_treatment"] == "demand.treatment.deaths_effect"
    assert paths["prisons"] == "justice.prisons.effect"
    assert paths["lanes_roads"] is paths["drug_prevention"] is None
    studied = {path for path, entry in entries().items() if entry.grade == "evidence"}
    assert {path for path in paths.values() if path} == studied - {
        "policing.elasticity",
        "justice.deterrence_elasticity",
        "justice.reform_effect",
        "networks.leadership_targeting.present_effect",  # of places beside the one studied first
    }


def test_readings_together_are_the_whole() -> None:
    found = known()
    assert sum(one.weight for one in found.readings) == pytest.approx(1)
    harm = sum(one.weight * one.harm for one in found.readings)
    assert found.whole.harm == pytest.approx(harm, abs=1e-9)
    assert found.whole.harm == pytest.approx(found.distribution.probability_harm)
    assert found.whole.harm + found.whole.benefit == pytest.approx(1)
    for at, one in enumerate(found.readings):
        distribution = alone(found.distribution, at)
        assert distribution.mean == pytest.approx(float(found.distribution.means[at]))
        assert one.low < one.median < one.high
        # The quantile that the summary shows is that of the law's own draws.
        draws = distribution.at(np.random.default_rng(1).standard_normal(200_000), np.zeros(200_000))
        assert np.quantile(draws, 0.05) == pytest.approx(one.low, abs=0.01)


def test_a_weight_set_in_a_run_is_the_weight_shown() -> None:
    found = known()
    setting = found.settings[0]
    moved = known(**{setting: 0.9})
    assert [one.weight for one in moved.readings] == pytest.approx([0.9, 0.1])
    assert moved.whole.median < found.whole.median < 0


def test_studies_are_those_that_the_law_counts() -> None:
    for path, entry in entries().items():
        if entry.grade == "evidence":
            found = known(path)
            assert set(found.counted["study"]) == set(found.distribution.studies)
            assert sum(found.designs.values()) == len(set(found.distribution.studies))
            by_reading = found.counted.group_by("reading").agg(pl.col("weight").sum())["weight"].to_list()
            assert by_reading == pytest.approx([1.0] * len(by_reading))
            how = "police_numbers" if found.elasticity else basis(found.distribution, path)
            assert found.basis == how


def test_bias_of_designs_can_be_switched_off() -> None:
    assert known(bias=False).distribution.mean != pytest.approx(known().distribution.mean)


def test_standings_say_what_is_missing(facts: Facts, facts_2012: Facts) -> None:
    found = {one.programme: one for one in standings(MERIDA, facts)}
    assert list(found) == list(MERIDA.programmes)
    assert found["lanes_roads"].routes == {"border_delay": "chain"}
    assert found["hope_probation"].routes == {"homicides": "unknown", "us_arrests": "reduced form"}
    assert "no_study" in found["anti_corruption"].missing
    assert "no_study" not in found["prisons"].missing
    assert "no_cost" not in found["vetting"].missing
    assert "no_mexican" in found["youth_therapy"].missing
    assert "no_mexican" not in found["community_prevention"].missing
    assert "no_error" not in found["community_policing"].missing  # six trials pooled: none, with an error
    # As of December 2012 focused deterrence rests on Boston's before-after study alone.
    then = {one.programme: one for one in standings(MERIDA, facts_2012)}
    boston = then["focused_deterrence"]
    assert boston.known is not None
    assert boston.known.distribution.studies == ("ceasefire_boston",)
    assert boston.missing[0] == "only_before_after"


def test_totals_are_counts_of_the_standings(facts: Facts) -> None:
    found = standings(MERIDA, facts)
    counted = totals(found)
    assert counted["programmes"] == len(MERIDA.programmes)
    assert counted["pulled"] == sum(one.lever is not None for one in MERIDA.programmes.values())
    assert counted["none"] == sum(bool({"no_study", "no_own_study"} & set(one.missing)) for one in found)
    assert 0 < counted["none"] < counted["few"] <= counted["pulled"]
    assert totals([]) == dict.fromkeys(counted, 0)


def test_every_row_of_the_register_is_named_or_has_its_reason() -> None:
    register = Register()
    named = uses(MERIDA, register)
    left = unused(register, named)
    assert sorted([*named, *(study for of in left.values() for study in of)]) == sorted(
        register.listed["study"]
    )
    assert set(left["unverified"]) == set(
        register.listed.filter(pl.col("status") != "verified")["study"]
    ) - set(named)
    lindo = named["lindo2015_own"][0]
    assert lindo.path == "networks.leadership_targeting.effect"
    assert lindo.programmes == ("leadership_targeting",)
    assert 0 < lindo.share < 1


def test_as_of_tells_what_was_not_published_from_what_was_not_read() -> None:
    then = standing_of(Register("2012-12"))
    assert then["carsi_murder"] == "later"
    assert then["levitt2002"] == "unverified"
    assert then["ceasefire_boston"] == "counted"
