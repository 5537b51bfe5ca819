"""What the answer to a slider's position takes: 200 positions of each, in the server's own process, one after another.

Run: python benchmarks/workbench_sliders.py

The application is called as the server calls it, from the address to the part of the page that comes back; CPU
milliseconds are the process's own, so that they say the same on a machine that is busy with other things.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from starlette.testclient import TestClient

from merida.answers import answer, from_command
from merida.workbench.runs import Runs
from merida.workbench.server import application

POSITIONS = 200
QUANTILES = (0.5, 0.95, 1.0)


def main() -> int:
    """Print quantiles of CPU and wall milliseconds by page, and the memory that the process took at most."""
    answer(from_command("merida evidence show leadership_targeting"))  # which the page waits for once
    with tempfile.TemporaryDirectory() as folder:
        client = TestClient(application(Runs(Path(folder) / "runs.sqlite")), base_url="http://127.0.0.1:8412")
        for name, target, addresses in (
            ("San Ysidro, cars (3 classes)", "tried", list(lanes("250401", 60, 200, 30))),
            ("Tecate, cars (1 class)", "tried", list(lanes("250501", 4, 24, 6))),
            ("weights of leadership_targeting", "law", list(weights())),
        ):
            client.get(addresses[0], headers={"hx-target": target})  # the first position makes the days
            taken = [measured(client, address, target) for address in addresses]
            cpu, wall = (1000 * np.quantile(column, QUANTILES) for column in zip(*taken, strict=True))
            print(f"{name}: CPU ms median {cpu[0]:.0f}, 95 % {cpu[1]:.0f}, most {cpu[2]:.0f}; ", end="")
            print(f"wall ms median {wall[0]:.0f}, 95 % {wall[1]:.0f}, most {wall[2]:.0f}")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", end="; ")
    print("JAX loaded" if "jax" in sys.modules else "JAX not loaded")
    return 0


def measured(client: TestClient, address: str, target: str) -> tuple[float, float]:
    """Return CPU and wall seconds of one position."""
    cpu, wall = time.process_time(), time.perf_counter()
    assert client.get(address, headers={"hx-target": target}).status_code == 200, address
    return time.process_time() - cpu, time.perf_counter() - wall


def lanes(crossing: str, least: int, most: int, open_lanes: int) -> Iterator[str]:
    """Yield positions of officers and of the general lanes of a crossing."""
    for place, officers in enumerate(np.linspace(least, most, POSITIONS).round().astype(int)):
        yield f"/border/at/{crossing}?mode=cars&officers={officers}&general={1 + place % open_lanes}"


def weights() -> Iterator[str]:
    """Yield positions of the weights of two readings."""
    for place in range(POSITIONS):
        yield f"/evidence/of/leadership_targeting?violence_rises={1 + place % 99}&mixed_over_time={99 - place % 97}"


if __name__ == "__main__":
    sys.exit(main())
