"""A user's own deaths: what of a file is scored, each place beside its forecast, and files that are refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from merida.errors import ViolenceError
from merida.facts import Facts
from merida.places import Gazetteer
from merida.violence.forecasting import actuals, scoring
from merida.violence.forecasting.backtest import OURS, score_origin
from merida.violence.forecasting.fitting import fitted
from merida.violence.forecasting.samples import Samples
from merida.violence.forecasting.scoring import completed, score
from merida.violence.panel import panel
from tests.runner import CliRunner, app
from tests.violence.forecasting.panels import small

HEAD = "municipality,year,deaths,basis\n"
MONTHS = "municipality,month,deaths,basis\n"
DRAWS = 30


def written(folder: Path, text: str) -> Path:
    path = folder / "deaths.csv"
    path.write_text(text, encoding="utf-8")
    return path


def crps_by_hand(draws: npt.NDArray[np.int64], actual: int) -> float:
    """The definition, pair by pair: the mean distance to the actual less half the mean distance between draws."""
    away = sum(abs(int(draw) - actual) for draw in draws) / len(draws)
    apart = sum(abs(int(one) - int(other)) for one in draws for other in draws) / len(draws) ** 2
    return away - apart / 2


@pytest.fixture(scope="module", autouse=True)
def fitted_once() -> Iterator[None]:
    """One panel and one fit for all tests: every file here is scored from the same December."""
    known = panel(Facts(), 2011)
    path = fitted(known, 12, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            scoring, "panel", lambda facts, origin: known if origin == 2011 else panel(facts, origin)
        )
        patch.setattr(scoring, "fitted", lambda known, months, seed, priors=None: path)
        yield


@pytest.fixture(scope="module")
def samples(fitted_once: None) -> Samples:
    return scoring.fitted(panel(Facts(), 2011), 12, 0).samples(DRAWS)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.of(Facts())


def test_a_city_alone_is_scored_alone(tmp_path: Path, samples: Samples) -> None:
    path = written(tmp_path, HEAD + "Ciudad Juárez,2012,750,occurrence\n8019,2012,400,occurrence\n")
    scored = score(2011, path, DRAWS)
    assert {level for rows in scored.years["2012"].values() for level in rows} == {"municipality_year"}
    by_hand = [
        crps_by_hand(samples.of(code).sum(axis=1), dead) for code, dead in (("08037", 750), ("08019", 400))
    ]
    rows = {row.place: row for row in scored.places}
    assert set(rows) == {"municipality:08037", "municipality:08019"}
    assert [rows[f"municipality:{code}"].crps for code in ("08037", "08019")] == pytest.approx(by_hand)
    assert scored.years["2012"][OURS]["municipality_year"]["crps"] == pytest.approx(np.mean(by_hand))
    juarez, ordered = rows["municipality:08037"], np.sort(samples.of("08037").sum(axis=1))
    # of 30 draws in order, the 5, 50 and 95 % lie at the 2nd, 15th and 29th
    assert (juarez.actual, juarez.low, juarez.median, juarez.high) == (
        750,
        ordered[1],
        ordered[14],
        ordered[28],
    )


def test_months_are_scored_as_months_and_twelve_of_them_as_a_year(tmp_path: Path, samples: Samples) -> None:
    dead = {f"2012-{month:02}": 60 + month for month in range(1, 13)}
    text = MONTHS + "".join(f"08037,{month},{count},occurrence\n" for month, count in dead.items())
    scored = score(2011, written(tmp_path, text + "08019,2012-03,9,occurrence\n"), DRAWS)
    drawn = samples.of("08037")
    by_hand = {month: crps_by_hand(drawn[:, at], count) for at, (month, count) in enumerate(dead.items())}
    found = {row.period: row.crps for row in scored.places if row.place == "municipality:08037"}
    year = crps_by_hand(drawn.sum(axis=1), sum(dead.values()))
    assert found == pytest.approx(by_hand | {"2012": year})
    # Chihuahua is named in March alone, so it is in no year
    assert {row.period for row in scored.places if row.place == "municipality:08019"} == {"2012-03"}
    assert scored.years["2012"][OURS]["municipality_year"]["crps"] == pytest.approx(year)
    assert set(scored.by_month) == set(dead)


def test_a_whole_state_is_scored_with_its_sum_and_no_other(tmp_path: Path, samples: Samples) -> None:
    rows = Facts().sql(
        "select municipality, sum(deaths) from homicides_month where basis = 'occurrence' and year = 2012 "
        "and municipality like '08%' and municipality not like '%999' group by all having sum(deaths) > 0"
    )
    text = HEAD + "".join(f"{code},2012,{deaths},occurrence\n" for code, deaths in rows.rows())
    path = written(tmp_path, text)
    scored = score(2011, path, DRAWS)
    assert scored.complete == {"2012": ("08",)}
    total = sum(deaths for _, deaths in rows.rows())
    assert scored.years["2012"][OURS]["state_year"]["crps"] == pytest.approx(
        crps_by_hand(samples.of("08").sum(axis=1), total)
    )
    assert "nation_year" not in scored.years["2012"][OURS]
    # the state has 67 municipalities; those without a row have no deaths
    assert scored.assumed_none["2012"] == 67 - rows.height > 0
    assert score(2011, path, DRAWS, complete=False).complete == {"2012": ()}


def test_which_states_are_complete() -> None:
    known = small()  # six places in three states
    recent = known.deaths[:, -12:].sum(axis=1)
    state = known.state_of
    every = np.ones(6, dtype=bool)
    assert completed(every, 12, known, None).all()
    largest = np.arange(6) == recent.argmax()
    assert completed(largest, 12, known, True).tolist() == [
        bool(largest[state == at].any()) for at in (0, 1, 2)
    ]
    one_state = state == 0
    for declared in (None, False, True):
        assert completed(one_state, 12, known, declared).tolist() == [True, False, False]


def test_a_part_of_a_municipality_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    text = HEAD + "23004,2012,40,occurrence\n08037,2012,700,occurrence\n"
    scored = score(2011, written(tmp_path, text), 5)
    assert scored.partly == ("23004",)  # Bacalar, 23010, was taken from it in 2011
    assert [row.place for row in scored.places] == ["municipality:08037"]
    whole = score(2011, written(tmp_path, text + "Bacalar,2012,3,occurrence\n"), 5)
    assert {row.place: row.actual for row in whole.places}["municipality:23004"] == 43


def test_a_users_deaths_of_the_nation_give_the_backtests_scores(tmp_path: Path) -> None:
    """The record's own 2012, handed over as a user's file, gives the backtest's scores of state and nation."""
    rows = Facts().sql(
        "select municipality, year, sum(deaths) from homicides_month where basis = 'occurrence' "
        "and year in (2010, 2012) group by all order by all"
    )
    text = HEAD + "".join(f"{code},{year},{deaths},occurrence\n" for code, year, deaths in rows.rows())
    command = ["violence", "backtest", "--origin", "2011-12", "--actuals", str(written(tmp_path, text))]
    answer = CliRunner().invoke(app, [*command, "--draws", str(DRAWS), "--format", "json"])
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    assert (found["origins"], found["horizon_months"], found["left_out"]) == (["2011-12"], 12, [2010])
    assert found["complete"]["2012"][0] == "MX"
    again = score_origin(2011, 12, DRAWS, 0, "perfect").scores[0]
    for model in (OURS, "resampling"):
        for level in ("state_year", "nation_year"):
            assert found["models"][model]["crps"][level] == pytest.approx(again[model][level]["crps"])
        assert set(found["models"][model]) >= {"crps", "log_score", "coverage_90"}
    assert found["without_place"] == {"2012": 0.0}  # the record gives months of known municipalities alone


