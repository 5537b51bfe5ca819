"""Score the hourly model of the border on months that it was not fitted to.

Run: python benchmarks/border_hourly.py [--kept FOLDER] [--fit-until 2025-09-01] [--until 2025-11-01] [--lanes]

First `scripts/fit_border_hours.py --until 2025-09-01 --out FOLDER`; without --kept the fit is made here. Climatology is
the sample of all readings of the same hour of the week in the fitted months; persistence the last posted value.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from merida.border.hourly.lane import HOURS
from merida.border.hourly.posted import ahead, of_neighbours, predicted
from merida.border.hourly.readings import FIRST, Readings, holidays_of, months_of, readings
from merida.distributions import Floats
from merida.facts import Facts
from merida.statistics import crps

MODES = {"trucks": ("commercial",), "cars": ("passenger",), "pedestrians": ("pedestrian",)}
LEAST = 100  # readings of the scored months that a lane needs
FLAT = 0.05  # minutes: a climatology nearer than this has nothing to be improved


def climatology(wait: Floats, hour: np.ndarray, known: np.ndarray) -> list[Floats]:
    """Return the readings of each hour of the week."""
    return [np.sort(wait[known & (hour == at)]) for at in range(HOURS)]


def of_samples(samples: list[Floats], hour: np.ndarray, seen: Floats) -> Floats:
    """Return the CRPS of unequal samples."""
    return np.array(
        [crps(samples[at][:, None], value[None])[0] for at, value in zip(hour, seen, strict=True)]
    )


def inside(rows: Floats, seen: Floats) -> Floats:
    """Return whether readings lie in the 90 % interval, ends included."""
    low, high = rows[:, 1:3].mean(axis=1), rows[:, -3:-1].mean(axis=1)
    return (seen >= low - 1e-6) & (seen <= high + 1e-6)


def main() -> None:
    """Print the scores as Markdown."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--kept", type=Path)
    given.add_argument("--fit-until", type=date.fromisoformat, default=date(2025, 9, 1))
    given.add_argument("--until", type=date.fromisoformat, default=date(2025, 11, 1))
    given.add_argument("--lanes", action="store_true", help="a line for each lane class")
    asked = given.parse_args()
    folder = asked.kept
    if folder is None:
        folder = Path(tempfile.mkdtemp())
        script = [sys.executable, "scripts/fit_border_hours.py", "--out", str(folder), "--draws", "1"]
        subprocess.run([*script, "--until", asked.fit_until.isoformat()], check=True)
    with np.load(folder / "posted.npz") as file:
        held = {name: file[name] for name in file.files}
    report(readings(Facts(), asked.until), held, (asked.fit_until - FIRST).days * 24, asked.lanes)


