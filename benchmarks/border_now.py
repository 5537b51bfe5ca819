"""Score `merida border now` on September and October 2025, from readings to August, beside persistence and climatology.

Run: python benchmarks/border_now.py [--every 11]

What is posted of each lane class is made from March to August alone (readings only, without the state model); each
reading of the later months is then carried 1, 3 and 6 hours ahead. Persistence is the reading itself, climatology the
same quantiles without it. Twelve lane classes, every 11th reading.
"""

from __future__ import annotations

import argparse
from datetime import date, datetime, time, timedelta

import numpy as np

from merida.border.crossings import find_place, one_site
from merida.border.crossings.sites import CLASSES, MODES
from merida.border.delay.next_hours import Reading, next_hours
from merida.border.hourly.posted import LEVELS
from merida.border.hourly.readings import FIRST, Readings, readings
from merida.border.hourly.recalibrate import posted
from merida.facts import Facts
from merida.statistics import crps

CUT, UNTIL = date(2025, 9, 1), date(2025, 11, 1)
LANES = (
    ("San Ysidro", "cars", "general"), ("San Ysidro", "cars", "ready"), ("San Ysidro", "cars", "sentri"),
    ("Calexico West", "cars", "general"), ("Paso del Norte", "cars", "ready"), ("Ysleta", "cars", "general"),
    ("Otay Mesa", "trucks", "general"), ("World Trade Bridge", "trucks", "general"), ("Mariposa", "trucks", "general"),
    ("Ysleta", "trucks", "general"), ("San Ysidro", "pedestrians", "general"), ("Paso del Norte", "pedestrians", "ready"),
)  # fmt: skip
AHEAD = (1, 3, 6)


def some(read: Readings, rows: list[int]) -> Readings:
    """Return the readings of some lane classes."""
    return read._replace(
        keys=[read.keys[row] for row in rows], lane_class=read.lane_class[rows], wait=read.wait[rows],
        booths=read.booths[rows], updated=read.updated[rows], closed=read.closed[rows], site=read.site[rows],
    )  # fmt: skip


def main() -> None:
    """Print the scores as Markdown."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--every", type=int, default=11)
    every = given.parse_args().every
    facts = Facts()
    chosen = [(one_site(facts, find_place(facts, name), mode), lane) for name, mode, lane in LANES]
    keys = [(site.crossing, MODES[site.mode][1], CLASSES[site.mode][lane]) for site, lane in chosen]
    before, after = readings(facts, CUT), readings(facts, UNTIL)
    before = some(before, [before.keys.index(key) for key in keys])
    after = some(after, [after.keys.index(key) for key in keys])
    made = posted(before, np.zeros((len(keys), 168, LEVELS)))
    held = {
        **dict(
            zip(("crossing", "lane_group", "lane_type"), map(np.array, zip(*keys, strict=True)), strict=True)
        ),
        **made._asdict(),
        "is_open": np.isfinite(made.quantiles[:, :, 0]),
        "holiday": np.zeros((len(keys), 4)),
        "fitted_months": np.arange(3, 9),
        "beyond": np.array(1.05),
    }
    first, start = (CUT - FIRST).days * 24, datetime.combine(FIRST, time())
    print(
        "| lanes | hours ahead | readings | CRPS | lanes open given | persistence | climatology | in 90 % |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for (site, lane), wait, booths in zip(chosen, after.wait, after.booths, strict=True):
        for ahead in AHEAD:
            rows = []
            for hour in range(first, len(wait) - ahead, every):
                if np.isnan(wait[[hour, hour + ahead]]).any():
                    continue
                at, seen = start + timedelta(hours=hour), wait[[hour + ahead]]
                plain = next_hours(site, lane, Reading(at, wait[hour], None), ahead, held)
                lanes = next_hours(site, lane, Reading(at, wait[hour], float(booths[hour])), ahead, held)
                if np.isnan(plain.after[-1]).any() or np.isnan(lanes.after[-1]).any():
                    continue
                score, with_lanes, usual = (
                    float(crps(np.sort(one[-1])[:, None], seen)[0])
                    for one in (plain.after, lanes.after, plain.usual)
                )
                low, high = np.quantile(plain.after[-1], (0.05, 0.95))
                rows.append((score, with_lanes, abs(wait[hour] - seen[0]), usual, low <= seen[0] <= high))
            means = np.array(rows, dtype=float).mean(axis=0)
            scores = " | ".join(f"{value:.2f}" for value in means[:4])
            print(f"| {site.name}, {site.mode}, {lane} | {ahead} | {len(rows)} | {scores} | {means[4]:.0%} |")


if __name__ == "__main__":
    main()
