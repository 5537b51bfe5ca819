"""Forest charts: rows in the order of the readings, marks by design, a scale in percent, both languages."""

import math
import re
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from merida.charts.evidence import SHAPES, forest, lines, shown, ticks
from merida.charts.theme import specification, svg
from merida.evidence import Register
from merida.facts import Facts
from merida.parameters.parameters import Parameters
from merida.parameters.standings import knowledge
from merida.words import words

NOTE = "on what it rests"


def study(
    name: str, reading: str, value: float | None, design: str = "quasi", weight: float = 0.5
) -> dict[str, Any]:
    return {
        "reading": reading, "name": name, "country_name": "Chile", "outcome_name": "x", "design": design,
        "direction": "harm", "estimate": value, "low": value and value - 0.3, "high": value and value + 0.3,
        "weight": weight,
    }  # fmt: skip


STUDIES = pl.DataFrame(
    [
        study("A", "falls", -0.5, "rct", 0.7),
        study("B", "falls", -4.0, "before_after", 0.3),
        study("C", "rises", None),
    ],
    infer_schema_length=None,
)
LAWS = pl.DataFrame(
    {
        "reading": ["falls", "rises", None],
        "heading": ["Falls", "Rises", None],
        "label": ["law of falls", "law of rises", "law of all"],
        "median": [-0.2, 0.05, -0.1],
        "low": [-0.6, -0.4, -0.5],
        "high": [0.2, 0.5, 0.4],
    }
)


def texts(drawn: str) -> list[str]:
    return [
        line for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn) for line in re.split("<[^>]+>", text)
    ]


@pytest.mark.parametrize("language", ["en", "es"])
def test_rows_stand_in_the_order_of_the_readings(language: str) -> None:
    said = words(language)
    drawn = list(lines(STUDIES, LAWS, said, False))
    assert [row["kind"] for row in drawn] == [
        "heading", "study", "study", "pooled", "heading", "sign", "pooled", "pooled",
    ]  # fmt: skip
    assert [row["at"] for row in drawn] == list(range(1, 9))
    assert drawn[1]["shown"] == pytest.approx(math.exp(-0.5))
    assert drawn[1]["figure"].startswith("-39 (-55 ")  # exp(-0.5) - 1, exp(-0.8) - 1
    assert drawn[2]["shown"] == pytest.approx(0.1)  # cut at the axis's end; the figure beside it is not
    assert drawn[2]["figure"].startswith("-98 ")
    assert said.text("evidence.directions.harm") in drawn[5]["figure"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_forest_shows_designs_weights_and_its_unit(language: str) -> None:
    said, other = words(language), words("es" if language == "en" else "en")
    spec = specification(forest(STUDIES, LAWS, NOTE, said))
    drawn = texts(svg(spec))
    for key in (*SHAPES, "design", "change"):
        assert said.text(f"charts.effects.{key}") in drawn
        assert other.text(f"charts.effects.{key}") not in drawn
    assert {"law of falls", "law of all", NOTE, "0 %"} <= set(drawn)
    assert not {"undefined", "null", "NaN"} & set(drawn)
    marks = [layer["mark"] for layer in spec["layer"]]
    assert any(mark.get("shape") == "diamond" for mark in marks)
    sizes = [layer["encoding"]["size"] for layer in spec["layer"] if "size" in layer["encoding"]]
    assert [size["field"] for size in sizes] == ["weight"]
    assert spec["layer"][1]["encoding"]["x"]["scale"]["type"] == "log"


def test_elasticities_have_a_straight_scale() -> None:
    spec = specification(forest(STUDIES, LAWS, NOTE, words("en"), elasticity=True))
    assert "type" not in spec["layer"][1]["encoding"]["x"]["scale"]
    assert words("en").text("charts.effects.elasticity") in texts(svg(spec))


@pytest.mark.parametrize(("low", "high"), [(0.15, 1.4), (0.7, 3.2), (0.95, 1.05), (0.1, 5.0)])
def test_ticks_leave_room_and_hold_no_change(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 1.0 in found
    assert found == sorted(found)
    apart = [math.log(b / a) for a, b in pairwise(found)]
    assert all(gap >= 0.15 * math.log(high / low) for gap in apart)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_forest_of_a_real_effect_says_whether_it_is_the_priors(language: str) -> None:
    said = words(language)
    parameters = Parameters(Facts(), Register(), {})
    few = knowledge(parameters, "networks.leadership_targeting.effect")
    *tables, note = shown(few, said)
    assert note == said.text(
        "charts.effects.prior_driven",
        figures=few.distribution.with_figure,
        share=said.number(100 * few.distribution.share_from_data),
    )
    drawn = texts(svg(specification(forest(*tables, note, said))))
    assert note in " ".join(" ".join(drawn).split())
    for one in few.readings:
        assert said.named("readings", str(one.reading)) in " ".join(drawn)
    assert any(said.number(100 * few.whole.harm) in text for text in drawn)
