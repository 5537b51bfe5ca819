import pytest

from merida.errors import FactsError
from merida.facts import Facts, why


@pytest.mark.parametrize(
    ("table", "key", "column", "value"),
    [
        ("homicides_year", {"municipality": "08037", "year": "2010", "basis": "registration"}, "deaths", 3766),
        ("population", {"municipality": "08037", "year": "2010"}, "population", None),
        ("appropriations", {"fiscal_year": "2008", "law": "P.L. 110-252", "account": "unsplit"}, "usd", 400e6),
        ("envipe", {"state": "00", "year": "2012"}, "dark_figure_pct", 92.091),
        ("published_facts", {"id": "P116"}, "value", 25),
        ("homicides_national", {"year": "2011"}, "deaths_registration", 27213),
        ("states", {"state": "08"}, "name", "Chihuahua"),
        ("ports", {"port": "2402"}, "name", "El Paso"),
        ("border_crossings", {"port": "2304", "month": "2012-01", "measure": "trucks"}, "crossings", None),
        ("homicides_late_registration", {"occurrence_year": "2007", "registration_year": "2008"}, "deaths", 296),
    ],
)  # fmt: skip
def test_why_answers_for_one_figure(
    facts: Facts, table: str, key: dict[str, str], column: str, value: object
) -> None:
    answer = why(facts, table, key)
    assert answer.recorded
    assert answer.row["available_from"]
    assert facts.sql(answer.query).height == 1
    if value is not None:
        assert answer.row[column] == value
    assert answer.table.institution


def test_an_absent_row_of_a_sparse_table_is_zero(facts: Facts) -> None:
    rows = facts.sql(
        "select municipality from municipalities where municipality not in "
        "(select municipality from homicides_year where year = 2012 and basis = 'registration') limit 1"
    )
    place = rows.item()
    answer = why(facts, "homicides_year", {"municipality": place, "year": "2012", "basis": "registration"})
    assert not answer.recorded
    assert answer.row["deaths"] == 0
    assert answer.row["available_from"] == "2013-10"
    with pytest.raises(FactsError):
        why(
            Facts("2012-12"),
            "homicides_year",
            {"municipality": place, "year": "2012", "basis": "registration"},
        )


def test_the_defects_are_those_that_touch_the_row(facts: Facts) -> None:
    def defects(municipality: str, year: str, basis: str) -> set[str]:
        return set(
            why(facts, "homicides_year", {"municipality": municipality, "year": year, "basis": basis}).defects
        )

    assert "unknown_place" in defects("99999", "2018", "registration")
    assert "unknown_place" not in defects("08037", "2018", "registration")
    assert "late_registration" in defects("08037", "2021", "occurrence")
    assert "late_registration" not in defects("08037", "2020", "occurrence")


@pytest.mark.parametrize(
    ("table", "key", "expected"),
    [
        ("homicides_yeer", {}, "unknown_table"),
        ("homicides_year", {"municipality": "08037"}, "key_incomplete"),
        ("homicides_year", {"municipalty": "08037"}, "key_unknown_column"),
        ("homicides_year", {"deaths": "3"}, "key_not_a_key"),
        ("homicides_year", {"municipality": "8037", "year": "2010", "basis": "registration"}, "key_not_of_its_form"),
        ("homicides_year", {"municipality": "08037", "year": "MMX", "basis": "registration"}, "key_not_a_number"),
        ("homicides_year", {"municipality": "08037", "year": "1810", "basis": "registration"}, "key_outside"),
        ("homicides_year", {"municipality": "08037", "year": "2010", "basis": "registro"}, "key_not_a_value"),
        ("homicides_year", {"municipality": "08998", "year": "2010", "basis": "registration"}, "row_unknown_value"),
        ("homicides_year", {"municipality": "08037", "year": "1995", "basis": "occurrence"}, "row_unknown"),
        ("states", {"state": "33"}, "row_unknown_value"),
        ("published_facts", {"id": "P999"}, "row_unknown_value"),
    ],
)  # fmt: skip
def test_a_wrong_key_gives_one_clear_error(
    facts: Facts, table: str, key: dict[str, str], expected: str
) -> None:
    with pytest.raises(FactsError) as error:
        why(facts, table, key)
    assert error.value.key == expected
    assert error.value.message("es") != error.value.message("en")
