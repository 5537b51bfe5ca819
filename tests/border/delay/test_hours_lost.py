"""Delay at crossings, the chance of eight hours, published waits predicted and scored, bad tables."""

import json
from pathlib import Path

import numpy as np
import pytest

from merida.border.crossings.find import find_place, one_site
from merida.border.crossings.schedules import Schedules
from merida.border.crossings.weekly_waits import WEEKS_A_YEAR
from merida.border.delay.hours_lost import delay, eight_hours, national, until_served
from merida.border.delay.posted_waits import crps, explained, predicted, readings, score
from merida.border.delay.waits_table import read_waits
from merida.errors import BorderError
from merida.facts import Facts
from tests.runner import CliRunner, app

FACTS = Facts()
BOTA = one_site(FACTS, find_place(FACTS, "240201"), "cars")
RUN = CliRunner()
HEADINGS = "crossing,mode,lane,weekday,hour,wait_minutes\n"


def constant(arrivals: float, booths: float, day_sd: float = 0.15, draws: int = 3) -> Schedules:
    """One class that runs the same all week."""
    shape = (draws, 1, 7, 24)
    return Schedules(
        ("general",), np.full(shape, arrivals), np.full(shape, booths), np.ones((draws, 1)), np.ones((draws, 1)),
        np.full(draws, day_sd), np.ones(draws), False, "2024",
    )  # fmt: skip


def test_hours_are_waits_times_crossings() -> None:
    found = delay(FACTS, [BOTA], "2023", draws=4)[0]
    volume = FACTS.sql(
        "select sum(crossings) / 365.0 from bridge_crossings "
        "where bridge = 'BRID' and measure = 'personal_vehicles' and year = 2023"
    ).item()
    assert found.crossings.sum() == pytest.approx(volume * 7 * WEEKS_A_YEAR, rel=0.01)
    np.testing.assert_allclose(found.minutes_each, 60 * found.hours.sum(axis=1) / found.crossings.sum())
    assert (
        found.usd > 2 * found.hours.sum(axis=1)
    ).all()  # an hour of a car with people in it is worth dollars
    total = national([found])["cars"]
    np.testing.assert_allclose(total["hours"], found.hours.sum(axis=1))


def test_an_easy_port_has_no_eight_hours_and_a_jammed_one_does() -> None:
    easy, hard = (eight_hours(BOTA, constant(30.0, booths), 0) for booths in (3.0, 0.45))
    assert easy["wait"].max() < 1e-3
    assert easy["line"].max() < 0.02
    assert hard["line"].min() > 0.5


def test_more_varied_days_make_eight_hours_likelier() -> None:
    calm, wild = (eight_hours(BOTA, constant(57.0, 1.0, day_sd), 0)["line"].mean() for day_sd in (0.05, 0.3))
    assert wild > calm


def test_whoever_stands_in_line_at_closing_is_served() -> None:
    booths = np.zeros((1, 168))
    booths[0, 6:20] = 4
    found = until_served(booths)
    assert (found > 0).all()
    assert found[0, 22] == 4


def test_the_score_of_a_sample_is_the_closed_form_of_a_normal_law() -> None:
    # Gneiting & Raftery (2007): CRPS of N(0, 1) at 0 is (sqrt 2 - 1) / sqrt pi; 20,000 quantiles are near exact
    from scipy.stats import norm

    sample = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    assert crps(sample, 0.0) == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi), abs=1e-4)
    assert explained(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0])) == 1
    assert explained(np.array([1.0, 1.0, 1.0]), np.zeros(3)) is None


def test_a_reading_of_one_day_is_less_sure_than_a_mean() -> None:
    found = predicted(FACTS, BOTA, "reference", draws=8)
    mean, dated = (readings(found, 0, 4, 17, one, 0, "test") for one in (False, True))
    assert dated.std() > 1.5 * mean.std()
    assert np.median(mean) == pytest.approx(found.mean[:, 0, 4, 17].mean(), rel=0.1)


def test_published_cells_score_near_climatology(tmp_path: Path) -> None:
    rows = FACTS.sql(
        "select crossing, lane_group, lane_type, month_of_year, weekday, hour, wait_minutes from border_waits "
        "where crossing = '240201' and lane_group = 'passenger' and lane_type = 'standard' and month_of_year = 5"
    )
    rows.write_csv(tmp_path / "waits.csv")
    found = score(FACTS, read_waits(FACTS, tmp_path / "waits.csv")[0])[0]
    assert found.count == 168
    assert found.climatology_mae is not None
    assert found.mae < 1.2 * found.climatology_mae
    assert found.r2 is not None
    assert found.r2 > 0.7
    assert found.coverage > 0.7


def test_the_commands_answer(tmp_path: Path) -> None:
    arguments = [
        "border",
        "delay",
        "--port",
        "Tecate",
        "--mode",
        "trucks",
        "--draws",
        "3",
        "--format",
        "json",
    ]
    found = json.loads(RUN.invoke(app, arguments).stdout)
    assert [one["name"] for one in found["crossings"]] == ["Tecate"]
    assert found["crossings"][0]["hours"]["low"] <= found["crossings"][0]["hours"]["high"]
    heat, chart = tmp_path / "heat.svg", tmp_path / "chart.svg"
    arguments = [
        "border",
        "waits",
        "240203",
        "--draws",
        "3",
        "--heat",
        str(heat),
        "--chart",
        str(chart),
        "--language",
        "es",
    ]
    shown = RUN.invoke(app, arguments)
    assert shown.exit_code == 0
    assert "media de la semana" in shown.stdout
    assert "minutos" in heat.read_text()
    assert chart.exists()
    (tmp_path / "waits.csv").write_text(HEADINGS + "240201,cars,general,1,8,55\n240201,cars,general,2,8,50\n")
    scored = json.loads(
        RUN.invoke(app, ["border", "score", "--file", str(tmp_path / "waits.csv"), "--format", "json"]).stdout
    )
    assert scored["scores"][0]["count"] == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["delay", "--period", "1980"], "border_nothing_in_period"),
        (["delay", "--period", "soon"], "border_not_a_period"),
        (["delay", "--port", "Calexico", "--mode", "trucks"], "border_mode_not_served"),
        (["waits", "San Ysidor"], "border_unknown_place"),
    ],
)
def test_what_cannot_be_answered_is_one_clear_error(arguments: list[str], code: str) -> None:
    found = RUN.invoke(app, ["border", *arguments])
    assert isinstance(found.exception, BorderError)
    assert found.exception.key == code
