"""Tables that are not as they should be: an error that says where, or a right answer that says what was done."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merida.cli import main
from merida.errors import MeridaError
from tests.evidence.meta import meta_tables
from tests.runner import CliRunner, app

GOOD = "study,estimate,variance,dose,kind,place\na,0.1,0.02,1,x,p\nb,0.3,0.05,2,y,p\nc,-0.2,0.04,4,x,q\nd,0.5,0.1,3,y,q\n"


def run(table: str | bytes, folder: Path, *arguments: str) -> Any:
    file = folder / "studies.csv"
    file.write_bytes(table if isinstance(table, bytes) else table.encode())
    return CliRunner().invoke(app, ["evidence", "pool", "--file", str(file), *arguments])


def answer(table: str | bytes, folder: Path, *arguments: str) -> dict[str, Any]:
    done = run(table, folder, "--format", "json", *arguments)
    assert done.exit_code == 0, done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def edited(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("table", "arguments", "key", "said"),
    [
        (edited("0.3,0.05", "0.3,-0.05"), (), "meta_not_positive", ("line 3", "variance", "-0.05")),
        (edited("0.3,0.05", "0.3,0"), (), "meta_not_positive", ("line 3", "variance")),
        (edited("variance", "std_error").replace("0.05", "-1"), (), "meta_not_positive", ("std_error",)),
        (edited("0.3,0.05", "0.3,1e-300"), (), "meta_extreme", ("line 3",)),
        (edited("0.3,0.05", "abc,0.05"), (), "table_number", ("line 3", "estimate", "abc")),
        (edited("0.3,0.05", "0.3,1_000"), (), "table_number", ("1_000",)),
        (edited("0.3,0.05", "inf,0.05"), (), "table_number", ("inf",)),
        (edited("0.3,0.05", "1e999,0.05"), (), "table_number_size", ("1e999",)),
        (edited("b,0.3,0.05,2,y,p", "b,0.3,0.05,2,y"), (), "table_cells", ("line 3", "5 cells", "6")),
        (edited("dose", "estimate"), (), "table_column_twice", ("estimate",)),
        ("", (), "table_empty", ()),
        ("\n\n", (), "table_empty", ()),
        ("estimate,variance\n", (), "table_empty", ()),
        ("estimate,variance\n0.1,0.2\n", (), "meta_one_study", ("found 1",)),
        ("estimate,variance\n,0.2\nNA,0.3\n", (), "meta_all_empty", ("estimate",)),
        ("a,b\n1,2\n", (), "meta_no_effects", ("a, b",)),
        (b"\x00\x01binary", (), "table_not_text", ()),
        ('estimate,variance\n"0.1,0.2\n', (), "table_quotes", ("line",)),
        (GOOD, ("--moderators", "doze"), "table_unknown_column", ("doze", "dose")),
        (GOOD, ("--cluster", "city"), "table_unknown_column", ("city",)),
        (GOOD, ("--columns", "effect=dose"), "meta_unknown_role", ("effect",)),
        (GOOD, ("--columns", "estimate"), "meta_not_a_role", ("ROLE=COLUMN",)),
        (GOOD, ("--measure", "RR"), "meta_no_cells", ("RR",)),
        (GOOD, ("--measure", "HR"), "request_option", ("--measure", "HR", "PETO")),
        (GOOD, ("--method", "XX"), "request_option", ("--method", "REML")),
        (GOOD, ("--interval", "exact"), "request_option", ("knapp-hartung",)),
        (GOOD, ("--level", "0.95"), "request_option", ("0.95",)),
        (edited("2,y,p", "two,y,p"), ("--moderators", "dose"), "table_number", ("line 3", "dose", "two")),
        (GOOD.replace("y,p", "x,p").replace("y,q", "x,q"), ("--moderators", "kind"), "meta_constant", ("kind", "x")),
        (GOOD.replace(",1,", ",2,").replace(",4,", ",2,").replace(",3,", ",2,"), ("--moderators", "dose"),
         "meta_constant", ("dose", "2")),
        (GOOD, ("--moderators", "dose,factor(dose)"), "meta_few_studies", ("4 studies", "5 coefficients")),
        (GOOD, ("--moderators", "kind,factor(kind)"), "meta_collinear", ("kind=y",)),
        (GOOD, ("--cluster", "study"), "meta_cluster_single", ("single",)),
        (GOOD.replace(",q", ",p"), ("--cluster", "place"), "meta_few_clusters", ("1 clusters",)),
        (GOOD, ("--cluster", "place", "--method", "DL"), "meta_cluster_method", ("DL",)),
        (GOOD, ("--bias", "--moderators", "dose"), "meta_bias_alone", ()),
        ("estimate,variance\n1,2\n2,3\n", ("--bias",), "meta_bias_few", ("2",)),
        ("estimate,variance\n1,2\n2,2\n3,2\n", ("--bias",), "meta_bias_same_error", ()),
        (GOOD, ("--bias", "--steps", "0.5,0.1"), "meta_steps", ("0.5",)),
        (meta_tables.BCG, (), "meta_no_measure", ("--measure",)),
        ("ai,bi,ci,di\n1,2,3,4\n-1,2,3,4\n", ("--measure", "OR"), "meta_negative_count", ("line 3", "ai", "-1")),
        ("ai,n1i,ci,n2i\n1,20,3,40\n30,20,3,40\n", ("--measure", "OR"), "meta_more_events", ("line 3", "30", "n1i")),
        ("ai,bi,ci,di\n1,2,3,4\n0,0,3,4\n", ("--measure", "OR"), "meta_empty_group", ("line 3",)),
        ("ai,bi,ci,di\n1,2,3,4\n0,5,3,4\n", ("--measure", "OR", "--add", "0"), "meta_no_effect", ("line 3", "OR")),
    ],
)  # fmt: skip
def test_bad_tables(
    table: str | bytes, arguments: tuple[str, ...], key: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    found = run(table, tmp_path, *arguments).exception
    assert isinstance(found, MeridaError), found
    faults = found.values["faults"] if found.key == "table_faults" else (found,)
    assert [fault.key for fault in faults] == [key]
    assert all(part.casefold() in found.message("en").casefold() for part in said), found.message("en")
    assert found.message("es")


def test_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["merida", "evidence", "pool", "--file", str(tmp_path / "none.csv")])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "none.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    "table",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", ";").replace(".", ",").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("a,0.1", "Año é,0.1").encode("latin-1"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\n\n").encode(),
        GOOD.replace("estimate", " Estimate ").replace("variance", "VARIANCE").encode(),
        GOOD.replace("estimate", "yi").replace("variance", "vi").encode(),
    ],
)
def test_the_same_table_in_other_clothes(table: bytes, tmp_path: Path) -> None:
    wanted, found = answer(GOOD, tmp_path), answer(table, tmp_path)
    assert (found["estimate"], found["tau2"], found["k"]) == (wanted["estimate"], wanted["tau2"], 4)


COUNTS = "study\ttpos\ttneg\tcpos\tcneg\nNorth\t60\t13500\t240\t12600\nSouth\t30\t5000\t50\t5700\n"


def test_counts_with_two_readings_are_asked_for(tmp_path: Path) -> None:
    """Read with a decimal comma, 13,500 gave a risk ratio of 0.891 without a word; it is 0.397 (0.140, 1.125)."""
    commas = (
        COUNTS.replace("13500", "13,500")
        .replace("12600", "12,600")
        .replace("5000", "5,000")
        .replace("5700", "5,700")
    )
    points = commas.replace(",", ".").replace("\t", ";")
    plain = answer(COUNTS, tmp_path, "--measure", "RR")
    assert [plain["ratio"]["estimate"], *plain["ratio"]["ci"]] == pytest.approx(
        [0.397, 0.140, 1.125], abs=5e-4
    )
    for text, option in ((commas, "point"), (points, "comma")):
        asked = run(text, tmp_path, "--measure", "RR").exception
        assert [fault.key for fault in asked.values["faults"]] == ["table_two_readings"]
        assert "Line 2, column tneg" in asked.message("en")
        told = answer(text, tmp_path, "--measure", "RR", "--decimal", option)
        assert told["ratio"] == plain["ratio"]
    settled = answer(commas.replace("12,600", "1,212,600"), tmp_path, "--measure", "RR")
    assert "1,212,600" in settled["notes"][0]["en"]
    wrong = run("estimate,variance\nx,0.1\n0.2,y\n", tmp_path).exception
    assert [fault.values["line"] for fault in wrong.values["faults"]] == [2, 3]


def test_labels_are_shown_and_not_acted_on(tmp_path: Path) -> None:
    shown = run("study,yi,vi\n\x1b[31mred\x1b[0m,0.1,0.02\n[/x],0.3,0.05\n", tmp_path).stdout
    assert "\x1b" not in shown
    assert r"\x1b[31mred\x1b[0m" in shown
    assert "[/x]" in shown


def test_standard_errors_are_squared_and_columns_can_be_named(tmp_path: Path) -> None:
    wanted = answer("estimate,variance\n1,0.04\n2,0.09\n", tmp_path)
    found = answer("smd,ee\n1,0.2\n2,0.3\n", tmp_path, "--columns", "estimate=smd,std_error=ee")
    assert found["estimate"] == pytest.approx(wanted["estimate"], rel=1e-12)


def test_empty_cells_are_left_out_and_said(tmp_path: Path) -> None:
    holed = GOOD.replace("b,0.3,0.05,2", "b,0.3,,2").replace("d,0.5,0.1,3", "d,0.5,0.1,NA")
    found = answer(holed, tmp_path)
    assert (found["k"], found["omitted"]) == (3, [{"line": 3, "column": "variance"}])
    assert "line" in found["notes"][0]["en"]
    found = answer(holed + "e,0.4,0.07,9,x,p\n", tmp_path, "--moderators", "dose")
    assert [row["line"] for row in found["omitted"]] == [3, 5]
    assert found["k"] == 3


def test_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    head, *body = meta_tables.BCG.splitlines()
    wanted = answer(meta_tables.BCG, tmp_path, "--measure", "RR", "--bias")
    found = answer("\n".join([head, *reversed(body)]), tmp_path, "--measure", "RR", "--bias")
    for name in ("estimate", "tau2", "Q"):
        assert found[name] == pytest.approx(wanted[name], rel=1e-10)
    assert found["bias"]["trim_and_fill"]["L0"]["missing"] == wanted["bias"]["trim_and_fill"]["L0"]["missing"]


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (
        run(meta_tables.CALENDARS, tmp_path, "--cluster", "district", "--format", "json") for _ in "ab"
    )
    assert first.stdout == second.stdout


def test_ten_thousand_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    v = rng.uniform(0.01, 0.3, 10_000)
    y = rng.normal(0.2, np.sqrt(v + 0.1))
    table = "estimate,variance\n" + "\n".join(f"{a},{b}" for a, b in zip(y.tolist(), v.tolist(), strict=True))
    found = answer(table, tmp_path, "--bias")
    assert (found["k"], len(found["studies"])) == (10_000, 10_000)
    assert found["tau2"] == pytest.approx(0.1, abs=4 * found["tau2_std_error"])
    assert found["estimate"] == pytest.approx(0.2, abs=4 * found["std_error"])
    shown = run(table, tmp_path).stdout
    assert len(shown.splitlines()) < 100


@pytest.mark.parametrize("language", ["en", "es"])
def test_people_see_a_forest(language: str, tmp_path: Path) -> None:
    shown = run(meta_tables.BCG, tmp_path, "--measure", "RR", "--bias", "--language", language).stdout
    assert shown.count("■") == 13
    assert "◆" in shown
    assert "TPT Madras" in shown
    assert ("Q (degrees of freedom:" if language == "en" else "Q (grados de libertad:") in shown
    shown = run(
        GOOD, tmp_path, "--cluster", "place", "--interval", "knapp-hartung", "--language", language
    ).stdout
    assert "σ²" in shown
    shown = run(GOOD, tmp_path, "--moderators", "kind", "--language", language).stdout
    assert "kind=y" in shown


def test_a_selection_model_that_cannot_be_fitted_is_noted(tmp_path: Path) -> None:
    found = answer(GOOD, tmp_path, "--bias", "--steps", "0.0001")
    assert found["bias"]["selection"] is None
    assert any("0.0001" in note["en"] for note in found["notes"])
    assert found["bias"]["rank"]["p"] > 0
