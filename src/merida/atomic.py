"""The one writer of files: whole or not at all, several together or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from merida.errors import BriefError


def check_writable(folder: Path) -> None:
    """Refuse, before the work, a folder that could not be written after it."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise BriefError("out_not_writable", folder=folder, reason=f"{nearest} is a file")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise BriefError("out_not_writable", folder=folder, reason=os.strerror(13))
    try:
        Path(tempfile.mkdtemp(dir=nearest)).rmdir()  # some folders only say no when they are asked
    except OSError as error:
        raise BriefError("out_not_writable", folder=folder, reason=error.strerror or error) from error


def write_whole(pages: Mapping[Path, str | bytes]) -> None:
    """Write files so that a reader sees all the old ones or, once every new one is complete, the new ones."""
    waiting: dict[Path, Path] = {}
    try:
        for path, page in pages.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            waiting[Path(name)] = path
            with os.fdopen(handle, "wb") as file:
                file.write(page.encode() if isinstance(page, str) else page)
            Path(name).chmod(0o644)
        for temporary, path in waiting.items():
            temporary.replace(path)
    finally:
        for temporary in waiting:
            temporary.unlink(missing_ok=True)
