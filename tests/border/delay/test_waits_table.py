"""Waits of a user's own: each file of the issue's cases, and rows that no crossing can have."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merida.border.delay.waits_table import read_waits
from merida.errors import BorderError
from merida.facts import Facts

DATED = "crossing,mode,lane,date,hour,wait_minutes\n"
WEEKLY = "crossing,mode,lane,weekday,month,hour,wait_minutes\n"
GOOD = "240201,cars,general,2024-05-05,8,28\n"
ROW = {
    "crossing": "240201", "mode": "cars", "lane": "general", "month": "2024-05", "weekday": 6, "hour": 8, "dated": True,
    "date": date(2024, 5, 5), "lanes_open": None, "wait_minutes": 28.0,
}  # fmt: skip


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "waits.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def keys_of(error: BorderError) -> list[str]:
    faults: Any = error.values.get("faults", (error,))
    return [fault.key for fault in faults]


def test_the_same_waits_in_other_clothes(tmp_path: Path, facts: Facts) -> None:
    for content in (
        DATED + GOOD,
        DATED + GOOD + "\n",
        (DATED + GOOD).replace(",", ";"),
        (DATED + GOOD).encode("utf-16"),
        (DATED + GOOD)
        .replace("mode,lane", "Lane_Group,Lane_Type")
        .replace("cars,general", "Passenger,Standard"),
        (DATED + GOOD)
        .replace(",28", ';"28,0"')
        .replace(",", ";")
        .replace('"28;0"', '"28,0"')
        .replace(";;", ";"),
        (DATED + GOOD).replace("240201", "Bridge of the Americas"),
    ):
        rows, notes = read_waits(facts, written(tmp_path, content))
        assert (rows.to_dicts(), notes) == ([ROW], ())


def test_the_words_of_cbp_have_a_meaning(tmp_path: Path, facts: Facts) -> None:
    words = ("No Delay", "Lanes Closed", "Update  Pending", "N/A", "lanes closed")
    rows = "".join(GOOD.replace("28", word) for word in words)
    found, notes = read_waits(facts, written(tmp_path, DATED + rows))
    assert found["wait_minutes"].to_list() == [0.0]
    assert notes[0].values == {"count": 4, "words": "lanes closed, update pending, n/a"}
    with pytest.raises(BorderError) as raised:
        read_waits(facts, written(tmp_path, DATED + GOOD.replace("28", "Lanes Closed")))
    assert raised.value.key == "border_waits_none"


def test_weekdays_and_months_of_a_year(tmp_path: Path, facts: Facts) -> None:
    rows = "".join(f"240201,cars,general,7,{month},8,28\n" for month in ("2", "02", "2024-02", ""))
    found, _ = read_waits(facts, written(tmp_path, WEEKLY + rows))
    assert found["month"].to_list() == ["02", "02", "2024-02", None]
    assert found["weekday"].to_list() == [6] * 4
    found, _ = read_waits(
        facts, written(tmp_path, WEEKLY.replace("month,", "") + "240201,cars,general,1,8,28\n")
    )
    assert (found["month"].to_list(), found["dated"].to_list()) == ([None], [False])


def test_a_value_that_cannot_be_is_refused_by_line_and_column(tmp_path: Path, facts: Facts) -> None:
    for old, new, key, said in (
        ("8,28", "8.9,28", "table_whole", "Line 3, column hour: found '8.9'"),
        (",28", ",1_0", "table_number", "Line 3, column wait_minutes: found '1_0'"),
        (",28", ",-3", "table_range", "from 0 to 1,440"),
        ("2024-05-05", "1850-01-01", "table_date", "from 1996-01-01"),
        ("2024-05-05", "2024-13-01", "table_date", "column date"),
        ("cars", "boats", "table_choice", "trucks, cars, pedestrians"),
        ("general", "sentri", "table_cell", "Line 3, column lane: There is no lane class 'sentri' here"),
        ("general", "fast", "table_cell", "general, ready, sentri"),
        ("240201", "999999", "table_cell", "Line 3, column crossing"),
        ("8,28", "8", "table_cells", "Line 3"),
    ):
        with pytest.raises(BorderError) as raised:
            read_waits(facts, written(tmp_path, DATED + GOOD + GOOD.replace(old, new)))
        assert keys_of(raised.value) == [key]
        assert said in raised.value.message("en")
    with pytest.raises(BorderError, match="column month: found '²'"):
        read_waits(facts, written(tmp_path, WEEKLY + "240201,cars,general,7,²,8,28\n"))


def test_files_that_cannot_be_waits(tmp_path: Path, facts: Facts) -> None:
    for content, key in (
        (
            DATED.replace("wait_minutes", "wait_minutes,wait_minutes") + GOOD.replace("28", "5,500"),
            "table_column_twice",
        ),
        (
            DATED.replace("wait_minutes", "wait_minutes ,wait_minutes") + GOOD.replace("28", "5,500"),
            "table_column_twice",
        ),
        (DATED, "table_empty"),
        ("crossing,mode,lane,hour,wait_minutes\n240201,cars,general,8,28\n", "border_waits_day"),
        ("crossing,mode,lane,date\n240201,cars,general,2024-05-05\n", "table_missing"),
    ):
        with pytest.raises(BorderError) as raised:
            read_waits(facts, written(tmp_path, content))
        assert raised.value.key == key
    with pytest.raises(BorderError) as raised:
        read_waits(facts, tmp_path / "none.csv")
    assert raised.value.key == "table_unreadable"


def test_twenty_thousand_rows_are_refused_for_their_last(tmp_path: Path, facts: Facts) -> None:
    """Validation took 80 s where lanes were looked up after the crossings had been simulated."""
    rng = np.random.default_rng(0)
    hours, minutes = rng.integers(0, 24, 20_000).tolist(), rng.integers(0, 99, 20_000).tolist()
    rows = "".join(
        f"240201,cars,general,2024-05-05,{hour},{wait}\n" for hour, wait in zip(hours, minutes, strict=True)
    )
    with pytest.raises(BorderError, match="Line 20002, column lane"):
        read_waits(facts, written(tmp_path, DATED + rows + GOOD.replace("general", "sentri")))
