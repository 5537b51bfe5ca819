"""Report the error of the fluid approximation against the exact engine, as the table of docs/models/border.md.

Run: python benchmarks/fluid_error.py [--replications 2000] [--seed 0]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from merida.border.queueing.engine import simulate
from merida.border.queueing.fluid import flow, port
from merida.border.queueing.scenario import Baulking, LaneClass, Pressure, Scenario, Secondary

MORNING = np.r_[np.full(5, 0.3), 0.8, 1.6, 2.2, 2.2, 1.6, np.full(8, 1.0), np.full(6, 0.55)]
MORNING /= MORNING.mean()


def day(load: float, booths: int, cv: float, **more: float) -> LaneClass:
    """Return a day whose arrivals follow `MORNING` and need a share `load` of the booths' time."""
    minutes = 1.5
    arrivals = load * booths * 60 / minutes * MORNING
    return LaneClass("general", arrivals, np.full(24, booths), minutes, cv, **more)


def scenarios() -> Iterator[tuple[str, Scenario]]:
    """Yield each scenario of the table with its name."""
    for name, load in (("light", 0.3), ("moderate", 0.45), ("heavy", 0.6), ("overloaded morning", 0.9)):
        for booths, cv in ((2, 1.0), (8, 1.0), (8, 0.5), (24, 1.0)):
            yield f"{name}, c = {booths}, cv = {cv}", Scenario((day(load, booths, cv),))
    steady = LaneClass("general", np.full(48, 0.9 * 8 * 40), np.full(48, 8), 1.5, 1.0)
    yield "steady, ρ = 0.9, c = 8, cv = 1.0", Scenario((steady,))
    for cv in (0.5, 1.0):
        shut = np.r_[np.full(6, 4), np.full(4, 12), np.full(4, 6), np.full(4, 10), np.full(6, 3)]
        lane = LaneClass("general", 0.7 * 8 * 40 * MORNING, shut, 1.5, cv)
        yield f"booths that close, c = 3 to 12, cv = {cv}", Scenario((lane,))
    shut = np.r_[np.zeros(6, int), np.full(16, 12), np.zeros(2, int)]
    lane = LaneClass("general", 0.6 * 8 * 40 * MORNING, shut, 1.5, 1.0)
    yield "closed at night, c = 12, cv = 1.0", Scenario((lane,))
    yield "initial queue of 500, c = 8, cv = 1.0", Scenario((day(0.6, 8, 1.0, initial_queue=500),))
    busy = day(1.1, 8, 1.0)
    yield "baulking from 30 min, c = 8, cv = 1.0", Scenario((busy,), baulking=Baulking(30, 30))
    yield (
        "pressure, 30 % at 60 min, c = 8, cv = 1.0",
        Scenario((day(0.9, 8, 1.0),), pressure=Pressure(0.3, 60)),
    )
    yield "both, c = 8, cv = 1.0", Scenario((busy,), baulking=Baulking(30, 30), pressure=Pressure(0.3, 60))


def referred() -> Scenario:
    """Return a day with secondary inspection."""
    return Scenario((day(0.6, 8, 1.0, referral_share=0.05),), Secondary(np.full(24, 5), 20))


def row(name: str, exact: float, error: float, fluid: float, worst: float) -> str:
    """Return a line of the table: waits in minutes."""
    return f"| {name} | {exact:.2f} ± {error:.2f} | {fluid:.2f} | {100 * (fluid / exact - 1):+.1f} % | {worst:.2f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print("| Scenario | Exact mean wait, min | Fluid, min | Error | Worst hour, min |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, scenario in scenarios():
        exact = simulate(scenario, chosen.replications, chosen.seed).classes[0]
        fluid = flow(port(scenario))
        worst = float(np.nanmax(np.abs(np.asarray(fluid.wait[0]) - exact.wait_by_hour)))
        print(row(name, exact.mean_wait, exact.standard_error, float(fluid.mean_wait[0]), worst), flush=True)
    exact = simulate(referred(), chosen.replications, chosen.seed).secondary
    assert exact is not None
    fluid = flow(port(referred()))
    worst = float(np.nanmax(np.abs(np.asarray(fluid.secondary_wait) - exact.wait_by_hour)))
    mean = float(fluid.secondary_mean_wait)
    print(row("secondary inspection, c = 5, cv = 1.0", exact.mean_wait, exact.standard_error, mean, worst))


if __name__ == "__main__":
    main()
