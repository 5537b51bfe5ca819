"""Charts of plans: a line each, in the order given; nothing averted is marked; both languages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from merida.answers.plans.discover import BoxLine, Discovery
from merida.answers.plans.discover import picture as discovered
from merida.answers.plans.simulate import picture as simulated
from merida.charts.plans import averted
from merida.ensemble.lines import Comparison
from merida.words import words


def named(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the largest data set of a specification."""
    return max(spec["datasets"].values(), key=len)


@pytest.mark.parametrize(("language", "plan", "row"), [
    ("en", "Memo", "beside Continuation, first 5 years"),
    ("es", "Memorando", "frente a Continuación, primeros 5 años"),
])  # fmt: skip
def test_what_plans_avert_is_named_in_the_readers_language(language: str, plan: str, row: str) -> None:
    lines = tuple(
        Comparison("memo", "continuation", years, 10.0 * years, -5.0, 99.0, 0.9, 0.1) for years in (3, 5)
    )
    answer: Any = SimpleNamespace(
        payload=SimpleNamespace(comparisons=lines), request=SimpleNamespace(draws=32)
    )
    spec = simulated(answer, words(language))
    assert plan in " ".join(spec["title"]["text"])
    assert "32" in " ".join(spec["title"]["subtitle"])
    assert [(one["name"], one["middle"]) for one in named(spec)][1] == (row, 50.0)


def test_the_first_year_alone_is_in_the_singular() -> None:
    rows = pl.DataFrame(
        [("Memo", 1, 0.0, 1.0, 2.0)], schema=["versus", "years", "low", "middle", "high"], orient="row"
    )
    assert named(averted(rows, words("en")).to_dict())[0]["name"] == "beside Memo, first year"


def test_the_chosen_box_is_the_one_that_the_sentence_is_of() -> None:
    boxes = (BoxLine(1.0, 0.3, 1.0, 0), BoxLine(0.8, 0.6, 0.4, 1), BoxLine(0.5, 0.9, 0.2, 2))
    found = Discovery("memo", "none", "homicides", "homicides", None, 0.3, (), 0.8, 0.6, 0.4, boxes, ())
    answer: Any = SimpleNamespace(payload=found, request=SimpleNamespace(draws=64))
    rows = named(discovered(answer, words("es")))
    assert [(one["coverage"], one["chosen"]) for one in rows] == [(100.0, False), (80.0, True), (50.0, False)]
