"""Schemathesis over the description of the workbench's addresses: no answer may be a fault of the server.

    python -m venv /tmp/schemathesis && /tmp/schemathesis/bin/pip install schemathesis
    python benchmarks/workbench_schema.py --schemathesis /tmp/schemathesis/bin/schemathesis --cases 100

Begins a server with folders of its own. Schemathesis asks as another site's page would, so that no run begins: what takes
long is asked and refused or found in the store, everything else is answered. `--cases` is the most for each address.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path


def main() -> None:
    """Run Schemathesis and exit as it does."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--schemathesis", default="schemathesis")
    wanted.add_argument("--cases", type=int, default=100)
    wanted.add_argument("--seed", type=int, default=20261128)
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        places = {"MERIDA_HOME": f"{folder}/home", "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", folder)}
        command = [sys.executable, "-m", "merida", "serve", "--port", "0", "--no-browser"]
        with subprocess.Popen(command, env=os.environ | places, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            link = re.findall(r"http://127\.0\.0\.1:\d+", server.stdout.readline())[0]
            described = Path(folder) / "openapi.json"
            with urllib.request.urlopen(f"{link}/openapi.json", timeout=300) as told:
                described.write_bytes(told.read())
            done = subprocess.run(
                [
                    *(
                        given.schemathesis,
                        "run",
                        str(described),
                        "--url",
                        link,
                        "--checks",
                        "not_a_server_error",
                    ),
                    *("--header", "Sec-Fetch-Site: cross-site", "--phases", "examples,coverage,fuzzing"),
                    *("--max-examples", str(given.cases), "--seed", str(given.seed), "--continue-on-failure"),
                    *("--suppress-health-check", "all", "--request-timeout", "60", "--warnings", "off"),
                ],
                check=False,
            )
            server.send_signal(signal.SIGINT)
            server.wait(60)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
