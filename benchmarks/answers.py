"""How long an analyst waits: whole commands as a shell starts them, with the most memory that they held.

Times are of the wall and of all processors, the least and the median of n runs. Compiled programs and what the ports'
response is fitted to are in the cache from a run before, which is not counted; a brief is then written from an empty
store of answers, and again.

    python benchmarks/answers.py [n] [name ...]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROWS = 20_000
COMMANDS = {
    "help": ("--help",),
    "border delay": ("border", "delay"),
    "border score": ("border", "score", "--file", "{waits}"),
    "simulate": ("simulate", "memo", "--versus", "continuation", "--draws", "50"),
    "rank": ("rank", "--draws", "64"),
    "brief": ("brief", "--out", "{brief}"),
}
KEPT = ("jax", "border")  # what is not an answer, of the folders in the cache


def waits(path: Path) -> None:
    """Write waits, each of one day, at the crossings with the most cars and trucks, in the years 2022 to 2024."""
    from merida.border.crossings import CLASSES, busiest, last_full_year, on_record, sites
    from merida.facts import Facts

    random, facts = np.random.default_rng(0), Facts()
    year = last_full_year(facts)
    driven = [site for site in on_record(facts, sites(facts), year) if site.mode in ("cars", "trucks")]
    there = [(site, next(iter(CLASSES[site.mode]))) for site in busiest(facts, driven, year, 5)]
    days = np.datetime64("2022-01-01") + random.integers(0, 1096, ROWS)
    drawn = zip(days, random.integers(8, 18, ROWS), random.gamma(1.5, 20.0, ROWS), strict=True)
    lines = ["crossing,mode,lane,date,hour,wait_minutes"]
    for number, (day, hour, minutes) in enumerate(drawn):
        site, lane = there[number % len(there)]
        lines.append(f"{site.crossing},{site.mode},{lane},{day},{hour},{minutes:.0f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def timed(arguments: list[str]) -> tuple[float, float, float]:
    """Return the seconds of the wall and of the processors that a command took, and its peak in megabytes."""
    begun = time.perf_counter()
    started = subprocess.Popen(
        [Path(sys.executable).with_name("merida"), *arguments], stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(started.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"merida {' '.join(arguments)}: exit {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def emptied(cache: Path) -> None:
    """Remove finished answers from the cache."""
    for folder in cache.glob("merida/*"):
        if folder.name not in KEPT:
            subprocess.run(["rm", "-r", str(folder)], check=True)


def main() -> None:
    """Time each command and print a line of it."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    names = sys.argv[2:] or list(COMMANDS)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        waits(folder / "waits.csv")
        print(f"{'':22}  wall s: min  median   cpu s: min  median    peak MB", flush=True)
        for name in names:
            command = [
                part.format(waits=folder / "waits.csv", brief=folder / "brief") for part in COMMANDS[name]
            ]
            timed(command)  # compiles
            for store in ("empty", "full"):
                found = []
                for _ in range(runs):
                    if store == "empty":
                        emptied(folder / "cache")
                    found.append(timed(command))
                wall, processors, peak = zip(*found, strict=True)
                print(
                    f"{name + ', ' + store:22}  {min(wall):11.2f} {statistics.median(wall):7.2f}  "
                    f"{min(processors):11.2f} {statistics.median(processors):7.2f} {max(peak):10.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
