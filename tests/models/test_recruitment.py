"""Organisations as recruiting populations: the article's numbers from the record's table of alliances and rivalries."""

import numpy as np
import pytest

from merida.facts import Facts
from merida.models.recruitment import (
    NAMED_AFTER_A_PERSON,
    PUBLISHED,
    START,
    at_start,
    deaths_a_week,
    in_alphabet,
    members_after,
    ties,
)


@pytest.fixture(scope="module")
def conflict() -> np.ndarray:
    return ties(Facts()).conflict


@pytest.fixture(scope="module")
def in_2022(conflict: np.ndarray) -> np.ndarray:
    return members_after(at_start(START, 150), conflict, PUBLISHED, 520)


def test_ties_of_the_table_are_those_of_the_authors_files(conflict: np.ndarray) -> None:
    """Of BACRIM2020_Rivals.csv and BACRIM2020_Alliances.csv: the largest group has rivalries of weight 13, 7 and 6."""
    found = ties(Facts())
    names = {name: number for number, name in enumerate(found.groups)}
    largest = names["Cártel Jalisco Nueva Generación (CJNG)"]
    assert largest == 0
    ratio = conflict[largest, names["Cártel de Sinaloa"]] / conflict[largest, names["Banda de El Perro"]]
    assert ratio == pytest.approx(7 + 1)
    assert conflict[largest, names["La Nueva Familia Michoacana"]] / ratio * 8 == pytest.approx(
        14 * conflict[largest, names["Banda de El Perro"]]
    )
    assert np.diag(conflict).sum() == 0


def test_members_and_deaths_after_ten_years_are_the_article_s(
    conflict: np.ndarray, in_2022: np.ndarray
) -> None:
    start = at_start(START, 150)
    assert deaths_a_week(start, conflict, PUBLISHED) == pytest.approx(67.24, rel=1e-4)
    assert PUBLISHED.recruitment * start.sum() == pytest.approx(290.66, rel=1e-4)
    assert PUBLISHED.fragmentation * (start**2).sum() == pytest.approx(27.72, rel=3e-4)
    assert in_2022.sum() == pytest.approx(173_837, rel=1e-4)
    assert deaths_a_week(in_2022, conflict, PUBLISHED) == pytest.approx(124.30, rel=1e-4)
    assert PUBLISHED.recruitment * in_2022.sum() == pytest.approx(439.37, rel=1e-4)
    assert PUBLISHED.fragmentation * (in_2022**2).sum() == pytest.approx(64.09, rel=1e-4)
    assert in_2022.max() / in_2022.sum() == pytest.approx(0.165, abs=5e-4)
    assert 160_000 * 0.8 < in_2022.sum() < 185_000 * 1.2  # published: 160 to 185 thousand


@pytest.mark.parametrize(
    ("changed", "members", "deaths"),
    [
        ({}, 213_745, 169.4),
        ({"recruitment": PUBLISHED.recruitment / 2}, 156_683, 92.3),
        ({"incapacitation": 220.0}, 184_036, 126.4),
        ({"recruitment": 0.0}, 113_274, 48.8),
    ],
)
def test_five_more_years_under_each_policy(
    conflict: np.ndarray, in_2022: np.ndarray, changed: dict[str, float], members: float, deaths: float
) -> None:
    rates = PUBLISHED._replace(**changed)
    after = members_after(in_2022, conflict, rates, 260)
    assert after.sum() == pytest.approx(members, rel=1e-4)
    assert deaths_a_week(after, conflict, rates) == pytest.approx(deaths, rel=5e-4)


def test_one_group_without_rivals_grows_as_the_logistic_curve() -> None:
    """With nobody taken and nobody to fight, dC/dt = C (r - w C)."""
    rates = PUBLISHED._replace(incapacitation=0.0)
    limit = rates.recruitment / rates.fragmentation
    grown = np.exp(rates.recruitment * 300)
    found = members_after(np.array([1000.0]), np.zeros((1, 1)), rates, 300)
    assert found[0] == pytest.approx(limit * grown / (limit / 1000 - 1 + grown), rel=1e-7)


def test_the_alphabet_ignores_accents_and_the_named_stand_where_the_source_has_them() -> None:
    groups = {"Ánimas", "Bravos", "Cuervos", *(f"group named after a person {n}" for n in (64, 65))}
    ordered = in_alphabet(groups)
    assert ordered[:3] == ["Ánimas", "Bravos", "Cuervos"]
    assert sorted(NAMED_AFTER_A_PERSON.values()) == sorted(set(NAMED_AFTER_A_PERSON.values()))
    found = in_alphabet(set(ties(Facts()).groups))
    assert found[33] == "group named after a person 139"
