"""A user's file as text: bounded in size, and never with letters that nobody wrote."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from merida.errors import MeridaError
from merida.user_tables.faults import Note

MOST_BYTES = 50_000_000
PIPES = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
# What a terminal would act on, and what turns the direction of writing; a tab or a line's end is neither.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
STEERS = re.compile(f"{CONTROL.pattern}|\r")  # and what takes a terminal back to the beginning of a line

# All that does not stand in a line as a letter does: marks of direction and line ends too, and half a pair of UTF-16.
UNSEEN = re.compile(f"{CONTROL.pattern}|[\t\n\r\u061c\u200e\u200f\ud800-\udfff]")


def read_text(
    path: Path, error: type[MeridaError], most_bytes: int = MOST_BYTES
) -> tuple[str, tuple[Note, ...]]:
    """Return a file's text, its lines ended by line feeds, with what there is to say of its encoding.

    Parameters
    ----------
    path : Path
        A regular file, or a pipe that the shell hands over (``/dev/stdin``, ``<(command)``).
    error : type of MeridaError
        The error to raise.
    most_bytes : int
        The largest file that is read.

    Returns
    -------
    text : str
    notes : tuple of Note
        That the file was read as Windows-1252, where it was.

    Raises
    ------
    MeridaError
        If it is a folder or a device, too large, not text, or in an encoding that cannot be told.

    Examples
    --------
    >>> from merida.errors import PlanError
    >>> read_text(Path("plan.csv"), PlanError)  # doctest: +SKIP
    ('programme,account,…', ())
    """
    content = read_bytes(path, error, most_bytes)
    text, notes = decoded(content, path, error)
    if "\0" in text:
        raise error("table_not_text", file=path)
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def read_bytes(path: Path, error: type[MeridaError], most_bytes: int) -> bytes:
    """Return the content of a file or pipe, read no further than one byte beyond the limit."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise error("table_folder", file=path)
        if not stat.S_ISREG(mode) and not (stat.S_ISFIFO(mode) and str(path).startswith(PIPES)):
            raise error("table_device", file=path)
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as failure:
        raise error("table_unreadable", file=path, reason=failure.strerror or failure) from failure
    except ValueError as failure:  # a zero byte in the name
        raise error("table_unreadable", file=repr(os.fspath(path)), reason=os.strerror(22)) from failure
    if len(content) > most_bytes:
        raise error("table_too_large", file=path, most=most_bytes // 1_000_000)
    return content


def decoded(content: bytes, path: Path, error: type[MeridaError]) -> tuple[str, tuple[Note, ...]]:
    """Return bytes as text: by the mark, else as UTF-8, else as Windows-1252, which is said."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if marked else "utf-8-sig"), ()
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        # Accents of both kinds: as Windows-1252 those of UTF-8 would turn into two wrong letters each.
        mixed = not content.decode("utf-8", errors="ignore").isascii()
        if marked or mixed or b"\0" in content:
            raise error("table_encoding", file=path, line=line) from failure
    try:
        return content.decode("cp1252"), (Note("windows_1252", {"line": line}),)
    except UnicodeDecodeError as failure:
        raise error("table_encoding", file=path, line=line) from failure


def visible(text: str) -> str:
    r"""Return a text with each control character written out, so that no terminal acts on it.

    Examples
    --------
    >>> print(visible(chr(27) + "[31mred"))
    \x1b[31mred
    """
    return STEERS.sub(lambda found: found[0].encode("unicode_escape").decode(), text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    r"""Return a text as one line in which every sign is seen: what steers, turns or breaks the line is written out.

    Examples
    --------
    >>> print(one_line("[/x]" + chr(10) + chr(0x200F)))
    [/x]\n\u200f
    """
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
