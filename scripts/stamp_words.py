"""Stamp each Spanish text with the hash of the English that it translates, so that a stale translation is found.

Run: python scripts/stamp_words.py           stamps texts that have none yet, and lists those that are stale
     python scripts/stamp_words.py KEY ...   stamps these too: their Spanish was read against the English anew
     python scripts/stamp_words.py all
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent.parent / "src/merida/words"


def stamp(english: str) -> str:
    """Return the stamp of an English text: six hexadecimal digits of its BLAKE2b."""
    return hashlib.blake2b(english.encode(), digest_size=3).hexdigest()


def leaves(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted path, value) of every text."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def table(path: Path) -> dict[str, Any]:
    """Return the texts of a file by dotted path."""
    return dict(leaves(tomllib.loads(path.read_text(encoding="utf-8"))))


def stamped(path: Path, again: set[str]) -> list[str]:
    """Write a Spanish file with its stamps, and return the keys whose English has changed since."""
    english, spanish = table(WORDS / "en" / path.name), table(path)
    stale, lines, section = [], [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if header := re.fullmatch(r"\[([^\]]+)\]", line):
            section = header.group(1) + "."
        entry = re.match(r"(\"[^\"]+\"|[\w-]+) = ", line)
        if entry is None:
            lines.append(line)
            continue
        key = section + entry.group(1).strip('"')
        parts = {name: value for name, value in spanish.items() if name == key or name.startswith(f"{key}.")}
        written = {}
        for name, value in parts.items():
            text, old = (value, "") if isinstance(value, str) else value
            new = stamp(english[name]) if name in english else old
            if old and old != new and not again & {name, "all"}:
                stale.append(name)
                new = old
            written[name] = f"[{json.dumps(text, ensure_ascii=False)}, {json.dumps(new)}]"
        if key in written:
            lines.append(entry.group(0) + written[key])
        else:
            inner = ", ".join(f"{name.rpartition('.')[2]} = {value}" for name, value in written.items())
            lines.append(f"{entry.group(0)}{{ {inner} }}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return stale


if __name__ == "__main__":
    found = [
        key for path in sorted((WORDS / "es").glob("*.toml")) for key in stamped(path, set(sys.argv[1:]))
    ]
    print("\n".join(f"stale: {key}" for key in found) or "every Spanish text goes with its English")
