"""The state that is fitted and the state that is simulated from what is kept are the same, written twice."""

from __future__ import annotations

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from merida.border.hourly.lane import HourlyLane
from merida.border.hourly.model import Given, crps, initial, simulate
from merida.border.hourly.paths import simulate as paths_of
from merida.statistics import crps as crps_of

HOURS = 24 + 2 * 168


def test_both_forms_of_the_state_agree_without_chance() -> None:
    hour = np.arange(168)
    load = 2.2 + 1.2 * np.sin(2 * np.pi * hour / 24)
    usual = np.where(hour % 24 < 4, 0.0, 2.0)
    line = np.full(168, 0.3)
    single = [jnp.asarray(values[None], jnp.float32) for values in (usual, line)]
    one = jnp.ones(1, jnp.float32)
    start = jnp.asarray(np.log(load)[None], jnp.float32)
    given = Given(jnp.array([2]), *single, 3 * one, one, one, jnp.array([0]), one, one, start)
    unknown = initial(given, 1)
    for name in ("day_sd", "noise_sd", "estimate_sd", "supply_sd"):
        unknown[name] = jnp.full(7, -20.0, jnp.float32)
    none = jnp.full((1, HOURS), -1)
    path = simulate(unknown, given, jnp.zeros((1, HOURS), int), none, 1, jax.random.key(0))
    fitted = np.asarray(path.posted)[-168:, 0, 0, 0]
    number = {name: np.exp(float(unknown[name][2])) for name in ("elastic", "response", "tau", "least")}
    nought = np.zeros(1)
    lane = HourlyLane(
        "1", "passenger", "standard", 10 * load[None] * (usual > 0), np.ones((1, 12)), usual[None], 3,
        np.array([10.0]), np.array([number["response"]]), nought, nought, nought, line, np.array([number["elastic"]]),
        np.array([number["tau"]]), nought, 5.0, nought, np.array([number["least"]]), 0.0, False,
    )  # fmt: skip
    kept = paths_of([lane], 1, weeks=2).posted[0, 0, 0, 1]
    is_open = usual > 0  # nothing is read of closed hours
    # The fit carries single precision, and counts 24 hours from Sunday before its weeks begin.
    assert fitted[is_open] == pytest.approx(kept[is_open], rel=2e-3, abs=2e-2)
    assert kept.max() > 10


def test_the_score_of_neighbours_is_the_crps() -> None:
    random = np.random.default_rng(0)
    sample, seen = random.normal(size=(400, 1, 1, 64)), random.normal(size=(400, 1, 1))
    unbiased = float(crps(jnp.asarray(sample), jnp.asarray(seen)).mean())
    biased = float(crps_of(np.moveaxis(sample[:, 0, 0], 1, 0), seen[:, 0, 0]).mean())
    apart = 2 / np.sqrt(np.pi) / 2 / 64  # what a finite sample adds: E|X - X'| / (2 n)
    assert unbiased == pytest.approx(biased - apart, abs=0.03)
