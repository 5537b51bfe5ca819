"""Decision methods beside the packages of the field: the same cases, the same values, and how long each takes.

PRIM beside EMA Workbench on the data set of Bryant & Lempert (882 cases), which EMA's package ships; Sobol's indices with
their intervals beside SALib; hypervolume beside moocore. The peers live in an environment of their own:

    python -m venv peers && peers/bin/pip install -r benchmarks/requirements-decide.txt
    python benchmarks/decide_peers.py --peers peers/bin/python

Every peer runs in its own process and reports its times as JSON; ours run here. Each time is the best of three. Without
peers only our own times are printed. `--data FILE` names the data set where EMA is not installed.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from merida.decide.discovery import prim
from merida.decide.frontier import hypervolume
from merida.decide.sensitivity import resampled, sobol
from merida.decide.value_of_information import evppi

ROWS, RESAMPLES = 4096, 400
PEER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
best = lambda run: min(timed(run) for _ in range(3))
def timed(run):
    begun = time.perf_counter(); run(); return time.perf_counter() - begun
found = {}
import ema_workbench, os, pandas as pd
from ema_workbench.analysis import prim
file = os.path.join(os.path.dirname(ema_workbench.__file__), "examples", "data", "bryant et al 2010 data.csv")
data = pd.read_csv(file)
x, y = data.iloc[:, 2:11], data.iloc[:, 15].values
box = prim.Prim(x, y, threshold=0.8, peel_alpha=0.1).find_box()
row = box.peeling_trajectory.iloc[21]
found["data"] = file
found["prim"] = best(lambda: prim.Prim(x, y, threshold=0.8, peel_alpha=0.1).find_box())
found["prim_value"] = [row["coverage"], row["density"]]
from SALib.sample import sobol as sample
from SALib.analyze import sobol as analyze
problem = {"num_vars": 8, "names": list("abcdefgh"), "bounds": [[0, 1]] * 8}
a = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])
g = lambda x: ((abs(4 * x - 2) + a) / (1 + a)).prod(axis=1)
rows = sample.sample(problem, ROWS, calc_second_order=False)
values = g(rows)
run = lambda: analyze.analyze(problem, values, calc_second_order=False, num_resamples=RESAMPLES)
found["sobol"] = best(run)
found["sobol_value"] = run()["S1"][:2].tolist()
import moocore
share = np.linspace(0, 1, 101)
one, two = (v.ravel() * np.pi / 2 for v in np.meshgrid(share, share))
front = np.stack([np.cos(two) * np.cos(one), np.cos(two) * np.sin(one), np.sin(two)], axis=1)
found["hypervolume"] = best(lambda: moocore.hypervolume(front, ref=[1.1] * 3))
found["hypervolume_value"] = float(moocore.hypervolume(front, ref=[1.1] * 3))
print(json.dumps(found))
"""


def best(run: Callable[[], Any]) -> float:
    """Return the least seconds of three runs."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return min(times)


def read(file: str) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and cases of interest of the data set of Bryant & Lempert."""
    with Path(file).open(newline="") as lines:
        rows = np.array(list(csv.reader(lines))[1:], dtype=float)
    return rows[:, 2:11], rows[:, 15] > 0.5


def g_function(x: np.ndarray) -> np.ndarray:
    """Return Sobol's G at rows of eight parameters."""
    a = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])
    return np.asarray(((np.abs(4 * x - 2) + a) / (1 + a)).prod(axis=1))


def ours(data: str | None) -> dict[str, Any]:
    """Return our times and values."""
    found: dict[str, Any] = {}
    if data:
        inputs, interest = read(data)
        box = prim(inputs, interest, 0.1)[21]
        found["prim"] = best(lambda: prim(inputs, interest, 0.1))
        found["prim_value"] = [box.coverage, box.density]
    random = np.random.default_rng(0)
    parts = random.random((2, ROWS, 8))
    one, two = g_function(parts[0]), g_function(parts[1])
    mixed = []
    for column in range(8):
        rows = parts[0].copy()
        rows[:, column] = parts[1][:, column]
        mixed.append(g_function(rows))
    given = {"f_A": one, "f_B": two, "f_AB": np.stack(mixed)}
    found["sobol"] = best(lambda: sobol(given))
    found["sobol_resampling"] = best(lambda: resampled(one, two, np.stack(mixed), 0))
    found["sobol_value"] = sobol(g_function, [(0, 1)] * 8, ROWS).first.value[:2].tolist()
    share = np.linspace(0, 1, 101)
    across, up = (values.ravel() * np.pi / 2 for values in np.meshgrid(share, share))
    front = np.stack([np.cos(up) * np.cos(across), np.cos(up) * np.sin(across), np.sin(up)], axis=1)
    found["hypervolume"] = best(lambda: hypervolume(front, [1.1] * 3))
    found["hypervolume_value"] = hypervolume(front, [1.1] * 3)
    benefits, drawn = random.normal(0, 1, (10_000, 2)), random.normal(0, 1, (10_000, 230))
    found["evppi_230_parameters_10000_draws"] = best(lambda: evppi(benefits, drawn))
    return found


def main() -> None:
    """Print both sides and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="the Python of the peers' environment")
    parser.add_argument("--data", help="the data set of Bryant & Lempert as CSV")
    asked = parser.parse_args()
    theirs: dict[str, Any] = {}
    if asked.peers:
        code = PEER.replace("ROWS", str(ROWS)).replace("RESAMPLES", str(RESAMPLES))
        run = subprocess.run([asked.peers, "-c", code], capture_output=True, text=True, check=True)
        theirs = json.loads(run.stdout.splitlines()[-1])
    mine = ours(asked.data or theirs.get("data"))
    for name, value in mine.items():
        if name.endswith("_value"):
            print(f"  {name}: ours {value}, theirs {theirs.get(name)}")
        elif name in theirs:
            print(
                f"{name}: ours {value:.4f} s, theirs {theirs[name]:.4f} s, {theirs[name] / value:.1f} times faster"
            )
        else:
            print(f"{name}: ours {value:.4f} s")


if __name__ == "__main__":
    main()