def report(read: Readings, held: dict[str, Floats], cut: int, by_lane: bool) -> None:
    """Print the scores of the hours after a cut, of what was fitted before it."""
    hours = read.wait.shape[1]
    hour, month, holiday = np.arange(hours) % HOURS, months_of(hours) + 3, holidays_of(hours)
    names = zip(
        held["crossing"].tolist(), held["lane_group"].tolist(), held["lane_type"].tolist(), strict=True
    )
    rows = {key: row for row, key in enumerate(names)}
    lines, next_hour, next_day = [], [], []
    for place, key in enumerate(read.keys):
        if key not in rows:
            continue
        row, wait, booths = rows[key], read.wait[place], read.booths[place]
        before = np.isfinite(wait) & (np.arange(hours) < cut)
        usual = climatology(wait, hour, before)
        has = np.array([len(sample) > 0 for sample in usual])
        test = np.isfinite(wait) & (np.arange(hours) >= cut) & has[hour] & held["is_open"][row, hour]
        if test.sum() < LEAST:
            continue
        seen, at = wait[test], hour[test]
        lane = np.full(len(seen), row)

        def of(lanes_open: Floats, lane: np.ndarray = lane, test: np.ndarray = test) -> Floats:
            return np.sort(predicted(lane, hour[test], month[test], holiday[test], lanes_open, held), axis=1)

        plain, with_lanes = of(np.full(len(seen), np.nan)), of(booths[test])
        base = of_samples(usual, at, seen)
        lines.append((
            key, before.sum(), seen.mean(), plain.mean(), base.mean(), crps(plain.T, seen).mean(),
            crps(with_lanes.T, seen).mean(), inside(plain, seen).mean(), inside(with_lanes, seen).mean(),
        ))  # fmt: skip
        for lag, into in ((1, next_hour), (24, next_day)):
            pairs = [t for t in np.flatnonzero(test)[::7] if t >= lag and np.isfinite(wait[t - lag])]
            pairs = [t for t in pairs if held["is_open"][row, hour[t - lag]]]
            if len(pairs) < 30:
                continue
            now = np.sort(
                np.stack(
                    [ahead(row, int(hour[t - lag]), float(wait[t - lag]), lag, held)[-1] for t in pairs]
                ),
                axis=1,
            )
            into.append((
                crps(now.T, wait[pairs]).mean(), np.abs(wait[pairs] - wait[[t - lag for t in pairs]]).mean(),
                of_samples(usual, hour[pairs], wait[pairs]).mean(), inside(now, wait[pairs]).mean(),
            ))  # fmt: skip
    table(lines)
    for name, scores in (("an hour", next_hour), ("a day", next_day)):
        own, persistence, usual_score, cover = np.array(scores).T
        uneven = usual_score > FLAT
        for other, score in (("climatology", usual_score), ("persistence", persistence)):
            told = uneven & (score > 0)
            ratio = (own / np.maximum(score, 1e-9))[told]
            print(
                f"\n{name} ahead, {told.sum()} lanes: CRPS {np.median(ratio):.2f} of {other} in the median, ",
                end="",
            )
            print(f"below it at {np.mean(ratio < 1):.0%}; {cover.mean():.0%} in the 90 % interval")
    neighbours(read, held, cut)
    if by_lane:
        print(
            "\n| Crossing | Lanes | Fitted | Observed | Predicted | Climatology | Ratio | With lanes | In 90 % |"
        )
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for key, count, seen, mean, base, own, lanes_own, cover, _ in lines:
            ratio = "" if base < FLAT else f"{own / base:.3f} | {lanes_own / base:.3f}"
            cells = (
                key[0],
                f"{key[1]} {key[2]}",
                count,
                f"{seen:.1f}",
                f"{mean:.1f}",
                f"{base:.2f}",
                ratio or " | ",
            )
            print("| " + " | ".join(map(str, cells)) + f" | {cover:.0%} |")


def table(lines: list[tuple]) -> None:
    """Print the scores by mode."""
    heads = ("Lanes", "Count", "CRPS / climatology, median", "Below it", "All minutes")
    print("| " + " | ".join((*heads, "With open lanes", *heads[3:], "In 90 %", "With lanes")) + " |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, groups in ({"all": tuple(group for of in MODES.values() for group in of)} | MODES).items():
        chosen = [line for line in lines if line[0][1] in groups]
        base, own, lanes_own, cover, cover_lanes = np.array([line[4:] for line in chosen]).T
        uneven = base > FLAT
        cells = []
        for score in (own, lanes_own):
            ratio = (score / np.maximum(base, 1e-9))[uneven]
            cells += [
                f"{np.median(ratio):.3f}",
                f"{np.mean(ratio < 1):.0%}",
                f"{score.sum() / base.sum():.3f}",
            ]
        print(
            f"| {name} | {len(chosen)} | {' | '.join(cells)} | {cover.mean():.0%} | {cover_lanes.mean():.0%} |"
        )


def neighbours(read: Readings, held: dict[str, Floats], cut: int) -> None:
    """Print how a crossing is foretold from the lanes of its class at the others, nearest first."""
    hours = read.wait.shape[1]
    hour = np.arange(hours) % HOURS
    ratios, covers = [], []
    for place, key in enumerate(read.keys):
        wait = read.wait[place]
        test = np.flatnonzero(np.isfinite(wait) & (np.arange(hours) >= cut))[::11]
        if len(test) < LEAST / 11:
            continue
        samples = of_neighbours(key, held)["quantiles"][0, hour[test]]
        usual = climatology(wait, hour, np.isfinite(wait) & (np.arange(hours) < cut))
        has = np.array([len(usual[at]) > 0 for at in hour[test]])
        test, samples = test[has], samples[has]
        base = of_samples(usual, hour[test], wait[test]).mean() if len(test) else 0.0
        if base > FLAT:
            ratios.append(crps(samples.T, wait[test]).mean() / base)
            covers.append(inside(samples, wait[test]).mean())
    print(
        f"\na crossing held back, {len(covers)} lanes: CRPS {np.median(ratios):.2f} times its own climatology in "
        f"the median; {np.mean(covers):.0%} in the 90 % interval"
    )


if __name__ == "__main__":
    main()
