"""What is kept between runs in the user's cache folder, neither trusted nor required.

Every file begins with the SHA-256 of its own name and of what follows. A file that was cut, emptied, altered, renamed or
made by something else is not read: what it held is computed again and the user is told once, on stderr. A folder that
cannot be written costs time alone. A file's name is made of hashes of all that its content rests on, so that nothing
grows stale.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import platformdirs

from merida.atomic import make_folder, write_whole
from merida.errors import OutputError
from merida.words import words

HEADER = hashlib.sha256().digest_size
SUFFIX = ".kept"
CODE = (".py", ".toml", ".npz", ".csv")

said: set[str] = set()  # what the user was told in this process


def folder() -> Path:
    """Return the user's cache folder of Mérida: ``merida`` under ``XDG_CACHE_HOME``, on Linux by default ``~/.cache``.

    Examples
    --------
    >>> folder().name
    'merida'
    """
    return platformdirs.user_cache_path("merida", appauthor=False)


@lru_cache
def code(*patterns: str) -> str:
    """Return the SHA-256 of the files of Mérida's own code and data that match patterns within the package.

    They are read once a process, as the code that runs is.

    Examples
    --------
    >>> code("draws.py") == code("draws.py", "no/such/*")
    True
    """
    package = Path(__file__).parent
    sums = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in package.glob(pattern)}):
        if path.suffix in CODE:
            sums.update(f"{path.relative_to(package)}\n".encode() + path.read_bytes())
    return sums.hexdigest()


def save(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Keep arrays in a file of the cache, where it can be written.

    Parameters
    ----------
    path : Path
        Its name is a hash of what the arrays rest on; see `load`.
    arrays : mapping of str to array
        Of numbers or text; an array of Python objects is not kept.

    Examples
    --------
    >>> save(folder() / "example", {"square": np.arange(3) ** 2})
    >>> load(folder() / "example")["square"].tolist()
    [0, 1, 4]
    """
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **dict(arrays))
    save_bytes(path, content.getvalue())


def load(path: Path) -> dict[str, npt.NDArray[Any]] | None:
    """Return the arrays that `save` kept in a file, or None where there is no file that is as it was written.

    Examples
    --------
    >>> load(folder() / "nothing") is None
    True
    """
    content = load_bytes(path)
    if content is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def save_bytes(path: Path, content: bytes) -> None:
    """Keep bytes in a file of the cache, where it can be written; see `save`.

    Examples
    --------
    >>> save_bytes(folder() / "example", b"compiled")
    """
    try:
        make_folder(path.parent)
        write_whole({kept(path): checksum(path, content) + content})
    except OutputError as error:
        say_once("cache.not_kept", folder=path.parent, reason=error.values["reason"])


def load_bytes(path: Path) -> bytes | None:
    """Return the bytes that `save_bytes` kept in a file, or None where there is no file that is as it was written.

    Examples
    --------
    >>> load_bytes(folder() / "nothing") is None
    True
    """
    try:
        content = kept(path).read_bytes() if stat.S_ISREG(kept(path).stat().st_mode) else b""
    except OSError as error:
        # What was not there says nothing: another process may write it in this moment.
        gone = isinstance(error, FileNotFoundError) and not kept(path).is_symlink()
        if gone or not os.path.lexists(kept(path)):
            return None
        content = b""
    if content[:HEADER] == checksum(path, content[HEADER:]):
        with suppress(OSError):  # when it was last used tells what goes first
            os.utime(kept(path))
        return content[HEADER:]
    say_once("cache.not_as_written", path=kept(path))
    return None


@contextmanager
def claimed(place: Path | None, *, last: bool = True) -> Iterator[Path | None]:
    """Hold a folder of the cache for this process while it works, and remove it once the work is complete.

    Parameters
    ----------
    place : Path or None
    last : bool
        Whether nothing goes on from what this work leaves; else the folder stays.

    Yields
    ------
    Path or None
        The folder; None where no folder is given, another process holds it, or it cannot be made. Then the work is done
        without it.

    Examples
    --------
    >>> with claimed(folder() / "runs" / "example") as place:
    ...     save(place / "part", {"half": np.ones(2)})
    """
    handle = None if place is None else lock(place)
    if place is None or handle is None:
        yield None
        return
    try:
        yield place
        if not last:
            return
        for pattern in (f"*{SUFFIX}", ".merida-*.tmp"):
            for left in place.glob(pattern):
                left.unlink(missing_ok=True)
        with suppress(OSError):  # something else lies in it, which is not ours to remove
            place.rmdir()
    finally:
        os.close(handle)


def lock(place: Path) -> int | None:
    """Return an open descriptor of a folder that no other process holds, or None; POSIX systems alone have such locks."""
    try:
        import fcntl

        make_folder(place)
        handle = os.open(place, os.O_RDONLY)
    except (ImportError, OSError):
        return None
    except OutputError as error:
        say_once("cache.not_kept", folder=place, reason=error.values["reason"])
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        say_once("cache.held", folder=place)
        return None
    return handle


def kept(path: Path) -> Path:
    """Return the file that stands for a path of the cache."""
    return path.with_name(path.name + SUFFIX)


def checksum(path: Path, content: bytes) -> bytes:
    """Return the SHA-256 of a file's folder, name and content: a copy under another name is not the same file."""
    return hashlib.sha256(f"{path.parent.name}/{path.name}\n".encode() + content).digest()


def say_once(key: str, /, **values: object) -> None:
    """Tell the user something about the cache on stderr, once in a process for each key."""
    if key not in said:
        said.add(key)
        print(words().text(key, **values), file=sys.stderr)
