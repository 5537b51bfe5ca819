"""A mechanism for the test of the socket, with one lever, one signal and one outcome: lamps are lit hours a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.models.socket.mechanism import (
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
from merida.parameters import registry
from merida.parameters.routes import Route, routes

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

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


@contextmanager
def known_parameters() -> Iterator[None]:
    """Put the toy's file of parameters and its route beside those of the house."""
    file = (str(Path(__file__).with_suffix(".toml")),)
    stated = {**routes(), (LEVER, "lamps_lit"): Route(route="chain", by=("toy.lamps.hours",))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "MODEL_FILES", registry.MODEL_FILES + file)
        patch.setattr(room, "RUN_FILES", registry.RUN_FILES + file)
        patch.setattr("merida.models.registry.routes", lambda: stated)
        registry.entries.cache_clear()
        yield
    registry.entries.cache_clear()
