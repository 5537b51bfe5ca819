"""A record gives a small answer again as it gave it; who changes what they got changes nobody else's."""

from __future__ import annotations

import polars as pl
import pytest

from merida.facts import Facts, warehouse


def test_an_answer_is_given_again_and_is_the_askers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    facts, query = Facts(), "select state, name from states order by state"
    first = facts.sql(query)
    first.insert_column(0, pl.Series("mine", [0] * first.height))
    monkeypatch.setattr(warehouse, "run", lambda *_: pytest.fail("it was asked again"))
    assert facts.sql(query).columns == ["state", "name"]


@pytest.mark.parametrize(
    "query", ["select random() as x", "select uuid()::text as x", "select gen_random_uuid()::text as x"]
)
def test_what_chance_gives_is_asked_each_time(query: str) -> None:
    facts = Facts()
    assert facts.sql(query).item() != facts.sql(query).item()


def test_no_more_is_kept_than_a_number_of_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse, "REMEMBERED", 3)
    facts = Facts()
    for number in range(6):
        assert facts.sql(f"select {number} as x").item() == number
    assert len(facts._answers) == 3
    monkeypatch.setattr(warehouse, "MOST_CELLS", 0)
    assert Facts().sql("select 1 as x").item() == 1
