"""Rows of a user's own, made by hand for the tests."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from merida.facts.incoming import Incoming
from merida.facts.own.standing import TYPES
from merida.facts.schema import tables


def incoming(
    table: str, rows: list[dict[str, Any]], available_from: str = "2012-06", file_name: str = "mine.csv"
) -> Incoming:
    """Return rows of a table as a file of the user's would give them; each row is published with the file."""
    known = tables()[table]
    types: dict[str, Any] = {name: getattr(pl, TYPES[column.type]) for name, column in known.columns.items()}
    types |= {"available_from": pl.String}
    full = [dict.fromkeys(types) | {"available_from": available_from} | row for row in rows]
    return Incoming(
        table=known,
        rows=pl.DataFrame(full, schema=types),
        file_name=file_name,
        sha256=hashlib.sha256(repr((file_name, full)).encode()).hexdigest(),
        recognised=None,
        available_from=available_from,
    )


def year(municipality: str, of: int, deaths: int, **more: Any) -> dict[str, Any]:
    """Return a row of homicides by year of registration."""
    return {"municipality": municipality, "year": of, "basis": "registration", "deaths": deaths} | more


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's own."""
    place = tmp_path / "home"
    monkeypatch.setenv("MERIDA_HOME", str(place))
    return place
