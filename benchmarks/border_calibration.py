"""Score the set of schedules where it was not fitted, as the tables of docs/models/border_calibration.md.

Run: python benchmarks/border_calibration.py [--draws 16] [--steps 300]

Waits published for El Paso are held back in four ways and predicted: the even months of the year (fitted to the odd
ones, beside the climatology of the odd ones), one lane class of a crossing, a whole crossing (known as any other port
is: volume, lanes, two readings of June 2022, the shape of the week from the other crossings), and all (the prior).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from merida.border.crossings.calibration import (
    CrossingPanel,
    DrawnSchedules,
    SchedulePrior,
    calibrate,
    mean_profiles,
    schedules,
    waits,
)
from merida.border.crossings.panels import errors, instants, panel, prior, standard_scores
from merida.border.crossings.sites import CLASSES, Site, sites
from merida.border.delay.posted_waits import crps, explained
from merida.distributions import Floats
from merida.facts import Facts

ODD, EVEN = (1, 3, 5, 7, 9, 11), (2, 4, 6, 8, 10, 12)


class Fits:
    """Fits with the same draws, so that what is held back is all that differs."""

    def __init__(self, facts: Facts, draws: int, steps: int) -> None:
        self.facts, self.draws, self.steps = facts, draws, steps

    def of(self, site: Site, known: CrossingPanel, before: SchedulePrior) -> tuple[DrawnSchedules, Floats]:
        """Return the fitted schedules of one crossing, and its waits as published, shape (draws, K, 7, 24)."""
        start = standard_scores([site], self.draws, 0, "calibration")
        drawn, _ = calibrate(known, before, start, errors([site], self.draws, 0), self.steps)
        return drawn, shown(drawn)


def shown(drawn: DrawnSchedules) -> Floats:
    """Return waits as they would be published, of one crossing."""
    factor = np.asarray(drawn.published_factor)[0][:, None, None, None]
    return np.asarray(waits(drawn))[0] * factor


def line(name: str, sample: Floats, observed: Floats, other: Floats | None = None) -> str:
    """Return a row of a table: mean observed and predicted, error, CRPS, coverage; beside another point forecast."""
    there = np.isfinite(observed) & (True if other is None else np.isfinite(other))
    drawn, truth = sample[:, there], observed[there]
    ends = np.quantile(drawn, [0.05, 0.95], axis=0)
    of_mean = np.quantile(drawn.mean(axis=1), [0.05, 0.95])
    cells = [
        name,
        f"{truth.mean():.1f}",
        f"{drawn.mean():.1f} ({of_mean[0]:.0f} to {of_mean[1]:.0f})",
        f"{np.abs(np.median(drawn, axis=0) - truth).mean():.2f}",
        f"{np.mean([crps(drawn[:, at], value) for at, value in enumerate(truth)]):.2f}",
        f"{100 * ((ends[0] <= truth) & (truth <= ends[1])).mean():.0f} %",
    ]
    if other is not None:
        r2 = (explained(truth, drawn.mean(axis=0)), explained(truth, other[there]))
        cells += [
            f"{np.abs(other[there] - truth).mean():.2f}",
            *("–" if x is None else f"{x:.2f}" for x in r2),
        ]
    return "| " + " | ".join(cells) + " |"


def head(*more: str) -> str:
    """Return the head of a table."""
    names = (
        "Lane class",
        "Observed, min",
        "Predicted (90 % of the mean)",
        "Error, min",
        "CRPS, min",
        "In 90 %",
        *more,
    )
    return "| " + " | ".join(names) + " |\n| --- " + "| ---: " * (len(names) - 1) + "|"


def classes(site: Site, known: CrossingPanel) -> list[tuple[int, str]]:
    """Return the classes of a crossing with published waits."""
    names = list(CLASSES[site.mode])
    return [
        (k, f"{site.name}, {site.mode}, {names[k]}")
        for k in range(len(names))
        if np.isfinite(known.wait[0, k]).any()
    ]


def held_out(facts: Facts, fits: Fits, chosen: Sequence[Site]) -> None:
    """Print the four tables."""
    print(f"Even months, fitted to the odd ones\n\n{head('Climatology, min', 'R²', 'R² of climatology')}")
    for site in chosen:
        odd, even = panel(facts, [site], ODD), panel(facts, [site], EVEN)
        _, found = fits.of(site, odd, prior(facts, [site], odd))
        for k, name in classes(site, even):
            print(
                line(name, found[:, k], np.asarray(even.wait)[0, k], np.asarray(odd.wait)[0, k]), flush=True
            )
    print(f"\nOne lane class held back\n\n{head()}")
    whole: dict[str, tuple[CrossingPanel, DrawnSchedules]] = {}
    for site in chosen:
        known = panel(facts, [site])
        before = prior(facts, [site], known)
        whole[site.key] = (known, fits.of(site, known, before)[0])
        with_waits = classes(site, known)
        for k, name in with_waits if len(with_waits) > 1 else []:
            less = np.array(known.wait)
            less[0, k] = np.nan
            _, found = fits.of(site, known._replace(wait=less), before)
            print(line(name, found[:, k], np.asarray(known.wait)[0, k]), flush=True)
    print(f"\nA whole crossing held back\n\n{head()}")
    for site in chosen:
        known = whole[site.key][0]
        others = [one for one in chosen if one.mode == site.mode and one != site]
        rest = CrossingPanel(
            *(np.concatenate(parts) for parts in zip(*(whole[one.key][0] for one in others), strict=True))
        )
        drawn = DrawnSchedules(
            *(np.concatenate(parts) for parts in zip(*(whole[one.key][1] for one in others), strict=True))
        )
        profile = mean_profiles([site.mode] * len(others), rest, drawn)
        seen_wait, seen_booths = instants(facts, [site])
        bare = known._replace(
            wait=np.full(known.wait.shape, np.nan), seen_wait=seen_wait, seen_booths=seen_booths
        )
        _, found = fits.of(site, bare, prior(facts, [site], bare, profile))
        for k, name in classes(site, known):
            print(line(name, found[:, k], np.asarray(known.wait)[0, k]), flush=True)
    print(f"\nThe prior alone\n\n{head()}")
    for site in chosen:
        known = whole[site.key][0]
        start = standard_scores([site], fits.draws, 0, "calibration")
        found = shown(DrawnSchedules(*map(np.asarray, schedules(known, prior(facts, [site], known), start))))
        for k, name in classes(site, known):
            print(line(name, np.minimum(found[:, k], 1440.0), np.asarray(known.wait)[0, k]), flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=16)
    parser.add_argument("--steps", type=int, default=300)
    given = parser.parse_args()
    facts = Facts()
    chosen = [site for site in sites(facts) if np.isfinite(panel(facts, [site]).wait).any()]
    held_out(facts, Fits(facts, given.draws, given.steps), chosen)


if __name__ == "__main__":
    main()
