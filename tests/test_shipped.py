"""The program's own files: one that is missing or damaged is one line that names it, whoever reads it."""

from pathlib import Path

import pytest

import merida
from merida import shipped
from merida.errors import InstallationError
from merida.words import DamagedWordsError, words

# The record, the frameworks and the texts have readers that say it themselves; fonts are registered as a folder, and
# files of parameters are listed.
OWN_READERS = {"shipped.py", "facts", "framework", "parameters", "words", "charts"}


def test_what_cannot_be_read_is_one_line_that_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "files", lambda _: tmp_path)
    (tmp_path / "empty.toml").touch()
    (tmp_path / "cut.toml").write_text('[a]\nb = "c')
    (tmp_path / "binary.toml").write_bytes(b"\x93\x00\xff")
    for name in ("empty.toml", "cut.toml", "binary.toml", "missing.toml"):
        with pytest.raises(InstallationError) as error:
            shipped.toml(name)
        for language in ("en", "es"):
            said = error.value.message(language)
            assert str(tmp_path / name) in said
            assert "\n" not in said
    with pytest.raises(InstallationError, match="rows"), shipped.whole("table.csv"):
        raise KeyError("rows")


def test_files_of_the_package_are_read_in_one_place() -> None:
    package = Path(merida.__file__).parent
    readers = {
        path.relative_to(package).parts[0]
        for path in package.rglob("*.py")
        if "importlib.resources" in path.read_text(encoding="utf-8")
    }
    assert readers <= OWN_READERS


def test_a_text_that_is_missing_is_said_without_a_text() -> None:
    with pytest.raises(DamagedWordsError, match=r"merida/words/es: no text 'no.such'.*Instale"):
        words("es").text("no.such")
