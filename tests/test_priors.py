"""The schema and the reader of priors: what a file may say, and what holding a number does."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from merida.distributions import Distribution
from merida.draws import stream
from merida.errors import ModelError
from merida.priors import Entry, Note, Priors, Reading, parsed

FILE = "evidence/effects.toml"
NOTE = {"en": "x", "es": "y"}
WIDE = {"kind": "normal", "low": -1.0, "high": 1.0}
READING = [{"label": "r", "weight": 1.0, "studies": ["bam_viol"]}]
COMMON = {"unit": "share", "note": NOTE, "bounds": (-5.0, 5.0)}


def test_an_entry_that_contradicts_itself_is_refused() -> None:
    for good in (
        {"grade": "assumption", "distribution": WIDE},
        {"grade": "assumption", "value": 1.0, "range": (0.5, 2.0)},
        {"grade": "assumption", "value": 0.5, "distribution": WIDE},
        {"grade": "fact", "fact": "P080", "spread": 1.3, "distribution": WIDE},
        {"grade": "evidence", "kind": "youth_cbt", "evidence": READING},
    ):
        Entry(**COMMON, **good)
    for bad in (
        {"grade": "assumption"},
        {"grade": "guess", "value": 1.0},
        {"grade": "assumption", "value": float("nan")},
        {"grade": "assumption", "value": 7.0},
        {"grade": "assumption", "value": 1.0, "bounds": (2.0, 1.0)},
        {"grade": "assumption", "value": 1.0, "bounds": (0.0, float("inf"))},
        {"grade": "assumption", "value": 1.0, "distribution": WIDE, "range": (0.0, 2.0)},
        {"grade": "assumption", "distribution": WIDE, "fact": "P080"},
        {"grade": "assumption", "distribution": WIDE, "kind": "youth_cbt"},
        {"grade": "assumption", "distribution": WIDE, "bounds": (1.0, 2.0)},
        {"grade": "assumption", "distribution": WIDE, "colour": "red"},
        {"grade": "evidence", "evidence": READING, "kind": "youth_cbt", "distribution": WIDE},
        {"grade": "evidence", "evidence": READING, "kind": "youth_cbt", "value": 1.0},
        {"grade": "evidence", "kind": "youth_cbt"},
        {"grade": "evidence", "evidence": READING},
        {"grade": "evidence", "kind": "youth_cbt", "evidence": [{**READING[0], "weight": 0.0}]},
        {"grade": "fact", "fact": "P080", "distribution": WIDE},
        {"grade": "fact", "fact": "P080", "spread": 1.3},
        {"grade": "fact", "spread": 1.3, "distribution": WIDE},
    ):
        with pytest.raises(ValidationError):
            Entry(**{**COMMON, **bad})


def test_what_stands_in_a_table_holds_for_all_under_it() -> None:
    found = parsed(
        "x.toml",
        """
        [room.group]
        unit = "minutes"
        grade = "assumption"
        bounds = [0, 60]
        note = { en = "x", es = "y" }
        first = { value = 1.0 }
        second = { distribution = { kind = "lognormal", low = 1, high = 4 }, unit = "share" }
        deeper.third = { value = 3.0, note = "border.service_cars", source = "B013" }
        """,
    )
    assert list(found) == ["room.group.first", "room.group.second", "room.group.deeper.third"]
    first, second, third = found.values()
    assert (first.number, first.unit, first.ends) == (1.0, "minutes", None)
    assert (second.number, second.unit, second.ends) == (pytest.approx(2.0), "share", (1.0, 4.0))
    assert first.note == Note(**NOTE)
    assert first.note_in("es") == "y"
    assert third.note_in("en").startswith("Minutes at a booth for a car")
    assert third.source == "B013"


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("[a]\nvalue = ", "parameter_file", "x.toml"),
        ("[a.b]\nlaw = { kind = 'normal', low = 0, high = 1 }", "parameter_law", "a.b"),
        ("[a]\nlaw = { kind = 'normal', low = 0, high = 1 }\n[a.b]\nvalue = 1.0", "parameter_law", "a.b"),
        ("[a.b]\nvalue = 1.0\nvalu = 2.0", "parameter_invalid", "a.b"),
        ("[a]\nunit = 'share'\nspare = 1\n[a.b]\nvalue = 1.0", "parameter_invalid", "spare"),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_file_and_path(text: str, key: str, said: str) -> None:
    with pytest.raises(ModelError) as error:
        parsed("x.toml", text)
    assert error.value.key == key
    for language in ("en", "es"):
        assert said in error.value.message(language)


def test_holding_a_number_changes_it_and_nothing_else() -> None:
    stated = Priors((FILE,))
    held = Priors((FILE,), (("evidence.between_settings", 0.3), ("evidence.sign_only", 0.2)))
    assert held.number("evidence.between_settings") == 0.3
    assert held.sd("evidence.between_settings") == 0.0
    assert stated.sd("evidence.between_settings") == pytest.approx(np.log(4) / (2 * 1.6448536269514722))
    assert held.distribution("evidence.between_settings") == Distribution(kind="fixed", value=0.3)
    assert np.all(held.drawn("evidence.between_settings", 3, seed=1) == 0.3)
    for path in stated.entries:
        if not held.holds(path):
            assert held.number(path) == stated.number(path)
            assert np.array_equal(held.drawn(path, 3, seed=1), stated.drawn(path, 3, seed=1))


def test_draws_come_from_the_stream_of_the_path_within_the_bounds() -> None:
    priors = Priors(("border/investment/investment.toml",))
    path = "border.finance.growth"
    scores = stream(4, f"{path}.240201").standard_normal(5)
    expected = priors.entries[path].distribution
    assert expected is not None
    assert np.array_equal(priors.drawn(path, 5, seed=4, of=".240201"), expected.at(scores))
    low, high = priors.entries["border.invest.scanner_primary"].bounds
    many = priors.drawn("border.invest.scanner_primary", 1000, seed=0)
    assert np.all((low <= many) & (many <= high))


def test_priors_are_equal_where_they_say_the_same() -> None:
    held = (("border.elastic.area_km", 10.0), ("evidence.sign_only", 0.2))
    both = Priors((FILE, "border/investment/investment.toml"), held)
    alone = both.within(FILE)
    assert alone == Priors((FILE,), held[1:])
    assert hash(alone) == hash(Priors((FILE,), held[1:]))
    assert alone != Priors((FILE,))
    with pytest.raises(ModelError, match="evidence"):
        Priors((FILE, FILE)).number("evidence.sign_only")


def test_a_reading_has_a_weight() -> None:
    assert Reading(label="r", weight=1.0, studies=()).weight == 1.0
    values: dict[str, Any] = {"label": "r", "weight": 1.2, "studies": ()}
    with pytest.raises(ValidationError):
        Reading(**values)
