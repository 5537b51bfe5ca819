"""A user's file is taken apart in a process of its own, with little memory, little time and nothing to write but text.

The process gets the file as its standard input and a folder for what it finds: cells as text in Arrow files, and a
JSON file that says what they are or why there are none. Nothing of the user's is run or unpickled on either side.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from merida.errors import FactsError, MeridaError
from merida.limits import limit
from merida.user_tables.delimited import MOST_COLUMNS, Separator, check_lines
from merida.user_tables.faults import Note
from merida.user_tables.grid import LINE, WIDTH, Grid, Sheets
from merida.user_tables.lines import parsed, separators_of
from merida.user_tables.text import decoded
from merida.user_tables.tree import rows_of_json, rows_of_xml
from merida.user_tables.workbook import MOST_BYTES as MOST_WORKBOOK_BYTES
from merida.user_tables.workbook import check_workbook, sheets_of

if TYPE_CHECKING:
    import polars as pl

MOST_BYTES = 200_000_000
MOST_ROWS = 1_500_000
MEMORY_BYTES = 3 << 30  # of addresses; Polars and Arrow reserve half a gigabyte before they hold a cell
CPU_SECONDS, WALL_SECONDS = 120, 300
CHUNK_ROWS = 50_000
# What a file begins with that is neither text nor a workbook, and the name of its text under ``errors``.
SIGNS = (
    (b"%PDF", "table_pdf"),
    (b"\x1f\x8b", "table_packed"),
    (b"7z\xbc\xaf\x27\x1c", "table_packed"),
    (b"Rar!", "table_packed"),
    (b"BZh", "table_packed"),
    (b"\xfd7zXZ\x00", "table_packed"),
    (b"PAR1", "table_not_text"),
    (b"\x89PNG", "table_not_text"),
    (b"\xff\xd8\xff", "table_not_text"),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel before 2007, and any workbook with a password
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_sheets(path: Path, separator: Separator | None = None) -> Sheets:
    """Return a file as text, cell by cell.

    Parameters
    ----------
    path : Path
        A regular file: separated values, a workbook (.xlsx), or a list in JSON or XML.
    separator : Separator or None
        None: as the file shows.

    Raises
    ------
    FactsError
        If it is no such file, is too large, or takes more memory or time than it is given.

    Examples
    --------
    >>> read_sheets(Path("deaths.csv")).grids[0].row(0)  # doctest: +SKIP
    ('municipality', 'month', 'deaths')
    """
    with opened(path) as file, tempfile.TemporaryDirectory(prefix="merida-") as folder:
        command = [sys.executable, "-P", "-m", "merida.user_tables.apart", str(path), folder, separator or ""]
        limits = {"POLARS_MAX_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
        try:
            done = subprocess.run(
                command,
                stdin=file,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=os.environ | limits,
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as failure:
            raise FactsError("table_takes_too_long", file=path, seconds=WALL_SECONDS) from failure
        result = Path(folder) / "result.json"
        if done.returncode or not result.is_file():
            raise FactsError("table_not_taken_apart", file=path, memory=MEMORY_BYTES >> 30)
        return gathered(json.loads(result.read_text(encoding="utf-8")), path, Path(folder))


def gathered(told: Mapping[str, Any], path: Path, folder: Path) -> Sheets:
    """Return what the process left in its folder, or raise the error that it told."""
    import polars as pl

    if "error" in told:
        raise FactsError(told["error"], **{"file": path, **told["values"]})
    grids = [
        Grid(sheet, pl.read_ipc((folder / f"{at}.arrow").read_bytes()))
        for at, sheet in enumerate(told["sheets"])
    ]
    if not grids:
        raise FactsError("table_empty", file=path)
    notes = tuple(Note(key, values) for key, values in told["notes"])
    return Sheets(path, told["sha256"], told["kind"], Separator(told["separator"]), grids, notes)


def opened(path: Path) -> BinaryIO:
    """Return a regular file open for reading; refuse all that is none, and what is too large, before a byte is read."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise FactsError("table_folder", file=path)
        if not stat.S_ISREG(status.st_mode):
            raise FactsError("table_no_pipe", file=path)
        if status.st_size > MOST_BYTES:
            raise FactsError("table_too_large", file=path, most=MOST_BYTES // 1_000_000)
        file = path.open("rb")
    except OSError as failure:
        raise FactsError("table_unreadable", file=path, reason=failure.strerror or failure) from failure
    except ValueError as failure:  # a zero byte in the name
        raise FactsError("table_unreadable", file=repr(os.fspath(path)), reason=os.strerror(22)) from failure
    return file


def take_apart(content: bytes, path: Path, separator: Separator | None, folder: Path) -> dict[str, Any]:
    """Write the sheets of a file as Arrow, and return what is to be said of them."""
    head = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if content.startswith(OLE):
        raise FactsError("table_encrypted" if ENCRYPTED in content else "table_xls", file=path)
    for sign, key in SIGNS:
        if content.startswith(sign):
            raise FactsError(key, file=path)
    kind, chosen = "csv", Separator.COMMA
    notes: tuple[Note, ...] = ()
    names: list[str] = []
    if content.startswith(b"PK\x03\x04"):
        if len(content) > MOST_WORKBOOK_BYTES:
            raise FactsError("table_too_large", file=path, most=MOST_WORKBOOK_BYTES // 1_000_000)
        kind = "xlsx"
        check_workbook(content, path, FactsError)
        for name, rows in sheets_of(content, path, FactsError):
            written(framed(iter(enumerate(rows, 1)), path), folder, len(names))
            names.append(name)
    else:
        mark = mark_of(content)
        text, notes = decoded(mark + content, path, FactsError)
        notes += (Note("utf_16"),) if mark else ()
        del content
        if "\0" in text:
            raise FactsError("table_not_text", file=path)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if head.startswith((b"{", b"[")):
            kind, rows_found = "json", rows_of_json(text, path, FactsError)
        elif head.startswith(b"<"):
            kind, rows_found = "xml", rows_of_xml(text, path, FactsError)
        else:
            check_lines(text, path, FactsError)
            chosen = separator or separators_of(text, path, FactsError)
            rows_found = parsed(text, chosen, path, FactsError)
        written(framed(rows_found, path), folder, 0)
        names.append("")
    return {
        "kind": kind,
        "separator": chosen,
        "sheets": names,
        "notes": [(note.key, dict(note.values)) for note in notes],
    }


def mark_of(content: bytes) -> bytes:
    """Return the mark that a text in UTF-16 lacks: every other byte of its first line is zero. Empty for all others."""
    line = content[: content.find(b"\n") // 2 * 2]
    even, odd = set(line[::2]), set(line[1::2])
    if even == {0} and 0 not in odd:
        return b"\xfe\xff"
    return b"\xff\xfe" if odd == {0} and 0 not in even else b""


def framed(rows: Iterator[tuple[int, Any]], path: Path) -> pl.DataFrame:
    """Return the rows that are not blank as a frame of text, `CHUNK_ROWS` at a time."""
    import polars as pl

    frames, count = [], 0
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        kept = [(line, cells) for line, cells in chunk if "".join(cells).strip()]
        count += len(kept)
        if count > MOST_ROWS:
            raise FactsError("table_too_long", file=path, most=MOST_ROWS)
        columns = list(itertools.zip_longest(*(cells for _, cells in kept), fillvalue=""))
        if len(columns) > MOST_COLUMNS:
            raise FactsError("table_too_wide", file=path, found=len(columns), most=MOST_COLUMNS)
        frame = pl.DataFrame(
            {LINE: [line for line, _ in kept], WIDTH: [len(cells) for _, cells in kept]}
            | {f"c{at}": cells for at, cells in enumerate(columns)},
            schema={LINE: pl.Int64, WIDTH: pl.Int64} | {f"c{at}": pl.String for at in range(len(columns))},
        )
        frames.append(frame)
    if not count:
        raise FactsError("table_empty", file=path)
    return pl.concat(frames, how="diagonal").with_columns(pl.col(pl.String).fill_null("").str.strip_chars())


def written(frame: pl.DataFrame, folder: Path, at: int) -> None:
    """Write one sheet."""
    frame.write_ipc(folder / f"{at}.arrow")


def told_of(file: BinaryIO, path: Path, separator: Separator | None, folder: Path) -> dict[str, Any]:
    """Return what is to be said of an open file, or the error that it is."""
    try:
        content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise FactsError("table_too_large", file=path, most=MOST_BYTES // 1_000_000)
        digest = hashlib.sha256(content).hexdigest()
        return {"sha256": digest, **take_apart(content, path, separator, folder)}
    except MeridaError as error:
        values = {name: value for name, value in error.values.items() if isinstance(value, str | int)}
        return {"error": error.key, "values": values}
    except MemoryError:
        return {"error": "table_not_taken_apart", "values": {"memory": MEMORY_BYTES >> 30}}


def main() -> None:
    """Take apart what stands on the standard input: ``python -m merida.user_tables.apart NAME FOLDER SEPARATOR``."""
    limit({"RLIMIT_AS": MEMORY_BYTES, "RLIMIT_CPU": CPU_SECONDS, "RLIMIT_CORE": 0})
    path, folder, separator = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    told = told_of(sys.stdin.buffer, path, Separator(separator) if separator else None, folder)
    (folder / "result.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
