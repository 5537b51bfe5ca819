"""Fit every lane class of the border by the hour and keep its draws in ``border/hourly/lanes.npz`` and ``posted.npz``.

Run: python scripts/fit_border_hours.py [--until 2025-11-01] [--out src/merida/border/hourly] [--steps 220] [--draws 12]

Reads the posted waits and open lanes before a date and the volumes on record, fits all lane classes together, fits weeks
drawn anew for the draws, and pools what the model simulates with what was posted. Minutes on two processors.
"""

from __future__ import annotations

import argparse
import time
from datetime import date
from pathlib import Path

import numpy as np

from merida.border.hourly.fit import begin, draws, panel, search
from merida.border.hourly.keep import lane_arrays, last_months, posted_arrays, simulated
from merida.border.hourly.posted import PROBABILITIES
from merida.border.hourly.readings import readings
from merida.border.hourly.recalibrate import posted
from merida.facts import Facts

EACH = 25  # steps of each draw


def main() -> None:
    """Fit, and write the two files."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--until", type=date.fromisoformat, default=date(2025, 11, 1))
    given.add_argument("--out", type=Path, default=Path("src/merida/border/hourly"))
    given.add_argument("--steps", type=int, default=220)
    given.add_argument("--draws", type=int, default=12)
    asked = given.parse_args()
    facts, began = Facts(), time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {what}", flush=True)

    read = readings(facts, asked.until)
    known = panel(read)
    say(f"{len(read.keys)} lane classes, {np.isfinite(read.wait).sum():,} readings")
    best, scores = search(known, begin(known), asked.steps, seed=0)
    say(f"score {np.mean(scores[:20]):.0f} to {np.mean(scores[-20:]):.0f}")
    drawn = draws(known, best, asked.draws, EACH, seed=1)
    say(f"{len(drawn)} draws")
    quantiles = np.quantile(simulated(known, best, last_months(known)), PROBABILITIES, axis=2)
    found = posted(read, np.moveaxis(quantiles, 0, 2))
    asked.out.mkdir(parents=True, exist_ok=True)
    known_from = f"{asked.until:%Y-%m}"
    np.savez_compressed(
        asked.out / "lanes.npz", allow_pickle=False, **lane_arrays(facts, read, known, drawn, known_from)
    )
    np.savez_compressed(
        asked.out / "posted.npz", allow_pickle=False, **posted_arrays(read, known, best, found)
    )
    sizes = (f"{file.name} {file.stat().st_size / 1e6:.2f} MB" for file in sorted(asked.out.glob("*.npz")))
    say("kept: " + ", ".join(sizes))


if __name__ == "__main__":
    main()
