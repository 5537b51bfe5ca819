"""What every analyst does first: write the memo to a file, change one line of it, and hold it against the memo."""

import json
from pathlib import Path
from typing import Any

import pytest

from merida.lab import Lab
from tests.runner import CliRunner, app

QUICK = ("--as-of", "2012-12", "--draws", "8", "--years", "3")
MARKUP = """name = "[/x]"

[[row]]
programme = "youth_therapy"
account = "ESF"
place = "08"
start = "2013-01"
end = "2017-12"
usd_per_year = 0.0
"""


def merida(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == code, done.output or done.exception
    return done.stdout


def answer(*arguments: object) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(merida(*arguments, *QUICK, "--format", "json"))
    return tree


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The memo in a file of the user's, with ten times the money for street outreach."""
    path = tmp_path / "my.toml"
    merida("plan", "write", "memo", path, "--as-of", "2012-12")
    before = path.read_text(encoding="utf-8")
    begun = before.index("usd_per_year", before.index('programme = "street_outreach"'))
    end = before.index("\n", begun)
    path.write_text(before[:begun] + "usd_per_year = 150000000.0" + before[end:], encoding="utf-8")
    return path


def test_write_change_a_line_and_simulate_against_the_memo(mine: Path, tmp_path: Path) -> None:
    record = tmp_path / "run.json"
    found = answer("simulate", mine, "--versus", "memo", "--record", record)
    assert {(row["plan"], row["versus"]) for row in found["comparisons"]} == {("my", "memo")}
    assert found["usd"]["my"] - found["usd"]["memo"] == pytest.approx(3 * 135e6)
    assert any(row["averted"] for row in found["comparisons"])
    saved = json.loads(record.read_text(encoding="utf-8"))
    assert list(saved["plans"]) == ["my", "memo"]
    assert saved["identities"]["my"]["source"] == str(mine)
    assert saved["identities"]["my"]["made_from"] == "memo"
    assert (saved["options"]["plan"], saved["options"]["versus"]) == (str(mine), "memo")
    assert "Reproduced: the same bytes." in merida("reproduce", record)


def test_the_difference_is_what_my_plan_has_more(mine: Path) -> None:
    rows = json.loads(merida("plan", "diff", mine, "memo", "--as-of", "2012-12", "--format", "json"))[
        "differences"
    ]
    assert {row["programme"] for row in rows} == {"street_outreach"}
    assert [row["usd_difference"] for row in rows] == [pytest.approx(135e6)] * 5
    told = merida("plan", "diff", mine, "memo", "--as-of", "2012-12")
    assert "What my spends beyond Memo" in told
    assert "135" in told


def test_plans_of_one_name_are_told_apart(mine: Path, tmp_path: Path) -> None:
    same = tmp_path / "folder" / "my.toml"
    same.parent.mkdir()
    same.write_text(mine.read_text(encoding="utf-8").replace('"my"', '"memo"'), encoding="utf-8")
    found = answer("compare", same, "memo", "continuation", mine)
    assert list(found["usd"]) == ["memo (my.toml)", "memo", "continuation", "my"]
    averted = {
        row["versus"]: row["averted"]
        for row in found["comparisons"]
        if row["plan"] == "memo (my.toml)" and row["years"] == 3
    }
    assert averted["memo"] != 0
    assert averted["my"] == 0  # one content under two names


def test_a_plan_against_itself_is_exactly_nothing() -> None:
    found = answer("simulate", "memo", "--versus", "memo")
    for row in found["comparisons"]:
        assert (row["averted"], row["low"], row["high"], row["p_better"], row["p_harm"]) == (0, 0, 0, 0, 0)
    assert "The plans are the same." in merida("plan", "diff", "memo", "memo", "--as-of", "2012-12")


def test_a_name_is_no_markup(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(MARKUP, encoding="utf-8")
    found = answer("simulate", tmp_path / "plan.toml", "--versus", "none")
    assert list(found["usd"]) == ["[/x]", "none"]
    assert "[/x] costs 0 million dollars more than none" in merida(
        "simulate", tmp_path / "plan.toml", "--versus", "none", *QUICK
    )


def test_a_plan_written_out_is_simulated_as_its_file(mine: Path) -> None:
    lab = Lab("2012-12")
    line = lab.plan(mine).json()
    run = lab.compare([lab.plan(line), lab.plan("none")], draws=2, years=1).result
    assert list(run.plans) == ["reference", "my", "none"]
    assert run.label(lab.plan(mine)) == "my"
    assert "memo" not in run.plans
