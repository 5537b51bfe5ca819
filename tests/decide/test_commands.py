"""What is said of a ranking and of an allocation's money, and what both refuse before any work."""

import time
from pathlib import Path

import numpy as np
import pytest

from merida.answers.context import Context
from merida.answers.plans.rank import Rank, RankedProgrammes, blocks
from merida.decide.ranking import Ranking, ranked
from merida.decide.said.report import division, left_out, moved
from merida.decide.said.report import ranked as lines
from merida.document.blocks import Table
from merida.document.terminal import render
from merida.document.values import cells, heads
from merida.errors import MeridaError
from merida.facts import Facts
from merida.framework import Framework, plan_named
from merida.statistics.grouping import grouped
from merida.words import words
from tests.runner import CliRunner, app

RUN = CliRunner()
NAMES = ("vetting", "youth_therapy", "prisons")


def ranking(draws: int = 2000) -> Ranking:
    values = np.random.default_rng(0).standard_normal((draws, 3)) + np.array([0.2, 0.1, 0.0])
    grouping, apart = grouped(values, NAMES), grouped(values + np.array([0.0, 9.0, 0.0]), NAMES)
    rows = ranked(values, grouping, NAMES, dict.fromkeys(NAMES), first=1)
    bears_on = {"smith": NAMES[:1], "jones": NAMES[1:]}
    return Ranking(
        rows, grouping, {0.3: apart}, {15: grouping}, {"smith": apart, "jones": grouping}, bears_on
    )


def payload(found: Ranking) -> RankedProgrammes:
    ranked = lines(found, Framework.load("merida"))
    return RankedProgrammes(
        programmes=ranked,
        told_apart=found.grouping.told_apart,
        groups=found.grouping.groups,
        draws=found.grouping.draws,
        settled=found.grouping.settled,
        draws_needed=found.grouping.draws_needed,
        effects_with_study=sum(bool(line.studies) for line in ranked),
        additionality=moved(found, found.additionality),
        years=moved(found, found.windows),
        without=left_out(found),
    )


def tables(found: Ranking, request: Rank) -> list[list[dict[str, str]]]:
    said = words("en")
    return [
        [dict(zip(heads(block, said), row, strict=True)) for row in cells(block, said)]
        for block in blocks(request, payload(found))
        if isinstance(block, Table)
    ]


def test_the_first_sentence_says_that_nothing_is_told_apart() -> None:
    said = render(blocks(Rank(), payload(ranking())), words("en"), 200).splitlines()
    assert said[0].startswith("Not told apart")
    assert "settled at 2000 draws" in said[1]
    few = render(blocks(Rank(), payload(ranking(4))), words("en"), 200).splitlines()
    assert "not settled" in few[1]
    assert "--draws" in few[1]


def test_tables_name_groups_and_who_leaves_never_places() -> None:
    programmes, assumed, without = tables(ranking(), Rank(leave_one_out=True))
    assert [row["group"] for row in programmes] == ["1", "1", "1"]
    titles = {name: Framework.load("merida").programmes[name].title.en for name in NAMES}
    assert {row["programme"] for row in programmes} == set(titles.values())
    changed, same = assumed
    assert changed["leaves the best"] == f"{titles['vetting']}; {titles['prisons']}"
    assert changed["enters the best"] == "–"
    assert (same["groups"], same["leaves the best"], same["settled"]) == ("1", "–", "yes")
    assert [row["study left out"] for row in without] == ["smith"]
    answer = payload(ranking())
    assert answer.groups == (NAMES,)
    assert answer.additionality["0.3"].leaves == ("vetting", "prisons")
    assert answer.without["jones"].bears_on == ("youth_therapy", "prisons")
    assert answer.settled is True


def test_one_draw_has_no_error_of_its_median() -> None:
    assert [line.median_error for line in payload(ranking(1)).programmes] == [None] * 3


def test_the_division_sums_to_the_plan(facts_2012: Facts) -> None:
    framework = Framework.load("merida")
    plan = plan_named("memo", framework, facts_2012)
    rows = division(framework, plan)
    whole = sum(row.usd_per_year for row in plan.rows)
    assert sum(row.usd_per_year for row in rows) == pytest.approx(whole)
    assert sum(row.share for row in rows) == pytest.approx(1)
    assert len(rows) == len({row.programme for row in plan.rows})
    pillars = [row.pillar for row in rows]
    assert pillars == sorted(pillars, key=pillars.index)  # each pillar stands together
    courts = next(row for row in rows if row.programme == "prosecutors_courts")
    assert courts.usd_per_year == pytest.approx(55e6)  # 20 from one account and 35 from another


def test_what_cannot_be_run_is_refused_before_any_work(tmp_path: Path) -> None:
    refused = (
        (["allocate", "--draws", "0"], "request_option"),
        (["allocate", "--draws", "999999999"], "run_too_large"),
        (["allocate", "--years", "50"], "request_option"),
        (["allocate", "--budget", "275"], "budget_unlikely"),
        (["allocate", "--budget", "275000000000"], "budget_unlikely"),
        (["allocate", "--budget", "0"], "request_option"),
        (["allocate", "--objective", "deaths"], "objective_unknown"),
        (["allocate", "--objective", "delay", "--nation-only"], "ports_left_out"),
        (["allocate", "--beside", "nothing"], "unknown_plan"),
        (["allocate", "--plan", str(tmp_path / "plan.xlsx")], "file_ending"),
        (["rank", "--draws", "0"], "request_option"),
        (["rank", "--years", "99"], "request_option"),
        (["simulate", "memo", "--draws", "0"], "request_option"),
        (["compare", "memo", "none", "--years", "0"], "request_option"),
        (["compare", "memo"], "one_plan_to_compare"),
    )
    for arguments, key in refused:
        begun = time.process_time()
        result = RUN.invoke(app, [*arguments, "--as-of", "2012-12"])
        assert isinstance(result.exception, MeridaError), (arguments, result.exception)
        assert result.exception.key == key, arguments
        assert time.process_time() - begun < 5, arguments  # the search takes a minute


def test_no_money_enacted_is_told(tmp_path: Path) -> None:
    for command in ("allocate", "rank"):
        result = RUN.invoke(app, [command, "--as-of", "2007-01"])
        assert isinstance(result.exception, MeridaError)
        assert result.exception.key == "no_enacted_money"


def test_a_context_is_shared() -> None:
    assert Context.of(Rank(as_of="2012-12")) == Context("2012-12", "merida")
