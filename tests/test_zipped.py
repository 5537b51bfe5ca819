"""Zips that are written are the same bytes; zips that are read are bounded, and nothing of them is unpacked."""

import io
import zipfile
from pathlib import Path

import pytest

from merida.errors import InstallationError, RunError
from merida.extras import extra
from merida.user_tables import archive as gate
from merida.user_tables.archive import is_zip, unpacked
from merida.zipped import zipped


def test_the_same_files_give_the_same_bytes_and_hold_no_day() -> None:
    content = zipped({"b/é.txt": "y", "a": b"x"})
    assert content == zipped({"a": b"x", "b/é.txt": b"y"})
    with zipfile.ZipFile(io.BytesIO(content)) as read:
        assert read.namelist() == ["a", "b/é.txt"]
        assert {member.date_time for member in read.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert read.read("b/é.txt") == b"y"


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"run.json": "{}", "../../etc/evil": "x", "large": b"0" * 10**6}))
    assert is_zip(path)
    assert unpacked(path, ("run.json", "not there"), RunError) == {"run.json": b"{}"}
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]


def twice() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        written.writestr("run.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            written.writestr("run.json", "[]")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"PK\x03\x04 and no more", "archive_damaged"),
        (zipped({"run.json": "x" * 100})[:60], "archive_damaged"),
        (zipped({"run.json": b"0" * 2001}), "archive_large"),
        (zipped({str(at): "" for at in range(12)}), "archive_parts"),
        (None, "archive_parts"),
    ],
)
def test_a_zip_that_cannot_be_is_refused(
    content: bytes | None, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST_OF_ONE", 2000)
    monkeypatch.setattr(gate, "MOST_PARTS", 10)
    path = tmp_path / "a.zip"
    path.write_bytes(twice() if content is None else content)
    with pytest.raises(RunError) as refused:
        unpacked(path, ("run.json",), RunError)
    assert refused.value.key == key
    assert refused.value.message("es") != refused.value.message("en")


def test_what_is_no_zip_is_none(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    assert not is_zip(tmp_path / "run.json")
    assert not is_zip(tmp_path)
    assert not is_zip(tmp_path / "nothing")


def test_a_missing_extra_says_how_to_get_it() -> None:
    with pytest.raises(InstallationError) as missing:
        extra("no_such_library")
    assert 'pip install "merida[no_such_library]"' in missing.value.message("es")
