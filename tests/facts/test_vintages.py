"""No row is known before its period ends, unless it says so: as of December 2012 nothing of 2013 shows."""

from __future__ import annotations

import pytest

from merida.facts import Facts, tables
from merida.facts.schema import later, period_end
from merida.facts.status import series_of

# Requests and estimates of a year, part years and projections are known before it ends.
BEFORE_THE_END = {
    "appropriations_by_account",
    "foreign_assistance",
    "drug_seizures_regions",
    "leaders_removed",
}
EARLY = Facts("2012-12")


@pytest.mark.parametrize("name", sorted(set(tables()) - BEFORE_THE_END))
def test_as_of_2012_nothing_of_2013_shows(name: str) -> None:
    series = series_of(tables()[name])
    if series is None:
        return
    column, period = series
    after = f"select count(*) from {name} where {later(period_end(column, period), 0)} > '2012-12'"
    assert EARLY.sql(after).item() == 0


NEW = {
    # table: (rows as of 2012-12, the last period then)
    "crime_files": (0, None),
    "crime_files_new_method": (0, None),
    "crime_files_old_method_states": (None, "2012-11"),
    "crime_victims_2025": (0, None),
    "federal_offences": (None, "2012-11"),
    "homicides_sex_age": (None, "2011-12"),
    "posted_waits": (0, None),
    "private_app_waits": (0, None),
    "wait_crossings": (0, None),
    "detentions_announced": (0, None),
    "drug_seizures": (0, None),
    "homicides_press": (0, None),
    "impunity_index": (0, None),
    "state_police": (0, None),
    "prison_survey": (0, None),
    "disbursements_by_objective": (0, None),
}


@pytest.mark.parametrize("name", NEW)
def test_what_was_known_of_each_new_table_in_2012(name: str) -> None:
    rows, last = NEW[name]
    if rows is not None:
        assert EARLY.sql(f"select count(*) from {name}").item() == rows
    else:
        assert EARLY.sql(f"select max(month) from {name}").item() == last


def test_years_known_in_2012() -> None:
    for table, column, year in (
        ("injury_deaths", "year", 2011),
        ("prison_population", "year", 2011),
        ("state_security_funds", "year", 2011),
        ("prices", "year", 2011),
        ("usaid_by_category", "fiscal_year", 2011),
        ("firearm_homicides", "year", 2008),
        ("firearm_homicides_border", "year", 2006),
    ):
        assert EARLY.sql(f"select max({column}) from {table}").item() == year, table
