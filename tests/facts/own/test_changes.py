"""What own rows change in a table, worked by hand."""

from pathlib import Path

import pytest

from merida.errors import FactsError
from merida.facts import Facts
from merida.facts.checks import checks, failed_by_own, run
from merida.facts.own import shelf
from merida.facts.own.changes import diff, plan_change, put
from merida.facts.schema import tables
from tests.facts.own.made import incoming, year


def recorded(municipality: str, of: int) -> int:
    where = f"municipality = '{municipality}' and year = {of} and basis = 'registration'"
    return int(Facts(own=False).sql(f"select deaths from homicides_year where {where}").item())


def national(of: int) -> int:
    query = f"select sum(deaths) from homicides_year where year = {of} and basis = 'registration'"
    return int(Facts(own=False).sql(query).item())


def test_new_changed_and_unchanged_rows_are_told_before_they_are_written(home: Path) -> None:
    juarez, calvillo = recorded("08037", 2010), recorded("01001", 2010)
    same = recorded("08037", 2009)
    given = incoming(
        "homicides_year",
        [
            year("01001", 2010, calvillo + 3),
            year("08037", 2010, juarez - 100),
            year("08037", 2009, same),
            year("08037", 2030, 5),
        ],
    )
    change = plan_change(given)
    assert not home.exists()
    assert (change.rows, change.new, change.changed, change.unchanged, change.hidden) == (4, 1, 2, 1, 0)
    assert change.changes.select("municipality", "year", "column", "old", "new", "difference").rows() == [
        ("08037", 2010, "deaths", juarez, juarez - 100, -100.0),
        ("01001", 2010, "deaths", calvillo, calvillo + 3, 3.0),
    ]
    assert change.sums.rows() == [
        (2009, "registration", "deaths", national(2009), national(2009)),
        (2010, "registration", "deaths", national(2010), national(2010) - 97),
        (2030, "registration", "deaths", 0.0, 5.0),
    ]
    added = put(given)
    after = diff(added.id)
    assert after.changes.equals(change.changes)
    assert after.sums.equals(change.sums)
    assert (after.new, after.changed, after.unchanged, after.hidden, after.same_file) == (1, 2, 1, 0, "")
    again = plan_change(given)
    assert (again.new, again.changed, again.unchanged, again.same_file) == (0, 0, 4, added.id)


def test_rows_that_a_later_vintage_hides_are_told(home: Path) -> None:
    put(incoming("homicides_year", [year("08037", 2010, 5)], available_from="2014-01"))
    older = incoming(
        "homicides_year", [year("08037", 2010, 6), year("08037", 2030, 1)], available_from="2013-01"
    )
    change = plan_change(older)
    assert (change.new, change.changed, change.hidden) == (1, 0, 1)
    assert put(older).id == "homicides_year-2"
    assert diff("homicides_year-2").hidden == 1
    assert diff("homicides_year-1").changes["old"].to_list() == [6.0]  # which would stand without it
    shelf.remove("homicides_year-1")
    assert diff("homicides_year-2").changes["old"].to_list() == [recorded("08037", 2010)]


def test_a_sparse_table_keeps_what_a_file_does_not_name_and_says_how_much(home: Path) -> None:
    query = (
        "select count(*) from homicides_year where municipality[1:2] = '08' and year = 2010 "
        "and basis = 'registration'"
    )
    places = Facts().sql(query).item()
    change = plan_change(incoming("homicides_year", [year("08037", 2010, 1)]))
    assert change.unnamed == places - 1
    assert (change.new_periods, change.partial) == (0, False)
    fresh = plan_change(incoming("homicides_year", [year("08037", 2030, 1), year("09002", 2030, 1)]))
    assert (fresh.unnamed, fresh.new_periods, fresh.states, fresh.states_in_all) == (0, 1, 2, 32)
    assert fresh.partial
    whole = plan_change(
        incoming("homicides_year", [year(f"{state:02}001", 2030, 1) for state in range(1, 33)])
    )
    assert not whole.partial


def test_texts_change_too(home: Path) -> None:
    row = Facts().sql("select * exclude (available_from) from states where state = '08'").to_dicts()[0]
    change = plan_change(
        incoming("states", [{**row, "name": "Chihuahua, el estado grande"}], available_from="2000-01")
    )
    assert change.changes["old"].to_list() == ["Chihuahua"]
    assert change.changes["difference"].to_list() == [None]
    assert change.sums.height == 0


def test_rows_that_no_table_takes_are_refused_before_they_are_compared(home: Path) -> None:
    with pytest.raises(FactsError) as error:
        plan_change(incoming("homicides_year", [year("08037", 2010, 1)] * 2))
    assert error.value.key == "own_keys_twice"


def test_a_check_that_fails_because_of_own_rows_is_told_from_others(home: Path) -> None:
    named = {check.id: check for check in checks()}
    one = named["registration_equals_national_table"]
    assert failed_by_own([run(Facts(), one)], Facts()) == set()
    put(incoming("homicides_year", [year("08037", 2010, 1)]))
    outcome = run(Facts(), one)
    assert outcome.verdict == "failed"
    assert failed_by_own([outcome], Facts()) == {one.id}


@pytest.mark.parametrize(
    "table", ["border_crossings", "bridge_crossings", "missing_persons", "foreign_assistance"]
)
def test_a_table_may_name_its_columns_as_it_likes(home: Path, table: str) -> None:
    """The sums have columns of their own: a key may be called ``measure``."""
    held = Facts(own=False).sql(f"select * from {table} limit 3")
    rows = [
        {name: row[name] for name in (*tables()[table].columns, "available_from")} for row in held.to_dicts()
    ]
    change = plan_change(incoming(table, rows))
    assert (change.new, change.changed, change.unchanged) == (0, 0, 3)
    assert change.sums["before"].to_list() == change.sums["after"].to_list()
