"""Reads a file as ``merida facts add`` does, but in the test's own process, which is ten times faster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from merida.errors import FactsError, MeridaError
from merida.facts import Facts
from merida.facts.importers import Options, read_incoming, reading
from merida.facts.incoming import Incoming
from merida.places import Gazetteer
from merida.user_tables.apart import gathered, opened, told_of
from merida.user_tables.delimited import Separator
from merida.user_tables.grid import Sheets

TODAY = "2026-11"


def read_here(path: Path, separator: Separator | None = None) -> Sheets:
    folder = path.parent / f"{path.name}.apart"
    folder.mkdir(exist_ok=True)
    with opened(path) as file:
        told = told_of(file, path, separator, folder)
    return gathered(json.loads(json.dumps(told)), path, folder)


class Reader:
    """Files in a folder of the test's, read against the record."""

    def __init__(self, folder: Path, facts: Facts, places: Gazetteer) -> None:
        self.folder, self.facts, self.places = folder, facts, places

    def path(self, content: str | bytes, name: str = "file.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, content: str | bytes | Path, **options: Any) -> Incoming:
        path = content if isinstance(content, Path) else self.path(content)
        return read_incoming(path, self.facts, self.places, Options(**{"today": TODAY, **options}))

    def rows(self, content: str | bytes | Path, *names: str, **options: Any) -> list[tuple[Any, ...]]:
        incoming = self.read(content, **options)
        return incoming.rows.select(names or incoming.rows.columns).rows()

    def refused(self, content: str | bytes | Path, **options: Any) -> FactsError:
        with pytest.raises(FactsError) as raised:
            self.read(content, **options)
        for language in ("en", "es"):
            assert "{" not in raised.value.message(language)
        assert raised.value.message("en") != raised.value.message("es")
        return raised.value

    def faults(self, content: str | bytes | Path, **options: Any) -> list[tuple[int, str, str]]:
        """Return line, column and key of each fault."""
        error = self.refused(content, **options)
        listed: Any = error.values.get("faults", ())
        assert listed, error.key
        return [(*place_of(fault), fault.key) for fault in listed]


def place_of(fault: MeridaError) -> tuple[int, str]:
    where: Any = fault.values["where"]
    return where.values["line"], where.values.get("column", "")


def notes(incoming: Incoming) -> dict[str, Any]:
    return {note.key: dict(note.values) for note in incoming.notes}


@pytest.fixture
def reader(tmp_path: Path, facts: Facts, gazetteer: Gazetteer) -> Iterator[Reader]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "read_sheets", read_here)
        yield Reader(tmp_path, facts, gazetteer)


@pytest.fixture(scope="session")
def gazetteer(facts: Facts) -> Gazetteer:
    return Gazetteer.of(facts)
