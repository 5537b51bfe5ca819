"""Where a user's own rows are kept: a folder for each addition, which holds its rows and what is known of them.

A folder is written under another name and takes its own in one step (`rename`), which fails where the name is taken: two
processes that add at once get two numbers, and one that is killed leaves what was there before. A folder is removed the
same way round. So no lock is needed, and a reader never sees half an addition.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import shutil
import threading
import time
import weakref
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merida.atomic import STALE_SECONDS, make_folder, refusal
from merida.errors import FactsError, nearest
from merida.figure import OwnRows

if TYPE_CHECKING:
    import polars as pl

    from merida.facts.incoming import Incoming

ABOUT, ROWS = "addition.json", "rows.parquet"
NAME = re.compile(r"([a-z0-9_]+)-([1-9][0-9]*)")
TAKEN = (errno.ENOTEMPTY, errno.EEXIST)


@dataclass(frozen=True)
class Addition:
    """Rows that a user added to one table.

    Attributes
    ----------
    id : str
        The table's name and a number: ``crime_victims-1``.
    table : str
    file_name, sha256 : str
        The file that was added, and the SHA-256 of its bytes.
    recognised : str or None
        The official layout that the file had.
    added : str
        The day, ``YYYY-MM-DD``, in UTC.
    available_from : str
        The month in which the file was published: of two additions that hold a row, the one published later gives it, and
        of two of the same month the one added later.
    published : tuple of str
        The first and last month in which any of its rows was published.
    rows, skipped : int
        How many were added, and how many the user left out.
    span : dict of str to tuple of str
        By key column, the least and the greatest value.
    rows_sha256 : str
        Of the file in which the rows are kept.
    """

    id: str
    table: str
    file_name: str
    sha256: str
    recognised: str | None
    added: str
    available_from: str
    published: tuple[str, str]
    rows: int
    skipped: int
    span: dict[str, tuple[str, str]]
    rows_sha256: str

    @property
    def rank(self) -> tuple[str, int]:
        """What orders the additions to a table: a later one's rows hide those of an earlier one."""
        return self.available_from, number_of(self.id)

    def counted(self, rows: int) -> OwnRows:
        """Return what a figure says of it that rests on so many of its rows."""
        return OwnRows(self.id, self.table, rows, self.file_name, self.added)


def home() -> Path:
    """Return the folder of the user's own things: ``MERIDA_HOME``, by default ``merida`` in the user's data folder."""
    if wished := os.environ.get("MERIDA_HOME"):
        return Path(wished).expanduser()
    import platformdirs

    return platformdirs.user_data_path("merida", appauthor=False)


def shelf() -> Path:
    """Return the folder of the user's own rows."""
    return home() / "facts"


def number_of(identity: str) -> int:
    """Return the number at the end of an addition's id."""
    return int(identity.rpartition("-")[2])


