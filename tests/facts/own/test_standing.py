"""Own rows in the place of the record's: which stand when, and that nothing is left of them after they are removed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from merida import Lab
from merida.errors import FactsError
from merida.facts import Facts, record_span, why
from merida.facts.own import shelf
from merida.facts.own.changes import put, rows_of
from tests.facts.own.made import incoming, year

JUAREZ = (
    "select deaths from homicides_year where municipality = '08037' and year = {} and basis = 'registration'"
)
ALL = "select * from homicides_year"


def deaths(facts: Facts, of: int = 2010) -> int:
    return int(facts.sql(JUAREZ.format(of)).item())


def test_what_is_removed_leaves_the_record_as_it_was(home: Path) -> None:
    before = Facts()
    digest, rows, key = before.digest, before.sql(ALL), deaths(before)
    added = put(incoming("homicides_year", [year("08037", 2010, 7), year("08037", 2030, 9)]))
    assert added.id == "homicides_year-1"
    during = Facts()
    assert during != before
    assert during.digest != digest
    assert (deaths(during), deaths(during, 2030)) == (7, 9)
    assert during.sql(ALL).height == rows.height + 1
    assert during.sql(ALL).schema == rows.schema
    shelf.remove(added.id)
    after = Facts()
    assert after == before
    assert (after.digest, deaths(after)) == (digest, key)
    assert after.sql(ALL).equals(rows)
    assert [path.name for path in (home / "facts").iterdir()] == []


def test_a_row_stands_from_its_publication_and_the_records_until_then(home: Path) -> None:
    recorded = deaths(Facts("2012-12"))
    put(incoming("homicides_year", [year("08037", 2010, 7)], available_from="2012-12"))
    assert deaths(Facts("2012-11")) == recorded
    assert deaths(Facts("2012-12")) == 7
    assert Facts("2012-11").own == ()
    assert Facts("2012-11").digest == Facts("2012-11", own=False).digest
    # A row that was published before the record's of the same key stands alone until then.
    put(incoming("homicides_year", [year("08037", 2009, 5)], available_from="2010-01"))
    assert deaths(Facts("2010-02"), 2009) == 5
    assert (
        Facts("2010-02").sql("select max(year) from homicides_year where municipality <> '08037'").item()
        == 2008
    )


def test_the_newest_vintage_stands_whatever_was_added_first(home: Path) -> None:
    row = [year("08037", 2010, 1)]
    put(incoming("homicides_year", [year("08037", 2010, 30)], available_from="2014-01"))
    put(incoming("homicides_year", [year("08037", 2010, 20)], available_from="2013-01"))
    assert deaths(Facts()) == 30
    assert deaths(Facts("2013-06")) == 20
    put(incoming("homicides_year", [year("08037", 2010, 31)], available_from="2014-01"))  # a correction
    assert deaths(Facts()) == 31
    shelf.remove("homicides_year-3")
    assert deaths(Facts()) == 30
    shelf.remove("homicides_year-1")
    assert deaths(Facts()) == 20
    shelf.remove("homicides_year-2")
    assert Facts() == Facts(own=False)
    assert put(incoming("homicides_year", row)).id == "homicides_year-1"


def test_months_after_the_record_open_it_where_own_rows_reach_further(home: Path) -> None:
    last = record_span()[1]
    with pytest.raises(FactsError):
        Facts("2031-05")
    added = put(incoming("homicides_year", [year("08037", 2030, 9)], available_from="2031-06"))
    assert record_span()[1] == "2031-06" > last
    assert Facts("2031-05").own == ()
    assert deaths(Facts("2031-06"), 2030) == 9
    shelf.remove(added.id)
    assert record_span()[1] == last


def test_a_table_with_its_own_month_of_publication_and_a_year_of_its_month(home: Path) -> None:
    month = {"state": "08", "month": "2031-01", "crime": "kidnapping", "victims": 4}
    put(incoming("crime_victims", [month], available_from="2031-03"))
    row = Facts().sql("select * from crime_victims where year = 2031").to_dicts()
    assert row == [{**month, "year": 2031, "available_from": "2031-03"}]


def test_keys_without_a_value_are_replaced_too(home: Path) -> None:
    facts = Facts()
    row = facts.sql("select * exclude (available_from) from leaders_removed limit 1").to_dicts()[0]
    count = facts.sql("select count(*) from leaders_removed").item()
    row = {name: value for name, value in row.items() if name != "year"}
    put(incoming("leaders_removed", [row], available_from="2012-06"))
    assert Facts().sql("select count(*) from leaders_removed").item() == count


def test_an_object_keeps_what_it_saw_while_rows_are_added_and_removed(home: Path) -> None:
    first = put(incoming("homicides_year", [year("08037", 2010, 7)]))
    seen = Facts()  # which has read no table yet
    put(incoming("homicides_year", [year("08037", 2010, 8)]))
    shelf.remove(first.id)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(deaths, seen) for _ in range(64)]
        put(incoming("homicides_year", [year("08037", 2010, 9)]))
        assert {one.result() for one in asked} == {7}
    assert deaths(Facts()) == 9
    assert deaths(seen) == 7


def test_a_figure_says_which_rows_of_the_users_own_its_tables_hold(home: Path) -> None:
    added = put(incoming("homicides_year", [year("08037", 2010, 7), year("08037", 2011, 8)]))
    put(incoming("homicides_year", [year("08037", 2011, 9)], file_name="later.xlsx"))
    facts = Facts()
    figure = facts.figure("select sum(deaths) from homicides_year where year = 2010", "deaths")
    assert figure is not None
    assert [(one.id, one.rows, one.file_name) for one in figure.origin.own] == [
        ("homicides_year-1", 1, "mine.csv"),
        ("homicides_year-2", 1, "later.xlsx"),
    ]
    assert figure.origin.own[0].added == added.added
    assert facts.origin("select * from states").own == ()
    assert Facts(own=False).origin("select * from homicides_year").own == ()
    found = why(facts, "homicides_year", {"municipality": "08037", "year": "2010", "basis": "registration"})
    assert found.own is not None
    assert found.own.id == added.id
    assert found.replaced is not None
    assert found.replaced["deaths"] == deaths(Facts(own=False))
    other = why(facts, "homicides_year", {"municipality": "08037", "year": "2009", "basis": "registration"})
    assert (other.own, other.replaced) == (None, None)


def test_rows_come_back_as_they_were_added(home: Path) -> None:
    given = incoming("homicides_year", [year("08037", 2010, 7), year("01001", 1999, 0)])
    assert rows_of(put(given).id).equals(given.rows)


def test_a_zero_is_said_only_where_own_rows_name_the_state(home: Path) -> None:
    put(incoming("homicides_year", [year("08037", 2030, 9)]))
    key = {"year": "2030", "basis": "registration"}
    beside = why(Facts(), "homicides_year", {**key, "municipality": "08019"})
    assert (beside.recorded, beside.row["deaths"], beside.own) == (False, 0, None)
    with pytest.raises(FactsError) as error:
        why(Facts(), "homicides_year", {**key, "municipality": "19039"})
    assert error.value.key == "own_not_counted"
    assert "2030" in error.value.message("es")
    recorded = why(Facts(), "homicides_year", {**key, "year": "2015", "municipality": "20388"})
    assert not recorded.recorded


@pytest.mark.parametrize("seed", range(5))
def test_what_stands_is_what_a_reader_would_pick_by_hand(home: Path, seed: int) -> None:
    """Each key by itself: the own row of the latest vintage among those published, else the record's."""
    stream = Random(seed)
    keys = [("08037", 2010), ("01001", 2011), ("08037", 2031), ("31001", 1999)]
    months = ["2000-06", "2011-02", "2012-06", "2014-06"]
    held: dict[tuple[str, int], tuple[str, dict[tuple[str, int], tuple[int, str]]]] = {}
    for _ in range(8):
        rows = {key: (stream.randint(0, 99), stream.choice(months)) for key in stream.sample(keys, 3)}
        vintage = stream.choice(months)
        given = [year(*key, deaths, available_from=month) for key, (deaths, month) in rows.items()]
        identity = put(incoming("homicides_year", given, available_from=vintage)).id
        held[vintage, shelf.number_of(identity)] = (identity, rows)
        if stream.random() < 0.3:
            gone = stream.choice(sorted(held))
            shelf.remove(held.pop(gone)[0])
    for as_of in (None, "2005-01", "2012-01", "2013-12"):
        known, record = Facts(as_of), Facts(as_of, own=False)
        for municipality, of in keys:
            where = f"municipality = '{municipality}' and year = {of} and basis = 'registration'"
            query = f"select deaths from homicides_year where {where}"
            published = [
                rows[municipality, of][0]
                for _, (_, rows) in sorted(held.items())
                if (municipality, of) in rows and (as_of is None or rows[municipality, of][1] <= as_of)
            ]
            expected = published[-1:] or record.sql(query)["deaths"].to_list()
            assert known.sql(query)["deaths"].to_list() == expected


def test_another_process_sees_what_this_one_saw(home: Path) -> None:
    put(incoming("homicides_year", [year("08037", 2010, 7)]))
    lab = Lab()
    alone = Lab()
    alone.context.__dict__["facts"] = Facts(own=False)
    put(incoming("homicides_year", [year("08037", 2010, 8)]))
    assert lab.facts.sql(JUAREZ.format(2010)).rows.item() == 7
    assert alone.facts.sql(JUAREZ.format(2010)).rows.item() == 3766
    assert Lab().facts.sql(JUAREZ.format(2010)).rows.item() == 8
    shelf.remove("homicides_year-1")
    with pytest.raises(FactsError) as error:
        lab.facts.sql(JUAREZ.format(2010))
    assert error.value.key == "own_gone"
    assert "homicides_year-1" in error.value.message("es")
