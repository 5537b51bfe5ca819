"""Charts as series: what an office program can draw, and what stays a picture."""

import pytest

from merida.charts.series import plotted

X = {"field": "year", "type": "ordinal"}
Y = {"field": "usd", "type": "quantitative", "title": ["million", "dollars"]}
ROWS = [
    {"year": 2008, "account": "A", "usd": 1.0},
    {"year": 2009, "account": "B", "usd": 2.0},
    {"year": 2009, "account": "A", "usd": 3.0},
]


def test_bars_are_stacked_in_the_order_of_their_colours_with_gaps_where_nothing_is() -> None:
    colour = {"field": "account", "scale": {"domain": ["B", "A"]}}
    chart = plotted(
        {
            "mark": {"type": "bar"},
            "encoding": {"x": X, "y": Y, "color": colour},
            "datasets": {"d": ROWS},
            "data": {"name": "d"},
        }
    )
    assert chart is not None
    assert (chart.kind, chart.categories, chart.upward) == ("bars", (2008, 2009), "million dollars")
    assert {one.name: one.values for one in chart.series} == {"B": (None, 2.0), "A": (1.0, 3.0)}


@pytest.mark.parametrize(
    "spec",
    [
        {"facet": {"field": "x"}, "spec": {}},
        {"mark": "geoshape", "data": {"values": ROWS}},
        {"mark": "point", "encoding": {"x": X, "y": Y}, "data": {"values": ROWS}},
        {"mark": "line", "encoding": {"x": X, "y": Y}, "data": {"values": []}},
        {
            "layer": [{"mark": "line", "encoding": {"x": X, "y": Y}}, {"mark": "rule"}],
            "data": {"values": ROWS},
        },
        {
            "mark": "line",
            "encoding": {"x": X, "y": Y},
            "transform": [{"filter": "1"}],
            "data": {"values": ROWS},
        },
    ],
)
def test_what_is_no_simple_chart_stays_a_picture(spec: dict) -> None:
    assert plotted(spec) is None
