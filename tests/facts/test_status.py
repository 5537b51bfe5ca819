"""How fresh the record is, against months counted by hand."""

from __future__ import annotations

import pytest

from merida.facts import Facts, tables
from merida.facts.status import due_periods, series_of, status


@pytest.mark.parametrize(
    ("last", "every", "lag", "today", "ends", "due"),
    [
        # Deaths of a year come ten months after it: those of 2025 in October 2026, so they are due from November.
        ("2024-12", 12, 10, "2026-10", "", ()),
        ("2024-12", 12, 10, "2026-11", "", ("2025-12",)),
        ("2021-12", 12, 10, "2026-11", "", ("2022-12", "2023-12", "2024-12", "2025-12")),
        # Files of a month come a month after it: in November those of September are due, those of October are not.
        ("2026-08", 1, 1, "2026-11", "", ("2026-09",)),
        # Posted at once: this month is not over.
        ("2026-09", 1, 0, "2026-11", "", ("2026-10",)),
        # A census every five years, known half a year later.
        ("2020-12", 60, 6, "2026-06", "", ()),
        ("2020-12", 60, 6, "2026-07", "", ("2025-12",)),
        # Closed in 2025: nothing is due after, whatever the month.
        ("2025-10", 1, 1, "2030-01", "2025-12", ("2025-11", "2025-12")),
        ("2025-12", 1, 1, "2030-01", "2025-12", ()),
        # U.S. fiscal years end in September; asked before anything was due.
        ("2025-09", 12, 1, "2026-10", "", ()),
        ("2025-09", 12, 1, "2020-01", "", ()),
    ],
)
def test_what_is_due_follows_period_and_lag(
    last: str, every: int, lag: int, today: str, ends: str, due: tuple[str, ...]
) -> None:
    assert due_periods(last, every, lag, today, ends) == due


def test_every_table_has_a_status_the_latest_first(facts: Facts) -> None:
    found = status(facts, "2026-11")
    assert {one.table for one in found} == {name for name, table in tables().items() if not table.empty}
    assert [one.late_months for one in found] == sorted((one.late_months for one in found), reverse=True)
    for one in found:
        assert (one.state == "behind") == bool(one.due) == bool(one.late_months), one.table
        assert (one.last is None) == (one.state == "once"), one.table


def test_the_status_of_known_tables(facts: Facts) -> None:
    found = {one.table: one for one in status(facts, "2026-11")}
    # Posted waits of October 2025 were the last; those of November 2025 to October 2026 are due, the first for a year.
    waits = found["posted_waits"]
    assert (waits.last, waits.published, waits.lag_months, len(waits.due)) == ("2025-10", "2025-10", 0, 12)
    assert waits.late_months == 12
    # Part of fiscal year 2026 is held, and is no period; the year ended in September, to be published in October.
    seizures = found["drug_seizures_regions"]
    assert (seizures.last, seizures.due, seizures.late_months) == ("2025-09", ("2026-09",), 1)
    assert found["crime_files"].due[-1] == "2025-12", "another method follows"
    assert found["crime_files_old_method_states"].state == "closed"
    assert found["impunity_index"].state == "once"
    assert found["prices"].state == "current"


def test_as_of_a_date_the_status_is_that_of_the_date() -> None:
    found = {one.table: one for one in status(Facts("2012-12"), "2012-12")}
    assert found["federal_offences"].last == "2012-11"
    assert found["federal_offences"].state == "current"
    assert "posted_waits" not in found, "nothing of it was known"


def test_the_period_of_a_table_is_a_column_of_it() -> None:
    for table in tables().values():
        series = series_of(table)
        assert series is None or series[0] in table.columns, table.name
