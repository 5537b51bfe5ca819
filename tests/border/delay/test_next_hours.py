"""The next hours: a reading that is usual says nothing, a long one says more, and lanes explain their part."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from merida.answers import answer, from_command
from merida.answers.context import Context
from merida.border.crossings import Site, find_place, one_site
from merida.border.delay.next_hours import NextHours, Reading, best_hour, last_reading, next_hours
from merida.errors import BorderError
from merida.facts import Facts

AT = datetime(2025, 10, 14, 8, 20)


@pytest.fixture(scope="module")
def ysidro(facts: Facts) -> Site:
    return one_site(facts, find_place(facts, "San Ysidro"), "cars")


def test_a_longer_reading_is_followed_by_longer_waits_and_the_memory_fades(ysidro: Site) -> None:
    short, long = (next_hours(ysidro, "general", Reading(AT, minutes, None), 24) for minutes in (30.0, 150.0))
    middle = [np.median(one.after, axis=1) for one in (short, long)]
    assert (middle[1] >= middle[0]).all()
    assert middle[1][0] - middle[0][0] > middle[1][-1] - middle[0][-1]
    assert short.times[0] == datetime(2025, 10, 14, 9)
    assert len(short.times) == 24


def test_a_usual_reading_leaves_the_usual_middle(ysidro: Site) -> None:
    usual = next_hours(ysidro, "general", Reading(AT.replace(hour=7), 0.0, None), 1).usual[0]
    found = next_hours(ysidro, "general", Reading(AT, float(np.median(usual)), None), 1)
    assert np.median(found.after) == pytest.approx(np.median(found.usual), abs=10)
    spread = [np.quantile(values, 0.95) - np.quantile(values, 0.05) for values in (found.after, found.usual)]
    assert spread[0] < spread[1]  # what is known of this hour narrows the next


def test_the_record_gives_the_last_reading_up_to_a_time(facts: Facts, ysidro: Site) -> None:
    found = last_reading(facts, ysidro, "general", datetime(2025, 6, 10, 6, 30))
    assert found == Reading(datetime(2025, 6, 10, 6, 14), 100.0, 5.0)


def test_the_best_hour_is_of_the_same_day() -> None:
    times = tuple(
        datetime(2025, 10, 14, 22) + (datetime(2025, 1, 1, hour) - datetime(2025, 1, 1)) for hour in range(4)
    )
    found = NextHours(times, np.zeros((4, 1)), np.zeros((4, 1)))
    assert best_hour(found, np.array([20.0, 10.0, 1.0, 1.0])) == 1
    assert best_hour(found, np.full(4, np.nan)) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--wait 45", "A wait needs its time"),
        ("--wait 45 --at tomorrow", "'tomorrow' is no date and time"),
        ("--lane fast", "has no lanes of class 'fast'"),
        ("--as-of 2012-12", "known from 2025-11 on"),
    ],
)
def test_what_cannot_be_is_said(words: str, said: str) -> None:
    request = from_command(f"merida border now 'San Ysidro' {words}")
    with pytest.raises(BorderError, match=said):
        answer(request, Context.of(request))


def test_the_answer_holds_reading_hours_and_best_hour() -> None:
    request = from_command("merida border now 0250401 --wait 45 --lanes 6 --at '2025-10-14 08:00' --hours 3")
    found = answer(request, Context.of(request))
    assert [one.time for one in found.payload.hours] == [f"2025-10-14 {hour:02d}:00" for hour in (9, 10, 11)]
    assert found.payload.best in ("09:00", "10:00", "11:00")
    assert "San Ysidro (250401)" in found.text("es", 80)
    assert found.request.python().endswith("lanes=6, at='2025-10-14 08:00', hours=3)")
