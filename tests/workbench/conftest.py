"""A client of the workbench as a browser on this machine would be one, with a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from merida.workbench import server
from merida.workbench.runs import Runs

HERE = "http://127.0.0.1:8412"


@pytest.fixture
def visitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Someone who reads the pages; what they send comes from the pages themselves."""
    monkeypatch.setenv("MERIDA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    application = server.application(Runs(tmp_path / "runs.sqlite"))
    with TestClient(application, base_url=HERE, raise_server_exceptions=False) as made:
        made.headers["accept-language"] = "en"
        made.headers["origin"] = HERE
        yield made
