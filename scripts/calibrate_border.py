"""Fit the schedules of every crossing to what is published of it, and keep the draws in ``border/crossings/schedules.npz``.

Run: python scripts/calibrate_border.py [--out src/merida/border/crossings/schedules.npz] [--steps 300]

Crossings with published hourly waits are fitted first; their mean profiles of the week are the prior of the others,
which are fitted to open lanes and waits of two instants. About two hours on two processors, less with a GPU
(``JAX_PLATFORMS=cuda``); the same numbers to rounding.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from merida.border.crossings.calibration import (
    CrossingPanel,
    DrawnSchedules,
    Profiles,
    calibrate,
    mean_profiles,
    month_staffing,
)
from merida.border.crossings.panels import errors, panel, prior, reference_volume, standard_scores
from merida.border.crossings.schedules import KEPT
from merida.border.crossings.sites import Site, sites
from merida.distributions import Floats
from merida.facts import Facts

BATCH = 8  # crossings fitted together: bounds memory


def months(facts: Facts, chosen: Sequence[Site], drawn: DrawnSchedules, known: CrossingPanel) -> Floats:
    """Return the factor of booths by month of the year, shape (S, D, K, 12)."""
    year = np.nanmean(known.wait, axis=(2, 3))
    factors = []
    for month in range(1, 13):
        wanted = np.nanmean(panel(facts, chosen, (month,)).wait, axis=(2, 3)) / year
        grown = np.array([reference_volume(facts, site, (month,)) for site in chosen]) / known.volume
        factors.append(np.asarray(month_staffing(drawn, grown, wanted)))
    return np.stack(factors, axis=-1)


def compact(
    site: Site, served: Floats, drawn: DrawnSchedules, at: int, month: Floats | None
) -> dict[str, Floats]:
    """Return the arrays of one crossing, its own classes only."""
    has = served > 0
    found: dict[str, Floats] = {f"{site.key}.served": served.astype(np.int8)}
    for name, values in zip(DrawnSchedules._fields, map(np.asarray, drawn), strict=True):
        of_site = values[at] if values[at].ndim == 1 else values[at][:, has]
        small = np.float16 if of_site.ndim == 4 else np.float32
        found[f"{site.key}.{name}"] = of_site.astype(small)
    if month is not None:
        found[f"{site.key}.month"] = month[:, has].astype(np.float16)
    return found


def in_batches(
    facts: Facts, chosen: Sequence[Site], steps: int, profile: Profiles | None
) -> tuple[CrossingPanel, DrawnSchedules]:
    """Return what is known of crossings and their fitted schedules."""
    knowns, drawns = [], []
    for first in range(0, len(chosen), BATCH):
        batch = chosen[first : first + BATCH]
        known = panel(facts, batch)
        start = standard_scores(batch, KEPT, 0, "calibration")
        drawn, off = calibrate(
            known, prior(facts, batch, known, profile), start, errors(batch, KEPT, 0), steps
        )
        for at, site in enumerate(batch):
            print(f"{site.key:20} {site.name:40} misfit {off[at].mean():8.1f}", flush=True)
        knowns.append(known)
        drawns.append(drawn)
    return (
        CrossingPanel(*(np.concatenate(parts) for parts in zip(*knowns, strict=True))),
        DrawnSchedules(*(np.concatenate(parts) for parts in zip(*drawns, strict=True))),
    )


def main() -> None:
    """Fit all crossings and write their draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("src/merida/border/crossings/schedules.npz"))
    parser.add_argument("--steps", type=int, default=300)
    chosen = parser.parse_args()
    facts = Facts()
    everywhere = sites(facts)
    has_waits = [bool(np.isfinite(one).any()) for one in panel(facts, everywhere).wait]
    first = [site for site, has in zip(everywhere, has_waits, strict=True) if has]
    others = [site for site, has in zip(everywhere, has_waits, strict=True) if not has]
    known, drawn = in_batches(facts, first, chosen.steps, None)
    by_month = months(facts, first, drawn, known)
    found: dict[str, Floats] = {}
    for at, site in enumerate(first):
        found |= compact(site, np.asarray(known.served)[at], drawn, at, by_month[at])
    profile = mean_profiles([site.mode for site in first], known, drawn)
    known, drawn = in_batches(facts, others, chosen.steps, profile)
    for at, site in enumerate(others):
        found |= compact(site, np.asarray(known.served)[at], drawn, at, None)
    np.savez_compressed(chosen.out, allow_pickle=False, **found)


if __name__ == "__main__":
    main()
