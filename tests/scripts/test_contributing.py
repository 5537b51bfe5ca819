"""What CONTRIBUTING gives as the smallest input that works is tried."""

import io
import math
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from compile_facts import conform
from merida.errors import EvidenceError, FrameworkError
from merida.evidence.schema import checked
from merida.facts.schema import Table
from merida.framework import Framework

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def block(kind: str, number: int) -> str:
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[number]


def test_the_smallest_table_is_one() -> None:
    known = Table(**tomllib.loads(block("toml", 0)), name="courts")
    rows = pl.read_csv(io.StringIO(block("csv", 0)), schema_overrides={"state": pl.String})
    made = conform(known, rows)
    assert made.rows() == [("08", 2020, 31), ("09", 2020, 112)]
    with pytest.raises(SystemExit, match="courts is below 0"):
        conform(known, rows.with_columns(courts=pl.lit(-1)))


def test_the_smallest_programme_is_one(tmp_path: Path) -> None:
    shipped = (files("merida.framework") / "merida.toml").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(f"{shipped}\n{block('toml', 1)}", encoding="utf-8")
    programme = Framework.load(path).programmes["case_review"]
    assert programme.lever is None
    path.write_text(
        path.read_text().replace('["INCLE"]\nlevel = "state"\nlife', '["XYZ"]\nlevel = "state"\nlife')
    )
    with pytest.raises(FrameworkError, match="XYZ"):
        Framework.load(path)


def test_the_smallest_study_is_a_row_of_the_register() -> None:
    register = (files("merida.evidence") / "register.csv").read_text(encoding="utf-8")
    heads, added = block("csv", 1).splitlines()
    assert heads == register.splitlines()[0]

    def read(line: str) -> pl.DataFrame:
        text = io.StringIO(f"{register.rstrip()}\n{line}\n")
        return checked("register.csv", pl.read_csv(text, infer_schema_length=None))

    row = read(added).row(-1, named=True)
    assert 100 * math.expm1(row["log_rate_ratio"]) == pytest.approx(row["estimate"], abs=0.01)
    with pytest.raises(EvidenceError, match="hearsay"):
        read(added.replace("quasi", "hearsay"))
