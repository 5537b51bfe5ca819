"""What a process may take of the system, where the system can hold it to that: POSIX alone does."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

Resource = Literal["RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE"]


def limit(most: dict[Resource, int]) -> None:
    """Hold this process to so many bytes or seconds of each resource, for good; a lower limit that holds already stays.

    Examples
    --------
    >>> limit({"RLIMIT_CORE": 0})
    """
    try:
        import resource
    except ImportError:  # the clock of the one that waits for this process is all there is
        return
    for name, value in most.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (value, value))
