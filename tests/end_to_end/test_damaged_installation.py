"""A copy of the program with one of its files damaged: one clear line that names the file, and exit 2."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import merida

pytestmark = pytest.mark.end_to_end
WAITS = ("border", "waits", "San Ysidro", "--period", "2019-12", "--draws", "2")
SCORE = ("border", "score", "--file", str(Path(__file__).parents[2] / "docs/samples/waits.csv"))
SHOWN = ("evidence", "show", "community_prevention")
FILES = {
    "facts/bundle/states.parquet": ("facts", "sql", "from states"),
    "facts/bundle/manifest.json": ("facts", "sql", "from states"),
    "facts/tables/ports.toml": ("facts", "list"),
    "framework/merida.toml": ("plan", "show", "memo"),
    "evidence/families.toml": SHOWN,
    "evidence/effects.toml": SHOWN,
    "parameters/routes.toml": SHOWN,
    "border/crossings/schedules.npz": SCORE,
    "border/hourly/lanes.npz": WAITS,
    "words/es/cli.toml": ("facts", "list", "--language", "es"),
    "claims/claims.toml": ("claims",),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(
        Path(merida.__file__).parent, folder / "merida", ignore=shutil.ignore_patterns("__pycache__")
    )
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named_in_one_line(name: str, copy: Path) -> None:
    file = copy / "merida" / name
    whole = file.read_bytes()
    try:
        for spoiled in (whole[: len(whole) // 2 - 1] + b"\xff", b"\x93\x00" * 500):
            file.write_bytes(spoiled)
            done = subprocess.run(
                [sys.executable, "-P", "-c", "from merida.cli import main; main()", *FILES[name]],
                capture_output=True, text=True, timeout=120, check=False,
                env={**os.environ, "PYTHONPATH": str(copy), "XDG_CACHE_HOME": str(copy / "cache")},
            )  # fmt: skip
            said = done.stderr.strip().splitlines()
            assert done.returncode == 2, done.stderr
            assert file.name in said[-1]
            assert "Traceback" not in done.stderr
    finally:
        file.write_bytes(whole)
