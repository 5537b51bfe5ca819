"""The ranking of investments and their map: words of one language, names apart."""

import re

import polars as pl
import pytest

from merida.charts.border_invest import apart, gain_map, ranking
from merida.charts.theme import specification, svg
from merida.facts import Facts
from merida.words import words

ROWS = pl.DataFrame(
    {
        "crossing": ["San Ysidro", "Laredo"],
        "mode": ["cars", "trucks"],
        "what": ["officer", "lane"],
        "low": [-2.0, 0.5],
        "middle": [40.0, 3.0],
        "high": [120.0, 9.0],
    }
)


def texts(drawn: str) -> set[str]:
    return {re.sub("<[^>]+>", "", text) for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn)}


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_ranking_names_each_investment_in_one_language(language: str) -> None:
    said = words(language)
    shown = texts(svg(specification(ranking(ROWS, said))))
    for crossing, mode, what in ROWS.select("crossing", "mode", "what").iter_rows():
        kinds = said.text(f"border.modes.{mode}"), said.text(f"border_invest.short.{what}")
        assert " · ".join((crossing, *kinds)) in shown
    assert said.text("charts.border_ranking.unit") in shown
    assert not {"undefined", "null", "NaN"} & shown


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_map_says_whether_it_pays(facts: Facts, language: str) -> None:
    said = words(language)
    rows = ROWS.select("low", "middle", "high").with_columns(
        name=pl.Series(["San Ysidro", "Laredo"]),
        longitude=pl.Series([-117.03, -99.5]),
        latitude=pl.Series([32.54, 27.5]),
    )
    chart, data = gain_map(rows, facts.sql("select geometry from map_states order by state"), said)
    shown = texts(svg(specification(chart, data)))
    assert {"San Ysidro", "Laredo", said.text("charts.border_map.likely")} <= shown


def test_names_that_would_lie_on_each_other_are_left_out() -> None:
    rows = pl.DataFrame(
        {"name": ["first", "same place", "near", "far"], "longitude": [-115.5, -115.5, -116, -100]}
    )
    assert apart(rows)["name"].to_list() == ["first", "far"]
