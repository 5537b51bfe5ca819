"""A chart for a telephone is as wide as one, and nothing of it is thinned but its labels."""

import re
from typing import Any

import polars as pl
import pytest

from merida.charts import money
from merida.charts.theme import specification, svg
from merida.document.narrow import WIDTH, narrowed
from merida.words import words


def width_of(spec: dict[str, Any]) -> float:
    found = re.search(r'viewBox="0 0 ([\d.]+) ', svg(spec))
    assert found
    return float(found.group(1))


def spent() -> dict[str, Any]:
    """Return lines with long labels at their ends, a chart that is 700 px wide."""
    rows = pl.DataFrame(
        [
            {"fiscal_year": year, "stage": stage, "usd": 1e8 * year / 2000}
            for year in range(2000, 2020)
            for stage in ("appropriated", "obligated", "disbursed")
        ]
    )
    return specification(money.stages(rows, words("es")))


def test_a_chart_with_its_labels_is_as_wide_as_the_screen_of_a_telephone() -> None:
    wide = spent()
    assert width_of(wide) > 600
    assert width_of(narrowed(wide)) == pytest.approx(WIDTH, abs=2)


def test_the_wide_chart_is_left_as_it_was() -> None:
    spec = spent()
    before = repr(spec)
    narrowed(spec)
    assert repr(spec) == before


@pytest.mark.parametrize(("panel", "columns"), [(100, 3), (200, 1)])
def test_panels_stand_beside_one_another_as_far_as_there_is_room(panel: int, columns: int) -> None:
    rows = [{"name": name, "x": x, "y": x} for name in "abcdef" for x in (1, 2)]
    axes: dict[str, Any] = {
        "x": {"field": "x", "type": "quantitative"},
        "y": {"field": "y", "type": "quantitative"},
    }
    spec = narrowed(
        {
            "data": {"values": rows},
            "facet": {"field": "name", "type": "nominal"},
            "columns": 6,
            "spec": {"mark": "line", "encoding": axes, "width": panel, "height": 80},
        }
    )
    assert spec["columns"] == columns
    assert width_of(spec) <= WIDTH + 2


def test_labels_beside_a_row_move_above_and_below_it() -> None:
    def text(x: float) -> dict[str, Any]:
        return {"mark": {"type": "text"}, "encoding": {"x": {"value": x}}}

    spec = {
        "layer": [text(-300), text(400), text(100)],
        "width": 260,
        "height": 100,
        "data": {"values": [{}]},
    }
    left, right, within = narrowed(spec)["layer"]
    assert (left["encoding"]["x"]["value"], right["encoding"]["x"]["value"]) == (0, {"expr": "width"})
    assert left["mark"]["dy"] < 0 < right["mark"]["dy"]
    assert within == text(100)


def test_a_long_label_beside_a_row_stands_in_two_lines_above_it() -> None:
    long, short = (
        "Macdonald and others 2025 · United States · serious crime out of doors at night",
        "One 2001",
    )
    encoding = {"x": {"value": -300}, "y": {"field": "row", "type": "nominal"}, "text": {"field": "label"}}
    spec = {
        "layer": [{"mark": {"type": "text", "limit": 0}, "encoding": encoding}],
        "width": 260,
        "height": 60,
        "data": {"values": [{"row": 1, "label": long}, {"row": 2, "label": short}]},
    }
    drawing = svg(narrowed(spec))
    lines = re.findall(r"<(?:text|tspan)[^>]*>([^<]+)<", drawing)
    assert lines[-3:] == [
        "Macdonald and others 2025 · United States · serious crime out", "of doors at night", short,
    ]  # fmt: skip
