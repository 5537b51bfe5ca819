"""The backtest and a user's own actuals, at small settings."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from merida.errors import MeridaError
from merida.facts import Facts
from merida.violence.forecasting.backtest import OURS, Backtest, OriginScores, score_origin
from merida.violence.forecasting.baselines import BASELINES, log_random_walk
from merida.violence.panel import panel
from tests.runner import CliRunner, app
from tests.violence.forecasting.panels import small


@pytest.fixture(scope="module")
def origin() -> OriginScores:
    return score_origin(2010, 12, 40, 0, "perfect")


def test_every_model_is_scored_at_every_level(origin: OriginScores) -> None:
    scored = origin.scores[0]
    assert set(scored) == {OURS, *BASELINES, "log_random_walk"}
    for model in (OURS, *BASELINES):
        assert set(scored[model]) == {
            "municipality_month",
            "state_year",
            "nation_year",
            "nation_year_rescaled",
        }
    assert "municipality_month" not in scored["log_random_walk"]
    assert all(0 <= rows["state_year"]["coverage_90"] <= 1 for rows in scored.values())
    assert {sum(bins) for bins in origin.pit.values()} == {50 * 12, 150 * 12, 2243 * 12}


def test_event_is_among_places_with_six_to_twenty_four(origin: OriginScores) -> None:
    last = panel(Facts(), 2010).deaths[:, -12:].sum(axis=1)
    assert len(origin.events) == ((last >= 6) & (last <= 24)).sum()
    assert set(np.unique(origin.events[:, 2])) == {0.0, 1.0}
    assert ((origin.events[:, :2] >= 0) & (origin.events[:, :2] <= 1)).all()


def test_means_best_and_skill(origin: OriginScores) -> None:
    found = Backtest((origin, origin), 12, 40, "perfect")
    assert found.best("municipality_month") != OURS
    gain, low, high = found.skill("state_year", "resampling")
    one = origin.scores[0]
    expected = 1 - one[OURS]["state_year"]["crps"] / one["resampling"]["state_year"]["crps"]
    assert gain == pytest.approx(expected)
    assert low == pytest.approx(high) == pytest.approx(expected)
    assert found.mean(OURS, "state_year", "crps", 0, [1999]) is None
    np.testing.assert_allclose([values.sum() for values in found.pit().values()], 1.0)


def test_real_time_knows_a_year_less_and_lacks_late_deaths() -> None:
    known = panel(Facts(), 2010)
    profile = np.linspace(1.0, 0.9, 12)
    then = known.as_published(profile, 0)
    np.testing.assert_array_equal(then.deaths[:, :-12], known.deaths[:, :-12])
    assert (then.deaths <= known.deaths).all()
    share = then.deaths[:, -1].sum() / known.deaths[:, -1].sum()
    assert share == pytest.approx(0.9, abs=0.03)  # about 2,000 deaths
    assert score_origin(2010, 12, 10, 0, "real_time").scores[0][OURS]["nation_year"]["crps"] > 0


def test_baselines_are_what_they_say() -> None:
    known = small()
    drawn = BASELINES["resampling"](known, 24, 400, 0)
    assert drawn.shape == (400, 6, 24)
    for place in range(6):
        assert set(np.unique(drawn[:, place])) <= set(known.deaths[place, -12:].tolist())
    mean = BASELINES["poisson_persistence"](known, 12, 4000, 0).mean(axis=(0, 2))
    np.testing.assert_allclose(mean, known.deaths[:, -12:].mean(axis=1), atol=0.06)
    naive = BASELINES["seasonal_naive"](known, 12, 200, 0)
    assert set(np.unique(naive[:, 2, 4])) <= {int(known.deaths[2, -12 * back + 4]) for back in (1, 2, 3)}
    state, nation = log_random_walk(known, 24, 4000, 0)
    assert np.median(nation[:, 0]) == pytest.approx(4 * known.deaths[:, -3:].sum(), rel=0.02)
    assert np.log(state[:, 0, 1]).std() == pytest.approx(np.sqrt(2) * np.log(state[:, 0, 0]).std(), rel=0.05)
    for name in ("gamma_poisson", "resampling_with_shocks"):
        assert BASELINES[name](known, 12, 50, 0).shape == (50, 6, 12)


@pytest.mark.parametrize(
    "arguments",
    [
        ["forecast", "--months", "0"],
        ["forecast", "--months", "61"],
        ["forecast", "--draws", "0"],
        ["forecast", "--place", "Juares"],
        ["forecast", "--as-of", "1992-06"],
        ["backtest", "--origin", "2011-06"],
        ["backtest", "--origin", "2021-12"],
        ["backtest", "--months", "18"],
        ["backtest", "--actuals", "deaths.csv"],
        ["backtest", "--origin", "2011-12", "--actuals", "missing.csv"],
        ["backtest", "--origin", "2011-12", "--actuals", "missing.csv", "--complete", "--partial"],
        ["backtest", "--vintage", "perfekt"],
        ["backtest", "--set", "forecast.places.later_sd=-1"],
    ],
)
def test_the_command_line_refuses(arguments: list[str]) -> None:
    refused = CliRunner().invoke(app, ["violence", *arguments]).exception
    assert isinstance(refused, MeridaError)
    assert refused.message("en") != refused.message("es")


def test_forecast_prints_for_people_and_programs() -> None:
    run = CliRunner().invoke
    told = run(
        app, ["violence", "forecast", "--place", "municipality:08037", "--months", "24", "--draws", "60"]
    )
    assert told.exit_code == 0
    assert "2022" in told.stdout
    spanish = run(app, ["violence", "forecast", "--months", "12", "--draws", "60", "--language", "es"])
    assert "México" in spanish.stdout
    made = run(
        app,
        [
            "violence",
            "forecast",
            "--place",
            "state:08",
            "--months",
            "14",
            "--draws",
            "60",
            "--format",
            "json",
        ],
    )
    found = json.loads(made.stdout)
    assert len(found["months"]) == 14
    assert len(found["years"]) == 1
    year = found["years"][0]
    assert year["q05"] <= year["q50"] <= year["q95"]
    assert found["events"]["rise"]["probability"] <= 1 - found["events"]["fall"]["probability"]


def test_sizes_are_refused_before_any_work() -> None:
    for arguments, text in {
        ("forecast", "--draws", "1000000"): "351 GB",
        ("forecast", "--draws", "9" * 30): "at most 22740",
        ("forecast", "--draws", "9" * 400): "a whole number",
        ("backtest", "--draws", "1000000"): "at most 11370",
        ("forecast", "--months", "600"): "up to 60",
        ("backtest", "--months", "600"): "whole years",
        ("backtest", "--origin", "1992-12"): "on record from 2000",
        ("backtest", "--origin", "２０１２-12"): "not a December",
        ("forecast", "--as-of", "1991-10"): "Choose 1993-",
        ("monitor", "--as-of", "1991-10"): "on record from 1991-12",
        ("monitor", "--level", "1e308"): "up to 100,000",
        ("monitor", "--threshold", "9" * 25): "up to 1,000,000",
    }.items():
        answer = CliRunner().invoke(app, ["violence", *arguments])
        assert isinstance(answer.exception, MeridaError)
        assert text in answer.exception.message("en"), arguments


ORPHAN = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from merida.violence.forecasting.workers import end_with_parent
if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=end_with_parent)
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 600)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the state of a process is read from /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    status = Path(f"/proc/{worker}/stat")
    for _ in range(100):
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.1)
    pytest.fail(f"worker {worker} outlived its parent")
