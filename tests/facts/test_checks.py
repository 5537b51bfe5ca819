from pathlib import Path

import polars as pl
import pytest

from merida.facts import Facts, compiled
from merida.facts.checks import Check, checks, run
from tests.facts.test_warehouse import copy_of_bundle, refresh_manifest


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.id)
def test_the_record_agrees_with_itself(facts: Facts, check: Check) -> None:
    outcome = run(facts, check)
    assert outcome.verdict != "failed", outcome.fired
    if check.kind == "trap":
        assert outcome.verdict == "trap", "a known trap that is no longer there: say so in the table file"


def test_a_check_fails_when_the_record_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_of_bundle(tmp_path)
    path = folder / "homicides_year.parquet"
    rows = pl.read_parquet(path)
    rows.with_columns(
        deaths=pl.col("deaths") + (pl.col("municipality") == "08037").cast(pl.Int64)
    ).write_parquet(path)
    refresh_manifest(folder)
    monkeypatch.setattr(compiled, "bundle", lambda: folder)
    verdicts = {check.id: run(Facts(), check).verdict for check in checks() if "homicides_year" in check.sql}
    assert "failed" in verdicts.values()
