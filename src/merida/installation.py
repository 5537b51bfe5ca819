"""What is installed: the program, the libraries that it needs, and what tells one set of them from another."""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import PackageNotFoundError, requires, version

PROGRAM = "merida"


def libraries() -> dict[str, str | None]:
    """Return the libraries that the program needs, and those that they need, with their versions; None where missing.

    What is needed only by an extra, or by another system or Python than this one, is not counted unless it is there.

    Examples
    --------
    >>> libraries()["numpy"] == version("numpy")
    True
    """
    found: dict[str, str | None] = {}
    waiting = [(PROGRAM, True)]
    while waiting:
        name, needed = waiting.pop()
        for line in requires(name) or ():
            wanted, _, condition = line.partition(";")
            if "extra" in condition:
                continue
            match = re.match(r"[A-Za-z0-9._-]+", wanted.strip())
            library = re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""
            if not library or library in found:
                continue
            must = needed and not condition.strip()
            try:
                found[library] = version(library)
            except PackageNotFoundError:
                if must:
                    found[library] = None
                continue
            waiting.append((library, must))
    return dict(sorted(found.items()))


def lock() -> str:
    """Return twelve letters that tell one set of libraries from another: of the same lock, the same on one system.

    Examples
    --------
    >>> len(lock())
    12
    """
    lines = "".join(f"{name}=={found}\n" for name, found in libraries().items())
    return hashlib.sha256(lines.encode()).hexdigest()[:12]
