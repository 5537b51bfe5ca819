"""A typed query in a process of its own: the same answers, limits that hold, and nothing that outlives it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from merida import Lab
from merida.errors import FactsError
from merida.facts import Facts, apart

ENDLESS = "select count(*) from range(1000000000000)"
TYPES = """select 170141183460469231731687303715884105727::hugeint as h, [1, 2] as l, {'a': 1} as s, interval 1 day as i,
1.5::decimal(38, 20) as d, time '12:00' as t, 'x'::enum('x') as e, null as z, 'ñ' as n, date '10000-01-01' as y,
timestamp '2012-12-01 01:02:03' as ts, true as b, 1.5::float as f, map {'a': 1} as m, 1 as "[/]", 2 as "[/]" """


def children() -> list[int]:
    """Return the processes that this one has started and that are still there."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.append(int(path.parent.name))
    return found


def test_an_answer_is_the_one_that_the_record_gives(facts: Facts) -> None:
    here, there = facts.sql(TYPES), apart.sql(None, TYPES)
    assert there.schema == here.schema
    assert there.equals(here)
    assert apart.sql("2012-12", "select max(year) as last from homicides_year").item() == 2011
    assert Lab(as_of="2012-12").facts.sql("select max(year) as last from homicides_year").item() == 2011


def test_a_refusal_is_the_one_that_the_record_gives(facts: Facts) -> None:
    for query in (
        "explain analyze update homicides_year set deaths = 0",
        "from no_such_table",
        "select '\udcff'",
    ):
        with pytest.raises(FactsError) as here:
            facts.sql(query)
        with pytest.raises(FactsError) as there:
            apart.sql(None, query)
        assert (there.value.key, there.value.values) == (here.value.key, here.value.values)


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds processes in /proc")
def test_after_a_time_out_nothing_is_left_and_the_next_query_works_at_once() -> None:
    lab = Lab()
    for query in (ENDLESS, "select length(repeat(repeat('x', 1000000), 600))"):
        before = children()
        with pytest.raises(FactsError) as error:
            lab.facts.sql(query, seconds=0.2)
        assert error.value.key == "sql_too_long"
        assert children() == before
        start = time.monotonic()
        assert lab.facts.sql("select count(*) as n from states").item() == 32
        assert time.monotonic() - start < 5  # half a second on a quiet machine


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds processes in /proc")
def test_an_answer_that_nobody_wants_any_more_is_stopped() -> None:
    def unwanted() -> None:
        if time.monotonic() - start > 0.5:
            raise InterruptedError

    start, before = time.monotonic(), children()
    with pytest.raises(InterruptedError):
        apart.sql(None, ENDLESS, 30, unwanted)
    assert time.monotonic() - start < 5
    assert children() == before


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have the limit of time alone")
def test_whoever_dies_takes_its_query_along() -> None:
    for pause in (0.0, 1.0):  # while it starts, and while it runs
        asking = subprocess.Popen(
            [sys.executable, "-c", f"from merida.facts import apart; apart.sql(None, {ENDLESS!r})"]
        )
        asked = Path(f"/proc/{asking.pid}/task/{asking.pid}/children")
        deadline = time.monotonic() + 60
        while not (query := asked.read_text().split()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(pause)
        asking.send_signal(signal.SIGKILL)
        asking.wait()
        while at_work(int(query[0])):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def at_work(process: int) -> bool:
    """Tell whether a process is there and no mere entry that nobody has read yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_answer_itself_is_bounded() -> None:
    with pytest.raises(FactsError) as error:
        apart.sql(None, "select repeat('x', 1000) as x from range(900000)")
    assert error.value.key in ("sql_answer_too_large", "sql_too_large")
    assert "MB" in error.value.message("en") or "GB" in error.value.message("en")
