"""Files that readers sent to be added to the record: kept for a day under the hash of what they hold.

A file is written beside its place and takes it in one step, so that nothing half there is ever read. Its name is kept for
messages, as far as it is a plain one; no path that a browser sends is followed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import BinaryIO

from merida.atomic import make_folder, refusal
from merida.facts.own.shelf import home
from merida.workbench.safety import Refused

KEPT_SECONDS = 86_400.0
MOST_KEPT = 12  # files at once; the oldest go first
MOST_LETTERS = 80
CHUNK = 1 << 20
TOKEN = re.compile("[0-9a-f]{32}")
ODD = re.compile(r"[^\w .()+-]")


def folder() -> Path:
    """Return where the files lie."""
    return home() / "incoming"


def plain_name(name: str) -> str:
    r"""Return what a browser calls a file, without any path and without signs that are not plain.

    Examples
    --------
    >>> plain_name("../../etc/pass<wd>.csv"), plain_name("C:\\data\\.x.csv"), plain_name("..")
    ('pass_wd_.csv', 'x.csv', 'file')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = ODD.sub("_", last).lstrip(". ")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: MOST_LETTERS - 10]}{dot}{ending[:9]}" if stem else plain[:MOST_LETTERS] or "file"


def keep(file: BinaryIO, name: str) -> str:
    """Keep a file and return its token.

    Raises
    ------
    OutputError
        If the folder cannot be written, or there is no room in it.
    """
    make_folder(folder())
    sweep()
    waiting = folder() / f".new-{token_hex(8)}"
    sums, plain = hashlib.sha256(), plain_name(name)
    try:
        waiting.mkdir(mode=0o700)
        with (waiting / plain).open("xb") as copy:
            while chunk := file.read(CHUNK):
                sums.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        sums.update(f"\n{plain}".encode())
        token = sums.hexdigest()[:32]
        with suppress(OSError):  # it is there already
            waiting.rename(folder() / token)
        os.utime(folder() / token)
    except OSError as error:
        raise refusal(folder(), error) from error
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return token


def path_of(token: str) -> Path:
    """Return the file of a token.

    Raises
    ------
    Refused
        If it is not there, or no longer.
    """
    if TOKEN.fullmatch(token):
        with suppress(OSError, StopIteration):  # empty where it is being removed
            return next((folder() / token).iterdir())
    raise Refused(404, "no_upload")


def drop(token: str) -> None:
    """Remove a file."""
    if TOKEN.fullmatch(token):
        shutil.rmtree(folder() / token, ignore_errors=True)


def sweep() -> None:
    """Remove files that were kept for a day, those beyond so many, and what a process that was killed left half there."""
    found: list[tuple[float, Path]] = []
    for one in folder().iterdir():
        with suppress(OSError):
            found.append((one.stat().st_mtime, one))
    for place, (changed, one) in enumerate(sorted(found, reverse=True)):
        if place >= MOST_KEPT or changed < time.time() - KEPT_SECONDS:
            shutil.rmtree(one, ignore_errors=True)
