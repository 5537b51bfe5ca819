"""The monitor's charts draw in both languages, with unit, title and source."""

import re
from pathlib import Path

import pytest

from merida.charts.monitor_drawings import DRAWINGS, drawing
from merida.charts.theme import svg
from merida.errors import ViolenceError
from merida.facts import Facts
from merida.violence.monitoring.cross_section import CrossSection, cross_section_of
from merida.violence.monitoring.monitor import Monitor, monitor
from merida.words import words
from tests.runner import CliRunner, app


@pytest.fixture(scope="module")
def cross_section(facts: Facts) -> CrossSection:
    return cross_section_of(facts)


@pytest.fixture(scope="module")
def nation(facts: Facts, cross_section: CrossSection) -> Monitor:
    return monitor(facts, cross_section=cross_section)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", DRAWINGS)
def test_a_chart_draws(
    facts: Facts, cross_section: CrossSection, nation: Monitor, name: str, language: str
) -> None:
    made = drawing(name, facts, cross_section, nation)
    assert made is not None
    said = words(language)
    drawn = svg(made.specification(said))
    texts = [re.sub("<[^>]+>", "", text) for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn)]
    assert said.text(f"charts.{made.name}.unit") in texts
    assert not {"undefined", "null", "NaN"} & set(texts)
    other = words("es" if language == "en" else "en")
    assert other.text(f"charts.{made.name}.unit") not in texts
    assert made.tables


def test_the_nation_is_called_as_the_language_calls_it(
    facts: Facts, cross_section: CrossSection, nation: Monitor
) -> None:
    made = drawing("series", facts, cross_section, nation)
    assert made is not None
    assert made.title(words("en")).startswith("Mexico: ")
    assert made.title(words("es")).startswith("México: ")


def test_states_stand_in_the_order_of_the_alphabet(
    facts: Facts, cross_section: CrossSection, nation: Monitor
) -> None:
    made = drawing("onset", facts, cross_section, nation)
    assert made is not None
    order = made.specification(words("es"))["layer"][0]["encoding"]["y"]["sort"]
    assert order.index("México") < order.index("Michoacán") < order.index("Morelos")


def test_every_municipality_on_the_map_has_a_band(
    facts: Facts, cross_section: CrossSection, nation: Monitor
) -> None:
    made = drawing("clusters", facts, cross_section, nation)
    assert made is not None
    features = made.specification(words("en"))["datasets"]["municipalities"]
    assert len(features) == 2469
    assert all(feature["properties"]["band"] for feature in features)


def test_the_lorenz_curve_ends_where_everybody_is(
    facts: Facts, cross_section: CrossSection, nation: Monitor
) -> None:
    from merida.violence.monitoring.chart_tables import lorenz_table

    last = lorenz_table(cross_section, nation.place, (2021,)).tail(1).row(0)
    assert last[1:] == pytest.approx((100, 100))


def test_levels_lie_within_their_intervals_and_add_up(nation: Monitor) -> None:
    from merida.violence.monitoring.chart_tables import series_table

    rows = series_table(nation)
    assert ((rows["low"] <= rows["level"]) & (rows["level"] <= rows["high"])).all()
    assert rows["level"].sum() == pytest.approx(rows["deaths"].sum(), rel=1e-3)


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_chart_is_written_with_its_source(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"chart.{ending}"
    command = ["violence", "monitor", "--place", "08037", "--rates", str(path)]
    assert CliRunner().invoke(app, command).exit_code == 0
    if ending == "svg":
        assert "Source: INEGI" in path.read_text()
    else:
        assert path.read_bytes().startswith(b"\x89PNG")


def test_a_chart_without_data_says_so(tmp_path: Path) -> None:
    command = ["violence", "monitor", "--level", "5000", "--onset", str(tmp_path / "a.svg")]
    failed = CliRunner().invoke(app, command)
    assert isinstance(failed.exception, ViolenceError)
    assert not list(tmp_path.iterdir())
