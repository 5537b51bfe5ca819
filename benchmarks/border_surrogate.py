"""Report the error of the border's response curves against kernel and engine: docs/models/border_response.md.

Run: python benchmarks/border_surrogate.py [--as-of 2012-12] [--draws 8] [--sites 12] [--replications 100]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from merida.border import LaneClass, Scenario, simulate
from merida.border.crossings.schedules import Schedules
from merida.border.crossings.sites import Site, sites
from merida.border.queueing.mean_wait import waited_minutes
from merida.distributions import Floats
from merida.errors import BorderError
from merida.facts import Facts
from merida.models import border_surrogate as response
from merida.models.border import QUEUES, SERVES

OTHER_SIZES = (
    (0.02, 0.15, 0.6),
    (0.02, 0.15, 0.6),
    (0.02, 0.15),
)  # not those at which the curves are read off
DRAWS_BY_ENGINE = 2


def left_by_kernel(site: Site, given: Schedules, today: Floats, lever: int, size: float) -> Floats:
    """Return the share of the hours lost that is left with a lever, shape (S,)."""
    (after,) = response.minutes_waited([response.CHANGES[lever](site, given, today, size)])
    return after.sum(axis=(1, 2)) / today.sum(axis=(1, 2))


def left_by_curve(power: Floats, scale: Floats, size: float) -> Floats:
    """Return the share that the curve leaves."""
    return (1 + size / scale) ** -power


def against_kernel(chosen: Sequence[tuple[Site, Schedules]]) -> None:
    """Print the table of errors at sizes between and beyond those of the curves, and of two levers together."""
    print("| Lever | Size | Share left, kernel | Curve less kernel, mean | 95 % of draws within |")
    print("| --- | ---: | ---: | ---: | ---: |")
    errors: dict[tuple[str, float], list[tuple[Floats, Floats, Floats]]] = {}
    for site, given in chosen:
        (today,) = response.minutes_waited([response.lane_rows(given)])
        lost = today.sum(axis=(1, 2))
        decline = np.zeros((3, 2, len(lost), 1))
        for lever, modes in enumerate(SERVES[: len(QUEUES)]):
            for number, size in enumerate(response.SIZES[lever] if site.mode in modes else ()):
                left = left_by_kernel(site, given, today, lever, size)
                decline[lever, number, :, 0] = np.maximum(-np.log(left), 0)
        power, scale = (values[:, :, 0] for values in response.fitted_curves(decline))
        for lever, modes in enumerate(SERVES[: len(QUEUES)]):
            for size in OTHER_SIZES[lever] if site.mode in modes else ():
                kernel = left_by_kernel(site, given, today, lever, size)
                curve = left_by_curve(power[:, lever], scale[:, lever], size)
                errors.setdefault((QUEUES[lever], size), []).append((lost, kernel, curve))
        if site.mode != "pedestrians":
            booths = (1.1 * response.with_officers(site, given, today, 0.1).booths).reshape(
                given.booths.shape
            )
            (after,) = response.minutes_waited([response.lane_rows(given._replace(booths=booths))])
            both = np.prod([left_by_curve(power[:, lever], scale[:, lever], 0.1) for lever in (0, 1)], axis=0)
            errors.setdefault(("officers and lanes", 0.1), []).append(
                (lost, after.sum(axis=(1, 2)) / lost, both)
            )
    for (name, size), found in errors.items():
        lost, kernel, curve = (np.concatenate(parts) for parts in zip(*found, strict=True))
        off = curve - kernel
        order = np.argsort(np.abs(off))
        within = np.abs(off)[order][np.searchsorted(np.cumsum(lost[order]) / lost.sum(), 0.95)]
        mean = (off * lost).sum() / lost.sum()
        print(
            f"| {name} | {size:g} | {(kernel * lost).sum() / lost.sum():.3f} | {mean:+.3f} | {within:.3f} |"
        )


def against_engine(chosen: Sequence[tuple[Site, Schedules]], replications: int) -> None:
    """Print the table of a quarter more lanes, booths rounded, days alike, by engine, kernel and curve."""
    print(
        "\n| Crossing | Hours lost a week, engine | Kernel | Left with a quarter more lanes, engine | Kernel | Curve |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for site, given in chosen:
        rows = response.lane_rows(given)
        at = int(np.argmax(given.arrivals[0].sum(axis=(1, 2))))
        for draw in range(DRAWS_BY_ENGINE):
            row = draw * len(given.lanes) + at
            came, booths = rows.arrivals[row], np.maximum(np.round(rows.booths[row]), 0)
            more = np.round(1.25 * booths)
            sizes = [0.0, *response.SIZES[1]]
            of_row = [np.array([rows[2][row]]), np.array([rows[3][row]]), np.zeros(1)]

            def kernel(open_booths: Floats, came: Floats = came, of_row: list[Floats] = of_row) -> float:
                found = waited_minutes(came[None], open_booths[None], *of_row)
                return float(np.asarray(found).sum())

            def engine(open_booths: Floats, came: Floats = came, of_row: list[Floats] = of_row) -> float:
                service, cv = float(of_row[0][0]), float(of_row[1][0])
                lane = LaneClass("general", came, open_booths.astype(int), service, cv)
                flow = simulate(Scenario((lane,)), replications, 0).classes[0]
                return float(flow.mean_wait * flow.arrivals / replications)

            today = kernel(booths)
            decline = np.zeros((3, 2, 1, 1))
            decline[1, :, 0, 0] = [max(-np.log(kernel(booths * (1 + size)) / today), 0) for size in sizes[1:]]
            power, scale = response.fitted_curves(decline)
            size = float(more.sum() / booths.sum() - 1)
            try:
                exact = engine(booths)
            except BorderError:  # with booths rounded, what comes can never be served
                continue
            print(
                f"| {site.name}, {site.mode} | {exact / 60:,.0f} | {today / 60:,.0f} | {engine(more) / exact:.3f} "
                f"| {kernel(more) / today:.3f} | {float(left_by_curve(power[0, 1, 0], scale[0, 1, 0], size)):.3f} |",
                flush=True,
            )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", default=None)
    parser.add_argument("--draws", type=int, default=8)
    parser.add_argument("--sites", type=int, default=12)
    parser.add_argument("--replications", type=int, default=100)
    asked = parser.parse_args()
    facts = Facts(asked.as_of)
    given = [(site, response.mean_day_schedules(facts, site, asked.draws)) for site in sites(facts)]
    busiest = sorted(given, key=lambda one: -one[1].arrivals.sum())
    some = [
        one
        for mode in ("cars", "trucks", "pedestrians")
        for one in [x for x in busiest if x[0].mode == mode][: asked.sites // 3]
    ]
    against_kernel(some)
    against_engine([one for one in some if one[0].mode != "pedestrians"], asked.replications)


if __name__ == "__main__":
    main()
