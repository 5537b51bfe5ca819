"""What is installed, and what this machine lacks: ``merida doctor``, ``merida --version``, ``python -m merida``."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from merida import Lab, installation
from merida.answers import Context, answer, doctor
from merida.answers.registry import request_of


def test_the_lock_names_what_the_program_rests_on(monkeypatch: pytest.MonkeyPatch) -> None:
    held = installation.libraries()
    assert held["numpy"] == metadata.version("numpy")
    assert {"polars", "jaxlib", "markupsafe"} <= held.keys(), "what libraries need is counted too"
    assert not held.keys() & {"pytest", "ruff"}, "what an extra needs is not"
    before = installation.lock()
    monkeypatch.setattr(
        installation, "version", lambda name: "0" if name == "numpy" else metadata.version(name)
    )
    assert installation.lock() != before


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "duckdb":
            raise metadata.PackageNotFoundError(name)
        return metadata.version(name)

    monkeypatch.setattr(installation, "version", version)
    answer = Lab().doctor()
    libraries = next(one for one in answer.payload.parts if one.part == "libraries")
    assert (libraries.state, libraries.found) == ("missing", "duckdb")
    assert doctor.QUESTIONS[0].failed(answer.payload)
    assert "duckdb" in answer.text("en")
    assert "duckdb" in answer.text("es")


def test_folders_that_take_no_file_are_missing_and_a_tests_own_tools_are_optional(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MERIDA_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    found = {one.part: one.state for one in answer(request_of("doctor", {}), Context()).payload.parts}
    assert found["own"] == "missing"
    assert (found["browser"], found["office"]) == ("optional", "optional")
    assert found["record"] == found["fonts"] == "ready"


def test_python_m_merida_is_merida_and_tells_program_record_and_libraries() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "merida", "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    program, record, libraries = run.stdout.strip().split(" · ")
    assert program == f"Mérida {metadata.version('merida')}"
    assert record == f"record {doctor.record_name()}"
    assert libraries == f"libraries {installation.lock()}"