def names() -> list[str]:
    """Return the ids of all additions, those that are damaged too."""
    try:
        return sorted(
            (name for name in os.listdir(shelf()) if NAME.fullmatch(name)),  # noqa: PTH208  # half the time of iterdir
            key=lambda name: (name.rpartition("-")[0], number_of(name)),
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FactsError("own_folder_unreadable", folder=shelf(), reason=error.strerror) from error


def additions() -> tuple[Addition, ...]:
    """Return what the user added, by table and in the order in which one hides another.

    Raises
    ------
    FactsError
        If the folder cannot be read, or what is written of an addition is damaged; the message names the file.
    """
    found = [about for name in names() if (about := read(name)) is not None]
    return tuple(sorted(found, key=lambda one: (one.table, one.rank)))


def read(identity: str) -> Addition | None:
    """Return what is known of an addition, or None where it was removed in the meantime."""
    path = shelf() / identity / ABOUT
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        stated_sum = stated.pop("checksum")
        found: Addition = adapter().validate_json(json.dumps({**stated, "id": identity}))
        if stated_sum != checksum(found) or found.table != identity.rpartition("-")[0]:
            raise ValueError
    except FileNotFoundError as error:
        if not path.parent.exists():
            return None
        raise damaged(path) from error
    except OSError as error:
        raise FactsError("own_folder_unreadable", folder=path, reason=error.strerror) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(path) from error
    return found


@cache
def adapter() -> Any:
    """Return what reads an addition's own file."""
    from pydantic import TypeAdapter

    return TypeAdapter(Addition)


def checksum(about: Addition) -> str:
    """Return the SHA-256 of what is known of an addition, without its id, which is the name of its folder."""
    stated = {name: value for name, value in asdict(about).items() if name != "id"}
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def damaged(path: Path) -> FactsError:
    """Return the error that names a file of the user's own rows that is not as it was written."""
    return FactsError("own_damaged", file=path, id=path.parent.name)


def save(incoming: Incoming) -> Addition:
    """Write rows as a new addition and return it: whole, or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    content = io.BytesIO()
    incoming.rows.write_parquet(content, compression="zstd")
    about = described(incoming, content.getvalue())
    folder = shelf()
    if not folder.exists():
        make_folder(folder)
        with suppress(OSError):  # what a secretariat adds is nobody else's
            folder.chmod(0o700)
    sweep()
    waiting = folder / f".new-{os.getpid()}-{time.time_ns()}"
    try:
        waiting.mkdir()
        stated = {name: value for name, value in asdict(about).items() if name != "id"}
        stated["checksum"] = checksum(about)
        write(waiting / ROWS, content.getvalue())
        write(waiting / ABOUT, json.dumps(stated, ensure_ascii=False, indent=1).encode())
        return replace(about, id=put_in_place(waiting, incoming.table.name))
    except OSError as error:
        raise refusal(folder, error) from error
    finally:
        shutil.rmtree(waiting, ignore_errors=True)


def described(incoming: Incoming, content: bytes) -> Addition:
    """Return what is known of rows that are about to be added."""
    rows, keys = incoming.rows, incoming.table.keys
    ends = rows.select(keys).cast({name: rows.schema[name] for name in keys})
    return Addition(
        id="",
        table=incoming.table.name,
        file_name=incoming.file_name,
        sha256=incoming.sha256,
        recognised=incoming.recognised,
        added=time.strftime("%Y-%m-%d", time.gmtime()),
        available_from=incoming.available_from,
        published=(str(rows["available_from"].min()), str(rows["available_from"].max())),
        rows=rows.height,
        skipped=incoming.skipped,
        span={name: (str(ends[name].min()), str(ends[name].max())) for name in keys},
        rows_sha256=hashlib.sha256(content).hexdigest(),
    )


def write(path: Path, content: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # a full disk says so here at the latest


def put_in_place(waiting: Path, table: str) -> str:
    """Give a complete folder the next free id of a table, and return it."""
    taken = [number_of(name) for name in names() if name.rpartition("-")[0] == table]
    for number in count(max(taken, default=0) + 1):
        identity = f"{table}-{number}"
        try:
            waiting.rename(waiting.with_name(identity))
        except OSError as error:
            if error.errno not in TAKEN:
                raise
        else:
            settle(waiting.parent)
            return identity
    raise AssertionError


def settle(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove(identity: str) -> None:
    """Remove an addition, a damaged one too: what it replaced stands again.

    Raises
    ------
    FactsError
        If there is none of that id; the message names the nearest.
    OutputError
        If the folder cannot be written.
    """
    place = shelf() / known(identity)
    gone = place.with_name(f".removed-{os.getpid()}-{time.time_ns()}")
    try:
        place.rename(gone)
    except FileNotFoundError:
        raise unknown(identity) from None
    except OSError as error:
        raise refusal(place, error) from error
    settle(place.parent)
    shutil.rmtree(gone, ignore_errors=True)
    sweep()


def known(identity: str) -> str:
    """Return an addition's id if there is such an addition.

    Raises
    ------
    FactsError
        If there is none; the message names the nearest.
    """
    if identity not in names():
        raise unknown(identity)
    return identity


def unknown(identity: str) -> FactsError:
    """Return the error that names the nearest additions, or says that there is none at all."""
    held = names()
    if not held:
        return FactsError("own_none", found=identity[:60])
    return FactsError("own_unknown", found=identity[:60], nearest=nearest(identity[:60], held))


def addition(identity: str) -> Addition:
    """Return one addition.

    Raises
    ------
    FactsError
        If there is none of that id, or what is written of it is damaged.
    """
    found = read(known(identity))
    if found is None:
        raise unknown(identity)
    return found


def sweep() -> None:
    """Remove what processes that were killed left behind."""
    for pattern in (".new-*", ".removed-*"):
        for left in shelf().glob(pattern):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(left, ignore_errors=True)


class Shelf:
    """The additions as they are now, with their files open: what is removed later is still read here."""

    def __init__(self, held: Iterable[Addition]) -> None:
        handles: dict[str, int] = {}
        self.additions: tuple[Addition, ...] = tuple(one for one in held if opened(one, handles))
        self._handles: Mapping[str, int] = handles
        self._reading = threading.Lock()
        weakref.finalize(self, close, tuple(handles.values()))

    def rows(self, about: Addition) -> pl.DataFrame:
        """Return the rows of an addition, as they were added.

        Raises
        ------
        FactsError
            If the file is not as it was written.
        """
        import polars as pl

        path, handle = shelf() / about.id / ROWS, self._handles[about.id]
        try:
            with (
                self._reading,
                os.fdopen(os.dup(handle), "rb") as file,
            ):  # which has the place in the file in common
                file.seek(0)
                content = file.read()
            if hashlib.sha256(content).hexdigest() != about.rows_sha256:
                raise damaged(path)
            return pl.read_parquet(io.BytesIO(content))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise damaged(path) from error


def opened(about: Addition, handles: dict[str, int]) -> bool:
    """Open the rows of an addition, and tell whether it is still there."""
    path = shelf() / about.id / ROWS
    try:
        handles[about.id] = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        if path.parent.exists():
            raise damaged(path) from error
        return False
    except OSError as error:
        raise FactsError("own_folder_unreadable", folder=path, reason=error.strerror) from error
    return True


def close(handles: Iterable[int]) -> None:
    """Close open files."""
    for handle in handles:
        with suppress(OSError):
            os.close(handle)
