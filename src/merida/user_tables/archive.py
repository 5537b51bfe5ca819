"""A user's zip: a few named files of it, read in memory within bounds; nothing is ever unpacked to the disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection
from pathlib import Path

from merida.errors import MeridaError
from merida.user_tables.text import MOST_BYTES, read_bytes

MOST_PARTS = 10_000
MOST_OF_ONE = 20_000_000  # bytes that are read of one file in it
SIGNATURE = b"PK"


def is_zip(path: Path) -> bool:
    """Tell whether a file begins as a zip does; one that cannot be read does not."""
    try:
        with path.open("rb") as file:
            return path.is_file() and file.read(len(SIGNATURE)) == SIGNATURE
    except (OSError, ValueError):
        return False


def unpacked(path: Path, wanted: Collection[str], error: type[MeridaError]) -> dict[str, bytes]:
    """Return those of the wanted files that a zip holds, by name.

    Raises
    ------
    MeridaError
        If the file cannot be read, is damaged, has a password, holds a name twice, or unpacks to more than is read.
    """
    content = read_bytes(path, error, MOST_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > MOST_PARTS or len(set(names)) < len(names):
                raise error("archive_parts", file=path, most=MOST_PARTS)
            found = {}
            for name in sorted(set(wanted) & set(names)):
                with archive.open(name) as part:
                    found[name] = part.read(MOST_OF_ONE + 1)
                if len(found[name]) > MOST_OF_ONE:
                    raise error("archive_large", file=path, part=name, most=MOST_OF_ONE // 1_000_000)
            return found
    except RuntimeError as failure:  # a part with a password
        raise error("archive_damaged", file=path) from failure
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as failure:
        raise error("archive_damaged", file=path) from failure
