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


@contextmanager
def served(home: Path, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yield the link of a server, and its process, which is ended unless it ended before."""
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
