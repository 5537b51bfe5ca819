"""The draws of a run with named dimensions, as xarray holds them and ArviZ takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from merida.distributions import Floats
from merida.extras import extra

if TYPE_CHECKING:
    from merida.ensemble.simulation import Simulation


def dataset(run: Simulation) -> Any:
    """Return every outcome by plan, group and year, and every parameter that was drawn, as an xarray.Dataset.

    Each has the dimensions chain and draw. An outcome without groups has none; one by state has the dimension ``state``,
    others ``NAME_group``. `parameter` holds the draws of all parameters by path.

    Raises
    ------
    InstallationError
        If xarray is not installed (``pip install merida[xarray]``).
    """
    xarray = extra("xarray")
    plans = list(run.plans)
    held: dict[str, Any] = {}
    coordinates: dict[str, Any] = {
        "chain": [0],
        "draw": np.arange(run.drawn.count),
        "plan": plans,
        "year": list(run.years),
    }
    for name, by_plan in run.outcomes.value.items():
        outcome = run.outcome(name)
        values = np.stack([by_plan[plan] for plan in plans], axis=1)[np.newaxis] / outcome.scale
        axes: tuple[str, ...] = ("chain", "draw", "plan", "year")
        if outcome.groups is None:
            values = values[:, :, :, 0]
        else:
            groups = list(outcome.groups(run.domain).names)
            axis = "state" if set(groups) <= set(run.states) else f"{name}_group"
            if axis == "state":
                values, groups = by_state(values, groups, run.states), list(run.states)
            coordinates[axis] = groups
            axes = ("chain", "draw", "plan", axis, "year")
        held[name] = axes, values, {"units": outcome.unit}
    scalars = run.drawn.scalars
    coordinates["parameter"] = sorted(scalars)
    drawn = np.stack([np.broadcast_to(scalars[path], run.drawn.count) for path in sorted(scalars)], axis=1)
    held["parameter_value"] = ("chain", "draw", "parameter"), drawn[np.newaxis]
    return xarray.Dataset(held, coordinates, {"title": "Plans under the same draws", "seed": run.drawn.seed})


def by_state(values: Floats, groups: list[str], states: tuple[str, ...]) -> Floats:
    """Return values of some states, on axis 3, as those of all: no number where an outcome knows no such state."""
    every = np.full((*values.shape[:3], len(states), values.shape[4]), np.nan)
    every[:, :, :, [states.index(group) for group in groups]] = values
    return every
