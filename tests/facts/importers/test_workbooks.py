"""Workbooks: the form to fill in, the file given back with its faults, sheets, and cells as Excel stores them."""

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import fastexcel
import pytest
import xlsxwriter

from merida.facts.importers.template import EXAMPLE, template, workbook
from merida.facts.schema import tables
from tests.facts.importers.reader import Reader, notes

HEAD = ["municipality", "month", "basis", "deaths"]


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    made = xlsxwriter.Workbook(str(path))
    day = made.add_format({"num_format": "mmm yyyy"})
    for name, rows in sheets.items():
        page = made.add_worksheet(name)
        for line, row in enumerate(rows):
            for at, cell in enumerate(row):
                if isinstance(cell, datetime):
                    page.write_datetime(line, at, cell, day)
                elif cell is not None:
                    page.write(line, at, cell)
    made.close()
    return path


def test_cells_as_excel_stores_them(reader: Reader) -> None:
    rows: list[list[Any]] = [
        ["Homicidios de la secretaría"],
        [],
        HEAD,
        [8037, datetime(2024, 1, 31), "registro", 12],
        ["08037", 45323, "registration", "1,234"],
        [],
        ["Total", None, None, 1246],
    ]
    incoming = reader.read(book(reader.folder / "a.xlsx", {"datos": rows}))
    assert incoming.rows.drop("available_from").rows() == [
        ("08037", "2024-01", "registration", 12),
        ("08037", "2024-02", "registration", 1234),
    ]
    said = notes(incoming)
    assert said["zeros_restored"]["line"] == 4
    assert said["totals_left_out"] == {"count": 1, "lines": "7"}


def test_a_fraction_in_a_cell_is_no_thousand(reader: Reader) -> None:
    path = book(reader.folder / "a.xlsx", {"datos": [HEAD, ["08037", "2024-01", "registration", 1.234]]})
    assert reader.faults(path) == [(2, "deaths", "table_whole")]


def test_sheets_that_fit_are_asked_for(reader: Reader) -> None:
    good = [HEAD, ["08037", "2024-01", "registration", 1]]
    other = [HEAD, ["08037", "2024-02", "registration", 2]]
    path = book(reader.folder / "a.xlsx", {"notas": [["lo que sea"]], "2024": good, "2025": other})
    assert reader.refused(path).key == "import_which_sheet"
    assert reader.refused(path, table="homicides_month").key == "import_which_sheet"
    assert reader.rows(path, "deaths", sheet="2025") == [(2,)]
    assert reader.refused(path, sheet="2026").key == "import_no_sheet"


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_table_has_a_form_whose_example_is_left_out(name: str) -> None:
    table = tables()[name]
    frame = template(table)
    assert frame.columns == list(table.columns)
    assert all(str(cell).startswith(EXAMPLE) for cell in frame.row(0))


def test_the_form_as_a_workbook_can_be_filled_in_and_added(reader: Reader) -> None:
    table = tables()["homicides_month"]
    assert workbook(table) == workbook(table)
    path = reader.path(workbook(table), "form.xlsx")
    assert reader.refused(path, table="homicides_month").key == "table_empty"
    sheets = fastexcel.read_excel(path)
    assert sheets.sheet_names == ["homicides_month", "notas · notes"]
    about = sheets.load_sheet(1, header_row=None, dtypes="string").to_polars().rows()
    assert [row[0] for row in about[1:]] == list(table.columns)
    assert table.columns["deaths"].about.es in about[4]
    with zipfile.ZipFile(path) as archive:
        assert b"occurrence,registration" in archive.read("xl/worksheets/sheet1.xml")
    # What a spreadsheet adds below the example.
    example = list(template(table).row(0))
    filled = book(
        reader.folder / "filled.xlsx",
        {"homicides_month": [HEAD, example, ["08037", "2024-01", "registration", 3]], "notas": [["x"]]},
    )
    incoming = reader.read(filled)
    assert incoming.rows["deaths"].to_list() == [3]
    assert notes(incoming)["examples_left_out"] == {"count": 1, "lines": "2"}


def test_the_file_comes_back_with_its_faults_marked_and_can_be_added_again(reader: Reader) -> None:
    content = (
        "Cifras propias\n" + ",".join(HEAD) + "\n8037,2024-01,registration,5\n"
        "Xyz,2024-02,registration,=1+1\n08037,2024-03\n"
    )
    marked = reader.folder / "marked.xlsx"
    error = reader.refused(content, marked=marked)
    faults: Any = error.values["faults"]
    assert [fault.key for fault in faults] == [
        "import_marked",
        "import_municipality",
        "table_whole",
        "table_cells",
    ]
    sheets = fastexcel.read_excel(marked)
    page = sheets.load_sheet(0, header_row=None, dtypes="string", skip_rows=0).to_polars().rows()
    assert page[1] == tuple(HEAD)
    assert page[2] == ("8037", "2024-01", "registration", "5")
    assert page[3] == ("Xyz", "2024-02", "registration", "=1+1")
    listed = sheets.load_sheet(1, header_row=None, dtypes="string").to_polars().rows()
    assert [row[:2] for row in listed[1:]] == [("4", "municipality"), ("4", "deaths"), ("5", "")]
    with zipfile.ZipFile(marked) as archive:
        comments = archive.read("xl/comments1.xml").decode()
        cells = archive.read("xl/worksheets/sheet1.xml").decode()
    assert {f'ref="{cell}"' in comments for cell in ("A4", "D4", "A5")} == {True}
    assert 'ref="A3"' not in comments
    assert "<f>" not in cells
    assert len(reader.faults(marked)) == 4  # the line cut short has two empty cells now
    assert reader.rows(marked, "deaths", skip_bad=True) == [(5,)]


def test_an_official_file_comes_back_marked_too(reader: Reader) -> None:
    head = "Port Name,State,Port Code,Border,Date,Measure,Value\n"
    content = head + "San Ysidro,California,2504,US-Mexico Border,Aug 2025,Trucks,many\n"
    marked = reader.folder / "marked.xlsx"
    reader.refused(content, marked=marked)
    assert reader.faults(marked) == [(2, "Value", "table_whole")]


@pytest.mark.parametrize(
    ("month", "key"),
    [
        ("2024", "import_available_from"),
        ("2027-01", "import_available_from"),
        ("2023-12", "import_before_period"),
    ],
)
def test_a_month_of_publication_that_cannot_be(month: str, key: str, reader: Reader) -> None:
    content = ",".join(HEAD) + "\n08037,2024-01,registration,5\n"
    assert reader.refused(content, available_from=month).key == key
