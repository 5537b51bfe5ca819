"""The one writer of files for users: each file whole or not at all, several files together or none.

A new file is written beside the old one under a temporary name and takes its place in one step, so that a reader never
sees half of it (POSIX `rename`). What cannot be replaced, such as a terminal, a pipe or ``/dev/null``, is written into.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from merida.errors import OutputError

STALE_SECONDS = 3600.0  # a temporary file lives for the seconds of one writing
OURS = re.compile(r"\.merida-[0-9a-f]{12}(\.old)?\.tmp")  # the names that `opened_beside` gives
MOST_LINKS = 40  # as many as Linux follows


def check_folder(folder: Path) -> None:
    """Refuse, before the work, a folder that could not be made or written in after it.

    Raises
    ------
    OutputError
        If the folder, or the nearest folder above it that exists, takes no file.

    Examples
    --------
    >>> check_folder(Path("."))
    """
    try:
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        probe(nearest)
    except (OSError, ValueError) as error:
        raise refusal(folder, error) from error


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, where they do not exist.

    Raises
    ------
    OutputError
        If it cannot be made.

    Examples
    --------
    >>> make_folder(Path("brief"))
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise refusal(folder, error) from error


def check_files(*paths: Path | None) -> None:
    """Refuse, before the work, a file that could not be written after it; None stands for no file.

    Raises
    ------
    OutputError
        If a path is a folder, lies in a folder that does not exist, or cannot be written.

    Examples
    --------
    >>> check_files(Path("run.json"), None)
    """
    for path in paths:
        if path is None:
            continue
        try:
            target = followed(path)
            if replaceable(target):
                probe(target.parent)
        except (OSError, ValueError) as error:
            raise refusal(path, error) from error


def write_whole(pages: Mapping[Path, str | bytes]) -> None:
    """Write files so that a reader sees all the old ones or, once every new one is complete, the new ones.

    A link is followed and the file at its end replaced; a file keeps its permissions and its owner, and one that may not
    be written stays; another name of the same file (a hard link) keeps the old content; a device or pipe is written into.

    Parameters
    ----------
    pages : mapping of Path to str or bytes
        What each file is to hold; text is written as UTF-8.

    Raises
    ------
    OutputError
        If a file cannot be written. Then every file is as it was.

    Examples
    --------
    >>> write_whole({Path("a.txt"): "one", Path("b.bin"): b"two"})
    """
    waiting: dict[Path, Path] = {}
    streams: list[tuple[Path, bytes]] = []
    path = Path()
    try:
        for path, page in pages.items():
            content = page.encode() if isinstance(page, str) else page
            target = followed(path)
            if replaceable(target):
                remove_stale(target.parent)
                waiting[written_beside(target, content)] = target
            else:
                streams.append((target, content))
        for path, content in streams:  # a pipe cannot be taken back, so it comes before the files
            write_into(path, content)
        replace_all(waiting)
    except (OSError, ValueError) as error:
        raise refusal(path, error) from error
    finally:
        for temporary in waiting:
            temporary.unlink(missing_ok=True)


def refusal(path: Path, error: OSError | ValueError) -> OutputError:
    """Return the error that says why a path cannot be written."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    blamed = error.filename2 if isinstance(error, OSError) else None
    return OutputError("not_writable", path=blamed or path, reason=reason)


def followed(path: Path) -> Path:
    """Return the file at the end of a chain of links; it need not exist.

    The chain ends at ``/proc/…/fd``, whose entries stand for open files and not for the paths that they show.
    """
    for _ in range(MOST_LINKS):
        path = path.parent.resolve(strict=True) / path.name
        if descriptor(path) is not None or not path.is_symlink():
            return path
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def descriptor(path: Path) -> int | None:
    """Return the number of this process's open file that a resolved path stands for, such as 1 for ``/dev/stdout``."""
    mine = str(path.parent) in (f"/proc/{os.getpid()}/fd", "/dev/fd") and path.name.isdigit()
    return int(path.name) if mine else None


def replaceable(target: Path) -> bool:
    """Tell whether a path holds nothing or a plain file, rather than a device, a pipe or a socket.

    Raises
    ------
    IsADirectoryError
        If it is a folder.
    PermissionError
        If what is there may not be written, though its folder may.
    """
    if descriptor(target) is not None:
        return False
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return True
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return stat.S_ISREG(mode)


def probe(folder: Path) -> None:
    """Write and remove a file in a folder: some folders only say no when they are asked."""
    temporary, handle = opened_beside(folder / "file")
    os.close(handle)
    temporary.unlink()


def opened_beside(target: Path) -> tuple[Path, int]:
    """Return a new temporary file in a target's folder, with its open descriptor and the user's own permissions."""
    temporary = target.parent / f".merida-{token_hex(6)}.tmp"
    return temporary, os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)


def written_beside(target: Path, content: bytes) -> Path:
    """Return a temporary file with the content on disk, and the permissions of the file that it will replace."""
    temporary, handle = opened_beside(target)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a full disk says so here at the latest
        with suppress(FileNotFoundError):
            keep_rights(temporary, target.stat())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def keep_rights(temporary: Path, old: os.stat_result) -> None:
    """Give a file the owner, group and permissions of the one that it will replace, as far as the system lets one."""
    mode = stat.S_IMODE(old.st_mode)
    try:
        os.chown(temporary, old.st_uid, old.st_gid)
    except (AttributeError, PermissionError):  # no POSIX system, or the file of another user
        mode &= 0o777  # what would run as its owner is not to run as the present user
    temporary.chmod(mode)


def write_into(target: Path, content: bytes) -> None:
    """Write into a device, a pipe or an open file of this process, without replacing it."""
    number = descriptor(target)
    sys.stdout.flush()
    with target.open("wb") if number is None else os.fdopen(os.dup(number), "wb") as stream:
        stream.write(content)


def replace_all(waiting: Mapping[Path, Path]) -> None:
    """Put each temporary file in its target's place; if one cannot be, put back those that were replaced.

    What can be done before is, so that nothing but the renames themselves, some microseconds, stands between all the old
    files and all the new ones: a process that is killed leaves one or the other, unless it is killed just there.
    """
    saved = {temporary: temporary.with_suffix(".old.tmp") for temporary in waiting}
    existed = {temporary: target.exists() for temporary, target in waiting.items()}
    done: list[Path] = []
    try:
        for temporary, target in waiting.items():
            if existed[temporary] and len(waiting) > 1:
                with suppress(OSError):  # some file systems know no second name for a file
                    os.link(target, saved[temporary])
        for temporary, target in waiting.items():
            temporary.replace(target)
            done.append(temporary)
    except BaseException:
        for temporary in done:
            with suppress(OSError):
                if existed[temporary]:
                    saved[temporary].replace(waiting[temporary])
                else:
                    waiting[temporary].unlink()
        raise
    finally:
        for old in saved.values():
            old.unlink(missing_ok=True)


def remove_stale(folder: Path) -> None:
    """Remove the temporary files that a writer of the same user which was killed left in a folder."""
    for left in folder.glob(".merida-*.tmp"):
        with suppress(OSError, AttributeError):
            about = left.lstat()
            own = OURS.fullmatch(left.name) and stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid()
            if own and time.time() - about.st_mtime > STALE_SECONDS:
                left.unlink()
