"""One record asked by several threads, stopped, and asked again."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from merida.errors import FactsError
from merida.facts import Facts, compiled, running

QUERIES = [
    "select sum(deaths) as n from homicides_year where year = 2011",
    "select * from states order by state",
    "select year, sum(deaths) as n from homicides_year group by year order by year",
    "pivot homicides_year on basis using sum(deaths) group by year order by year",
    "select count(*) as n from query_table('po' || 'rts')",
    "select s.name, count(*) as n from municipalities m join states s using (state) group by s.name order by all",
    "select max(month) as last from border_crossings",
    "select nothing from states",
    "delete from states",
    "select * from no_such_table",
]


def answer(facts: Facts, query: str) -> pl.DataFrame | str:
    try:
        return facts.sql(query)
    except FactsError as error:
        return error.key


def same(one: pl.DataFrame | str, other: pl.DataFrame | str) -> bool:
    return (
        one.equals(other)
        if isinstance(one, pl.DataFrame) and isinstance(other, pl.DataFrame)
        else one == other
    )


def test_eight_threads_get_the_answers_of_one() -> None:
    alone = Facts()
    expected = [answer(alone, query) for query in QUERIES]
    shared = Facts()
    with ThreadPoolExecutor(8) as pool:
        asked = [
            (number, pool.submit(answer, shared, query))
            for _ in range(32)
            for number, query in enumerate(QUERIES)
        ]
        for number, given in asked:
            assert same(given.result(), expected[number]), QUERIES[number]


def test_a_new_table_is_loaded_without_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    verified = compiled.verified_bytes

    def counted(name: str) -> bytes:
        read.append(name)
        return verified(name)

    monkeypatch.setattr(compiled, "verified_bytes", counted)
    facts = Facts()
    for query in (
        "select 1 from states",
        "select 1 from ports",
        "select 1 from states, ports",
        "select 1 from states",
    ):
        facts.sql(query)
    assert read == ["states.parquet", "ports.parquet"]
    Facts().sql("select 1 from states")
    assert read[2:] == ["states.parquet"]


def test_after_a_time_out_the_next_query_works_at_once() -> None:
    # The first stops when it is interrupted; the second is one call of a function, which does not.
    for query in (
        "select count(*) from range(1000000000000)",
        "select length(repeat(repeat('x', 1000000), 600))",
    ):
        facts = Facts()
        facts.sql("select count(*) from states")
        with pytest.raises(FactsError) as error:
            facts.sql(query, seconds=0.2)
        assert error.value.key == "sql_too_long"
        start = time.monotonic()
        assert facts.sql("select count(*) from states").item() == 32
        assert time.monotonic() - start < 5  # a tenth of a second on a quiet machine


def test_an_answer_that_grows_beyond_its_memory_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "GROWTH_GB", 0.2)
    facts = Facts()
    facts.sql("select 1")
    with pytest.raises(FactsError) as error:
        facts.sql("select repeat('x' || range, 1000) as x from range(1000000)")
    assert error.value.key == "sql_too_large"
    assert "0.2 GB" in error.value.message("en")


def test_a_query_in_one_thread_does_not_stop_another() -> None:
    facts = Facts()
    facts.connect({"states"})
    stopped: list[str] = []

    def ask() -> None:
        try:
            facts.sql("select count(*) from range(1000000000000)", seconds=0.5)
        except FactsError as error:
            stopped.append(error.key)

    long = threading.Thread(target=ask)
    long.start()
    assert [facts.sql("select count(*) from states").item() for _ in range(10)] == [32] * 10
    long.join()
    assert stopped == ["sql_too_long"]


def test_a_sum_of_decimals_is_the_same_each_time() -> None:
    query = "select sum(sin(deaths) * 1e-3) as s from homicides_year, range(20)"
    sums = {repr(Facts().sql(query).item()) for _ in range(4)}
    assert len(sums) == 1
