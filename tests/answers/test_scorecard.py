"""The scorecard from the command line, and a user's own indicators: all faults at once, kept once, undone."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from merida.facts import Facts
from merida.lab import Lab
from tests.runner import merida

SAMPLE = Path(__file__).parent.parent.parent / "docs/samples/indicators.csv"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MERIDA_HOME", str(tmp_path / "home"))
    return tmp_path


def lines(*options: str) -> dict[str, dict[str, object]]:
    done = merida("scorecard", *options, "--format", "json")
    assert done.exit_code == 0, done.exception
    return {one["code"]: one for one in json.loads(done.stdout)["indicators"]}


def test_a_pillar_that_does_not_exist_is_told_with_the_nearest() -> None:
    failed = merida("scorecard", "--pillar", "boarder").exception
    assert failed is not None
    assert "border" in str(failed)
    assert "Nearest" in str(merida("scorecard", "--state", "Chihuaha").exception)
    assert "R-10" in str(merida("scorecard", "--pillar", "rule_of_law", "--indicator", "R-0").exception)


def test_a_state_has_its_own_figures(facts: Facts) -> None:
    found = lines("--state", "Chihuahua", "--pillar", "disrupt")
    assert found["D-06"]["place"] == "08"
    year = facts.sql("from homicides_year where basis = 'registration' and year = 2021")
    assert found["D-06"]["value"] == year.filter(year["municipality"].str.starts_with("08"))["deaths"].sum()
    assert "D-01" not in found  # the record has leaders for the nation alone


def test_the_bicentennial_framework_shows_what_came_after_2021() -> None:
    found = lines("--framework", "bicentennial", "--pillar", "protect")
    assert found["D-06"]["date"] == "2024"
    assert found["D-06"]["baseline_date"] == "2021"
    assert found["S-04"]["date"] == "2023"


def test_own_indicators_are_judged_kept_once_and_undone(home: Path) -> None:
    shown = merida("scorecard", "add", str(SAMPLE), "--language", "es")
    assert shown.exit_code == 0
    assert "Escrito como scorecard-1" in shown.stdout
    again = json.loads(merida("scorecard", "add", str(SAMPLE), "--format", "json").stdout)
    assert (again["id"], again["written"]) == ("scorecard-1", False)
    own = lines("--pillar", "rule_of_law", "--state", "08")["X-01"]
    assert (own["value"], own["date"], own["baseline"], own["target"]) == (40.0, "2019", 5.0, 60.0)
    assert own["verdict"] == "due_unknown"  # due in 2021, the last figure is of 2019
    assert own["own"] is True
    assert "X-01 *" in merida("scorecard", "--pillar", "rule_of_law", "--state", "08").stdout
    early = lines("--pillar", "rule_of_law", "--state", "08", "--as-of", "2019-06")["X-01"]
    assert (early["value"], early["points"]) == (30.0, 3)  # that of 2019 was published in 2020
    assert merida("scorecard", "remove", "scorecard-1").exit_code == 0
    assert "X-01" not in lines("--pillar", "rule_of_law", "--state", "08")
    assert "scorecard-1" in str(merida("scorecard", "remove", "scorecard-1").exception)


def test_all_faults_are_told_at_once_and_nothing_is_kept(home: Path) -> None:
    path = home / "bad.csv"
    path.write_text(
        "code,pillar,title,level,unit,direction,date,state,value,numerator,denominator,baseline_date,target_date,target,source\n"
        "X-01,rule_of_low,Vetted,output,percent,up,2019,08,,12,10,2018,2021,60,a report\n"
        "X-02,border,Waits,outcome,minuts,down,2019,,30,,,2018,2015,20,a report\n"
        "X-03,border,Trucks,outcome,crossings,none,19,Chihuaha,,,,,,20,a report\n"
        "R-01,border,Trucks,outcome,crossings,up,2020,,,,,,,,a report\n",
        encoding="utf-8",
    )
    told = str(merida("scorecard", "add", str(path)).exception)
    for part in (
        "Line 2, column pillar", "rule_of_law", "Line 2, column numerator", "exceeds the denominator 10",
        "Line 3, column unit", "minutes", "Line 3, column target_date", "after the baseline's, 2018",
        "Line 4, column state", "Line 4, column date", "Line 4, column direction",
        "Line 5, column code", "Line 5, column value",
    ):  # fmt: skip
        assert part in told, part
    assert not (home / "home/scorecard").exists()
    dicho = merida("scorecard", "add", str(path), "--language", "es").exception
    assert dicho is not None
    assert "es mayor que el denominador" in dicho.message("es")  # type: ignore[attr-defined]


def test_the_template_is_a_table_that_can_be_added(home: Path) -> None:
    path = home / "mine.csv"
    assert merida("scorecard", "template", "--out", str(path)).exit_code == 0
    assert merida("scorecard", "add", str(path), "--dry-run").exit_code == 0
    assert not (home / "home/scorecard").exists()


def test_the_workbook_has_a_sheet_a_table_and_the_same_bytes(home: Path) -> None:
    written = []
    for name in ("one.xlsx", "two.xlsx"):
        assert merida("scorecard", "--pillar", "money", "--out", str(home / name)).exit_code == 0
        written.append((home / name).read_bytes())
    assert written[0] == written[1]
    book = zipfile.ZipFile(io.BytesIO(written[0]))
    sheets = book.read("xl/workbook.xml").decode()
    assert all(
        f'name="{name}"' in sheets
        for name in ("indicators", "pillars", "money", "pace", "evenness", "effort")
    )


def test_money_is_a_number_on_the_page_where_it_cannot_be_traced() -> None:
    found = json.loads(merida("scorecard", "--pillar", "money", "--format", "json").stdout)
    traced = found["traced"]
    assert traced["untraced_usd"] == traced["appropriated_usd"] - traced["programme_usd"] > 3e9
    verdicts = {(one["what"], one["index"]): one["verdict"] for one in found["evenness"]}
    assert verdicts["by_account", "theil"] == "cannot_tell"
    assert verdicts["2014_2018", "theil"] == "uneven"  # four fifths went to two of four pillars
    assert len(found["unknown_parts"]) == 6
    assert "3,383" in merida("scorecard", "--pillar", "money").stdout


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("columns", [60, 140])
def test_no_line_is_wider_than_the_terminal(language: str, columns: int) -> None:
    done = merida("scorecard", "--pillar", "border", "--language", language, columns=columns)
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= columns


def test_a_lab_asks_the_scorecard_and_adds_to_it(home: Path) -> None:
    lab = Lab(as_of="2012-12")
    answered = lab.scorecard(pillar="rule_of_law")
    assert answered.table().filter(code="R-01")["value"].item() == 12
    assert answered.request.python() == "merida.Lab(as_of='2012-12').scorecard(pillar='rule_of_law')"
    assert lab.scorecard.add(file=SAMPLE, dry_run=True).indicators == ("X-01",)
    assert answered.request.command() == "merida scorecard --as-of 2012-12 --pillar rule_of_law"
    assert "gap" not in answered.table().columns  # it stands in gap_en and gap_es
