"""Rosters of `merida border plan-lanes` run through the event-exact engine, beside the posted booths.

Run: python benchmarks/border_rosters.py

Both rosters are held as they are and have the same booth-hours (the posted mean, rounded by running sums); arrivals are
those of the mean week, Poisson within the hour, two weeks in a row of which the second counts. Hours lost a week by the
engine with standard error, and by the line of the linear program on the same week.
"""

from __future__ import annotations

import numpy as np

from merida.border import LaneClass, Scenario, find_place, simulate
from merida.border.crossings import sites
from merida.border.delay.by_the_hour import lanes_of
from merida.border.hourly import hourly_lanes
from merida.border.staffing.roster import Demand, loss, planned, rounded
from merida.border.staffing.weekly_plan import demand_of
from merida.distributions import Floats
from merida.errors import BorderError
from merida.facts import Facts

CROSSINGS = (("Otay Mesa", "trucks"), ("World Trade Bridge", "trucks"), ("Mariposa", "trucks"),
             ("Ysleta", "cars"), ("Tecate", "cars"))  # fmt: skip
REPLICATIONS, WEEKS = 40, 2


def by_engine(mean: Demand, service: Floats, booths: Floats) -> tuple[float, float]:
    """Return vehicle-hours lost in the second of two weeks, a mean over them, and the standard error."""
    lost = error = 0.0
    for work, rate, row, is_open in zip(mean.work[:, 0], service, booths, mean.is_open, strict=True):
        came = np.tile(np.where(is_open, work * rate, 0.0), WEEKS)
        lane = LaneClass("general", came, np.tile(row, WEEKS).astype(int), 60 / float(rate), 0.5)
        flow = simulate(Scenario((lane,)), REPLICATIONS).classes[0]
        each = flow.arrivals / REPLICATIONS / 60 / WEEKS
        lost += flow.mean_wait * each
        error = float(np.hypot(error, flow.standard_error * each))
    return lost, error


def main() -> None:
    """Print the rosters as Markdown."""
    facts = Facts()
    known = hourly_lanes(facts)
    print(
        "| crossing | booth-hours | posted, engine | planned, engine | posted, program | planned, program | bound |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, mode in CROSSINGS:
        place = find_place(facts, name)
        site = next(one for one in sites(facts, place, mode))
        lanes = [lane for _, lane in lanes_of(site, known)]
        _, mean, _ = demand_of(lanes, np.ones(len(lanes)), 4, None, 0)
        service = np.array([lane.service_per_booth_hour.mean() for lane in lanes])
        usual = np.stack([lane.booths.mean(axis=0) for lane in lanes])
        posted = np.where(mean.is_open, np.maximum(rounded(usual), 1.0), 0.0)
        plan = planned(mean, float(posted.sum()))
        try:
            engine = [by_engine(mean, service, booths) for booths in (posted, plan.booths)]
            cells = [f"{lost:,.0f} ± {error:,.0f}" for lost, error in engine]
        except (
            BorderError
        ):  # the mean week is more than whole posted booths can serve: today they answer the line
            cells = ["never ends", "–"]
        cells += [f"{loss(mean, booths):,.0f}" for booths in (posted, plan.booths)] + [f"{plan.bound:,.0f}"]
        print(f"| {site.name}, {mode} | {posted.sum():.0f} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
