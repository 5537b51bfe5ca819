"""Trials with few events or none: what is corrected, what is left out, against formulas written by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merida.errors import MeridaError
from merida.evidence.meta.effect_sizes import Correct, Measure, two_by_two
from tests.runner import CliRunner, app

SPARSE = """\
study,ai,n1i,ci,n2i
A,0,400,0,200
B,2,900,0,450
C,0,300,0,300
D,3,800,1,800
E,0,250,0,120
F,9,1400,3,1300
G,1,500,0,250
H,0,600,1,600
"""
ROWS = np.array([[float(cell) for cell in line.split(",")[1:]] for line in SPARSE.splitlines()[1:]])
EMPTY = [2, 4, 6]  # lines of trials without events
EXACT = 1e-12  # sums of a few numbers


def run(folder: Path, *arguments: str, table: str = SPARSE) -> Any:
    file = folder / "trials.csv"
    file.write_text(table)
    return CliRunner().invoke(app, ["evidence", "pool", "--file", str(file), *arguments])


def answer(folder: Path, *arguments: str, table: str = SPARSE) -> dict[str, Any]:
    done = run(folder, "--format", "json", *arguments, table=table)
    assert done.exit_code == 0, done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_peto_takes_no_correction_and_leaves_out_trials_without_events(tmp_path: Path) -> None:
    """Peto: sum of observed less expected over the sum of hypergeometric variances (Yusuf and others, 1985)."""
    a, n1, c, n2 = ROWS.T
    n, events = n1 + n2, a + c
    variance = n1 * n2 * events * (n - events) / (n**2 * (n - 1))
    effect = np.sum(a - n1 * events / n) / variance.sum()
    error = variance.sum() ** -0.5
    for method in ("EE", "REML"):  # tau² is 0
        found = answer(tmp_path, "--measure", "PETO", "--method", method)
        assert (found["estimate"], found["std_error"]) == pytest.approx((effect, error), rel=1e-9)
        assert found["ratio"]["estimate"] == pytest.approx(2.3949, abs=5e-5)
        assert found["ratio"]["ci"] == pytest.approx([0.9878, 5.8063], abs=5e-5)
        assert (found["k"], found["without_information"]) == (5, EMPTY)
        assert (found["corrected"], found["added"]) == ([], None)
    assert "2, 4, 6" in found["notes"][0]["en"]
    assert "lines 2, 4, 6" in run(tmp_path, "--measure", "PETO", "--language", "en").stdout
    assert "líneas 2, 4, 6" in run(tmp_path, "--measure", "PETO", "--language", "es").stdout


def test_risk_differences_and_arcsines_take_none_either(tmp_path: Path) -> None:
    a, n1, c, n2 = ROWS.T
    p1, p2 = a / n1, c / n2
    variance = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    some = variance > 0
    w, difference = 1 / variance[some], (p1 - p2)[some]
    found = answer(tmp_path, "--measure", "RD", "--method", "EE")
    assert found["estimate"] == pytest.approx(w @ difference / w.sum(), rel=EXACT)
    assert (found["without_information"], found["corrected"]) == (EMPTY, [])
    w = 1 / (1 / (4 * n1) + 1 / (4 * n2))
    y = np.arcsin(np.sqrt(p1)) - np.arcsin(np.sqrt(p2))
    found = answer(tmp_path, "--measure", "AS", "--method", "EE")
    assert found["estimate"] == pytest.approx(w @ y / w.sum(), rel=EXACT)
    assert (found["k"], found["without_information"]) == (8, [])
    found = answer(tmp_path, "--measure", "AS", "--method", "EE", "--drop-double-zeros")
    assert found["estimate"] == pytest.approx((w @ (y * some)) / w[some].sum(), rel=EXACT)
    assert found["without_information"] == EMPTY


def test_a_risk_difference_is_corrected_on_request(tmp_path: Path) -> None:
    found = answer(tmp_path, "--measure", "RD", "--add", "0.5")
    assert (found["k"], found["corrected"], found["added"]) == (8, [2, 3, 4, 6, 8, 9], 0.5)
    found = answer(tmp_path, "--measure", "RD", "--add", "0.5", "--drop-double-zeros")
    assert (found["k"], found["corrected"], found["without_information"]) == (5, [3, 8, 9], EMPTY)


def test_ratios_correct_tables_with_a_zero_or_all(tmp_path: Path) -> None:
    a, n1, c, n2 = ROWS[[1, 3, 5, 6, 7]].T
    for to, lines in (("zeros", [3, 8, 9]), ("all", [3, 5, 7, 8, 9])):
        add = 0.5 * np.array([True, to == "all", to == "all", True, True])
        cells = [a + add, n1 - a + add, c + add, n2 - c + add]
        v = sum(1 / cell for cell in cells)
        y = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
        found = answer(tmp_path, "--measure", "OR", "--method", "EE", "--add-to", to)
        assert found["estimate"] == pytest.approx(np.sum(y / v) / np.sum(1 / v), rel=EXACT)
        assert (found["corrected"], found["without_information"]) == (lines, EMPTY)
    assert "5" in found["notes"][1]["en"]


def test_tables_in_which_all_had_the_event_say_nothing_of_a_ratio() -> None:
    cells = [np.array(cell) for cell in ((5.0, 0.0, 3.0), (0.0, 9.0, 7.0), (8.0, 0.0, 1.0), (0.0, 9.0, 9.0))]
    for measure in (Measure.OR, Measure.RR, Measure.PETO):
        assert two_by_two(*cells, measure).silent.tolist() == [True, True, False], measure
    assert not two_by_two(*cells, Measure.AS).silent.any()
    assert two_by_two(*cells, Measure.AS, drop=True).silent.tolist() == [True, True, False]
    assert two_by_two(*cells, Measure.RD, 0.5, Correct.ALL).corrected.all()


@pytest.mark.parametrize(
    ("table", "arguments", "key"),
    [
        (SPARSE, ("--measure", "PETO", "--add", "0.5"), "meta_no_correction"),
        (SPARSE, ("--measure", "AS", "--add", "1"), "meta_no_correction"),
        (SPARSE, ("--measure", "OR", "--add", "nan"), "request_option"),
        (SPARSE, ("--measure", "OR", "--add", "-1"), "request_option"),
        (SPARSE, ("--measure", "OR", "--add", "1e300"), "request_option"),
        (SPARSE, ("--measure", "OR", "--add-to", "some"), "request_option"),
        ("ai,n1i,ci,n2i\n0,10,0,10\n0,20,0,30\n", ("--measure", "OR"), "meta_all_silent"),
        ("ai,n1i,ci,n2i\n1,10,2,10\n0,20,0,30\n", ("--measure", "RR"), "meta_one_study"),
        ("ai,n1i,ci,n2i\n0,10,30,30\n1,20,2,30\n", ("--measure", "RD"), "meta_no_effect"),
        ("ai,n1i,ci,n2i\n1,1e300,2,10\n1,20,2,30\n", ("--measure", "PETO"), "meta_extreme"),
    ],
)
def test_what_cannot_be_compared_is_said(
    tmp_path: Path, table: str, arguments: tuple[str, ...], key: str
) -> None:
    error = run(tmp_path, *arguments, table=table).exception
    assert isinstance(error, MeridaError), error
    faults = error.values["faults"] if error.key == "table_faults" else (error,)
    assert {fault.key for fault in faults} == {key}
    assert error.message("en") != error.message("es")


def test_a_label_gives_no_order_to_the_terminal(tmp_path: Path) -> None:
    shown = run(tmp_path, table="study,yi,vi\n\x1b[31mred\x1b[0m,0.1,0.02\nplain,0.3,0.05\n").stdout
    assert "\x1b" not in shown
    assert "[31mred" in shown


def test_a_ratio_beyond_all_numbers_is_not_printed_as_one(tmp_path: Path) -> None:
    """Peto's variance grows as groups become unequal: the upper end is e to the power of 10,000."""
    table = "ai,n1i,ci,n2i\n1,1,0,1000000000\n1,1,0,900000000\n"
    found = answer(tmp_path, "--measure", "PETO", table=table)
    assert found["ci"][1] > 1000
    assert found["ratio"]["ci"][1] is None
    assert run(tmp_path, "--measure", "PETO", table=table).exit_code == 0
