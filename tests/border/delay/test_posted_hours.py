"""Dated readings scored by the hourly model: crossings of the feed, open lanes, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from merida.border.delay import read_waits, score
from merida.errors import BorderError
from merida.facts import Facts

HEAD = "crossing,mode,lane,date,hour,wait_minutes,lanes_open\n"


def file_of(folder: Path, *rows: str) -> Path:
    path = folder / "waits.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n")
    return path


def test_every_crossing_of_the_feed_is_scored_with_or_without_its_zero(tmp_path: Path, facts: Facts) -> None:
    rows, _ = read_waits(
        facts,
        file_of(
            tmp_path,
            "0250401,cars,general,2025-11-04,8,75,5",
            "250401,cars,sentri,2025-11-04,8,10,",
            "250407,pedestrians,general,2025-11-04,8,20,2",
        ),
    )
    assert rows["crossing"].to_list() == ["250401", "250401", "250407"]
    assert rows["lanes_open"].to_list()[0] == 5
    found = score(facts, rows)
    assert [(one.crossing, one.lane, one.count) for one in found] == [
        ("250401", "general", 1), ("250401", "sentri", 1), ("250407", "general", 1)
    ]  # fmt: skip
    assert found[1].predicted < found[0].predicted
    assert all(one.climatology_crps is not None for one in found)


def test_open_lanes_move_the_prediction(tmp_path: Path, facts: Facts) -> None:
    few, many = (
        score(
            facts, read_waits(facts, file_of(tmp_path, f"260402,cars,general,2025-11-04,15,30,{lanes}"))[0]
        )[0]
        for lanes in (1, 9)
    )
    assert few.predicted != many.predicted


def test_a_lane_that_the_crossing_lacks_is_refused_by_line(tmp_path: Path, facts: Facts) -> None:
    with pytest.raises(BorderError, match="Line 3, column lane"):
        read_waits(
            facts,
            file_of(tmp_path, "240201,cars,general,2025-11-04,8,28,", "240201,cars,sentri,2025-11-04,8,28,"),
        )
