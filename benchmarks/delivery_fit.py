"""Report the lags of foreign assistance fitted to what was published to 2011, scored on 2015 to 2017.

Run: python benchmarks/delivery_fit.py [--draws 4000] [--seed 0]

Prints the tables of docs/models/delivery.md: the published points, the lags, and the shares forecast.
"""

from __future__ import annotations

import argparse

import numpy as np

from merida.distributions import Floats
from merida.facts import Facts
from merida.models.delivery_lags import (
    NAMES,
    Point,
    Posterior,
    conflicts,
    cumulative,
    fit,
    published_points,
)
from merida.units import month_number

LAST_FITTED = "2011-12"


def line(*cells: str) -> None:
    """Print one line of a table."""
    print("| " + " | ".join(cells) + " |", flush=True)


def interval(values: Floats, scale: float = 1.0) -> str:
    """Return the median of draws with the 5th and 95th percentile."""
    low, middle, high = scale * np.quantile(values, [0.05, 0.5, 0.95])
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def shares(lags: Posterior, point: Point, z: Floats, monthly: Floats, first: str) -> Floats:
    """Return draws of the share that had got to a point's stage by its month, shape (draws,)."""
    month = month_number(point.month) - month_number(first)
    drawn = np.stack([lags.at(z)[name] for name in NAMES], axis=1)
    return np.array([cumulative(values, monthly, month + 1)[point.stage][month] for values in drawn])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    random = np.random.default_rng(chosen.seed)
    z = random.standard_normal((chosen.draws, len(NAMES)))
    facts = Facts()
    points, monthly, first = published_points(facts)
    early = [point for point in points if point.month <= LAST_FITTED]
    fits = {
        "prior": fit([], monthly, first),
        "to 2011": fit(early, monthly, first),
        "all points": fit(points, monthly, first),
    }

    line("Lag (share, per cent)", *fits)
    line("---", *("---:" for _ in fits))
    for name in NAMES:
        scale = 100.0 if name.endswith("share") else 1.0
        line(f"`{name}`", *(interval(lags.at(z)[name], scale) for lags in fits.values()))

    print()
    heads = ("Fact", "Month", "Stage", "Published, %", "Error of scope", *(f"{name}, %" for name in fits))
    line(*heads, "to 2011 with error of scope, %")
    line(*("---" for _ in range(3)), *("---:" for _ in range(3 + len(fits))))
    scope = random.standard_normal(chosen.draws)
    late: dict[str, list[float]] = {name: [] for name in fits}
    for point in points:
        cells, wide = [], ""
        for name, lags in fits.items():
            drawn = shares(lags, point, z, monthly, first)
            cells.append(interval(drawn, 100))
            if name == "to 2011":
                wide = interval(drawn * np.exp(point.error * scope), 100)
            if point.month > LAST_FITTED:
                late[name].append(float(np.log(np.median(drawn) / point.share)))
        line(
            point.id, point.month, point.stage, f"{100 * point.share:.1f}", f"{point.error:.2f}", *cells, wide
        )

    print()
    line("2015 to 2017", *fits)
    line("---", *("---:" for _ in fits))
    line("mean error of the logarithm", *(f"{np.mean(errors):+.2f}" for errors in late.values()))
    line("largest error", *(f"{max(errors, key=abs):+.2f}" for errors in late.values()))
    print("\nObligations that cannot both hold:", conflicts(points, facts))


if __name__ == "__main__":
    main()
