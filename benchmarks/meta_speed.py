"""REML of one table in Mérida and PyMARE: first the same figures, then tables a second.

Run: python benchmarks/meta_speed.py [--rounds 5] [--out FILE.json]

Three tables: the BCG vaccine trials (log risk ratios), a hundred and ten thousand made-up studies. Timed are the fit
alone (coefficient and tau²), and the whole answer (with errors, intervals, the Q-profile interval, Q and I²), on
arrays, without imports. The peer lives in its own environment (made on first use from requirements-meta.txt). Both run
on one thread; rounds are interleaved, and the best of each counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
PEER = HERE / ".venv-meta"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Colditz et al. (1994): cases and others, vaccinated and not.
BCG = (
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
    (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
)  # fmt: skip
TABLES = ("BCG vaccine", "100 studies", "10,000 studies")


def table(name: str) -> tuple[Any, Any]:
    """Return effects and variances of a table."""
    if name == "BCG vaccine":
        a, b, c, d = np.array(BCG, dtype=float).T
        return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    k = int(name.split(maxsplit=1)[0].replace(",", ""))
    rng = np.random.default_rng(k)
    v = rng.uniform(0.01, 0.3, k)
    return rng.normal(0.2, np.sqrt(v + 0.1)), v


def best(run: Callable[[], Any], seconds: float = 0.3) -> float:
    """Return the least seconds that a call takes, of as many as fit."""
    times, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 5:
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times)


def in_merida() -> dict[str, Any]:
    """Time Mérida."""
    from merida.evidence.meta.estimators import Method, estimate_tau2
    from merida.evidence.meta.pooling import pool
    from merida.evidence.meta.regression import regression, weigh

    def fit(y: Any, v: Any) -> tuple[float, float]:
        data = regression(y, v)
        tau2 = estimate_tau2(data, Method.REML).value
        return float(weigh(data, 1 / (v + tau2)).coefficients()[0][0]), tau2

    found = {}
    for name in TABLES:
        y, v = table(name)
        estimate, tau2 = fit(y, v)
        found[name] = {
            "estimate": estimate,
            "tau2": tau2,
            "fit": best(lambda y=y, v=v: fit(y, v)),
            "whole": best(lambda y=y, v=v: pool(y, v)),
        }
    return found


def in_pymare() -> dict[str, Any]:
    """Time PyMARE, in its own environment."""
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    def fit(y: Any, v: Any) -> Any:
        estimator = VarianceBasedLikelihoodEstimator(method="REML")
        estimator.fit(y=y[:, None], v=v[:, None], X=np.ones((len(y), 1)))
        return estimator.params_

    def whole(y: Any, v: Any) -> None:
        estimator = VarianceBasedLikelihoodEstimator(method="REML")
        summary = estimator.fit_dataset(Dataset(y=y, v=v)).summary()
        summary.get_fe_stats()
        summary.get_re_stats()
        summary.get_heterogeneity_stats()

    found = {}
    for name in TABLES:
        y, v = table(name)
        params = fit(y, v)
        found[name] = {
            "estimate": float(params["fe_params"].item()),
            "tau2": float(np.asarray(params["tau2"]).item()),
            "fit": best(lambda y=y, v=v: fit(y, v)),
            "whole": best(lambda y=y, v=v: whole(y, v)),
        }
    return found


def python_of_the_peer() -> Path:
    """Return the Python of the peer's environment, made if it is not there."""
    python = PEER / "bin" / "python"
    if not (PEER / ".ready").exists():
        print(f"Making {PEER.name} for the peer", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEER)], check=True)
        wanted = str(HERE / "requirements-meta.txt")
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
        (PEER / ".ready").touch()
    return python


def elsewhere(python: Path | str, *arguments: str) -> dict[str, Any]:
    """Run this script in another process, on one thread, and return what it prints."""
    command = [str(python), str(Path(__file__).resolve()), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, **ONE_THREAD})
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def compare(rounds: int) -> dict[str, Any]:
    """Run both in turn and return the report."""
    python = python_of_the_peer()
    runs: dict[str, list[dict[str, Any]]] = {"merida": [], "pymare": []}
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds}", file=sys.stderr)
        runs["merida"].append(elsewhere(sys.executable, "--part", "merida"))
        runs["pymare"].append(elsewhere(python, "--part", "pymare"))
    report: dict[str, Any] = {}
    for name in TABLES:
        ours, theirs = (runs[program][0][name] for program in ("merida", "pymare"))
        report[name] = {
            "merida": {"estimate": ours["estimate"], "tau2": ours["tau2"]},
            "pymare": {"estimate": theirs["estimate"], "tau2": theirs["tau2"]},
            "agree": all(abs(ours[part] - theirs[part]) < 1e-4 for part in ("estimate", "tau2")),
        }
        for part in ("fit", "whole"):
            least = {program: min(run[name][part] for run in runs[program]) for program in runs}
            report[name][part] = {
                "merida_ms": 1e3 * least["merida"],
                "pymare_ms": 1e3 * least["pymare"],
                "ratio": least["pymare"] / least["merida"],
            }
    return report


def main() -> int:
    """Run the benchmark, or a part of it in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "meta_speed.json")
    parser.add_argument("--part", choices=["merida", "pymare"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.part:
        print(json.dumps(in_merida() if chosen.part == "merida" else in_pymare()))
        return 0
    report = compare(chosen.rounds)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for name, found in report.items():
        same = "the same estimate and tau²" if found["agree"] else "THEY DISAGREE"
        print(f"{name}: {same} (tau² {found['merida']['tau2']:.6f}, {found['pymare']['tau2']:.6f})")
        for part in ("fit", "whole"):
            print("  {:6} merida {merida_ms:7.3f} ms   pymare {pymare_ms:7.3f} ms   {ratio:5.1f} times".format(part, **found[part]))  # fmt: skip  # noqa: E501
    return 0 if all(found["agree"] for found in report.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
