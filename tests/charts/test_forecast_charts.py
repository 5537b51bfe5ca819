"""Fan charts from a synthetic forecast: bands, unit, legend, both languages."""

import re
from statistics import NormalDist

import polars as pl
import pytest

from merida.charts.forecast import SHADES, fan, fan_states, parts
from merida.charts.theme import specification, svg
from merida.words import words

SHARES = {"q05": 0.05, "q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q90": 0.9, "q95": 0.95}
OBSERVED = pl.DataFrame({"year": [2018, 2019, 2020, 2021], "deaths": [300, 320, 350, 340]})


def quantiles(times: list[object], column: str = "year") -> pl.DataFrame:
    """Return quantiles of normal laws about 340 that widen with each step."""
    distributions = [NormalDist(340, 20 * (step + 1)) for step in range(len(times))]
    return pl.DataFrame(
        {
            column: times,
            **{
                name: [distribution.inv_cdf(share) for distribution in distributions]
                for name, share in SHARES.items()
            },
        }
    )


def texts(drawn: str) -> list[str]:
    return [re.sub("<[^>]+>", "", text) for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn)]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("column", ["year", "month"])
def test_a_fan_says_its_unit_and_its_bands(column: str, language: str) -> None:
    said, other = words(language), words("es" if language == "en" else "en")
    observed, times = OBSERVED, [2022, 2023, 2024]
    if column == "month":
        months = [f"2021-{number:02d}" for number in range(9, 13)]
        observed, times = (
            OBSERVED.select(month=pl.Series(months), deaths="deaths"),
            ["2022-01", "2022-02", "2022-03"],
        )
    drawn = svg(specification(fan(observed, quantiles(times, column), said)))
    shown = texts(drawn)
    for key in (column, "bands"):
        assert said.text(f"charts.forecast.{key}") in shown
        assert other.text(f"charts.forecast.{key}") not in shown
    assert {"50 %", "80 %", "90 %"} <= set(shown)
    assert not {"undefined", "null", "NaN"} & set(shown)
    # Wide bands are drawn before the narrow ones that they would hide.
    order = [drawn.index(f'fill="{shade}"') for shade in SHADES.values()]
    assert order == sorted(order)


def test_the_bands_are_the_quantiles_and_open_at_the_last_observation() -> None:
    table = quantiles([2022, 2023])
    shown = parts(OBSERVED, table)
    for part, low, high in (
        ("50", "q25", "q75"),
        ("80", "q10", "q90"),
        ("90", "q05", "q95"),
        ("median", "q50", "q50"),
    ):
        rows = shown.filter(pl.col("part") == part)
        assert rows["at"].to_list() == [2021, 2022, 2023]
        assert rows.row(0, named=True)["low"] == rows.row(0, named=True)["high"] == 340
        assert rows["low"][1:].to_list() == table[low].to_list()
        assert rows["high"][1:].to_list() == table[high].to_list()
    assert shown.filter(pl.col("part") == "recorded")["low"].to_list() == OBSERVED["deaths"].to_list()


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_state_has_its_fan_in_alphabetical_order(language: str) -> None:
    names = ["Morelos", "México", "Michoacán", "Aguascalientes"]
    said = words(language)

    def each(rows: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([rows.with_columns(name=pl.lit(name)) for name in names])

    spec = specification(fan_states(each(OBSERVED), each(quantiles([2022, 2023])), said))
    shown = texts(svg(spec))
    assert [text for text in shown if text in names] == ["Aguascalientes", "México", "Michoacán", "Morelos"]
    assert said.text("charts.forecast.bands") in shown
    assert spec["resolve"] == {"scale": {"y": "independent"}}
    by_part = parts(each(OBSERVED), each(quantiles([2022, 2023]))).group_by("name", "part").len()
    assert sorted(by_part["len"].unique().to_list()) == [3, 4]
