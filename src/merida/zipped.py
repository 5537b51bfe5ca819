"""Files packed into one zip: the same files give the same bytes, whatever the day, the machine or the order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold; no time of day is told
UNIX = 3
READABLE = 0o644 << 16


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """Return files, by their names with slashes, as a zip.

    Examples
    --------
    >>> zipped({"a": b"x", "b/c": "y"}) == zipped({"b/c": "y", "a": b"x"})
    True
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, FIRST_DAY)
            member.create_system, member.external_attr = UNIX, READABLE
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, files[name])
    return content.getvalue()
