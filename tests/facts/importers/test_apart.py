"""A user's file is taken apart in a process with limits; what attacks it, or is no table, is refused in one line."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from merida.errors import FactsError
from merida.user_tables import apart
from merida.user_tables.apart import read_sheets
from tests.facts.importers.reader import read_here

WORKBOOK = "xl/workbook.xml"


def workbook(**parts: bytes) -> bytes:
    """Return a workbook with a table, and further parts beside it."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    page = book.add_worksheet("datos")
    page.write_row(0, 0, ["a", "b"])
    page.write_row(1, 0, ["01", 2.5])
    book.close()
    with zipfile.ZipFile(held, "a") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return held.getvalue()


def zipped(**parts: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return held.getvalue()


LAUGHS = b'<?xml version="1.0"?>' + b"<!-- long -->" * 1_000 + b'<!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000)
REFUSED = {
    "a zip bomb": (
        zipped(**{"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(60_000_000)}),
        "table_zip_bomb",
    ),
    "a billion laughs": (workbook(xl__evil=LAUGHS), "table_xml_entities"),
    "a billion laughs in UTF-16": (workbook(xl__evil=LAUGHS.decode().encode("utf-16")), "table_xml_entities"),
    "entities in XML": (LAUGHS, "table_xml_entities"),
    "macros": (
        workbook(xl__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin"),
        "table_macros",
    ),
    "a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "table_encrypted"),
    "an old workbook": (OLE, "table_xls"),
    "an OpenDocument": (zipped(mimetype=b"application/vnd.oasis", content_xml=b"<x/>"), "table_zip_other"),
    "a packed table": (zipped(table_csv=b"a,b\n1,2\n"), "table_zip_other"),
    "a zip cut short": (workbook()[:2_000], "table_zip_damaged"),
    "a workbook of nonsense": (zipped(**{WORKBOOK: b"<workbook"}), "table_workbook_damaged"),
    "a PDF": (b"%PDF-1.7\n\0\0", "table_pdf"),
    "gzip": (b"\x1f\x8b\x08\0\0", "table_packed"),
    "a Parquet": (b"PAR1\0\0", "table_not_text"),
    "nothing": (b"", "table_empty"),
    "a page of a site": (b"<!doctype html><html><body><p>404</body></html>", "table_not_xml"),
    "JSON cut short": (b'[{"a": 1}', "table_not_json"),
    "JSON within JSON": (b"[" * 100_000, "table_not_json"),
    "XML within XML": (b"<r>" + b"<a>" * 50 + b"</a>" * 50 + b"</r>", "table_nested"),
    "too many columns": (b"," * 1_001 + b"x\n1\n", "table_too_wide"),
    "a line beyond all measure": (b"a,b\n" + b"x" * 100_001, "table_long_line"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    content, key = REFUSED[case]
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    with pytest.raises(FactsError) as raised:
        read_here(path)
    assert raised.value.key == key
    for language in ("en", "es"):
        assert "\n" not in raised.value.message(language)
        assert "file.xlsx" in raised.value.message(language)


def test_a_workbook_comes_as_text_with_the_lines_of_its_sheet(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page, hidden = book.add_worksheet("datos"), book.add_worksheet("oculta")
    hidden.hide()
    hidden.write_row(0, 0, ["a", "b"])
    page.write_row(2, 0, ["code", "month", "n"])
    page.write_string(3, 0, "01001")
    page.write_number(3, 1, 45292, book.add_format({"num_format": "mmm yyyy"}))
    page.write_number(3, 2, 1234.5, book.add_format({"num_format": "#,##0"}))
    book.close()
    sheets = read_sheets(path)
    assert [grid.name for grid in sheets.grids] == ["datos"]
    cells = sheets.grids[0].cells
    assert cells["line"].to_list() == [3, 4]
    assert sheets.grids[0].row(1) == ("01001", "2024-01-01 00:00:00", "1234.5")


def test_the_process_reads_as_the_test_does(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("a;b\n1;año\n".encode("cp1252"))
    there, here = read_sheets(path), read_here(path)
    assert there.grids[0].cells.equals(here.grids[0].cells)
    assert (there.sha256, there.separator, there.notes) == (here.sha256, here.separator, here.notes)


def test_devices_folders_and_large_files_are_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    sparse = tmp_path / "sparse.csv"
    with sparse.open("wb") as file:
        file.truncate(3 << 30)
    os.mkfifo(tmp_path / "pipe")
    for path, key in (
        (sparse, "table_too_large"),
        (tmp_path / "pipe", "table_no_pipe"),
        (Path("/dev/zero"), "table_no_pipe"),
        (tmp_path, "table_folder"),
        (tmp_path / "none.csv", "table_unreadable"),
        (Path("a\0b"), "table_unreadable"),
    ):
        with pytest.raises(FactsError) as raised:
            read_sheets(path)
        assert raised.value.key == key


def test_a_process_that_takes_too_much_memory_or_time_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n1,2\n")
    real = subprocess.run

    def instead(program: str) -> None:
        command = [sys.executable, "-c", program]
        monkeypatch.setattr(subprocess, "run", lambda _, **options: real(command, **options))

    instead("import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 28,) * 2); x = bytes(1 << 30)")
    with pytest.raises(FactsError) as raised:
        read_sheets(path)
    assert raised.value.key == "table_not_taken_apart"
    instead("import time; time.sleep(60)")
    monkeypatch.setattr(apart, "WALL_SECONDS", 0.3)
    with pytest.raises(FactsError) as raised:
        read_sheets(path)
    assert raised.value.key == "table_takes_too_long"


def test_the_process_sets_its_limits_before_it_reads(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from merida.user_tables import apart; apart.told_of = lambda *_: "
        "{'limits': [resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0]]}; "
        f"sys.argv = ['apart', 'x', {str(tmp_path)!r}, '']; apart.main()"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    assert (
        tmp_path / "result.json"
    ).read_text() == f'{{"limits": [{apart.MEMORY_BYTES}, {apart.CPU_SECONDS}]}}'


def test_a_cell_at_the_far_end_of_a_sheet_takes_more_memory_than_there_is(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    page.write(0, 0, "a")
    page.write(1_048_575, 16_383, "b")
    book.close()
    with pytest.raises(FactsError) as raised:
        read_sheets(path)
    assert raised.value.key == "table_not_taken_apart"


def test_nothing_that_lies_beside_the_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("polars.py", "json.py", "merida.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    (tmp_path / "file.csv").write_text("a,b\n1,2\n")
    monkeypatch.chdir(tmp_path)
    assert read_sheets(Path("file.csv")).grids[0].cells.height == 2
    assert not (tmp_path / "ran").exists()