def test_the_table_shows_each_place_beside_its_forecast(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "08037,2012,750,occurrence\n")
    command = ["violence", "backtest", "--origin", "2011-12", "--actuals", str(path), "--draws", "5"]
    shown = CliRunner().invoke(app, [*command, "--language", "es"])
    assert shown.exit_code == 0, shown.output
    assert all(word in shown.output for word in ("Juárez, Chihuahua", "750", "ocurrió", "no completa"))


def test_bad_files_are_refused_by_row_and_column(tmp_path: Path, gazetteer: Gazetteer) -> None:
    bad = {
        "": "table_empty",
        HEAD: "table_empty",
        "municipality,year,deaths\n08037,2012,3\n": "table_missing",
        "municipality,deaths,basis\n08037,3,occurrence\n": "table_missing",
        HEAD + "08037,2012,-3,occurrence\n": "table_whole",
        HEAD + "08037,2012,3.5,occurrence\n": "table_whole",
        HEAD + "08037,2012,²,occurrence\n": "table_whole",
        HEAD + f"08037,2012,{'9' * 5000},occurrence\n": "table_whole",
        HEAD + "08037,twenty,3,occurrence\n": "table_whole",
        HEAD + "08037,2012\n": "table_cells",
        HEAD + "08037,2012,3,events\n": "table_choice",
        MONTHS + "08037,2012-13,3,occurrence\n": "table_month",
        MONTHS + "08037,2012,3,occurrence\n": "table_month",
        HEAD + "Juárez,2012,3,occurrence\n": "actuals_place",
        HEAD + "state:08,2012,3,occurrence\n": "actuals_place",
        HEAD + "08037,2012,3,occurrence\n8037,2012,4,occurrence\n": "actuals_twice",
        HEAD + "08037,2012,3,occurrence\n08019,2012,4,registration\n": "actuals_bases",
    }
    for text, key in bad.items():
        with pytest.raises(ViolenceError) as caught:
            actuals.read(written(tmp_path, text), gazetteer)
        faults = caught.value.values.get("faults", (caught.value,))
        assert {fault.key for fault in faults} == {key}, text[:80]  # type: ignore[union-attr]
        assert "deaths.csv" in str(caught.value)


def test_files_without_anything_to_score_say_so(tmp_path: Path) -> None:
    for text, key in {
        HEAD + "08037,2009,3,occurrence\n": "actuals_years",
        HEAD + "08037,2017,3,occurrence\n": "actuals_years",
        HEAD + "08999,2012,3,occurrence\n": "actuals_nowhere",
        HEAD + "33001,2012,3,occurrence\n": "table_faults",
    }.items():
        with pytest.raises(ViolenceError) as caught:
            score(2011, written(tmp_path, text), draws=5)
        assert caught.value.key == key
    with pytest.raises(ViolenceError, match=r"3 years.*2002-12"):
        score(1992, written(tmp_path, HEAD + "08037,1993,3,occurrence\n"), draws=5)
