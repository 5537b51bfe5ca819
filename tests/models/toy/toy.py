"""A mechanism for the test of the socket, with one lever, one signal and one outcome: lamps are lit hours a month."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.models.mechanism import (
    AVERTED_SHARE,
    COVERAGE,
    ByLever,
    Draws,
    Mechanism,
    Outcome,
    Signal,
    Signals,
)
from merida.parameters import parameters as room
from merida.parameters import routes
from merida.priors import parsed

if TYPE_CHECKING:
    from merida.models.domain import Domain

LEVER = "toy.lamps"
LIT = Signal("lamps_lit_hours", "hours")


class Theta(NamedTuple):
    hours: Array


def parameters(domain: Domain, draws: Draws) -> Theta:
    return Theta(jnp.array(draws.values["toy.lamps.hours"]))


def prepare(domain: Domain) -> np.ndarray:
    return domain.pulls(LEVER)


def step(
    theta: Theta, inputs: Any, state: None, signals: Signals, month: Array
) -> tuple[None, Mapping[str, Any]]:
    lit = theta.hours * jnp.sum(inputs @ signals["units_at_work"])
    nothing = jnp.zeros_like(signals[COVERAGE.name].of((LEVER,)))
    return None, {LIT.name: lit, AVERTED_SHARE.name: ByLever((LEVER,), nothing)}


MECHANISM = Mechanism(
    name="toy",
    levers=(LEVER,),
    main_outcome="lamps_lit",
    parameters=parameters,
    prepare=prepare,
    step=step,
    reads=(COVERAGE.name, "units_at_work"),
    writes=(LIT, AVERTED_SHARE),
    outcomes=(
        Outcome(
            name="lamps_lit",
            unit="hours",
            level="nation",
            good="more",
            reads=(LIT.name,),
            monthly=lambda run: run.plan[LIT.name][:, None],
        ),
    ),
)


def add_parameters(patch: pytest.MonkeyPatch) -> None:
    """Put the toy's file of parameters and its route beside those of the house."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    known = {**room.entries()}
    known |= parsed("toy.toml", text)
    patch.setattr(room, "entries", lambda: known)
    patch.setattr("merida.models.domain.entries", lambda: known)
    stated = {**routes.routes(), (LEVER, "lamps_lit"): routes.Route(route="chain", by=("toy.lamps.hours",))}
    patch.setattr("merida.models.domain.routes", lambda: stated)
