"""What `merida border invest` says of one officer, one lane and ten points of trusted traffic, and what the engine says.

The same schedules, arrivals held: the fluid kernel of `invest` against the event-exact engine, at three crossings, over
draws of the set. The engine takes whole booths, so both get the schedules rounded, and days all alike. Prints the mean
gain over draws in hours a week with the standard error of the engine's, and the error of the fluid form.

    python benchmarks/border_invest.py [draws] [YYYY-MM]
"""

from __future__ import annotations

import sys
import time

import numpy as np

from merida.border import LaneClass, Scenario, find_place, simulate
from merida.border.crossings.schedules import schedules
from merida.border.crossings.sites import sites
from merida.border.crossings.weekly_waits import Week, waits
from merida.border.investment import changes
from merida.border.investment.changes import Crossing, crossing
from merida.errors import BorderError
from merida.facts import Facts

CROSSINGS = (("Otay Mesa", "trucks", "Otay Mesa Commercial"), ("El Paso", "cars", "Bridge of the Americas"),
             ("San Ysidro", "cars", "San Ysidro"))  # fmt: skip
REPLICATIONS = 20


def whole(week: Week) -> Week:
    """Return a week with whole booths, at least one where there was any, and days alike."""
    rounded = np.where(week.booths > 0.05, np.maximum(np.round(week.booths), 1.0), 0.0)
    return week._replace(booths=rounded, day_sd=np.zeros_like(week.day_sd))


def by_engine(week: Week, draw: int) -> tuple[float, float]:
    """Return hours waited in a week and their standard error, by the engine."""
    lane = LaneClass(
        "general",
        week.arrivals[draw],
        week.booths[draw].astype(int),
        float(week.service_minutes[draw]),
        float(week.service_cv[draw]),
    )
    flow = simulate(Scenario((lane,)), REPLICATIONS, seed=draw).classes[0]
    vehicles = flow.arrivals / REPLICATIONS
    return flow.mean_wait * vehicles / 60, flow.standard_error * vehicles / 60


def by_fluid(week: Week) -> np.ndarray:
    """Return hours waited in a week by draw, by the kernel of `invest`."""
    return (week.arrivals * waits(week).mean).sum(axis=1) / 60


def compare(here: Crossing, name: str, what: str) -> None:
    """Print one line: the mean gain by both."""
    change = {"officer": changes.officer, "lane": changes.lane, "trusted": changes.trusted}[what](here)
    if change is None:
        print(f"| {name} | {what} | | no lanes for it | | |")
        return
    if what == "trusted":
        pairs = [(here.weeks[part.lanes[0]], whole(part.week)) for part in change.parts]
    else:
        (part,) = change.parts
        before = Week(*(changes.of_lanes(tables, part.lanes) for tables in zip(*here.weeks, strict=True)))
        pairs = [(before, whole(part.week))]
    fluid = np.sum([by_fluid(old) - by_fluid(new) for old, new in pairs], axis=0)
    exact, error = np.zeros(here.draws), np.zeros(here.draws)
    for old, new in pairs:
        for draw in range(here.draws):
            try:
                (old_hours, old_error), (new_hours, new_error) = by_engine(old, draw), by_engine(new, draw)
            except BorderError:  # rounded, the booths of this draw can never serve all who come
                old_hours = new_hours = old_error = new_error = np.nan
            exact[draw] += old_hours - new_hours
            error[draw] += old_error**2 + new_error**2
    used = np.isfinite(exact)
    middle = np.sqrt(error[used].sum()) / max(used.sum(), 1)
    ours, theirs = fluid[used].mean(), exact[used].mean()
    off = 100 * (ours / theirs - 1)
    print(
        f"| {name} | {what} | {used.sum()} | {theirs:,.0f} ± {middle:,.0f} | {ours:,.0f} | {off:+.0f} % |",
        flush=True,
    )


def main() -> None:
    """Compare at three crossings."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    facts = Facts(sys.argv[2] if len(sys.argv) > 2 else None)
    begun = time.perf_counter()
    print(
        "| crossing | investment | engine, hours a week | fluid | error |\n| --- | --- | ---: | ---: | ---: |"
    )
    for port, mode, name in CROSSINGS:
        site = next(one for one in sites(facts, find_place(facts, port), mode) if one.name == name)
        given = schedules(facts, site, None, draws)
        lanes = crossing(site, given).weeks
        rounded = given._replace(
            booths=np.stack([whole(one).booths.reshape(draws, 7, 24) for one in lanes], axis=1),
            day_sd=np.zeros(draws),
        )
        here = crossing(site, rounded)
        for what in ("officer", "lane", "trusted"):
            compare(here, f"{name}, {mode}", what)
    print(
        f"{draws} draws, {REPLICATIONS} replications of the engine each, {time.perf_counter() - begun:.0f} s"
    )


if __name__ == "__main__":
    main()
