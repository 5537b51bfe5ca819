"""A server of the workbench with a folder of its own, for tests that meet it as readers do."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from merida import cache
from merida.atomic import make_folder


def with_programs(home: Path) -> None:
    """Let what runs under a folder use what was compiled before: a program rests on nothing but its own text."""
    compiled, place = cache.folder() / "jax", home / "cache/merida/jax"
    make_folder(compiled)
    make_folder(place.parent)
    if not place.is_symlink():
        place.symlink_to(compiled, target_is_directory=True)


@contextmanager
def served(home: Path, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yield the link of a server, and its process, which is ended unless it ended before."""
    with_programs(home)
    places = {
        "MERIDA_HOME": str(home / "home"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "MERIDA_LANGUAGE": "en",
    }
    command = [sys.executable, "-m", "merida", "serve", "--port", str(port), "--no-browser"]
    with subprocess.Popen(command, env=os.environ | places, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield re.findall(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0], process
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
