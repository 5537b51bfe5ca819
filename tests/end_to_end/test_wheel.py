"""The built wheel in an environment and a folder that hold nothing of the repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ("--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", str(ROOT / "requirements.lock"))


def ran(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with nothing of this environment but the path of programs."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "MERIDA_", "VIRTUAL"))
    }
    return subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=kept | {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.end_to_end
def test_the_wheel_works_alone(tmp_path: Path) -> None:
    built = ran(ROOT, sys.executable, "-m", "flit_core.wheel", "--outdir", tmp_path)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 16e6, "CONTRIBUTING states the size"
    assert ran(tmp_path, sys.executable, "-m", "venv", "empty").returncode == 0
    pip = (tmp_path / "empty/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    locked = ran(tmp_path, *pip, *LOCK)
    if locked.returncode and not os.environ.get("CI"):
        pytest.skip("the libraries of the lock cannot be had here")
    assert locked.returncode == 0, locked.stderr
    installed = ran(tmp_path, *pip, "--no-deps", wheel)
    assert installed.returncode == 0, installed.stderr
    merida = tmp_path / "empty/bin/merida"
    examined = ran(tmp_path, merida, "doctor")
    assert examined.returncode == 0, examined.stdout + examined.stderr
    sums = ran(
        tmp_path,
        merida,
        "facts",
        "sql",
        "select sum(deaths) as n from homicides_year where year = 2011",
        "--format",
        "csv",
    )
    assert sums.returncode == 0, sums.stderr
    plan = ran(tmp_path, merida, "plan", "show", "memo", "--language", "es")
    assert plan.returncode == 0, plan.stderr
    drawn = ran(tmp_path, merida, "evidence", "show", "focused_deterrence", "--chart", "forest.svg")
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "forest.svg").read_text(encoding="utf-8").startswith("<svg")
