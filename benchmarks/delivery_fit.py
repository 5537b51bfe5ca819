"""Report the lags of foreign assistance fitted to what was known in December 2012, scored on what came.

Run: python benchmarks/delivery_fit.py [--draws 2000] [--seed 0]

Prints the tables of docs/models/delivery.md: the lags by account, the points with their forecasts, and the scores
beside those of one law for all accounts, fitted to the published sums of the Initiative alone.
"""

from __future__ import annotations

import argparse

import numpy as np

from merida.distributions import Floats
from merida.facts import Facts
from merida.models.delivery_lags import (
    APART,
    COUNT,
    LAWS,
    NAMES,
    Record,
    conflicts,
    fit,
    foretold,
    mixed,
    record,
)
from merida.statistics.scores import covered, crps

THEN = "2012-12"


def line(*cells: str) -> None:
    """Print one line of a table."""
    print("| " + " | ".join(cells) + " |", flush=True)


def interval(values: Floats, scale: float = 1.0) -> str:
    """Return the median of draws with the 5th and 95th percentile."""
    low, middle, high = scale * np.quantile(values, [0.05, 0.5, 0.95])
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    then, now = record(Facts(THEN)), record(Facts())
    published = then.only(*(point.id for point in then.points if point.id.startswith("P")))
    fits = {
        "one law, published sums": fit(published, np.zeros(4)),
        "by account": fit(then),
        "by account, all points": fit(now),
    }
    random = np.random.default_rng(chosen.seed)
    prior = fit(Record((), {}, {}), APART).at(random.standard_normal((chosen.draws, COUNT)))["other"]
    line("Lag (share, per cent)", "Account", "prior", *fits)
    line("---", "---", *("---:" for _ in range(1 + len(fits))))
    z = random.standard_normal((chosen.draws, COUNT))
    for number, name in enumerate(NAMES):
        scale = 100.0 if name.endswith("share") else 1.0
        for law in LAWS:
            cells = (interval(lags.at(z)[law][:, number], scale) for lags in fits.values())
            line(f"`{name}`", law.upper(), interval(prior[:, number], scale), *cells)

    print()
    drawn = {name: foretold(lags, now, random, chosen.draws) for name, lags in fits.items()}
    known = {point.id for point in then.points}
    line("Point", "Month", "Stage", "Known in 2012", "On record", *fits)
    line("---", "---", "---", "---", "---:", *("---:" for _ in fits))
    for at, point in enumerate(now.points):
        scale, unit = (1e-6, " m") if point.stage == "paid" else (100.0, " %")
        line(
            point.id,
            point.month,
            point.stage,
            "yes" if point.id in known else "no",
            f"{point.value * scale:.1f}{unit}",
            *(interval(values[:, at], scale) for values in drawn.values()),
        )

    print()
    line(
        "Later points",
        "Number",
        "Fit",
        "Mean error of the log",
        "Mean size",
        "CRPS of the log",
        "In the 90 %",
    )
    line("---", "---:", "---", "---:", "---:", "---:", "---:")
    groups = {
        "delivered, 2015 to 2017": lambda p: p.stage == "delivered",
        "obligated by account, 2012 to 2015": lambda p: p.stage == "obligated",
        "paid by USAID, 2012 and 2013": lambda p: p.scope == "usaid",
        "paid by all agencies, 2012 to 2017": lambda p: p.scope == "all_agencies" and p.month <= "2017-09",
        "paid by all agencies, 2018 to 2024": lambda p: p.scope == "all_agencies" and p.month > "2017-09",
    }
    for title, chosen_by in groups.items():
        which = [at for at, p in enumerate(now.points) if p.id not in known and chosen_by(p)]
        truth = np.log([now.points[at].value for at in which])
        for name in list(fits)[:2]:
            logs = np.log(drawn[name][:, which])
            errors = np.median(logs, axis=0) - truth
            line(
                title,
                str(len(which)),
                name,
                f"{errors.mean():+.2f}",
                f"{np.abs(errors).mean():.2f}",
                f"{crps(logs, truth).mean():.3f}",
                f"{int(covered(logs, truth, 0.9).sum())}",
            )
    print(
        "\nSums that cannot both hold:",
        "; ".join(f"{early} and {late}" for early, late in conflicts(Facts())),
    )
    print("Held against money of another scope:", ", ".join(mixed(now.points)))


if __name__ == "__main__":
    main()
