"""Fill the console blocks of a page with what the commands print: `python scripts/console_blocks.py README.md LEEME.md`.

A block is fenced as ``console`` and begins with ``$ merida …``, or with ``$ merida … | head -N`` for the first N lines. What
stands below that line is written anew; so the page of the site is filled as it is built, and README by hand.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from merida.atomic import write_whole

BLOCK = re.compile(r"^```console\n\$ (?P<line>merida [^\n]*)\n(?P<told>.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r" \| head -(\d+)$")
COLUMNS = 100  # letters of a line


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a page's console blocks with what the page says that it prints."""
    for found in BLOCK.finditer(text):
        yield found["line"], found["told"]


def filled(text: str, language: str, run: Callable[[str, str], str] | None = None) -> str:
    """Return a page with its console blocks filled.

    Parameters
    ----------
    run : callable or None
        Takes a command line and a language and returns what is printed (default: `printed`, in a process of its own).
    """
    return BLOCK.sub(
        lambda found: f"```console\n$ {found['line']}\n{(run or printed)(found['line'], language)}```", text
    )


def printed(line: str, language: str) -> str:
    """Return what a command line prints, in lines of `COLUMNS` letters.

    Raises
    ------
    RuntimeError
        If it does not end well.
    """
    import os

    head = HEAD.search(line)
    arguments = shlex.split(HEAD.sub("", line))[1:]
    done = subprocess.run(
        [sys.executable, "-m", "merida", *arguments],
        env=os.environ | {"COLUMNS": str(COLUMNS), "MERIDA_LANGUAGE": language},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{line}: {done.stderr}")
    lines = done.stdout.splitlines()
    return "".join(f"{one.rstrip()}\n" for one in lines[: int(head[1]) if head else None])


def language_of(page: Path) -> str:
    """Return the language of a page: Spanish for LEEME and under a folder ``es``."""
    return "es" if page.name == "LEEME.md" or "es" in page.parts else "en"


if __name__ == "__main__":
    for name in map(Path, sys.argv[1:]):
        write_whole({name: filled(name.read_text(encoding="utf-8"), language_of(name))})
