"""What `merida rank` and `merida allocate` print, and what they refuse before any work."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from merida.cli.plans.allocate import division
from merida.cli.plans.rank import as_json, assumptions, programmes, verdict

from merida.decide.grouping import grouped
from merida.decide.ranking import Ranking, ranked
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, plan_named
from tests.runner import CliRunner, app

RUN = CliRunner()
NAMES = ("vetting", "youth_therapy", "prisons")


def ranking(draws: int = 2000) -> Ranking:
    values = np.random.default_rng(0).standard_normal((draws, 3)) + np.array([0.2, 0.1, 0.0])
    grouping, apart = grouped(values, NAMES), grouped(values + np.array([0.0, 9.0, 0.0]), NAMES)
    rows = ranked(values, grouping, NAMES, dict.fromkeys(NAMES), first=1)
    return Ranking(rows, grouping, {0.3: apart}, {15: grouping}, {}, {})


def test_the_first_sentence_says_that_nothing_is_told_apart() -> None:
    said = verdict(ranking().grouping)
    assert said[0].startswith("Not told apart")
    assert "settled at 2000 draws" in said[1]
    few = verdict(ranking(4).grouping)
    assert "not settled" in few[1]
    assert "--draws" in few[1]


def test_tables_name_groups_and_who_leaves_never_places() -> None:
    found = ranking()
    table = programmes(found)
    assert [row["group"] for row in table] == [1, 1, 1]
    assert all("±" in row[name] for row in table for name in ("P(first 5)", "median", "mean"))
    changed, same = assumptions(found)
    assert changed["leaves the best"] == "vetting, prisons"
    assert changed["enters the best"] is None
    assert (same["groups"], same["leaves the best"]) == (1, None)
    answer = json.loads(json.dumps(as_json(found)))
    assert answer["groups"] == [list(NAMES)]
    assert answer["additionality"]["0.3"]["leaves"] == ["vetting", "prisons"]
    assert answer["settled"] is True


def test_the_division_sums_to_the_plan(facts_2012: Facts) -> None:
    framework = Framework.load("merida")
    plan = plan_named("memo", framework, facts_2012)
    rows = division(framework, plan)
    whole = sum(row.usd_per_year for row in plan.rows) / 1e6
    assert sum(row["million USD a year"] for row in rows) == pytest.approx(whole, abs=0.01 * len(rows))
    assert len(rows) == len({row.programme for row in plan.rows})
    pillars = [row["pillar"] for row in rows]
    assert pillars == sorted(pillars, key=pillars.index)  # each pillar stands together
    courts = next(row for row in rows if row["programme"] == "prosecutors_courts")
    assert courts["million USD a year"] == pytest.approx(55.0)  # 20 from one account and 35 from another


def test_what_cannot_be_run_is_refused_before_any_work(tmp_path: Path) -> None:
    refused = (
        (["allocate", "--draws", "0"], "run_out_of_range"),
        (["allocate", "--years", "50"], "run_out_of_range"),
        (["allocate", "--budget", "275"], "budget_unlikely"),
        (["allocate", "--budget", "275000000000"], "budget_unlikely"),
        (["allocate", "--budget", "0"], "budget_out_of_range"),
        (["allocate", "--objective", "deaths"], "unknown_objective"),
        (["allocate", "--plan", str(tmp_path / "plan.xlsx")], "plan_suffix"),
        (["rank", "--draws", "0"], "run_out_of_range"),
        (["rank", "--years", "99"], "run_out_of_range"),
        (["simulate", "memo", "--draws", "0"], "run_out_of_range"),
        (["compare", "memo", "none", "--years", "0"], "run_out_of_range"),
        (["compare", "memo"], "one_plan_to_compare"),
    )
    for arguments, key in refused:
        begun = time.monotonic()
        result = RUN.invoke(app, [*arguments, "--as-of", "2012-12"])
        assert isinstance(result.exception, PlanError), (arguments, result.exception)
        assert result.exception.key == key, arguments
        assert time.monotonic() - begun < 5, arguments  # the search takes a minute
