"""The cells of a table: one number or text each, whatever a record holds."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from merida.answers.questions import flat
from merida.cli import run
from merida.facts.schema import Text
from merida.statistics import Interval


@dataclass(frozen=True)
class Line:
    title: Text
    hours: Interval
    notes: tuple[Text, ...]
    studies: tuple[str, ...]


def test_a_record_is_cells_that_csv_can_hold() -> None:
    one = Text(en="Prisons", es="Cárceles")
    cells = flat(Line(one, Interval(1.0, 2.0, 3.0), (one,), ("a", "b")))
    assert json.loads(cells.pop("notes")) == [{"en": "Prisons", "es": "Cárceles"}]
    assert cells == {
        "title_en": "Prisons", "title_es": "Cárceles",
        "hours_low": 1.0, "hours_median": 2.0, "hours_high": 3.0,
        "studies": "a; b",
    }  # fmt: skip


@pytest.mark.parametrize(
    "command", ["facts list", "plan show memo", "plan diff memo none", "framework show", "evidence gaps"]
)
def test_tables_with_texts_in_both_languages_are_csv(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command.split(), "--format", "csv"]) == 0
    assert "title_es" in capsys.readouterr().out.splitlines()[0]
