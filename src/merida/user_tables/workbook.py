"""A workbook of Excel as cells of text; what hides in the zip around it is looked at before anything is read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from merida.errors import MeridaError

MOST_BYTES = 30_000_000
MOST_UNPACKED = 400_000_000  # bytes of all parts together
MOST_RATIO = 250  # of the unpacked size to the packed one; sheets of real workbooks stay below 60
MOST_PARTS = 2_000
MOST_SHEETS = 50
CHUNK = 1 << 20
# No workbook declares a type of document or entities; a bomb must, in one encoding or another.
DECLARES = tuple(
    word.encode(encoding)
    for word in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
LONGEST = max(map(len, DECLARES))


def check_workbook(content: bytes, path: Path, error: type[MeridaError]) -> None:
    """Refuse a zip that is no plain workbook: another format, macros, a bomb, entities of XML.

    Raises
    ------
    MeridaError
        With what it is and what to do.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as failure:
        raise error("table_zip_damaged", file=path) from failure
    names = {part.filename.lower() for part in parts}
    if "xl/vbaproject.bin" in names:
        raise error("table_macros", file=path)
    if "xl/workbook.xml" not in names:
        raise error("table_zip_other", file=path)
    if len(parts) > MOST_PARTS:
        raise error("table_zip_bomb", file=path, most=MOST_UNPACKED // 1_000_000)
    unpacked = 0
    try:
        for part in parts:
            before = b""
            with archive.open(part) as stream:
                while chunk := stream.read(CHUNK):
                    unpacked += len(chunk)
                    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(content), 40_000):
                        raise error("table_zip_bomb", file=path, most=MOST_UNPACKED // 1_000_000)
                    if any(word in before + chunk for word in DECLARES):
                        raise error("table_xml_entities", file=path)
                    before = chunk[-LONGEST:]
    except RuntimeError as failure:  # a part with a password
        raise error("table_encrypted", file=path) from failure
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as failure:
        raise error("table_zip_damaged", file=path) from failure


def sheets_of(
    content: bytes, path: Path, error: type[MeridaError]
) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Yield the name and the rows of each visible sheet, from the first row of the sheet on.

    Numbers come as they are stored, without the format in which a sheet shows them; days as ``YYYY-MM-DD HH:MM:SS``.

    Raises
    ------
    MeridaError
        If the workbook cannot be read.
    """
    import fastexcel

    try:
        book = fastexcel.read_excel(content)
        for name in book.sheet_names[:MOST_SHEETS]:
            sheet = book.load_sheet(name, header_row=None, dtypes="string", skip_rows=0)
            if sheet.visible == "visible" and sheet.height:
                columns = [
                    sheet.to_polars()[:, at].fill_null("").to_list() for at in range(sheet.to_polars().width)
                ]
                yield name, list(zip(*columns, strict=True))
    except fastexcel.FastExcelError as failure:
        raise error("table_workbook_damaged", file=path) from failure
