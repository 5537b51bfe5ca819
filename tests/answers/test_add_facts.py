"""Adding a file from the command line: said in both languages, kept once, undone."""

import json
from pathlib import Path

import pytest

from tests.runner import merida

OWN = "Municipio;Año;Base;Defunciones\n8037;2023;registro;1.014\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MERIDA_HOME", str(tmp_path / "home"))
    return tmp_path


def test_a_file_is_added_once_and_undone(home: Path) -> None:
    path = home / "mío.csv"
    path.write_text(OWN, encoding="utf-8")
    dry = json.loads(merida("facts", "add", str(path), "--dry-run", "--format", "json").stdout)
    assert (dry["id"], dry["written"], dry["rows"], dry["table"]) == ("", False, 1, "homicides_year")
    shown = merida("facts", "add", str(path), "--language", "es")
    assert shown.exit_code == 0
    assert "Escrito como homicides_year-1" in shown.stdout
    assert "8037 es 08037" in shown.stdout
    query = "select deaths from homicides_year where municipality = '08037' and year = 2023 and basis = 'registration'"
    asked = merida("facts", "sql", query, "--format", "json").stdout
    assert json.loads(asked)["rows"] == [{"deaths": 1014}]
    again = json.loads(merida("facts", "add", str(path), "--format", "json").stdout)
    assert (again["id"], again["written"]) == ("homicides_year-1", False)
    assert merida("facts", "remove", "homicides_year-1").exit_code == 0
    assert json.loads(merida("facts", "sql", query, "--format", "json").stdout)["rows"] != [{"deaths": 1014}]


def test_faults_are_told_in_the_user_s_language_and_nothing_is_kept(home: Path) -> None:
    path, marked = home / "mío.csv", home / "mal.xlsx"
    path.write_text(OWN + "99;2023;registro;x\n", encoding="utf-8")
    for language, said in (("en", "Line 3, column Municipio"), ("es", "Línea 3, columna Municipio")):
        refused = merida("facts", "add", str(path), "--language", language, "--marked", str(marked))
        assert refused.exception is not None
        assert said in refused.exception.message(language)  # type: ignore[attr-defined]
    assert marked.exists()
    assert not (home / "home" / "facts").exists()
    other = merida("facts", "add", str(path), "--skip-bad", "--marked", str(home / "mal.csv"))
    assert getattr(other.exception, "key", "") == "file_ending"
    left = json.loads(merida("facts", "add", str(path), "--skip-bad", "--format", "json").stdout)
    assert (left["rows"], left["skipped"]) == (1, 1)


def test_the_form_is_written_as_a_workbook(home: Path) -> None:
    path = home / "form.xlsx"
    assert merida("facts", "template", "crime_victims", "--out", str(path)).exit_code == 0
    assert path.read_bytes().startswith(b"PK")
    shown = merida("facts", "template", "crime_victims", "--format", "csv").stdout
    assert shown.splitlines()[0] == "state,month,crime,victims,available_from"
