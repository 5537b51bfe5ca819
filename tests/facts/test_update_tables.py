"""The tables of the update of 2026: single cells read in the official files, and rules that they must keep."""

from __future__ import annotations

from pathlib import Path

import pytest

import merida
from merida.facts import Facts, tables, why


def cell(facts: Facts, query: str) -> object:
    return facts.sql(query).item()


def test_crimes_keep_the_words_of_sesnsp(facts: Facts) -> None:
    names = dict(
        facts.sql(
            "select distinct crime || ' ' || modality, sesnsp_name from crime_files "
            "where crime in ('theft_car', 'theft_machinery_tractors', 'kidnapping', 'intentional_homicide', 'abortion')"
        ).rows()
    )
    assert names["theft_car with_violence"] == (
        "Robo de vehículo automotor: Robo de coche de 4 ruedas Con violencia"
    )
    assert names["theft_machinery_tractors without_violence"] == (
        "Robo de maquinaria: Robo de tractores Sin violencia"
    )
    assert names["kidnapping express"] == "Secuestro: Secuestro exprés"
    assert names["intentional_homicide firearm"] == "Homicidio doloso: Con arma de fuego"
    assert names["abortion all"] == "Aborto"


def test_the_methods_share_names_only_where_the_crime_is_the_same(facts: Facts) -> None:
    new = set(facts.sql("select distinct crime from crime_files_new_method")["crime"])
    modern = set(facts.sql("select distinct crime from crime_files")["crime"])
    assert "attempted_intentional_homicide" in new - modern
    assert {"intentional_homicide", "femicide", "theft_car", "kidnapping"} <= new & modern
    by_kind = facts.sql(
        "select sesnsp_name from crime_files_new_method where crime = 'kidnapping' and modality = 'express' limit 1"
    )
    assert by_kind.item() == "Secuestro exprés"


def test_an_absent_row_of_the_old_method_is_not_zero() -> None:
    assert tables()["crime_files"].sparse
    assert not tables()["crime_files_old_method_states"].sparse


def test_hours_are_those_of_the_crossing(facts: Facts) -> None:
    # Naco, Arizona: read at 17:03 universal time on 28 March 2025, 10:03 there, where CBP named the hour 10.
    first = facts.sql(
        "select min(read_at) as at, any_value(utc_offset_hours) as off from posted_waits "
        "where crossing = '260301' and lane_group = 'commercial' and status <> 'closed'"
    ).row(0)
    assert first == ("2025-03-28 10:03", -7)
    offsets = dict(
        facts.sql("select crossing, any_value(utc_offset_hours) from posted_waits group by crossing").rows()
    )
    # Summer time: Pacific and Arizona 7 hours behind, El Paso 6, the lower Rio Grande and Presidio 5.
    assert [
        offsets[crossing] for crossing in ("250401", "260402", "260101", "240203", "240301", "230404")
    ] == [
        -7,
        -7,
        -7,
        -6,
        -5,
        -5,
    ]
    assert facts.sql("select count(distinct (crossing, utc_offset_hours)) from posted_waits").item() == 48


def test_updates_are_as_old_at_every_crossing_of_arizona(facts: Facts) -> None:
    fresh = facts.sql(
        "select crossing, 100.0 * count(*) filter (update_age_hours = 0) / count(update_age_hours) as pct "
        "from posted_waits where crossing in ('260101', '260301', '260402', '260801') group by crossing"
    )
    assert fresh["pct"].is_between(50, 70).all(), fresh


def test_a_closed_lane_has_neither_wait_nor_lanes(facts: Facts) -> None:
    assert not cell(
        facts,
        "select count(*) from posted_waits where (status = 'closed') <> (wait_minutes is null and lanes_open is null)",
    )


def test_a_typing_error_is_told_with_its_row(facts: Facts) -> None:
    key = {
        "crossing": "230501",
        "lane_group": "passenger",
        "lane_type": "standard",
        "read_at": "2025-05-27 09:03",
    }
    found = why(facts, "posted_waits", key)
    assert (found.row["wait_minutes"], found.row["available_from"]) == (2555, "2025-05")
    assert "typing_error" in found.defects


def test_no_result_rests_on_the_private_app() -> None:
    package = Path(merida.__file__).parent
    users = [
        path.relative_to(package).as_posix()
        for path in (*package.rglob("*.py"), *package.rglob("*.toml"))
        if "private_app_waits" in path.read_text(encoding="utf-8")
    ]
    assert sorted(users) == ["facts/checks/waits.toml"]
    assert tables()["private_app_waits"].status == "not_independent"


def test_nobody_is_named_in_the_detentions(facts: Facts) -> None:
    groups = " ".join(
        facts.sql("select distinct group_announced from detentions_announced").drop_nulls()["group_announced"]
    )
    assert "group named after a person" in groups
    for name in ("Isidro", "Zambada", "Koqui"):
        assert name not in groups


@pytest.mark.parametrize(
    ("query", "found"),
    [
        # FASP of the nation in 2013, million pesos (SHCP).
        ("select fasp_mxn_million from state_security_funds where state = '00' and year = 2013", 7631.8),
        # One figure of each of the smaller tables, as its source prints it.
        ("select usd from disbursements_by_objective where objective = 'Rule of Law and Human Rights'", 15787798.38),
        ("select max(usd) from usaid_by_category where fiscal_year = 2009 and stage = 'spent'", 22752145.08),
        ("select officers from state_police where state = '06'", 784),
        ("select vetting_valid_pct from state_police where state = '01'", 68.4),
        ("select score from impunity_index where rank = 1", 49.05),
        ("select mxn_per_usd from prices where year = 2020", 21.5462),
        ("select max(lanes_open) from posted_waits", 24),
        ("select value from published_facts where id = 'T001'", 17352),
        ("select low from published_facts where id = 'T023'", 0.9),
        ("select high from published_facts where id = 'T024'", 52.7),
        ("select value from published_facts where id = 'T149'", 100e9),
    ],
)  # fmt: skip
def test_single_cells_are_as_published(facts: Facts, query: str, found: float) -> None:
    assert cell(facts, query) == found
